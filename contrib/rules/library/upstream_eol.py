"""upstream-eol: series past its end of life."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.findings import Finding
from contrib.library.tags import Version, dotted
from contrib.rules.library.context import Context
from contrib.rules.library.define import library_rule


def check(context: Context) -> Iterator[Finding]:
    """One finding a series."""
    assert context.network is not None
    seen: set[Version] = set()
    for each in context.stable:
        if len(each.full) < 2 or each.series in seen or "latest" in each.entry.all_tags:
            continue
        seen.add(each.series)
        ended = context.network.ended(context.survey.repository, dotted(each.series))
        if ended is None:
            context.not_known(
                "network", f"whether {context.survey.repository} {dotted(each.series)} is supported"
            )
        elif ended:
            yield context.found(
                RULE,
                context.line(each.entry),
                f"{context.survey.repository} {dotted(each.series)} ended on {ended}",
            )


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
