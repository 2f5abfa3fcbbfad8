"""What has versions in an image's repository, as data: ``bump.toml`` in the image's folder.

A **track** is one thing with versions of its own: the software, its Windows port, or a component (an Alpine
release, gosu, Erlang). The file says where a track is in a series' object of ``versions.json``, which sources
name its releases, and where each digest comes from. No image's name is in the code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contrib.generate.holds import Hold, of_folder
from contrib.releases.sources import address_of
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.tables import Table, decode, read_file, templates_directory
from contrib.values.tree import Tree

if TYPE_CHECKING:
    from contrib.images.model import Image

_PATH = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*|")


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest without an address beside it.

    :param at: its path below the track's object. :param url: the file's address, with ``{version}``.
    :param sources: sources of digests, tried in order. :param windows: it is for the Windows variants: a
        release without that file has lost them.
    """

    at: tuple[str, ...]
    url: str
    sources: tuple[str, ...]
    windows: bool


@dataclass(frozen=True, slots=True)
class Files:
    """An object with one entry per file of a release.

    :param at: its path. :param url: and ``digest``: keys of an entry. :param must: entries without which a
        release is not taken. :param used: key of an entry that says that a Dockerfile uses it; empty: all are.
    :param new: what an entry that is new gets beside address and digest: keys of the source's ``values``.
    :param defaults: and fixed values.
    """

    at: tuple[str, ...]
    url: str
    digest: str
    must: tuple[str, ...]
    used: str
    new: tuple[str, ...]
    defaults: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Era:
    """Other values while upstream's script says something: ``sources`` and ``final``, empty to keep them."""

    when: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    sources: tuple[str, ...]
    final: str

    def holds(self, script: str) -> bool:
        """Whether the script is of this era."""
        if self.when is not None and self.when.search(script) is None:
            return False
        return self.unless is None or self.unless.search(script) is None


@dataclass(frozen=True, slots=True)
class Track:
    """One thing with versions; see the module.

    :param title: its name in titles of commits; empty for the software itself.
    :param platform: ``linux``, ``windows``, or ``both`` where one version serves both.
    :param place: path of its object in a series' object. :param key: of the version in there.
    :param sources: of its releases; their releases are taken together. :param port: the port's releases.
    :param line: how many numbers of the present version stay (Erlang 27.x: 1); None: the series decides.
    :param words: of the track whose version the sources' addresses name. :param sums: sources of digests for
        addresses that the tree holds. :param exists: addresses that a release must answer.
    :param archive: the archive's address where the tree has none. :param hosts: regular expressions over
        addresses; what matches none is not written. :param top: directory at an archive's top.
    :param keys: key of the object to key of the source's ``values``. :param files: see :class:`Files`.
    :param final: what becomes of a series ``X-rc`` when X is released: ``report`` it, or ``take`` it in that series.
    :param drops: paths that go when a series loses Windows. :param variants: path of the variants' list.
    """

    name: str
    title: str
    platform: str
    place: tuple[str, ...]
    key: str
    sources: tuple[str, ...]
    port: bool
    line: int | None
    words: str
    sums: tuple[str, ...]
    exists: tuple[str, ...]
    hosts: tuple[re.Pattern[str], ...]
    top: str
    digests: tuple[Digest, ...] = ()
    files: Files | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    drops: tuple[tuple[str, ...], ...] = ()
    variants: tuple[str, ...] = ()
    security: str = ""
    final: str = "report"
    eras: tuple[Era, ...] = ()

    def at(self, script: str) -> Track:
        """The track as it is while upstream's script says what it says."""
        found = self
        for era in self.eras:
            if era.holds(script):
                found = replace(found, sources=era.sources or found.sources, final=era.final or found.final)
        return found

    @property
    def component(self) -> bool:
        """Whether it is something beside the software itself."""
        return bool(self.title)


@dataclass(frozen=True, slots=True)
class Tracks:
    """A ``bump.toml``.

    :param repository: clone URL. :param skip: keys of ``versions.json`` that are left alone, and why.
    :param scripts: of upstream, which tell the era of a tree. :param holds: what is known of variants that are held back.
    """

    image: str
    repository: str
    tracks: tuple[Track, ...]
    skip: Mapping[str, str]
    scripts: tuple[str, ...] = ("versions.sh", "update.sh")
    holds: tuple[Hold, ...] = ()

    def at(self, tree: Tree) -> Tracks:
        """The tracks as upstream's scripts are in a tree."""
        script = "\n".join((tree.read(path) or b"").decode("utf-8", "replace") for path in self.scripts)
        return replace(self, tracks=tuple(track.at(script) for track in self.tracks))

    @property
    def whole(self) -> bool:
        """Whether Linux and Windows move together, so that there is nothing to ask ``--linux`` for."""
        return not any(track.platform == "windows" for track in self.tracks)


def load(name: str, templates: Path | None = None) -> Tracks:
    """How an image is bumped.

    :raises BadInput: there is no such folder or file, or it is wrong (file, key, what is expected).
    """
    folder = folder_of(name, templates)
    path = folder / "bump.toml"
    found = read(read_file(path), str(path))
    if found.image != name:
        raise BadInput(f"image: {found.image!r}, in the folder of {name!r}", file=str(path))
    return found


