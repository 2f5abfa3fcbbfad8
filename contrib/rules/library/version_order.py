"""version-order: series in two places of the file."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, Version, dotted
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """A series whose variant runs interleave with another's is ordered by variant, which is an order too."""
    entries = [each for each in context.stable if len(each.full) >= 3]
    variants_first = _ordered_by_variant(entries)
    ended: dict[Version, EntryTags] = {}
    last: Version | None = None
    told: set[Version] = set()
    for each in entries:
        if last is not None and each.series != last:
            ended.setdefault(last, each)
        if each.series in ended and each.series not in told and not variants_first:
            told.add(each.series)
            yield context.found(
                RULE,
                context.line(each.entry),
                f"entries of {dotted(each.series)} stand in two places, with {named(ended[each.series])} "
                f"(line {context.line(ended[each.series].entry)}) between them",
            )
        last = each.series


def _ordered_by_variant(entries: list[EntryTags]) -> bool:
    seen: set[Version] = set()
    last: Version | None = None
    again = 0
    for each in entries:
        if each.series != last and each.series in seen:
            again += 1
        seen.add(each.series)
        last = each.series
    return again > 2


RULE = library_rule(
    id="version-order",
    severity="note",
    title="Series in two places of the file",
    looks_for=("The entries of a stable series stand in two separate runs."),
    why=("Reviewers compare the entries of a series with one another."),
    proof="library",
    bad="""
Tags: 1.3.1
Directory: 1.3

Tags: 1.2.4
Directory: 1.2

Tags: 1.3.1-alpine
Directory: 1.3/alpine
""",
    good="""
Tags: 1.3.1
Directory: 1.3

Tags: 1.3.1-alpine
Directory: 1.3/alpine

Tags: 1.2.4
Directory: 1.2
""",
    check=check,
)
