"""windows-tag-doubled-suffix: release or suite twice at a tag's end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.library.tags import suites_in, windows_release
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix

_DOUBLED = re.compile(r"(?:^|-)([A-Za-z][A-Za-z0-9.]*(?:-[A-Za-z0-9.]+)?)-\1$")


def check(context: LibraryContext) -> Iterator[Finding]:
    """Only what is a release or suite: a word may repeat for other reasons."""
    for each in context.entries:
        for tag in each.tags:
            found = _DOUBLED.search(tag.text)
            if found is None or not (windows_release(found[1]) or suites_in(found[1])):
                continue
            right = tag.text[: -len(found[1]) - 1]
            edit = context.rename_tag(each.entry, tag.text, right) if right not in context.tags else None
            yield context.found(
                RULE,
                context.line_of_tag(each.entry, tag.text),
                f"`{tag.text}` has `{found[1]}` twice",
                fix=Fix(f"write {right}", (edit,), safe=True) if edit else None,
            )


RULE = library_rule(
    id="windows-tag-doubled-suffix",
    severity="warning",
    title="Release or suite twice at a tag's end",
    looks_for=("A Windows release or a suite that is repeated at the end of a tag (`-ltsc2025-ltsc2025`)."),
    why=("A generator added what was there already."),
    proof="library",
    bad="""
Tags: 1.2-windowsservercore-ltsc2025-ltsc2025
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
""",
    good="""
Tags: 1.2-windowsservercore-ltsc2025
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
""",
    check=check,
    fix="yes",
)
