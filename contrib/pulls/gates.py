"""What our own reading of the library file says against pull request B: each finding is a guard.

Claims such as "Linux is left alone" are computed here, from the difference, or they are not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contrib.library.tags import EntryTags, Version, comparable, dotted

if TYPE_CHECKING:
    from contrib.library import LibraryFile
    from contrib.library.model import Entry

#: Fields of an entry, by the name of their attribute.
_FIELDS = {
    "tags": "Tags",
    "shared_tags": "SharedTags",
    "architectures": "Architectures",
    "git_repo": "GitRepo",
    "git_fetch": "GitFetch",
    "git_commit": "GitCommit",
    "directory": "Directory",
    "file": "File",
    "builder": "Builder",
    "constraints": "Constraints",
    "arch_fields": "fields of one architecture",
    "maintainers": "Maintainers",
}

#: What a commit of upstream's changes in an entry by itself.
_BY_COMMIT = frozenset({"tags", "shared_tags", "git_commit"})


@dataclass(frozen=True, slots=True)
class Gate:
    """A guard that official-images' pull request meets.

    :param guard: its name. :param message: one clause. :param details: what a person must see, one line each.
    """

    guard: str
    message: str
    details: tuple[str, ...] = ()


def gates(
    listed: LibraryFile | None,
    proposed: LibraryFile,
    *,
    printed: Callable[[], LibraryFile | None],
    reachable: Callable[[Entry], bool | None],
    unmerged: Callable[[Entry], bool],
    findings: Sequence[tuple[str, int | None, str]] = (),
) -> tuple[Gate, ...]:
    """What stops the library file from being proposed as it is.

    :param listed: what official-images has now. :param proposed: what it would have.
    :param printed: what upstream's generator printed at the commits that are listed; None where it cannot be said.
    :param reachable: whether an entry's commit is on its GitFetch; None where that is not known.
    :param unmerged: whether an entry names a commit of ours that upstream does not have.
    :param findings: ``(rule, line, message)`` of further findings that are errors.
    """
    found = [*_commits(proposed, reachable, unmerged)]
    if listed is not None:
        gone = _gone(listed, proposed)
        if gone:
            lines = tuple(f"{_name(entry)}: {', '.join(entry.all_tags)}" for entry in gone)
            found.append(
                Gate("series-dropped", f"official-images would lose {_count(len(gone), 'entry')}", lines)
            )
        down = _down(listed, proposed)
        if down:
            message = f"tags would move to a lower version: {', '.join(down)}"
            found.append(Gate("tag-down", message, tuple(down.values())))
        found += _linux(listed, proposed, printed, gone, frozenset(down))
    if findings:
        lines = tuple(f"line {line}: {message} ({rule})" for rule, line, message in findings)
        found.append(
            Gate(
                "library-finding",
                f"the rules report {_count(len(lines), 'error')} in the library file",
                lines,
            )
        )
    return tuple(found)


def linux_is_left_alone(listed: LibraryFile | None, proposed: LibraryFile) -> bool:
    """Whether every Linux entry, and the header, is what it was, byte for byte of meaning."""
    if listed is None:
        return False

    def of(file: LibraryFile) -> list[object]:
        linux = [each for each in file.entries if not EntryTags(each).windows]
        return [tuple(_plain(getattr(entry, name)) for name in _FIELDS) for entry in linux]

    return of(listed) == of(proposed) and listed.header.maintainers == proposed.header.maintainers


def _commits(
    proposed: LibraryFile, reachable: Callable[[Entry], bool | None], unmerged: Callable[[Entry], bool]
) -> Iterable[Gate]:
    ours, lost = [], []
    for entry in proposed.entries:
        if unmerged(entry):
            ours.append(f"{_name(entry)}: {entry.git_commit}")
        elif reachable(entry) is False:
            lost.append(f"{_name(entry)}: {entry.git_commit} is not on {entry.git_fetch} of {entry.git_repo}")
    if ours:
        yield Gate(
            "unmerged-commit",
            f"{_count(len(ours), 'entry')} would name commits that are not on upstream's branch",
            tuple(ours),
        )
    if lost:
        yield Gate(
            "gitfetch",
            f"{_count(len(lost), 'entry')} would name commits that are not on their GitFetch",
            tuple(lost),
        )


def _gone(listed: LibraryFile, proposed: LibraryFile) -> list[Entry]:
    """Entries whose line and kind have no entry any more."""
    now = [EntryTags(entry) for entry in proposed.entries]
    gone = []
    for old in map(EntryTags, listed.entries):
        line = old.full[:2]
        aliases = {tag.text for tag in old.tags if tag.version != old.full or not old.full}
        for new in now:
            if new.windows != old.windows:
                continue
            same_line = new.full[:2] == line
            shared = aliases & {tag.text for tag in new.tags}
            if same_line and (shared or new.entry.directory == old.entry.directory):
                break
        else:
            gone.append(old.entry)
    return gone


def _down(listed: LibraryFile, proposed: LibraryFile) -> dict[str, str]:
    """Tags that move to a lower version, with from and to."""
    before, after = _versions(listed), _versions(proposed)
    return {
        tag: f"{tag} from {dotted(version)} to {dotted(after[tag])}"
        for tag, version in before.items()
        if tag in after and comparable(version, after[tag]) and _lower(after[tag], version)
    }


def _lower(one: Version, other: Version) -> bool:
    length = max(len(one), len(other))
    pad = [tuple(list(version) + [0] * (length - len(version))) for version in (one, other)]
    return pad[0] < pad[1]


def _versions(file: LibraryFile) -> dict[str, Version]:
    """The highest full version that each alias names."""
    found: dict[str, Version] = {}
    for each in map(EntryTags, file.entries):
        for tag in each.tags:
            if each.full and tag.version != each.full:
                # Linux and Windows may share a tag; a Windows entry that lags is told elsewhere.
                known = found.get(tag.text)
                found[tag.text] = each.full if known is None else max(known, each.full)
    return found


def _linux(
    listed: LibraryFile,
    proposed: LibraryFile,
    printed: Callable[[], LibraryFile | None],
    gone: Sequence[Entry],
    down: frozenset[str],
) -> Iterable[Gate]:
    """Changes of Linux entries that upstream's commits do not explain.

    :param gone: entries that are told already. :param down: tags that are.
    """
    old = [entry for entry in listed.entries if not EntryTags(entry).windows]
    new = [entry for entry in proposed.entries if not EntryTags(entry).windows]
    changed = [
        (before, after, fields)
        for before in old
        if before not in gone
        and (after := _kin(before, new)) is not None
        and (fields := _differing(before, after, down))
    ]
    maintainers = set(listed.header.maintainers) != set(proposed.header.maintainers)
    if not changed and not maintainers:
        return
    reference = printed()
    unexplained = []
    for before, after, fields in changed:
        then = _kin(before, [] if reference is None else list(reference.entries))
        for name in fields:
            if name == "maintainers":
                continue  # the header's; told once
            if then is not None:
                explained = _without(getattr(then, name), down) == _without(getattr(before, name), down)
            else:
                explained = name in _BY_COMMIT and before.git_commit != after.git_commit
            if not explained:
                unexplained.append(
                    f"{_name(before)}: {_FIELDS[name]}: {_said(getattr(before, name))} -> {_said(getattr(after, name))}"
                )
    if maintainers and (
        reference is None or set(reference.header.maintainers) != set(listed.header.maintainers)
    ):
        unexplained.append(
            f"Maintainers: {_said(listed.header.maintainers)} -> {_said(proposed.header.maintainers)}"
        )
    if unexplained:
        yield Gate(
            "linux-changed",
            f"Linux would change in {_count(len(unexplained), 'place')} that upstream's own commits do not explain",
            tuple(unexplained),
        )


def _kin(entry: Entry, others: Sequence[Entry]) -> Entry | None:
    """The entry that another file has for this one: the one that shares most of its tags, else its directory."""
    tags = set(entry.all_tags)
    best = max(others, key=lambda other: len(tags & set(other.all_tags)), default=None)
    if best is not None and tags & set(best.all_tags):
        return best
    return next((other for other in others if other.directory == entry.directory), None)


def _differing(before: Entry, after: Entry, down: frozenset[str]) -> list[str]:
    return [
        name
        for name in _FIELDS
        if _without(getattr(before, name), down) != _without(getattr(after, name), down)
    ]


def _without(value: object, down: frozenset[str]) -> object:
    plain = _plain(value)
    return plain - down if isinstance(plain, frozenset) else plain


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return frozenset(value)
    return tuple(sorted(value.items())) if isinstance(value, dict) else value


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {text}" for key, text in value.items()) or "nothing"
    return str(value) or "nothing"


def _name(entry: Entry) -> str:
    return entry.tags[0] if entry.tags else entry.directory


def _count(number: int, word: str) -> str:
    plural = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{number} {word if number == 1 else plural}"
