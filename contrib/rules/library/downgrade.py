"""downgrade: alias moves down."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, agree, comparable, dotted
from contrib.rules.library.context import Context, listed
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: Context) -> Iterator[Finding]:
    """One finding for all aliases of an entry."""
    groups: dict[int, tuple[EntryTags, EntryTags, list[str]]] = {}
    for text, holders in context.tags.items():
        before = context.tags_before.get(text)
        now = holders[0]
        if not before or now.unstable or before[0].unstable or not now.full or not before[0].full:
            continue
        tag = next(tag for tag in now.tags if tag.text == text)
        if tag.version == now.full or not comparable(now.full, before[0].full):
            continue
        if now.full < before[0].full and not agree(now.full, before[0].full):
            groups.setdefault(id(now), (now, before[0], []))[2].append(text)
    for now, old, texts in groups.values():
        yield context.found(
            RULE,
            context.line_of_tag(now.entry, texts[0]),
            f"{listed(texts)} {'moves' if len(texts) == 1 else 'move'} down from {dotted(old.full)} to {dotted(now.full)}",
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
