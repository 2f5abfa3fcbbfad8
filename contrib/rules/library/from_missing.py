"""from-missing: dockerfile without FROM."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import once
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per Dockerfile."""
    for source in once(context):
        bases = source.bases
        if bases is None or (bases.stages and not bases.nameless):
            continue
        what = f"has a FROM without a name (line {bases.nameless})" if bases.nameless else "has no FROM"
        yield context.found(
            RULE,
            source.line(context, "Directory", "GitCommit"),
            f"`{source.path}` of {named(source.each)} {what}",
        )


RULE = library_rule(
    id="from-missing",
    severity="error",
    title="Dockerfile without FROM",
    looks_for=("A Dockerfile in which there is no `FROM`, or one without a name."),
    why=("bashbrew prints an empty list for the first, and crashes on the second."),
    proof="from",
    bad="""
Tags: 1.2
Directory: empty
""",
    good="""
Tags: 1.2
Directory: 1.2
""",
    check=check,
    needs=("text", "repository"),
)
