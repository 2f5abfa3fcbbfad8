"""jq programs, run in a process of their own with bounded time and memory.

Templates and ``versions.json`` come from other people's repositories. A jq program can loop for ever or build
a string of any size, and libjq cannot be interrupted within a process; so a worker runs it and is ended when
it takes too long. The worker is started once and serves all programs. It gets no environment and no search
path for modules: a program sees its input and nothing of the machine.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import IO, Any

from contrib.clients.limits import SOURCE, resident
from contrib.values.errors import OutsideError

#: Seconds for one program over all its inputs; the largest real repository needs less than two.
TIMEOUT = 10.0
#: Bytes of memory for the worker: of address space (Linux), committed (Windows), resident (macOS).
MEMORY = 512 * 1024 * 1024
#: Seconds between two looks at the worker's memory, where nothing but looking bounds it.
_LOOK = 0.25
#: Bytes of one answer; the largest real one has five million.
MAX_ANSWER = 256 * 1024 * 1024

# Without site and environment the worker starts in a third of the time, and knows nothing of the user's.
_WORKER = (
    SOURCE
    + r"""
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
limit(int(sys.argv[2]), "RLIMIT_AS", "RLIMIT_DATA")
where = spec_from_file_location("jq", sys.argv[1])
jq = module_from_spec(where)
where.loader.exec_module(jq)
source, sink = sys.stdin.buffer, sys.stdout.buffer
def take():
    return source.read(int(source.readline())).decode()
while True:
    head = source.readline()
    if not head:
        break
    program, text = source.read(int(head)).decode(), take()
    try:
        compiled = jq.compile(program)
    except ValueError as error:
        kind, answer = b"C", str(error)
    else:
        try:
            kind, answer = b"O", compiled.input_text(text).text()
        except ValueError as error:
            kind, answer = b"R", str(error)
    data = answer.encode("utf-8", "replace")
    sink.write(kind + b"%d\n" % len(data) + data)
    sink.flush()
"""
)


class JqError(Exception):
    """jq refused a program.

    :ivar compiling: whether it is the program's text that is wrong, and not what it did.
    """

    def __init__(self, message: str, *, compiling: bool) -> None:
        super().__init__(message)
        self.message = message
        self.compiling = compiling


class JqLimit(Exception):
    """The program took more time or memory than it is given; the message says which."""


class Worker:
    """The process that runs jq programs; started with the first one, a context manager.

    :param timeout: seconds for one program.
    :param memory: bytes of address space.
    """

    def __init__(self, timeout: float = TIMEOUT, memory: int = MEMORY) -> None:
        self.timeout = timeout
        self.memory = memory
        # The system of macOS takes these limits and does not keep them, so that we look.
        self.watched = sys.platform == "darwin"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process, so that it comes up while the caller reads files."""
        if self._process is not None:
            return
        found = importlib.util.find_spec("jq")
        if found is None or found.origin is None:
            raise OutsideError("the package 'jq' is not installed", hint="python -m pip install jq")
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-S",
                "-c",
                _WORKER,
                found.origin,
                str(2**62 if self.watched else self.memory),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"SYSTEMROOT": _system_root()} if sys.platform == "win32" else {},
        )

    def run(self, program: str, text: str) -> list[str]:
        """The program's outputs for the JSON ``text``, each as one line of JSON.

        :raises JqError: when jq refuses the program or an error ends it.
        :raises JqLimit: when it takes too long or too much.
        """
        self.start()
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        late = threading.Event()
        done = threading.Event()

        def watch() -> None:
            end = time.monotonic() + self.timeout
            pause = _LOOK if self.watched else self.timeout
            while not done.wait(min(pause, max(0.0, end - time.monotonic()))):
                if time.monotonic() >= end:
                    late.set()
                    process.kill()
                    return
                if (resident(process.pid) or 0) > self.memory:
                    process.kill()
                    return

        threading.Thread(target=watch, daemon=True).start()
        try:
            for part in (program.encode("utf-8", "replace"), text.encode("utf-8", "replace")):
                process.stdin.write(b"%d\n" % len(part) + part)
            process.stdin.flush()
            kind, data = _answer(process.stdout)
        except (OSError, ValueError) as error:
            self.close()
            if late.is_set():
                raise JqLimit(f"did not end within {self.timeout:g} s") from error
            raise JqLimit(f"needed more than {self.memory // (1024 * 1024)} MiB of memory") from error
        finally:
            done.set()
        if kind == b"O":
            return data.split("\n") if data else []
        raise JqError(data, compiling=kind == b"C")

    def close(self) -> None:
        """End the process; the next program starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            try:
                if stream is not None:
                    stream.close()
            except OSError:
                pass
        process.wait()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_process", None) is not None:
            self.close()


def _answer(stream: IO[bytes]) -> tuple[bytes, str]:
    head = stream.readline()
    if not head.endswith(b"\n"):
        raise ValueError("the worker ended")
    size = int(head[1:])
    if size > MAX_ANSWER:
        raise ValueError("the answer is too large")
    data = stream.read(size)
    if len(data) != size:
        raise ValueError("the worker ended")
    return head[:1], data.decode("utf-8", "replace")


def _system_root() -> str:
    import os

    return os.environ.get("SYSTEMROOT", r"C:\Windows")


def evaluate(program: str, value: object) -> list[Any]:
    """Outputs of a program of ours (a profile's expressions) for a value, in this process.

    Only for programs that end: nothing can stop one here. What is not ours goes to a :class:`Worker`.

    :raises JqError: when jq refuses it.
    """
    import jq

    try:
        compiled = jq.compile(program)
    except ValueError as error:
        raise JqError(str(error), compiling=True) from error
    try:
        outputs: list[Any] = compiled.input_value(value).all()
    except RecursionError as error:
        raise JqError("the value is nested too deeply", compiling=False) from error
    except ValueError as error:
        raise JqError(str(error), compiling=False) from error
    return outputs


def decode(line: str) -> object:
    """One output as a Python value."""
    value: object = json.loads(line)
    return value
