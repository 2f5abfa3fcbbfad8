"""What became of the version before: which entry an entry was, which lines of releases go on, which ended.

A *line* is a series by the file's own aliases (``4.3`` for ``4.3.3, 4.3, 4``); its *parent* is the line
without its last part, so lines of one major version are siblings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from contrib.library.diff import matched
from contrib.library.model import artifacts
from contrib.library.tags import RANKS, SUITES, EntryTags, Tag, Version, agree, comparable

if TYPE_CHECKING:
    from contrib.rules.library.context import LibraryContext


class Change:
    """The change from the previous version of a file to the present one."""

    def __init__(self, context: LibraryContext) -> None:
        self._context = context

    @cached_property
    def pairs(self) -> list[tuple[EntryTags, EntryTags]]:
        """(before, now) of the entries that were there before, by tags and kinship."""
        before = {id(each.entry): each for each in self._context.before}
        now = {id(each.entry): each for each in self._context.entries}
        found = matched([each.entry for each in before.values()], [each.entry for each in now.values()])
        return [(before[id(old)], now[id(new)]) for old, new in found]

    @cached_property
    def _old(self) -> dict[int, EntryTags]:
        return {id(new): old for old, new in self.pairs}

    @cached_property
    def _new(self) -> dict[int, EntryTags]:
        return {id(old): new for old, new in self.pairs}

    def old(self, each: EntryTags) -> EntryTags | None:
        """What an entry was before; None for a new one."""
        return self._old.get(id(each))

    def new(self, each: EntryTags) -> EntryTags | None:
        """What an entry of before is now; None for one that is gone."""
        return self._new.get(id(each))

    @cached_property
    def _unchanged(self) -> set[tuple[object, ...]]:
        return {
            (each.entry.tags, each.entry.shared_tags, artifacts(each.entry)) for each in self._context.before
        }

    def touched(self, each: EntryTags) -> bool:
        """Whether the change made or altered the entry."""
        return (each.entry.tags, each.entry.shared_tags, artifacts(each.entry)) not in self._unchanged

    # -- lines of releases -------------------------------------------------------------------------

    @cached_property
    def lines_before(self) -> dict[Version, list[EntryTags]]:
        """Lines of the stable entries of before, each with its entries."""
        return lines(self._context.before)

    @cached_property
    def lines_now(self) -> dict[Version, list[EntryTags]]:
        """The same of the present file."""
        return lines(self._context.entries)

    @cached_property
    def added(self) -> list[Version]:
        """Lines that no entry of before belongs to."""
        return [line for line in self.lines_now if not has_line(self._context.before, line)]

    @cached_property
    def ended(self) -> list[Version]:
        """Lines that no entry belongs to any more."""
        return [line for line in self.lines_before if not has_line(self._context.entries, line)]

    def replaced_by(self, line: Version) -> Version | None:
        """The line that a new one takes the place of: the highest of those that ended and are lower, of the same
        major version if one of them is, each for one new line alone."""
        lower = [old for old in self.ended if old < line and comparable(old, line)]
        best = max(lower, key=lambda old: (old[:-1] == line[:-1], old), default=None)
        if best is None or any(
            other != line
            and other > best
            and (other[:-1] == best[:-1], -other[0]) > (line[:-1] == best[:-1], -line[0])
            for other in self.added
        ):
            return None
        if any(best < other < line and other not in self.ended for other in self.lines_before):
            return None  # the lowest one went, and those between the two are still there
        return best

    @cached_property
    def stepped_back(self) -> list[tuple[Version, Version]]:
        """(before, now) of full versions whose whole family of entries goes back to a lower release."""
        fulls_before = {each.full for each in self._context.before if not each.unstable}
        fulls_now = {each.full for each in self._context.stable}
        found: dict[tuple[Version, Version], int] = {}
        for old, new in self.pairs:
            if (
                not old.unstable
                and not new.unstable
                and comparable(old.full, new.full)
                and new.full < old.full
                and not agree(new.full, old.full)
                and old.full not in fulls_now
                and new.full not in fulls_before
            ):
                found[old.full, new.full] = found.get((old.full, new.full), 0) + 1
        size = {full: sum(each.full == full for each in self._context.before) for full, _ in found}
        return [pair for pair, count in found.items() if count == size[pair[0]]]


def lines(entries: Iterable[EntryTags]) -> dict[Version, list[EntryTags]]:
    """Lines of the stable entries."""
    found: dict[Version, list[EntryTags]] = {}
    for each in entries:
        if not each.unstable and len(each.release) >= 2:
            found.setdefault(each.line, []).append(each)
    return found


def has_line(entries: Iterable[EntryTags], line: Version) -> bool:
    """Whether a version of an entry belongs to the line."""
    return any(
        tag.version[: len(line)] == line
        for each in entries
        for tag in each.tags
        if len(tag.version) >= len(line)
    )


def old_of(context: LibraryContext, each: EntryTags) -> EntryTags | None:
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


def mentioned(context: LibraryContext, gone: Iterable[str]) -> bool:
    """Whether the change's message names the architectures that are gone, or architectures at all."""
    text = (context.message or "").lower()
    words = {"arch", "architecture", "architectures", "32-bit", "32bit", "platform", "platforms"}
    names = set(gone) | {arch.removesuffix("v8").removesuffix("le") for arch in gone}
    return any(name in text for name in names | words) if text else False


