"""Small files of a git directory, which somebody else may have packed: a pipe, a device or any bytes in their place."""

from __future__ import annotations

from pathlib import Path

from contrib.values.errors import BadInput

#: Bytes of the largest: the list of a shallow history has 41 for each commit.
MOST = 16 * 1024 * 1024


def data_of(path: Path, most: int = MOST) -> bytes | None:
    """A file's bytes; None where there is no plain file: a pipe would be waited for without end.

    :raises BadInput: it is larger than ``most``. :raises OSError: it cannot be read.
    """
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise BadInput(f"is larger than the {most} bytes that are read", file=str(path))
    return data


def text_of(path: Path) -> str | None:
    """As :func:`data_of`, as text without what no name of a file has."""
    data = data_of(path)
    return None if data is None else data.decode("utf-8", "replace").replace("\0", "")
