"""copied-binary: binary from the build context."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.start import is_script
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity

_BINARY = (
    ".exe",
    ".dll",
    ".msi",
    ".msu",
    ".zip",
    ".7z",
    ".nupkg",
    ".cab",
    ".tar",
    ".tar.gz",
    ".tgz",
    ".tar.xz",
    ".txz",
)


def check(context: Context) -> Iterator[Finding]:
    """COPY or ADD of programs and archives from the build context."""
    for instruction in context.file.instructions:
        if instruction.keyword not in ("COPY", "ADD") or instruction.flag("from") is not None:
            continue
        for word in instruction.words[:-1]:
            source = context.resolve(instruction, word.text).strip("\"'")
            if "://" not in source and source.lower().endswith(_BINARY):
                yield context.found(
                    RULE,
                    word.span.line,
                    f"`{source}` comes from the build context: download and verify it, or copy it from an official image",
                    instruction=instruction,
                )
    yield from _inside(context)


def _inside(context: Context) -> Iterator[Finding]:
    """A directory of the build context that the program, or an installer, comes from."""
    build = context.build
    for copy in build.of(act.CopyIn):
        if copy.origin is not None or any(source.lower().endswith(_BINARY) for source in copy.sources):
            continue
        used = _used(context, copy)
        if used is not None:
            shown = ", ".join(f"`{source}`" for source in copy.sources)
            yield context.found(
                RULE,
                copy.line,
                f"{shown} comes from the build context, and `{used}` with it: download and verify it, or copy it from an "
                "official image",
                instruction=copy.instruction,
            )


def brings_program(context: Context, copy: act.CopyIn) -> bool:
    """A program comes with what is copied, by its name or by what starts."""
    unpacked = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz") if copy.instruction.keyword == "ADD" else ()
    return (
        any(s.lower().endswith((".exe", ".msi", *unpacked)) for s in copy.sources)
        or _used(context, copy) is not None
    )


def _used(context: Context, copy: act.CopyIn) -> str | None:
    """The program or installer that is in what was copied."""
    build, start = context.build, context.start
    if copy.stage in build.own and paths.absolute(start.path, "windows") and not is_script(start.path):
        place = paths.join(build.workdir, start.path, "windows")
        if paths.brings(copy.target, copy.sources, place):
            return start.path
    for action in build.actions:
        if action.stage != copy.stage or action.order < copy.order:
            continue
        if isinstance(action, act.Unpack) and context.from_context(copy, action.file):
            return paths.name(action.file)
    return None


RULE = Rule(
    id="copied-binary",
    severity=Severity.WARNING,
    title="binary from the build context",
    looks_for=(
        "COPY or ADD takes a `.exe`, `.dll`, `.msi`, `.zip`, `.7z` or `.nupkg` from the build context."
    ),
    why=(
        "A binary in Git has no source and cannot be reviewed. Reviewers ask for a verified download instead."
    ),
    evidence=evidence("docker-library/official-images#6766"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
COPY server.exe C:\\app\\
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\app\\server.exe C:\\app\\
"""
    ),
    check=check,
)
