"""Where library files lie: a folder, or official-images at a commit; and the pins beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from contrib.library.model import LibraryFile
from contrib.library.parsing import parse
from contrib.library.pins import pin_of
from contrib.library.reader import MAX_BYTES
from contrib.values.errors import ContribError

if TYPE_CHECKING:
    from contrib.values.tree import Tree


class Place(Protocol):
    """A library folder, wherever it is."""

    def read(self, name: str) -> bytes | None:
        """A file of the folder; None where there is none."""
        ...

    def names(self) -> list[str]:
        """Files of the folder, sorted."""
        ...

    def pins(self) -> frozenset[str] | None:
        """External images that are pinned beside it; None where no list is."""
        ...


class OnDisk:
    """A library folder on this disk; the pins are those of the checkout that it lies in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str) -> bytes | None:
        """See :class:`Place`."""
        from contrib.cli.library_files import read_bytes

        path = self.folder / name
        return read_bytes(str(path)) if path.is_file() else None

    def names(self) -> list[str]:
        """See :class:`Place`."""
        try:
            return sorted(
                path.name for path in self.folder.iterdir() if path.is_file() and path.name[0] != "."
            )
        except OSError:
            return []

    def pins(self) -> frozenset[str] | None:
        """See :class:`Place`."""
        top = self.folder.resolve().parent / ".external-pins"
        if not top.is_dir():
            return None
        return frozenset(
            pin_of(path.relative_to(top).as_posix()) for path in top.rglob("*___*") if path.is_file()
        )


class AtCommit:
    """The library folder of a commit, with the pins of that commit."""

    def __init__(self, tree: Tree, folder: str = "library") -> None:
        self._tree = tree
        self._folder = folder.strip("/")

    def read(self, name: str) -> bytes | None:
        """See :class:`Place`."""
        data = self._tree.read(f"{self._folder}/{name}" if self._folder else name)
        return data if data is None or len(data) <= MAX_BYTES else None

    def names(self) -> list[str]:
        """See :class:`Place`."""
        return sorted(path.rpartition("/")[2] for path in self._tree.paths(self._folder))

    def pins(self) -> frozenset[str] | None:
        """See :class:`Place`. The folder lies beside the list: ``library`` beside ``.external-pins``."""
        top = "/".join([*self._folder.split("/")[:-1], ".external-pins"])
        found = frozenset(pin_of(path[len(top) + 1 :]) for path in self._tree.paths(top) if "___" in path)
        return found or None


class Library:
    """The other library files as rules see them (:class:`contrib.rules.library.context.Others`)."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._files: dict[str, LibraryFile | None] = {}
        self._unreadable: set[str] = set()
        self._users: dict[str, list[str]] | None = None
        self._pins: frozenset[str] | None = None
        self._asked = False

    def put(self, name: str, file: LibraryFile) -> None:
        """Have the file that is checked instead of the one in the folder."""
        known = self._files.get(name)
        if known is None or known.data != file.data:
            self._files[name] = file
            self._users = None

    def file(self, name: str) -> LibraryFile | None:
        """None where there is none or it cannot be read."""
        if name not in self._files:
            self._files[name] = self._read(name)
        return self._files[name]

    def _read(self, name: str) -> LibraryFile | None:
        if not name or "/" in name or "\\" in name or name.startswith("."):
            return None
        try:
            data = self._place.read(name)
            return None if data is None else parse(data, name)
        except (ContribError, ValueError):
            self._unreadable.add(name)
            return None

    def unreadable(self, name: str) -> bool:
        """Whether it is there and cannot be read: nothing is concluded from such a file."""
        return self.file(name) is None and name in self._unreadable

    def users(self, url: str) -> Sequence[str]:
        """Names of those that have this ``GitRepo``, sorted."""
        if self._users is None:
            self._users = {}
            for name in self._place.names():
                file = self.file(name)
                urls = {entry.git_repo for entry in (file.header, *file.entries)} if file is not None else ()
                for used in urls:
                    self._users.setdefault(used, []).append(name)
        return self._users.get(url, ())

    def pins(self) -> frozenset[str] | None:
        """External images that were pinned; None where the list is not at hand."""
        if not self._asked:
            self._pins, self._asked = self._place.pins(), True
        return self._pins
