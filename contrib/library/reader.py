"""Bytes to a :class:`LibraryFile`, accepted and rejected exactly as bashbrew 0.1.15 does.

The reference is ``manifest/rfc2822.go`` over ``pault.ag/go/debian/control``. This reader stops at the first
 thing that is wrong and keeps no positions, which is what makes it fast; the sentence with line, field and
mend is then written by :mod:`contrib.library.survey`, the reader that goes on.

Text is decoded as UTF-8 with ``surrogateescape``, so bytes that are none pass through unharmed.
"""

from __future__ import annotations

import re

from contrib.library.model import (
    ARCHITECTURES,
    FIELD_NAMES,
    Entry,
    LibraryFile,
    artifacts,
    clean_path,
    without_repeats,
)
from contrib.values.errors import BadInput

#: A library file larger than this is refused unread. The largest there is has 32 KB.
MAX_BYTES = 1024 * 1024

#: What Go's ``unicode.IsSpace`` holds for a blank; ``str.strip()`` would also take U+001C to U+001F.
BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

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

_ARCH_SUFFIXES = ("-GitRepo", "-GitFetch", "-GitCommit", "-Directory", "-File", "-Builder")
_PLAIN = frozenset(FIELD_NAMES)
_KNOWN_ARCHITECTURES = frozenset(ARCHITECTURES)

#: Names that the reference's decoder trips over: they are members of its own structures.
RESERVED_NAMES = frozenset(("Values", "Paragraph", "ArchValues"))


_PGP = "-----BEGIN PGP "


class Rejected(Exception):
    """The reference rejects the file here. For :func:`parse` only."""


def parse(data: bytes, name: str = "library file") -> LibraryFile:
    """Read a library file.

    :param name: for messages; its last path component is the image's name.
    :raises BadInput: for what the reference rejects, with line, field and mend; for more than :data:`MAX_BYTES`.
    """
    if len(data) > MAX_BYTES:
        raise BadInput(
            f"has {len(data)} bytes, more than the {MAX_BYTES} that a library file may have", file=name
        )
    try:
        header, entries = read(data)
    except Rejected as rejected:
        from contrib.library.survey import first_rejection

        problem = first_rejection(data, name)
        # The two readers agree (the suite holds them to it); should they ever not, say what is known.
        if problem is None:
            raise BadInput(str(rejected), file=name) from None
        raise BadInput(problem.message, file=name, line=problem.line, hint=problem.hint) from None
    return LibraryFile(name, data, header, entries)


def is_comment(line: str) -> bool:
    """Whether the line is deleted before anything else."""
    return line.lstrip(BLANKS)[:1] == "#"


def paragraphs(text: str) -> list[dict[str, str]]:
    """Fields of each paragraph, names and values trimmed; the last of equal names wins.

    :raises Rejected: at a line without a colon.
    """
    found: list[dict[str, str]] = []
    current: dict[str, str] = {}
    continued: dict[str, list[str]] = {}
    last = ""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()  # what follows the last newline is no line
    blanks = BLANKS
    for line in lines:
        if not line or line == "\r":
            if current:
                _join(current, continued)
                found.append(current)
                current = {}
            continue
        first = line[0]
        if first == "#" or (first in blanks and line.lstrip(blanks)[:1] == "#"):
            continue
        if first == " " or first == "\t":
            if current:
                line = line[1:].rstrip(blanks)
                if last not in continued:
                    value = current[last]
                    continued[last] = [value + "\n"] if value else []
                continued[last].append("\n" if line == "." else line + "\n")
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise Rejected("has a line without a colon")
        last = name.strip(blanks)
        current[last] = value.strip(blanks)
        if continued:
            continued.pop(last, None)
    if current:
        _join(current, continued)
        found.append(current)
    return found


