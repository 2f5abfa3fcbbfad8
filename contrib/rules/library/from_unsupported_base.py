"""from-unsupported-base: base that is not allowed."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.verdicts import judged
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """As naughty-from.sh's "completely unsupported base"."""
    for verdict in judged(context):
        if not verdict.unsupported:
            continue
        for base in verdict.failing:
            yield context.found(
                RULE,
                context.line(verdict.each.entry),
                f"{named(verdict.each)} is FROM `{base}`, which is no official image of that name and not pinned either"
                + (f": {verdict.reasons[base]}" if base in verdict.reasons else ""),
            )


RULE = library_rule(
    id="from-unsupported-base",
    severity="error",
    title="Base that is not allowed",
    looks_for=(
        "No base of any architecture of the entry passes: it is neither an official image nor one of "
        "the external images that are pinned."
    ),
    why=("Official images are built on official images, or on a few pinned ones."),
    proof="from",
    bad="""
Tags: 1.2
Directory: external
""",
    good="""
Tags: 1.2
Directory: 1.2
""",
    check=check,
    needs=("text", "repository", "others"),
    replaces=("from-unsupported-arch", "eol-base"),
)
