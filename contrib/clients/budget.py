"""A budget for reading other people's text: so much time and memory per input, whatever is in it.

Readers are written to cost in proportion to their input, and a test doubles the worst inputs (``tests/budgets``).
This is the net below: a reader that is slower than it should be, on an input that nobody thought of, is ended with
an error that names the file. It works within the process, since most commands read a file or two and another
process would cost more than the reading. A timer of the system counts the processor's time (not on Windows): it
also ends a regular expression, which holds Python's lock but looks for signals. A thread looks at the memory, and
at that time where there is no such timer. Programs of other people, which could refuse to be interrupted, run
elsewhere: jq in :mod:`contrib.clients.libjq`, scripts in :mod:`contrib.clients.contained`. Readers are marked where
they are written (:func:`contrib.values.budgets.bounded`); what they wait for has limits of its own.

Other threads hand what they read to the main thread (:mod:`contrib.clients.together`). In a thread that somebody
else made, the budget ends what runs in Python, between two of its steps. It has no effect while a single call into C
neither returns nor looks for signals, as a regular expression does in the main thread alone.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, TypeVar

from contrib.values.errors import BadInput

R = TypeVar("R")

#: Seconds of the processor's time for one input: neither a busy machine nor a slow answer of git makes a file unreadable.
SECONDS = 10.0
#: Bytes of memory that reading one input may add.
MEMORY = 512 * 1024 * 1024
_LOOK = 0.05
#: Not asked of ``sys`` in place: mypy judges for one system alone.
_SYSTEM: str = sys.platform
#: The signal that interrupts; Windows has no timers, and Ctrl+C's alone can be raised there.
_SIGNAL: signal.Signals = getattr(signal, "SIGPROF", signal.SIGINT)


#: Of a thread that :mod:`contrib.clients.together` made: ``to`` has the main thread make a call.
HANDED = threading.local()


class _Over(BaseException):
    """A budget is spent. No reader catches it."""

    def __init__(self, spent: reading) -> None:
        super().__init__()
        self.spent = spent


def bound(file: str, call: Callable[[], R]) -> R:
    """Make a call that reads one input, within a budget, wherever it is asked for.

    :raises BadInput: of kind ``budget``, when it is spent.
    """
    hand: Callable[[Callable[[], R]], R] | None = getattr(HANDED, "to", None)
    if hand is not None:
        return hand(lambda: bound(file, call))
    with reading(file):
        return call()


class reading:
    """Bounds what is done inside; nested ones count on their own. A context manager.

    :param file: what is read, for the error.
    :param seconds: of the processor's time. :param memory: bytes that it may add.
    :raises BadInput: of kind ``budget``, when either is spent.
    """

    def __init__(self, file: str, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._file = file
        self._seconds = seconds
        self._memory = memory
        self._entered = False
        self.why = ""

    def __enter__(self) -> None:
        self.thread = threading.get_ident()
        self._clock = _clock_of(self.thread)
        self._used = self._clock()
        self._before = resident() or 0
        self._entered = True
        self.elsewhere = threading.current_thread() is not threading.main_thread()
        (_WATCH.enter_elsewhere if self.elsewhere else _WATCH.enter)(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._entered:
            return
        leave = _WATCH.leave_elsewhere if self.elsewhere else _WATCH.leave
        try:
            leave(self)
        except _Over as over:  # it came in this very moment
            leave(self)
            error = error or over
        if isinstance(error, _Over) and error.spent is self:
            why = f"is too large or too intricate to read: it {self.why}"
            raise BadInput(why, file=self._file, kind="budget") from None

    def over(self) -> type[_Over]:
        """What is raised when it is spent, as a class: another thread takes nothing else."""
        spent = self

        class Over(_Over):
            """This one's."""

            def __init__(self) -> None:
                super().__init__(spent)

        return Over

    def left(self) -> float:
        """Seconds of the processor's time."""
        return self._seconds - (self._clock() - self._used)

    def spent(self, memory: int | None = None) -> bool:
        """Whether the budget is spent; ``why`` says on what.

        :param memory: bytes that the process has now.
        """
        if memory is not None and memory - self._before > self._memory:
            self.why = self.why or f"needed more than {self._memory // (1024 * 1024)} MiB of memory"
        elif self.left() <= 0:
            self.why = self.why or f"took more than {self._seconds:g} s"
        return bool(self.why)


