"""The library file's format: read, written, edited in place, compared. Knows nothing of the rest.

The comparison of two versions is :func:`contrib.library.diff.diff`. Names are imported when they are asked for: ``cat`` and ``list`` need two of the modules.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing's import costs more than all of this room
if TYPE_CHECKING:
    from typing import Any

    from contrib.library.edit import Editor
    from contrib.library.fields import ARCHITECTURES
    from contrib.library.model import Entry, LibraryFile
    from contrib.library.parsing import parse
    from contrib.library.writer import cat, cat_entries, format_entry

__all__ = [
    "ARCHITECTURES",
    "Editor",
    "Entry",
    "LibraryFile",
    "cat",
    "cat_entries",
    "format_entry",
    "parse",
]

_HOMES = {
    "ARCHITECTURES": "fields",
    "Entry": "model",
    "LibraryFile": "model",
    "parse": "parsing",
    "cat": "writer",
    "cat_entries": "writer",
    "format_entry": "writer",
    "Editor": "edit",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{home}"), name)
