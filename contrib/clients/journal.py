"""What a run is about to write into a work tree, kept in its git directory until it is done.

A run that is killed leaves the tree partly written. The next command that works on that work tree (`bump`,
`generate`, `render`, `manifest`, `base`, `init-ci`) finishes it, before it reads anything: the journal has the new
content of every file, and digests of the old one. Where a person has changed a file since, the journal is dropped and
nothing is touched. Files are staged here and not beside their places, so nothing of ours is ever left in a build
context.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contrib.clients.small import data_of, text_of
from contrib.values import jsontext
from contrib.values.errors import BadInput

_NAME = "contrib-journal"
_LIST = "journal.json"
#: Bytes of the largest file that a run writes.
_LARGEST = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: relative path, old and new content (None where there is no file), permission bits of the new one."""

    path: str
    old: bytes | None
    new: bytes | None
    mode: int


class Journal:
    """See the module. A context manager: leaving it removes the journal.

    :param directory: of the journal; None where the tree has no git directory, and nothing is kept.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    @classmethod
    def begin(cls, root: Path, entries: Sequence[Entry]) -> Journal:
        """Keeps what is going to be written; from here on an interrupted run is finished by the next one.

        :raises OSError: the disk refuses; nothing was changed in the tree.
        """
        git = git_directory(root)
        if git is None:
            return cls(None)
        directory = git / _NAME
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        try:
            listed = []
            for number, entry in enumerate(entries):
                if entry.new is not None:
                    (directory / str(number)).write_bytes(entry.new)
                listed.append(
                    {
                        "path": entry.path,
                        "old": _digest(entry.old),
                        "new": _digest(entry.new),
                        "mode": entry.mode,
                    }
                )
            partly = directory / f"{_LIST}.new"
            with partly.open("w", encoding="utf-8", newline="\n") as stream:
                json.dump(listed, stream)
                stream.flush()
                os.fsync(stream.fileno())
            partly.replace(directory / _LIST)
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise
        return cls(directory)

    def put(self, place: Path, content: bytes, mode: int) -> None:
        """A whole file at its place, staged in the journal's directory."""
        put(place, content, mode, self._directory)

    def end(self) -> None:
        """Everything is written, or put back."""
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)


def recover(root: Path) -> tuple[str, ...]:
    """Finishes what an interrupted run had begun; the paths that were written, none where there was nothing to do.

    :raises OSError: the disk refuses.
    """
    git = git_directory(root)
    directory = None if git is None else git / _NAME
    if directory is None or directory.is_symlink() or not directory.is_dir():
        return ()
    try:
        entries = _entries(directory, root)
        if entries is None:
            return ()
        states = [_state(place, old, new) for place, old, new, _, _ in entries]
        if "other" in states or "new" not in states:
            # Changed by somebody since, or wholly as it was: there is nothing to finish.
            return ()
        done = []
        for (place, _, new, mode, staged), state in zip(entries, states, strict=True):
            if state == "new":
                continue
            if new is None:
                place.unlink(missing_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                put(place, staged.read_bytes(), mode, directory)
            done.append(place.relative_to(root).as_posix())
        for place, _, new, _, _ in entries:
            if new is None:
                remove_empty(place.parent, root)
        return tuple(done)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def remove_empty(directory: Path, root: Path) -> None:
    """Directories that a deletion has left empty go, up to the root."""
    while directory != root and root in directory.parents:
        if directory.is_dir() and any(directory.iterdir()):
            return
        if directory.is_dir():
            directory.rmdir()
        directory = directory.parent


def _entries(directory: Path, root: Path) -> list[tuple[Path, str | None, str | None, int, Path]] | None:
    from contrib.values.tree import checked_path

    try:
        path = directory / _LIST
        listed = jsontext.read(data_of(path) or b"", str(path), list)
        found = []
        for number, each in enumerate(listed):
            place = root / checked_path(each["path"])
            staged = directory / str(number)
            if each["new"] is not None and _digest(data_of(staged, _LARGEST)) != each["new"]:
                return None
            if any(
                part.is_symlink() for part in (place, *place.parents) if part != root and root in part.parents
            ):
                return None
            found.append((place, each["old"], each["new"], int(each["mode"]) & 0o777, staged))
    except (OSError, ValueError, TypeError, KeyError, BadInput):
        return None
    return found


def _state(place: Path, old: str | None, new: str | None) -> str:
    now = _digest(place.read_bytes()) if place.is_file() else None
    return "new" if now == new else "old" if now == old else "other"


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def git_directory(root: Path) -> Path | None:
    """The git directory of a work tree, on the same disk; None where there is none."""
    place = root / ".git"
    if place.is_file():
        try:
            text = (text_of(place) or "").strip()
        except (OSError, BadInput):
            return None
        if not text.startswith("gitdir:"):
            return None
        place = (root / text.removeprefix("gitdir:").strip()).resolve()
    if not place.is_dir() or place.is_symlink():
        return None
    try:
        return place if place.stat().st_dev == root.stat().st_dev else None
    except OSError:
        return None


def put(place: Path, content: bytes, mode: int, staging: Path | None) -> None:
    """A whole file at its place or none: written in ``staging`` (beside the place where that is None) and moved."""
    handle, name = tempfile.mkstemp(prefix=".contrib-", dir=staging or place.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        if os.name != "nt":
            temporary.chmod(mode)
        temporary.replace(place)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
