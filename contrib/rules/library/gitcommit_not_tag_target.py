"""gitcommit-not-tag-target: release's tag points to another commit."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import dotted
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """A commit before the tag is what ``GitFetch`` is for: only a tag of the entry's own version counts."""
    assert context.network is not None
    for each in context.entries:
        kind, _, tag = each.entry.git_fetch.removeprefix("refs/").partition("/")
        if kind != "tags" or not each.full or dotted(each.full) not in tag:
            continue
        commit = context.network.tag_commit(each.entry.git_repo, tag)
        if commit is None:
            context.not_known("network", f"where the tag {tag} of {each.entry.git_repo} points")
        elif commit and commit != each.entry.git_commit:
            yield context.found(
                RULE,
                context.line(each.entry, "GitCommit"),
                f"the tag {tag} of {each.entry.git_repo} points to {commit[:12]}, {named(each)} has {each.entry.git_commit[:12]}",
            )


RULE = library_rule(
    id="gitcommit-not-tag-target",
    severity="warning",
    title="Release's tag points to another commit",
    looks_for=(
        "`GitFetch` is a tag of the image's repository, which there points to another commit than "
        "`GitCommit`."
    ),
    why=("The tag was moved, or the commit is not the release's."),
    proof="library",
    bad="""
Tags: 1.2.3
GitFetch: refs/tags/v1.2.3
GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b
""",
    good="""
Tags: 1.2.3
GitFetch: refs/tags/v1.2.3
""",
    check=check,
    needs=("text", "network"),
)
