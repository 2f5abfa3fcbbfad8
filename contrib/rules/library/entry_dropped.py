"""entry-dropped: series or variant gone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from contrib.library.tags import EntryTags, Version, comparable, dotted
from contrib.library.writer import format_entry
from contrib.rules.library.change import Change, kind, rank_of, ranking, shape
from contrib.rules.library.change import lines as lines_of
from contrib.rules.library.context import LibraryContext, has_word, listed
from contrib.rules.library.define import library_rule
from contrib.values.findings import Edit, Finding, Fix, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding for all lines that end for one reason."""
    change = context.change
    back = {before for before, _ in change.stepped_back}
    ended = [
        line
        for line in change.ended
        if not all(each.full in back for each in change.lines_before[line]) and not _stepped(context, line)
    ]
    wrong = [line for line in ended if _wrong(context, line)]
    rolled = [line for line in ended if line not in wrong and _rolled(change, line)]
    rest = [line for line in ended if line not in wrong and line not in rolled]
    if wrong:
        entries = [each for line in wrong for each in change.lines_before[line]]
        fresh = [dotted(line) for line in change.added if line[:-1] in {each[:-1] for each in wrong}]
        yield context.found(
            RULE,
            1,
            f"the series {_series(change, wrong)} {'is' if len(wrong) == 1 else 'are'} gone"
            + (f" in the change that adds {', '.join(fresh)}" if fresh else "")
            + ", and the file keeps series side by side",
            severity=Severity.NOTE if all(_said(context, line) for line in wrong) else None,
            fix=_restored(context, entries),
        )
    if rest:
        most = _all_but_new(context, ended) or _nearly_all(context, rest)
        yield context.found(
            RULE,
            1,
            f"the series {_series(change, rest)} {'is' if len(rest) == 1 else 'are'} gone"
            + (f", of {len(change.lines_before)} in the file" if most else ""),
            severity=None if most else Severity.NOTE,
            fix=_restored(context, [each for line in rest for each in change.lines_before[line]]),
        )
    aliases = [
        tag.text
        for line in rolled
        for each in change.lines_before[line]
        for tag in each.tags
        if tag.version == line and not tag.marker
    ]
    if aliases:
        yield context.found(
            RULE,
            1,
            f"{listed(aliases)} {'gets' if len(aliases) == 1 else 'get'} no more builds: "
            f"{', '.join(f'{dotted(line)} became {dotted(_heir(change, line))}' for line in rolled)}",
            severity=Severity.NOTE,
        )
    yield from _releases(context)
    yield from _variants(context)


def _series(change: Change, ended: Sequence[Version]) -> str:
    return ", ".join(
        f"{dotted(line)} ({listed([each.entry.tags[0] for each in change.lines_before[line]], 2)})"
        for line in ended
    )


def _wrong(context: LibraryContext, line: Version) -> bool:
    """Whether a series ends that a file with several side by side would have kept."""
    change = context.change
    siblings = [
        other
        for other in change.lines_before
        if other != line and len(other) == len(line) and other[:-1] == line[:-1] and comparable(other, line)
    ]
    stays = [other for other in siblings if other not in change.ended]
    fresh = any(
        other[:-1] == line[:-1] and other > line and len(other) == len(line) for other in change.added
    )
    if not siblings or not fresh or _ladder(change, line, stays):
        return False
    new = [other for other in change.added if other[:-1] == line[:-1] and len(other) == len(line)]
    if not stays and len(new) >= len(siblings) + 1:
        return False  # all of them step on, each to a new one: mainline and stable
    if _rolls_over_lts(context, line, stays):
        return False
    before = (*line[:-1], line[-1] - 1)
    if stays and before not in siblings and any(other < line for other in stays):
        return False  # 17.7 beside 17.4: the series before it was not kept either, so this one rolls on
    # The lowest of those side by side ends as a newer one comes: the window slides.
    # One that is supported for long stays below it.
    higher = [other for other in stays if other > line]
    slides = (
        higher
        and all(other < min(higher) for other in siblings if other in change.ended)
        and not any(other < line and not _outlives(change, other) for other in stays)
    )
    return not slides


def _said(context: LibraryContext, line: Version) -> bool:
    """Whether the change's message names the series, or a release of it, beside a word for its end."""
    named = re.compile(rf"(?<![0-9.]){re.escape(dotted(line))}(?:\.[0-9x]+)*(?![0-9])")
    return any(_GOES.search(part) and named.search(part) for part in (context.message or "").splitlines())


_GOES = re.compile(
    r"(?i)\b(?:eol|end.of.life|unsupported|deprecat\w*|remov\w*|drop\w*|retir\w*|delet\w*|replac\w*)\b"
)


def _all_but_new(context: LibraryContext, ended: Sequence[Version]) -> bool:
    """Whether nearly all series end as a new one comes, and words that ranked them end, too."""
    change = context.change
    words = {
        tag.text
        for line in ended
        for each in change.lines_before[line]
        for tag in ranking(each)
        if tag.text not in context.tags and tag.text == rank_of(tag.text)
    }
    return bool(
        change.added and len(ended) > 2 and len(ended) * 3 > len(change.lines_before) * 2 and len(words) > 1
    )


