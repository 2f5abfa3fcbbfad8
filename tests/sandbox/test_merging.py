from __future__ import annotations

from pathlib import Path

import pytest

from contrib.clients.git import Repository
from contrib.sandbox.merging import merged_tree
from tests.upstream.repos import Commit, make

LINES = "".join(f"{number}\n" for number in range(20))
BASE = {"text": LINES, "gone": "x\n", "é": "x\n", "bin": "\0a\n"}


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ({**BASE, "ours": "o\n"}, {**BASE, "theirs": "t\n"}, {**BASE, "ours": "o\n", "theirs": "t\n"}),
        (
            {**BASE, "text": "ours\n" + LINES, "é": "y\n"},
            {**BASE, "text": LINES + "theirs\n", "é": "y\n"},
            {**BASE, "text": "ours\n" + LINES + "theirs\n", "é": "y\n"},
        ),
        (
            {k: v for k, v in BASE.items() if k != "gone"},
            BASE,
            {k: v for k, v in BASE.items() if k != "gone"},
        ),
        ({**BASE, "text": "ours\n"}, {**BASE, "text": "theirs\n"}, None),
        ({**BASE, "gone": "y\n"}, {k: v for k, v in BASE.items() if k != "gone"}, None),
        ({**BASE, "new": "o\n"}, {**BASE, "new": "t\n"}, None),
        ({**BASE, "bin": "\0b\n"}, {**BASE, "bin": "\0c\n"}, None),
    ],
)
def test_both_sides_changes_or_a_conflict(
    tmp_path: Path, ours: dict[str, str], theirs: dict[str, str], expected: dict[str, str] | None
) -> None:
    base, one, two = make(
        tmp_path, [Commit([], BASE, "base"), Commit([0], ours, "ours"), Commit([0], theirs, "theirs")]
    )
    with Repository.open(tmp_path) as git:
        tree = merged_tree(git, base, one, two)
        assert (tree is None) == (expected is None)
        if tree is not None and expected is not None:
            listed = git.run("ls-tree", "-r", "-z", "--name-only", tree).stdout.decode().split("\0")[:-1]
            found = {name: git.run("cat-file", "blob", f"{tree}:{name}").stdout.decode() for name in listed}
            assert found == expected
        assert git.changed_files() == {} or git.work_dir is None
