"""constraint-values: unusual constraint."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, listed
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding

_USED = re.compile(r"!?(?:windowsservercore|nanoserver)-(?:ltsc20[0-9]{2}|1[0-9]{3}|sac2016)")


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry."""
    for each in context.entries:
        constraints = each.entry.constraints
        odd = [constraint for constraint in constraints if constraint and not _USED.fullmatch(constraint)]
        message = None
        if odd:
            message = f"{listed(odd)} {'is a constraint' if len(odd) == 1 else 'are constraints'} that no other official image has"
        else:
            order = [constraint.startswith("nanoserver") for constraint in constraints]
            if order != sorted(order, reverse=True):
                message = "the nanoserver constraint stands first where there are both"
        if message:
            yield context.found(RULE, context.line(each.entry, "Constraints"), message)


RULE = library_rule(
    id="constraint-values",
    severity="note",
    title="Unusual constraint",
    looks_for=(
        "A constraint that is not `windowsservercore-ltsc20xx` or `nanoserver-ltsc20xx` (with `!` or "
        "without), or a nanoserver constraint after a servercore one."
    ),
    why=("No host of official-images' builds has any other."),
    proof="constraints library",
    bad="""
Tags: 1.2
Constraints: aufs
""",
    good="""
Tags: 1.2
""",
    check=check,
)
