"""gitrepo-address: a repository's address that nobody else can open, or that should not be opened."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.addresses import foreign, unfit
from contrib.values.findings import Finding, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """``GitRepo`` of the header and of entries, each line once."""
    seen: set[tuple[int, str]] = set()
    for each in context.entries:
        for arch in each.entry.architectures:
            value = each.entry.value("GitRepo", arch)
            line = context.line(each.entry, f"{arch}-GitRepo", "GitRepo")
            if not value or (line, value) in seen:
                continue
            seen.add((line, value))
            shown = f"`{value[:200]}`"
            if why := unfit(value, named=context.github):
                yield context.found(RULE, line, f"{shown} is not an address that CI can open: {why}")
            elif why := foreign(value, named=context.github):
                yield context.found(
                    RULE, line, f"{shown} is not opened here: {why}", severity=Severity.WARNING
                )


RULE = library_rule(
    id="gitrepo-address",
    severity="error",
    title="Address that is not a public https repository",
    looks_for=(
        "A `GitRepo` that is not a public https address: a path, `file:`, `ssh:`, `git:`, one with a user name or a "
        "port, one of this machine or a private network. A host that no official image uses is a warning."
    ),
    why="Official Images' builders clone it without credentials. `contrib` opens none of these addresses, with `--online` "
    "either.",
    proof="format",
    bad="""
Tags: 1.0
GitRepo: git://example.org/demo.git
Directory: 1.0
""",
    good="""
Tags: 1.0
GitRepo: https://github.com/example/demo.git
Directory: 1.0
""",
    check=check,
)
