"""The program itself: version, help, exit codes, errors as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from contrib import __version__
from contrib.cli.common import report_width
from contrib.cli.main import run


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"contrib, version {__version__}\n"


def test_version_imports_nothing_slow() -> None:
    code = (
        "import sys; from contrib.cli.main import run; run(['--version']);"
        "print(sorted({'github', 'git', 'rich', 'jinja2', 'jq', 'tree_sitter'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_usage_error_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["nothing", "--format", "json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["kind"] == "usage"
    assert set(error) == {"kind", "message", "file", "line", "hint"}


@pytest.mark.parametrize("columns", ["wide", "0", "-5", "²", "9" * 5000, ""])
def test_a_width_that_is_none(columns: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    (tmp_path / "Dockerfile").write_text("FROM mcr.microsoft.com/windows/servercore:ltsc2022\n")
    assert run(["review", str(tmp_path / "Dockerfile")]) in (0, 1)
    assert run(["rules", "--quiet"]) == 0
    assert 40 <= report_width() <= 100
