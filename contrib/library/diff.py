"""What a change of a library file means: which tags go to which commit, which come and go.

:func:`diff` compares two files as values, :func:`text`, :func:`markdown` and :func:`as_json` print the
comparison. Comments, order and layout make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contrib.library.fields import FIELDS, LISTS
from contrib.library.model import Entry, LibraryFile, _by_bytes
from contrib.library.tags import EntryTags, agree
from contrib.values.budgets import bounded
from contrib.values.markdown import code

_NUMBERS = re.compile(r"[0-9.]+")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs; values as they are printed, "" for none.

    :param added: items of a list that are new; ``removed`` those that are gone.
    """

    name: str
    old: str
    new: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """``field``, ``old``, ``new``, and for lists ``added`` and ``removed``."""
        shape: dict[str, object] = {"field": self.name, "old": self.old, "new": self.new}
        if self.name in LISTS:
            shape["added"] = list(self.added)
            shape["removed"] = list(self.removed)
        return shape


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry that was there before, and differs.

    :param tags_added: own and shared tags that the entry has now; ``tags_removed`` those that it had.
    :param shared: tags that were its own and are shared now; ``unshared`` the other way round.
    """

    old: Entry
    new: Entry
    fields: tuple[FieldChange, ...]
    tags_added: tuple[str, ...]
    tags_removed: tuple[str, ...]
    shared: tuple[str, ...] = ()
    unshared: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """``old`` and ``new`` name the entry by its first tag."""
        return {
            "old": self.old.tags[0],
            "new": self.new.tags[0],
            "tags": {
                "added": list(self.tags_added),
                "removed": list(self.tags_removed),
                "shared": list(self.shared),
                "unshared": list(self.unshared),
            },
            "fields": [field.as_json() for field in self.fields],
        }


@dataclass(frozen=True, slots=True)
class TagMove:
    """Tags that stand for another build than before.

    :param old: commits that they stood for, each once, in file order (several for a shared tag, or for an
        entry with commits of its own for some architectures); ``new`` those that they stand for.
    :param entries: first tags of the entries that they went from and to, where those are not one and the same.
    """

    tags: tuple[str, ...]
    old: tuple[str, ...]
    new: tuple[str, ...]
    entries: tuple[str, str] | None = None

    def as_json(self) -> dict[str, object]:
        """``from_entry`` and ``to_entry`` only where the tags change entries."""
        shape: dict[str, object] = {
            "tags": list(self.tags),
            "from": list(self.old),
            "to": list(self.new),
        }
        if self.entries is not None:
            shape["from_entry"], shape["to_entry"] = self.entries
        return shape


@dataclass(frozen=True, slots=True)
class LibraryDiff:
    """Two versions of a library file, compared.

    :param name: the image's name.
    :param header: fields of the header that differ; what every entry got from it is shown there alone.
    :param added: entries that are new, by version; ``removed`` those that are gone.
    :param moves: tags that were there before and stand for other commits, or went to another entry.
    :param appeared: tags that are new in the file; ``disappeared`` those that are gone.
    """

    name: str
    header: tuple[FieldChange, ...]
    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    changed: tuple[EntryChange, ...]
    moves: tuple[TagMove, ...]
    appeared: tuple[str, ...]
    disappeared: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.header or self.added or self.removed or self.changed or self.moves)


@bounded("new.name")
def diff(old: LibraryFile | None, new: LibraryFile | None) -> LibraryDiff:
    """Compare two versions of a library file.

    :param old: None for a file that is new; ``new`` None for one that is gone.
    """
    one = old.entries if old is not None else ()
    two = new.entries if new is not None else ()
    pairs = matched(one, two)
    partner = {id(b): a for a, b in pairs}
    kept = {id(a) for a, _ in pairs}
    header = tuple(_fields(old.header, new.header)) if old is not None and new is not None else ()
    told = {change.name: change for change in header}
    changed = [change for a, b in pairs if (change := _changed(a, b, told)) is not None]
    tags_old, tags_new = _holders(one), _holders(two)
    name = next(file.repository for file in (new, old) if file is not None)
    return LibraryDiff(
        name,
        header,
        tuple(_sorted(entry for entry in two if id(entry) not in partner)),
        tuple(_sorted(entry for entry in one if id(entry) not in kept)),
        tuple(sorted(changed, key=lambda change: _key(change.new))),
        tuple(_moves(tags_old, tags_new, partner)),
        tuple(tag for tag in tags_new if tag not in tags_old),
        tuple(tag for tag in tags_old if tag not in tags_new),
    )


# -- comparing -------------------------------------------------------------------------------------


#: Entries of one directory that are taken for a hint; the most that a real file has in one is 12.
_MOST_BESIDE = 64


def matched(old: Sequence[Entry], new: Sequence[Entry]) -> list[tuple[Entry, Entry]]:
    """Which entry an entry was before: by tags in common, own ones before shared ones, then by directory."""
    by_tag: dict[str, list[int]] = {}
    for place, entry in enumerate(old):
        for tag in entry.all_tags:
            by_tag.setdefault(tag, []).append(place)
    by_directory: dict[tuple[str, str], list[int]] = {}
    for place, entry in enumerate(old):
        by_directory.setdefault((entry.directory, entry.file), []).append(place)
    tags_old = [EntryTags(entry) for entry in old]
    own_old = [frozenset(entry.tags) for entry in old]
    tags_new = [EntryTags(entry) for entry in new]
    scores: list[tuple[int, int, int, int]] = []
    for here, entry in enumerate(new):
        found: dict[int, int] = {}
        own = set(entry.tags)
        for tag in entry.all_tags:
            for place in by_tag.get(tag, ()):
                both = tag in own and tag in own_old[place]
                # A tag with a digit says which version; latest and alpine wander.
                weight = (4 if both else 1) * (2 if any(char.isdigit() for char in tag) else 1)
                found[place] = found.get(place, 0) + weight
        beside = by_directory.get((entry.directory, entry.file), ())
        # A directory that so many share says nothing of any of them.
        for place in beside if len(beside) <= _MOST_BESIDE else ():
            if (
                old[place].architectures == entry.architectures
                or place in found
                or _kinship(tags_old[place], tags_new[here])
            ):
                # A rolling directory (".", "alpine") is no more than a hint.
                found[place] = found.get(place, 0) + (3 if entry.directory != "." else 1)
        for place in found:
            found[place] += _kinship(tags_old[place], tags_new[here])
        for place, score in found.items():
            scores.append((-score, abs(place - here), here, place))
    pairs: list[tuple[int, int]] = []
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for _, _, here, place in sorted(scores):
        if here not in taken_new and place not in taken_old:
            taken_new.add(here)
            taken_old.add(place)
            pairs.append((place, here))
    return [(old[place], new[here]) for place, here in sorted(pairs, key=lambda pair: pair[1])]


def _kinship(one: EntryTags, two: EntryTags) -> int:
    """A release is its series' heir before it is the heir of whatever aliases it takes over."""
    score = 0
    if one.full and two.full and (one.series == two.series or agree(one.full, two.full)):
        score += 20
    if {_NUMBERS.sub("", v) for v in one.full_variants} & {_NUMBERS.sub("", v) for v in two.full_variants}:
        score += 6
    return score


