"""sharedtags-missing-windows: windows entry without the tags that it should share."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, Tag, windows_name, windows_release
from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry."""
    windows = context.windows
    if not windows:
        return
    forms = {_kind(tag) for each in windows for tag in each.shared if _releaseless(tag.text)}
    told: set[str] = set()
    releases = {r for each in windows for tag in each.own if (r := _release(tag.text))}
    for each in windows:
        found = _own_names(each, len(releases) > 1)
        if found:
            own = [tag.text for tag in each.own]
            fix = None
            if len(found) < len(own) and context.field(each.entry, "SharedTags") is None:
                dropped = context.drop_tags(each.entry, found)
                line = context.add_field(each.entry, f"SharedTags: {', '.join(found)}", after=("Tags",))
                fix = (
                    Fix("move them to SharedTags", (*dropped, line), safe=False) if dropped and line else None
                )
            yield context.found(
                RULE,
                context.line_of_tag(each.entry, found[0]),
                f"{listed(found)} {'is' if len(found) == 1 else 'are'} in Tags of the Windows entry {named(each)}, "
                "and other releases or Linux cannot share it",
                severity=None if forms else Severity.NOTE,
                fix=fix,
            )
            continue
        lacking = _lacking(each)
        if lacking and _kind(lacking[0]) in forms:
            yield context.found(
                RULE,
                context.line(each.entry, "SharedTags", "Tags"),
                f"the Windows entry {named(each)} does not share `{lacking[0].text}`, as others of the file do",
            )
        elif lacking and _kind(lacking[0]) not in told:
            told.add(_kind(lacking[0]))
            yield context.found(
                RULE,
                context.line(each.entry, "SharedTags", "Tags"),
                f"Windows entries share no release-less form (`{lacking[0].text}`)",
                severity=Severity.NOTE,
            )
    yield from _twins(context, windows)
    yield from _linux(context, windows)


def _twins(context: LibraryContext, windows: tuple[EntryTags, ...]) -> Iterator[Finding]:
    """Entries that differ in their Windows release alone: hosts of the one should get what those of the other get."""
    groups: dict[tuple[str, ...], list[EntryTags]] = {}
    for each in windows:
        own = tuple(sorted(_without_release(tag.text) for tag in each.own))
        if own and all(_release(tag.text) for tag in each.own):
            groups.setdefault(own, []).append(each)
    for twins in groups.values():
        for each in twins:
            have = {tag.text for tag in each.shared}
            if not have:
                continue  # that it shares nothing is told above
            for other in twins:
                lost = [tag.text for tag in other.shared if tag.text not in have]
                if lost and have < {tag.text for tag in other.shared}:
                    yield context.found(
                        RULE,
                        context.line(each.entry, "SharedTags", "Tags"),
                        f"the Windows entry {named(each)} does not share {listed(lost, 3)}, as {named(other)} does",
                    )
                    break


def _without_release(text: str) -> str:
    name = windows_name(text)
    return text.replace(f"-{name.release}", "", 1) if name is not None and name.release else text


def _release(text: str) -> str:
    name = windows_name(text)
    return name.release if name else ""


def _releaseless(text: str) -> bool:
    name = windows_name(text)
    return name is not None and not name.release


def _own_names(each: EntryTags, several: bool) -> list[str]:
    """Own tags that should be shared: without base, or without release."""
    found = []
    for tag in each.own:
        name = windows_name(tag.text)
        if (name is None and not windows_release(tag.text) and "windows" not in tag.text) or (
            name is not None and not name.release and several
        ):
            found.append(tag.text)
    return found


def _kind(tag: Tag) -> str:
    """The variant without what says Windows: ``builder``."""
    return "-".join(word for word in tag.words if not windows_name(word) and not windows_release(word))


def _lacking(each: EntryTags) -> list[Tag]:
    """The release-less form of the full version, where the entry shares none."""
    if any(_releaseless(tag.text) for tag in each.tags):
        return []
    for tag in each.own:
        name = windows_name(tag.text)
        if name is not None and name.release and tag.version == each.full and each.full:
            return [Tag(tag.text.replace(f"-{name.release}", ""))]
    return []


def _linux(context: LibraryContext, windows: tuple[EntryTags, ...]) -> Iterator[Finding]:
    for each in context.stable:
        if each.windows or not each.full:
            continue
        for tag in each.shared:
            if tag.version != each.full or tag.variant:
                continue
            same = [
                other
                for other in windows
                if other.full == each.full and any(_kind(own) == "" for own in other.own if own.version)
            ]
            if same and not any(tag.text in other.entry.all_tags for other in same):
                yield context.found(
                    RULE,
                    context.line(same[0].entry, "SharedTags", "Tags"),
                    f"{named(each)} shares `{tag.text}`, and no Windows entry of that version does",
                )


RULE = library_rule(
    id="sharedtags-missing-windows",
    severity="warning",
    title="Windows entry without the tags that it should share",
    looks_for=(
        "A Windows entry whose `Tags` hold a name without base (`1.2`), or without release while "
        "other releases exist; that lacks the release-less shared form while others of the file have "
        "it, or that lacks shared tags of its twin on another release; or a Linux entry whose shared full version is on "
        "no Windows entry of that version. A note in files without such forms."
    ),
    why=("`1.2-windowsservercore` should give every host what it can run, and `1.2` should too."),
    proof="library",
    bad="""
Tags: 1.2-windowsservercore-ltsc2025, 1.2-windowsservercore
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
Directory: ltsc2025

Tags: 1.2-windowsservercore-ltsc2022
SharedTags: windowsservercore
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2022
Directory: ltsc2022
""",
    good="""
Tags: 1.2-windowsservercore-ltsc2025
SharedTags: 1.2-windowsservercore, windowsservercore
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
Directory: ltsc2025

Tags: 1.2-windowsservercore-ltsc2022
SharedTags: 1.2-windowsservercore, windowsservercore
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2022
Directory: ltsc2022
""",
    check=check,
    fix="ask",
)
