"""alias-dropped: alias lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from contrib.library.tags import EntryTags, Tag, Version, agree
from contrib.rules.library.change import rank_of
from contrib.rules.library.context import LibraryContext, highest, listed
from contrib.rules.library.define import library_rule
from contrib.values.findings import Edit, Finding, Fix, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding for all tags that an entry lost and others should have; one note for the words that ended."""
    ended: list[str] = []
    groups: dict[object, dict[int, tuple[EntryTags, list[str]]]] = {}
    for text, holders in context.tags_before.items():
        if text in context.tags:
            continue
        old = holders[0]
        tag = next(tag for tag in old.tags if tag.text == text)
        heir = _heir(context, old, tag)
        if heir is not None:
            heirs = groups.setdefault((old.full, heir.full), {})
            heirs.setdefault(id(heir), (heir, []))[1].append(text)
        elif not tag.version and (
            not any(char.isdigit() for char in text) or (not old.full and context.change.new(old) is None)
        ):
            ended.append(text)  # of an entry without a version whatever names it: psmdb-8.0
    for heirs in groups.values():
        texts = [text for _, own in heirs.values() for text in own]
        first = next(iter(heirs.values()))[0]
        edits: list[Edit] = []
        for heir, own in heirs.values():
            edits += context.add_tags(heir.entry, own) or ()
        on = listed([heir.entry.tags[0] for heir, _ in heirs.values()], 3)
        yield context.found(
            RULE,
            context.line(first.entry),
            f"{listed(texts)} {'is' if len(texts) == 1 else 'are'} gone, and what "
            f"{'it' if len(texts) == 1 else 'they'} stood for goes on: {on}",
            severity=Severity.NOTE if texts == ["latest"] and _says_so(context.message or "") else None,
            fix=Fix(f"add {', '.join(texts)}", tuple(edits), safe=False) if edits else None,
        )
    if ended:
        yield context.found(
            RULE, 1, f"{listed(ended)} {'is' if len(ended) == 1 else 'are'} gone", severity=Severity.NOTE
        )


#: What a message says of a ``latest`` that is to go.
_REMOVED = re.compile(r"(?i)(?:remove|drop|delete|retire|no more|without)\b")
_LATEST = re.compile(r"(?i)\blatest\b")


def _says_so(message: str) -> bool:
    """Whether a line of a commit's message says that ``latest`` goes."""
    removed = ((line, _REMOVED.search(line)) for line in message.split("\n"))
    return any(found is not None and _LATEST.search(line, found.end()) for line, found in removed)


def _heir(context: LibraryContext, old: EntryTags, tag: Tag) -> EntryTags | None:
    """The entry that should have the tag now: what goes on must not be behind what had it."""
    if tag.text == "latest":
        return highest(context.stable) or (context.entries[0] if context.entries else None)
    if tag.version:
        if tag.marker or tag.tail:
            return None
        heir = highest(
            each
            for each in context.stable
            if agree(tag.version, each.full)
            and len(each.full) > len(tag.version)
            and tag.variant in each.full_variants
        )
        if heir is not None and len(tag.version) >= len(old.full) and not _aliased(context, old):
            return None  # the file names releases, not series: 5.0 is another release than 5.0.1
    else:
        heir = highest(
            each
            for each in context.stable
            if any(other.version == each.full and other.variant == tag.text for other in each.tags)
        )
        if heir is None and rank_of(tag.text):
            heir = _moved_on(context, old, tag)
    if heir is None or (old.full and heir.full < old.full and not agree(heir.full, old.full)):
        return None
    if _highest(context.before, tag.version) == old.full and heir.full != _highest(
        context.entries, tag.version
    ):
        return None  # it belongs to the highest, which left that variant
    return None if _passed_on(context, old, tag, heir) else heir


def _passed_on(context: LibraryContext, old: EntryTags, tag: Tag, heir: EntryTags) -> bool:
    """Whether what stood beside the alias went on to a higher release than ``heir``, which has no such variant."""
    moved = False
    for text, before in context.tags_before.items():
        now = context.tags.get(text)
        other = next(other for other in before[0].tags if other.text == text)
        if now is None or before[0].full != old.full or other.version != tag.version or rank_of(text):
            continue
        if now[0].full == heir.full:
            return False
        moved |= now[0].full > heir.full and not now[0].unstable
    return moved


def _highest(entries: Iterable[EntryTags], of: Version) -> Version:
    """The highest stable release that agrees with a version."""
    return max(
        (each.full for each in entries if not each.unstable and each.full and agree(each.full, of)),
        default=(),
    )


def _aliased(context: LibraryContext, old: EntryTags) -> bool:
    """Whether a release of two parts is how the file names a series, too: 5.0 for 5.0.1."""
    if len(old.full) != 2:
        return False
    if len({tag.variant for tag in old.tags if tag.version == old.full}) > 1:
        return True
    return any(len(tag.version) == 2 < len(each.full) for each in context.before for tag in each.tags)


def _without_word(context: LibraryContext) -> EntryTags | None:
    """An entry that ranked before and does not any more: the step of the ladder that lacks its word."""
    return next(
        (new for old, new in context.change.pairs if _ranks(old) and not _ranks(new) and not new.unstable),
        None,
    )


def _ranks(each: EntryTags) -> bool:
    return any(rank_of(tag.text) for tag in each.tags if not tag.version)


def _moved_on(context: LibraryContext, old: EntryTags, tag: Tag) -> EntryTags | None:
    """The entry that took over what stood beside a ranking word: its line goes on, the word does not."""
    new = context.change.new(old)
    if new is None:
        new = _without_word(context)
    if new is None or new.unstable or not new.full or new.full < old.full:
        return None
    if any(rank_of(text) for text in new.entry.all_tags if text not in old.entry.all_tags):
        return None  # another word takes its place
    # lts and lts-alpine are one mistake; where the word itself is there, its variant ended
    word = rank_of(tag.text)
    return None if tag.text != word and word in context.tags else new


RULE = library_rule(
    id="alias-dropped",
    severity="warning",
    title="Alias lost",
    looks_for=(
        "A tag is gone from the file though what it stood for goes on: `latest`; an alias that a "
        "stable version of the same variant agrees with; a word `V` while `<version>-V` remains. "
        "Other word tags (code names, `rc`, `edge`) are a note."
    ),
    why=("The tag stays on Docker Hub as it is, and everybody who uses it gets no updates any more."),
    proof="@886b5b9 tags",
    bad="""
Tags: 1.2.4, 1.2, latest
""",
    good="""
Tags: 1.2.4, 1.2, 1, latest
""",
    check=check,
    fix="ask",
    needs=("text", "previous"),
    before="""
Tags: 1.2.3, 1.2, 1, latest
""",
)
