"""What the image's repository says of an entry: its Dockerfile, bases and declared versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from contrib.library.bases import SCRATCH, Bases, read_bases
from contrib.library.model import clean_path
from contrib.library.tags import EntryTags, Version, agree
from contrib.rules.library.context import LibraryContext, RepositoryView, named
from contrib.values.findings import Finding, Fix

if TYPE_CHECKING:
    from contrib.rules.registry import Rule


class Source:
    """Where an entry is built from, for one architecture.

    :ivar dockerfile: its bytes, None where it is not there.
    """

    def __init__(self, each: EntryTags, architecture: str, view: RepositoryView, shared: _Shared) -> None:
        entry = each.entry
        self.each = each
        self.architecture = architecture
        self.view = view
        self.url = entry.value("GitRepo", architecture)
        self.fetch = entry.value("GitFetch", architecture)
        self.commit = entry.value("GitCommit", architecture)
        self.directory = clean_path(entry.value("Directory", architecture))
        self.builder = entry.value("Builder", architecture)
        self.path = entry.dockerfile(architecture)
        self.dockerfile = shared.read(view, self.commit, self.path)
        self.bases: Bases | None = None
        if self.builder == "oci-import":
            self.bases = SCRATCH
        elif self.dockerfile is not None:
            self.bases = shared.bases(self.dockerfile)

    @property
    def directory_there(self) -> bool:
        """Whether the commit has the directory."""
        if self.directory == ".":
            return True
        return any(path.startswith(self.directory + "/") for path in self.view.paths(self.commit))

    def line(self, context: LibraryContext, *fields: str) -> int:
        """Line of the first of these fields, the architecture's own before the plain one."""
        names = [name for field in fields for name in (f"{self.architecture}-{field}", field)]
        return context.line(self.each.entry, *names, "Tags")


class _Shared:
    """What several entries have in common is read once."""

    def __init__(self) -> None:
        self.files: dict[tuple[int, str, str], bytes | None] = {}
        self.parsed: dict[bytes, Bases] = {}

    def read(self, view: RepositoryView, commit: str, path: str) -> bytes | None:
        key = (id(view), commit, path)
        if key not in self.files:
            self.files[key] = view.read(commit, path)
        return self.files[key]

    def bases(self, dockerfile: bytes) -> Bases:
        if dockerfile not in self.parsed:
            self.parsed[dockerfile] = read_bases(dockerfile)
        return self.parsed[dockerfile]


def sources(context: LibraryContext) -> list[Source]:
    """Every entry and architecture whose repository is at hand; the others are remembered as not checked."""
    found: list[Source] | None = context.memory.get("sources")
    if found is not None:
        return found
    assert context.repositories is not None
    found = []
    shared = _Shared()
    for each in context.entries:
        if context.previous is not None and not context.change.touched(each):
            continue  # the change does not ask about it
        for architecture in each.entry.architectures:
            url = each.entry.value("GitRepo", architecture)
            view = context.repositories.of(url)
            if view is None:
                context.not_known("repository", context.repositories.reason(url))
                continue
            commit = each.entry.value("GitCommit", architecture)
            if view.shallow and not view.has(commit):
                context.not_known("repository", f"{commit[:12]} of {url}: its history is shallow here")
                continue
            found.append(Source(each, architecture, view, shared))
    context.memory["sources"] = found
    return found


def once(context: LibraryContext) -> Iterator[Source]:
    """The same, one architecture for each Dockerfile of an entry."""
    seen: set[tuple[int, str, str]] = set()
    for source in sources(context):
        key = (id(source.each), source.commit, source.path)
        if key not in seen:
            seen.add(key)
            yield source


def holding_ref(view: RepositoryView, commit: str) -> str | None:
    """A ref that holds the commit: a tag first (the shortest), then the branch with the shortest name."""
    holders = view.holding(commit)
    for prefix in ("refs/tags/", "refs/heads/"):
        names = sorted(
            (name for name in holders if name.startswith(prefix)), key=lambda name: (len(name), name)
        )
        if names:
            return names[0]
    return None


def nearest_directory(source: Source) -> str | None:
    """The directory with a Dockerfile that is most like the entry's."""
    name = source.path.rpartition("/")[2]
    directories = [
        path.rpartition("/")[0] for path in source.view.paths(source.commit) if path.endswith("/" + name)
    ]
    last = source.directory.rpartition("/")[2]
    alike = [directory for directory in directories if directory.rpartition("/")[2] == last]
    for candidates in (alike, directories):
        near = get_close_matches(source.directory, candidates, n=1, cutoff=0.5)
        if near:
            return near[0]
    return None


def nearest_file(source: Source) -> str | None:
    """The file of the entry's directory that is most like its Dockerfile's name."""
    prefix = "" if source.directory == "." else source.directory + "/"
    names = [path[len(prefix) :] for path in source.view.paths(source.commit) if path.startswith(prefix)]
    near = get_close_matches(source.path[len(prefix) :], [name for name in names if "/" not in name], n=1)
    return near[0] if near else None


# -- versions --------------------------------------------------------------------------------------

