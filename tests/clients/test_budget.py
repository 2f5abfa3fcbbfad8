from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from contrib.clients import budget
from contrib.clients.budget import reading


def alone(program: str) -> subprocess.CompletedProcess[str]:
    """A program of its own: a regular expression that nothing ends would hold this process for ever."""
    return subprocess.run(
        [sys.executable, "-c", "from contrib.clients.budget import reading\n" + program],
        env={"PYTHONPATH": str(Path(budget.__file__).parents[2]), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


#: Twenty seconds of work: what nothing ends fails, and does not hang.
BUSY = """
import time
start = time.monotonic()
def work():
    while time.monotonic() - start < 20: {body}
"""


def test_time_in_python() -> None:
    start = time.monotonic()
    done = alone(BUSY.format(body="pass") + "with reading('f', seconds=0.2): work()")
    assert "BadInput: f: is too large or too intricate to read: it took more than 0.2 s" in done.stderr
    assert time.monotonic() - start < 15


def test_the_error_is_bad_input_of_its_own_kind() -> None:
    done = alone(
        BUSY.format(body="pass")
        + "try:\n with reading('f', seconds=0.2): work()\nexcept Exception as e: print(e.kind, e.exit_code)"
    )
    assert done.stdout.split() == ["budget", "2"]


def test_time_in_a_regular_expression() -> None:
    done = alone("import re\nwith reading('f', seconds=0.2): re.match('(a+)+$', 'a' * 40 + '!')")
    assert "took more than 0.2 s" in done.stderr


def test_memory() -> None:
    if budget.resident() is None:
        pytest.skip("the system does not say how much memory there is")
    done = alone(
        "kept = []\n"
        + BUSY.format(body="kept.append(bytearray(1_000_000))")
        + "with reading('f', memory=100 * 1024 * 1024): work()"
    )
    assert "needed more than 100 MiB" in done.stderr


def test_nothing_catches_it() -> None:
    body = "\n        try: sum(range(1000))\n        except Exception: continue"
    done = alone(BUSY.format(body=body) + "with reading('f', seconds=0.2): work()")
    assert "took more than 0.2 s" in done.stderr


def test_what_is_done_in_time_is_left_alone() -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, budget._SIGNAL)]
    for _ in range(20):
        with reading("f", seconds=5), reading("g", seconds=3):
            pass
    assert [signal.getsignal(each) for each in (signal.SIGINT, budget._SIGNAL)] == before
    time.sleep(0.2)


def test_waiting_costs_nothing() -> None:
    with reading("f", seconds=0.05):
        time.sleep(0.2)


def test_one_inside_of_another() -> None:
    done = alone(
        BUSY.format(body="pass")
        + "with reading('outer', seconds=30):\n with reading('inner', seconds=0.2): work()"
    )
    assert "BadInput: inner" in done.stderr


def test_one_around_another_goes_on_counting() -> None:
    done = alone(
        BUSY.format(body="pass")
        + "with reading('outer', seconds=0.2):\n with reading('inner', seconds=30): work()"
    )
    assert "BadInput: outer" in done.stderr


def test_what_is_lost_while_an_object_is_destroyed_comes_again() -> None:
    done = alone(
        BUSY.format(body="pass")
        + "class Slow:\n def __del__(self): work()\n"
        + "with reading('f', seconds=0.2):\n made = Slow()\n del made\n work()"
    )
    assert "BadInput: f" in done.stderr


def test_ctrl_c_is_still_ctrl_c() -> None:
    done = alone(
        "import signal, time\nwith reading('f', seconds=30):\n signal.raise_signal(signal.SIGINT); time.sleep(1)"
    )
    assert "KeyboardInterrupt" in done.stderr


def test_in_a_thread_of_somebody_else() -> None:
    done = alone(
        BUSY.format(body="pass")
        + "import threading\n"
        + "def read():\n try:\n  with reading('f', seconds=0.2): work()\n except Exception as e: print(e)\n"
        + "t = threading.Thread(target=read); t.start(); t.join(); print(time.monotonic() - start < 10)"
    )
    assert done.stdout.split("\n")[:2] == [
        "f: is too large or too intricate to read: it took more than 0.2 s",
        "True",
    ]


def test_a_thread_that_is_done_in_time_is_left_alone() -> None:
    done = []

    def work() -> None:
        with reading("f", seconds=0.05), reading("g"):
            time.sleep(0.1)  # waiting costs nothing
        done.append(sum(range(1000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)
    assert done and budget._WATCH._elsewhere == []


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe stands for a file there")
def test_a_command_on_an_input_that_does_not_end(tmp_path: Path) -> None:
    """The whole program: exit 2, the file's name, within the budget and a little."""
    (tmp_path / "Dockerfile").write_text("FROM mcr.microsoft.com/windows/servercore:ltsc2022\n")
    program = (
        "import contrib.rules.review as r, contrib.clients.budget as b\n"
        "def slow(*a, **k):\n while True: pass\n"
        "r.engine.run = slow; b.reading.__init__.__kwdefaults__['seconds'] = 0.5\n"
        "from contrib.cli.main import run; raise SystemExit(run(['review', 'Dockerfile']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        env={"PYTHONPATH": str(Path(budget.__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "Dockerfile: is too large or too intricate to read: it took more than 0.5 s" in done.stderr
