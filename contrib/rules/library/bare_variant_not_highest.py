"""bare-variant-not-highest: bare variant is not on the highest version."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, dotted
from contrib.rules.library.context import LibraryContext, has_word, listed, named, of_latest
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding for all bare variants that one entry should give to another."""
    for each in context.entries:
        if not each.full or has_word(each, ("lts", "lta")):
            continue
        wrong: dict[int, tuple[EntryTags, list[str]]] = {}
        for tag in each.tags:
            if tag.version or tag.text == "latest":
                continue
            best = context.higher(each, tag, tag.text)
            if best is not None and not of_latest(context, each, best) and not _waits(context, best):
                wrong.setdefault(id(best), (best, []))[1].append(tag.text)
        for best, texts in wrong.values():
            yield context.found(
                RULE,
                context.line_of_tag(each.entry, texts[0]),
                f"{listed(texts)} {'is' if len(texts) == 1 else 'are'} on {dotted(each.full)}, and {named(best)} "
                f"(line {context.line(best.entry)}) is higher",
                fix=context.move_tags(
                    each.entry, best.entry, texts, f"move {', '.join(texts)} to {best.entry.tags[0]}"
                ),
            )


def _waits(context: LibraryContext, best: EntryTags) -> bool:
    """Whether the change brings the release, and gives no word tag at all to it: it is there before they move."""
    return (
        context.previous is not None
        and all(each.full != best.full for each in context.before)
        and all(tag.version for each in context.stable if each.full == best.full for tag in each.tags)
    )


RULE = library_rule(
    id="bare-variant-not-highest",
    severity="warning",
    title="Bare variant is not on the highest version",
    looks_for=(
        "A word tag `V` on a version below the highest stable entry with `<version>-V`. Not where the "
        "entry has the word `lts` or `lta`."
    ),
    why=("`alpine` is `latest` on Alpine: it moves with it."),
    proof="tags",
    bad="""
Tags: 2.1.0-alpine
Directory: 2.1

Tags: 2.0.3-alpine, alpine
Directory: 2.0
""",
    good="""
Tags: 2.1.0-alpine, alpine
Directory: 2.1

Tags: 2.0.3-alpine
Directory: 2.0
""",
    check=check,
    fix="ask",
)
