"""Several things at once, in threads that wait for the network and for git, while the main thread reads for them.

Only the main thread can be interrupted everywhere (a regular expression holds Python's lock, and looks for signals
there alone). So a thread of :func:`each` hands every marked reader (:mod:`contrib.values.budgets`) to the main
thread, which waits for the threads anyway: a budget holds for them as it does elsewhere. Ctrl+C ends the threads.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from contrib.clients import budget

T = TypeVar("T")
R = TypeVar("R")

#: Seconds of one wait, so that Windows hears Ctrl+C in between.
_SLICE = 0.2
#: Seconds that the threads have to clean up when the main thread leaves them.
_GRACE = 0.8
#: Seconds after which a thread reads for itself: the main thread waits for something that this thread holds.
_PATIENCE = 3 * budget.SECONDS


def each(function: Callable[[T], R], items: Sequence[T], at_once: int) -> Iterator[R]:
    """What ``function`` gives for every item, in their order, with so many threads.

    :raises BaseException: what ``function`` raised for an item, when its turn comes. The other threads are told to
        end then (``KeyboardInterrupt``), as when the caller stops iterating.
    """
    work: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(len(items)):
        work.put(number)
    desk = _Desk()
    results: dict[int, R] = {}
    failures: dict[int, BaseException] = {}
    hand: Callable[[Callable[[], Any]], Any] | None = getattr(budget.HANDED, "to", None)
    if hand is None and threading.current_thread() is threading.main_thread():
        hand = desk.ask

    def take() -> None:
        budget.HANDED.to = hand
        with suppress(queue.Empty):
            while not desk.closed:
                number = work.get_nowait()
                try:
                    results[number] = function(items[number])
                except BaseException as error:
                    failures[number] = error
                desk.wake()

    threads = [threading.Thread(target=take, daemon=True) for _ in range(min(at_once, len(items)))]
    for thread in threads:
        thread.start()
    try:
        for number in range(len(items)):
            while number not in results and number not in failures:
                desk.serve()
            if number in failures:
                raise failures[number]
            yield results[number]
    finally:
        desk.closed = True
        _end(threads)


def _end(threads: Sequence[threading.Thread]) -> None:
    """Tell threads that still run to end, and give them a moment to remove what they made."""
    end = time.monotonic() + _GRACE
    for thread in threads:
        if thread.is_alive() and thread.ident is not None:
            budget.raise_in(thread.ident, KeyboardInterrupt)
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))


class _Call:
    """A call that is handed over: whoever claims it makes it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._claim = threading.Lock()
        self.done = threading.Event()
        self.result: Any = None
        self.error: BaseException | None = None

    def claimed(self) -> bool:
        """Whether it is the caller's to make."""
        return self._claim.acquire(blocking=False)

    def make(self) -> None:
        """Make it; an error is kept for the thread that asked."""
        try:
            self.result = self._call()
        except Exception as error:
            self.error = error
        except BaseException as error:
            self.error = error
            raise
        finally:
            self.done.set()


class _Desk:
    """Where threads hand in what the main thread is to read."""

    def __init__(self) -> None:
        self.closed = False
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()

    def wake(self) -> None:
        """There is news for the one who serves."""
        self._calls.put(None)

    def serve(self) -> None:
        """Make the next call, or wait a moment for one."""
        try:
            call = self._calls.get(timeout=_SLICE)
        except queue.Empty:
            return
        if call is not None and call.claimed():
            call.make()

    def ask(self, work: Callable[[], Any]) -> Any:
        """Have the main thread make a call, and wait for its result.

        :raises KeyboardInterrupt: the main thread has left.
        """
        call = _Call(work)
        self._calls.put(call)
        patience = time.monotonic() + _PATIENCE
        while not call.done.wait(_SLICE):
            late = self.closed or time.monotonic() > patience
            if late and call.claimed():
                if self.closed:
                    raise KeyboardInterrupt
                budget.HANDED.to, hand = None, budget.HANDED.to
                try:
                    return work()
                finally:
                    budget.HANDED.to = hand
        if call.error is not None:
            raise call.error
        return call.result
