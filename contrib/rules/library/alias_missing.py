"""alias-missing: alias that its siblings have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.library.tags import EntryTags, Tag, Version, dotted
from contrib.rules.library.change import shape
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry, the surest first."""
    told: set[int] = set()
    for find in (_series, _plain, _major, _replaced, _form, _combination):
        for each, text, message, severity in find(context):
            if id(each) in told:
                continue
            told.add(id(each))
            if _was_there(context, each):
                severity = Severity.NOTE  # the change did not make the hole, and others filled up around it
            added = context.add_tags(each.entry, [text]) if text not in context.tags else None
            yield context.found(
                RULE,
                context.line(each.entry),
                message,
                severity=severity,
                fix=Fix(f"add {text}", added, safe=False) if added else None,
            )


def _was_there(context: LibraryContext, each: EntryTags) -> bool:
    """Whether the release was there before with no other tags of a version than it has now.

    Tags that moved on to a newer release leave no hole either: ``4``, where that is 4.2 now.
    """
    if context.previous is None:
        return False
    old = context.change.old(each)
    if old is None or old.full != each.full:
        return False
    gone = {tag.text for tag in old.tags if tag.version} - set(each.entry.all_tags)
    return not any(text not in context.tags for text in gone)


Missing = Iterator[tuple[EntryTags, str, str, Severity | None]]


def _pairs(context: LibraryContext) -> dict[tuple[Version, str], tuple[EntryTags, Tag]]:
    """(full version, variant) to the entry and tag that have it; three parts or more."""
    found: dict[tuple[Version, str], tuple[EntryTags, Tag]] = {}
    for each in context.stable:
        for tag in each.tags:
            if tag.version == each.full and len(tag.version) >= 3 and not _BUILD.match(tag.variant):
                found.setdefault((tag.version, tag.variant), (each, tag))
    return found


def _series(context: LibraryContext) -> Missing:
    """A full version without the form of its series, which the others of its family have.

    A family is what has versions of one length: another edition may have a form of its own.
    """
    there = {(tag.version, tag.variant) for each in context.entries for tag in each.tags if tag.version}
    families: dict[int, list[tuple[Version, str]]] = {}
    pairs = _pairs(context)
    for key in pairs:
        families.setdefault(len(key[0]), []).append(key)
    for family in families.values():
        lacking = [key for key in family if (key[0][:-1], key[1]) not in there]
        have = len(family) - len(lacking)
        # One hole is a mistake, and so is one release with all its variants; many are a custom, unless nearly all of
        # a large file have the form.
        holes = {version for version, _ in lacking}
        row = (
            len(holes) == 1
            and len({version for version, _ in family}) > 2
            and all(key in lacking for key in family if key[0] in holes)
        )
        if have < 2 or not lacking or (len(lacking) > 1 and have < 3 * len(lacking) and not row):
            continue
        if not row and len(lacking) > 2 and len({shape(variant) for _, variant in lacking}) == 1:
            continue
        for key in lacking:
            each, tag = pairs[key]
            text = tag.text.replace(tag.written, dotted(key[0][:-1]), 1)
            others = (
                f"the other {have} series have theirs"
                if len(lacking) == 1
                else f"the other {len({version for version, _ in family}) - 1} releases have theirs"
                if row
                else f"{have} of the file's {len(family)} have"
            )
            yield each, text, f"`{tag.text}` has no `{text}`; {others}", None


def _plain(context: LibraryContext) -> Missing:
    series: dict[Version, list[EntryTags]] = {}
    for each in context.stable:
        if len(each.full) >= 3:
            series.setdefault(each.series, []).append(each)
    plain = {
        version
        for version, entries in series.items()
        if any(
            not tag.variant and tag.version in (each.full, version) for each in entries for tag in each.tags
        )
    }
    if len(series) < 3 or len(series) - len(plain) != 1:
        return
    for version, entries in series.items():
        if version not in plain:
            each = entries[0]
            text = dotted(each.full)
            fresh = context.previous is not None and (
                (version == max(series) and "latest" not in each.entry.all_tags)
                or not any(context.change.touched(other) for other in entries)
            )
            yield (
                each,
                text,
                f"no entry of {dotted(version)} has a tag without variant, all other series have one",
                Severity.NOTE if fresh else None,
            )


