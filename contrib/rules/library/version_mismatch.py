"""version-mismatch: dockerfile of another version."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.library.tags import EntryTags, Version, agree, dotted
from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import declared_versions
from contrib.values.findings import Finding

_NUMBERS = re.compile(r"(?<![0-9])[0-9]+(?:\.[0-9]+)+")


def check(context: LibraryContext) -> Iterator[Finding]:
    """Also called ``version-wrong``. One finding per entry."""
    for each in context.entries:
        if not each.full:
            continue
        declared = declared_versions(context, each)
        if not declared or any(_agrees(version, each) for version in declared):
            continue
        yield context.found(
            RULE,
            context.line(each.entry),
            f"{named(each)} says {dotted(each.full)}, its Dockerfile {listed([dotted(version) for version in declared], 3)}",
        )


def _agrees(version: Version, each: EntryTags) -> bool:
    if any(agree(version, tag.version) for tag in each.tags if len(tag.version) == len(each.full)):
        return True
    # What the Dockerfile declares may be what a qualifier names: 8u292-b10-jdk-openj9-0.26.0.
    return len(version) > 2 and any(dotted(version) in _NUMBERS.findall(tag.text) for tag in each.tags)


RULE = library_rule(
    id="version-mismatch",
    severity="error",
    title="Dockerfile of another version",
    looks_for=(
        "The version that the Dockerfile declares (`ENV` or `ARG` `*_VERSION`, or in the download) "
        "disagrees with the entry's full version; as many parts are compared as both have. Silent "
        "when none is declared."
    ),
    why=("The tags promise another version than is built."),
    proof="library",
    bad="""
Tags: 1.3.0, 1.3
Directory: 1.2
""",
    good="""
Tags: 1.2.3, 1.2
Directory: 1.2
""",
    check=check,
    needs=("text", "repository"),
)
