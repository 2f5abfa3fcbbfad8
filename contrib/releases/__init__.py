"""Version sources of an image: what releases there are, of the port and of Linux, and their checksums.

``sources.toml`` in the image's folder names them; ``--source NAME=PATH_OR_URL`` replaces one. A source is read
when it is asked for, so that a command needs no more of the network than it uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from contrib.images.model import Image, Port
from contrib.releases.checksums import Verified, verify
from contrib.releases.health import health, sentences
from contrib.releases.model import Catalogue, Checksum, Health, Pin, Release
from contrib.releases.sources import external_pins, github_releases, hashes
from contrib.values.errors import BadInput, OutsideError
from contrib.values.tables import Table, decode, read_file
from contrib.values.versions import Version

if TYPE_CHECKING:
    from contrib.clients.http import Http

__all__ = [
    "Catalogue",
    "Checksum",
    "Health",
    "Pin",
    "Release",
    "Releases",
    "Source",
    "Verified",
    "Version",
    "health",
    "load",
    "overrides",
    "sentences",
    "verify",
]

KINDS = ("github-releases", "hashes", "external-pins")
#: Where GitHub's API is.
GITHUB_API = "https://api.github.com"
#: Bytes of the largest file that is given with ``--source``.
MAX_SOURCE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """One source of ``sources.toml``.

    :param repository: ``owner/name``, for the kinds that live in one. :param url: for ``hashes``.
    :param prefix: of file names in a list of hashes. :param directory: of the pins.
    """

    name: str
    kind: str
    repository: str = ""
    url: str = ""
    prefix: str = ""
    suffix: str = ""
    directory: str = ""


def overrides(values: Iterable[str]) -> dict[str, str]:
    """``NAME=PATH_OR_URL`` words as a table.

    :raises BadInput: a word of another form, or a name given twice.
    """
    table: dict[str, str] = {}
    for value in values:
        name, equals, where = value.partition("=")
        if not equals or not name or not where:
            raise BadInput(f"--source expects NAME=PATH_OR_URL, not {value!r}", kind="usage")
        if name in table:
            raise BadInput(f"--source {name} is given twice", kind="usage")
        table[name] = where
    return table


def read_sources(data: bytes, file: str) -> dict[str, Source]:
    """The sources that a ``sources.toml`` names.

    :raises BadInput: file, key and what is expected.
    """
    top = Table(decode(data, file), "", file, data.decode("utf-8"))
    sources = {}
    for name in top.items():
        table = top.table(name)
        kind = table.choice("kind", KINDS)
        repository = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")
        if kind == "github-releases":
            source = Source(name, kind, table.text("repository", "owner/name", pattern=repository))
        elif kind == "hashes":
            source = Source(
                name,
                kind,
                url=table.text("url", "an https address", pattern=re.compile(r"https://\S+")),
                prefix=table.text("prefix", default=""),
                suffix=table.text("suffix", default=".tar.gz"),
            )
        else:
            table.text("branch", default="master")
            source = Source(
                name,
                kind,
                table.text("repository", "owner/name", pattern=repository),
                directory=table.text("directory", "a path", default=".external-pins"),
            )
        table.done()
        sources[name] = source
    return sources


class Releases:
    """The sources of an image, read when they are asked for."""

    def __init__(
        self,
        image: Image,
        sources: Mapping[str, Source],
        given: Mapping[str, str],
        client: Http | None,
        *,
        api: str = GITHUB_API,
        pinned: Iterable[str] | None = None,
    ) -> None:
        self.image = image
        self._sources = sources
        self._given = given
        self._client = client
        self._api = api
        self._pinned = pinned
        self._catalogues: dict[str, Catalogue] = {}
        #: What could not be read and was done without, a sentence each.
        self.unread: list[str] = []

    @property
    def port(self) -> Catalogue:
        """The releases of the living port; see :meth:`of`."""
        return self.of(self.image.port)

    def of(self, port: Port) -> Catalogue:
        """The releases of a port of the image.

        :raises BadInput: the source is not what it should be, or the port has none.
        :raises OutsideError: it cannot be reached.
        """
        if port.name not in self._catalogues:
            if not port.source:
                raise BadInput(f"the releases of {port.repository} have no source in sources.toml")
            source = self._named(port.source)
            if source.kind != "github-releases":
                raise BadInput(
                    f"the source {source.name!r} of a port is of kind {source.kind!r}, expected github-releases"
                )
            address = github_releases.address(self._api, source.repository)
            pages, origin = self._read(source, address, paged=True)
            self._catalogues[port.name] = github_releases.parse(pages, port, name=source.name, origin=origin)
        return self._catalogues[port.name]

    @cached_property
    def linux(self) -> Catalogue:
        """The releases of the software itself, with the checksums that Linux's Dockerfiles hold.

        :raises BadInput: as above. :raises OutsideError: as above.
        """
        source = self._named(self.image.linux_source)
        if source.kind != "hashes":
            raise BadInput(f"the source {source.name!r} is of kind {source.kind!r}, expected hashes")
        pages, origin = self._read(source, source.url, paged=False)
        return hashes.parse(
            pages[0], prefix=source.prefix, suffix=source.suffix, name=source.name, origin=origin
        )

    @property
    def pins_given(self) -> bool:
        """Whether the pins can be read without the network."""
        return self._pinned is not None or self.image.pins_source in self._given

    @cached_property
    def pins(self) -> tuple[Pin, ...] | None:
        """The external bases that official-images allows; None when nobody gave its tree, which is said."""
        source = self._named(self.image.pins_source)
        where = self._given.get(source.name)
        if where is None:
            if self._pinned is None:
                self.unread.append(
                    f"the source {source.name!r} was not read: --official-images was not given"
                )
                return None
            return external_pins.from_paths(self._pinned, source.directory)
        path = Path(where)
        if path.is_dir():
            paths = (p.relative_to(path).as_posix() for p in sorted(path.rglob("*")) if p.is_file())
            return external_pins.from_paths(paths, "")
        pages, origin = self._read(source, "", paged=False)
        return external_pins.parse(pages[0], origin=origin)

    def _named(self, name: str) -> Source:
        source = self._sources.get(name)
        if source is None:
            raise BadInput(
                f"there is no source {name!r}",
                file=str(self.image.folder / "sources.toml"),
                hint=_known(self._sources),
            )
        return source

    def _read(self, source: Source, address: str, *, paged: bool) -> tuple[list[bytes], str]:
        where = self._given.get(source.name, address)
        if not re.match(r"https?://", where):
            return [_file(where)], where
        if self._client is None:
            raise OutsideError(
                f"the source {source.name!r} is on the network, and --offline was asked for",
                file=where,
                kind="offline",
                hint=f"give it as a file: --source {source.name}=FILE",
            )
        try:
            if paged:
                return [
                    page.content for page in self._client.pages(where, accept=github_releases.ACCEPT)
                ], where
            return [self._client.get(where).content], where
        except OutsideError as error:
            if error.hint is None:
                error.hint = f"or give it as a file: --source {source.name}=FILE"
            raise


def load(
    image: Image,
    given: Mapping[str, str] | None = None,
    *,
    client: Http | None = None,
    api: str = GITHUB_API,
    pinned: Iterable[str] | None = None,
) -> Releases:
    """The sources of an image.

    :param given: of ``--source`` (:func:`overrides`). :param client: None with ``--offline``.
    :param api: address of GitHub's API. :param pinned: paths of official-images' tree, for the pins.
    :raises BadInput: ``sources.toml`` is wrong, or a name given is none of it.
    """
    path = image.folder / "sources.toml"
    sources = read_sources(read_file(path), str(path))
    for name in given or {}:
        if name not in sources:
            raise BadInput(f"--source {name}: there is no such source", hint=_known(sources), kind="usage")
    return Releases(image, sources, given or {}, client, api=api, pinned=pinned)


def health_of(releases: Releases, linux: Iterable[tuple[str, str]], today: date) -> Health:
    """How the living port is doing."""
    return health(releases.image.port, releases.port, linux, today)


def _known(sources: Mapping[str, Source]) -> str:
    return f"there are: {', '.join(sources)}"


def _file(where: str) -> bytes:
    path = Path(where)
    try:
        if path.is_dir():
            raise BadInput("is a directory, expected a file", file=where)
        with path.open("rb") as stream:
            data = stream.read(MAX_SOURCE + 1)
    except FileNotFoundError as error:
        raise BadInput("there is no such file", file=where) from error
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=where) from error
    if len(data) > MAX_SOURCE:
        raise BadInput(f"is larger than the {MAX_SOURCE} bytes that are read", file=where)
    return data
