"""supported-only: version that upstream does not support."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, ended_series
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per series."""
    for line, message in ended_series(context, latest=True):
        yield context.found(RULE, line, message)


RULE = library_rule(
    id="supported-only",
    severity="note",
    title="Version that upstream does not support",
    looks_for=("The entry of `latest` is of a series whose software has ended."),
    why=("Official images ship what upstream supports."),
    proof="tags",
    bad="""
Tags: 1.0.9, latest
""",
    good="""
Tags: 2.0.5, latest
""",
    check=check,
    needs=("text", "network"),
)
