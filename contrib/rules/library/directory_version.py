"""directory-version: directory of another version."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import dotted
from contrib.rules.library.artifacts import (
    contradicts,
    same_artifacts,
    wrong_marker,
    wrong_number,
    wrong_version,
)
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry."""
    covered = {id(odd) for pair in same_artifacts(context) if (odd := contradicts(*pair)) is not None}
    for each in context.written:
        if id(each) in covered:
            continue  # directory-variant
        directory = each.entry.directory
        wrong = wrong_version(each, directory)
        word = None if wrong else wrong_number(each, directory) or wrong_marker(each, directory)
        if wrong is None and word is None:
            continue
        if wrong is not None:
            fix = None
            field = context.field(each.entry, "Directory")
            right = directory.replace(wrong, dotted(each.full[: wrong.count(".") + 1]))
            if field is not None and len(each.full) > wrong.count("."):
                fix = Fix(f"write {right}", (context.replace_value(field, right),), safe=False)
            message = f"Directory `{directory}` has version {wrong}, the tags of {named(each)} have {dotted(each.full)}"
        else:
            fix = None
            message = f"Directory `{directory}` has `{word}`, the tags of {named(each)} have another number"
        yield context.found(RULE, context.line(each.entry, "Directory"), message, fix=fix)


RULE = library_rule(
    id="directory-version",
    severity="warning",
    title="Directory of another version",
    looks_for=(
        "A dotted version in `Directory` that agrees with no version in the tags (a longer one must "
        "begin with the full version), or a word with a number at its end (`server8`) that a tag has "
        "with another number. Numbers of distributions and qualifiers (`ubuntu/24.04`, `jdk17`) are "
        "not versions."
    ),
    why=("The entry was copied for a new version and its directory was not changed."),
    proof="@7a750df library",
    bad="""
Tags: 1.3.1, 1.3
Directory: 1.2/debian
""",
    good="""
Tags: 1.3.1, 1.3
Directory: 1.3/debian
""",
    check=check,
    fix="ask",
)