def _nearly_all(context: LibraryContext, ended: Sequence[Version]) -> bool:
    """Whether nearly all series end in a change that brings none, and whose message does not say so."""
    change = context.change
    return (
        not change.added
        and len(ended) > 2
        and len(ended) * 3 > len(change.lines_before) * 2
        and not _ENDS.search(context.message or "")
    )


_ENDS = re.compile(
    r"(?i)\b(?:eol|end.of.life|unsupported|old|only|deprecat\w*|disabl\w*|fail\w*|versions|releases)\b"
)


def _supported_long(change: Change, line: Version) -> bool:
    return any(has_word(each, ("lts", "lta")) for each in change.lines_before[line])


def _outlives(change: Change, line: Version) -> bool:
    """Whether a series is supported for long: by its words, or because the next one (25.4 after 25.3) had gone before."""
    return _supported_long(change, line) or (*line[:-1], line[-1] + 1) not in change.lines_before


def _rolls_over_lts(context: LibraryContext, line: Version, stays: Sequence[Version]) -> bool:
    """Whether the series that stay are supported for long, and the highest one rolls on above them: by their words
    (``2025-lta``), or because the file dropped a highest series like that before."""
    change = context.change
    if not stays or any(other > line for other in stays):
        return False
    if all(_supported_long(change, other) for other in stays):
        return True
    versions = [set(change.lines_before)]
    versions += [set(lines_of([EntryTags(entry) for entry in file.entries])) for file in context.past or ()]
    for newer, older in pairwise(versions):
        for gone in older - newer:
            top = max(other for other in older if comparable(other, gone))
            if gone == top and any(other[:-1] == gone[:-1] and other > gone for other in newer - older):
                return True
    return False


def _ladder(change: Change, line: Version, stays: Sequence[Version]) -> bool:
    """Whether the words of the series step down to the next one (fresh becomes old), or on to the new one above one
    that stays (stable goes from 17.5 to 17.6 above 17.4)."""
    words = {tag.text for each in change.lines_before[line] for tag in ranking(each)}
    return any(
        tag.text in words and (now in change.lines_before or (stays and now in change.added))
        for now, entries in change.lines_now.items()
        for each in entries
        for tag in ranking(each)
    )


def _rolled(change: Change, line: Version) -> bool:
    return bool(_heir(change, line))


def _heir(change: Change, line: Version) -> Version:
    """The new series that takes the place of one: above it, with none between them that stays; () for none."""
    above = [other for other in change.added if other > line and comparable(other, line)]
    heir: Version = min(above, default=())
    between = [
        other
        for other in change.lines_before
        if heir and line < other < heir and (other not in change.ended or min(above) == heir)
    ]
    return () if between and heir[:-1] != line[:-1] else heir


def _stepped(context: LibraryContext, line: Version) -> bool:
    return any(before[: len(line)] == line for before, _ in context.change.stepped_back)


def _releases(context: LibraryContext) -> Iterator[Finding]:
    """Releases of a line kept side by side: one goes, and neither a new one nor its age tells why."""
    change = context.change
    now = {each.full for each in context.stable}
    fulls = {each.full for each in context.before if not each.unstable}
    top = max((full for full in fulls if full and full[0] < 1900), default=())
    back = {before for before, _ in change.stepped_back}
    for line, entries in change.lines_before.items():
        releases = sorted({each.full for each in entries})
        if _quarterly(releases[-1], releases):
            # those of the years before are of the same window
            releases = sorted({full for full in fulls if len(full) == 4 and full <= releases[-1]})
        if (
            len(releases) < 2
            or len(releases[0]) < 3
            or len({len(full) for full in releases}) > 1
            or line in change.ended
        ):
            continue
        fresh = [full for full in now if full[: len(line)] == line and full not in releases]
        gone = [full for full in releases if full not in now]
        # A new release takes the place of the highest one before it, in a new year, too.
        kept = [full for full in releases if full in now]
        if (
            gone
            and gone[-1] == top
            and not fresh
            and any(full > top for full in now - fulls)
            and not _quarterly(top, kept)
        ):
            gone.pop()
        # Each new release takes the place of the highest one below it that went.
        for full in sorted(fresh, reverse=True):
            replaced = max((old for old in gone if old < full), default=None)
            if replaced is not None and not _quarterly(replaced, kept):
                gone.remove(replaced)
        gone = [
            full
            for full in gone
            if any(other < full for other in releases if other in now) and full not in back
        ]
        lost = [each for each in entries if gone and each.full == gone[-1]]
        if not lost or any(dotted(gone[-1]) == tag.text for each in context.entries for tag in each.tags):
            continue
        below = max(full for full in kept if full < gone[-1])
        yield context.found(
            RULE,
            1,
            f"{listed([each.entry.tags[0] for each in lost], 3)} {'is' if len(lost) == 1 else 'are'} gone, and the "
            f"older {dotted(below)} stays",
            fix=_restored(context, lost),
        )


