"""The layers of a Windows image to the libraries that are there in the end.

A layer is a tar whose files are below ``Files/`` (the drive C:); beside it there may be ``Hives/`` and
``UtilityVM/``, which are not read. A file that a layer removes is ``.wh.NAME`` in its directory. Most files of
System32 are hard links to ``WinSxS`` or the other way round: the link that comes first has the content.

Runs in the process that reads untrusted files.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from contrib.binaries import pe
from contrib.binaries.apisets import NotSchema, read_schema
from contrib.binaries.archives import Limits, zstd_reader
from contrib.values import jsontext
from contrib.values.damaged import FAULTS
from contrib.values.errors import BadInput

Answer = Callable[[dict[str, Any]], None]

_BINARY = re.compile(r"\.(?:dll|exe|drv|ocx|cpl|com|pyd|node)\Z")
#: Directories of Windows that the loader looks in.
_SYSTEM = re.compile(
    r"windows/(?:system32/|syswow64/|system/|system32/downlevel/|syswow64/downlevel/|)[^/]+\Z"
    r"|windows/microsoft\.net/framework(?:64)?/[^/]+/(?:clr|mscorwks)\.dll\Z"
)
#: Side-by-side assemblies that programs ask for by manifest; the thousands of others are Windows' own parts.
_ASSEMBLY = re.compile(
    r"windows/winsxs/((?:amd64|x86|arm64|wow64|msil)_"
    r"(?:microsoft\.vc\d+\.|microsoft\.windows\.(?:common-controls|gdiplus|isolationautomation|c-runtime)|policy\.)"
    r"[^/]*)/"
)
_DIRECTORY = re.compile(r"(amd64|x86|arm64|wow64|msil)_(.+)_([0-9a-f]{16})_([0-9.]+)_[^_]*_[0-9a-f]{16}")
_ARCHITECTURES = {"amd64": "amd64", "x86": "x86", "wow64": "x86", "arm64": "arm64", "msil": "msil"}
#: Where an image's own programs are not looked for.
_NOT_PROGRAMS = re.compile(
    r"windows/(?:winsxs|servicing|installer|assembly|softwaredistribution|system32/driverstore|"
    r"microsoft\.net|diagtrack|systemapps|immersivecontrolpanel)/"
)
_MAX_BINARY = 256 * 1024 * 1024


def read(
    layers: list[Path],
    answer: Answer,
    limits: Limits,
    *,
    names: list[str],
    skip: frozenset[str] = frozenset(),
    programs: bool = False,
) -> None:
    """The libraries in layer files, lowest first.

    :param programs: all binaries of the image and not those of Windows' own directories alone.

    Answers: ``{"at": path}`` before a binary is read, ``{"library": facts}``, ``{"removed": path}`` (all below it
    too), ``{"apisets": hosts}``, ``{"assembly": [name, version, architecture, token, directory]}``, ``{"layer": n}``
    after each layer; paths are absolute.
    """
    for number, (path, name) in enumerate(zip(layers, names, strict=True)):
        reader = _Layer(answer, limits, skip, programs, name)
        reader.read(lambda path=path: path.open("rb"))  # type: ignore[misc]
        answer({"layer": number})


def read_saved(
    path: Path,
    name: str,
    answer: Answer,
    limits: Limits,
    *,
    skip: frozenset[str] = frozenset(),
    programs: bool = False,
) -> None:
    """The same for an image as ``docker save`` or an OCI layout in a tar file has it.

    Answers ``{"image": {"reference", "digest", "os_version", "machine", "path"}}`` first.

    :raises BadInput: it is not a saved image, or not one of Windows.
    """
    with _broken(name), path.open("rb") as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
        places = {}
        for info in archive:
            limits.entry(name)
            if info.isreg():
                places[info.name.removeprefix("./")] = (info.offset_data, info.size)
        saved = Saved(lambda key: _part(path, *places[key]) if key in places else None, name)
        answer({"image": saved.about})
        for number, (key, title) in enumerate(saved.layers):
            reader = _Layer(answer, limits, skip, programs, f"{name}: layer {title}")
            if key not in places:
                raise BadInput(
                    f"the layer {title} is not in it (a base that Docker did not save)", file=name,
                    hint="name the base's reference, so that it is read from its registry",
                )  # fmt: skip
            reader.read(lambda key=key: _part(path, *places[key]))  # type: ignore[misc]
            answer({"layer": number})


class Saved:
    """The parts of a saved image.

    :param find: opens a file of it, None when it is not there.
    :ivar about: see :func:`read_saved`. :ivar layers: file and short name of each, lowest first.
    """

    def __init__(self, find: Callable[[str], IO[bytes] | None], name: str) -> None:
        self._find = find
        self._name = name
        listed = self._json("manifest.json", required=False)
        digest = ""
        if isinstance(listed, list) and listed:
            if len(listed) > 1:
                raise BadInput(f"holds {len(listed)} images", file=name, hint="save one image per file")
            first = _table(listed[0], name)
            config, layers = first.get("Config"), first.get("Layers")
            tags = first.get("RepoTags") or [""]
        else:
            manifest, digest, tags = self._oci()
            config = _blob(_table(manifest.get("config"), name).get("digest"), name)
            layers = [_blob(_table(each, name).get("digest"), name) for each in manifest.get("layers") or []]
        if not isinstance(config, str) or not isinstance(layers, list) or not all(map(_is_text, layers)):
            raise BadInput("is not a saved image", file=name)
        about = image_facts(self._json(config), name)
        self.about = {**about, "reference": str(tags[0] or "")[:300], "digest": digest}
        self.layers = [(each, each.replace("blobs/sha256/", "")[:12]) for each in layers]

    def _oci(self) -> tuple[dict[str, Any], str, list[str]]:
        index = _table(self._json("index.json"), self._name)
        tag, digest = "", ""
        for _ in range(4):
            listed = index.get("manifests")
            if not isinstance(listed, list):
                return index, digest, [tag]
            found = [
                each
                for each in (_table(each, self._name) for each in listed)
                if _table(each.get("platform") or {}, self._name).get("os", "windows") == "windows"
            ]
            if not found:
                raise BadInput("holds no image for Windows", file=self._name)
            if len(found) > 1:
                raise BadInput(f"holds {len(found)} images", file=self._name, hint="save one image per file")
            annotations = _table(found[0].get("annotations") or {}, self._name)
            tag = str(annotations.get("io.containerd.image.name") or tag)
            digest = str(found[0].get("digest"))
            index = _table(self._json(_blob(digest, self._name)), self._name)
        raise BadInput("has lists of images within lists", file=self._name)

    def _json(self, key: str, *, required: bool = True) -> Any:
        stream = self._find(key)
        if stream is None:
            if required:
                raise BadInput(f"is not a saved image (it has no {key[:80]})", file=self._name)
            return None
        data = stream.read(4 * 1024 * 1024 + 1)
        if len(data) > 4 * 1024 * 1024:
            raise BadInput(f"{key[:80]} in it is too large", file=self._name)
        return jsontext.read(data, f"{self._name}: {key[:80]}")


def image_facts(config: Any, name: str) -> dict[str, Any]:
    """``os_version``, ``machine`` and ``path`` of an image's configuration.

    :raises BadInput: it is not one, or not of Windows.
    """
    config = _table(config, name)
    if config.get("os") != "windows":
        raise BadInput(f"is an image for {str(config.get('os'))[:20]}, not for Windows", file=name)
    machines = {"amd64": "x64", "arm64": "arm64"}
    machine = machines.get(str(config.get("architecture")))
    if machine is None:
        raise BadInput(f"is an image for {str(config.get('architecture'))[:20]}", file=name)
    version = str(config.get("os.version") or "")
    inner = config.get("config")
    path = ""
    for each in (inner.get("Env") or []) if isinstance(inner, dict) else []:
        key, _, value = str(each).partition("=")
        if key.upper() == "PATH":
            path = value
    return {
        "os_version": version if re.fullmatch(r"(?:[0-9]{1,6}\.){2,3}[0-9]{1,6}", version) else "",
        "machine": machine,
        "path": [part.strip().strip('"') for part in path.split(";") if part.strip()][:100],
    }


class _Layer:
    def __init__(
        self, answer: Answer, limits: Limits, skip: frozenset[str], programs: bool, name: str
    ) -> None:
        self.answer = answer
        self.limits = limits
        self.skip = skip
        self.programs = programs
        self.name = name
        self.known: dict[str, dict[str, Any] | None] = {}  # path in the tar -> facts
        self.links: dict[str, list[str]] = {}  # path in the tar -> files that are the same

    def read(self, opened: Callable[[], IO[bytes]]) -> None:
        with _broken(self.name):
            self._pass(opened, None)
            for target in [each for each in self.links if each in self.known]:
                self._linked(target)
            if self.links:
                # Content of a file that was not wanted by its own name: once more, for those alone.
                self._pass(opened, frozenset(self.links))
                for target in list(self.links):
                    self._linked(target)

    def _linked(self, target: str) -> None:
        facts = self.known.get(target)
        for path in self.links.pop(target):
            if facts is not None:
                self.answer({"library": {**facts, "path": absolute(path)}})

    def _pass(self, opened: Callable[[], IO[bytes]], only: frozenset[str] | None) -> None:
        with opened() as raw, unpacked(raw) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for info in archive:
                archive.members = []  # type: ignore[attr-defined]
                if only is None:
                    self.limits.entry(self.name)
                    self.limits.take(info.size, self.name)
                path = _path(info.name)
                if path is None:
                    continue
                if only is not None:
                    if path.lower() in only and info.isreg():
                        self._binary(archive, info, path, say=False)
                    continue
                folder, _, base = path.rpartition("/")
                if base.startswith(".wh."):
                    if base == ".wh..wh..opq":
                        self.answer({"removed": absolute(folder) + "\\"})
                    else:
                        self.answer({"removed": absolute(f"{folder}/{base[4:]}")})
                    continue
                self._assembly(path)
                if not self._wanted(path.lower()):
                    continue
                if info.islnk():
                    target = _path(info.linkname)
                    if target is not None:
                        self.links.setdefault(target.lower(), []).append(path)
                elif info.isreg():
                    self._binary(archive, info, path, say=True)

    def _wanted(self, path: str) -> bool:
        if not _BINARY.search(path):
            return False
        if _SYSTEM.match(path) or _ASSEMBLY.match(path):
            return True
        return self.programs and not _NOT_PROGRAMS.match(path)

    def _assembly(self, path: str) -> None:
        match = _ASSEMBLY.match(path.lower())
        found = _DIRECTORY.fullmatch(match[1]) if match else None
        if found:
            self.answer(
                {
                    "assembly": [
                        found[2], found[4], _ARCHITECTURES[found[1]], found[3],
                        absolute(path[: len("windows/winsxs/") + len(match[1])] if match else path),
                    ]
                }
            )  # fmt: skip

    def _binary(self, archive: tarfile.TarFile, info: tarfile.TarInfo, path: str, *, say: bool) -> None:
        key = path.lower()
        place = absolute(path)
        self.known[key] = None
        if info.size > _MAX_BINARY or place in self.skip:
            return
        source = archive.extractfile(info)
        assert source is not None
        data = source.read()
        self.answer({"at": place})
        try:
            # Names in the text of Windows' own libraries say nothing about the image.
            binary = pe.read(data, place, text=not _SYSTEM.match(key) and not _ASSEMBLY.match(key))
        except pe.NotBinary as error:
            self.answer({"unread": [place, str(error)]})
            return
        facts = binary.as_json()
        self.known[key] = {name: value for name, value in facts.items() if name != "path"}
        if say:
            self.answer({"library": facts})
        if key == "windows/system32/apisetschema.dll":
            self._schema(data)

    def _schema(self, data: bytes) -> None:
        import pefile

        for section in pefile.PE(data=data, fast_load=True).sections:
            if section.Name.rstrip(b"\0") == b".apiset":
                try:
                    self.answer({"apisets": dict(read_schema(section.get_data()).hosts)})
                except NotSchema as error:
                    self.answer({"note": f"the API set schema {error}: API sets are unknown"})


def _path(name: str) -> str | None:
    """Below the drive, None for what is not on it."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if len(parts) < 2 or parts[0].lower() != "files" or ".." in parts:
        return None
    return "/".join(parts[1:])


