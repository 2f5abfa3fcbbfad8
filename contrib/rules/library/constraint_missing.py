"""constraint-missing: constraints lack what FROM implies."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, constraints_fix, listed, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.verdicts import constrained
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry."""
    for verdict in constrained(context):
        wrong = verdict.missing
        if not wrong:
            continue
        yield context.found(
            RULE,
            context.line(verdict.each.entry, "Constraints", "Tags"),
            f"{named(verdict.each)} lacks the constraint {listed(wrong)}"
            f", which its bases imply: {listed(verdict.bases)}",
            fix=constraints_fix(context, verdict.each.entry, ", ".join(verdict.expected), safe=False),
        )


RULE = library_rule(
    id="constraint-missing",
    severity="error",
    title="Constraints lack what FROM implies",
    looks_for=(
        "Expected constraints that are not given. Expected are, over all bases of all stages, the "
        "constraints of an official base's entry, if it has any; else for a base of Microsoft's "
        "`nanoserver` or `windowsservercore`, with `-` and the base's tag."
    ),
    why=("The entry would be built on the wrong host, or on none; official-images' CI refuses it."),
    proof="constraints",
    bad="""
Tags: 1.2-nanoserver-ltsc2025
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
Directory: nano
""",
    good="""
Tags: 1.2-nanoserver-ltsc2025
Architectures: windows-amd64
Constraints: nanoserver-ltsc2025, windowsservercore-ltsc2025
Directory: nano
""",
    check=check,
    fix="ask",
    needs=("text", "repository", "others"),
    replaces=("constraints-missing", "constraint-incomplete", "constraint-mismatch"),
)