class _Watch:
    """What is being read in the main thread, innermost last, and elsewhere; and the thread that looks at it."""

    def __init__(self) -> None:
        self._stack: list[reading] = []
        self._elsewhere: list[reading] = []
        self._lock = threading.Lock()
        self._busy = threading.Event()
        self._looking: threading.Thread | None = None
        self._handler: Any = None

    def enter(self, one: reading) -> None:
        if not self._stack:
            self._handler = signal.signal(_SIGNAL, self._interrupted)
        self._stack.append(one)
        self._arm()
        self._watch()

    def _watch(self) -> None:
        if self._looking is None or not self._looking.is_alive():
            self._looking = threading.Thread(target=self._look, name="budget", daemon=True)
            self._looking.start()
        self._busy.set()

    def leave(self, one: reading) -> None:
        """Safe to be interrupted, and done again then."""
        if len(self._stack) <= 1:
            if not self._elsewhere:
                self._busy.clear()
            self._timer(0)
        with self._lock:  # the thread has either interrupted by now, or will not
            if one in self._stack:
                self._stack.remove(one)
        if self._stack:
            self._arm()
        elif self._handler is not None:
            signal.signal(_SIGNAL, self._handler)
            self._handler = None

    def _arm(self) -> None:
        self._timer(max(0.001, min(each.left() for each in self._stack)))

    @staticmethod
    def _timer(seconds: float) -> None:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_PROF, seconds)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        for each in self._stack:
            if each.why or each.spent():
                # What is raised while an object is destroyed is lost: come again.
                self._timer(10 * _LOOK)
                raise _Over(each)
        if self._stack and number != signal.SIGINT:
            self._arm()  # the timer counts a little faster than the clock that is read
        elif callable(self._handler):
            self._handler(number, frame)

    def enter_elsewhere(self, one: reading) -> None:
        """As :meth:`enter`, in another thread than the main one."""
        with self._lock:
            self._elsewhere.append(one)
            self._watch()

    def leave_elsewhere(self, one: reading) -> None:
        """Safe to be interrupted, and done again then."""
        with self._lock:
            if one in self._elsewhere:
                self._elsewhere.remove(one)
        if one.why:  # raised at the latest now: not in what follows
            raise_in(one.thread, None)

    def _look(self) -> None:
        while self._busy.wait():
            time.sleep(_LOOK)
            memory = resident() or 0
            with self._lock:
                if not self._stack and not self._elsewhere:
                    self._busy.clear()
                over = any(each.spent(memory) for each in self._stack)
                if over:
                    _thread.interrupt_main(_SIGNAL)
                for each in self._elsewhere:
                    if each.spent(memory):
                        over = True
                        raise_in(each.thread, each.over())
            if over:
                time.sleep(10 * _LOOK)


def raise_in(thread: int, kind: type[BaseException] | None) -> None:
    """Raise an exception in another thread, between two steps of its Python code; None takes it back."""
    import ctypes

    raised = None if kind is None else ctypes.py_object(kind)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)


def _clock_of(thread: int) -> Callable[[], float]:
    """Seconds of the processor's time of one thread, to be asked from any; of all of them, where the system does
    not say (Windows, macOS): a budget is spent early there, when other threads work at the same time.
    """
    if hasattr(time, "pthread_getcpuclockid"):
        clock = time.pthread_getcpuclockid(thread)
        return lambda: time.clock_gettime(clock)
    return time.process_time


_WATCH = _Watch()


def resident() -> int | None:
    """Bytes of memory that this process has; None where the system does not say."""
    if _SYSTEM == "linux":
        try:
            with open("/proc/self/statm", "rb") as stream:  # noqa: PTH123 (many times a second)
                return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError, IndexError):
            return None
    if _SYSTEM == "win32":
        return _windows()
    try:
        import resource

        # The most that it ever had: on macOS in bytes.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    except ImportError:
        return None


def _windows() -> int | None:
    import ctypes

    class Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS."""

        _fields_ = [("size", ctypes.c_uint32), ("faults", ctypes.c_uint32)] + [
            (name, ctypes.c_size_t)
            for name in ("peak", "working", "peak_paged", "paged", "peak_other", "other", "file", "peak_file")
        ]

    library = getattr(ctypes, "WinDLL")("kernel32")  # noqa: B009 (mypy judges for Linux)
    library.GetCurrentProcess.restype = ctypes.c_void_p
    counters = Counters(size=ctypes.sizeof(Counters))
    handle = ctypes.c_void_p(library.GetCurrentProcess())
    if not library.K32GetProcessMemoryInfo(handle, ctypes.byref(counters), ctypes.c_uint32(counters.size)):
        return None
    return int(counters.working)
