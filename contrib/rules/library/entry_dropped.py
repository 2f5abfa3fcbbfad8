"""entry-dropped: series or variant gone."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, comparable, dotted
from contrib.library.writer import format_entry
from contrib.rules.library.change import shape, stable_series
from contrib.rules.library.context import Context, listed
from contrib.rules.library.define import library_rule
from contrib.values.findings import Edit, Finding, Fix, Severity


def check(context: Context) -> Iterator[Finding]:
    """One finding a series."""
    before, now = stable_series(context.before), stable_series(context.entries)
    added = [series for series in now if series not in before]
    for series, entries in before.items():
        if series not in now:
            if any(each.series == series for each in context.entries):
                continue
            lower = any(other < series and comparable(other, series) for other in now if other in before)
            # The one rolling series of a major version that becomes the next (26.6, 26.7) is none that is lost.
            parent = [other for other in before if other[:-1] == series[:-1]]
            rolled = series == max(parent) and any(
                other[:-1] == series[:-1] and other > series for other in added
            )
            if rolled:
                continue
            yield context.found(
                RULE,
                1,
                f"the series {dotted(series)} ({listed([each.entry.tags[0] for each in entries], 3)}) is gone",
                severity=None if lower and added else Severity.NOTE,
                fix=_restored(context, entries),
            )
            continue
        have = {shape(variant) for each in now[series] for variant in each.full_variants}
        # A variant that an entry lost while another of its variants goes on is an alias, not an entry.
        gone = sorted(
            variant
            for each in entries
            if not any(shape(variant) in have for variant in each.full_variants)
            for variant in each.full_variants
        )
        if not gone:
            continue
        others = {
            shape(v)
            for other, found in now.items()
            if other != series
            for each in found
            for v in each.full_variants
        }
        kept = [variant for variant in gone if shape(variant) in others]
        yield context.found(
            RULE,
            context.line(now[series][0].entry),
            f"{dotted(series)} has no variant {listed(kept or gone, 4)} any more"
            + (", other series have" if kept else ""),
            severity=None if kept else Severity.NOTE,
        )


def _restored(context: Context, entries: list[EntryTags]) -> Fix | None:
    """Offer to put the entries back, at the end; None where one of their tags is taken."""
    if any(tag in context.tags for each in entries for tag in each.entry.tags):
        return None
    end = len(context.survey.data)
    blocks = [format_entry(each.entry, context.survey.header) for each in entries]
    text = "".join(f"\n{block}\n" for block in blocks).encode("utf-8", "surrogateescape")
    if not context.survey.data.endswith(b"\n"):
        text = b"\n" + text
    return Fix("put them back", (Edit(end, end, text),), safe=False)


RULE = library_rule(
    id="entry-dropped",
    severity="warning",
    title="Series or variant gone",
    looks_for=(
        "A series or one of its variants vanishes: a warning when a lower series stays and a new one "
        "is added, or other series keep that variant; else a note."
    ),
    why=("Many are right (end of life). The others are entries that a generator or a merge lost."),
    proof="@e04c58b",
    bad="""
Tags: 1.4.0
Directory: 1.4

Tags: 1.3.0
Directory: 1.3

Tags: 1.1.9
Directory: 1.1
""",
    good="""
Tags: 1.4.0
Directory: 1.4

Tags: 1.3.0
Directory: 1.3

Tags: 1.2.9
Directory: 1.2

Tags: 1.1.9
Directory: 1.1
""",
    check=check,
    fix="ask",
    needs=("text", "previous"),
    before="""
Tags: 1.3.0
Directory: 1.3

Tags: 1.2.8
Directory: 1.2

Tags: 1.1.9
Directory: 1.1
""",
)
