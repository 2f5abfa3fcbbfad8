"""What a run makes on an engine, written down as it is made, so that the next run can remove what a killed one left.

One file per run in the user's cache (``try/RUN``: first line the engine's id, then ``made ID`` for an image and
``named NAME ID`` for a name that a person's image had before), and a lock file beside it that the run holds while it
lives. Systems release such a lock when a process ends, however it ends; a file that nobody locks is of a run that was
killed. A run of another machine or person has no file here and is never touched.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from contrib.values.errors import OutsideError

#: Bytes of a ledger that are read.
_MOST = 1 << 20


@dataclass(slots=True)
class Left:
    """What a run that was killed had made.

    :param made: ids of images. :param named: names that it had given, with the image that had each before, if any.
    """

    run: str
    path: Path
    made: list[str] = field(default_factory=list)
    named: dict[str, str | None] = field(default_factory=dict)

    def forget(self) -> None:
        """It is removed from the engine: nothing more is to be done about it."""
        _remove(self.path)


class Ledger:
    """The file of a run that lives.

    :raises OutsideError: the cache cannot be written.
    """

    def __init__(self, directory: Path, run: str, engine: str) -> None:
        self._path = directory / run
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._lock = _lock_file(self._path).open("w", encoding="utf-8")
            _locked(self._lock)
            self._file = self._path.open("w", encoding="utf-8", newline="\n")
        except OSError as error:
            raise OutsideError(
                f"the cache cannot be written: {error.strerror}", file=str(directory)
            ) from error
        self._write(engine)

    def made(self, image: str) -> None:
        """An image was made."""
        self._write(f"made {image}")

    def named(self, name: str, before: str | None) -> None:
        """A name was given to an image of ours. :param before: the image that had it."""
        self._write(f"named {name} {before or '-'}")

    def _write(self, line: str) -> None:
        # A disk that is full now must not end a run whose engine has its own disk.
        with suppress(OSError):
            self._file.write(f"{line}\n")
            self._file.flush()

    def close(self, *, clean: bool) -> None:
        """The run has ended. :param clean: nothing of it is left that has to go."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._lock.close()
        if clean:
            _remove(self._path)


def left_behind(directory: Path, engine: str) -> Iterator[Left]:
    """The runs on that engine that have ended without having cleaned up."""
    with suppress(OSError):
        for path in sorted(directory.glob("*")):
            if path.suffix == "" and path.is_file() and _nobody_has(path):
                found = _read(path, engine)
                if found is not None:
                    yield found


def _read(path: Path, engine: str) -> Left | None:
    with path.open(encoding="utf-8", errors="replace") as stream:
        first, *lines = stream.read(_MOST).split("\n")
    if first != engine:
        return None
    found = Left(path.name, path)
    for line in lines:
        word, _, rest = line.partition(" ")
        name, _, before = rest.rpartition(" ")
        if word == "made" and rest:
            found.made.append(rest)
        elif word == "named" and name:
            found.named[name] = None if before == "-" else before
    return found


def _lock_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _remove(path: Path) -> None:
    for each in (path, _lock_file(path)):
        with suppress(OSError):
            each.unlink()


def _nobody_has(path: Path) -> bool:
    try:
        with _lock_file(path).open("a", encoding="utf-8") as stream:
            _locked(stream)
            return True
    except OSError:
        return False


def _locked(stream: IO[str]) -> None:
    """Hold a file until it is closed. :raises OSError: somebody has it."""
    if sys.platform == "win32":
        import msvcrt

        stream.seek(0)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(stream.fileno()).st_nlink == 0:
            raise OSError("removed meanwhile")
