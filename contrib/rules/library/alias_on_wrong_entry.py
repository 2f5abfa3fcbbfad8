"""alias-on-wrong-entry: ranking word on a lower version."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, comparable, dotted
from contrib.rules.library.change import has_line
from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Severity

#: Words of an older line, which moves up as the newer one does; and words that a first release waits for.
_WAITING = frozenset(("lts", "stable"))
_WORDS = ("lts", "legacy", "stable", "mainline", "current", "old", "oldstable", "innovation", "maintenance")


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry, of the words alone: their variants go with them."""
    wrong: dict[int, tuple[EntryTags, list[str], str]] = {}
    severities: dict[int, Severity] = {}
    for word in _WORDS:
        if word not in context.tags or word not in context.tags_before:
            continue
        now, before = context.tags[word][0], context.tags_before[word][0]
        if not now.full or not before.full or not comparable(now.full, before.full) or now.unstable:
            continue
        if now.full < before.full:
            wrong.setdefault(id(now), (now, [], f"down from {dotted(before.full)}"))[1].append(word)
            if not has_line(context.entries, before.line):
                severities[id(now)] = Severity.NOTE  # the series that had it has ended
        elif (
            word in _WAITING
            and now.line in context.change.added
            and has_line(context.entries, before.line)
            and now.line != before.line
            and not _with_latest(context, before, now)
        ):
            wrong.setdefault(
                id(now), (now, [], f"to a series at its first release, and {dotted(before.line)} goes on")
            )[1].append(word)
            if not _first_release(context, now) or "latest" in now.entry.all_tags:
                severities[id(now)] = Severity.NOTE  # 20.9 after 20.8: the file may count majors
    for now, words, how in wrong.values():
        yield context.found(
            RULE,
            context.line_of_tag(now.entry, words[0]),
            f"{listed(words)} {'moves' if len(words) == 1 else 'move'} {how} and {'is' if len(words) == 1 else 'are'} "
            f"on {named(now)}",
            severity=severities.get(id(now)),
        )


def _with_latest(context: LibraryContext, before: EntryTags, now: EntryTags) -> bool:
    """Whether the word went on together with ``latest``, or ``latest`` is gone."""
    holders = context.tags.get("latest", [])
    return "latest" in before.entry.all_tags and not any(
        holder.line == before.line != now.line for holder in holders
    )


def _first_release(context: LibraryContext, now: EntryTags) -> bool:
    """Whether the series is new, and not the next step of one that ended (20.9 after 20.8)."""
    change = context.change
    return now.line in change.added and not any(
        old[:-1] == now.line[:-1] and old < now.line for old in change.ended
    )


RULE = library_rule(
    id="alias-on-wrong-entry",
    severity="warning",
    title="Ranking word on a lower version",
    looks_for=(
        "A word that ranks releases (`lts`, `legacy`, `stable`) moves to a lower version, or two such "
        "words that stood apart come together."
    ),
    why=("Mostly two lines were exchanged."),
    proof="tags",
    bad="""
Tags: 3.0.0
Directory: 3.0

Tags: 2.0.4, lts
Directory: 2.0
""",
    good="""
Tags: 3.0.0, lts
Directory: 3.0

Tags: 2.0.4
Directory: 2.0
""",
    check=check,
    needs=("text", "previous"),
    before="""
Tags: 3.0.0, lts
Directory: 3.0

Tags: 2.0.4
Directory: 2.0
""",
)
