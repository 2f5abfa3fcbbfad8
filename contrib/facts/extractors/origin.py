"""``source-or-binary``: compiled in the image, unpacked, a package of the distribution, or copied."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths, products
from contrib.build.account import Build
from contrib.facts.kinds import Fact, SourceOrBinary
from contrib.facts.subject import Subject, related
from contrib.values.patterns import lazy

_COMPILERS = frozenset(
    [
        "make",
        "gmake",
        "nmake",
        "ninja",
        "cmake",
        "meson",
        "msbuild",
        "go",
        "cargo",
        "make.bash",
        "make.bat",
        "gcc",
        "cc",
        "mvn",
        "gradle",
        "dotnet",
    ]
)


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """What comes last wins: a build over an unpacking."""
    # what is built before the image's own sources are fetched is a library of it
    since = subject.main.order if subject.main is not None else -1
    builds = [a for a in build.of(act.Compile) if a.tool in _COMPILERS and a.order > since]
    if builds and all(each.conditional for each in builds) and subject.main is not None:
        own = next((a for a in build.of(act.Unpack) if unpacks(build, a, subject.main)), None)
        if own is not None and own.order < builds[0].order:
            text = "binary (archive), compiled where there is none"
            yield SourceOrBinary("source-or-binary", text, own.line, own.end_line, kind="binary")
            return
    if builds:
        first = builds[0]
        text = f"compiled ({first.tool})"
        yield SourceOrBinary("source-or-binary", text, first.line, first.end_line, kind="source")
        return
    package = program_package(build, subject)
    if subject.main is not None:
        for action in build.of(act.Unpack):
            if unpacks(build, action, subject.main):
                text = "binary (installer)" if action.installer else "binary (archive)"
                yield SourceOrBinary("source-or-binary", text, action.line, action.end_line, kind="binary")
                return
        if package is None:
            lines = (subject.main.line, subject.main.end_line)
            yield SourceOrBinary("source-or-binary", "binary", *lines, kind="binary")
            return
    if package is not None:
        action_, name = package
        yield SourceOrBinary(
            "source-or-binary", f"package ({name})", action_.line, action_.end_line, kind="package"
        )
        return
    if subject.copied_from is not None:
        line = line_of_copy(build, subject)
        text = f"copied from {subject.copied_from}"
        yield SourceOrBinary("source-or-binary", text, line, line, kind="copied")
        return
    added = added_archive(build)
    if added is not None:
        copy = added[0]
        yield SourceOrBinary("source-or-binary", "binary (archive)", copy.line, copy.end_line, kind="binary")
        return
    installed = own_installer(build, subject)
    if installed is not None:
        text = "binary (installer)" if installed.installer else "binary (archive)"
        yield SourceOrBinary("source-or-binary", text, installed.line, installed.end_line, kind="binary")
        return
    brought = program_copy(build, subject)
    if brought is not None:
        text = "binary (build context)"
        yield SourceOrBinary("source-or-binary", text, brought.line, brought.end_line, kind="context")


_TAR = lazy(r"\.(tar(\.(gz|bz2|xz|zst))?|tgz|tbz2?|txz)$", re.IGNORECASE)


def added_archive(build: Build) -> tuple[act.CopyIn, str] | None:
    """The first archive of the build context that ADD unpacks (a tar file, not a zip), with its name."""
    for copy in build.of(act.CopyIn, own=True):
        if copy.origin is None and copy.instruction.keyword == "ADD":
            for source in copy.sources:
                if _TAR.search(source):
                    return copy, source
    return None


def own_installer(build: Build, subject: Subject) -> act.Unpack | None:
    """The archive or installer of the program itself that no download brought, by its name."""
    fetched = {paths.name(download.file) for download in subject.downloads}
    for action in build.of(act.Unpack):
        name = paths.name(action.file)
        if name not in fetched and related(products.product("https://x/" + name), subject.start.program):
            return action
    return None


def program_copy(build: Build, subject: Subject) -> act.CopyIn | None:
    """The COPY that brings the program that starts from the build context, by itself or with its directory."""
    found = _brought(build, subject)
    return found[0] if found is not None else None


def program_place(build: Build, subject: Subject) -> str | None:
    """The directory that the program is in, where the build context brings it."""
    found = _brought(build, subject)
    return found[1] if found is not None else None


def _brought(build: Build, subject: Subject) -> tuple[act.CopyIn, str] | None:
    """The COPY and the directory: a program without a path is looked for by its name and on PATH, as Windows does."""
    start = subject.start
    if build.platform != "windows" or not start.path:
        return None
    copies = [copy for copy in build.of(act.CopyIn, own=True) if copy.origin is None]
    bare = not re.search(r"[\\/:]", start.path)
    for copy in copies if bare else ():
        for source in copy.sources:
            if source.lower().endswith(".exe") and paths.program(source) == start.program:
                renamed = len(copy.sources) == 1 and paths.program(copy.target) == start.program
                whole = renamed and copy.target.lower().endswith(".exe")
                return copy, paths.parent(copy.target) if whole else copy.target
    file = start.path if not bare or "." in start.path else start.path + ".exe"
    directories = [build.workdir]
    if bare:
        edits = build.of(act.PathEdit, own=True)
        directories += [each for edit in edits if edit.scope != "process" for each in edit.directories]
    for directory in directories:
        place = paths.join(directory, file, "windows")
        for copy in copies:
            if paths.brings(copy.target, copy.sources, place):
                return copy, paths.parent(place)
    return None


def line_of_copy(build: Build, subject: Subject) -> int | None:
    """Where the programs are copied from another image, libraries of Windows apart."""
    copies = [
        a
        for a in build.of(act.CopyIn)
        if a.origin == subject.copied_from
        or (isinstance(a.origin, int) and build.bases[a.origin].root.text == subject.copied_from)
    ]
    return next((copy.line for copy in copies if not from_system(copy)), None)


def from_system(copy: act.CopyIn) -> bool:
    """Libraries of Windows itself, not the image's programs."""
    return all("system32" in source.lower() for source in copy.sources)


def unpacks(build: Build, action: act.Unpack, download: act.Download) -> bool:
    """Whether ``action`` unpacks, or runs, what ``download`` fetched."""
    if action.file == "-":
        return action.instruction is download.instruction
    return paths.same(action.file, download.file, build.platform) or (
        paths.name(action.file) == paths.name(download.file) and action.instruction is download.instruction
    )


def program_package(build: Build, subject: Subject) -> tuple[act.Packages, str] | None:
    """The package of the distribution that the image's program comes from."""
    stem = subject.variable.stem if subject.variable is not None else ""
    value = subject.variable.value if subject.variable is not None else None
    for action in build.of(act.Packages):
        if action.verb != "add" or action.virtual or action.of_language:
            continue
        for name in action.names:
            bare, _, version = name.partition("=")
            if value and value in version:
                return action, bare
            if stem and related(stem, bare) and subject.main is None:
                return action, bare
    return None
