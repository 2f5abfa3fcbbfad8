"""prerelease-left: prerelease beside the one that replaces it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.library.tags import EntryTags, dotted
from contrib.rules.library.change import kind
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding

_RANK = {
    "dev": 0,
    "snapshot": 0,
    "ea": 1,
    "preview": 1,
    "pre": 1,
    "a": 2,
    "alpha": 2,
    "m": 2,
    "b": 3,
    "beta": 3,
    "rc": 4,
}
_MARKER = re.compile(r"([a-z]+)([0-9.]*)")


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry that is behind."""
    fulls = {(each.full, _marker(each)) for each in context.before}
    for each in context.entries:
        if not each.full or not _marker(each):
            continue
        later = [
            other
            for other in context.entries
            if other is not each
            and other.full[: len(each.full)] == each.full
            and _order(other) > _order(each)
            and _kinds(other) & _kinds(each)
        ]
        if not later:
            continue
        newest = max(later, key=_order)
        if context.previous is not None and (newest.full, _marker(newest)) in fulls:
            continue
        yield context.found(
            RULE,
            context.line(each.entry),
            f"{named(each)} is behind {named(newest)} (line {context.line(newest.entry)}) of the same version "
            f"{dotted(each.full)}: was it to go?",
        )


def _marker(each: EntryTags) -> str:
    return each.marker or next((tag.tail for tag in each.tags if tag.version == each.full and tag.tail), "")


def _order(each: EntryTags) -> tuple[int, tuple[int, ...]]:
    marker = _marker(each)
    found = _MARKER.match(marker)
    if found is None:
        return (9, ()) if not each.unstable else (-1, ())
    numbers = tuple(int(part) for part in found[2].split(".") if part)
    return _RANK.get(found[1], 2), numbers


def _kinds(each: EntryTags) -> set[str]:
    return {kind(variant) for variant in each.full_variants}


RULE = library_rule(
    id="prerelease-left",
    severity="note",
    title="Prerelease beside the one that replaces it",
    looks_for=(
        "An entry with a marker whose version has a later marker (`beta.1` after `alpha.1`, `rc2` after `rc1`), or a release, on another entry of the same variant. Against the version before only where the change adds the later one."
    ),
    why=("Candidates are taken out when the next one, or the release, is there."),
    proof="tags",
    bad="""
Tags: 3.0.0-beta.1
Directory: b

Tags: 3.0.0-alpha.1
Directory: a
""",
    good="""
Tags: 3.0.0-beta.1
Directory: b
""",
    check=check,
)
