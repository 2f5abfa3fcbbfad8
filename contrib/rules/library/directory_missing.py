"""directory-missing: directory is not there."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import nearest_directory, not_there, without_dockerfile
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry; the nearest path that is there is offered."""
    for source in without_dockerfile(context, directory_there=False):
        yield not_there(context, RULE, source, source.directory, nearest_directory(source), "Directory")


RULE = library_rule(
    id="directory-missing",
    severity="error",
    title="Directory is not there",
    looks_for=("The entry's `Directory` is absent at its commit."),
    why=("There is nothing to build."),
    proof="@d6044b6 from",
    bad="""
Tags: 1.2
Directory: 1.1
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
