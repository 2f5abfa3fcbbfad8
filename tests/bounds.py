"""Bounds that do not depend on how busy the machine is: cost as a number of calls, and an end to what hangs."""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


def calls(function: Callable[[], object]) -> int:
    """How many Python and built-in functions ``function`` calls: its cost, the same on every run."""
    count = 0

    def on(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1

    before = sys.getprofile()
    sys.setprofile(on)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count


@contextmanager
def ends(seconds: float = 180) -> Iterator[None]:
    """Ends the process with a traceback when the block hangs, whatever holds the interpreter.

    No measure of speed: the time is a hundred times what the block takes on a busy machine.
    """
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
