"""directory-variant: two variants built from one directory."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.artifacts import contradicts, same_artifacts, sets_file, variant_directory
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """Of the paragraphs as they are written; two that bashbrew makes one only where they contradict each other.

    Not where other entries of the directory set ``File``: that is ``file-field-missing``.
    """
    merged = {index: each for each in context.entries for index in each.entry.paragraphs}
    for first, second in same_artifacts(context):
        one = merged.get(first.entry.paragraphs[0]) is merged.get(second.entry.paragraphs[0])
        if sets_file(context, second):
            continue
        wrong = contradicts(first, second)
        if one and wrong is None:
            continue
        each, other = (first, second) if wrong is first else (second, first)
        if each.suites and other.suites and one and not each.suites & other.suites:
            continue  # suite-directory
        directory = variant_directory(context, each, other)
        field = context.field(each.entry, "Directory")
        fix = None
        if directory is not None and field is not None:
            fix = Fix(f"write {directory}", (context.replace_value(field, directory),), safe=False)
        yield context.found(
            RULE,
            context.line(each.entry, "Directory", "Tags"),
            f"{named(each)} is built from the same directory as {named(other)} "
            f"(line {context.line(other.entry)})" + (f"; siblings have `{directory}`" if directory else ""),
            fix=fix,
        )


RULE = library_rule(
    id="directory-variant",
    severity="warning",
    title="Two variants built from one directory",
    looks_for=(
        "Two entries on Linux with equal repository, commit, `Directory` and `File`, and without "
        "architecture-specific fields."
    ),
    why=("Both tags are the same image: one of the two directories was copied and not changed."),
    proof="library",
    bad="""
Tags: 1.2
Architectures: amd64
Directory: 1.2

Tags: 1.2-alpine
Architectures: s390x
Directory: 1.2
""",
    good="""
Tags: 1.2
Architectures: amd64
Directory: 1.2

Tags: 1.2-alpine
Architectures: s390x
Directory: 1.2/alpine
""",
    check=check,
    fix="ask",
)
