"""arch-dropped: architectures lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contrib.library.tags import EntryTags
from contrib.rules.library.artifacts import qualifiers
from contrib.rules.library.change import mentioned, old_of
from contrib.rules.library.context import LibraryContext, listed
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding for all entries that lose the same architectures."""
    groups: dict[frozenset[str], list[EntryTags]] = {}
    paired: list[EntryTags] = []
    for each in context.entries:
        old = _same_build(context, each) or old_of(context, each) or context.change.old(each)
        if old is None:
            continue
        paired.append(each)
        gone = frozenset(old.entry.architectures) - frozenset(each.entry.architectures)
        # Another entry may have taken them over, with the same tags to share.
        gone -= {
            arch
            for text in each.entry.all_tags
            if text in old.entry.all_tags
            for holder in context.tags.get(text, ())
            if holder is not each
            for arch in holder.entry.architectures
        }
        if gone:
            groups.setdefault(gone, []).append(each)
    for gone, entries in groups.items():
        everywhere = len(entries) == len(paired) and len(paired) > 1
        reason = (
            mentioned(context, gone)
            or _suites_lost(context, entries, gone)
            or (not everywhere and _one_cause(entries, paired, context, gone))
        )
        names = listed([each.entry.tags[0] for each in entries], 3)
        where = f"all {len(entries)} entries" if everywhere else names
        yield context.found(
            RULE,
            context.line(entries[0].entry, "Architectures", "Tags"),
            f"{listed(sorted(gone))} {'goes' if len(gone) == 1 else 'go'} for {where}",
            severity=Severity.NOTE
            if reason
            or _exchanged(context, entries)
            or not any(_moved(context, each) for each in entries)
            or all(_new(context, each) for each in entries)
            or not (everywhere or _alone(context, entries, gone))
            else None,
        )


def _alone(context: LibraryContext, entries: Sequence[EntryTags], gone: frozenset[str]) -> bool:
    """Whether one entry loses what another of its version and suite has and keeps: the rest is mostly meant."""
    (each, *others) = entries
    return not others and any(
        other is not each
        and each.full
        and other.full == each.full
        and other.suites == each.suites
        and gone <= set(other.entry.architectures)
        and (old := context.change.old(other)) is not None
        and gone <= set(old.entry.architectures)
        for other in context.entries
    )


def _moved(context: LibraryContext, each: EntryTags) -> bool:
    """Whether its tags moved, too: who edits the architectures alone means it."""
    old = _same_build(context, each) or context.change.old(each)
    return old is None or old.entry.all_tags != each.entry.all_tags


def _exchanged(context: LibraryContext, entries: Sequence[EntryTags]) -> bool:
    """Whether others come in their place: arm32v7 for arm32v5."""
    return all(
        (old := _same_build(context, each) or context.change.old(each)) is not None
        and bool(set(each.entry.architectures) - set(old.entry.architectures))
        for each in entries
    )


def _new(context: LibraryContext, each: EntryTags) -> bool:
    """Whether it is a candidate, or of a series that was not there before."""
    return each.unstable or each.line in context.change.added


def _same_build(context: LibraryContext, each: EntryTags) -> EntryTags | None:
    """The entry of before with one of the exact tags, which go with a runtime and a suite, not with latest."""
    exact = max((tag.text for tag in each.own if tag.version), key=len, default="")
    holders = context.tags_before.get(exact, ())
    return holders[0] if len(holders) == 1 else None


def _suites_lost(context: LibraryContext, entries: Sequence[EntryTags], gone: frozenset[str]) -> bool:
    """Whether another suite than before, or one that lost the architectures itself, is the reason."""
    for each in entries:
        old = _same_build(context, each) or context.change.old(each)
        if old is not None and old.suites != each.suites:
            return True
        if context.others is None:
            continue
        for suite in each.suites:
            for name in ("buildpack-deps", "debian", "ubuntu", "alpine"):
                file = context.others.file(name)
                found = file.find(suite if name != "alpine" else "latest") if file is not None else ()
                if found and (name != "alpine" or suite == "alpine") and gone - set(found[0].architectures):
                    return True
    return False


def _one_cause(
    entries: Sequence[EntryTags], paired: Sequence[EntryTags], context: LibraryContext, gone: frozenset[str]
) -> bool:
    """Whether they are all entries of one suite, of one runtime, or of one feature version on one C library."""
    lost = {id(each) for each in entries}
    had = [
        each
        for each in paired
        if (old := context.change.old(each)) is not None and gone & set(old.entry.architectures)
    ]
    for each in entries:
        alike = [
            [other for other in had if each.suites & other.suites],
            [
                other
                for other in had
                if other.full[:1] == each.full[:1] and ("alpine" in other.suites) == ("alpine" in each.suites)
            ],
        ]
        # the oldest ones of a suite end first
        alike += [[other for other in group if other.full <= each.full] for group in alike]
        alike += [[other for other in had if word in qualifiers(other)] for word in qualifiers(each)]
        if not any(len(group) > 1 and all(id(other) in lost for other in group) for group in alike):
            return False
    return True


RULE = library_rule(
    id="arch-dropped",
    severity="warning",
    title="Architectures lost",
    looks_for=(
        "An entry with the same tags, or of a series that was there, is built for fewer "
        "architectures. A note when all entries of a suite lose the same."
    ),
    why=(
        "Users of that architecture get no updates. Mostly it is meant, and worth a word in the pull request."
    ),
    proof="multiarch",
    bad="""
Tags: 1.2.4, 1.2
Architectures: amd64

Tags: 1.1.4, 1.1
Architectures: amd64, s390x
Directory: 1.1
""",
    good="""
Tags: 1.2.4, 1.2
Architectures: amd64, s390x

Tags: 1.1.4, 1.1
Architectures: amd64, s390x
Directory: 1.1
""",
    check=check,
    needs=("text", "previous"),
    before="""
Tags: 1.2.3, 1.2
Architectures: amd64, s390x

Tags: 1.1.4, 1.1
Architectures: amd64, s390x
Directory: 1.1
""",
)
