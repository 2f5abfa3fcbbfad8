"""file-field-missing: file is missing."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags
from contrib.rules.library.artifacts import qualifiers, same_artifacts, sets_file
from contrib.rules.library.change import shape
from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import sources
from contrib.values.findings import Finding, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """The special case of ``directory-variant``; and an entry that alone of its directory names no file."""
    told: set[int] = set()
    for first, second in same_artifacts(context):
        if not sets_file(context, second):
            continue
        told.add(id(second.entry))
        yield context.found(
            RULE,
            context.line(second.entry),
            f"{named(second)} is built from the same file as {named(first)} (line {context.line(first.entry)}); "
            f"other entries of `{second.entry.directory}` set File",
        )
    default = context.survey.header.file
    groups: dict[tuple[str, str], list[EntryTags]] = {}
    for each in context.written:
        # the directories of releases side by side are one: releases/1.4/full, releases/1.3/full
        groups.setdefault((each.entry.git_repo, shape(each.entry.directory)), []).append(each)
    for entries in groups.values():
        without = [each for each in entries if each.entry.file == default]
        files = {each.entry.file for each in entries} - {default}
        if len(without) != 1 or len(entries) < 3 or id(without[0].entry) in told:
            continue
        each = without[0]
        directory = each.entry.directory
        if "" in each.full_variants or not (_alike(each, entries) or _each_its_own(each, entries)):
            continue  # the plain one of the directory
        there = _there(context, each)
        if there:
            continue
        yield context.found(
            RULE,
            context.line(each.entry),
            f"{named(each)} has no File, and the others of `{directory}` have one ({listed(sorted(files), 2)})"
            + (
                f"; `{each.entry.dockerfile(each.entry.architectures[0])}` is not there"
                if there is False
                else ""
            ),
            severity=Severity.ERROR if there is False else None,
        )


def _alike(each: EntryTags, entries: list[EntryTags]) -> bool:
    """Whether another entry of the directory has a variant of the same shape."""
    shapes = {shape(variant) for other in entries if other is not each for variant in other.full_variants}
    return bool(shapes & {shape(variant) for variant in each.full_variants})


def _each_its_own(each: EntryTags, entries: list[EntryTags]) -> bool:
    """Whether each of the others has a file of its own, named for its variant: ``alpine.Dockerfile``."""
    others = [other for other in entries if other is not each]
    return (
        len({entry.entry.directory for entry in entries}) == 1
        and len({other.entry.file for other in others}) == len(others)
        and bool(qualifiers(each))
        and all(any(word in other.entry.file.lower() for word in qualifiers(other)) for other in others)
    )


def _there(context: LibraryContext, each: EntryTags) -> bool | None:
    """Whether the repository has the file that the entry names; None where it is not at hand."""
    if context.repositories is None:
        return None
    for source in sources(context):
        if source.each.entry.paragraphs == each.entry.paragraphs and source.view.has(source.commit):
            return source.dockerfile is not None
    return None


RULE = library_rule(
    id="file-field-missing",
    severity="warning",
    title="File is missing",
    looks_for=(
        "Two entries on Linux with equal repository, commit and `Directory`, neither with `File`, "
        "where other entries of that directory set it; or an entry without `File` beside others of its shape that "
        "all have one."
    ),
    why=(
        "The variants of the directory differ by their Dockerfile's name; without `File` both are the "
        "plain one."
    ),
    proof="library",
    bad="""
Tags: 1.2
Architectures: amd64
Directory: 1.2

Tags: 1.2-slim
Architectures: s390x
Directory: 1.2

Tags: 1.2-full
Directory: 1.2
File: Dockerfile.full
""",
    good="""
Tags: 1.2
Architectures: amd64
Directory: 1.2

Tags: 1.2-slim
Architectures: s390x
Directory: 1.2
File: Dockerfile.slim

Tags: 1.2-full
Directory: 1.2
File: Dockerfile.full
""",
    check=check,
)
