"""A library file read whole, or one clear sentence about what bashbrew rejects in it."""

from __future__ import annotations

from contrib.library.model import LibraryFile
from contrib.library.reader import MAX_BYTES, Rejected, read
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput


@bounded("name")
def parse(data: bytes, name: str = "library file") -> LibraryFile:
    """Read a library file.

    :param name: for messages; its last path component is the image's name.
    :raises BadInput: for what bashbrew rejects, with line and fix; for more than
        :data:`~contrib.library.reader.MAX_BYTES`.
    """
    if len(data) > MAX_BYTES:
        raise BadInput(
            f"has {len(data)} bytes, more than the {MAX_BYTES} that a library file may have", file=name
        )
    try:
        header, entries = read(data)
    except Rejected as rejected:
        from contrib.library.mistakes import refusal

        message, hint = refusal(rejected)
        raise BadInput(message, file=name, line=rejected.line, hint=hint) from None
    return LibraryFile(name, data, header, entries)
