"""Behaviour beside facts: the rows that evidence records give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contrib.cli.main import run
from contrib.compare.behaviour import behaviour
from contrib.values.evidence import dockerfile_sha256, read_record

WINDOWS = (
    b'FROM mcr.microsoft.com/windows/servercore:ltsc2025\nENV REDIS_VERSION=7.2.4\nCMD ["redis-server"]\n'
)
LINUX = b'FROM alpine:3.20\nENV REDIS_VERSION=7.2.4\nCMD ["redis-server"]\n'


def entry(kind: str, data: bytes, **results: str) -> dict[str, Any]:
    checks = [{"check": "build", "result": "passed", "seconds": 1.0, "said": "", "why": ""}]
    for name, result in results.items():
        why = {"passed": "", "failed": "it was killed", "not-run": "it is not for windows"}[result]
        checks.append({"check": name, "result": result, "seconds": 1.0, "said": "said", "why": why})
    outcome = "failed" if "failed" in results.values() else "passed"
    return {
        "variant": "windowsservercore-ltsc2025" if kind != "linux" else "alpine", "kind": kind, "version": "7.2.4",
        "path": f"7.2/{kind}/Dockerfile", "dockerfile_sha256": dockerfile_sha256(data), "context_sha256": None,
        "copied_from": None, "base": {"name": "b", "digest": None}, "image_id": "sha256:" + "1" * 64, "size": 1,
        "layers": 1, "steps": [], "checks": checks, "result": outcome,
    }  # fmt: skip


def record(os: str, *entries: dict[str, Any]) -> dict[str, Any]:
    place = {"engine": "27", "api": "1.47", "os": os, "os_version": None, "isolation": None, "builder": "classic", "runner": None}  # fmt: skip
    return {
        "schema": 1, "image": "redis", "when": "2026-11-28T16:05:47Z", "tool": "contrib", "place": place, "run": None,
        "variants": list(entries),
    }  # fmt: skip


ON_WINDOWS = record(
    "windows", entry("windowsservercore", WINDOWS, stop="failed", ping="passed", user="passed")
)
ON_LINUX = record("linux", entry("linux", LINUX, stop="passed", ping="passed", user="not-run"))


def read(*plain: dict[str, Any]) -> list[Any]:
    return [read_record(json.dumps(each), "r") for each in plain]


def test_each_check_has_both_sides() -> None:
    rows = {each.check: each for each in behaviour(read(ON_WINDOWS, ON_LINUX), WINDOWS, LINUX)}
    assert (rows["stop"].linux, rows["stop"].windows) == ("passed", "failed")
    assert rows["stop"].said == "it was killed: said"
    assert (rows["user"].linux, rows["user"].windows) == ("not-run", "passed")
    assert list(rows) == ["build", "stop", "ping", "user"]


def test_a_failure_on_one_host_counts() -> None:
    good = record("windows", entry("windowsservercore", WINDOWS, stop="passed"))
    rows = behaviour(read(good, ON_WINDOWS), WINDOWS, LINUX)
    assert next(each for each in rows if each.check == "stop").windows == "failed"


def test_other_bytes_have_no_behaviour() -> None:
    assert behaviour(read(ON_WINDOWS, ON_LINUX), WINDOWS + b"\n", LINUX) == ()
    alone = behaviour(read(ON_WINDOWS, ON_LINUX), WINDOWS, LINUX + b"\n")
    assert {each.linux for each in alone} == {None}


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {
        "w": WINDOWS,
        "l": LINUX,
        "w.json": json.dumps(ON_WINDOWS).encode(),
        "l.json": json.dumps(ON_LINUX).encode(),
    }
    for name, data in names.items():
        (tmp_path / name).write_bytes(data)
    paths = {name: str(tmp_path / name) for name in names}
    given = ["diff", paths["w"], paths["l"], "--image", "redis", "--fail-on", "never"]
    both = ["--evidence", paths["w.json"], "--evidence", paths["l.json"]]
    assert run([*given, *both, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["behaviour"]
    assert {"check": "stop", "linux": "passed", "windows": "failed", "said": "it was killed: said"} in rows
    assert run([*given, *both]) == 0
    assert "1 check failed" in capsys.readouterr().out
    (tmp_path / "w").write_bytes(WINDOWS + b"# changed\n")
    assert run([*given, *both]) == 2
    assert "no evidence record is about" in capsys.readouterr().err
