"""alias-not-highest: alias is not on the highest version."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, Version, dotted
from contrib.rules.library.context import LibraryContext, listed, named, of_latest
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding for all aliases that one entry should give to another."""
    by_full: dict[Version, set[Version]] = {}
    for each in context.stable:
        by_full.setdefault(each.series, set()).add(each.full)
    for each in context.entries:
        wrong: dict[int, tuple[EntryTags, list[str]]] = {}
        for tag in each.tags:
            if not tag.version or tag.marker or len(tag.version) >= len(each.full):
                continue
            best = context.higher(each, tag, tag.variant)
            if best is not None and not of_latest(context, each, best):
                wrong.setdefault(id(best), (best, []))[1].append(tag.text)
        for best, texts in wrong.values():
            several = len(by_full.get(best.series, ())) >= 3
            yield context.found(
                RULE,
                context.line_of_tag(each.entry, texts[0]),
                f"{listed(texts)} {'is' if len(texts) == 1 else 'are'} on {dotted(each.full)}, and {named(best)} "
                f"(line {context.line(best.entry)}) is higher",
                severity=Severity.NOTE if several else None,
                fix=context.move_tags(
                    each.entry, best.entry, texts, f"move {', '.join(texts)} to {best.entry.tags[0]}"
                ),
            )


RULE = library_rule(
    id="alias-not-highest",
    severity="warning",
    title="Alias is not on the highest version",
    looks_for=(
        "A shorter version (`1.2`, `1-alpine`) on an entry while a stable one of the same variant "
        "that agrees with it has a higher full version. A note where a series has three stable full "
        "versions or more."
    ),
    why=("Each step of the ladder belongs to the highest of its series."),
    proof="tags",
    bad="""
Tags: 1.3.0, 1.3
Directory: 1.3

Tags: 1.2.4, 1.2, 1
Directory: 1.2
""",
    good="""
Tags: 1.3.0, 1.3, 1
Directory: 1.3

Tags: 1.2.4, 1.2
Directory: 1.2
""",
    check=check,
    fix="ask",
)
