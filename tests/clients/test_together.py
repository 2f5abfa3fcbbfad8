"""Several things at once: their order, their errors, the budget of what they read, and Ctrl+C."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import pytest

import contrib
from contrib.clients import budget, together
from contrib.values import budgets
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from tests.clients.test_budget import alone

ROOT = Path(contrib.__file__).parent


def test_results_come_in_the_order_of_the_items() -> None:
    def work(item: float) -> tuple[float, bool]:
        time.sleep(item)
        return item, threading.current_thread() is threading.main_thread()

    items = [0.03, 0.0, 0.02, 0.01]
    assert list(together.each(work, items, 3)) == [(item, False) for item in items]
    assert list(together.each(work, [], 3)) == []


def test_an_error_comes_when_its_turn_comes() -> None:
    def work(item: int) -> int:
        if item == 1:
            raise BadInput("one")
        return item

    found = together.each(work, [0, 1, 2], 2)
    assert next(found) == 0
    with pytest.raises(BadInput, match="one"):
        next(found)


def test_a_hostile_input_in_a_thread_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both kinds that no thread could be interrupted in: Python that catches everything, and an expression."""
    monkeypatch.setitem(budget.reading.__init__.__kwdefaults__, "seconds", 0.2)
    budgets.install(budget.bound)
    places: list[bool] = []

    @bounded("name")
    def read(name: str) -> str:
        places.append(threading.current_thread() is threading.main_thread())
        end = time.monotonic() + 20
        while name == "loop" and time.monotonic() < end:
            try:
                sum(range(1000))
            except Exception:
                continue
        if name == "expression":
            re.match("(a+)+$", "a" * 28 + "!")  # some ten seconds
        return name

    def work(name: str) -> str:
        try:
            return read(name)
        except BadInput as error:
            return str(error)

    try:
        start = time.monotonic()
        found = list(together.each(work, ["loop", "good", "expression", "well"], 4))
    finally:
        budgets.install(None)
    why = "is too large or too intricate to read: it took more than 0.2 s"
    assert found == [f"loop: {why}", "good", f"expression: {why}", "well"]
    assert time.monotonic() - start < 8 and places == [True] * 4


def test_threads_of_threads_hand_over_too() -> None:
    budgets.install(budget.bound)

    @bounded("name")
    def read(name: str) -> bool:
        return threading.current_thread() is threading.main_thread()

    try:
        inner = lambda name: list(together.each(read, [name, name + "2"], 2))  # noqa: E731
        assert list(together.each(inner, ["a", "b"], 2)) == [[True, True], [True, True]]
    finally:
        budgets.install(None)


def test_a_thread_that_holds_what_the_main_thread_waits_for_reads_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(together, "_PATIENCE", 0.3)
    held, ready = threading.Lock(), threading.Event()
    budgets.install(budget.bound)

    @bounded("name")
    def read(name: str) -> str:
        if name == "waits":
            with held:
                return name
        return name

    def work(name: str) -> str:
        if name == "waits":
            ready.wait(5)
            return read(name)
        with held:
            ready.set()
            time.sleep(0.1)
            return read(name)

    try:
        assert list(together.each(work, ["waits", "holds"], 2)) == ["waits", "holds"]
    finally:
        budgets.install(None)


def test_ctrl_c_ends_the_threads_too() -> None:
    done = alone(
        "import signal, threading, time\nfrom contrib.clients import together\n"
        "def work(item):\n"
        " try:\n  while True: time.sleep(0.05)\n"
        " finally: print('removed', item, flush=True)\n"
        "threading.Timer(0.3, lambda: __import__('os').kill(__import__('os').getpid(), signal.SIGINT)).start()\n"
        "start = time.monotonic()\n"
        "try: list(together.each(work, [1, 2], 2))\n"
        "except KeyboardInterrupt: print('interrupted', time.monotonic() - start < 1.3)\n"
    )
    assert sorted(done.stdout.splitlines()) == ["interrupted True", "removed 1", "removed 2"], done.stderr


def test_there_is_no_other_pool() -> None:
    """A thread that reads would read without a budget that holds everywhere."""
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if "sandbox" not in path.relative_to(ROOT).parts
        and re.search(
            r"ThreadPoolExecutor|import multiprocessing|from multiprocessing", path.read_text("utf-8")
        )
    }
    assert found == set()
