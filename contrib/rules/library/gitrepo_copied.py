"""gitrepo-copied: repository of another image."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding for each repository."""
    assert context.others is not None
    told: set[str] = set()
    name = context.survey.repository
    for each in context.entries:
        url = each.entry.git_repo
        if url in told or name in url:
            continue
        told.add(url)
        for other in context.others.users(url):
            if other != name and other in url and not name.startswith(f"{other}-"):
                yield context.found(
                    RULE,
                    context.line(each.entry, "GitRepo"),
                    f"GitRepo {url} is {other}'s, and does not name {name}",
                )
                break


RULE = library_rule(
    id="gitrepo-copied",
    severity="warning",
    title="Repository of another image",
    looks_for=("Another library file has this `GitRepo`, and the image's name is not in it."),
    why=("The entry or header was copied from another image's."),
    proof="library",
    bad="""
Maintainers: Ann (@ann)
GitRepo: https://github.com/example/other.git
GitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a

Tags: 1
""",
    good="""
Tags: 1
""",
    check=check,
    needs=("text", "others"),
)
