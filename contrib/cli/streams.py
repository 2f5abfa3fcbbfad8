"""The streams and the surroundings that every command counts on, put right before anything else runs.

Imports next to nothing: :mod:`contrib.cli.start` is held to bashbrew's time.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys


def prepare() -> None:
    """Open what the caller closed (``>&-``), and keep Windows from running programs of the current directory."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is taken; left free, the next file that is opened would become stdout.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    # Python has no stream for what was closed when it started (and none at all under pythonw).
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if os.name == "nt":
        # Without it Windows looks for `git` in the current directory before PATH, and one stands in
        # other people's repositories here.
        os.environ["NODEFAULTCURRENTDIRECTORYINEXEPATH"] = "1"


def wants_color(stream: object, *, no_color: bool = False) -> bool:
    """Whether ``stream`` takes colour: ``--no-color`` and ``NO_COLOR`` say no, then ``FORCE_COLOR`` and
    ``CLICOLOR_FORCE`` say yes, then it is a matter of the terminal.
    """
    if no_color or os.environ.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if os.environ.get(name, "0").lower() not in ("", "0", "false"):
            return True
    is_terminal = getattr(stream, "isatty", None)
    return bool(is_terminal and is_terminal()) and os.environ.get("TERM") != "dumb"


def reader_gone(error: OSError) -> bool:
    """Whether the reader of our output went away (``| head``), which is no failure of ours."""
    if isinstance(error, BrokenPipeError):
        return True
    # What Windows says of a pipe that nobody reads any more; no file's name, since it is none.
    return os.name == "nt" and error.errno == errno.EINVAL and error.filename is None


def silence() -> None:
    """Point stdout elsewhere, so that the interpreter does not fail again when it flushes at its end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