def _values(entry: Entry) -> dict[str, tuple[str, ...] | str]:
    values: dict[str, tuple[str, ...] | str] = {
        row.name: getattr(entry, row.attribute) for row in FIELDS if row.name not in ("Tags", "SharedTags")
    }
    for name in sorted(entry.arch_fields, key=_by_bytes):
        if entry.arch_fields[name]:
            values[name] = entry.arch_fields[name]
    return values


def _fields(old: Entry, new: Entry) -> Iterable[FieldChange]:
    one, two = _values(old), _values(new)
    for name in [*one, *(name for name in two if name not in one)]:
        before, after = one.get(name, ""), two.get(name, "")
        if before == after:
            continue
        if isinstance(before, str) and isinstance(after, str):
            yield FieldChange(name, before, after)
        else:
            yield FieldChange(
                name,
                ", ".join(before),
                ", ".join(after),
                tuple(item for item in after if item not in before),
                tuple(item for item in before if item not in after),
            )


def _changed(old: Entry, new: Entry, told: dict[str, FieldChange]) -> EntryChange | None:
    fields = tuple(
        change
        for change in _fields(old, new)
        if not (
            change.name in told and (told[change.name].old, told[change.name].new) == (change.old, change.new)
        )
    )
    before, after = set(old.all_tags), set(new.all_tags)
    added = tuple(tag for tag in new.all_tags if tag not in before)
    removed = tuple(tag for tag in old.all_tags if tag not in after)
    shared = tuple(tag for tag in new.shared_tags if tag in old.tags)
    unshared = tuple(tag for tag in new.tags if tag in old.shared_tags)
    if not (fields or added or removed or shared or unshared):
        return None
    return EntryChange(old, new, fields, added, removed, shared, unshared)