def _major(context: LibraryContext) -> Missing:
    """The first release of a major version without the alias that those before it have."""
    if context.previous is None:
        return
    aliased: dict[int, bool] = {}
    for each in context.before:
        if not each.unstable and len(each.full) >= 3 and each.full[0] < 1900:
            has = any(len(tag.version) == 1 and not tag.marker for tag in each.tags)
            aliased[each.full[0]] = aliased.get(each.full[0], False) or has
    if not aliased or not all(aliased.values()):
        return
    there = {tag.version for each in context.entries for tag in each.tags if not tag.marker}
    for each in context.stable:
        major = each.full[:1]
        if len(each.full) < 3 or major[0] >= 1900 or major[0] in aliased or major in there:
            continue
        if max(aliased) < major[0] <= max(aliased) + 2 and len(each.release) == 3:
            others = "the others have theirs" if len(aliased) > 1 else f"{max(aliased)} had its own"
            yield (
                each,
                dotted(major),
                f"{named(each)} is the first of {major[0]}, and has no `{major[0]}`; {others}",
                None,
            )
            return


def _replaced(context: LibraryContext) -> Missing:
    """A release that takes another's place, and lacks a shape that it had."""
    if context.previous is None:
        return
    before = {each.full: each for each in context.before if each.full and not each.unstable}
    now = {each.full for each in context.stable}
    for each in context.stable:
        if not each.full or each.full in before:
            continue
        old = context.change.old(each)
        if old is None or not _succeeds(each, old, now):
            old = next((other for other in context.before if _succeeds(each, other, now)), None)
        if old is None:
            continue
        shapes = {
            (len(tag.version), shape(tag.variant)) for tag in each.tags if tag.version and not tag.marker
        }
        for tag in old.tags:
            if not tag.version or tag.marker or (len(tag.version), shape(tag.variant)) in shapes:
                continue
            text = tag.text.replace(tag.written, dotted(each.full[: len(tag.version)]), 1)
            if text == tag.text:
                continue  # alias-dropped
            # Another entry, of a higher series say, may have it in its shape.
            if not any(
                other.version == each.full[: len(tag.version)] and shape(other.variant) == shape(tag.variant)
                for one in context.entries
                for other in one.tags
            ):
                # A word that no entry has any more was given up or renamed.
                renamed = bool(tag.words) and not any(
                    set(tag.words) <= set(other.words) for one in context.entries for other in one.tags
                )
                yield (
                    each,
                    text,
                    f"`{old.entry.tags[0]}`, which it replaces, had `{tag.text}`; there is no `{text}`",
                    Severity.NOTE if renamed else None,
                )
                break


def _combination(context: LibraryContext) -> Missing:
    for each in context.stable:
        tags = [tag for tag in each.tags if tag.version and not tag.marker]
        versions = list(dict.fromkeys(tag.written for tag in tags))
        variants = list(dict.fromkeys(tag.variant for tag in tags))
        if len(versions) < 2 or len(variants) < 2:
            continue
        have = {(tag.written, tag.variant): tag for tag in tags}
        lacking = [(v, q) for v in versions for q in variants if (v, q) not in have]
        if len(lacking) != 1:
            continue
        version, variant = lacking[0]
        like = next(tag for tag in tags if tag.variant == variant)
        text = like.text.replace(like.written, version, 1)
        if text not in context.tags and not any(
            tag.variant == variant and tag.written == version
            for other in context.entries
            for tag in other.tags
        ):
            yield (
                each,
                text,
                f"of its versions and variants {named(each)} lacks only `{text}`",
                None if _plain_release(context, each, variant, version) else Severity.NOTE,
            )


def _plain_release(context: LibraryContext, each: EntryTags, variant: str, version: str) -> bool:
    """Whether a change forgot the release itself: ``10.8, 10`` and ``10.8.1-full``, and no ``10.8.1``."""
    old = context.change.old(each) if context.previous is not None else None
    if old is None or variant or dotted(each.full) != version or len(each.full) < 3:
        return False
    lacked = len(old.full) == len(each.full) and not any(
        tag.version == old.full and not tag.variant for tag in old.tags
    )
    return not lacked and context.change.touched(each)


