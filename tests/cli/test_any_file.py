"""Every argument of every command that names a file, given files that are none: one sentence, exit 2 or 3, no fault.

In one process, with small files. What grows, and what is large, is in ``tests/budgets``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contrib.cli.main import run
from contrib.values import budgets
from tests.budgets.cases import LIBRARY, LINUX, WINDOWS

FILES: dict[str, bytes] = {
    "empty": b"",
    "bytes": b"\xff\xfe\xfd",
    "nul": b"FROM a\0b\n",
    "mark": b"\xef\xbb\xbf",
    "utf-16": "FROM a\r\nRUN b\r\n".encode("utf-16"),
    "carriage": b"a\rb\rc",
    "deep": b"[" * 20_000,
    "deep objects": b'{"a":' * 20_000,
    "a long number": b'{"schema": 1' + b"0" * 6000 + b"}",
    "not a number": b'{"schema": NaN, "schema": Infinity}',
    "half a pair": b'{"schema": 1, "\\ud800": "\\udfff"}',
    "null": b"null",
    "a list": b"[null, 1, {}]",
    "TOML": b"a = " + b"[" * 3000,
    "a half zip": b"PK\x03\x04" + b"\0" * 30,
    "a program": b"MZ" + b"\0" * 100,
    "a surrogate": b"FROM mcr.microsoft.com/windows/servercore:ltsc2022\nENV A \xed\xa0\x80\nRUN \xf0\x28\n",
    "a library file": LIBRARY.encode() + b"Tags: \xff\nDirectory: a\0/..\n",
    "a\nname\u202e": b"FROM a\n",
    "n" * 200: b"FROM a\n",
}
#: Names that lead to no such file.
NAMES = ["none", "x" * 5000, "x/" * 3000 + "y", "directory", "loop", "plain/below", "a\0b", "a\udcffb", "", "repo@none:a", "repo@HEAD:../a", "http://[::1/a"]  # fmt: skip
#: ``F`` stands for the file.
COMMANDS = [
    ["review", "F"],
    ["review", "F", "--fix", "--diff"],
    ["diff", "F", "linux"],
    ["diff", "Dockerfile", "F"],
    ["diff", "Dockerfile", "linux", "--evidence", "F"],
    ["library", "check", "./F"],
    ["library", "list", "./F"],
    ["library", "cat", "./F"],
    ["library", "diff", "./demo", "./F"],
    ["library", "check", "./demo", "--against", "F"],
    ["library", "list", "--all", "--library", "F"],
    ["why", "F"],
    ["loads", "plain", "--dockerfile", "F", "--offline"],
    ["generate", "redis", "--upstream", "repo", "--from", "F", "--offline", "--check"],
    ["generate", "redis", "--upstream", "F", "--offline", "--check"],
    ["generate", "redis", "--upstream", "repo", "--templates", "F", "--offline", "--check"],
    ["bump", "redis", "--upstream", "repo", "--offline", "--check", "--evidence", "F"],
    ["bump", "redis", "--upstream", "repo", "--offline", "--check", "--runners", "F"],
    ["pr", "redis", "--plan", "F", "--yes", "--offline"],
    ["pr", "redis", "--upstream", "repo", "--body-file", "F", "--dry-run", "--offline"],
    ["pr", "redis", "--upstream", "repo", "--token-file", "F", "--dry-run", "--offline"],
    ["new", "demo", "--upstream", "repo", "--answers", "F"],
    ["pins", "--official-images", "F", "--offline"],
    ["rules", "F"],
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("any")
    (top / "Dockerfile").write_text(WINDOWS + "RUN a\n")
    (top / "linux").write_text(LINUX + "RUN a\n")
    (top / "demo").write_text(LIBRARY + "Tags: 1\nDirectory: a\n")
    (top / "plain").write_text("x")
    (top / "directory").mkdir()
    subprocess.run(["git", "init", "--quiet", str(top / "repo")], check=True)
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "-m", "a"],
        cwd=top / "repo",
        check=True,
    )
    if sys.platform != "win32":
        (top / "loop").symlink_to("loop")
        for name, data in FILES.items():
            (top / name).write_bytes(data)
    else:
        for name in [each for each in FILES if "\n" in each]:
            del FILES[name]
        for name, data in FILES.items():
            (top / name).write_bytes(data)
    return top


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_file_makes_a_fault(
    words: list[str], place: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(place)
    for name in os.environ:
        if name.startswith(("GH_", "GITHUB_", "CONTRIB_")):
            monkeypatch.delenv(name)
    # The files take turns: every second one for a command, every fourth where it opens a repository first.
    names = [*FILES, *NAMES]
    step = 4 if "repo" in words else 2
    for name in names[COMMANDS.index(words) % step :: step]:
        try:
            code = run([word.replace("F", name) if word in ("F", "./F") else word for word in words])
        finally:
            budgets.install(None)
        out, err = (each.decode("utf-8", "replace") for each in capsysbinary.readouterr())
        shown = f"{name[:40]!a}: exit {code}, {err[-300:]}"
        assert code in (0, 1, 2, 3), shown
        assert "internal error" not in out + err and "Traceback" not in err, shown
        if code in (2, 3) and words[0] != "library":
            assert err.strip(), shown


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there are no such devices")
@pytest.mark.parametrize(
    "words", [each for each in COMMANDS if "repo" not in each and each[0] != "rules"], ids=" ".join
)
def test_no_device_is_read_without_end(
    words: list[str], place: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """It is read up to a limit, or refused; ``/dev/zero`` has no end."""
    monkeypatch.chdir(place)
    for name in ("/dev/null", "/dev/zero"):
        if words[0] == "library" and "./F" in words:
            continue  # a name with ./ is below the directory
        try:
            code = run([word.replace("F", name) if word == "F" else word for word in words])
        finally:
            budgets.install(None)
        err = capsysbinary.readouterr().err.decode("utf-8", "replace")
        assert code in (0, 1, 2, 3) and "internal error" not in err, err[-300:]
