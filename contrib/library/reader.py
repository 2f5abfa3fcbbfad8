"""Bytes to a header and entries, accepted and rejected exactly as bashbrew 0.1.15 does.

The reference is ``manifest/rfc2822.go``. :class:`contrib.library.source.Source` has read the text, the table of
:mod:`contrib.library.fields` says what becomes of each field; this applies it and stops at the first thing that
is wrong. The sentence about it is written by :mod:`contrib.library.parsing`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import attrgetter

from contrib.library.fields import ARCH_SUFFIXES, ARCHITECTURES, FIELDS
from contrib.library.model import Entry, artifacts, clean_path, without_repeats
from contrib.library.source import Block, Source, is_comment

#: A library file larger than this is refused unread. The largest there is has 32 KB.
MAX_BYTES = 1024 * 1024

#: What is stripped from the items of a list.
LIST_BLANKS = "\n\r\t "

TAG = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}")
COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# Of many: items of a list hold no comma; a value that holds a newline ends in one, and so does not match.
_TAGS = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}(?:,[0-9A-Za-z_][0-9A-Za-z_.-]{0,127})*")
_COMMITS = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?(?:\n[0-9a-f]{40}(?:[0-9a-f]{24})?)*")
FETCH = re.compile(r"refs/(?:heads|tags)/[^*?:]+", re.DOTALL)
# A name takes all blanks before "<" or "(" but the last one, as the reference's greedy pattern does; written
# with a look-behind so that there is one way only to match and a long run of blanks costs no more than once.
MAINTAINER = re.compile(
    r"([^\t\n\f\r <>()][^<>()]*)(?<=[\t\n\f\r ])"
    r"(?:<([^\t\n\f\r <>()]+)>[\t\n\f\r ]+)?\(@([^\t\n\f\r <>()]+)\)"
)

_KNOWN_ARCHITECTURES = frozenset(ARCHITECTURES)

#: Names that the reference's decoder trips over: they are members of its own structures.
RESERVED_NAMES = frozenset(("Values", "Paragraph", "ArchValues"))


_PGP = "-----BEGIN PGP "


class Rejected(Exception):
    """The reference rejects the file here.

    :ivar rule: id of the rule for this mistake.
    :ivar line: where it is, from 1; 1 where it is about the whole file.
    :ivar value: what is wrong, as it is written; "" where something is missing.
    """

    def __init__(self, rule: str, line: int = 1, value: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.line = line
        self.value = value


def is_signed(text: str) -> bool:
    """Whether the text, its comments deleted, starts like a message signed with PGP."""
    if _PGP not in text:
        return False
    for line in text.split("\n"):
        if not is_comment(line):
            return line.startswith(_PGP)
    return False


def split_list(value: str) -> list[str]:
    """Items of a list field; an empty value is one empty item."""
    # All but the odd list are written "a, b": then nothing is left to strip.
    items = value.strip(LIST_BLANKS).split(", ")
    text = "".join(items)
    if "," in text or " " in text or "\n" in text or "\t" in text or "\r" in text:
        return [item.strip(LIST_BLANKS) for item in value.strip(LIST_BLANKS).split(",")]
    return items


def maintainer(item: str) -> str | None:
    """The item in its printed form, None when it is not well formed."""
    found = MAINTAINER.fullmatch(item)
    if found is None:
        return None
    name, address, handle = found.groups()
    return f"{name[:-1]} <{address}> (@{handle})" if address else f"{name[:-1]} (@{handle})"


def read(data: bytes) -> tuple[Entry, tuple[Entry, ...]]:
    """Header and merged entries.

    :raises Rejected: as soon as the reference would reject.
    """
    source = Source(data)
    if _PGP.encode() in data and is_signed(data.decode("utf-8", "surrogateescape")):
        raise Rejected("header-pgp")
    if source.bad:
        raise Rejected("missing-colon", source.bad[0], source.lines[source.bad[0] - 1])
    found = source.blocks
    if not found:
        raise Rejected("empty-file")
    header = _over(found[0], Entry(), 0)
    if not header.maintainers:
        raise Rejected("missing-maintainers", found[0].marks[0][1] + 1)
    if header.tags:
        raise Rejected("tags-in-header", found[0].line_of("Tags"))
    entries: list[Entry] = []
    own: list[str] = []
    shared: list[str] = []
    commits: list[str] = []
    fetches = {header.git_fetch}
    known: dict[tuple[object, ...], int] = {}
    parts: dict[int, list[Entry]] = {}
    for index in range(1, len(found)):
        entry = _over(found[index], header, index)
        if not entry.tags:
            raise Rejected("missing-tags", found[index].marks[0][1] + 1)
        if not entry.git_repo:
            raise Rejected("missing-gitrepo", _line(found, index, "GitRepo"))
        if entry.shared_tags:
            if len(entry.shared_tags) > 1:
                entry.shared_tags = without_repeats(entry.shared_tags)
            shared += entry.shared_tags
        own += entry.tags
        commits.append(entry.git_commit)
        fetches.add(entry.git_fetch)
        for row in _PATHS:
            setattr(entry, row.attribute, clean_path(getattr(entry, row.attribute)))
        if entry.arch_fields:
            entry.arch_fields = {
                name: clean_path(value) if value and name.endswith(_PATH_SUFFIXES) else value
                for name, value in entry.arch_fields.items()
            }

        key = artifacts(entry)
        before = known.get(key)
        if before is None:
            known[key] = len(entries)
            entries.append(entry)
        else:
            parts.setdefault(before, [entries[before]]).append(entry)

    if entries:
        # What the reference asks of each entry as it comes, asked of all at once: the answer is the same, and a
        # few expressions over the whole are several times faster than thousands over the parts.
        every = [*entries, *[part for each in parts.values() for part in each[1:]]]
        if not _COMMITS.fullmatch("\n".join(commits)):
            _refuse_commit(found, every)
        if any(not FETCH.fullmatch(fetch) for fetch in fetches):
            _refuse_fetch(found, every)
        _check_tags(found, own, shared)
    for each in parts.values():
        merge(each)
    return header, tuple(entries)


_PATHS = [row for row in FIELDS if row.path]
_PATH_SUFFIXES = tuple([f"-{row.name}" for row in _PATHS])


def _line(blocks: list[Block], index: int, name: str) -> int:
    """Line of a field of an entry, of the header where it has none, else of the entry."""
    for block in (blocks[index], blocks[0]):
        if name in block.values:
            return block.line_of(name)
    return blocks[index].marks[0][1] + 1


def _refuse_commit(blocks: list[Block], entries: list[Entry]) -> None:
    for entry in entries:
        if not COMMIT.fullmatch(entry.git_commit):
            rule = "invalid-gitcommit" if entry.git_commit else "missing-gitcommit"
            raise Rejected(rule, _line(blocks, entry.paragraphs[0], "GitCommit"), entry.git_commit)
    raise Rejected("invalid-gitcommit")


def _refuse_fetch(blocks: list[Block], entries: list[Entry]) -> None:
    for entry in entries:
        if not FETCH.fullmatch(entry.git_fetch):
            raise Rejected(
                "invalid-gitfetch", _line(blocks, entry.paragraphs[0], "GitFetch"), entry.git_fetch
            )


def _check_tags(blocks: list[Block], own: list[str], shared: list[str]) -> None:
    if not _TAGS.fullmatch(",".join(own)) or (shared and not _TAGS.fullmatch(",".join(shared))):
        for index in range(1, len(blocks)):
            for name in ("Tags", "SharedTags"):
                for item in split_list(blocks[index].values.get(name, blocks[0].values.get(name, "x"))):
                    if not TAG.fullmatch(item):
                        raise Rejected("invalid-tag", _line(blocks, index, name), item)
    single = set(own)
    if len(single) < len(own):
        seen: set[str] = set()
        for index in range(1, len(blocks)):
            for item in split_list(blocks[index].values["Tags"]):
                if item in seen:
                    raise Rejected("duplicate-tag", _line(blocks, index, "Tags"), item)
                seen.add(item)
    if not single.isdisjoint(shared):
        both = next(item for item in shared if item in single)
        for index in range(1, len(blocks)):
            if both in split_list(
                blocks[index].values.get("SharedTags", blocks[0].values.get("SharedTags", ""))
            ):
                raise Rejected("sharedtag-conflict", _line(blocks, index, "SharedTags"), both)


def merge(parts: list[Entry]) -> None:
    """Give the first of these entries, which build the same, the tags of all."""
    first = parts[0]
    first.tags = tuple([tag for part in parts for tag in part.tags])
    first.shared_tags = without_repeats([tag for part in parts for tag in part.shared_tags])
    first.paragraphs = tuple([index for part in parts for index in part.paragraphs])


def _over(block: Block, base: Entry, index: int) -> Entry:
    """The paragraph's fields laid over ``base``, by the table."""
    fields = block.values
    values = list(_VALUES(base))
    arch_fields = base.arch_fields
    own = None
    for name, value in fields.items():
        row = _ROWS.get(name)
        if row is not None:
            place, converted, adds = row
            if converted is None:
                values[place] = value
            else:
                items = converted(value, block)
                values[place] = values[place] + items if adds else items
        elif name.endswith(ARCH_SUFFIXES):
            if own is None:
                arch_fields = own = dict(arch_fields)
            own[name] = value
        elif name in RESERVED_NAMES:
            raise Rejected("unknown-field", block.line_of(name), name)
    entry = Entry.__new__(Entry)
    for put, filled in zip(_PUT, values, strict=True):
        put(entry, filled)
    entry.arch_fields = arch_fields
    entry.paragraphs = (index,)
    return entry


