"""alias-moved-too-early: latest moves to a series at its first release."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import comparable, dotted
from contrib.rules.library.change import stable_series
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """Of ``latest`` alone: whether a major alias waits is not seen in one change."""
    before = context.tags_before.get("latest", [])
    now = context.tags.get("latest", [])
    if not before or not now or not now[0].full or now[0].unstable:
        return
    series = stable_series(context.before)
    waiting = [s for s in series if before[0].full and s > before[0].series and comparable(s, before[0].full)]
    if now[0].series not in series and waiting:
        yield context.found(
            RULE,
            context.line_of_tag(now[0].entry, "latest"),
            f"`latest` moves from {dotted(before[0].full)} to {dotted(now[0].full)}, the first release of its series; "
            f"{dotted(max(waiting))} was not given it so soon",
        )


RULE = library_rule(
    id="alias-moved-too-early",
    severity="note",
    title="latest moves to a series at its first release",
    looks_for=(
        "`latest` moves to a series that is stable for the first time, while an earlier series waited "
        "for it: it was in the file, stable and higher, without `latest`."
    ),
    why=("Images that let a series settle before it becomes the default did not mean to change that."),
    proof="tags",
    bad="""
Tags: 3.0.0, 3.0, latest
Directory: 3.0

Tags: 2.1.4, 2.1
Directory: 2.1

Tags: 2.0.9, 2.0
Directory: 2.0
""",
    good="""
Tags: 3.0.0, 3.0
Directory: 3.0

Tags: 2.1.4, 2.1, latest
Directory: 2.1

Tags: 2.0.9, 2.0
Directory: 2.0
""",
    check=check,
    needs=("text", "previous"),
    before="""
Tags: 2.1.4, 2.1
Directory: 2.1

Tags: 2.0.9, 2.0, latest
Directory: 2.0
""",
)
