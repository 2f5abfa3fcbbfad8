"""from-unreadable: dockerfile cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import sources
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """The rules that say what is missing stand for this one where they apply."""
    told: set[object] = set()
    for source in sources(context):
        # A commit that is not there is one mistake, however many entries name it.
        there = source.view.has(source.commit)
        key: object = id(source.each) if there else (source.url, source.commit)
        if source.builder == "oci-import" or source.dockerfile is not None or key in told:
            continue
        told.add(key)
        # Where the rules that say what is missing stand.
        place = ("File", "Directory") if source.directory_there else ("Directory",)
        if not there:
            place = ("GitCommit",)
        yield context.found(
            RULE,
            source.line(context, *place),
            f"the Dockerfile of {named(source.each)} for {source.architecture} cannot be read: "
            f"`{source.path}` at {source.commit[:12]}",
        )


RULE = library_rule(
    id="from-unreadable",
    severity="error",
    title="Dockerfile cannot be read",
    looks_for=(
        "`from` fails for an entry and architecture: repository, `GitFetch`, commit or Dockerfile is "
        "not found. Entries built by `oci-import` have no Dockerfile."
    ),
    why=("official-images' CI fails on it, and so does the build."),
    proof="from",
    bad="""
Tags: 1.2
Directory: 1.1
""",
    good="""
Tags: 1.2
Directory: 1.2
""",
    check=check,
    needs=("text", "repository"),
)
