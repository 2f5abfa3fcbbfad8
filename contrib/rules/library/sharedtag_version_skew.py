"""sharedtag-version-skew: shared tag on entries of different versions."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding for all tags that the same entries share."""
    seen_tags: set[str] = set()
    done: set[tuple[int, ...]] = set()
    for each in context.entries:
        for tag in each.entry.shared_tags:
            if tag in seen_tags:
                continue
            seen_tags.add(tag)
            holders = context.tags[tag]
            key = tuple(id(holder) for holder in holders)
            if key in done or tag in ("windowsservercore", "nanoserver"):
                continue
            versions = {(holder.full, holder.marker): holder for holder in holders}
            if len(versions) < 2:
                continue
            done.add(key)
            one, two, *_ = versions.values()
            tags = [text for text in each.entry.shared_tags if context.tags[text] == holders]
            yield context.found(
                RULE,
                context.line_of_tag(two.entry, tag),
                f"{listed(tags)} {'is' if len(tags) == 1 else 'are'} shared by {named(one)} "
                f"(line {context.line(one.entry)}) and {named(two)}, which are different versions",
            )


RULE = library_rule(
    id="sharedtag-version-skew",
    severity="warning",
    title="Shared tag on entries of different versions",
    looks_for=(
        "Entries of one shared tag whose full versions, or markers, differ. A bare Windows tag on "
        "several versions is `sharedtags-wrong-windows`."
    ),
    why=(
        "One name would give different versions on different machines; in 2017 the Windows variants "
        "of redis were stamped with Linux's version that way."
    ),
    proof="@5ee2fcd tags",
    bad="""
Tags: 1.2.4-trixie
SharedTags: 1.2
Directory: debian

Tags: 1.2.3-windowsservercore-ltsc2025
SharedTags: 1.2
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
Directory: windows
""",
    good="""
Tags: 1.2.4-trixie
SharedTags: 1.2
Directory: debian

Tags: 1.2.4-windowsservercore-ltsc2025
SharedTags: 1.2
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
Directory: windows
""",
    check=check,
)
