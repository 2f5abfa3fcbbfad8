"""The plain path prints what the commands print, and leaves to them what is not plain."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contrib.cli import start
from contrib.cli.main import run

C = "0123456789abcdef0123456789abcdef01234567"
ONE = f"Maintainers: A (@a)\nGitRepo: r\nGitCommit: {C}\n\nTags: 1, latest\n\nTags: 2\nSharedTags: s\nDirectory: x\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(("CONTRIB_", "BASHBREW_")):  # CONTRIB_TEST_CLONES among them
            monkeypatch.delenv(name)
    library = tmp_path / "library"
    library.mkdir()
    (library / "one").write_bytes(ONE.encode())
    (library / "two").write_bytes(ONE.encode() + b"# caf\xe9\n")
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ["cat", "--all"],
        ["cat", "one", "two:latest", "./library/one"],
        ["cat", "two:s"],
        ["list", "--all", "--library", "library"],
        ["list", "--all", "--uniq"],
        ["list", "--repos", "one", "two:2"],
        ["list", "--repos", "--uniq", "one:2"],
    ],
)
def test_plain_is_the_same(
    arguments: list[str], here: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert start.plain(["library", *arguments])
    plain = capfdbinary.readouterr()
    assert run(["library", *arguments]) == 0
    assert capfdbinary.readouterr() == plain
    assert plain.out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["library"],
        ["library", "cat"],
        ["library", "cat", "--help"],
        ["library", "cat", "one", "--format", "json"],
        ["library", "cat", "--uniq", "one"],
        ["library", "list", "one", "--arch-filter"],
        ["library", "list", "nowhere"],
        ["library", "list", "one:9"],
        ["library", "list", "--library"],
        ["library", "check", "one"],
        ["review", "one", "two"],
    ],
)
def test_what_is_not_plain_is_left_alone(
    arguments: list[str], here: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert not start.plain(arguments)
    assert capfdbinary.readouterr() == (b"", b"")


@pytest.mark.parametrize("name", ["BASHBREW_CACHE", "BASHBREW_SCRIPTS", "BASHBREW_PULL"])
def test_bashbrews_other_variables_change_nothing(
    name: str, here: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv(name, "somewhere")
    assert start.plain(["library", "cat", "one"])
    assert capfdbinary.readouterr().out


@pytest.mark.parametrize("name", ["BASHBREW_ARCH", "BASHBREW_NAMESPACE", "BASHBREW_CONSTRAINTS"])
def test_bashbrews_settings_are_left_to_the_commands(
    name: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "x")
    assert not start.plain(["library", "list", "one"])


def test_settings_in_the_environment_are_left_alone(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRIB_FORMAT", "json")
    assert not start.plain(["library", "cat", "one"])


def test_the_whole_program(here: Path) -> None:
    program = [sys.executable, "-m", "contrib.cli.start", "library", "list"]
    done = subprocess.run([*program, "one"], capture_output=True, cwd=here)
    assert (done.returncode, done.stdout) == (0, b"one:1\none:latest\none:2\none:s\n")
    done = subprocess.run([*program, "nowhere"], capture_output=True, cwd=here)
    assert done.returncode == 2
    assert b"no such library file" in done.stderr


def test_click_is_not_imported_on_the_plain_path(here: Path) -> None:
    script = (
        "import sys; sys.argv = ['contrib', 'library', 'list', 'one']; from contrib.cli.start import main; main(); "
        "print([name for name in ('click', 'typing', 'pathlib', 'dataclasses') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, cwd=here, env={"PYTHONPATH": str(Path(__file__).parents[2])})  # fmt: skip
    assert done.stderr.decode().strip() == "[]"


def test_rubbish_is_looked_for_rarely_and_what_is_registered_for_the_end_runs() -> None:
    code = (
        "import atexit, gc, sys\n"
        "from contrib.cli import start\n"
        "atexit.register(lambda: print(gc.get_threshold()[0] > 10_000, gc.get_freeze_count() > 1_000))\n"
        "sys.argv = ['contrib', sys.argv[1]]\n"
        "start.main()\n"
    )
    for option, status in (("--help", 0), ("--nosuch", 2)):
        done = subprocess.run([sys.executable, "-c", code, option], capture_output=True, text=True)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (status, "True True")
