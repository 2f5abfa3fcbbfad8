"""Writing into a work tree: all or nothing, nowhere but inside it, through no link.

:func:`save` and :func:`append` write single files that a person named.

Everything is checked before the first byte is written; when writing fails half way, what was written is
put back. Files are staged in the git directory and moved to their place, so that none is ever half a file and
nothing of ours is left in the tree; a run that is killed is finished by the next one
(:mod:`contrib.clients.journal`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from contrib.clients.git import is_junction
from contrib.clients.journal import Entry, Journal, put, recover, remove_empty
from contrib.values.errors import BadInput, OutsideError
from contrib.values.tree import FileChange, checked_path


def write(root: Path, changes: Sequence[FileChange]) -> None:
    """Make the changes below ``root``.

    Content is written as it is (LF). Directories that a deletion leaves empty are removed. The executable
    bit is set where files have one.

    :raises BadInput: a path leaves the tree, goes through a link, or a directory is where a file must be;
        nothing was written.
    :raises OutsideError: the disk refused; what had been written was put back.
    """
    try:
        recover(root)
    except OSError as error:
        raise OutsideError(
            f"what an interrupted run had begun cannot be finished: {error.strerror}",
            file=str(error.filename),
        ) from error
    places = [(_place(root, change), change) for change in changes]
    undo: list[tuple[Path, bytes | None, int | None]] = []
    made: list[Path] = []
    journal = Journal(None)
    try:
        there = []
        for place, _ in places:
            before = place.read_bytes() if place.is_file() else None
            there.append((before, stat.S_IMODE(place.stat().st_mode) if before is not None else None))
        journal = Journal.begin(
            root,
            [
                Entry(change.path, before, change.content, _mode(change, mode))
                for (_, change), (before, mode) in zip(places, there, strict=True)
            ],
        )
        for (place, change), (before, mode) in zip(places, there, strict=True):
            undo.append((place, before, mode))
            if change.content is None:
                place.unlink(missing_ok=True)
            else:
                _make_directories(place.parent, made)
                journal.put(place, change.content, _mode(change, mode))
    except OSError as error:
        _put_back(undo, made)
        journal.end()
        where = error.filename or str(root)
        raise OutsideError(
            f"cannot be written: {error.strerror or error}; nothing was changed", file=str(where)
        ) from error
    for place, change in places:
        if change.content is None:
            remove_empty(place.parent, root)
    journal.end()


def replace(path: Path, content: bytes) -> None:
    """Give one file that a person has named new content, the whole of it or none; its mode stays.

    A symbolic link stays one: what it leads to is replaced.

    :raises BadInput: it cannot be written.
    """
    target = path.resolve()
    try:
        _put(target, content, stat.S_IMODE(target.stat().st_mode))
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", file=str(path)) from error


def save(path: Path, content: bytes) -> None:
    """A file that a person named (``-o`` and the like), the whole of it or none; its directory has to be there.

    :raises BadInput: it is a symbolic link, a device or a directory, or cannot be written.
    """
    try:
        mode = _plain(path)
        _put(path, content, 0o666 & ~_umask() if mode is None else mode)
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", file=str(path)) from error


def append(path: Path, content: bytes) -> None:
    """More text at the end of a file that a person, or GitHub Actions, named.

    :raises BadInput: as :func:`save`.
    """
    try:
        _plain(path)
        with path.open("ab") as stream:
            stream.write(content)
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", file=str(path)) from error


def _plain(path: Path) -> int | None:
    """The permission bits of a plain file; None where nothing is."""
    if path.is_symlink() or is_junction(path):
        raise BadInput("is a symbolic link, which is not followed; nothing was written", file=str(path))
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        what = "a directory" if stat.S_ISDIR(found.st_mode) else "no plain file"
        raise BadInput(f"is {what}; nothing was written", file=str(path))
    return stat.S_IMODE(found.st_mode)


def _place(root: Path, change: FileChange) -> Path:
    """Where the change goes on disk, checked part by part."""
    parts = checked_path(change.path).split("/")
    if os.name == "nt" and not all(exists_on_windows(part) for part in parts):
        raise BadInput(f"the path {change.path!r} is none on Windows")
    place = root
    for number, part in enumerate(parts):
        place = place / part
        if place.is_symlink() or is_junction(place):
            raise BadInput("is a symbolic link, which is not followed; nothing was written", file=str(place))
        last = number == len(parts) - 1
        if not last and place.exists() and not place.is_dir():
            raise BadInput("is a file where a directory is needed; nothing was written", file=str(place))
        if last and place.exists() and not place.is_file():
            raise BadInput("is in the way of a file; nothing was written", file=str(place))
    if change.mode == "120000":
        raise BadInput(f"{change.path} would be a symbolic link, which is never written")
    return place


def exists_on_windows(part: str) -> bool:
    """Whether a part of a path can be the name of a file there: no device's, nothing that Windows cuts off.

    Source: learn.microsoft.com/windows/win32/fileio/naming-a-file.
    """
    stem = part.partition(".")[0].rstrip(" ").upper()
    device = stem in ("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$") or (
        len(stem) == 4 and stem[:3] in ("COM", "LPT") and stem[3] in "0123456789\u00b9\u00b2\u00b3"
    )
    return not device and not part.endswith((" ", ".")) and not any(char in '<>:"|?*' for char in part)


def _mode(change: FileChange, before: int | None) -> int:
    """Permission bits: those of the file as it was, with the executable bits that git's mode asks for."""
    base = before if before is not None else 0o666 & ~_umask()
    if change.mode == "100755":
        return base | ((base & 0o444) >> 2)
    return base & ~0o111


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _make_directories(directory: Path, made: list[Path]) -> None:
    missing = []
    while not directory.exists():
        missing.append(directory)
        directory = directory.parent
    for each in reversed(missing):
        each.mkdir()
        made.append(each)


def _put(place: Path, content: bytes, mode: int) -> None:
    put(place, content, mode, None)


def _put_back(undo: list[tuple[Path, bytes | None, int | None]], made: list[Path]) -> None:
    for place, before, mode in reversed(undo):
        try:
            if before is None:
                place.unlink(missing_ok=True)
            elif not place.is_file() or place.read_bytes() != before:
                _put(place, before, mode if mode is not None else 0o644)
        except OSError:  # pragma: no cover - the disk refuses twice; the rest is still put back
            continue
    for directory in reversed(made):
        try:
            directory.rmdir()
        except OSError:
            continue