def _items(value: str, block: Block) -> tuple[str, ...]:
    return tuple(split_list(value))


def _maintainers(value: str, block: Block) -> tuple[str, ...]:
    found = []
    for item in split_list(value):
        printed = maintainer(item)
        if printed is None:
            raise Rejected("maintainers-bad-format", block.line_of("Maintainers"), item)
        found.append(printed)
    return tuple(found)


_ARCHITECTURE_LISTS: dict[str, tuple[str, ...]] = {}


def _architectures(value: str, block: Block) -> tuple[str, ...]:
    # The same few lists stand in every entry of every file.
    known = _ARCHITECTURE_LISTS.get(value)
    if known is None:
        items = split_list(value)
        known = tuple(sorted(set(items)))
        if not _KNOWN_ARCHITECTURES.issuperset(known):
            wrong = next(item for item in items if item not in _KNOWN_ARCHITECTURES)
            raise Rejected("invalid-architecture", block.line_of("Architectures"), wrong)
        if len(_ARCHITECTURE_LISTS) < 1000:
            _ARCHITECTURE_LISTS[value] = known
    return known


_Converter = Callable[[str, Block], "tuple[str, ...]"]
#: Lists whose items are more than text.
_CONVERTERS: dict[str, _Converter] = {"Maintainers": _maintainers, "Architectures": _architectures}
_ROWS: dict[str, tuple[int, _Converter | None, bool]] = {
    row.name: (place, _CONVERTERS.get(row.name, _items) if row.many else None, row.adds)
    for place, row in enumerate(FIELDS)
}
_VALUES = attrgetter(*[row.attribute for row in FIELDS])
#: What puts a value into an entry's slot: setattr, its name looked up already.
_PUT = [Entry.__dict__[row.attribute].__set__ for row in FIELDS]
