"""windows-from: base of another Windows release."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import windows_name, windows_release
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import once
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """Of the last stage's base, where it names a release."""
    for source in once(context):
        if not source.each.windows or source.bases is None or not source.bases.stages:
            continue
        base = source.bases.stages[-1]
        release = windows_release(base.partition(":")[2])
        releases = {name.release for tag in source.each.own if (name := windows_name(tag.text))} - {""}
        if release and releases and release not in releases:
            yield context.found(
                RULE,
                context.line(source.each.entry),
                f"{named(source.each)} is FROM `{base}`, its tags say {', '.join(sorted(releases))}",
            )


RULE = library_rule(
    id="windows-from",
    severity="error",
    title="Base of another Windows release",
    looks_for=(
        "The base in the Dockerfile is not of the Windows release that the tags and constraints name."
    ),
    why=("It is built on a host on which it cannot run."),
    proof="constraints",
    bad="""
Tags: 1.2-windowsservercore-ltsc2022
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2022
Directory: win
""",
    good="""
Tags: 1.2-windowsservercore-ltsc2025
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
Directory: win
""",
    check=check,
    needs=("text", "repository"),
)
