"""windows-shared: order of the Windows releases."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, Version, age, windows_name
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """By build number."""
    last: dict[tuple[Version, str], tuple[int, EntryTags]] = {}
    for each in context.windows:
        name = next((name for tag in each.own if (name := windows_name(tag.text)) and name.release), None)
        build = age(name.release) if name else None
        if name is None or build is None:
            continue
        key = (
            each.full,
            name.base + "".join(sorted(word for word in each.own[0].words if word != name.release)),
        )
        before = last.get(key)
        if before is not None and before[0] < build:
            yield context.found(
                RULE,
                context.line(each.entry),
                f"{named(each)} stands after {named(before[1])} (line {context.line(before[1].entry)}), an older release",
            )
        last[key] = (build, each)


RULE = library_rule(
    id="windows-shared",
    severity="note",
    title="Order of the Windows releases",
    looks_for=(
        "Windows entries of one version and base that do not go from the newest release to the oldest."
    ),
    why=(
        "The newest release first is how official images write it, and which of the joint names a "
        "host is given is read from that order."
    ),
    proof="library",
    bad="""
Tags: 1.2-nanoserver-ltsc2022
SharedTags: 1.2
Architectures: windows-amd64
Constraints: nanoserver-ltsc2022
Directory: a

Tags: 1.2-nanoserver-ltsc2025
SharedTags: 1.2
Architectures: windows-amd64
Constraints: nanoserver-ltsc2025
Directory: b
""",
    good="""
Tags: 1.2-nanoserver-ltsc2025
SharedTags: 1.2
Architectures: windows-amd64
Constraints: nanoserver-ltsc2025
Directory: b

Tags: 1.2-nanoserver-ltsc2022
SharedTags: 1.2
Architectures: windows-amd64
Constraints: nanoserver-ltsc2022
Directory: a
""",
    check=check,
)
