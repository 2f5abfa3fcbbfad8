"""Functions for the isolated process that do what a reader must not."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

Answer = Callable[[dict[str, Any]], None]


def hang(arguments: object, answer: Answer) -> None:
    answer({"hello": 1})
    time.sleep(60)


def talk(arguments: object, answer: Answer) -> None:
    while True:
        answer({"hello": 1})


def eat(arguments: object, answer: Answer) -> None:
    kept = []
    while True:
        kept.append(bytearray(16 * 1024 * 1024))


def crash(arguments: object, answer: Answer) -> None:
    answer({"hello": 1})
    os.kill(os.getpid(), signal.SIGABRT)


def environment(arguments: object, answer: Answer) -> None:
    answer({"names": sorted(os.environ)})


def read_files(arguments: dict[str, Any], answer: Answer) -> None:
    from contrib.binaries import pe, worker

    real = pe.read

    def read(data: bytes, path: str) -> Any:
        if path == "crash.exe":
            os.kill(os.getpid(), signal.SIGABRT)
        return real(data, path)

    pe.read = read  # type: ignore[assignment]
    worker.read_files(arguments, answer)