def _holders(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        for tag in entry.all_tags:
            found.setdefault(tag, []).append(entry)
    return found


def _commits(entries: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            entry.value("GitCommit", architecture)
            for entry in entries
            for architecture in entry.architectures
        )
    )


def _moves(
    old: dict[str, list[Entry]], new: dict[str, list[Entry]], partner: dict[int, Entry]
) -> Iterable[TagMove]:
    groups: dict[tuple[tuple[str, ...], tuple[str, ...], tuple[str, str] | None], list[str]] = {}
    for tag, holders in new.items():
        before = old.get(tag)
        if before is None:
            continue
        one, two = _commits(before), _commits(holders)
        stayed = any(partner.get(id(holder)) is other for holder in holders for other in before)
        ends = None if stayed else (before[0].tags[0], holders[0].tags[0])
        if set(one) != set(two) or ends is not None:
            groups.setdefault((one, two, ends), []).append(tag)
    for (one, two, ends), tags in groups.items():
        yield TagMove(tuple(tags), one, two, ends)


def _key(entry: Entry) -> tuple[tuple[int, ...], str]:
    understood = EntryTags(entry)
    return tuple(-part for part in understood.full), entry.tags[0]


def _sorted(entries: Iterable[Entry]) -> list[Entry]:
    """Highest version first."""
    return sorted(entries, key=_key)


# -- printing --------------------------------------------------------------------------------------


def as_json(found: LibraryDiff) -> dict[str, object]:
    """Stable: other tools read it."""
    return {
        "name": found.name,
        "header": [change.as_json() for change in found.header],
        "added": [entry.as_json() for entry in found.added],
        "removed": [entry.as_json() for entry in found.removed],
        "changed": [change.as_json() for change in found.changed],
        "tags": {
            "moved": [move.as_json() for move in found.moves],
            "appeared": list(found.appeared),
            "disappeared": list(found.disappeared),
        },
    }


def summary(found: LibraryDiff) -> str:
    """One line: ``2 entries changed, 1 added; 3 tags new, 1 gone``."""
    parts = [
        f"{count} {word}"
        for count, word in (
            (len(found.changed), "changed"),
            (len(found.added), "added"),
            (len(found.removed), "removed"),
        )
        if count
    ]
    if parts:
        first, *rest = parts
        count, word = first.split(" ")
        parts = [f"{count} {'entry' if count == '1' else 'entries'} {word}", *rest]
    if found.header:
        parts.append("header changed")
    tags = [
        f"{count} {word}"
        for count, word in (
            (len(found.appeared), "new"),
            (len(found.disappeared), "gone"),
            (sum(len(move.tags) for move in found.moves), "on other commits"),
        )
        if count
    ]
    if tags:
        first, *rest = tags
        count, _, word = first.partition(" ")
        tags = [f"{count} {'tag' if count == '1' else 'tags'} {word}", *rest]
    return "; ".join(filter(None, (", ".join(parts), ", ".join(tags)))) or "no difference"


def text(found: LibraryDiff) -> str:
    """For the terminal, entries by version, the highest first."""
    lines = [f"library/{found.name}: {summary(found)}"]
    if found.header:
        lines.append("  header")
        lines += [f"      {line}" for change in found.header for line in _field_lines(change)]
    for entry in found.added:
        lines.append(f"  + {', '.join(entry.tags)}")
        lines += [f"      {line}" for line in _entry_lines(entry)]
    for entry in found.removed:
        lines.append(f"  - {', '.join(entry.all_tags)}")
    for change in found.changed:
        was = "" if change.old.tags[0] == change.new.tags[0] else f" (was {change.old.tags[0]})"
        lines.append(f"  ~ {change.new.tags[0]}{was}")
        lines += [f"      {line}" for line in _tag_lines(change)]
        lines += [f"      {line}" for field in change.fields for line in _field_lines(field)]
    moved = [move for move in found.moves if move.entries is not None]
    if moved:
        lines.append("  tags that change entries")
        lines += [f"      {_move_line(move)}" for move in moved]
    if found.disappeared:
        lines += ["  tags gone", f"      {', '.join(found.disappeared)}"]
    return "\n".join(_safe(line) for line in lines) + "\n"


