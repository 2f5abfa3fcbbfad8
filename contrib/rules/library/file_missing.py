"""file-missing: dockerfile is not there."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import nearest_file, not_there, without_dockerfile
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry; the nearest path that is there is offered."""
    for source in without_dockerfile(context, directory_there=True):
        yield not_there(context, RULE, source, source.path, nearest_file(source), "File", "Directory")


RULE = library_rule(
    id="file-missing",
    severity="error",
    title="Dockerfile is not there",
    looks_for=(
        "The entry's `Directory` is there at its commit, and its `File` (default `Dockerfile`) is not."
    ),
    why=("There is nothing to build."),
    proof="from",
    bad="""
Tags: 1.2
Directory: 1.2
File: Dockerfile.slim
""",
    good="""
Tags: 1.2
Directory: 1.2
""",
    check=check,
    fix="ask",
    needs=("text", "repository"),
    replaces=("from-unreadable",),
)
