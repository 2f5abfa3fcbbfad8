"""downgrade: alias moves down."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, comparable, dotted
from contrib.rules.library.change import rank_of
from contrib.rules.library.context import LibraryContext, listed
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding for a family that steps back; else one for all aliases of an entry."""
    told: set[int] = set()
    for before, now in context.change.stepped_back:
        family = [each for each in context.stable if each.full == now]
        told |= {id(each) for each in family}
        commits = {each.entry.git_commit for each in context.before}
        fresh = all(each.entry.git_commit not in commits for each in family)
        returned = context.past is not None and any(
            each.entry.git_commit == entry.git_commit
            for each in family
            for file in context.past
            for entry in file.entries
        )
        wrong = fresh and not returned and len(family) > 1
        yield context.found(
            RULE,
            context.line(family[0].entry),
            f"{listed([each.entry.tags[0] for each in family], 3)}: all entries of {dotted(before)} step back to "
            f"{dotted(now)}" + (", while their commit moves on" if wrong else ""),
            severity=Severity.WARNING if wrong else None,
        )
    groups: dict[int, tuple[EntryTags, EntryTags, list[str]]] = {}
    for text, holders in context.tags.items():
        old = context.tags_before.get(text)
        here = holders[0]
        if (
            not old
            or here.unstable
            or old[0].unstable
            or not here.full
            or not old[0].full
            or id(here) in told
        ):
            continue
        tag = next(tag for tag in here.tags if tag.text == text)
        if tag.version == here.full or not comparable(here.full, old[0].full) or rank_of(text):
            continue
        if here.full < old[0].full and here.full != old[0].full[: len(here.full)]:
            groups.setdefault(id(here), (here, old[0], []))[2].append(text)
    for here, was, texts in groups.values():
        yield context.found(
            RULE,
            context.line_of_tag(here.entry, texts[0]),
            f"{listed(texts)} {'moves' if len(texts) == 1 else 'move'} down from {dotted(was.full)} to {dotted(here.full)}",
        )


RULE = library_rule(
    id="downgrade",
    severity="note",
    title="Alias moves down",
    looks_for=("An alias moves to a lower stable version of the same variant."),
    why=("Right after a bad release, wrong at any other time."),
    proof="tags",
    bad="""
Tags: 1.2.3, 1.2
""",
    good="""
Tags: 1.2.5, 1.2
""",
    check=check,
    needs=("text", "previous"),
    before="""
Tags: 1.2.4, 1.2
""",
)
