"""version-skew-siblings: variants of one series at different versions."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, Version, dotted
from contrib.rules.library.change import says_which, shape
from contrib.rules.library.context import LibraryContext, listed
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """A version that only one variant has, beside another."""
    series: dict[Version, dict[Version, dict[str, EntryTags]]] = {}
    for each in context.stable:
        for tag in each.tags:
            if len(tag.version) >= 2 and len(tag.version) == len(each.full):
                versions = series.setdefault(tag.version[:-1], {})
                versions.setdefault(tag.version, {}).setdefault(tag.variant, each)
    skewed = []
    for versions in series.values():
        if len(versions) != 2:
            continue
        (low, behind), (high, ahead) = sorted(versions.items())
        if behind.keys() & ahead.keys() or {id(e) for e in behind.values()} & {id(e) for e in ahead.values()}:
            continue  # one entry that has both is version-skew-in-entry
        skewed.append((low, behind, high, ahead))
    for low, behind, high, ahead in skewed:
        each = next(iter(behind.values()))
        # The same variants behind in several series: their builds are not out yet.
        shapes = {shape(variant) for variant in behind}
        waiting = sum({shape(variant) for variant in other} <= shapes for _, other, _, _ in skewed) > 1
        other = next(iter(ahead.values()))
        yield context.found(
            RULE,
            context.line(each.entry),
            f"{_variants(behind)} at {dotted(low)}, {_variants(ahead)} at {dotted(high)} "
            f"(line {context.line(other.entry)}): was one forgotten?",
            severity=Severity.NOTE if waiting or says_which(context, ahead, behind) else None,
        )


def _variants(found: dict[str, EntryTags]) -> str:
    names = sorted(found)
    if names == [""]:
        return "the plain variant is"
    shown = listed([name or "the plain one" for name in names], 3)
    return f"{shown} {'is' if len(names) == 1 else 'are'}"


RULE = library_rule(
    id="version-skew-siblings",
    severity="warning",
    title="Variants of one series at different versions",
    looks_for=(
        "A series with exactly two stable full versions, and no variant that has both. A note where the same "
        "variants are behind in several series."
    ),
    why=("Variants are released together; one that was left behind was mostly forgotten."),
    proof="@7a2a4d7 tags",
    bad="""
Tags: 1.2.4, 1.2
Directory: debian

Tags: 1.2.3-alpine, 1.2-alpine
Directory: alpine
""",
    good="""
Tags: 1.2.4, 1.2
Directory: debian

Tags: 1.2.4-alpine, 1.2-alpine
Directory: alpine
""",
    check=check,
)
