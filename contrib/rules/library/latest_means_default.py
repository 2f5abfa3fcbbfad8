"""latest-means-default: the word latest in other capitals."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """What the CI's check, which is case-sensitive, lets through."""
    for tag, holders in context.tags.items():
        if "latest" in tag.lower() and "latest" not in tag:
            yield context.found(
                RULE,
                context.line_of_tag(holders[0].entry, tag),
                f"`{tag}` holds the word latest, which only the tag `latest` has",
            )


RULE = library_rule(
    id="latest-means-default",
    severity="error",
    title="The word latest in other capitals",
    looks_for=(
        "A tag that holds the word `latest` in other capitals (`Latest`). The word in small letters "
        "is `latest-in-tag`."
    ),
    why=(
        "`latest` is what a user should get who names nothing: the newest stable or long-term "
        "release. No other tag holds the word."
    ),
    proof="tags",
    bad="""
Tags: 1.2, Latest
""",
    good="""
Tags: 1.2, latest
""",
    check=check,
)
