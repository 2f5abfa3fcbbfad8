"""Each benchmark runs as a module, says how, and stands in the table; what they share measures what it says."""

from __future__ import annotations

import math
import re
import runpy
import sys
from pathlib import Path

import pytest

from benchmarks import measuring

FOLDER = Path(__file__).parents[2] / "benchmarks"
#: What they share.
PARTS = {"__init__", "measuring"}
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in PARTS)


@pytest.mark.parametrize("name", NAMES)
def test_help(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    monkeypatch.delitem(sys.modules, f"benchmarks.{name}", raising=False)
    with pytest.raises(SystemExit) as stopped:
        runpy.run_module(f"benchmarks.{name}", run_name="__main__", alter_sys=True)
    printed = capsys.readouterr().out
    assert stopped.value.code == 0
    assert printed.startswith(f"usage: python -m benchmarks.{name} [-h]")
    assert printed.count(f"    python -m benchmarks.{name}") == 1, "its text says how it is run"


def test_the_table_has_them_all() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert sorted(rows) == NAMES
    for name in NAMES:
        assert re.search(rf"^\| `{name}` \|.*`python -m benchmarks\.{name}[ `]", text, re.MULTILINE)


def test_a_run_tells_time_code_and_output(tmp_path: Path) -> None:
    code = "import os, sys, time; time.sleep(0.2); print(os.getcwd()); print('bad\\nworse', file=sys.stderr); sys.exit(3)"
    done = measuring.run([sys.executable, "-c", code], cwd=tmp_path)
    assert done.code == 3 and done.why == "worse" and Path(done.stdout.decode().strip()) == tmp_path.resolve()
    assert 0.2 <= done.seconds < 30 and (math.isnan(done.cpu) or 0 < done.cpu < done.seconds)


def test_commands_take_turns(tmp_path: Path) -> None:
    log = tmp_path / "log"
    commands = {
        name: [sys.executable, "-c", f"open({str(log)!r}, 'a').write({name!r})"] for name in ("a", "b")
    }
    runs = measuring.in_turn(commands, 2)
    assert log.read_text() == "abab" and {name: len(each) for name, each in runs.items()} == {"a": 2, "b": 2}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell")
def test_peak_memory_is_the_commands_and_not_ours() -> None:
    ours = bytearray(200 << 20)
    small = measuring.peak([sys.executable, "-S", "-c", ""])
    large = measuring.peak([sys.executable, "-S", "-c", "bytearray(64 << 20)"])
    assert small < len(ours) / (1 << 20) / 2
    assert small + 60 < large < small + 80
