"""The program itself: version, help, exit codes, errors as JSON."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from contrib import __version__
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
