from __future__ import annotations

import shutil
import time

import pytest

from contrib.clients.libjq import JqError, JqLimit, Worker
from tests.bounds import ends

#: Takes 16 bytes a number and more: all memory that there is.
GREEDY = "[range(1e12)] | length"
MEMORY = 200 * 1024 * 1024


def test_programs_and_errors() -> None:
    with Worker() as worker:
        assert worker.run(".a, (.b | length)", '{"a": "é", "b": [1, 2]}') == [r'"\u00e9"', "2"]
        with pytest.raises(JqError) as compiling:
            worker.run(".a |", "{}")
        with pytest.raises(JqError) as running:
            worker.run(".a.b", '{"a": 1}')
        assert compiling.value.compiling and not running.value.compiling
        assert worker.run(".", "1") == ["1"]


def test_a_program_knows_nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_TOKEN", "mark")
    with Worker() as worker:
        seen = "".join(worker.run("env, $ENV", "null"))
        assert "mark" not in seen and "PATH" not in seen and "HOME" not in seen
        for program in ('include "/etc/passwd"; .', 'import "x" as x; .', "input_filename // input"):
            with pytest.raises(JqError):
                worker.run(program, "null")


@ends(120)
def test_time_is_bounded() -> None:
    with Worker(timeout=0.5) as worker:
        began = time.monotonic()
        with pytest.raises(JqLimit, match=r"did not end within 0\.5 s"):
            worker.run("def f: f; f", "1")
        assert time.monotonic() - began < 30
        assert worker.run(".", "2") == ["2"]


@ends(120)
@pytest.mark.parametrize("watched", [False, True])
def test_memory_is_bounded(watched: bool) -> None:
    if watched and shutil.which("ps") is None:
        pytest.skip("there is no ps")
    with Worker(timeout=60, memory=MEMORY) as worker:
        worker.watched |= watched
        with pytest.raises(JqLimit, match="more than 200 MiB"):
            worker.run(GREEDY, "1")
        assert worker.run(".", "2") == ["2"]
