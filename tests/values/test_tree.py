from __future__ import annotations

import pytest

from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, MemoryTree, OverlayTree, checked_path, is_dot_git

DOT_GIT = [
    ".git",
    ".GIT",
    "git~1",
    "GIT~1",
    ".git ",
    ".git.",
    ".git . .",
    ".g\u200cit",
    "\ufeff.git",
    ".git::$DATA",
]


@pytest.mark.parametrize("part", DOT_GIT)
def test_names_that_are_git_s_own_somewhere(part: str) -> None:
    assert is_dot_git(part)
    with pytest.raises(BadInput):
        checked_path(f"7.2/{part}/config")


@pytest.mark.parametrize("part", [".github", ".gitignore", "git", "git~2", ".gitx", "a.git", "..."])
def test_names_that_are_not(part: str) -> None:
    assert not is_dot_git(part)
    assert checked_path(f"{part}/x") == f"{part}/x"


def test_names_that_are_no_text_are_sorted_as_git_sorts_them() -> None:
    odd = b"caf\xe9".decode("utf-8", "surrogateescape")
    tree = OverlayTree(MemoryTree({"z": b"", "é": b""}), (FileChange(odd, b""), FileChange("z", None)))
    assert list(tree.paths()) == [odd, "é"]
