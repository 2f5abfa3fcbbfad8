"""Changes against a tree as a unified diff, as git prints it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from contrib.values.budgets import bounded
from contrib.values.tree import FileChange, Tree


def needed(tree: Tree, changes: Iterable[FileChange]) -> tuple[FileChange, ...]:
    """The changes that the tree does not hold yet."""
    return tuple(
        change
        for change in changes
        if tree.read(change.path) != change.content
        or (change.content is not None and tree.mode(change.path) != change.mode)
    )


def unified(tree: Tree, changes: Iterable[FileChange]) -> str:
    """The changes as a patch that ``git apply`` takes; empty when there are none."""
    out: list[str] = []
    for change in needed(tree, changes):
        out += _one(change, tree.read(change.path), tree.mode(change.path))
    return "".join(out)


def _one(change: FileChange, before: bytes | None, mode: str | None) -> Iterable[str]:
    path = change.path
    yield f"diff --git a/{path} b/{path}\n"
    if before is None:
        yield f"new file mode {change.mode}\n"
    elif change.content is None:
        yield f"deleted file mode {mode}\n"
    elif mode != change.mode:
        yield f"old mode {mode}\nnew mode {change.mode}\n"
    old, new = before or b"", change.content or b""
    if b"\0" in old or b"\0" in new:
        yield f"Binary files a/{path} and b/{path} differ\n"
        return
    yield from _hunks(
        old,
        new,
        "/dev/null" if before is None else f"a/{path}",
        "/dev/null" if change.content is None else f"b/{path}",
    )


@bounded("name")
def difference(before: bytes, after: bytes, name: str) -> str:
    """One file's change as a patch that ``git apply`` takes; empty when there is none."""
    return "".join(_hunks(before, after, f"a/{name}", f"b/{name}"))


def _hunks(old: bytes, new: bytes, old_name: str, new_name: str) -> Iterator[str]:
    for line in difflib.unified_diff(_lines(old), _lines(new), old_name, new_name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[str]:
    """Split at LF only: CR and other characters that Python takes for line ends are part of the line."""
    parts = data.decode("utf-8", "surrogateescape").split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
