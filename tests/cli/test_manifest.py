from __future__ import annotations

from pathlib import Path

import pytest

from contrib.cli.main import run
from tests.upstream.repos import Commit, git, make
from tests.upstream.test_manifest import LIBRARY, PROFILE, files


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    folder = tmp_path / "images" / "demo"
    folder.mkdir(parents=True)
    (folder / "manifest.toml").write_text(PROFILE)
    first = files()
    make(tmp_path / "up", [Commit([], first), Commit([0], {**first, "2.0/debian/docker-entrypoint.sh": "2"})])
    library = {path: LIBRARY.read(path) or b"" for path in LIBRARY.paths()}
    make(tmp_path / "oi", [Commit([], library)])
    return [
        *("manifest", "demo", "--upstream", str(tmp_path / "up"), "--official-images", str(tmp_path / "oi")),
        *("--templates", str(folder.parent)),
    ]


def test_prints_the_file_and_compares_it(
    arguments: list[str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(arguments) == 0
    printed = capfdbinary.readouterr().out
    head = git(tmp_path / "up", "rev-parse", "HEAD")
    assert printed.startswith(b"# this file is generated via") and printed.count(head.encode()) == 1
    library = tmp_path / "oi" / "library" / "demo"
    assert run([*arguments, "--check"]) == 2  # there is none to compare with
    assert b"no such file to compare with" in capfdbinary.readouterr().err
    library.write_bytes(printed)
    assert run([*arguments, "--check"]) == 0
    assert run([*arguments, "--diff"]) == 0
    assert capfdbinary.readouterr().out == b""
    library.write_bytes(printed.replace(b"2.0.3, ", b"2.0.2, "))
    assert run([*arguments, "--diff"]) == 0
    assert b"\n+Tags: 2.0.3, 2.0" in capfdbinary.readouterr().out
    assert run([*arguments, "--check", "-o", str(tmp_path / "patch")]) == 1
    git(tmp_path / "oi", "apply", str(tmp_path / "patch"))
    assert library.read_bytes() == printed
    assert run([*arguments, "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out").read_bytes() == printed


def test_reads_commits_alone(
    arguments: list[str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(arguments) == 0
    before = capfdbinary.readouterr().out
    (tmp_path / "up" / "versions.json").write_text("{}")
    (tmp_path / "up" / "3.0").mkdir()
    (tmp_path / "up" / "3.0" / "Dockerfile").write_text("FROM nosuch:x\n")
    assert run(arguments) == 0
    assert capfdbinary.readouterr().out == before
    up = str(tmp_path / "up")
    older = [one if one != up else f"{up}@HEAD~1" for one in arguments]
    assert run(older) == 0
    earlier = capfdbinary.readouterr().out
    assert earlier != before
    assert run([*arguments, "--ref", "HEAD~1"]) == 0
    assert capfdbinary.readouterr().out == earlier


def test_a_shallow_clone_says_that_it_cannot_answer(
    arguments: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{tmp_path / 'up'}", "shallow")
    given = [one if one != str(tmp_path / "up") else str(tmp_path / "shallow") for one in arguments]
    assert run(given) == 2
    shown = capfd.readouterr()
    assert shown.out == "" and "shallow" in shown.err and "unshallow" in shown.err


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (["--ref", "nosuch"], 2, "no commit 'nosuch'"),
        (["--ref", "-x"], 2, "not a name"),
        (["--official-images", "/no/such"], 2, "no such directory"),
        (["--upstream", "/no/such"], 2, "no such directory"),
        (["--script", "other.sh"], 2, "has no other.sh"),
        (["--script", "../other.sh"], 2, "leave the tree"),
    ],
)
def test_bad_arguments(
    arguments: list[str], capfd: pytest.CaptureFixture[str], more: list[str], code: int, message: str
) -> None:
    assert run([*arguments, *more]) == code
    shown = capfd.readouterr()
    assert message in shown.err and shown.out == ""


def test_upstream_is_judged_first(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert run([*arguments, "--upstream", "/no/up", "--official-images", "/no/oi"]) == 2
    assert "/no/up" in capfd.readouterr().err
