"""latest-not-highest: latest is not on the highest version."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import agree, comparable, dotted
from contrib.rules.library.context import Context, has_word, highest, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: Context) -> Iterator[Finding]:
    """The highest of those above the entry of ``latest``."""
    holders = context.tags.get("latest", [])
    if (
        not holders
        or has_word(holders[0], ("lts", "lta"))
        or any(has_word(each, ("lts",)) for each in holders)
    ):
        return
    variants: set[str] = set()
    for each in holders:
        variants |= each.full_variants
    if "" in variants:
        variants = {""}
    best = highest(
        each
        for each in context.stable
        if each not in holders
        and variants & each.full_variants
        and all(
            comparable(each.full, holder.full)
            and each.full > holder.full
            and not agree(each.full, holder.full)
            for holder in holders
        )
    )
    if best is None:
        return
    holder = holders[0]
    fix = None
    if len(holders) == 1 and "latest" in holder.entry.tags:
        moved = [
            tag.text
            for tag in holder.own
            if tag.text == "latest"
            or (tag.version and len(tag.version) < len(holder.full) and agree(tag.version, best.full))
        ]
        moved = [text for text in moved if text not in best.entry.all_tags]
        fix = context.move_tags(
            holder.entry, best.entry, moved, f"move {', '.join(moved)} to {best.entry.tags[0]}"
        )
    yield context.found(
        RULE,
        context.line_of_tag(holder.entry, "latest"),
        f"`latest` is on {dotted(holder.full) or named(holder)}, and {named(best)} "
        f"(line {context.line(best.entry)}) is higher",
        fix=fix,
    )


RULE = library_rule(
    id="latest-not-highest",
    severity="warning",
    title="latest is not on the highest version",
    looks_for=(
        "A stable entry without `latest` has a higher version that agrees with none of those with it, "
        "and a variant of theirs (the plain one where they have it). Not where a tag of the latter "
        "has the word `lts`."
    ),
    why=(
        "Mostly a new release came with its own tags and nobody moved `latest` and the shorter aliases to it."
    ),
    proof="@ba495f2 tags",
    bad="""
Tags: 2.1.0, 2.1
Directory: 2.1

Tags: 2.0.3, 2.0, 2, latest
Directory: 2.0
""",
    good="""
Tags: 2.1.0, 2.1, 2, latest
Directory: 2.1

Tags: 2.0.3, 2.0
Directory: 2.0
""",
    check=check,
    fix="ask",
)