def markdown(found: LibraryDiff, *, level: int = 3) -> str:
    """For the body of a pull request: what is new, what tags move, and the rest folded away."""
    mark = "#" * level
    lines = [f"{mark} {_code(f'library/{found.name}')}", "", f"{summary(found)}.".capitalize(), ""]
    if found.header:
        lines += ["Header:", ""]
        lines += [f"- {_code(line)}" for change in found.header for line in _field_lines(change)]
        lines.append("")
    if found.added:
        lines += [
            "| new entry | shared tags | architectures | commit | directory | constraints |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for entry in found.added:
            cells = [
                _codes(entry.tags),
                _codes(entry.shared_tags),
                _codes(entry.architectures),
                _codes(commit[:12] for commit in _commits([entry])),
                _code(entry.directory),
                _codes(entry.constraints),
            ]
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    if found.moves:
        lines += ["| tags | from | to |", "| --- | --- | --- |"]
        for move in found.moves:
            old, new = (", ".join(_code(commit[:12]) for commit in side) for side in (move.old, move.new))
            if move.entries is not None:
                old, new = f"{_code(move.entries[0])} {old}", f"{_code(move.entries[1])} {new}"
            lines.append(f"| {_codes(move.tags)} | {old} | {new} |")
        lines.append("")
    if found.appeared and found.changed:
        fresh = [tag for change in found.changed for tag in change.tags_added if tag in set(found.appeared)]
        if fresh:
            lines += [f"New tags of entries that were there: {_codes(dict.fromkeys(fresh))}", ""]
    if found.disappeared:
        lines += [f"Tags gone: {_codes(found.disappeared)}", ""]
    if found.removed:
        lines += ["Entries gone: " + "; ".join(_codes(entry.tags) for entry in found.removed), ""]
    odd = [
        (change, fields)
        for change in found.changed
        if (fields := [field for field in change.fields if field.name != "GitCommit"])
    ]
    if odd:
        lines += ["<details><summary>Other fields</summary>", ""]
        for change, fields in odd:
            lines.append(f"- {_code(change.new.tags[0])}")
            lines += [f"  - {_code(line)}" for field in fields for line in _field_lines(field)]
        lines += ["", "</details>", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _entry_lines(entry: Entry) -> Iterable[str]:
    if entry.shared_tags:
        yield f"SharedTags: {', '.join(entry.shared_tags)}"
    yield f"Architectures: {', '.join(entry.architectures)}"
    yield f"GitCommit: {', '.join(_commits([entry]))}"
    yield f"Directory: {entry.directory}"
    if entry.constraints:
        yield f"Constraints: {', '.join(entry.constraints)}"


def _tag_lines(change: EntryChange) -> Iterable[str]:
    if change.tags_added:
        yield f"tags + {', '.join(change.tags_added)}"
    if change.tags_removed:
        yield f"tags - {', '.join(change.tags_removed)}"
    kept = [tag for tag in change.new.all_tags if tag not in change.tags_added]
    if kept:
        yield f"tags = {', '.join(kept)}"
    if change.shared:
        yield f"shared now: {', '.join(change.shared)}"
    if change.unshared:
        yield f"not shared any more: {', '.join(change.unshared)}"


def _field_lines(change: FieldChange) -> Iterable[str]:
    if change.name in LISTS and (change.added or change.removed):
        parts = [f"+ {item}" for item in change.added] + [f"- {item}" for item in change.removed]
        yield f"{change.name}: {', '.join(parts)}"
        return
    short = 12 if change.name.endswith("GitCommit") else None
    yield f"{change.name}: {change.old[:short] or '(none)'} → {change.new[:short] or '(none)'}"


def _move_line(move: TagMove) -> str:
    assert move.entries is not None
    return f"{', '.join(move.tags)}: from {move.entries[0]} to {move.entries[1]}"


def _code(words: str) -> str:
    return code(words, cell=True)


def _codes(words: Iterable[str]) -> str:
    return ", ".join(_code(word) for word in words)


def _safe(words: str) -> str:
    """Without control characters, which a file may hold."""
    return "".join(char if char.isprintable() else "�" for char in words)
