"""gitrepo-address: a repository's address that nobody else can open, or that should not be opened."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """``GitRepo`` of the header and of entries, each line once."""
    seen: set[tuple[int, str]] = set()
    for each in context.entries:
        for arch in each.entry.architectures:
            value = each.entry.value("GitRepo", arch)
            why = problem(value) if value else ""
            line = context.line(each.entry, f"{arch}-GitRepo", "GitRepo")
            if why and (line, value) not in seen:
                seen.add((line, value))
                yield context.found(RULE, line, f"`{value[:200]}` is not an address that CI can open: {why}")


def problem(url: str) -> str:
    """What is wrong with an address; empty where nothing is."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it is not a web address"
    if parts.scheme != "https" or not parts.hostname:
        return "it does not begin with https://"
    if parts.username is not None or port is not None:
        return "it has a user name or a port in it"
    return ""


RULE = library_rule(
    id="gitrepo-address",
    severity="error",
    title="Address that is not a public https repository",
    looks_for=(
        "A `GitRepo` that is not an https address: a path, `file:`, `ssh:`, `git:`, or one with a user name or a port."
    ),
    why="Official Images' builders clone it without credentials; from `contrib` itself such an address is never opened.",
    proof="format",
    bad="""
Tags: 1.0
GitRepo: git://example.org/demo.git
Directory: 1.0
""",
    good="""
Tags: 1.0
GitRepo: https://example.org/demo.git
Directory: 1.0
""",
    check=check,
)
