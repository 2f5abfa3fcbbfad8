"""version-bump-missed: one series left behind."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, Version, dotted
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding
from contrib.values.numbers import whole


def check(context: LibraryContext) -> Iterator[Finding]:
    """The newest releases are those of the table of products (endoflife.date)."""
    assert context.network is not None
    behind: list[tuple[EntryTags, Version]] = []
    current = 0
    seen: set[Version] = set()
    for each in context.stable:
        if len(each.full) < 2 or each.full in seen:
            continue
        seen.add(each.full)
        newest = context.network.newest(context.survey.repository, dotted(each.series))
        if newest is None:
            context.not_known(
                "network", f"the newest release of {context.survey.repository} {dotted(each.series)}"
            )
            continue
        version = tuple(part for each in newest.split(".") if (part := whole(each)) is not None)
        if version[: len(each.full)] > each.full:
            behind.append((each, version))
        elif version:
            current += 1
    if current:
        for each, version in behind:
            yield context.found(
                RULE,
                context.line(each.entry),
                f"{named(each)} is at {dotted(each.full)}, {dotted(version)} is out",
            )


RULE = library_rule(
    id="version-bump-missed",
    severity="note",
    title="One series left behind",
    looks_for=(
        "A release of the image's software that is newer than the entry's in its series, while other "
        "series of the file are at their newest."
    ),
    why=("Series of one image are mostly bumped together."),
    proof="tags",
    bad="""
Tags: 2.0.5
Directory: 2.0

Tags: 1.2.2
Directory: 1.2
""",
    good="""
Tags: 2.0.5
Directory: 2.0

Tags: 1.2.3
Directory: 1.2
""",
    check=check,
    needs=("text", "network"),
)
