"""Waiting for another program: an absolute time limit, a limit on what it prints, and Ctrl+C within a second."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

#: Bytes of output that are kept of one program; one that prints more is ended.
MAX_OUTPUT = 256 * 1024 * 1024
#: Seconds of one wait, so that Windows hears Ctrl+C in between.
_SLICE = 0.2
#: Seconds that a program has between being told to end and being killed.
_GRACE = 5.0


class TooLong(Exception):
    """The program took longer than it may."""


class TooMuch(Exception):
    """The program printed more than is kept, or fetched more than is taken."""


def finish(
    process: subprocess.Popen[bytes],
    seconds: float,
    *,
    stdin: bytes | None = None,
    limit: int = MAX_OUTPUT,
    gently: bool = False,
    watch: Callable[[], None] | None = None,
) -> tuple[bytes, bytes]:
    """Wait until the program has ended and give what it printed (stdout and stderr, where those are pipes).

    :param stdin: what it reads, where its stdin is a pipe.
    :param limit: bytes of stdout, and of stderr.
    :param gently: tell it to end (SIGTERM) before it is killed, so that it can end its own children.
    :param watch: called a few times per second; what it raises ends the program.
    :raises TooLong, TooMuch: the program was ended. It is also ended by anything else that is raised here.
    """
    pipes = _Pipes(process, stdin, limit)
    end = time.monotonic() + seconds
    try:
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise TooLong
            done = pipes.done(min(_SLICE, left))
            if pipes.full:
                raise TooMuch
            if done:
                process.wait(max(0.0, end - time.monotonic()) + _SLICE)
                break
            if watch is not None:
                watch()
    except subprocess.TimeoutExpired:
        raise TooLong from None
    finally:
        if process.poll() is None:
            kill(process, gently=gently)
    return pipes.out, pipes.err


def not_beyond(objects: Path, most: int) -> Callable[[], None]:
    """A ``watch`` that ends a fetch of git when what it has received grows beyond so many bytes.

    git has no limit of its own for what it fetches.

    :param objects: the ``objects`` directory that it fetches into; it need not be there yet.
    """

    def size() -> int:
        total = 0
        for place in (objects / "pack", *objects.glob("tmp_objdir-*/pack")):
            with suppress(OSError):
                total += sum(each.stat().st_size for each in os.scandir(place))
        return total

    before = size()

    def look() -> None:
        if size() - before > most:
            raise TooMuch

    return look


#: Bytes of the largest repository that is fetched; that of official images with the most has a tenth.
MAX_FETCHED = 2 * 1024 * 1024 * 1024


def kill(process: subprocess.Popen[bytes], *, gently: bool = False) -> None:
    """End a program, with its process group where it leads one, and wait for it."""
    if gently and os.name != "nt":
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
    if hasattr(os, "killpg"):
        with suppress(OSError):
            if os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, signal.SIGKILL)
    if process.poll() is None:
        process.kill()
    process.wait()


class _Pipes:
    """Threads that read and write the pipes of a program; they end when the pipes do."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes | None, limit: int) -> None:
        self.full = False
        self._limit = limit
        self._parts: tuple[list[bytes], list[bytes]] = ([], [])
        self._threads = [
            threading.Thread(target=self._read, args=(stream, parts), daemon=True)
            for stream, parts in zip((process.stdout, process.stderr), self._parts, strict=True)
            if stream is not None
        ]
        if process.stdin is not None:
            self._threads.append(
                threading.Thread(target=self._write, args=(process.stdin, stdin or b""), daemon=True)
            )
        self._process = process
        for thread in self._threads:
            thread.start()

    @property
    def out(self) -> bytes:
        return b"".join(self._parts[0])

    @property
    def err(self) -> bytes:
        return b"".join(self._parts[1])

    def done(self, seconds: float) -> bool:
        """Whether everything is read, after waiting so long at most."""
        end = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        if not self._threads:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
            return self._process.poll() is not None
        return not any(thread.is_alive() for thread in self._threads)

    def _read(self, stream: IO[bytes], parts: list[bytes]) -> None:
        size = 0
        with suppress(OSError, ValueError), stream:
            while part := stream.read1(1 << 16):  # type: ignore[attr-defined]
                size += len(part)
                if size > self._limit:
                    self.full = True
                    return
                parts.append(part)

    def _write(self, stream: IO[bytes], data: bytes) -> None:
        with suppress(OSError, ValueError):
            stream.write(data)
        with suppress(OSError, ValueError):
            stream.close()
