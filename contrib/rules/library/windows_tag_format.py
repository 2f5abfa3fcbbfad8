"""windows-tag-format: windows base and release without a dash."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import windows_name
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per tag."""
    for each in context.windows:
        for tag in each.tags:
            name = windows_name(tag.text)
            if name is None or not name.release or name.dashed:
                continue
            right = tag.text.replace(name.base + name.release, name.constraint)
            edit = context.rename_tag(each.entry, tag.text, right) if right not in context.tags else None
            yield context.found(
                RULE,
                context.line_of_tag(each.entry, tag.text),
                f"`{tag.text}` has no dash between base and release: `{name.constraint}`",
                fix=Fix(f"write {right}", (edit,), safe=False) if edit else None,
            )


RULE = library_rule(
    id="windows-tag-format",
    severity="warning",
    title="Windows base and release without a dash",
    looks_for=("A tag with base and release of Windows and no `-` between them."),
    why=("All official images write `windowsservercore-ltsc2025`."),
    proof="library",
    bad="""
Tags: 1.2-windowsservercoreltsc2025
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
""",
    good="""
Tags: 1.2-windowsservercore-ltsc2025
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
""",
    check=check,
    fix="ask",
)
