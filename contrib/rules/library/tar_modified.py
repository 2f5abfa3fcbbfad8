"""tar-modified: large archive modified in place."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import Source, sources
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """Size over 2 in whole MiB, as naughty-commits.sh counts; each file once."""
    views: dict[int, list[Source]] = {}
    for source in sources(context):
        if source.view.has(source.commit):
            views.setdefault(id(source.view), []).append(source)
    for found in views.values():
        view = found[0].view
        commits = list(dict.fromkeys(source.commit for source in found))
        for commit, path, size in view.modified_archives(commits):
            if size // 1024 // 1024 <= 2:
                continue
            source = next(
                (each for each in found if view.reachable(commit, each.commit) is not False), found[0]
            )
            yield context.found(
                RULE,
                source.line(context, "GitCommit"),
                f"the history of {source.commit[:12]} modifies `{path}` ({size // 1024 // 1024} MB) in {commit[:12]}",
            )


RULE = library_rule(
    id="tar-modified",
    severity="error",
    title="Large archive modified in place",
    looks_for=(
        "In the commit's history a binary file with `.tar` in its name was modified, or changed type, "
        "and was 3 MiB or larger then. Added files are fine."
    ),
    why=("Every version of it stays in the repository for ever, and everybody clones them all."),
    proof="commits",
    bad="""
Tags: 1.2
GitFetch: refs/heads/archives
GitCommit: 2c26b46b68ffc68ff99b453c1d30413413422d70
""",
    good="""
Tags: 1.2
""",
    check=check,
    needs=("text", "repository"),
)
