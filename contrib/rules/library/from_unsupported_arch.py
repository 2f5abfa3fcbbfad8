"""from-unsupported-arch: base lacks an architecture."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.verdicts import judged
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """As naughty-from.sh: one line for each entry and base, with the architectures that fail."""
    for verdict in judged(context):
        if verdict.unsupported:
            continue
        for base, architectures in verdict.failing.items():
            yield context.found(
                RULE,
                context.line(verdict.each.entry, "Architectures", "Tags"),
                f"{named(verdict.each)} is FROM `{base}`, which is not there for {listed(architectures)}"
                + (f": {verdict.reasons[base]}" if base in verdict.reasons else ""),
            )


RULE = library_rule(
    id="from-unsupported-arch",
    severity="error",
    title="Base lacks an architecture",
    looks_for=(
        "For an entry, architecture and base: `scratch` on Windows; a base with a slash that is not "
        "pinned; a pinned base whose digest lacks the architecture; an official base whose file, tag "
        "or architecture is not there; on riscv64 Ubuntu 25.10 or newer. Where no base of any "
        "architecture passes it is `from-unsupported-base`."
    ),
    why=("There is nothing to build on; official-images' CI refuses it."),
    proof="from",
    bad="""
Tags: 1.2
Architectures: amd64, mips64le
Directory: 1.2
""",
    good="""
Tags: 1.2
Architectures: amd64
Directory: 1.2
""",
    check=check,
    replaces=("arch-suite-mismatch", "eol-base"),
    needs=("text", "repository", "others"),
)
