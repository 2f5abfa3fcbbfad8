"""arch-dropped: architectures lost."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags
from contrib.rules.library.change import old_of
from contrib.rules.library.context import Context, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """One finding an entry."""
    lost: dict[int, tuple[EntryTags, frozenset[str]]] = {}
    paired: list[EntryTags] = []
    for each in context.entries:
        old = old_of(context, each)
        if old is None:
            continue
        paired.append(each)
        gone = frozenset(old.entry.architectures) - frozenset(each.entry.architectures)
        if not gone:
            continue
        # Another entry may have taken them over, with the same tags to share.
        gone -= {
            arch
            for text in each.entry.all_tags
            if any(text in other.entry.all_tags for other in (old,))
            for holder in context.tags.get(text, ())
            if holder is not each
            for arch in holder.entry.architectures
        }
        if gone:
            lost[id(each)] = (each, gone)
    for each, gone in lost.values():
        suites = _suites(each)
        alike = [other for other in paired if suites & _suites(other)] if suites else paired
        same = len(alike) > 1 and all(id(other) in lost and lost[id(other)][1] == gone for other in alike)
        yield context.found(
            RULE,
            context.line(each.entry, "Architectures", "Tags"),
            f"{named(each)} is not built for {listed(sorted(gone))} any more",
            severity=Severity.NOTE if same else None,
        )


def _suites(each: EntryTags) -> frozenset[str]:
    return each.suites


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
