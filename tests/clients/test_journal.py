"""A run that is killed while it writes: old or new, and nothing that blocks the next run."""

from __future__ import annotations

import json
import os
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
    FileChange("b/3", b"new 3\n", "100755"),
    FileChange("c", b"new c\n"),
    FileChange("d/e/4", None),
    FileChange("f/g/5", b"new 5\n"),
]
OLD = {"a/1": b"old 1\n", "a/2": b"old 2\n", "c": b"old c\n", "d/e/4": b"old 4\n"}
NEW = {"a/1": b"new 1\n", "b/3": b"new 3\n", "c": b"new c\n", "f/g/5": b"new 5\n"}

#: For each number N of a change of the disk: a child writes and dies at it, without a word (no handler runs).
KILLED = """
import json, os, pathlib, sys
sys.path.insert(0, sys.argv[2])
from tests.clients.test_journal import CHANGES, fill, tree
from contrib.clients import journal, worktree
import tempfile, shutil, random
root = pathlib.Path(sys.argv[1])
WRITES = ("open", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate")
state = {"left": None}
def hook(event, given):
    if state["left"] is None or event not in WRITES:
        return
    if event == "open" and not (given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
        return
    state["left"] -= 1
    if state["left"] < 0:
        os._exit(9)
sys.addaudithook(hook)
def died(place, number, what):
    child = os.fork()
    if child == 0:
        state["left"] = number
        what()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
def look(place):
    return {
        "tree": {path: content.decode() for path, content in tree(place).items()},
        "empty": [str(p.relative_to(place)) for p in place.rglob("*") if p.is_dir() and not any(p.iterdir()) and p.name != ".git"],
        "git": sorted(p.name for p in (place / ".git").iterdir()),
    }
found = []
number = 0
while True:
    place = root / str(number)
    fill(place)
    if not died(place, number, lambda: worktree.write(place, CHANGES)):
        break
    # A second kill, while the first one is being finished: at every write, too.
    second = 0
    while number % 9 == 4:
        again = root / f"{number}-{second}"
        shutil.copytree(place, again)
        if not died(again, second, lambda: journal.recover(again)):
            break
        journal.recover(again)
        found.append([f"{number}, then {second}", look(again)])
        second += 1
    journal.recover(place)
    found.append([str(number), look(place)])
    worktree.write(place, CHANGES)
    found.append([f"{number}, run again", look(place)])
    number += 1
print(json.dumps(found))
"""


def fill(root: Path) -> None:
    for path, content in OLD.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    (root / ".git").mkdir()


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    fill(tmp_path)
    return tmp_path


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a child that dies at once needs fork")
def test_killed_at_every_write(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(Path(__file__).parents[2])],
        check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found) > 80  # the writes, twice, and those of finishing
    for what, state in found:
        now = {path: content.encode() for path, content in state["tree"].items()}
        assert now in (OLD, NEW), what
        assert state["git"] == [], what
        if now == NEW or "again" in what:
            assert now == NEW, what
            assert state["empty"] == [], what


def begun(root: Path) -> None:
    entries = [Entry("a/1", OLD["a/1"], b"new 1\n", 0o644), Entry("c", OLD["c"], b"new c\n", 0o755)]
    Journal.begin(root, entries)
    (root / "a/1").write_bytes(b"new 1\n")


def test_half_a_run_is_finished(root: Path) -> None:
    begun(root)
    assert recover(root) == ("c",) and (root / "c").read_bytes() == b"new c\n"
    assert recover(root) == ()


def test_another_run_finishes_it_before_its_own(root: Path) -> None:
    begun(root)
    write(root, [FileChange("x", b"1\n")])
    assert tree(root) == OLD | {"a/1": b"new 1\n", "c": b"new c\n", "x": b"1\n"}


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
