"""``source-or-binary``: compiled in the image, unpacked, a package of the distribution, or copied."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.account import Build
from contrib.facts.model import Fact
from contrib.facts.subject import Subject, related

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
    builds = [a for a in build.of(act.Compile) if a.tool in _COMPILERS]
    if builds:
        first = builds[0]
        yield Fact(
            "source-or-binary", f"compiled ({first.tool})", first.line, first.end_line, {"kind": "source"}
        )
        return
    package = program_package(build, subject)
    if subject.main is not None:
        for action in build.of(act.Unpack):
            if _uses(build, action, subject.main):
                how = "installer" if action.installer else "archive"
                yield Fact(
                    "source-or-binary",
                    f"binary ({how})",
                    action.line,
                    action.end_line,
                    {"kind": "binary", "how": how},
                )
                return
        if package is None:
            yield Fact(
                "source-or-binary",
                "binary",
                subject.main.line,
                subject.main.end_line,
                {"kind": "binary", "how": "file"},
            )
            return
    if package is not None:
        yield Fact(
            "source-or-binary",
            f"package ({package[1]})",
            package[0].line,
            package[0].end_line,
            {"kind": "package"},
        )
        return
    if subject.copied_from is not None:
        line = next(
            (a.line for a in build.of(act.CopyIn) if a.origin == subject.copied_from),
            None,
        )
        yield Fact("source-or-binary", f"copied from {subject.copied_from}", line, line, {"kind": "copied"})


def _uses(build: Build, action: act.Unpack, download: act.Download) -> bool:
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
        if action.verb != "add" or action.virtual:
            continue
        for name in action.names:
            bare, _, version = name.partition("=")
            if value and value in version:
                return action, bare
            if stem and related(stem, bare) and subject.main is None:
                return action, bare
    return None
