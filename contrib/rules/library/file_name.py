"""file-name: name of the library file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")


def check(context: LibraryContext) -> Iterator[Finding]:
    """The last component of the path."""
    name = context.survey.repository
    if not _NAME.fullmatch(name):
        yield context.found(
            RULE, 1, f"`{name}` is no repository's name: lower-case letters and digits, single . _ - between"
        )


RULE = library_rule(
    id="file-name",
    severity="error",
    title="Name of the library file",
    looks_for=(
        "A file's name that is not lower-case letters and digits with single `.`, `_` or `-` between them."
    ),
    why=("It is the repository's name on Docker Hub."),
    proof="library",
    bad="""
Tags: 1.2
""",
    good="""
Tags: 1.2
""",
    check=check,
    bad_path="library/Demo",
)
