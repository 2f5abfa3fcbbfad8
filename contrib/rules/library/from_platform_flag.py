"""from-platform-flag: fROM with --platform."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import once
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per Dockerfile."""
    for source in once(context):
        if source.bases is not None and source.bases.platform_flag:
            yield context.found(
                RULE,
                source.line(context, "Directory", "GitCommit"),
                f"`{source.path}` of {named(source.each)} has FROM --platform (line {source.bases.platform_flag})",
            )


RULE = library_rule(
    id="from-platform-flag",
    severity="error",
    title="FROM with --platform",
    looks_for=("`FROM --platform=…` in the Dockerfile."),
    why=("bashbrew takes the flag for the base, and the CI's check of the base fails."),
    proof="from",
    bad="""
Tags: 1.2
Directory: platform
""",
    good="""
Tags: 1.2
Directory: 1.2
""",
    check=check,
    needs=("text", "repository"),
)