def _quarterly(gone: Version, kept: Sequence[Version]) -> bool:
    """Whether a file of monthly releases (22.0.0.9) keeps those of each quarter, and this is one."""
    return bool(kept) and all(
        len(full) == 4 and full[1:3] == (0, 0) and full[0] > 9 and full[-1] % 3 == 0 for full in (gone, *kept)
    )


def _variants(context: LibraryContext) -> Iterator[Finding]:
    """A variant that a line, or the line that a new one replaces, had."""
    change = context.change
    whole: dict[str, list[str]] = {}
    for line, entries in change.lines_now.items():
        same = line in change.lines_before
        was = line if same else change.replaced_by(line) if line in change.added else None
        if was is None:
            continue
        before = change.lines_before[was]
        elsewhere = {
            name(v)
            for other in context.stable
            if other.full[: len(line)] != line and other.line not in change.added
            for v in other.full_variants
            for name in (shape, kind)
        }
        # An edition that goes on in another new series is not lost.
        heirs = entries if same else [each for new in change.added for each in change.lines_now[new]]
        have = {
            name(v)
            for each in heirs
            for v in each.full_variants | each.variants  # 5.1.5-build.3 is 5.1, too
            for name in (shape, kind)
        }
        gone = sorted(
            variant
            for each in before
            if not any(shape(v) in have for v in each.full_variants)
            for variant in each.full_variants
        )
        numbers = sorted(
            variant
            for each in before
            if same
            and not any(kind(v) in have or v in have for v in each.full_variants)
            and any(kind(v) in elsewhere for v in each.full_variants)
            and not any(variant in gone for variant in each.full_variants)
            for variant in each.full_variants
        )
        kept = [variant for variant in gone if shape(variant) in elsewhere] + numbers
        # Who takes variants out of a release that stays means it; and a variant ends for the oldest series first.
        moved = bool({each.full for each in entries} - {each.full for each in before})
        lower = {
            name(v)
            for other in context.stable
            if comparable(other.full, line) and other.full < line
            for v in other.full_variants
            for name in (shape, kind)
        }
        ends = same and all(shape(v) not in lower and kind(v) not in lower for v in kept)
        if kept:
            yield context.found(
                RULE,
                context.line(entries[0].entry),
                f"{dotted(line)} has no {_variants_named(kept)}"
                + (" any more" if same else f", which {dotted(was)} had")
                + ", other series have",
                severity=None if (moved and not ends) or _overtaken(change, line, kept) else Severity.NOTE,
            )
        elif gone:
            for variant in gone:
                whole.setdefault(variant, []).append(dotted(line))
    if whole:
        where = list(dict.fromkeys(line for found in whole.values() for line in found))
        yield context.found(
            RULE,
            1,
            f"no series has a {_variants_named(list(whole))} any more ({', '.join(where[:5])} had)",
            severity=Severity.NOTE,
        )


def _overtaken(change: Change, line: Version, variants: Sequence[str]) -> bool:
    """Whether an edition goes from a release that others keep as a newer one of it comes, and an older one stays."""
    kinds = {kind(variant) for variant in variants}

    def has(other: Version) -> bool:
        return any(kind(v) in kinds for each in change.lines_now[other] for v in each.full_variants)

    return any(other > line and comparable(other, line) and has(other) for other in change.added) and any(
        other < line and comparable(other, line) and has(other) for other in change.lines_now
    )


def _variants_named(variants: Sequence[str]) -> str:
    return f"variant {listed([variant or 'the plain one' for variant in variants], 4)}"


def _restored(context: LibraryContext, entries: Sequence[EntryTags]) -> Fix | None:
    """Offer to put the entries back, at the end, without the tags that others have now."""
    end = len(context.data)
    blocks = []
    for each in entries:
        own = tuple(tag for tag in each.entry.tags if tag not in context.tags)
        if not own:
            return None
        shared = tuple(tag for tag in each.entry.shared_tags if tag not in context.tags)
        blocks.append(format_entry(each.entry.replaced(tags=own, shared_tags=shared), context.survey.header))
    text = "".join(f"\n{block}\n" for block in blocks).encode("utf-8", "surrogateescape")
    if not context.data.endswith(b"\n"):
        text = b"\n" + text
    return Fix("put them back", (Edit(end, end, text),), safe=False)


RULE = library_rule(
    id="entry-dropped",
    severity="warning",
    title="Series or variant gone",
    looks_for=(
        "A series or one of its variants vanishes: a warning when a lower series stays and a new one "
        "is added, or other series keep that variant; else a note."
    ),
    why=("Many are right (end of life). The others are entries that a generator or a merge lost."),
    proof="@e04c58b",
    bad="""
Tags: 1.4.0
Directory: 1.4

Tags: 1.3.0
Directory: 1.3

Tags: 1.1.9
Directory: 1.1
""",
    good="""
Tags: 1.4.0
Directory: 1.4

Tags: 1.3.0
Directory: 1.3

Tags: 1.2.9
Directory: 1.2

Tags: 1.1.9
Directory: 1.1
""",
    check=check,
    fix="ask",
    needs=("text", "previous"),
    before="""
Tags: 1.3.0
Directory: 1.3

Tags: 1.2.8
Directory: 1.2

Tags: 1.1.9
Directory: 1.1
""",
)