_CONTINUED = re.compile(rb"\\[ \t]*\r?\n")
_SETTING = re.compile(rb"(?im)^[ \t]*(?:ENV|ARG)[ \t]+(.+)")
_PAIR = re.compile(
    r"(?<![A-Za-z0-9_])([A-Za-z0-9_]*(?:VERSION|_TAG|RELEASE|version))(?:=|[ \t]+)[\"']?v?([0-9]+(?:\.[0-9]+)+)(?![0-9.])"
)
_ADDRESS = re.compile(rb"https?://[^\s\"']+")
_DOTTED = re.compile(r"(?<![0-9.])([0-9]+(?:\.[0-9]+)+)(?![0-9])")


def declared_versions(context: LibraryContext, each: EntryTags) -> list[Version]:
    """Versions that the entry's Dockerfile declares for what it installs.

    Settings that bear the image's name, else all of ``*_VERSION``, else versions in downloads whose address
    has the image's name.
    """
    memory: dict[int, list[Version]] = context.memory.setdefault("declared", {})
    if id(each) not in memory:
        memory[id(each)] = _declared(context, each)
    return memory[id(each)]


def _declared(context: LibraryContext, each: EntryTags) -> list[Version]:
    source = next((source for source in sources(context) if source.each is each), None)
    if source is None or source.dockerfile is None:
        return []
    image = re.sub(r"[^a-z0-9]", "", context.survey.repository)
    text = _CONTINUED.sub(b" ", source.dockerfile)
    pairs: list[tuple[str, str]] = []
    for match in _SETTING.finditer(text):
        pairs += _PAIR.findall(match[1].decode("utf-8", "replace"))
    named = [value for name, value in pairs if re.sub(r"[^a-z0-9]", "", name.lower()).startswith(image)]
    values = named or [value for _, value in pairs]
    if not named:
        # A helper's version (TINI_VERSION) says nothing where the download tells the image's own.
        for match in _ADDRESS.finditer(text):
            address = match[0].decode("utf-8", "replace")
            if image in re.sub(r"[^a-z0-9/]", "", address.lower()):
                values += _DOTTED.findall(address)
    versions = [tuple(int(part) for part in value.split(".")) for value in dict.fromkeys(values)]
    # ACME_MAJOR 1.2 beside ACME_VERSION 1.2.3 says nothing of its own.
    return [
        version
        for version in versions
        if not any(len(other) > len(version) and agree(version, other) for other in versions)
    ]


# -- architectures ---------------------------------------------------------------------------------

_CASE = re.compile(rb"\bcase\b[^\n;]{0,200}?\bin\b")
_ESAC = re.compile(rb"\besac\b")
#: A pattern and its commands; each piece of text is looked at once.
_BRANCH = re.compile(r"(?:^|;;|\n)(?:[ \t]*\()?([^()\n;]+)\)(.*?)(?=;;|$)", re.DOTALL)
#: What dpkg, apk, uname and others call the architectures.
_NAMES = {
    "amd64": ("amd64", "x86_64"),
    "arm32v5": ("armel", "arm32v5"),
    "arm32v6": ("armhf", "armv6", "armv6l", "arm32v6", "arm"),
    "arm32v7": ("armhf", "armv7", "armv7l", "arm32v7", "arm"),
    "arm64v8": ("arm64", "aarch64", "arm64v8"),
    "i386": ("i386", "x86", "386", "i686"),
    "mips64le": ("mips64el", "mips64le"),
    "ppc64le": ("ppc64el", "ppc64le"),
    "riscv64": ("riscv64",),
    "s390x": ("s390x",),
}
_ALL_NAMES = frozenset(name for names in _NAMES.values() for name in names)


def case_architectures(dockerfile: bytes) -> frozenset[str] | None:
    """Architectures that every ``case`` which ends in an error for the others has a branch for; None without one."""
    known: frozenset[str] | None = None
    for piece in _ESAC.split(_CONTINUED.sub(b"\n", dockerfile))[:-1]:
        begun = _CASE.search(piece)
        branches = _BRANCH.findall(piece[begun.end() :].decode("utf-8", "replace")) if begun else []
        patterns: list[str] = []
        refuses = False
        for head, body in branches:
            names = [name.strip("'\" \t") for name in head.split("|")]
            if "*" in names:
                refuses = re.search(r"\bexit\s+[1-9]", body) is not None
            elif not re.search(r"\bexit\s+[1-9]", body):
                patterns += names
        if not refuses or sum(name in _ALL_NAMES for name in patterns) < 2:
            continue
        here = frozenset(
            arch
            for arch, names in _NAMES.items()
            if any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
        )
        known = here if known is None else known & here
    return known


def without_dockerfile(context: LibraryContext, *, directory_there: bool) -> Iterator[Source]:
    """The first source of each entry whose Dockerfile is not at its commit; with its directory there, or without."""
    told: set[int] = set()
    for source in sources(context):
        if source.builder == "oci-import" or not source.view.has(source.commit) or id(source.each) in told:
            continue
        if source.dockerfile is None and source.directory_there == directory_there:
            told.add(id(source.each))
            yield source


def not_there(
    context: LibraryContext, rule: Rule, source: Source, path: str, near: str | None, *fields: str
) -> Finding:
    """``path`` is not at the source's commit; the nearest path that is there is offered for the first field."""
    field = context.field(source.each.entry, fields[0])
    fix = None
    if near is not None and field is not None:
        fix = Fix(f"write {near}", (context.replace_value(field, near),), safe=False)
    hint = f"; there is `{near}`" if near else ""
    return context.found(
        rule,
        source.line(context, *fields),
        f"`{path}` of {named(source.each)} is not there at {source.commit[:12]}{hint}",
        fix=fix,
    )
