"""Files, directories and archives to what is in them; the reading is done in a process of its own."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contrib.binaries.model import Binary, Contents, Manifest, Package, binary_from_json
from contrib.clients.isolated import Ended, lines
from contrib.values.errors import BadInput, OutsideError

#: Bytes of memory for the process that reads.
MEMORY = 512 * 1024 * 1024
#: Seconds for one member, and for everything that one name stands for.
SILENCE = 60.0
SECONDS = 300.0
#: How many members may end the process before the rest is given up.
_CRASHES = 20
_READERS = ("pefile", "py7zr", "pymsi")


def readers() -> bool:
    """Whether the extra is installed."""
    return all(importlib.util.find_spec(name) is not None for name in _READERS)


def need_readers() -> None:
    """Check that the extra is installed.

    :raises OutsideError: it is not.
    """
    missing = [name for name in _READERS if importlib.util.find_spec(name) is None]
    if missing:
        raise OutsideError(
            f"reading Windows binaries needs {', '.join(missing)}, which is not installed",
            hint="python -m pip install 'official-images-contrib[loads]'",
        )


def read(
    path: Path,
    name: str,
    scratch: Path,
    *,
    progress: Callable[[int], None] = lambda number: None,
    seconds: float = SECONDS,
    memory: int = MEMORY,
    limits: dict[str, int] | None = None,
) -> Contents:
    """What is in a file, an archive or a directory.

    :param name: how messages call it.
    :param scratch: a directory of the user's cache; a directory in it is used and removed.
    :param progress: called with 1 for each binary.
    :raises BadInput: it cannot be read, or goes beyond the limits.
    """
    need_readers()
    found = _Found(name)
    with scratch_directory(scratch) as directory:
        skip: list[str] = []
        while True:
            at = ""
            arguments = {
                "path": str(path.absolute()), "name": name, "scratch": str(directory), "skip": skip,
                "limits": limits or {},
            }  # fmt: skip
            answers = lines(
                "contrib.binaries.worker:read_files",
                arguments,
                memory=memory,
                silence=SILENCE,
                seconds=seconds,
            )
            try:
                for answer in answers:
                    if "at" in answer:
                        at = str(answer["at"])
                        continue
                    if found.take(answer):
                        progress(1)
                        skip.append(at)
                return found.contents()
            except Ended as error:
                # Time for the whole is up, nothing was being read, or it is the same with every member.
                if error.whole or not at or at in skip or len(found.unread) >= _CRASHES:
                    raise BadInput(error.why, file=name) from None
                found.unread[at] = error.why
                skip.append(at)


class _Found:
    def __init__(self, name: str) -> None:
        self.name = name
        self.binaries: dict[str, Binary] = {}
        self.manifests: dict[str, Manifest] = {}
        self.local: dict[str, None] = {}
        self.packages: dict[str, Package] = {}
        self.unread: dict[str, str] = {}
        self.notes: dict[str, None] = {}

    def take(self, answer: dict[str, Any]) -> bool:
        """Whether the answer is a binary."""
        if "error" in answer:
            _, message, file, hint = answer["error"]
            raise BadInput(message, file=file, hint=hint)
        if "binary" in answer:
            binary = binary_from_json(answer["binary"])
            self.binaries[binary.path] = binary
            return True
        if "manifest" in answer:
            shape = {"path": "", "machine": "", "windows": [0, 0], "manifest": answer["manifest"]}
            manifest = binary_from_json(shape).manifest
            assert manifest is not None
            self.manifests[answer["path"]] = manifest
        elif "local" in answer:
            self.local[answer["local"]] = None
        elif "msi" in answer:
            about = answer["msi"]
            self.packages[answer["path"]] = Package(
                answer["path"], about["product"], about["version"], about["machine"],
                tuple((one, other) for one, other in about["conditions"]),
                tuple((one, other) for one, other in about["services"]),
                about["files"],
            )  # fmt: skip
        elif "unread" in answer:
            path, why = answer["unread"]
            self.unread[path] = why
        elif "note" in answer:
            self.notes[answer["note"]] = None
        return False

    def contents(self) -> Contents:
        return Contents(
            self.name,
            tuple(self.binaries.values()),
            self.manifests,
            tuple(self.local),
            tuple(self.packages.values()),
            tuple(self.unread.items()),
            tuple(self.notes),
        )


@contextmanager
def scratch_directory(parent: Path) -> Iterator[Path]:
    """A directory in the user's cache that is removed at the end.

    :raises OutsideError: the cache cannot be written.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        directory = tempfile.TemporaryDirectory(prefix="reading-", dir=parent, ignore_cleanup_errors=True)
    except OSError as error:
        raise OutsideError(f"the cache cannot be written: {error.strerror}", file=str(parent)) from error
    with directory as path:
        yield Path(path)
