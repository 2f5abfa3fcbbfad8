"""file-field-missing: file is missing."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.artifacts import same_artifacts, sets_file
from contrib.rules.library.context import Context, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: Context) -> Iterator[Finding]:
    """The special case of ``directory-variant``."""
    for first, second in same_artifacts(context):
        if not sets_file(context, second):
            continue
        yield context.found(
            RULE,
            context.line(second.entry),
            f"{named(second)} is built from the same file as {named(first)} (line {context.line(first.entry)}); "
            f"other entries of `{second.entry.directory}` set File",
        )


RULE = library_rule(
    id="file-field-missing",
    severity="warning",
    title="File is missing",
    looks_for=(
        "Two entries on Linux with equal repository, commit and `Directory`, neither with `File`, "
        "where other entries of that directory set it."
    ),
    why=(
        "The variants of the directory differ by their Dockerfile's name; without `File` both are the "
        "plain one."
    ),
    proof="library",
    bad="""
Tags: 1.2
Architectures: amd64
Directory: 1.2

Tags: 1.2-slim
Architectures: s390x
Directory: 1.2

Tags: 1.2-full
Directory: 1.2
File: Dockerfile.full
""",
    good="""
Tags: 1.2
Architectures: amd64
Directory: 1.2

Tags: 1.2-slim
Architectures: s390x
Directory: 1.2
File: Dockerfile.slim

Tags: 1.2-full
Directory: 1.2
File: Dockerfile.full
""",
    check=check,
)
