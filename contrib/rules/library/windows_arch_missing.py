"""windows-arch-missing: windows entry and its architecture."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import windows_name
from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry."""
    for each in context.entries:
        architectures = each.entry.architectures
        tag = next((tag.text for tag in each.tags if windows_name(tag.text) is not None), None)
        field = context.field(each.entry, "Architectures")
        if "windows-amd64" in architectures:
            if len(architectures) == 1:
                continue
            message = f"{named(each)} is built for windows-amd64 and for {listed([a for a in architectures if a != 'windows-amd64'])}"
        elif tag is not None:
            message = (
                f"`{tag}` is a Windows tag, and {named(each)} is built for {listed(list(architectures))}"
            )
        else:
            continue
        fix = None
        if tag is not None:
            edit = (
                context.replace_value(field, "windows-amd64")
                if field is not None
                else context.add_field(
                    each.entry, "Architectures: windows-amd64", after=("Tags", "SharedTags")
                )
            )
            fix = Fix("write windows-amd64", (edit,), safe=False) if edit else None
        yield context.found(RULE, context.line(each.entry, "Architectures", "Tags"), message, fix=fix)


RULE = library_rule(
    id="windows-arch-missing",
    severity="error",
    title="Windows entry and its architecture",
    looks_for=(
        "A tag with `windowsservercore` or `nanoserver` on an entry without `windows-amd64`, or "
        "`windows-amd64` beside another architecture."
    ),
    why=("An image of Windows is built for windows-amd64, and nothing else is built from its Dockerfile."),
    proof="multiarch",
    bad="""
Tags: 1.2-nanoserver-ltsc2025
Constraints: nanoserver-ltsc2025
""",
    good="""
Tags: 1.2-nanoserver-ltsc2025
Architectures: windows-amd64
Constraints: nanoserver-ltsc2025
""",
    check=check,
    fix="ask",
)
