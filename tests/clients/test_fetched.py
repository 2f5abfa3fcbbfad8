"""What git fetches has a limit in bytes, which git itself does not have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from contrib.clients import git, processes
from contrib.clients.processes import TooMuch, finish, not_beyond
from contrib.values.errors import OutsideError

GROWS = """
import pathlib, sys, time
pack = pathlib.Path(sys.argv[1]) / "pack"
pack.mkdir(parents=True, exist_ok=True)
with (pack / "tmp_pack_x").open("wb") as stream:
    for _ in range(600):
        stream.write(b"x" * 1000)
        stream.flush()
        time.sleep(0.05)
"""


def growing(objects: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", GROWS, str(objects)], stdout=subprocess.PIPE)


def test_a_fetch_that_grows_is_ended(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "there.pack").write_bytes(b"x" * 50_000)  # what was there before does not count
    process = growing(tmp_path)
    with pytest.raises(TooMuch):
        finish(process, 60, watch=not_beyond(tmp_path, 2000))
    assert process.poll() is not None
    assert (tmp_path / "pack" / "tmp_pack_x").stat().st_size < 100_000


def test_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "MAX_FETCHED", 2000)
    with pytest.raises(OutsideError, match="git clone fetches more than 2000 bytes"):
        git._finished(growing(tmp_path), "clone", 60, into=tmp_path)
    assert processes.MAX_FETCHED > 1 << 30
