"""gitrepo-typo: repository does not answer."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """Out of reach is not checked, never passed."""
    assert context.network is not None
    told: set[str] = set()
    for each in context.entries:
        for arch in each.entry.architectures:
            url = each.entry.value("GitRepo", arch)
            if url in told:
                continue
            told.add(url)
            answer = context.network.answers(url)
            if answer is None:
                context.not_known("network", f"whether {url} answers")
            elif not answer:
                yield context.found(
                    RULE,
                    context.line(each.entry, f"{arch}-GitRepo", "GitRepo"),
                    f"no git repository answers at {url}",
                )


RULE = library_rule(
    id="gitrepo-typo",
    severity="error",
    title="Repository does not answer",
    looks_for=("A `GitRepo` at which no git repository answers."),
    why=("Nothing can be fetched from it."),
    proof="library",
    bad="""
Maintainers: Ann (@ann)
GitRepo: https://github.com/example/no-such.git
GitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a

Tags: 1
""",
    good="""
Tags: 1
""",
    check=check,
    needs=("text", "network"),
)
