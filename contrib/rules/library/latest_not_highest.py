"""latest-not-highest: latest is not on the highest version."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, agree, dotted
from contrib.rules.library.change import ranking
from contrib.rules.library.context import LibraryContext, above_latest, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """The highest of those above the entry of ``latest``."""
    found = above_latest(context)
    if found is None:
        return
    holder, best = found
    severity = None
    if ranking(holder) or ranking(best):
        severity = Severity.NOTE  # mainline and stable, lts and current: the words say who has latest
    elif context.previous is not None and _appears(context, best) and not _overtaken(context, holder, best):
        # The next release may be there before latest moves: told where it looks like what has latest now.
        if not _at_once(context):
            if not _same_ladder(holder, best):
                return
        else:
            severity = Severity.NOTE
    elif context.previous is not None and _stood(context, holder, best):
        severity = Severity.NOTE  # the change moved no alias between the two
    fix = None
    if len(context.tags["latest"]) == 1 and "latest" in holder.entry.tags:
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
        severity=severity,
        fix=fix,
    )


def _appears(context: LibraryContext, best: EntryTags) -> bool:
    """Whether the change brings the release."""
    return all(each.full != best.full or each.unstable for each in context.before)


def _stood(context: LibraryContext, holder: EntryTags, best: EntryTags) -> bool:
    """Whether both releases were there before, and ``latest`` was on the lower one: in another suite, say."""
    before = context.tags_before.get("latest", ())
    return any(each.full == holder.full for each in before) and not _appears(context, best)


def _overtaken(context: LibraryContext, holder: EntryTags, best: EntryTags) -> bool:
    """Whether the new release is of the same series, or took another alias of the one that has ``latest``."""
    if len(best.full) >= 3 and best.full[:-1] == holder.full[:-1]:
        return True
    was = {id(each) for each in context.tags_before.get("latest", ())}
    return any(
        tag.text != "latest" and any(id(each) in was for each in context.tags_before.get(tag.text, ()))
        for tag in best.tags
    )


def _same_ladder(holder: EntryTags, best: EntryTags) -> bool:
    """Whether the two are releases of three parts with all shorter aliases: 9.1.0, 9.1, 9 and 8.3.0, 8.3, 8."""
    ladders = [
        {len(tag.version) for tag in each.tags if tag.version and tag.variant in each.full_variants}
        for each in (holder, best)
    ]
    return all({1, 2, 3} <= ladder for ladder in ladders)


def _at_once(context: LibraryContext) -> bool:
    """Whether the file's past gave ``latest`` to a new highest release in the change that brought it."""
    past = context.past
    if not past:
        return False
    seen: dict[str, bool] = {}
    for file in reversed(past):
        best = max(
            (each for entry in file.entries if (each := EntryTags(entry)).full and not each.unstable),
            key=lambda each: each.full,
            default=None,
        )
        if best is not None:
            seen.setdefault(
                dotted(best.full),
                any(
                    "latest" in entry.all_tags for entry in file.entries if EntryTags(entry).full == best.full
                ),
            )
    return len(seen) > 2 and all(seen.values())


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
