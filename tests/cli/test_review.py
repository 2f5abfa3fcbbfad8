"""``contrib review`` from the outside: exit codes, formats, fixes on disk, bad input."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contrib.cli.main import run

GOOD = 'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nENV APP_VERSION=1\nCMD ["app"]\n'
BAD = (
    "FROM mcr.microsoft.com/windows/servercore:ltsc2022\r\n"
    "# a comment\r\n"
    "MAINTAINER me\r\n"
    "ENV APP_VERSION 1\r\n"
    "CMD app.exe\r\n"
)
MENDED = (
    "FROM mcr.microsoft.com/windows/servercore:ltsc2022\r\n"
    "# a comment\r\n"
    "ENV APP_VERSION=1\r\n"
    "CMD app.exe\r\n"
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    directory = tmp_path / "1.2" / "windows" / "windowsservercore-ltsc2022"
    directory.mkdir(parents=True)
    (directory / "Dockerfile").write_bytes(BAD.encode())
    return tmp_path


FILE = "1.2/windows/windowsservercore-ltsc2022/Dockerfile"


def test_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", FILE, "--format", "json"]) == 0
    shape = json.loads(capsys.readouterr().out)
    assert shape["summary"] == {"error": 0, "warning": 2, "note": 1}
    assert [f["rule"] for f in shape["findings"]] == [
        "maintainer-instruction",
        "legacy-env-format",
        "shell-form-cmd",
    ]
    first = shape["findings"][0]
    assert first == {
        "rule": "maintainer-instruction",
        "severity": "warning",
        "file": FILE,
        "line": 3,
        "end_line": 3,
        "column": 1,
        "end_column": 14,
        "message": first["message"],
        "evidence": "https://github.com/docker-library/redis/pull/78",
        "fixable": True,
    }


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 1), ("note", 1), ("never", 0)])
def test_fail_on(here: Path, fail_on: str, code: int) -> None:
    assert run(["review", FILE, "--fail-on", fail_on]) == code


def test_text_fits_80_columns_without_colour(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "Dockerfile").write_text(
        "FROM microsoft/nanoserver\nRUN iwr " + "x" * 300 + "\n", encoding="utf-8"
    )
    assert run(["review", FILE, "Dockerfile"]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert out.splitlines()[0] == FILE
    assert all(len(line) <= 80 for line in out.splitlines() if "https://" not in line)
    assert out.splitlines()[-1].endswith("`--fix` fixes 3")


def test_markdown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", FILE, "--format", "markdown"]) == 0
    out = capsys.readouterr().out
    assert f"### `{FILE}`" in out
    assert (
        "| 3 | ⚠️ warning | [`maintainer-instruction`](https://github.com/docker-library/redis/pull/78) |"
        in out
    )
    assert "<details><summary>1 note</summary>" in out


def test_sarif_names_the_path_in_the_repository(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["git", "init", "-q", str(here)], check=True)
    inside = here / "1.2"
    os.chdir(inside)
    assert run(["review", "windows/windowsservercore-ltsc2022/Dockerfile", "--format", "sarif"]) == 0
    log = json.loads(capsys.readouterr().out)
    results = log["runs"][0]["results"]
    assert {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results} == {FILE}


def test_fix_changes_the_file_and_keeps_its_line_endings(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = here / FILE
    target.chmod(0o640)
    assert run(["review", FILE, "--fix"]) == 0
    assert target.read_bytes() == MENDED.encode()
    if sys.platform != "win32":
        assert target.stat().st_mode & 0o777 == 0o640
    shown = capsys.readouterr()
    assert "maintainer-instruction" not in shown.out and "shell-form-cmd" in shown.out
    assert f"fixed {FILE}:3: maintainer-instruction (remove MAINTAINER)" in shown.err
    assert run(["review", FILE, "--fix"]) == 0
    assert target.read_bytes() == MENDED.encode()
    assert [path.name for path in target.parent.iterdir()] == ["Dockerfile"], "nothing is left behind"


def test_fix_diff_shows_a_patch_and_changes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (here / FILE).read_bytes()
    assert run(["review", FILE, "--fix", "--diff", "-o", "fix.patch"]) == 0
    assert (here / FILE).read_bytes() == before
    assert capsys.readouterr().out == ""
    subprocess.run(["git", "init", "-q", "."], check=True)
    subprocess.run(["git", "-c", "core.autocrlf=false", "apply", "fix.patch"], check=True)
    assert (here / FILE).read_bytes() == MENDED.encode()


def test_fix_diff_of_a_clean_file_is_empty(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "clean").write_bytes(GOOD.encode())
    assert run(["review", "clean", "--fix", "--diff"]) == 0
    assert capsys.readouterr().out == ""


def test_fix_only_touches_the_files_named(here: Path) -> None:
    other = here / "other"
    other.write_bytes(BAD.encode())
    assert run(["review", FILE, "--fix", "--quiet"]) == 0
    assert other.read_bytes() == BAD.encode()


def test_fix_follows_a_symbolic_link(here: Path) -> None:
    link = here / "link"
    try:
        link.symlink_to(here / FILE)
    except OSError:
        pytest.skip("no symbolic links here")
    assert run(["review", "link", "--fix"]) == 0
    assert link.is_symlink() and (here / FILE).read_bytes() == MENDED.encode()


@pytest.mark.skipif(sys.platform == "win32" or getattr(os, "geteuid", lambda: 0)() == 0, reason="needs modes")
def test_fix_of_what_cannot_be_written_changes_nothing(here: Path) -> None:
    (here / FILE).parent.chmod(0o500)
    try:
        assert run(["review", FILE, "--fix"]) == 2
        assert (here / FILE).read_bytes() == BAD.encode()
    finally:
        (here / FILE).parent.chmod(0o700)


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Stdin:
        buffer = io.BytesIO(b"FROM microsoft/nanoserver\n")

    monkeypatch.setattr(sys, "stdin", Stdin())
    assert run(["review", "-", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["file"] == "-"
    Stdin.buffer.seek(0)
    assert run(["review", "-", "--fix"]) == 2


def test_a_linux_file_is_told_so(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "Dockerfile").write_text("FROM alpine:3.20\nMAINTAINER me\nCMD app\n", encoding="utf-8")
    assert run(["review", "Dockerfile", "--format", "json", "--fail-on", "warning"]) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [(f["rule"], f["severity"]) for f in findings] == [("not-windows", "note")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["review"], "Missing argument"),
        (["review", "."], "directory"),
        (["review", "nowhere"], "no such file"),
        (["review", "binary"], ""),
        (["review", FILE, "--diff"], "--fix"),
        (["review", FILE, "--image", "nothing-like-it"], "no image"),
    ],
)
def test_bad_input(
    here: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "binary").write_bytes(b"MZ\0\0\0")
    assert run(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err


def test_one_bad_file_leaves_the_others_alone(here: Path) -> None:
    assert run(["review", "--fix", FILE, "nowhere"]) == 2
    assert (here / FILE).read_bytes() == BAD.encode()


def test_several_files_in_one_report(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "clean").write_bytes(GOOD.encode())
    assert run(["review", FILE, "clean"]) == 0
    out = capsys.readouterr().out
    assert "clean\n  no findings" in out
    assert run(["review", FILE, "clean", "--format", "json"]) == 0
    assert {f["file"] for f in json.loads(capsys.readouterr().out)["findings"]} == {FILE}


def test_an_images_accepted_findings(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from dataclasses import replace

    from contrib import images
    from contrib.images.model import Accept, Reason

    real = images.load("redis")
    accepted = (
        Accept("shell-form-cmd", "*/windows/*/Dockerfile", Reason("the program wants a shell")),
        Accept("healthcheck", "*/windows/*/Dockerfile", Reason("never raised")),
        Accept("eol-base", "*/elsewhere/*", Reason("not meant for this file")),
    )

    def load(name: str, templates_dir: Path | None = None) -> Any:
        return replace(real, accepted=accepted)

    monkeypatch.setattr(images, "load", load)
    assert run(["review", FILE, "--image", "redis", "--format", "json", "--fail-on", "note"]) == 1
    shape = json.loads(capsys.readouterr().out)
    by_rule = {f["rule"]: f for f in shape["findings"]}
    assert by_rule["shell-form-cmd"]["accepted"] == "the program wants a shell"
    assert shape["summary"] == {"error": 0, "warning": 1, "note": 2}
    (stale,) = [f["message"] for f in shape["findings"] if f["rule"] == "stale-accept"]
    assert "`healthcheck`" in stale
    assert run(["review", FILE, "--image", "redis"]) == 0
    assert "accepted: the program wants a shell" in capsys.readouterr().out
    accepted = (Accept("no-such-rule", "*/windows/*/Dockerfile", Reason("no rule")),)
    assert run(["review", FILE, "--image", "redis"]) == 2
    assert "accept.rule: there is no rule 'no-such-rule'" in capsys.readouterr().err


def test_ask_offers_what_needs_a_look(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from contrib.cli.common import Terminal

    (here / FILE).write_bytes(BAD.encode() + b"HEALTHCHECK CMD app ping\r\n")
    assert run(["review", FILE, "--fix", "--ask"]) == 2
    assert run(["review", FILE, "--ask"]) == 2
    monkeypatch.setattr(Terminal, "interactive", True)
    answers = iter(["y\n", "n\n"])
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda prompt: next(answers).strip())
    assert run(["review", FILE, "--fix", "--ask"]) == 0
    shown = capsys.readouterr()
    assert '+CMD ["app.exe"]' in shown.err and "-HEALTHCHECK" in shown.err
    assert (here / FILE).read_bytes() == (
        MENDED.replace("CMD app.exe", 'CMD ["app.exe"]').encode() + b"HEALTHCHECK CMD app ping\r\n"
    )
    assert list(answers) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "is empty"), (" \n\n", "is empty"), ("RUN x\n", "x:1: has no FROM, so it is no Dockerfile")],
)
def test_a_file_that_is_no_dockerfile(
    text: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x").write_text(text)
    assert run(["review", "x"]) == 2
    assert message in capsys.readouterr().err
    assert Path("x").read_text() == text


def test_what_the_builder_refuses_in_a_linux_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_text("FROM alpine\nRUNX y\n")
    assert run(["review", str(tmp_path / "x"), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [each["rule"] for each in found] == ["not-windows", "refused-by-builder"]
