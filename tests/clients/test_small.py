"""A git directory that somebody packed: pipes, links and odd bytes where small files should be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contrib.clients.commits import git_directory
from contrib.clients.git import Repository
from contrib.clients.journal import recover
from contrib.clients.small import data_of, text_of
from contrib.pulls import plan_file
from contrib.values.errors import BadInput, ContribError
from tests.bounds import ends


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "r")], check=True)
    return tmp_path / "r"


def pipe(path: Path) -> None:
    os.mkfifo(path)


PIPE = pytest.param(pipe, id="pipe", marks=pytest.mark.skipif(sys.platform == "win32", reason="no pipes"))
ODD = [
    PIPE,
    pytest.param(lambda path: path.write_bytes(b"\xff\xfe\0gitdir: \0\n"), id="bytes"),
    pytest.param(lambda path: path.mkdir(), id="directory"),
    pytest.param(lambda path: path.symlink_to(path.name), id="loop"),
]


@ends(60)
@pytest.mark.parametrize("make", ODD)
@pytest.mark.parametrize(
    "name", ["shallow", "commondir", "contrib-journal/journal.json", "contrib-journal/0"]
)
def test_nothing_is_waited_for_and_any_bytes_are_taken(
    repository: Path, name: str, make: Callable[[Path], object]
) -> None:
    place = repository / ".git" / name
    place.parent.mkdir(exist_ok=True)
    if name.endswith("/0"):
        (place.parent / "journal.json").write_text('[{"path": "a", "old": null, "new": "x", "mode": 420}]')
    make(place)
    try:
        with Repository.open(repository) as opened:
            assert opened.shallow is not None and opened.head_ref is not None
        git_directory(repository)
    except ContribError:
        pass  # one sentence is as good
    assert recover(repository) == ()


def test_a_journal_elsewhere_is_not_followed(repository: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "journal.json").write_text("[]")
    (repository / ".git" / "contrib-journal").symlink_to(elsewhere)
    assert recover(repository) == () and (elsewhere / "journal.json").exists()


@ends(60)
@pytest.mark.parametrize("make", [PIPE, *ODD[2:]])
def test_a_plan_is_a_plain_file(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "plan.json")
    with pytest.raises(BadInput):
        plan_file.read(tmp_path / "plan.json", None)


def test_a_large_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 11)
    assert data_of(tmp_path / "a", 11) == b"x" * 11 and text_of(tmp_path / "none") is None
    with pytest.raises(BadInput, match="larger than the 10 bytes"):
        data_of(tmp_path / "a", 10)
