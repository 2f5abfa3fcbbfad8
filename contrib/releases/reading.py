"""Reading version sources: what a source's address answers, as a catalogue or a digest, each once per run.

``sources.toml`` in the image's folder names the sources; ``--source NAME=PATH_OR_URL`` replaces one. A source is
read when it is asked for, so a command needs no more of the network than it uses. What is wrong with a file
that a person named is bad input; what is wrong with an answer from the network is an error outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from contrib.releases.model import Catalogue, Checksum, Pin
from contrib.releases.sources import Source, external_pins, filled, github_releases, read_source
from contrib.values.errors import BadInput, ContribError, OutsideError
from contrib.values.tables import Table, decode, read_file

if TYPE_CHECKING:
    from contrib.clients.documents import Documents
    from contrib.images.model import Image, Port

#: Where GitHub's API is.
GITHUB_API = "https://api.github.com"
#: Bytes of the largest file that is given with ``--source``.
MAX_SOURCE = 64 * 1024 * 1024


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
    return {name: read_source(top.table(name), name) for name in top.items()}


class Releases:
    """The sources of an image, read when they are asked for.

    :param folder: the image's, for messages. :param image: None for an image without ``image.toml``.
    :param given: of ``--source``. :param documents: None with ``--offline``. :param api: address of GitHub's API.
    :param pinned: paths of official-images' tree, for the pins.
    """

    def __init__(
        self,
        folder: Path,
        sources: Mapping[str, Source],
        given: Mapping[str, str],
        documents: Documents | None,
        *,
        image: Image | None = None,
        api: str = GITHUB_API,
        pinned: Iterable[str] | None = None,
    ) -> None:
        self.folder = folder
        self.image = image
        self._sources = sources
        self._given = given
        self.documents = documents
        self._api = api
        self._pinned = pinned
        self._catalogues: dict[tuple[object, ...], Catalogue | ContribError] = {}
        self._read_once: dict[str, bytes | ContribError] = {}
        #: What could not be read and was done without, a sentence each.
        self.unread: list[str] = []

    # -- releases ------------------------------------------------------------------------------------------

    @property
    def port(self) -> Catalogue:
        """The releases of the living port; see :meth:`of`."""
        assert self.image is not None
        return self.of(self.image.port)

    def of(self, port: Port) -> Catalogue:
        """The releases of a port of the image.

        :raises BadInput: the source is not what it should be, or the port has none.
        :raises OutsideError: it cannot be reached.
        """
        if not port.source:
            raise BadInput(f"the releases of {port.repository} have no source in sources.toml")
        source = self.source(port.source)
        if source.kind != "github-releases":
            raise BadInput(
                f"the source {source.name!r} of a port is of kind {source.kind!r}, expected github-releases"
            )
        return self._once((port.name, source.name, "port"), lambda: self._github(source, port))

    def catalogue(self, name: str, words: Mapping[str, str] | None = None) -> Catalogue:
        """The releases of a source.

        :param words: what the source's address may name (``{version}`` of the software, say).
        :raises BadInput: there is no such source, or the file given for it is wrong.
        :raises OutsideError: it cannot be reached, or answers something else.
        """
        source = self.source(name)
        known = dict(words or {})
        return self._once((name, *sorted(known.items())), lambda: self._catalogue(source, known))

    def _once(self, key: tuple[object, ...], read: object) -> Catalogue:
        if key not in self._catalogues:
            try:
                self._catalogues[key] = read()  # type: ignore[operator]
            except ContribError as error:
                self._catalogues[key] = error
        found = self._catalogues[key]
        if isinstance(found, ContribError):
            raise found
        return found

    def _catalogue(self, source: Source, words: Mapping[str, str]) -> Catalogue:
        if source.kind == "github-releases":
            return self._github(source, source.options)
        module = source.module
        if not hasattr(module, "parse"):
            raise BadInput(
                f"the source {source.name!r} is of kind {source.kind!r}, which names no releases",
                file=str(self.folder / "sources.toml"),
            )
        where = self._where(source, module.address(source.options, words), words)
        if getattr(module, "PROTOCOL", "") == "git":
            data, outside = self._tags(source, where)
        else:
            data, outside = self._read(source, where)
        try:
            found: Catalogue = module.parse([data], source, where)
        except BadInput as error:
            raise _from_outside(error) if outside else error from None
        return found

    def _github(self, source: Source, shape: github_releases.Shape) -> Catalogue:
        where = self._where(source, github_releases.address(self._api, source.options.repository), {})
        outside = _is_url(where)
        if outside:
            try:
                pages = self._asked(source, where).pages(where, accept=github_releases.ACCEPT)
            except ContribError as error:
                raise self._hinted(error, source) from None
        else:
            pages = [_file(where)]
        try:
            return github_releases.parse(pages, shape, name=source.name, origin=where, source=source)
        except BadInput as error:
            raise _from_outside(error) if outside else error from None

    # -- digests -------------------------------------------------------------------------------------------

    def digest(self, name: str, words: Mapping[str, str], file: str) -> Checksum | None:
        """What a source of digests says of a file; None when it has none of it, or is not there.

        :param words: ``url`` of the file and its ``version``.
        :raises OutsideError: it cannot be reached, or answers something else.
        """
        source = self.source(name)
        for document, where, outside in self._digest_documents(source, words):
            try:
                found: Checksum | None = source.module.digest([document], source, where, file)
            except BadInput as error:
                raise _from_outside(error) if outside else error from None
            if found is not None:
                return found
        return None

    def digests(self, name: str, words: Mapping[str, str]) -> dict[str, str]:
        """All files that a source of digests names, and their digests; empty when it is not there."""
        source = self.source(name)
        found: dict[str, str] = {}
        for document, where, outside in self._digest_documents(source, words):
            try:
                for file, digest in source.module.names([document], source, where).items():
                    found.setdefault(file, digest)
            except BadInput as error:
                raise _from_outside(error) if outside else error from None
        return found

    def listed(self, address: str, file: str) -> Checksum | None:
        """The sha256 of a file in a list of digests at an address.

        :raises OutsideError: it cannot be reached, or names the file twice.
        """
        from contrib.releases.sources.digest_file import Options, digest

        source = Source(address.rpartition("/")[2], "digest-file", Options((address,), "sha256"))
        try:
            return digest([self._document(source, address)], source, address, file)
        except BadInput as error:
            raise _from_outside(error) from None

    def _digest_documents(self, source: Source, words: Mapping[str, str]) -> list[tuple[bytes, str, bool]]:
        if not hasattr(source.module, "digest"):
            raise BadInput(
                f"the source {source.name!r} is of kind {source.kind!r}, which gives no digests",
                file=str(self.folder / "sources.toml"),
            )
        found = []
        given = self._given.get(source.name)
        addresses = [filled(given, words)] if given else source.module.addresses(source.options, words)
        for where in addresses:
            try:
                found.append((self._document(source, where), where, _is_url(where)))
            except BadInput:  # nothing is there
                continue
        return found

    def answers(self, address: str) -> bool:
        """Whether there is something at an address.

        :raises OutsideError: that cannot be found out.
        """
        source = Source("address", "listing", None)
        if not _is_url(address):
            return Path(address).is_file()
        try:
            self._asked(source, address).first(address)
        except BadInput:
            return False
        return True

    # -- pins ----------------------------------------------------------------------------------------------

    @property
    def pins_given(self) -> bool:
        """Whether the pins can be read without the network."""
        return self._pinned is not None or self._pins_source in self._given

    @property
    def _pins_source(self) -> str:
        return self.image.pins_source if self.image is not None else "pins"

    @cached_property
    def pins(self) -> tuple[Pin, ...] | None:
        """The external bases that official-images allows; None when nobody gave its tree, which is said."""
        source = self.source(self._pins_source)
        where = self._given.get(source.name)
        if where is None:
            if self._pinned is None:
                self.unread.append(
                    f"the source {source.name!r} was not read: --official-images was not given"
                )
                return None
            return external_pins.from_paths(self._pinned, source.options.directory)
        path = Path(where)
        if path.is_dir():
            paths = (p.relative_to(path).as_posix() for p in sorted(path.rglob("*")) if p.is_file())
            return external_pins.from_paths(paths, "")
        data, _ = self._read(source, where)
        return external_pins.parse(data, origin=where)

    # -- reading -------------------------------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """Whether there is a source of that name."""
        return name in self._sources

    def given(self, name: str) -> bool:
        """Whether a source was named with ``--source``."""
        return name in self._given

    @property
    def any_given(self) -> bool:
        """Whether any source was named with ``--source``."""
        return bool(self._given)

    def source(self, name: str) -> Source:
        """The source of that name.

        :raises BadInput: there is none.
        """
        source = self._sources.get(name)
        if source is None:
            raise BadInput(
                f"there is no source {name!r}",
                file=str(self.folder / "sources.toml"),
                hint=known(self._sources),
            )
        return source

    def _where(self, source: Source, address: str, words: Mapping[str, str]) -> str:
        given = self._given.get(source.name)
        return filled(given, words) if given is not None else address

    def _asked(self, source: Source, where: str) -> Documents:
        if self.documents is None:
            raise OutsideError(
                f"the source {source.name!r} is on the network, and --offline was asked for",
                file=where,
                kind="offline",
                hint=f"give it as a file: --source {source.name}=FILE",
            )
        return self.documents

    def _hinted(self, error: ContribError, source: Source) -> ContribError:
        if isinstance(error, BadInput):
            error = _from_outside(error)
        if error.hint is None and source.name in self._sources:
            error.hint = f"or give it as a file: --source {source.name}=FILE"
        return error

    def _document(self, source: Source, where: str) -> bytes:
        """A document, asked for once; BadInput when there is nothing."""
        if where not in self._read_once:
            try:
                if _is_url(where):
                    self._read_once[where] = self._asked(source, where).get(where)
                else:
                    self._read_once[where] = _file(where)
            except ContribError as error:
                self._read_once[where] = error
        found = self._read_once[where]
        if isinstance(found, ContribError):
            raise found
        return found

    def _read(self, source: Source, where: str) -> tuple[bytes, bool]:
        try:
            return self._document(source, where), _is_url(where)
        except ContribError as error:
            raise self._hinted(error, source) if _is_url(where) else error from None

    def _tags(self, source: Source, where: str) -> tuple[bytes, bool]:
        if not _is_url(where) and not Path(where).is_dir():
            return _file(where), False
        try:
            if _is_url(where):
                return self._asked(source, where).tags(where), True
            from contrib.clients.git import remote_tags

            return remote_tags(where), True
        except ContribError as error:
            raise self._hinted(error, source) from None


def load(
    image: Image,
    given: Mapping[str, str] | None = None,
    *,
    documents: Documents | None = None,
    api: str = GITHUB_API,
    pinned: Iterable[str] | None = None,
) -> Releases:
    """The sources of an image.

    :param given: of ``--source`` (:func:`overrides`). :param documents: None with ``--offline``.
    :raises BadInput: ``sources.toml`` is wrong, or a name given is not in it.
    """
    return load_folder(image.folder, given, documents=documents, image=image, api=api, pinned=pinned)


def load_folder(
    folder: Path,
    given: Mapping[str, str] | None = None,
    *,
    documents: Documents | None = None,
    image: Image | None = None,
    api: str = GITHUB_API,
    pinned: Iterable[str] | None = None,
) -> Releases:
    """The sources that an image's folder names; see :func:`load`."""
    path = folder / "sources.toml"
    sources = read_sources(read_file(path), str(path))
    for name in given or {}:
        if name not in sources:
            raise BadInput(f"--source {name}: there is no such source", hint=known(sources), kind="usage")
    return Releases(folder, sources, given or {}, documents, image=image, api=api, pinned=pinned)


def known(sources: Mapping[str, Source]) -> str:
    """The names of sources, for a hint."""
    return f"there are: {', '.join(sources)}"


def _from_outside(error: BadInput) -> OutsideError:
    """An answer of the network that is wrong: not the person's fault."""
    return OutsideError(error.message, file=error.file, line=error.line, hint=error.hint, kind="source")


def _is_url(where: str) -> bool:
    return re.match(r"https?://", where) is not None


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
