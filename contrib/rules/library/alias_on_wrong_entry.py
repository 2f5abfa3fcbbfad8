"""alias-on-wrong-entry: ranking word on a lower version."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, comparable, dotted
from contrib.rules.library.context import Context, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding

_RANKS = ("lts", "legacy", "stable", "mainline", "current", "oldstable", "maintenance")


def check(context: Context) -> Iterator[Finding]:
    """Of the words alone, without variants."""
    where: dict[str, EntryTags] = {}
    was: dict[str, EntryTags] = {}
    for word in _RANKS:
        if word not in context.tags or word not in context.tags_before:
            continue
        where[word], was[word] = context.tags[word][0], context.tags_before[word][0]
        now, before = where[word].full, was[word].full
        if now and before and comparable(now, before) and now < before:
            yield context.found(
                RULE,
                context.line_of_tag(where[word].entry, word),
                f"`{word}` moves down from {dotted(before)} to {dotted(now)}",
            )
    words = list(where)
    for i, one in enumerate(words):
        for two in words[i + 1 :]:
            if where[one] is where[two] and was[one] is not was[two]:
                yield context.found(
                    RULE,
                    context.line_of_tag(where[two].entry, two),
                    f"`{one}` and `{two}` come together on {named(where[one])}",
                )


RULE = library_rule(
    id="alias-on-wrong-entry",
    severity="note",
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