def _join(fields: dict[str, str], continued: dict[str, list[str]]) -> None:
    """Put the continuation lines to their fields: once, at the end, so that a million of them stay linear."""
    if continued:
        for name, parts in continued.items():
            fields[name] = "".join(parts)
        continued.clear()


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
    text = data.decode("utf-8", "surrogateescape")
    if is_signed(text):
        raise Rejected("is signed with PGP")
    found = paragraphs(text)
    if not found:
        raise Rejected("has no field")
    header = _over(found[0], Entry(), 0)
    if not header.maintainers:
        raise Rejected("has no Maintainers")
    if header.tags:
        raise Rejected("has Tags in its header")
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
            raise Rejected("has an entry without Tags")
        if not entry.git_repo:
            raise Rejected("has an entry without GitRepo")
        if entry.shared_tags:
            if len(entry.shared_tags) > 1:
                entry.shared_tags = without_repeats(entry.shared_tags)
            shared += entry.shared_tags
        own += entry.tags
        commits.append(entry.git_commit)
        fetches.add(entry.git_fetch)
        entry.directory = clean_path(entry.directory)
        if entry.arch_fields:
            entry.arch_fields = {
                name: clean_path(value) if value and name.endswith("-Directory") else value
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
        if not _COMMITS.fullmatch("\n".join(commits)):
            raise Rejected("has an invalid GitCommit")
        _check_fetches(fetches, entries)
        _check_tags(own, shared)
    for each in parts.values():
        merge(each)
    return header, tuple(entries)


# What the reference asks of each entry as it comes, asked of all at once: the answer is the same, and a few
# expressions over the whole are several times faster than thousands over the parts.


def _check_fetches(fetches: set[str], entries: list[Entry]) -> None:
    for fetch in fetches:
        if not FETCH.fullmatch(fetch) and any(entry.git_fetch == fetch for entry in entries):
            raise Rejected("has an invalid GitFetch")


def _check_tags(own: list[str], shared: list[str]) -> None:
    if not _TAGS.fullmatch(",".join(own)) or (shared and not _TAGS.fullmatch(",".join(shared))):
        raise Rejected("has an invalid tag")
    single = set(own)
    if len(single) < len(own):
        raise Rejected("has a tag twice")
    if not single.isdisjoint(shared):
        raise Rejected("has a tag that is both shared and not")


def merge(parts: list[Entry]) -> None:
    """Give the first of these entries, which build the same, the tags of all."""
    first = parts[0]
    first.tags = tuple([tag for part in parts for tag in part.tags])
    first.shared_tags = without_repeats([tag for part in parts for tag in part.shared_tags])
    first.paragraphs = tuple([index for part in parts for index in part.paragraphs])


def _over(fields: dict[str, str], base: Entry, index: int) -> Entry:
    """The paragraph's fields laid over ``base``."""
    get = fields.get
    maintainers = base.maintainers
    value = get("Maintainers")
    if value is not None:
        maintainers += _maintainers(value)
    value = get("Tags")
    tags = base.tags if value is None else tuple(split_list(value))
    value = get("SharedTags")
    shared = base.shared_tags if value is None else tuple(split_list(value))
    value = get("Architectures")
    architectures = base.architectures if value is None else _architectures(value)
    constraints = base.constraints
    value = get("Constraints")
    if value is not None:
        constraints += tuple(split_list(value))
    arch_fields = base.arch_fields
    if not _PLAIN.issuperset(fields):
        arch_fields = dict(arch_fields)
        for name in fields:
            if name.endswith(_ARCH_SUFFIXES):
                arch_fields[name] = fields[name]
            elif name in RESERVED_NAMES:
                raise Rejected(f"has a field named {name}")
    return Entry(
        maintainers=maintainers,
        tags=tags,
        shared_tags=shared,
        architectures=architectures,
        git_repo=get("GitRepo", base.git_repo),
        git_fetch=get("GitFetch", base.git_fetch),
        git_commit=get("GitCommit", base.git_commit),
        directory=get("Directory", base.directory),
        file=get("File", base.file),
        builder=get("Builder", base.builder),
        arch_fields=arch_fields,
        constraints=constraints,
        paragraphs=(index,),
    )


def _maintainers(value: str) -> tuple[str, ...]:
    found = []
    for item in split_list(value):
        printed = maintainer(item)
        if printed is None:
            raise Rejected(f"has a badly formed maintainer {item!r}")
        found.append(printed)
    return tuple(found)


_ARCHITECTURE_LISTS: dict[str, tuple[str, ...]] = {}


def _architectures(value: str) -> tuple[str, ...]:
    # The same few lists stand in every entry of every file.
    known = _ARCHITECTURE_LISTS.get(value)
    if known is None:
        known = tuple(sorted(set(split_list(value))))
        if not _KNOWN_ARCHITECTURES.issuperset(known):
            raise Rejected("has an invalid architecture")
        if len(_ARCHITECTURE_LISTS) < 1000:
            _ARCHITECTURE_LISTS[value] = known
    return known
