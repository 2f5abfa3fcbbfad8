"""constraints-missing: windows entry without Constraints."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import windows_name
from contrib.rules.library.context import LibraryContext, constraints_fix, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """Mended where the tags name base and release, and all the same ones."""
    for each in context.windows:
        if each.entry.constraints:
            continue
        names = {
            name.constraint
            for tag in each.own
            if (name := windows_name(tag.text)) is not None and name.release
        }
        fix = None
        hint = ""
        if len(names) == 1:
            value = next(iter(names))
            # A nanoserver image that copies from a servercore one needs both: siblings show it.
            value = ", ".join(_like_siblings(context, value))
            hint = f"; the tags say `{value}`"
            fix = constraints_fix(context, each.entry, value, safe=True)
        yield context.found(
            RULE,
            context.line(each.entry),
            f"the Windows entry {named(each)} has no Constraints{hint}",
            fix=fix,
        )


def _like_siblings(context: LibraryContext, value: str) -> list[str]:
    base, _, release = value.partition("-")
    for other in context.windows:
        if base == "nanoserver" and any(c.startswith("nanoserver-") for c in other.entry.constraints):
            bases = [constraint.partition("-")[0] for constraint in other.entry.constraints]
            if "windowsservercore" in bases:
                return [f"{each}-{release}" for each in bases]
    return [value]


RULE = library_rule(
    id="constraints-missing",
    severity="error",
    title="Windows entry without Constraints",
    looks_for=("A Windows entry that has no `Constraints`."),
    why=(
        "It would be built on a host of another Windows release, where it cannot run; official- "
        "images' CI refuses it."
    ),
    proof="@753fcb9 constraints",
    bad="""
Tags: 1.2-windowsservercore-ltsc2025
Architectures: windows-amd64
""",
    good="""
Tags: 1.2-windowsservercore-ltsc2025
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
""",
    check=check,
    fix="yes",
)
