"""Calls to an engine through its SDK, each in a thread of its own and waited for with a limit."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from contrib.values.errors import OutsideError

if TYPE_CHECKING:
    from docker import APIClient

T = TypeVar("T")

#: Seconds for a call that is not a build, a pull or a wait.
PATIENCE = 60.0


class Refused(Exception):
    """The engine was asked and said no, with its reason: about a build, a container or an image."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.message = " ".join(message.split())
        self.status = status


class Calls:
    """A connection; what goes wrong in a call is :class:`Refused` or one sentence."""

    def __init__(self, api: APIClient) -> None:
        self._api = api

    def close(self) -> None:
        """Let go of the connection."""
        with suppress(Exception):
            self._api.close()

    def _call(self, what: str, function: Callable[[], T], seconds: float | None = None) -> T:
        """One call to the engine, with a limit.

        :raises Refused: it says no. :raises TimeoutError: where the caller has set the limit.
        :raises OutsideError: it does not answer.
        """
        try:
            return bounded(function, PATIENCE if seconds is None else seconds)
        except TimeoutError:
            if seconds is not None:
                raise
            raise OutsideError(
                f"the Docker engine does not answer: asked to {what}, nothing in {PATIENCE:.0f} s",
                kind="engine",
            ) from None
        except (Refused, OutsideError):
            raise
        except Exception as error:
            raise _translated(error, what) from error

    def _found(self, what: str, function: Callable[[], T]) -> T | None:
        try:
            return self._call(what, function)
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def _quietly(self, function: Callable[[], Any]) -> None:
        """Remove something: what is gone already, in use or out of reach is not this call's problem."""
        with suppress(Refused, OutsideError):
            self._call("clean up", function)

    def _stream(self, what: str, start: Callable[[], Iterator[T]], deadline: float) -> Iterator[T]:
        """What a call gives bit by bit, until the deadline.

        :raises TimeoutError: the deadline has passed. :raises Refused: the engine says no.
        """
        waiting: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=256)
        gone = threading.Event()

        def put(kind: str, value: Any) -> bool:
            while not gone.is_set():
                try:
                    waiting.put((kind, value), timeout=0.5)
                    return True
                except queue.Full:
                    continue
            return False

        def pump() -> None:
            try:
                for item in start():
                    if not put("item", item):
                        return
            except BaseException as error:  # handed to the thread that asked
                put("error", error)
            else:
                put("end", None)

        threading.Thread(target=pump, daemon=True).start()
        try:
            while True:
                kind, value = _taken(waiting, deadline)
                if kind == "end":
                    return
                if kind == "error":
                    if isinstance(value, Exception) and not isinstance(value, (Refused, OutsideError)):
                        raise _translated(value, what) from value
                    raise value
                yield value
        finally:
            gone.set()


def bounded(function: Callable[[], T], seconds: float) -> T:
    """What the function gives, when it does in that time; Ctrl+C is heard meanwhile.

    :raises TimeoutError: it does not; it is left to itself.
    """
    done: queue.Queue[tuple[bool, Any]] = queue.Queue(maxsize=1)

    def work() -> None:
        try:
            done.put((True, function()))
        except BaseException as error:  # handed to the thread that asked
            done.put((False, error))

    threading.Thread(target=work, daemon=True).start()
    good, value = _taken(done, time.monotonic() + seconds)
    if good:
        result: T = value
        return result
    raise value


def _taken(waiting: queue.Queue[tuple[T, Any]], deadline: float) -> tuple[T, Any]:
    """The next pair of a queue; waits in short steps, since Windows hears no Ctrl+C in a long one.

    :raises TimeoutError: there is none by the deadline.
    """
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        with suppress(queue.Empty):
            return waiting.get(timeout=min(left, 0.5))


def _translated(error: Exception, what: str) -> Exception:
    """An error of the SDK: what the engine said, or that it is gone."""
    import docker.errors

    if isinstance(error, docker.errors.APIError):
        explanation = error.explanation
        if isinstance(explanation, bytes):
            explanation = explanation.decode("utf-8", "replace")
        status = error.response.status_code if error.response is not None else 0
        return Refused(str(explanation or error), status)
    return OutsideError(
        f"the Docker engine went away when it was asked to {what}: {said(error)}",
        kind="engine",
        hint="is it running, and is there space on its disk? Its own log says more",
    )


def said(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    # requests nests the cause in several layers of parentheses and quotes
    if found := re.search(r"(?:\[Errno \d+\] |\()(?:\d+, )?'?([A-Z][a-z][^()']{3,80})'?\)*$", text):
        return found[1]
    return text[:300]
