"""constraint-mismatch: constraint of another Windows release."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import windows_name, windows_release
from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """Tags first, Directory where they name no release."""
    for each in context.windows:
        releases = {name.release for tag in each.own if (name := windows_name(tag.text)) is not None} - {""}
        where = "the tags of"
        if not releases:
            releases = {windows_release(each.entry.directory)} - {""}
            where = "Directory of"
        if not releases:
            continue
        wrong = [
            c for c in each.entry.constraints if windows_release(c) and windows_release(c) not in releases
        ]
        if not wrong:
            continue
        fix = None
        field = context.field(each.entry, "Constraints")
        if len(releases) == 1 and field is not None:
            right = next(iter(releases))
            values = [
                c.replace(windows_release(c), right) if c in wrong else c for c in each.entry.constraints
            ]
            value = ", ".join(dict.fromkeys(values))
            fix = Fix(f"write {value}", (context.replace_value(field, value),), safe=False)
        yield context.found(
            RULE,
            context.line(each.entry, "Constraints"),
            f"the constraint {listed(wrong)} is not the release of {where} {named(each)} ({', '.join(sorted(releases))})",
            fix=fix,
        )


RULE = library_rule(
    id="constraint-mismatch",
    severity="error",
    title="Constraint of another Windows release",
    looks_for=("A constraint that names another Windows release than the tags or `Directory`."),
    why=("It would be built on a host of another Windows release, where it cannot run."),
    proof="constraints",
    bad="""
Tags: 1.2-windowsservercore-ltsc2025
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2022
""",
    good="""
Tags: 1.2-windowsservercore-ltsc2025
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
""",
    check=check,
    fix="ask",
)
