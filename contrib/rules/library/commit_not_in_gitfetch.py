"""commit-not-in-gitfetch: commit outside of GitFetch."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import sources
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """The rules that say why stand for this one where they apply."""
    told: set[tuple[str, str, str]] = set()
    for source in sources(context):
        key = (source.url, source.fetch, source.commit)
        if key in told:
            continue
        told.add(key)
        start = source.view.ref(source.fetch)
        if start is None:
            message = f"{source.url} has no {source.fetch}"
        elif source.view.has(source.commit):
            held = source.view.reachable(source.commit, start)
            if held is None:
                context.not_known(
                    "repository", f"whether {source.fetch} holds {source.commit[:12]}: the history is shallow"
                )
            if held is not False:
                continue
            message = f"{source.commit[:12]} of {named(source.each)} is not in {source.fetch}"
        else:
            message = f"{source.commit[:12]} of {named(source.each)} is not in {source.url}"
        named_ref = source.fetch != "refs/heads/master" and source.view.has(source.commit)
        yield context.found(RULE, source.line(context, "GitFetch" if named_ref else "GitCommit"), message)


RULE = library_rule(
    id="commit-not-in-gitfetch",
    severity="error",
    title="Commit outside of GitFetch",
    looks_for=(
        "The commit is not an ancestor of, or equal to, what `GitFetch` names, or that ref cannot be "
        "fetched; for each repository, ref and commit of each architecture."
    ),
    why=("bashbrew fetches only what `GitFetch` names; official-images' CI refuses it."),
    proof="commits",
    bad="""
Tags: 1.2
GitFetch: refs/heads/other
""",
    good="""
Tags: 1.2
""",
    check=check,
    needs=("text", "repository"),
)
