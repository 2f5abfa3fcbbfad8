"""tags-moved-alone: tags move to a new release, the sources stay."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.model import artifacts
from contrib.library.tags import EntryTags, dotted
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import sources
from contrib.values.findings import Finding, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """With the repository at hand, the Dockerfile's version is compared instead."""
    for each in context.entries:
        old = context.change.old(each)
        if (
            old is None
            or not each.full
            or len(each.full) != len(old.full)
            or (each.full, each.marker) == (old.full, old.marker)
            or artifacts(each.entry) != artifacts(old.entry)
            or any((tag.version, tag.marker) == (old.full, old.marker) for tag in each.tags)
            or _from_itself(context, each)
            or _customary(context)
        ):
            continue
        others = _moved_with_it(context, each, old)
        yield context.found(
            RULE,
            context.line(each.entry),
            f"the tags of {named(each)} move from {_release(old)} to {_release(each)}, the sources stay at "
            f"{each.entry.git_commit[:12]}"
            + (f"; those of {named(others)} move with the tags" if others is not None else ""),
            severity=None if others is None else Severity.WARNING,
        )


def _release(each: EntryTags) -> str:
    return dotted(each.full) + (f"-{each.marker}" if each.marker else "")


def _moved_with_it(context: LibraryContext, each: EntryTags, old: EntryTags) -> EntryTags | None:
    """Another entry that makes the same step, and with another commit. An entry may start from one of its release
    and suite (``3.13-management`` from ``3.13``); it cannot start from one of another suite."""
    moved = [
        other
        for other in context.entries
        if other is not each
        and (was := context.change.old(other)) is not None
        and (was.full, other.full) == (old.full, each.full)
        and artifacts(was.entry) != artifacts(other.entry)
    ]
    return (
        moved[0] if moved and each.suites and not any(each.suites & other.suites for other in moved) else None
    )


def _from_itself(context: LibraryContext, each: EntryTags) -> bool:
    """Whether the repository answers the question: its Dockerfile starts from the image itself, or is read."""
    if context.repositories is None:
        return False
    found = [source for source in sources(context) if source.each is each and source.bases is not None]
    name = context.survey.repository
    return any(
        base.partition(":")[0] == name
        for source in found
        for base in (source.bases.froms if source.bases else ())
    )


def _customary(context: LibraryContext) -> bool:
    """Whether the file has moved tags like that before."""
    past = context.past
    if past is None or context.previous is None:
        return False
    newer = {artifacts(each.entry): each.full for each in context.before if each.full}
    for file in past:
        older = {}
        for entry in file.entries:
            each = EntryTags(entry)
            if each.full:
                older[artifacts(entry)] = each.full
        if any(newer.get(key, full) != full for key, full in older.items()):
            return True
        newer = older
    return False


RULE = library_rule(
    id="tags-moved-alone",
    severity="note",
    title="Tags move to a new release, the sources stay",
    looks_for=(
        "An entry's full version changes, and its commit, directory and file do not. Not where the entry starts from a tag of its own image, or where the file has moved like that before. A warning where entries of other suites make the same step with another commit."
    ),
    why=("The new tags would be put on the old build."),
    proof="tags",
    bad="""
Tags: 1.2.4, 1.2
""",
    good="""
Tags: 1.2.4, 1.2
GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b
""",
    check=check,
    needs=("text", "previous"),
    before="""
Tags: 1.2.3, 1.2
""",
)
