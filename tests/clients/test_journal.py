"""A run that is killed while it writes: old or new, and nothing that blocks the next run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contrib.clients.journal import Entry, Journal, recover
from contrib.clients.worktree import write
from contrib.values.tree import FileChange

CHANGES = [
    FileChange("a/1", b"new 1\n"),
    FileChange("a/2", None),
    FileChange("b/3", b"new 3\n"),
    FileChange("c", b"new c\n"),
]
OLD = {"a/1": b"old 1\n", "a/2": b"old 2\n", "c": b"old c\n"}
NEW = {"a/1": b"new 1\n", "b/3": b"new 3\n", "c": b"new c\n"}

#: Writes, and kills itself at the call number N of os.replace or os.unlink.
KILLED = """
import os, signal, sys, pathlib
sys.path.insert(0, sys.argv[3])
from tests.clients.test_journal import CHANGES
from contrib.clients import worktree
left = int(sys.argv[2])
def counted(call):
    def wrapper(*arguments, **more):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **more)
    return wrapper
for name in ("replace", "unlink"):
    setattr(pathlib.Path, name, counted(getattr(pathlib.Path, name)))
worktree.write(pathlib.Path(sys.argv[1]), CHANGES)
"""


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, content in OLD.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("number", range(6))
def test_killed_at_every_write(root: Path, number: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(root), str(number), str(Path(__file__).parents[2])], check=False
    )
    assert done.returncode in (-signal.SIGKILL, 0)
    recover(root)
    assert tree(root) in (OLD, NEW)
    assert list((root / ".git").iterdir()) == []
    write(root, CHANGES)
    assert tree(root) == NEW and not any(path.name.startswith(".contrib-") for path in root.rglob("*"))


def begun(root: Path) -> None:
    entries = [Entry("a/1", OLD["a/1"], b"new 1\n", 0o644), Entry("c", OLD["c"], b"new c\n", 0o755)]
    Journal.begin(root, entries)
    (root / "a/1").write_bytes(b"new 1\n")


def test_half_a_run_is_finished(root: Path) -> None:
    begun(root)
    assert recover(root) == ("c",) and (root / "c").read_bytes() == b"new c\n"
    assert recover(root) == ()


def test_what_a_person_changed_since_is_left_alone(root: Path) -> None:
    begun(root)
    (root / "c").write_bytes(b"mine\n")
    assert recover(root) == () and (root / "c").read_bytes() == b"mine\n"
    assert list((root / ".git").iterdir()) == []


@pytest.mark.parametrize(
    "damage", ["", "{", '[{"path": "../x", "old": null, "new": null, "mode": 1}]', "[1]"]
)
def test_a_damaged_journal_is_dropped(root: Path, damage: str) -> None:
    begun(root)
    (root / ".git/contrib-journal/journal.json").write_text(damage)
    assert recover(root) == () and (root / "c").read_bytes() == OLD["c"]


def test_a_tree_without_git(tmp_path: Path) -> None:
    write(tmp_path, [FileChange("x", b"1\n")])
    assert tree(tmp_path) == {"x": b"1\n"} and recover(tmp_path) == ()
