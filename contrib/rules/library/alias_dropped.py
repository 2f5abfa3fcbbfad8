"""alias-dropped: alias lost."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, Tag, agree
from contrib.rules.library.context import Context, highest, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix, Severity


def check(context: Context) -> Iterator[Finding]:
    """One finding for all tags that an entry lost and another should have."""
    groups: dict[tuple[int, bool], tuple[EntryTags, EntryTags | None, list[str]]] = {}
    for text, holders in context.tags_before.items():
        if text in context.tags:
            continue
        old = holders[0]
        tag = next(tag for tag in old.tags if tag.text == text)
        heir = _heir(context, old, tag)
        if heir is None and (tag.version or any(char.isdigit() for char in text)):
            continue
        key = (id(old), heir is not None)
        groups.setdefault(key, (old, heir, []))[2].append(text)
    for _, heir, texts in groups.values():
        if heir is None:
            yield context.found(
                RULE, 1, f"{listed(texts)} {'is' if len(texts) == 1 else 'are'} gone", severity=Severity.NOTE
            )
            continue
        added = context.add_tags(heir.entry, texts)
        yield context.found(
            RULE,
            context.line(heir.entry),
            f"{listed(texts)} {'is' if len(texts) == 1 else 'are'} gone, and {named(heir)} goes on",
            fix=Fix(f"add {', '.join(texts)}", added, safe=False) if added else None,
        )


def _heir(context: Context, old: EntryTags, tag: Tag) -> EntryTags | None:
    """The entry that should have the tag now."""
    if tag.text == "latest":
        return highest(context.stable) or (context.entries[0] if context.entries else None)
    if tag.version:
        if tag.marker or len(tag.version) >= len(old.full):
            return None
        return highest(
            each
            for each in context.stable
            if agree(tag.version, each.full)
            and len(each.full) > len(tag.version)
            and tag.variant in each.full_variants
        )
    if any(char.isdigit() for char in tag.text):
        return None
    return highest(
        each
        for each in context.stable
        if any(other.version and other.variant == tag.text for other in each.tags)
    )


RULE = library_rule(
    id="alias-dropped",
    severity="warning",
    title="Alias lost",
    looks_for=(
        "A tag is gone from the file though what it stood for goes on: `latest`; an alias that a "
        "stable version of the same variant agrees with; a word `V` while `<version>-V` remains. "
        "Other word tags (code names, `rc`, `edge`) are a note."
    ),
    why=("The tag stays on Docker Hub as it is, and everybody who uses it gets no updates any more."),
    proof="@886b5b9 tags",
    bad="""
Tags: 1.2.4, 1.2, latest
""",
    good="""
Tags: 1.2.4, 1.2, 1, latest
""",
    check=check,
    fix="ask",
    needs=("text", "previous"),
    before="""
Tags: 1.2.3, 1.2, 1, latest
""",
)
