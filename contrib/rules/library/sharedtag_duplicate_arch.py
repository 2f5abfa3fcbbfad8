"""sharedtag-duplicate-arch: shared tag with one architecture twice."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, windows_name
from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding for all tags that the same entries share."""
    seen_tags: set[str] = set()
    groups: dict[tuple[int, ...], tuple[list[str], list[EntryTags]]] = {}
    for each in context.entries:
        for tag in each.entry.shared_tags:
            if tag in seen_tags:
                continue
            seen_tags.add(tag)
            holders = context.tags[tag]
            key = tuple(id(holder) for holder in holders)
            group = groups.setdefault(key, ([], holders))
            group[0].append(tag)
    for tags, holders in groups.values():
        seen: dict[str, EntryTags] = {}
        twice: dict[str, tuple[EntryTags, EntryTags]] = {}
        for holder in holders:
            for architecture in holder.entry.architectures:
                key_of = architecture
                if architecture == "windows-amd64":
                    release = _release(holder)
                    if release is None:
                        continue
                    key_of = f"windows-amd64 ({release})"
                if key_of in seen:
                    twice.setdefault(key_of, (seen[key_of], holder))
                seen.setdefault(key_of, holder)
        if twice:
            first, second = next(iter(twice.values()))
            yield context.found(
                RULE,
                context.line_of_tag(second.entry, tags[0]),
                f"entries that share {listed(tags)} have {listed(list(twice))} more than once: "
                f"{named(first)} (line {context.line(first.entry)}) and {named(second)}",
            )


def _release(each: EntryTags) -> str | None:
    """Windows base and release of an entry, None where the tags do not name both."""
    for tag in each.tags:
        name = windows_name(tag.text)
        if name is not None and name.release:
            return name.constraint
    return None


RULE = library_rule(
    id="sharedtag-duplicate-arch",
    severity="error",
    title="Shared tag with one architecture twice",
    looks_for=(
        "A shared tag whose entries list an architecture more than once. `windows-amd64` may repeat, "
        "but not with the same Windows release and base."
    ),
    why=(
        "A manifest list has one image for each architecture (on Windows, for each release); "
        "official-images' CI refuses the file."
    ),
    proof="sharedtags ci",
    bad="""
Tags: 1.2-a
SharedTags: 1.2
Directory: a

Tags: 1.2-b
SharedTags: 1.2
Directory: b
""",
    good="""
Tags: 1.2-a
SharedTags: 1.2
Directory: a

Tags: 1.2-b
SharedTags: 1.2
Architectures: s390x
Directory: b
""",
    check=check,
)