def absolute(path: str) -> str:
    """As Windows writes it.

    >>> absolute("Windows/System32/ntdll.dll")
    'C:\\\\Windows\\\\System32\\\\ntdll.dll'
    """
    return "C:\\" + path.replace("/", "\\")


@contextmanager
def unpacked(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """A layer's tar, whatever it is compressed with."""
    head = stream.read(6)
    stream.seek(0)
    if head.startswith(b"\x1f\x8b"):
        import gzip

        with gzip.GzipFile(fileobj=stream) as reader:
            yield io.BufferedReader(reader, 1 << 20)
    elif head.startswith(b"\x28\xb5\x2f\xfd"):
        with zstd_reader(stream) as reader:
            yield reader
    else:
        yield stream


class _Part(io.RawIOBase):
    """A part of a file, as a file."""

    def __init__(self, path: Path, offset: int, size: int) -> None:
        self._file = path.open("rb")
        self._offset, self._size, self._at = offset, size, 0
        self._file.seek(offset)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = {0: 0, 1: self._at, 2: self._size}[whence] + offset
        self._file.seek(self._offset + self._at)
        return self._at

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(min(len(buffer), max(0, self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def _part(path: Path, offset: int, size: int) -> IO[bytes]:
    return io.BufferedReader(_Part(path, offset, size), 1 << 20)


@contextmanager
def _broken(name: str) -> Iterator[None]:
    try:
        yield
    except FAULTS as error:
        raise BadInput(f"cannot be read: {' '.join(str(error).split())[:120]}", file=name) from error


def _table(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadInput("is not a saved image", file=name)
    return value


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _blob(digest: object, name: str) -> str:
    if not isinstance(digest, str) or not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        raise BadInput("names a part by something that is not a sha256 digest", file=name)
    return "blobs/sha256/" + digest[7:]
