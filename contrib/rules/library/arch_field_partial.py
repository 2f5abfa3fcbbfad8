"""arch-field-partial: field for some architectures only."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding for each field of an entry."""
    for each in context.entries:
        entry = each.entry
        if not entry.arch_fields:
            continue
        for name in ("Directory", "File", "GitCommit", "GitFetch"):
            have = [arch for arch in entry.architectures if entry.arch_fields.get(f"{arch}-{name}")]
            lack = [arch for arch in entry.architectures if arch not in have]
            if not have or not lack:
                continue
            if name != "GitFetch" and context.field(entry, name) is not None:
                continue
            yield context.found(
                RULE,
                context.line(entry, f"{have[0]}-{name}"),
                f"{listed(have)} of {named(each)} {'has' if len(have) == 1 else 'have'} a {name} of "
                f"{'its' if len(have) == 1 else 'their'} own, {listed(lack)} {'has' if len(lack) == 1 else 'have'} none",
                severity=Severity.NOTE if name == "GitFetch" else None,
            )


RULE = library_rule(
    id="arch-field-partial",
    severity="warning",
    title="Field for some architectures only",
    looks_for=(
        "Some of the entry's architectures have a `Directory`, `File` or `GitCommit` of their own, "
        "and another has neither that nor a plain value in the paragraph. A note where it is "
        "`GitFetch`."
    ),
    why=("The architecture that was forgotten is built from the header's default."),
    proof="multiarch",
    bad="""
Tags: 1.2
Architectures: amd64, arm64v8, s390x
amd64-Directory: amd64
arm64v8-Directory: arm64
""",
    good="""
Tags: 1.2
Architectures: amd64, arm64v8, s390x
amd64-Directory: amd64
arm64v8-Directory: arm64
s390x-Directory: s390x
""",
    check=check,
)
