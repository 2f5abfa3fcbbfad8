"""constraint-extra: constraints beyond what FROM implies."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, constraints_fix, listed, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.verdicts import constrained
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry."""
    for verdict in constrained(context):
        wrong = verdict.extra
        if not wrong:
            continue
        yield context.found(
            RULE,
            context.line(verdict.each.entry, "Constraints", "Tags"),
            f"{named(verdict.each)} has the constraint {listed(wrong)}"
            f", which none of its bases implies: {listed(verdict.bases)}",
            fix=constraints_fix(context, verdict.each.entry, ", ".join(verdict.expected), safe=False),
        )


RULE = library_rule(
    id="constraint-extra",
    severity="error",
    title="Constraints beyond what FROM implies",
    looks_for=(
        "Given constraints that are not expected (see `constraint-missing`); on a Linux entry any. "
        "Nanoserver needs the servercore constraint too only if it copies from such an image."
    ),
    why=("The entry would be built on the wrong host, or on none; official-images' CI refuses it."),
    proof="constraints",
    bad="""
Tags: 1.2
Constraints: windowsservercore-ltsc2025
Directory: 1.2
""",
    good="""
Tags: 1.2
Directory: 1.2
""",
    check=check,
    fix="ask",
    needs=("text", "repository", "others"),
)
