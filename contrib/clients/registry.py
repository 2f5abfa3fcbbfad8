"""Image registries, read: manifests, configurations and layers over the OCI distribution API.

Polite: one request finds out what a tag stands for, and a layer is downloaded once, when it is needed. Whatever
has a digest is checked against it. No login is sent: a registry that hands out tokens to everybody (as MCR and
Docker Hub do) is asked for one, and the token goes to that registry alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from contrib.clients.addresses import is_loopback, origin
from contrib.clients.http import Http, Unauthorized
from contrib.values import jsontext
from contrib.values.errors import BadInput, OutsideError

_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
#: Bytes of a manifest (the API's own limit is 4 MiB), a configuration, a layer.
MAX_MANIFEST = 4 * 1024 * 1024
MAX_CONFIG = 8 * 1024 * 1024
MAX_LAYER = 8 * 1024**3
_MAX_LAYERS = 200
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")
_NAME = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_PARAMETER = re.compile(r'([a-z]{1,20})="([^"\\]{0,1000})"')


@dataclass(frozen=True, slots=True)
class Reference:
    """An image's name, as Docker reads it.

    :param host: ``mcr.microsoft.com``, with its port. :param name: the repository.
    :param tag: a tag, or "" where ``digest`` says it all.
    """

    host: str
    name: str
    tag: str = "latest"
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> Reference:
        """``nginx``, ``mcr.microsoft.com/windows/nanoserver:ltsc2025``, ``host:5000/name@sha256:…``.

        :raises BadInput: it is not a reference.
        """
        rest, at, digest = text.partition("@")
        first, slash, path = rest.partition("/")
        if slash and ("." in first or ":" in first or first == "localhost"):
            host = first
        else:
            host, path = "docker.io", rest
        name, _, tag = path.partition(":")
        if host == "docker.io" and "/" not in name:
            name = f"library/{name}"
        good = (
            len(text) < 500
            and _DOMAIN.fullmatch(host)
            and _NAME.fullmatch(name)
            and (not tag or _TAG.fullmatch(tag))
            and (_DIGEST.fullmatch(digest) if at else True)
            and not path.endswith(":")
        )
        if not good:
            raise BadInput(
                "is not the name of an image", file=text[:300], hint="for example mcr.microsoft.com/windows/nanoserver:ltsc2025"
            )  # fmt: skip
        return cls(host, name, tag or ("" if digest else "latest"), digest)

    @property
    def address(self) -> str:
        """The root of the repository in the API."""
        host = "registry-1.docker.io" if self.host == "docker.io" else self.host
        parts = urllib.parse.urlsplit(f"//{host}")
        scheme = "http" if is_loopback(parts.hostname or "") else "https"
        return f"{scheme}://{host}/v2/{self.name}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.host}/{self.name}{tag}{digest}"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of an image.

    :param size: bytes. :param urls: where a foreign layer is, which not every registry holds itself.
    """

    digest: str
    size: int
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """An image for one platform.

    :param digest: of its manifest. :param layers: lowest first.
    """

    reference: Reference
    digest: str
    config: str
    layers: tuple[Layer, ...]

    @property
    def size(self) -> int:
        """Bytes of all layers."""
        return sum(layer.size for layer in self.layers)


