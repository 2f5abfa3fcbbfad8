"""What a library file says: a header and entries, each entry with its defaults filled in.

Plain classes with slots rather than dataclasses: ``contrib library cat`` and ``list`` are held to a
Go program's start-up time, and importing this room must cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter

from contrib.library.fields import BY_NAME, FIELDS

_NO_ARCH_FIELDS: Mapping[str, str] = {}


class Entry:
    """One entry (or the header) with everything it inherits; not to be changed, see :meth:`replaced`.

    :ivar maintainers: ``Name <address> (@handle)`` or ``Name (@handle)`` each.
    :ivar tags: own tags, in order; the first is the most exact one.
    :ivar shared_tags: tags that several entries share, without repeats.
    :ivar architectures: sorted, without repeats (:data:`ARCHITECTURES`).
    :ivar git_fetch: ``refs/heads/…`` or ``refs/tags/…``.
    :ivar git_commit: 40 or 64 hex digits; "" only in a header.
    :ivar directory: cleaned lexically, "." for the root (a header's is kept as written).
    :ivar builder: ``classic``, ``buildkit``, ``oci-import`` or "".
    :ivar arch_fields: architecture-specific fields, ``"s390x-GitCommit"`` to value; an empty value
        cancels what the header has.
    :ivar paragraphs: indices of the paragraphs it was read from (0 is the header); more than one
        where entries with the same build artefacts were merged, none for an entry made in memory.
    """

    maintainers: tuple[str, ...]
    tags: tuple[str, ...]
    shared_tags: tuple[str, ...]
    architectures: tuple[str, ...]
    git_repo: str
    git_fetch: str
    git_commit: str
    directory: str
    file: str
    builder: str
    constraints: tuple[str, ...]
    arch_fields: Mapping[str, str]
    paragraphs: tuple[int, ...]

    __slots__ = (*[row.attribute for row in FIELDS], "arch_fields", "paragraphs")

    def __init__(
        self,
        *,
        arch_fields: Mapping[str, str] = _NO_ARCH_FIELDS,
        paragraphs: tuple[int, ...] = (),
        **values: str | tuple[str, ...],
    ) -> None:
        """An entry made in memory.

        :param values: by attribute (``git_repo``); the built-in default for one that is not given.
        :raises TypeError: for an attribute that no field has.
        """
        for row in FIELDS:
            setattr(self, row.attribute, values.pop(row.attribute, row.default))
        if values:
            raise TypeError(f"an entry has no {', '.join(sorted(values))}")
        self.arch_fields = arch_fields
        self.paragraphs = paragraphs

    def replaced(self, **changes: object) -> Entry:
        """The same entry with some attributes changed."""
        values = {name: getattr(self, name) for name in self.__slots__}
        values.update(changes)
        return Entry(**values)

    @property
    def all_tags(self) -> tuple[str, ...]:
        """Own tags, then shared tags, as ``list`` prints them."""
        return self.tags + self.shared_tags

    def value(self, field: str, architecture: str) -> str:
        """What ``field`` (one of :data:`ARCH_FIELD_NAMES`) is for one architecture."""
        specific = self.arch_fields.get(f"{architecture}-{field}")
        if specific:
            return specific
        plain: str = getattr(self, BY_NAME[field].attribute)
        return plain

    def dockerfile(self, architecture: str) -> str:
        """Path of the Dockerfile in the image's repository for one architecture."""
        directory = self.value("Directory", architecture)
        file = self.value("File", architecture)
        return clean_path(f"{directory}/{file}")

    def as_json(self) -> dict[str, object]:
        """Fields by the names that the file has for them; empty ones left out."""
        shape: dict[str, object] = {}
        for row in (*[row for row in FIELDS if not row.last], None, *[row for row in FIELDS if row.last]):
            if row is None:
                for name in sorted(self.arch_fields, key=_by_bytes):
                    shape[name] = self.arch_fields[name]
            else:
                value = getattr(self, row.attribute)
                shape[row.name] = list(value) if row.many else value
        return {name: value for name, value in shape.items() if value}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Entry):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name) for name in self.__slots__ if name != "paragraphs"
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Entry {', '.join(self.tags) or 'header'}>"


#: What the build reads, lists as they are.
_BUILDS = attrgetter(*[row.attribute for row in FIELDS if row.builds and row.name != "Constraints"])


def artifacts(entry: Entry) -> tuple[object, ...]:
    """What decides whether two entries are merged: everything that the build reads, constraints as joined text."""
    specific = (
        tuple(sorted((name, value) for name, value in entry.arch_fields.items() if value))
        if entry.arch_fields
        else ()
    )
    return (*_BUILDS(entry), ", ".join(entry.constraints), specific)


class LibraryFile:
    """A library file as it was read.

    :ivar name: how the person named it, for messages.
    :ivar data: exactly the bytes that were read.
    :ivar header: the first paragraph over the built-in defaults.
    :ivar entries: in file order, merged as bashbrew merges them.
    """

    __slots__ = ("data", "entries", "header", "name")

    def __init__(self, name: str, data: bytes, header: Entry, entries: tuple[Entry, ...]) -> None:
        self.name = name
        self.data = data
        self.header = header
        self.entries = entries

    @property
    def repository(self) -> str:
        """The image's name: the last component of the path."""
        return self.name.replace("\\", "/").rstrip("/").rpartition("/")[2]

    def find(self, tag: str) -> tuple[Entry, ...]:
        """The entry that owns ``tag``, else all that share it, else none."""
        for entry in self.entries:
            if tag in entry.tags:
                return (entry,)
        return tuple(entry for entry in self.entries if tag in entry.shared_tags)

    def as_json(self) -> dict[str, object]:
        """``{"header": {…}, "entries": [{…}, …]}``."""
        return {
            "header": self.header.as_json(),
            "entries": [entry.as_json() for entry in self.entries],
        }

    def __repr__(self) -> str:
        return f"<LibraryFile {self.name}: {len(self.entries)} entries>"


def clean_path(path: str) -> str:
    """``path`` cleaned lexically as Go's ``path.Clean`` does.

    No ``./``, ``//``, trailing ``/`` or ``x/..``; a leading ``../`` or ``/`` survives, "" gives ".".

    >>> clean_path("./a//b/../c/"), clean_path(""), clean_path("/../x"), clean_path("../x")
    ('a/c', '.', '/x', '../x')
    """
    if path and "." not in path and "//" not in path and path[-1] != "/":
        return path
    rooted = path.startswith("/")
    parts: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part != "..":
            parts.append(part)
        elif parts and parts[-1] != "..":
            parts.pop()
        elif not rooted:
            parts.append(part)
    return ("/" if rooted else "") + "/".join(parts) or "."


def without_repeats(items: Iterable[str]) -> tuple[str, ...]:
    """``items`` in order, each once."""
    return tuple(dict.fromkeys(items))


def _by_bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
