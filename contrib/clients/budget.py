"""A budget for reading other people's text: so much time and memory per input, whatever is in it.

Readers are written to cost in proportion to their input, and a test doubles the worst inputs (``tests/budgets``).
This is the net below: a reader that is slower than it should be, on an input that nobody thought of, is ended with
an error that names the file. It works within the process, since most commands read a file or two and another
process would cost more than the reading: a thread looks at the clock and at the memory, and interrupts the main
thread as Ctrl+C does. Where the system has timers (not on Windows), one of those ends what keeps the thread from
running: a regular expression that does not end holds Python's lock, but looks for signals. Programs of other people, which could refuse to be
interrupted, run elsewhere: jq in :mod:`contrib.clients.libjq`, scripts in :mod:`contrib.clients.contained`.

It has no effect outside of the main thread, and none while a single call into C neither returns nor looks for signals.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from contrib.values.errors import BadInput

#: Seconds for one input.
SECONDS = 10.0
#: Bytes of memory that reading one input may add.
MEMORY = 512 * 1024 * 1024
_LOOK = 0.05
#: Not asked of ``sys`` in place: mypy judges for one system alone.
_SYSTEM: str = sys.platform


class _Over(BaseException):
    """The budget is spent. No reader catches it."""


@contextmanager
def reading(file: str, *, inputs: int = 1, seconds: float = SECONDS, memory: int = MEMORY) -> Iterator[None]:
    """Bounds what is done inside.

    :param file: what is read, for the error.
    :param inputs: how many inputs are read inside; each has a budget of its own.
    :raises BadInput: of kind ``budget``, after so many seconds or bytes.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is None:
        yield
        return
    state = _State(seconds * max(1, inputs), memory * max(1, inputs))

    def interrupted(number: int, frame: FrameType | None) -> None:
        if state.why:
            raise _Over
        if callable(before):
            before(number, frame)

    before = signal.signal(signal.SIGINT, interrupted)
    threading.Thread(target=state.watch, daemon=True).start()
    try:
        with _alarm(state):
            yield
    except _Over:
        # What was built is let go before anything else is done.
        why = state.why
        raise BadInput(f"is too large or too intricate to read: it {why}", file=file, kind="budget") from None
    finally:
        state.end()
        signal.signal(signal.SIGINT, before)


@contextmanager
def _alarm(state: _State) -> Iterator[None]:
    """A timer of the system's; one that was running goes on afterwards."""
    if not hasattr(signal, "setitimer") or signal.getsignal(signal.SIGALRM) is None:
        yield
        return

    def late(number: int, frame: FrameType | None) -> None:
        state.late()
        raise _Over

    start = time.monotonic()
    handler = signal.signal(signal.SIGALRM, late)
    left, _ = signal.setitimer(signal.ITIMER_REAL, state.seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - start), 0.001))


class _State:
    """The clock and the memory of one reading."""

    def __init__(self, seconds: float, memory: int) -> None:
        self.why = ""
        self.seconds = seconds
        self._memory = memory
        self._start = time.monotonic()
        self._before = resident() or 0
        self._done = False
        self._lock = threading.Lock()

    def watch(self) -> None:
        """Look until the reading is done or the budget is spent."""
        while not self._over():
            time.sleep(_LOOK)
            used = (resident() or 0) - self._before
            late = time.monotonic() - self._start > self.seconds
            if not late and used <= self._memory:
                continue
            with self._lock:
                if self._over():
                    return
                self.why = (
                    f"took more than {self.seconds:g} s"
                    if late
                    else f"needed more than {self._memory // (1024 * 1024)} MiB of memory"
                )
                _thread.interrupt_main()
            return

    def late(self) -> None:
        """The time is over."""
        self.why = self.why or f"took more than {self.seconds:g} s"

    def _over(self) -> bool:
        return self._done

    def end(self) -> None:
        """The reading is done: nothing is interrupted from here on."""
        try:
            with self._lock:
                self._done = True
        except _Over:  # it came in this very moment
            self._done = True


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