def folder_of(name: str, templates: Path | None = None) -> Path:
    """The folder of an image that can be bumped.

    :raises BadInput: there is none.
    """
    directory = templates or templates_directory()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name) or not (directory / name / "bump.toml").is_file():
        there = names(templates)
        raise BadInput(
            f"how releases of {name!r} are found is not known",
            hint=f"there are: {', '.join(there) or 'none'}; a folder with bump.toml and sources.toml adds one",
        )
    return directory / name


def default(image: Image) -> Tracks:
    """The tracks of an image whose folder has no ``bump.toml``: its software, where a source names it, and its port."""
    hosts = tuple(re.compile(pattern) for pattern in image.linux_sources)
    plain: dict[str, Any] = {
        "title": "", "key": "version", "line": None, "words": "", "sums": (), "exists": (), "top": "",
    }  # fmt: skip
    linux = Track(
        name="linux",
        platform="linux",
        place=(),
        sources=(image.linux_source,),
        port=False,
        hosts=hosts,
        **plain,
    )
    port = Track(
        name="port", platform="windows", place=("windows",), sources=(), port=True, hosts=(), **plain
    )
    return Tracks(image.name, image.repositories[0].url, (linux, port), {})


def names(templates: Path | None = None) -> tuple[str, ...]:
    """The images that can be bumped."""
    directory = templates or templates_directory()
    return tuple(sorted(path.parent.name for path in directory.glob("*/bump.toml")))


@bounded("file")
def read(data: bytes, file: str) -> Tracks:
    """``bump.toml`` from its bytes."""
    top = Table(decode(data, file), "", file, data.decode("utf-8"))
    skip = top.table("skip", required=False)
    found = Tracks(
        image=top.text("image", "the name of the image"),
        repository=top.text(
            "repository", "the https address that it is cloned from", pattern=re.compile(r"https://\S+")
        ),
        tracks=tuple(_track(table) for table in top.tables("track")),
        skip={key: skip.text(key, "why it is left alone") for key in skip.items()},
        scripts=top.texts("scripts", default=("versions.sh", "update.sh")),
        holds=of_folder(top.tables("hold", required=False)),
    )
    top.done()
    names = [track.name for track in found.tracks]
    for track in found.tracks:
        if names.count(track.name) > 1:
            raise BadInput(f"there are two tracks {track.name!r}", file=file)
        if track.words and track.words not in names:
            raise BadInput(f"track {track.name!r}: there is no track {track.words!r}", file=file)
    return found


def _track(table: Table) -> Track:
    line = table.value("line")
    if line is not None and (not isinstance(line, int) or isinstance(line, bool) or line < 0):
        raise table.wrong("line", "how many numbers of a version stay")
    port = table.flag("port", False)
    files = _files(table.table("files")) if table.value("files") is not None else None
    keys = table.table("keys", required=False)
    track = Track(
        name=table.text("name", "a name", pattern=re.compile(r"[a-z0-9][a-z0-9-]*")),
        title=table.text("title", "what titles call it", default=""),
        platform=table.choice("platform", ("linux", "windows", "both"), "both"),
        place=_path(table, "place"),
        key=table.text("key", "a key", default="version"),
        sources=table.texts("sources", default=() if port else None),
        port=port,
        line=line,
        words=table.text("words", "the name of a track", default=""),
        sums=table.texts("sums", default=()),
        exists=table.texts("exists", default=(), pattern=re.compile(r"https://\S+")),
        hosts=_hosts(table),
        top=table.text("top", "a directory's name", default=""),
        digests=tuple(_digest(one) for one in table.tables("digest", required=False)),
        files=files,
        keys={key: keys.text(key, "a key of the source's values") for key in keys.items()},
        drops=tuple(tuple(text.split(".")) for text in table.texts("drops", default=(), pattern=_PATH)),
        variants=_path(table, "variants"),
        security=table.text("security", "a source", default=""),
        final=table.choice("final", ("report", "take"), "report"),
        eras=tuple(_era(one) for one in table.tables("era", required=False)),
    )
    table.done()
    return track


def _era(table: Table) -> Era:
    from contrib.releases.sources import regex

    found = Era(
        regex(table, "when") if table.value("when") is not None else None,
        regex(table, "unless") if table.value("unless") is not None else None,
        table.texts("sources", default=()),
        table.choice("final", ("report", "take", ""), ""),
    )
    table.done()
    return found


def _hosts(table: Table) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(text) for text in table.texts("hosts", default=()))
    except re.error as error:
        raise table.wrong("hosts", f"regular expressions over addresses ({error})") from error


def _path(table: Table, name: str) -> tuple[str, ...]:
    text = table.text(name, "a path of keys, with dots", default="", pattern=_PATH)
    return tuple(text.split(".")) if text else ()


def _digest(table: Table) -> Digest:
    found = Digest(
        _path(table, "at"),
        address_of(table),
        table.texts("sources", default=()),
        table.flag("windows", False),
    )
    table.done()
    return found


def _files(table: Table) -> Files:
    defaults = table.table("defaults", required=False)
    found = Files(
        _path(table, "at"),
        table.text("url", "a key", default="url"),
        table.text("digest", "a key", default="sha256"),
        table.texts("must", default=()),
        table.text("used", "a key", default=""),
        table.texts("new", default=()),
        {key: defaults.value(key) for key in defaults.items()},
    )
    table.done()
    return found
