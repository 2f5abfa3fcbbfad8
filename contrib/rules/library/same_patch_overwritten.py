"""same-patch-overwritten: published version built from other sources."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.library.tags import EntryTags, Version, dotted
from contrib.rules.library.artifacts import wrong_version
from contrib.rules.library.change import old_of, says_which
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """A commit that changes alone is no finding: rebuilds do that all the time."""
    versions = {each.full for each in context.before}
    bumped: dict[str, tuple[EntryTags, EntryTags]] = {}
    for each in context.entries:
        if each.full and each.full not in versions:
            was = old_of(context, each)
            if was is not None:
                bumped.setdefault(each.entry.git_commit, (each, was))
    for each in context.entries:
        old = old_of(context, each)
        if (
            old is None
            or not each.full
            or old.full != each.full
            or old.entry.git_commit == each.entry.git_commit
        ):
            continue
        if old.full_variants != each.full_variants:
            continue
        sibling, sibling_was = bumped.get(each.entry.git_commit, (None, None))
        # The older release may stay beside the newer one, in an entry of its own: then they have one variant.
        same_series = (
            sibling is not None
            and sibling_was is not None
            and sibling_was.full == each.full
            and not sibling.full_variants & each.full_variants
            and not says_which(context, sibling.full_variants, each.full_variants)
            and not _of_the_whole_file(context, each)
            and not any(
                other.full == sibling.full and other.full_variants & each.full_variants
                for other in context.entries
            )
        )
        name = each.entry.git_fetch.split("/", 2)[-1]
        wrong = wrong_version(each, name) if old.entry.git_fetch != each.entry.git_fetch else None
        said = _said(context, each)
        if wrong is not None:
            reason = f"GitFetch names {wrong}"
        elif sibling is not None and same_series:
            reason = f"{named(sibling)} moved to {dotted(sibling.full)} with the same commit"
        elif said:
            reason = f"the message of the change says {dotted(said)}, which no tag has"
        else:
            continue
        yield context.found(
            RULE,
            context.line(each.entry),
            f"{named(each)} stays at {dotted(each.full)} with another commit, and {reason}",
        )


def _of_the_whole_file(context: LibraryContext, each: EntryTags) -> bool:
    """Whether entries of other series, which stay too, go to the same commit: it says nothing of this one."""
    return any(
        other.series != each.series
        and other.entry.git_commit == each.entry.git_commit
        and (old := old_of(context, other)) is not None
        and old.full == other.full
        and old.entry.git_commit != other.entry.git_commit
        for other in context.entries
        if other.full
    )


def _said(context: LibraryContext, each: EntryTags) -> Version:
    """The higher release of the entry's series that the change's first line names and no tag has; () for none."""
    title = (context.message or "").partition("\n")[0]
    versions = {tuple(map(int, match[0].split("."))) for match in _VERSION.finditer(title)}
    there = {tag.version for other in context.entries for tag in other.tags}
    return max(
        (
            version
            for version in versions - there
            if len(version) == len(each.full) > 2 and version[:-1] == each.series and version > each.full
        ),
        default=(),
    )


_VERSION = re.compile(r"(?<![0-9.])[0-9]+(?:\.[0-9]+){2,}(?![0-9]|\.[0-9]|-?(?:rc|beta|alpha))")


RULE = library_rule(
    id="same-patch-overwritten",
    severity="warning",
    title="Published version built from other sources",
    looks_for=(
        "`GitCommit` changes and the full version's tags do not, and `GitFetch` names another "
        "version, or a sibling moved to a new version in the same change with the same commit, or the first line of "
        "the change's message names a higher release of the series that no tag has."
    ),
    why=(
        "A version that is out is built again from another version's sources: the entry's tags were "
        "forgotten."
    ),
    proof="tags",
    bad="""
Tags: 1.2.3, 1.2
GitFetch: refs/tags/v1.2.4
GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b
Directory: a
""",
    good="""
Tags: 1.2.4, 1.2
GitFetch: refs/tags/v1.2.4
GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b
Directory: a
""",
    check=check,
    needs=("text", "previous"),
    before="""
Tags: 1.2.3, 1.2
GitFetch: refs/tags/v1.2.3
Directory: a
""",
)
