"""channel-mixed: stable entry with tags of a test channel."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.library.tags import EntryTags, Tag
from contrib.rules.library.context import LibraryContext, listed
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix

#: ``latest``, and ``stable`` with or without a variant.
_STABLE = re.compile(r"latest|stable(?:[-_].*)?")
_CHANNEL = re.compile(r"(?<![A-Za-z0-9])(?:alpha|beta|dev|nightly|canary)(?![A-Za-z0-9])", re.IGNORECASE)


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry."""
    for each in context.entries:
        named = {tag.text for tag in each.tags}
        plain = [tag for tag in each.tags if tag.version and len(tag.version) >= 3 and not _marked(tag)]
        stable = {text for text in named if _STABLE.fullmatch(text)}
        marked = [tag for tag in each.tags if _marked(tag)]
        if not marked or not stable or (not plain and not any(tag.version for tag in marked)):
            continue
        if not plain and not any(_CHANNEL.search(tag.text) for tag in marked):
            continue
        if not plain and all(tag.version for tag in marked) and stable == {"latest"}:
            continue  # latest-on-prerelease
        if all(not tag.version for tag in marked) and _caught_up(context, each, marked):
            continue
        texts = [tag.text for tag in marked]
        dropped = context.drop_tags(each.entry, texts)
        yield context.found(
            RULE,
            context.line_of_tag(each.entry, texts[0]),
            f"{listed(texts)} {'is' if len(texts) == 1 else 'are'} of a test channel, and "
            f"{listed(sorted(stable) + [tag.text for tag in plain[:1]])} of the stable one: they are tags of one build",
            fix=Fix("take the tags of the test channel out", dropped, safe=False) if dropped else None,
        )


def _caught_up(context: LibraryContext, each: EntryTags, marked: list[Tag]) -> bool:
    """Whether the channel had a prerelease of this very release before: now both are one."""
    return any(
        old.unstable and old.full[: len(each.full)] == each.full
        for tag in marked
        for old in context.tags_before.get(tag.text, ())
    )


def _marked(tag: Tag) -> bool:
    return bool(tag.marker or tag.tail or _CHANNEL.search(tag.text))


RULE = library_rule(
    id="channel-mixed",
    severity="warning",
    title="Stable entry with tags of a test channel",
    looks_for=(
        "An entry with a full version without marker, `latest` or `stable` also has a tag with a marker anywhere in it (`1.2.0-101.beta`), or a channel word (`beta`, `dev`, `nightly`) beside `latest` or `stable`."
    ),
    why=("Who asks for the test channel gets the stable release, or the other way round."),
    proof="tags",
    bad="""
Tags: 2.15.0-sdk, sdk, 2.15.0, latest, 2.15.0-101.3.beta-sdk, beta-sdk
""",
    good="""
Tags: 2.15.0-sdk, sdk, 2.15.0, latest

Tags: 2.16.0-101.3.beta-sdk, beta-sdk
Directory: beta
""",
    check=check,
    fix="ask",
)
