from __future__ import annotations

import os
from pathlib import Path

import pytest

from contrib.clients.programs import find_program

FILE = "tool.exe" if os.name == "nt" else "tool"


def put(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    place = directory / FILE
    place.write_bytes(b"")
    place.chmod(0o755)
    return place


def test_the_first_of_path_and_never_of_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path)
    put(tmp_path / "below")
    monkeypatch.chdir(tmp_path)
    for path in ("", ".", "below", os.pathsep, f".{os.pathsep}below"):
        monkeypatch.setenv("PATH", path)
        assert find_program("tool") is None
    first, second = put(tmp_path / "a b"), put(tmp_path / "c")
    monkeypatch.setenv(
        "PATH", os.pathsep.join([".", str(tmp_path / "none"), str(first.parent), str(second.parent)])
    )
    assert find_program("tool") == str(first)
    if os.name != "nt":
        first.chmod(0o644)
        assert find_program("tool") == str(second)