@dataclass(slots=True)
class Registry:
    """A client for the registry of one reference.

    :param http: the client whose settings (``offline``, time-outs) are used.
    :param named: a person named its host, which may then be on this machine or in their own network; one that
        a file names (``FROM``, an evidence record) must be public.
    """

    reference: Reference
    http: Http = field(default_factory=Http)
    named: bool = True

    def __post_init__(self) -> None:
        here = (origin(self.reference.address),) if self.named else ()
        self.http = replace(self.http, tokens={}, named=here)

    def image(self, *, machine: str = "amd64") -> Image:
        """The image for Windows: of several builds the newest.

        :param machine: as the API names it, ``amd64`` or ``arm64``.
        :raises BadInput: there is no such image, or none for Windows.
        :raises OutsideError: the registry is down, wants a login, or what it gives has another digest.
        """
        wanted = self.reference.digest
        data, digest, found = self._manifest(wanted or self.reference.tag, wanted)
        for _ in range(3):
            if "manifests" not in found:
                return self._image(found, digest, data)
            digest = self._choose(found, machine)
            data, digest, found = self._manifest(digest, digest)
        raise OutsideError("has lists of images within lists", file=str(self.reference))

    def _choose(self, index: Mapping[str, Any], machine: str) -> str:
        fits: list[tuple[bool, tuple[int, ...], str]] = []
        platforms = set()
        for each in _list(index.get("manifests"), self.reference):
            entry = _table(each, self.reference)
            platform = _table(entry.get("platform") or {}, self.reference)
            platforms.add(f"{str(platform.get('os'))[:20]}/{str(platform.get('architecture'))[:20]}")
            if platform.get("os") != "windows":
                continue
            version = str(platform.get("os.version") or "")
            numbers = tuple(int(part) for part in version.split(".") if re.fullmatch(r"[0-9]{1,9}", part))
            digest = entry.get("digest")
            if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
                raise OutsideError("lists an image without a sha256 digest", file=str(self.reference))
            fits.append((platform.get("architecture") == machine, numbers, digest))
        if not fits:
            raise BadInput(
                f"has no image for Windows (only {', '.join(sorted(platforms)) or 'none'})"[:300],
                file=str(self.reference),
            )
        return max(fits)[2]

    def _image(self, manifest: Mapping[str, Any], digest: str, data: bytes) -> Image:
        config = _table(manifest.get("config"), self.reference)
        layers = []
        for each in _list(manifest.get("layers"), self.reference):
            layer = _table(each, self.reference)
            urls = layer.get("urls") or []
            size = layer.get("size")
            if (
                not _is_digest(layer.get("digest"))
                or not isinstance(size, int)
                or isinstance(size, bool)
                or not 0 <= size <= MAX_LAYER
                or not all(isinstance(url, str) for url in _list(urls, self.reference))
            ):
                raise OutsideError("has a manifest whose layers are not described", file=str(self.reference))
            layers.append(Layer(layer["digest"], size, tuple(urls)))
        if not _is_digest(config.get("digest")) or not layers or len(layers) > _MAX_LAYERS:
            raise OutsideError("has a manifest of an unknown form", file=str(self.reference))
        return Image(self.reference, digest, config["digest"], tuple(layers))

    def _manifest(self, name: str, digest: str) -> tuple[bytes, str, dict[str, Any]]:
        url = f"{self.reference.address}/manifests/{name}"
        data, headers = self._get(url, ", ".join((*_INDEXES, *_MANIFESTS)), MAX_MANIFEST)
        actual = "sha256:" + hashlib.sha256(data).hexdigest()
        told = headers.get("docker-content-digest", "")
        for expected in (digest, told if told.startswith("sha256:") else ""):
            if expected and expected != actual:
                raise OutsideError(
                    f"gives a manifest with the digest {actual[:19]}… where {expected[:19]}… was announced",
                    file=str(self.reference),
                    kind="digest",
                )
        return data, actual, _json(data, self.reference)

    def config(self, image: Image) -> dict[str, Any]:
        """The configuration of an image.

        :raises OutsideError: as :meth:`image`.
        """
        data, _ = self._get(f"{self.reference.address}/blobs/{image.config}", "*/*", MAX_CONFIG)
        if "sha256:" + hashlib.sha256(data).hexdigest() != image.config:
            raise OutsideError(
                "gives a configuration with another digest", file=str(self.reference), kind="digest"
            )
        return _json(data, self.reference)

    def layer(
        self, layer: Layer, directory: Path, *, progress: Callable[[int], None] = lambda number: None
    ) -> Path:
        """The layer as a file of ``directory``, named by its digest; downloaded when it is not there.

        :param progress: called with the number of bytes of each piece.
        :raises OutsideError: as :meth:`image`; nothing is left then.
        """
        path = directory / layer.digest.replace(":", "-")
        if path.is_file() and path.stat().st_size == layer.size:
            progress(layer.size)
            return path
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with part.open("wb+") as stream:
                self._layer(layer, stream, progress)
            part.replace(path)
        except OSError as error:
            raise OutsideError(
                f"the cache cannot be written: {error.strerror}", file=str(directory)
            ) from error
        finally:
            part.unlink(missing_ok=True)
        return path

    def _layer(self, layer: Layer, stream: Any, progress: Callable[[int], None]) -> None:
        addresses = [f"{self.reference.address}/blobs/{layer.digest}", *layer.urls]
        for number, url in enumerate(addresses):
            # Only the registry itself was named; where a manifest sends us must be public, and https.
            if number and not url.startswith("https://") and origin(url) not in self.http.named:
                continue
            try:
                done = self._authorized(
                    lambda url=url: self.http.download(url, stream, limit=layer.size, progress=progress)  # type: ignore[misc]
                )
            except (BadInput, OutsideError) as error:
                if number + 1 < len(addresses) and error.exit_code == 2:
                    continue  # a registry does not hold the foreign layers of its images
                raise
            if done.size != layer.size or "sha256:" + done.sha256 != layer.digest:
                raise OutsideError(
                    f"gives a layer with the digest sha256:{done.sha256[:12]}… in place of {layer.digest[:19]}…",
                    file=str(self.reference),
                    kind="digest",
                )
            return
        raise OutsideError(f"does not hold the layer {layer.digest[:19]}…", file=str(self.reference))

    def _get(self, url: str, accept: str, limit: int) -> tuple[bytes, Mapping[str, str]]:
        def ask() -> tuple[bytes, Mapping[str, str]]:
            response = self.http.get(url, accept=accept, limit=limit)
            return response.content, response.headers

        try:
            found: tuple[bytes, Mapping[str, str]] = self._authorized(ask)
            return found
        except BadInput as error:
            raise BadInput(f"there is no such image ({error.message})", file=str(self.reference)) from error

    def _authorized(self, ask: Callable[[], Any]) -> Any:
        """``ask``, and once more with a token when the registry wants one."""
        try:
            return ask()
        except Unauthorized as error:
            if self.http.tokens:
                raise self._login() from error
            self.http = replace(
                self.http, tokens={origin(self.reference.address): self._token(error.challenge)}
            )
        try:
            return ask()
        except Unauthorized as error:
            raise self._login() from error

    def _token(self, challenge: str) -> str:
        """A token for everybody, from where the registry says.

        :raises OutsideError: it gives none without a login, or says something that is not followed.
        """
        scheme, _, rest = challenge.partition(" ")
        parameters = dict(_PARAMETER.findall(rest))
        realm = parameters.get("realm", "")
        if scheme.lower() != "bearer" or not realm:
            raise self._login()
        try:
            parts = urllib.parse.urlsplit(realm)
        except ValueError:
            raise self._login() from None
        ours = urllib.parse.urlsplit(self.reference.address)
        if parts.scheme != "https" and not (parts.scheme == ours.scheme and parts.netloc == ours.netloc):
            raise OutsideError(
                "sends us for a token to an address that is neither https nor its own",
                file=str(self.reference),
            )
        query = {"scope": f"repository:{self.reference.name}:pull"}
        if "service" in parameters:
            query["service"] = parameters["service"]
        url = realm + ("&" if parts.query else "?") + urllib.parse.urlencode(query)
        try:
            answer = _json(self.http.get(url, limit=1024 * 1024).content, self.reference)
        except Unauthorized as error:
            raise self._login() from error
        token = answer.get("token") or answer.get("access_token")
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]{1,16384}", token):
            raise OutsideError("gives no token for reading", file=str(self.reference))
        return token

    def _login(self) -> OutsideError:
        return OutsideError(
            "wants a login, which contrib does not send",
            file=str(self.reference),
            hint="`docker save` the image and name the file instead",
            kind="login",
        )


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _json(data: bytes, reference: Reference) -> dict[str, Any]:
    return jsontext.read(data, str(reference), dict, outside=True)


def _table(value: object, reference: Reference) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise OutsideError("answers with JSON of an unknown form", file=str(reference))
    return value


def _list(value: object, reference: Reference) -> list[Any]:
    if not isinstance(value, list) or len(value) > 10_000:
        raise OutsideError("answers with JSON of an unknown form", file=str(reference))
    return value
