"""A function of ours in a process of its own, with bounded time and memory: for readers of untrusted files.

The process gets a request (JSON) and answers with lines of JSON. It has an empty environment, and it is ended
when it is silent too long, when the whole takes too long, or when it needs too much memory. A reader that
crashes takes nothing with it.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from contrib.clients.limits import SOURCE, resident
from contrib.values.errors import OutsideError

#: Bytes of one line of an answer.
MAX_LINE = 256 * 1024 * 1024
_LOOK = 0.25

# The limits are set before anything untrusted is read, and before the modules of the reader are imported.
_START = (
    SOURCE
    + r"""
import json
request = json.loads(sys.stdin.buffer.readline())
sys.path[:0] = [each for each in request["path"] if each not in sys.path]
limit(request["memory"], "RLIMIT_DATA")  # a file that is mapped counts as address space and not as memory
import importlib
module, _, function = request["run"].partition(":")
out = sys.stdout.buffer
sys.stdout = sys.stderr  # what a library prints is not an answer
def answer(line):
    out.write(json.dumps(line, ensure_ascii=True, separators=(",", ":")).encode() + b"\n")
    out.flush()
try:
    getattr(importlib.import_module(module), function)(request["arguments"], answer)
except MemoryError:
    answer({"limit": "memory"})
except BaseException as error:
    kind = type(error).__name__
    if not hasattr(error, "exit_code"):
        answer({"crash": kind + ": " + str(error)[:200]})
    else:
        answer({"error": [kind, error.message, error.file, error.hint]})
"""
)


class Ended(Exception):
    """The process ended before its answer was complete.

    :ivar why: a clause: ``takes longer than 20 s to read``.
    :ivar whole: it is the time for the whole that is up.
    """

    def __init__(self, why: str, *, whole: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.whole = whole


def lines(
    run: str, arguments: Any, *, memory: int, silence: float, seconds: float
) -> Iterator[dict[str, Any]]:
    """The answers of ``run`` (``package.module:function``), one JSON object per line, as they come.

    The function is called as ``function(arguments, answer)`` and calls ``answer(object)``.

    :param memory: bytes; not enforced while a file is mapped.
    :param silence: seconds without an answer. :param seconds: for all of it.
    :raises Ended: time, memory or a crash ended it.
    :raises OutsideError: it cannot be started.
    """
    request = {
        "run": run,
        "arguments": arguments,
        "memory": memory,
        "path": [each or str(Path.cwd()) for each in sys.path],
    }
    environment = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    if sys.platform == "win32":
        environment["SYSTEMROOT"] = os.environ.get("SYSTEMROOT", r"C:\Windows")
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=Path(sys.executable).anchor or "/",
        )
    except OSError as error:
        raise OutsideError(f"a process to read files in cannot be started: {error.strerror}") from error
    assert process.stdin is not None and process.stdout is not None
    answers: queue.Queue[bytes] = queue.Queue(maxsize=64)
    stop = threading.Event()

    def take() -> None:
        assert process.stdout is not None
        with suppress(OSError, ValueError):
            while not stop.is_set():
                line = process.stdout.readline(MAX_LINE)
                while not stop.is_set():
                    try:
                        answers.put(line, timeout=_LOOK)
                        break
                    except queue.Full:
                        continue
                if not line:
                    return

    taker = threading.Thread(target=take, daemon=True)
    end = time.monotonic() + seconds
    try:
        with suppress(OSError):  # a process that ended at once is seen below
            process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            process.stdin.close()
        taker.start()
        quiet = time.monotonic() + silence
        while True:
            try:
                line = answers.get(timeout=_LOOK)
            except queue.Empty:
                now = time.monotonic()
                if now > end:
                    raise Ended(f"takes longer than {seconds:.0f} s to read", whole=True) from None
                if now > quiet:
                    raise Ended(f"takes longer than {silence:.0f} s to read") from None
                if sys.platform == "darwin" and (resident(process.pid) or 0) > memory:
                    raise Ended(_much(memory)) from None
                continue
            if time.monotonic() > end:
                raise Ended(f"takes longer than {seconds:.0f} s to read", whole=True)
            quiet = time.monotonic() + silence
            if not line.endswith(b"\n"):
                try:
                    code = process.wait(max(0.0, min(quiet, end) - time.monotonic()))
                except subprocess.TimeoutExpired:
                    raise Ended("did not end when it was read") from None
                if code == 0:
                    return
                raise Ended(f"ended the process that read it (code {code})")
            answer = json.loads(line)
            if "limit" in answer:
                raise Ended(_much(memory))
            if "crash" in answer:
                raise Ended(f"could not be read ({answer['crash']})")
            yield answer
    finally:
        stop.set()
        process.kill()
        process.wait()
        if taker.is_alive():
            taker.join(2)
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                stream.close()


def _much(memory: int) -> str:
    return f"needs more than {memory // 1024**2} MiB of memory to be read"
