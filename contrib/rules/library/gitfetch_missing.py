"""gitfetch-missing: commit on another branch than the default."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import holding_ref, sources
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """A tag is offered first, then the branch with the shortest name."""
    told: set[tuple[str, str]] = set()
    for source in sources(context):
        if (
            source.fetch != "refs/heads/master"
            or not source.view.has(source.commit)
            or (source.url, source.commit) in told
        ):
            continue
        start = source.view.ref(source.fetch)
        if start is not None and source.view.reachable(source.commit, start) is not False:
            continue
        holder = holding_ref(source.view, source.commit)
        if holder is None:
            continue
        told.add((source.url, source.commit))
        field = context.field(source.each.entry, "GitFetch", inherited=True)
        edit = (
            context.replace_value(field, holder)
            if field is not None
            else context.add_field(
                source.each.entry,
                f"GitFetch: {holder}",
                after=("Tags", "SharedTags", "Architectures", "GitRepo"),
            )
        )
        yield context.found(
            RULE,
            source.line(context, "GitCommit"),
            f"the default GitFetch, refs/heads/master, does not hold {source.commit[:12]} of {named(source.each)}; {holder} does",
            fix=Fix(f"write GitFetch: {holder}", (edit,), safe=False) if edit else None,
        )


RULE = library_rule(
    id="gitfetch-missing",
    severity="error",
    title="Commit on another branch than the default",
    looks_for=(
        "`GitFetch` is the default (`refs/heads/master`) and does not hold the commit, which another "
        "branch or tag has."
    ),
    why=("bashbrew fetches only what `GitFetch` names, and does not find the commit."),
    proof="@8ddfca8 commits",
    bad="""
Maintainers: Ann (@ann)
GitRepo: https://github.com/example/docker-demo.git
GitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a

Tags: 1.2
""",
    good="""
Tags: 1.2
""",
    check=check,
    fix="ask",
    needs=("text", "repository"),
    replaces=("commit-not-in-gitfetch", "from-unreadable"),
)
