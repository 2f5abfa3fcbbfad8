"""What happens to the program's own streams: closed, full, or with nobody at the other end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

START = [sys.executable, "-m", "contrib.cli.start"]
MAIN = [sys.executable, "-c", "from contrib.cli.main import main; main()"]
C = "0123456789abcdef0123456789abcdef01234567"
LIBRARY = f"Maintainers: A (@a)\nGitRepo: r\nGitCommit: {C}\n\nTags: 1, latest\n"


@pytest.fixture
def library(tmp_path: Path) -> list[str]:
    (tmp_path / "one").write_bytes(LIBRARY.encode())
    return ["library", "list", "--library", str(tmp_path), "--all"]


@pytest.mark.parametrize("program", [START, MAIN], ids=["start", "main"])
@pytest.mark.parametrize("stream", [0, 1, 2])
@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.skipif(os.name == "nt", reason="needs preexec_fn")
def test_a_closed_stream_is_no_crash(
    program: list[str], stream: int, plain: bool, library: list[str]
) -> None:
    # Closed in the child, after the pipes are in place, as a shell's `>&-` does.
    done = subprocess.run(
        [*program, *(library if plain else ["rules"])],
        stdin=subprocess.PIPE,
        capture_output=True,
        preexec_fn=lambda: os.close(stream),
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert bool(done.stdout) == (stream != 1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("program", [START, MAIN], ids=["start", "main"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_full_disk_is_one_sentence(program: list[str], form: str, library: list[str]) -> None:
    for arguments in (
        ["rules", "--format", form],
        [*library, "--format", form] if form == "json" else library,
    ):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run([*program, *arguments], stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == 3
        assert done.stderr == b"error: the system refused: No space left on device\n"


@pytest.mark.parametrize("program", [START, MAIN], ids=["start", "main"])
@pytest.mark.parametrize("arguments", [None, ["rules"], ["--help"], ["rules", "--help"]])
def test_a_reader_that_goes_away_is_no_failure(
    program: list[str], arguments: list[str] | None, library: list[str]
) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as nobody:
        done = subprocess.run([*program, *(arguments or library)], stdout=nobody, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")
