"""The canonical form of a library file: byte for byte what ``bashbrew cat`` prints."""

from __future__ import annotations

from operator import attrgetter

from contrib.library.fields import FIELDS
from contrib.library.model import Entry, LibraryFile, _by_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DEFAULTS = Entry()


def cat(file: LibraryFile) -> str:
    """The whole file: header without the built-in defaults, entries without what they inherit.

    Bytes that are no UTF-8 come out as lone surrogates (``surrogateescape``), as they went in.
    """
    parts = [_paragraph(file.header, _DEFAULTS)]
    header = file.header
    inherited = _FIRST_VALUES(header)
    parts.extend([_paragraph(entry, header, inherited) for entry in file.entries])
    return _ended("\n\n".join(parts))


def cat_entries(entries: tuple[Entry, ...]) -> str:
    """Entries in full, without a header: what ``bashbrew cat NAME:TAG`` prints."""
    return _ended("\n\n".join([format_entry(entry) for entry in entries]))


def format_entry(entry: Entry, header: Entry | None = None) -> str:
    """One paragraph without its final newline: in full, or without what ``header`` gives it already."""
    return _paragraph(entry, header)


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


_FIRST = [(row.name, row.many) for row in FIELDS if not row.last]
_LAST = [row for row in FIELDS if row.last]
_FIRST_VALUES = attrgetter(*[row.attribute for row in FIELDS if not row.last])


def _paragraph(entry: Entry, defaults: Entry | None, inherited: tuple[Any, ...] = ()) -> str:
    # Lists compare as joined text in the reference, so that is asked too where they differ.
    lines = []
    if defaults is None:
        defaults = _NOTHING
    for (name, many), value, given in zip(
        _FIRST, _FIRST_VALUES(entry), inherited or _FIRST_VALUES(defaults), strict=True
    ):
        if value != given and value:
            if many:
                text = ", ".join(value)
                if text and text != ", ".join(given):
                    lines.append(f"{name}: {text}")
            else:
                lines.append(f"{name}: {value}")
    if entry.arch_fields:
        cleared = defaults.arch_fields
        for name in sorted(entry.arch_fields, key=_by_bytes):
            value = entry.arch_fields[name]
            if value and cleared.get(name) != value:
                lines.append(f"{name}: {value}")
    for row in _LAST:
        value, given = getattr(entry, row.attribute), getattr(defaults, row.attribute)
        if value and value != given:
            text = ", ".join(value) if row.many else value
            if text and text != (", ".join(given) if row.many else given):
                lines.append(f"{row.name}: {text}")
    return "\n".join(lines)


_NOTHING = Entry()
for _row in FIELDS:
    setattr(_NOTHING, _row.attribute, () if _row.many else "")
