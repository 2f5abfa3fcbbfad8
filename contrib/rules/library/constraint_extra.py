"""constraint-extra: constraints beyond what FROM implies."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.findings import Edit, Finding, Fix
from contrib.rules.library.context import Context, listed, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.verdicts import constrained


def check(context: Context) -> Iterator[Finding]:
    """One finding an entry."""
    for verdict in constrained(context):
        wrong = verdict.extra
        if not wrong:
            continue
        value = ", ".join(verdict.expected)
        field = context.field(verdict.each.entry, "Constraints")
        fix = None
        if field is not None:
            edit = context.replace_value(field, value) if value else Edit(field.start, field.end, b"")
            fix = Fix(f"write Constraints: {value}" if value else "remove Constraints", (edit,), safe=False)
        elif value:
            added = context.add_field(
                verdict.each.entry,
                f"Constraints: {value}",
                after=(
                    "Tags",
                    "SharedTags",
                    "Architectures",
                    "GitRepo",
                    "GitFetch",
                    "GitCommit",
                    "Directory",
                    "File",
                    "Builder",
                ),
            )
            fix = Fix(f"write Constraints: {value}", (added,), safe=False) if added else None
        yield context.found(
            RULE,
            context.line(verdict.each.entry, "Constraints", "Tags"),
            f"{named(verdict.each)} has the constraint {listed(wrong)}"
            f", which none of its bases implies: {listed(verdict.bases)}",
            fix=fix,
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
