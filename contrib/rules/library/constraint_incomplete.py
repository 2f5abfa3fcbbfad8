"""constraint-incomplete: constraints lack what the tags say."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import windows_name, windows_release
from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """Where a constraint names another release, that is ``constraint-mismatch``."""
    for each in context.windows:
        constraints = each.entry.constraints
        names = {
            name.constraint: name
            for tag in each.own
            if (name := windows_name(tag.text)) is not None and name.release
        }
        missing = [text for text in names if text not in constraints]
        if not constraints or not missing:
            continue
        releases = {windows_release(constraint) for constraint in constraints} - {""}
        if releases - {name.release for name in names.values()}:
            continue
        field = context.field(each.entry, "Constraints")
        fix = None
        if field is not None:
            value = ", ".join([*missing, *constraints])
            fix = Fix(f"write {value}", (context.replace_value(field, value),), safe=False)
        yield context.found(
            RULE,
            context.line(each.entry, "Constraints"),
            f"the tags of {named(each)} say {listed(missing)}, Constraints say {listed(list(constraints))}",
            fix=fix,
        )


RULE = library_rule(
    id="constraint-incomplete",
    severity="error",
    title="Constraints lack what the tags say",
    looks_for=("The base and release of Windows in the tags are not among the `Constraints`."),
    why=("It would be built on a host of another Windows release, where it cannot run."),
    proof="constraints",
    bad="""
Tags: 1.2-nanoserver-ltsc2025
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
""",
    good="""
Tags: 1.2-nanoserver-ltsc2025
Architectures: windows-amd64
Constraints: nanoserver-ltsc2025, windowsservercore-ltsc2025
""",
    check=check,
    fix="ask",
)
