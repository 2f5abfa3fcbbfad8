"""A tree of files as values: layouts and generators read trees, never disks or git.

Paths are relative, with ``/``, normalised; none leaves the tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from contrib.values.errors import BadInput

FileMode = Literal["100644", "100755", "120000"]


def path_bytes(path: str) -> bytes:
    """A name as git has it: UTF-8 whatever the locale or the platform, and what is none as it was."""
    return path.encode("utf-8", "surrogateescape")


class Tree(Protocol):
    """Read access to a tree of files: a commit, a work tree, a tree with changes laid over it."""

    def read(self, path: str) -> bytes | None:
        """Content of the file, None when there is no such file (a directory is none)."""
        ...

    def mode(self, path: str) -> FileMode | None:
        """Git mode of the file, None when there is no such file."""
        ...

    def paths(self, under: str = "") -> Iterator[str]:
        """All files below a directory ("" for all), sorted by bytes."""
        ...


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file written (or, with ``content`` None, deleted) by a contribution."""

    path: str
    content: bytes | None
    mode: FileMode = "100644"


#: Characters that HFS+ leaves out when it looks for a name: ``.g\u200cit`` finds ``.git`` there.
_LEFT_OUT = dict.fromkeys(
    [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF],
)


def is_dot_git(part: str) -> bool:
    """Whether a part of a path leads to git's own directory on some file system, as git itself judges.

    Any case; ``git~1`` and trailing dots, blanks and streams (``.git::$INDEX_ALLOCATION``) on NTFS;
    characters that HFS+ ignores.
    """
    plain = part.translate(_LEFT_OUT).partition(":")[0].rstrip(". ").lower()
    return plain in (".git", "git~1")


def checked_path(path: str) -> str:
    """``path`` when it is relative, normalised and stays in the tree.

    :raises BadInput: for absolute paths, drive letters, backslashes, ``..``, ``.git``, control characters.
    """
    parts = path.split("/")
    bad = (
        not path
        or path.startswith("/")
        or "\\" in path
        or ":" in path
        or any(part in ("", ".", "..") or is_dot_git(part) for part in parts)
        or any(ord(char) < 32 or ord(char) == 127 for char in path)
    )
    if bad:
        raise BadInput(f"the path {path!r} would leave the tree or is not a plain relative path")
    return path


class MemoryTree:
    """A tree held in memory: ``{path: (content, mode)}`` or ``{path: content}``."""

    def __init__(self, files: Mapping[str, bytes | tuple[bytes, FileMode]]) -> None:
        self._files: dict[str, tuple[bytes, FileMode]] = {}
        for path, value in files.items():
            content, mode = value if isinstance(value, tuple) else (value, "100644")
            self._files[checked_path(path)] = (content, mode)

    def read(self, path: str) -> bytes | None:
        """See :class:`Tree`."""
        found = self._files.get(path)
        return None if found is None else found[0]

    def mode(self, path: str) -> FileMode | None:
        """See :class:`Tree`."""
        found = self._files.get(path)
        return None if found is None else found[1]

    def paths(self, under: str = "") -> Iterator[str]:
        """See :class:`Tree`."""
        prefix = under.rstrip("/") + "/" if under else ""
        return iter(sorted((p for p in self._files if p.startswith(prefix)), key=path_bytes))


class OverlayTree:
    """``base`` with ``changes`` laid over it."""

    def __init__(self, base: Tree, changes: tuple[FileChange, ...]) -> None:
        self._base = base
        self._changes = {checked_path(change.path): change for change in changes}

    def read(self, path: str) -> bytes | None:
        """See :class:`Tree`."""
        if path in self._changes:
            return self._changes[path].content
        return self._base.read(path)

    def mode(self, path: str) -> FileMode | None:
        """See :class:`Tree`."""
        if path in self._changes:
            change = self._changes[path]
            return None if change.content is None else change.mode
        return self._base.mode(path)

    def paths(self, under: str = "") -> Iterator[str]:
        """See :class:`Tree`."""
        prefix = under.rstrip("/") + "/" if under else ""
        names = set(self._base.paths(under))
        for path, change in self._changes.items():
            if path.startswith(prefix):
                (names.discard if change.content is None else names.add)(path)
        return iter(sorted(names, key=path_bytes))
