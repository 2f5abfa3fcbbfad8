"""sharedtags-wrong-windows: bare Windows tag on several versions."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import dotted
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per tag."""
    for text in ("windowsservercore", "nanoserver"):
        holders = context.tags.get(text, [])
        versions = {each.full for each in holders}
        if len(versions) < 2:
            continue
        latest = [each for each in holders if "latest" in each.entry.all_tags]
        keep = latest[0].full if latest else max(versions)
        wrong = [each for each in holders if each.full != keep]
        edits = []
        for each in wrong:
            edit = context.rename_tag(each.entry, text, f"{dotted(each.full)}-{text}") if each.full else None
            if edit is not None:
                edits.append(edit)
        yield context.found(
            RULE,
            context.line_of_tag(wrong[0].entry, text),
            f"`{text}` is shared by versions {', '.join(dotted(version) for version in sorted(versions))}",
            fix=Fix("prefix the version", tuple(edits), safe=False) if len(edits) == len(wrong) else None,
        )


RULE = library_rule(
    id="sharedtags-wrong-windows",
    severity="warning",
    title="Bare Windows tag on several versions",
    looks_for=("A bare `windowsservercore` or `nanoserver` on entries of different versions."),
    why=("It is `latest` on Windows, and belongs to the version that has `latest`."),
    proof="@9ab6d58 library",
    bad="""
Tags: 2.0-windowsservercore-ltsc2025
SharedTags: windowsservercore, latest
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
Directory: 2.0

Tags: 1.9-windowsservercore-ltsc2025
SharedTags: windowsservercore
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
Directory: 1.9
""",
    good="""
Tags: 2.0-windowsservercore-ltsc2025
SharedTags: windowsservercore, latest
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
Directory: 2.0

Tags: 1.9-windowsservercore-ltsc2025
SharedTags: 1.9-windowsservercore
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
Directory: 1.9
""",
    check=check,
    fix="ask",
)