def says_which(context: LibraryContext, moved: Iterable[str], others: Iterable[str]) -> bool:
    """Whether the change's first line names variants that moved, and none of the others: ``Release the Enterprise and
    Data Center editions``."""
    title = re.sub("[^a-z0-9]", "", (context.message or "").partition("\n")[0].lower())
    named = [
        [word for variant in variants for word in _LETTERS.findall(variant.lower()) if word in title]
        for variants in (moved, others)
    ]
    return bool(named[0]) and not named[1]


_LETTERS = re.compile("[a-z]{4,}")


def stable_series(entries: tuple[EntryTags, ...]) -> dict[Version, list[EntryTags]]:
    """Series of the stable entries."""
    found: dict[Version, list[EntryTags]] = {}
    for each in entries:
        if not each.unstable and len(each.full) >= 2:
            found.setdefault(each.series, []).append(each)
    return found


_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_SUITE = r"(?<![a-z])(?:" + "|".join(sorted(SUITES)) + r")(?![a-z])"
_SUITES = re.compile(_SUITE)
_BUILD = re.compile(r"^b?[0-9]+(?:-|$)")
_NUMBERED_SUITES = re.compile(_SUITE + r"-?[0-9.]*|(?<![a-z0-9])(?:ubi|ltsc)-?[0-9.]+")


_FULL = re.compile(r"(?<![0-9])[0-9]+(?:\.[0-9]+){2,}")


def shape(variant: str) -> str:
    """A variant without what changes from release to release: numbers, dates, builds and suites' names.

    >>> shape("alpine3.22"), shape("9-jdk-bookworm")
    ('@#', '#-jdk-@')
    """
    return _SUITES.sub("@", _NUMBERS.sub("#", variant))


def kind(variant: str) -> str:
    """A variant without the names and numbers of what it is built on, and without a build number before it; a
    runtime keeps its number, a full release in it (of a tool that it brings) does not.

    >>> kind("jdk17-alpine3.22"), kind("8-jdk21-noble"), kind("9-jdk-openj9-0.24.0")
    ('jdk17-@', 'jdk21-@', 'jdk-openj9-#')
    """
    return _FULL.sub("#", _NUMBERED_SUITES.sub("@", _BUILD.sub("", variant)))


def ranking(each: EntryTags) -> list[Tag]:
    """The entry's tags that rank it (``lts``, ``stable-alpine``)."""
    return [tag for tag in each.tags if not tag.version and rank_of(tag.text)]


def rank_of(text: str) -> str:
    """The ranking word that a word tag starts with, "" for none.

    >>> rank_of("lts-alpine"), rank_of("latest"), rank_of("alpine")
    ('lts', '', '')
    """
    word = re.split(r"[-_.]", text.lower())[0]
    return word if word in RANKS else ""