def _succeeds(each: EntryTags, old: EntryTags, now: set[Version]) -> bool:
    """Whether a release takes the place of another one of its series and variant."""
    return (
        not old.unstable
        and old.series == each.series
        and old.full not in now
        and bool(old.full_variants & each.full_variants)
        and len(old.full) == len(each.full)
    )


def _form(context: LibraryContext) -> Missing:
    """The matrix of entries and forms of tags: one cell is empty in a column that is full otherwise.

    A form is what a tag takes of the entry's longest one: ``temurin-25-lein`` of ``temurin-25-lein-2.11.2-noble``
    is its first three parts, whatever these are called.
    """
    entries = [each for each in context.stable if not each.windows]
    if len(entries) < 4:
        return
    longest = {id(each): _PARTS.split(max((tag.text for tag in each.tags), key=len)) for each in entries}
    if len({_kinds(parts) for parts in longest.values()}) > 1:
        return
    columns: dict[Form, list[EntryTags]] = {}
    for each in entries:
        for form in {_taken(_PARTS.split(tag.text), longest[id(each)]) for tag in each.tags}:
            if form is not None:
                columns.setdefault(form, []).append(each)
    for form, having in columns.items():
        if len(having) != len(entries) - 1:
            continue
        holders = {id(each) for each in having}
        each = next(each for each in entries if id(each) not in holders)
        parts = longest[id(each)]
        text = "-".join(".".join(parts[place].split(".")[:length]) for place, length in form)
        if text not in context.tags:
            yield (
                each,
                text,
                f"{named(each)} has no `{text}`, a form that the other {len(having)} entries have",
                None,
            )


#: (place of a part in the longest tag, how many dotted pieces of it) for each part of a tag.
Form = tuple[tuple[int, int], ...]


def _kinds(parts: list[str]) -> tuple[int, ...]:
    """What tags of one file have in common: how many pieces each part has that is a number, 0 for a word."""
    return tuple(part.count(".") + 1 if part[:1].isdigit() else 0 for part in parts)


def _taken(parts: list[str], longest: list[str]) -> Form | None:
    """The form of a tag; None for a tag that has another part than the longest one, or another order."""
    form = []
    place = 0
    for part in parts:
        while place < len(longest) and not (
            longest[place] == part or (part[:1].isdigit() and longest[place].startswith(f"{part}."))
        ):
            place += 1
        if place == len(longest):
            return None
        form.append((place, part.count(".") + 1))
        place += 1
    return tuple(form)


_BUILD = re.compile(r"(?:build|rev|r|b)[.-]?[0-9]")
_PARTS = re.compile(r"-")


RULE = library_rule(
    id="alias-missing",
    severity="warning",
    title="Alias that its siblings have",
    looks_for=(
        "Of stable entries: a full version with a variant has no series with that variant, though two "
        "and three quarters of the file's have; or every other series has its tag without variant, "
        "and this one lacks it; or an entry lacks exactly one combination of its versions and "
        "variants (a note). Against the version before: a release that replaces another of its series "
        "lacks a shape that the other had."
    ),
    why=("Whoever follows the alias stays behind, silently."),
    proof="@3497785 tags",
    bad="""
Tags: 1.3.1-alpine, 1.3-alpine
Directory: 1.3

Tags: 1.2.4-alpine, 1.2-alpine
Directory: 1.2

Tags: 1.1.9-alpine, 1.1-alpine
Directory: 1.1

Tags: 1.0.7-alpine
Directory: 1.0
""",
    good="""
Tags: 1.3.1-alpine, 1.3-alpine
Directory: 1.3

Tags: 1.2.4-alpine, 1.2-alpine
Directory: 1.2

Tags: 1.1.9-alpine, 1.1-alpine
Directory: 1.1

Tags: 1.0.7-alpine, 1.0-alpine
Directory: 1.0
""",
    check=check,
    fix="ask",
)
