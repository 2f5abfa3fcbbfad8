"""wrong-gitcommit: commit that does not build the entry."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import Source, sources
from contrib.values.findings import Finding, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """A file that no commit holds is ``directory-missing`` or ``file-missing``."""
    told: set[tuple[str, str]] = set()
    for source in sources(context):
        if source.view.has(source.commit):
            continue
        if (source.url, source.commit) not in told:
            told.add((source.url, source.commit))
            yield context.found(
                RULE,
                source.line(context, "GitCommit"),
                f"the commit {source.commit[:12]} of {named(source.each)} is not in {source.url}",
            )
    yield from _older(context)


def _older(context: LibraryContext) -> Iterator[Finding]:
    """Commits that are not the last one to touch the entry's directory."""
    wanted: dict[tuple[int, str], list[Source]] = {}
    for source in sources(context):
        start = source.view.ref(source.fetch) if source.view.has(source.commit) else None
        if (
            start is not None
            and source.builder != "oci-import"
            and source.view.reachable(source.commit, start)
        ):
            wanted.setdefault((id(source.view), start), []).append(source)
    told: set[tuple[str, str]] = set()
    for (_, start), found in wanted.items():
        view = found[0].view
        last = view.last_touching(start, list(dict.fromkeys(source.directory for source in found)))
        for source in found:
            newest = last.get(source.directory)
            key = (source.commit, source.directory)
            if newest is None or key in told or view.reachable(newest, source.commit) is not False:
                continue
            told.add(key)
            yield context.found(
                RULE,
                source.line(context, "GitCommit"),
                f"`{source.directory}` of {named(source.each)} has changed since {source.commit[:12]}: "
                f"the last commit of {source.fetch} that touches it is {newest[:12]}",
                severity=Severity.NOTE,
            )


RULE = library_rule(
    id="wrong-gitcommit",
    severity="error",
    title="Commit that does not build the entry",
    looks_for=(
        "A commit that is not in the repository, or does not hold the entry's Dockerfile while "
        "another commit of the file does; or (a note) that is not the last one of `GitFetch` that "
        "touches the entry's directory."
    ),
    why=("Nothing is built, or something older than what was meant."),
    proof="@af2cbec commits",
    bad="""
Tags: 1.2
GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b
""",
    good="""
Tags: 1.2
""",
    check=check,
    replaces=("from-unreadable", "commit-not-in-gitfetch"),
    needs=("text", "repository"),
)
