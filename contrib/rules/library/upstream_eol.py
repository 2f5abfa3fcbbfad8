"""upstream-eol: series past its end of life."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, ended_series
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per series."""
    for line, message in ended_series(context, latest=False):
        yield context.found(RULE, line, message)


RULE = library_rule(
    id="upstream-eol",
    severity="note",
    title="Series past its end of life",
    looks_for=(
        "A series whose software has ended, according to the table of products. Also called `eol- left`."
    ),
    why=("Official images ship what upstream supports."),
    proof="tags",
    bad="""
Tags: 1.0.9
Directory: 1.0

Tags: 2.0.5, latest
Directory: 2.0
""",
    good="""
Tags: 2.0.5, latest
Directory: 2.0
""",
    check=check,
    needs=("text", "network"),
)
