"""old-release-returns: lower releases come back beside the newer one."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, Version, dotted
from contrib.rules.library.context import LibraryContext, listed
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per series."""
    fulls = {each.full for each in context.before}
    stays: dict[str, dict[Version, Version]] = {}
    for each in context.stable:
        if each.full in fulls and len(each.full) > 1:
            for variant in each.full_variants:
                series = stays.setdefault(variant, {})
                series[each.series] = max(series.get(each.series, ()), each.full)
    found: dict[Version, list[EntryTags]] = {}
    for each in context.stable:
        if not each.full or each.full in fulls:
            continue
        for variant in each.full_variants:
            full = _above(stays.get(variant, {}), each.full)
            if len({old.full for old in context.before if full and old.series == full[:-1]}) > 1:
                continue  # the file keeps several releases of the series
            if full and context.change.old(each) is None:
                found.setdefault(full, []).append(each)
                break
    known = {EntryTags(entry).full for file in (context.past or ())[:3] for entry in file.entries}
    for full, entries in found.items():
        if any(each.full in known for each in entries):
            continue  # they were there a moment ago, and somebody puts them back
        split = [
            tag.text
            for each in entries
            for tag in each.tags
            if tag.version == each.full and len(each.full) < len(full) and tag.text in context.tags_before
        ]
        if len(entries) < 2 and not split:
            continue  # a release of its own may come back for a reason
        yield context.found(
            RULE,
            context.line(entries[0].entry),
            f"{listed([each.entry.tags[0] for each in entries])} {'comes' if len(entries) == 1 else 'come'} in beside "
            f"{dotted(full)}, which was there and is higher"
            + (f"; {listed(split)} moves from it to an entry of its own" if split else ""),
            # Missed releases may be built once more, under their own names alone.
            severity=Severity.NOTE if not split and all(_exact(each) for each in entries) else None,
        )


def _exact(each: EntryTags) -> bool:
    """Whether it has tags of its full version only."""
    return all(tag.version == each.full for tag in each.tags)


def _above(series: dict[Version, Version], full: Version) -> Version:
    """The release of the same series that stays and is higher, () for none."""
    for line, kept in series.items():
        if (full[:-1] == line and len(full) == len(kept) and full < kept) or full == line:
            return kept
    return ()


RULE = library_rule(
    id="old-release-returns",
    severity="warning",
    title="Lower releases come back beside the newer one",
    looks_for=(
        "A release that the version before did not have is lower than one of its series that was there and stays; or an alias of that release becomes an entry of its own."
    ),
    why=("A script listed every tag of the repository instead of the newest of each series."),
    proof="tags",
    bad="""
Tags: 6.0.2, latest

Tags: 6.0.1
Directory: 6.0.1

Tags: 6.0
Directory: 6.0
""",
    good="""
Tags: 6.0.2, 6.0, latest
""",
    check=check,
    needs=("text", "previous"),
    before="""
Tags: 6.0.2, 6.0, latest
""",
)
