"""latest-on-wrong-variant: latest loses architectures that a sibling has."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import DEBIAN, UBUNTU, EntryTags
from contrib.rules.library.change import mentioned
from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.variant_default_differs import numbered
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding for all such names of an entry."""
    groups: dict[int, tuple[EntryTags, EntryTags, list[str], set[str]]] = {}
    for text, holders in context.tags.items():
        before = context.tags_before.get(text)
        tag = next(tag for tag in holders[0].tags if tag.text == text)
        if not before or not (text == "latest" or (tag.version and not tag.variant and not tag.marker)):
            continue
        lost = _architectures(before) - _architectures(holders)
        if lost and holders[0].full == before[0].full and mentioned(context, lost):
            continue  # the release stays, and the message of the change says so
        if lost and _another_runtime(before[0], holders[0]):
            continue  # latest went to another runtime, whose base decides
        for sibling in context.entries:
            if (
                lost
                and sibling.full == holders[0].full
                and sibling.full
                and lost <= set(sibling.entry.architectures)
            ):
                group = groups.setdefault(id(holders[0]), (holders[0], sibling, [], set()))
                group[2].append(text)
                group[3].update(lost)
                break
    for each, sibling, texts, lost in groups.values():
        movable = all(text in each.entry.tags for text in texts)
        yield context.found(
            RULE,
            context.line_of_tag(each.entry, texts[0]),
            f"{listed(texts)} {'loses' if len(texts) == 1 else 'lose'} {listed(sorted(lost))}, which {named(sibling)} "
            f"(line {context.line(sibling.entry)}) has",
            fix=context.move_tags(
                each.entry, sibling.entry, texts, f"move {', '.join(texts)} to {sibling.entry.tags[0]}"
            )
            if movable
            else None,
        )
    yield from _runtime_down(context)


def _runtime_down(context: LibraryContext) -> Iterator[Finding]:
    """``latest`` goes to a qualifier with a lower number: from scala_2.12 to scala_2.11."""
    now, before = context.tags.get("latest"), context.tags_before.get("latest")
    if not now or not before or now[0].unstable or now[0].full < before[0].full:
        return
    if now[0].full[:1] != before[0].full[:1] and not any(
        each.full == before[0].full for each in context.stable
    ):
        return  # another major version, and the one before has ended: it has a default of its own
    had, has = numbered(before[0]), numbered(now[0])
    for name in sorted(had.keys() & has.keys()):
        was, became = (tuple(map(int, values[name].split("."))) for values in (had, has))
        if became < was and len(had) == len(has) and _is_there(context, name, had[name]):
            yield context.found(
                RULE,
                context.line_of_tag(now[0].entry, "latest"),
                f"`latest` was on {name} {had[name]}, and is on {name} {has[name]} now",
            )


def _is_there(context: LibraryContext, name: str, value: str) -> bool:
    """Whether an entry still has the qualifier with this number: else it was taken out, and latest had to go on."""
    return any(numbered(each).get(name) == value for each in context.entries)


def _another_runtime(old: EntryTags, new: EntryTags) -> bool:
    """Whether the two have a qualifier with different numbers (``jdk17``, ``jdk21``), or another suite."""
    for family in (DEBIAN, UBUNTU):
        # the default moves from one release of a distribution to the next
        if (
            not old.suites & new.suites
            and old.suites <= set(family)
            and new.suites <= set(family)
            and old.suites
        ):
            return True
    one, two = ({word for tag in each.tags for word in tag.words} for each in (old, new))
    changed = {word.rstrip("0123456789.") for word in two - one if word[-1:].isdigit()}
    return bool(changed & {word.rstrip("0123456789.") for word in one - two if word[-1:].isdigit()})


def _architectures(holders: list[EntryTags]) -> set[str]:
    return {arch for each in holders for arch in each.entry.architectures}


RULE = library_rule(
    id="latest-on-wrong-variant",
    severity="warning",
    title="latest loses architectures that a sibling has",
    looks_for=(
        "`latest`, or a version without variant, loses architectures that another entry of the same "
        "version still has; or `latest` moves to a qualifier with a lower number (`scala_2.11` after "
        "`scala_2.12`)."
    ),
    why=("The name went to another variant than before."),
    proof="tags",
    bad="""
Tags: 1.2.4-alpine, 1.2.4, 1.2, latest
Architectures: amd64
Directory: alpine

Tags: 1.2.4-trixie
Architectures: amd64, s390x
Directory: trixie
""",
    good="""
Tags: 1.2.4-alpine
Architectures: amd64
Directory: alpine

Tags: 1.2.4-trixie, 1.2.4, 1.2, latest
Architectures: amd64, s390x
Directory: trixie
""",
    check=check,
    fix="ask",
    needs=("text", "previous"),
    before="""
Tags: 1.2.3-alpine
Architectures: amd64
Directory: alpine

Tags: 1.2.3-trixie, 1.2.3, 1.2, latest
Architectures: amd64, s390x
Directory: trixie
""",
)
