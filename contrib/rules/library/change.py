"""What rules ask of a change: which entry an entry was before."""

from __future__ import annotations

import re

from contrib.library.tags import SUITES, EntryTags, Version
from contrib.rules.library.context import Context


def old_of(context: Context, each: EntryTags) -> EntryTags | None:
    """The entry that ``each`` was before: of the same series, with most tags in common."""
    counts: dict[int, int] = {}
    holders: dict[int, EntryTags] = {}
    for text in each.entry.all_tags:
        for old in context.tags_before.get(text, ()):
            if each.full and old.full and old.series != each.series:
                continue
            counts[id(old)] = counts.get(id(old), 0) + 1
            holders[id(old)] = old
    if not counts:
        return None
    return holders[max(counts, key=lambda key: counts[key])]


def stable_series(entries: tuple[EntryTags, ...]) -> dict[Version, list[EntryTags]]:
    """Series of the stable entries."""
    found: dict[Version, list[EntryTags]] = {}
    for each in entries:
        if not each.unstable and len(each.full) >= 2:
            found.setdefault(each.series, []).append(each)
    return found


_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_SUITES = re.compile(r"(?<![a-z])(?:" + "|".join(sorted(SUITES)) + r")(?![a-z])")


def shape(variant: str) -> str:
    """A variant without what changes from release to release: numbers, dates, builds and suites' names.

    >>> shape("alpine3.22"), shape("9-jdk-bookworm")
    ('@#', '#-jdk-@')
    """
    return _SUITES.sub("@", _NUMBERS.sub("#", variant))
