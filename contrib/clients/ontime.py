"""PyGithub's connections, made to end in time and to stop at a size.

PyGithub talks through ``requests`` and urllib3, whose time-outs count from the last byte: a server that sends one
byte per second outlasts them. Here one absolute deadline covers a whole question, from the name's look-up to the
last byte, with its tries and the waits between them. A timer ends the connection that is in use then.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import requests
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
    RequestsResponse,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from contrib.clients import wire
from contrib.values.errors import OutsideError

#: Seconds for a question, with all tries: the waits that are borne (60 s) and as much for the answers.
DEADLINE = 120.0
#: Bytes of the largest answer, unpacked. GitHub's own largest, a hundred releases with all their assets, have a few million.
MAX_ANSWER = 64 * 1024 * 1024
#: Times that one question is answered with "elsewhere" or "later".
MOST_TIMES = 8
#: Bytes that are unpacked at a time: a packed answer grows a thousandfold at most.
_CHUNK = 8192


class _Question:
    """One question's deadline, and the socket that it uses."""

    def __init__(self, seconds: float) -> None:
        self.deadline = wire.Deadline(seconds)
        self.late = False
        self._used: socket.socket | None = None
        self._lock = threading.Lock()

    def uses(self, connection: socket.socket | None) -> None:
        """Remember the socket: a connection lets go of it while its answer is still read."""
        with self._lock:
            self._used = connection
            if self.late:
                self._end()

    def end(self) -> None:
        """The time is over."""
        with self._lock:
            self.late = True
            self._end()

    def _end(self) -> None:
        if self._used is not None:
            with suppress(OSError):
                # Not SSLSocket's, which lets go of TLS under the thread that reads.
                socket.socket.shutdown(self._used, socket.SHUT_RDWR)


_ASKED = threading.local()


def _question() -> _Question | None:
    return getattr(_ASKED, "question", None)


@contextmanager
def _in_time(seconds: float) -> Iterator[None]:
    """Ends what is asked inside when the time is over.

    :raises OutsideError: of kind ``deadline``.
    """
    question = _Question(seconds)
    timer = threading.Timer(seconds, question.end)
    timer.daemon = True
    _ASKED.question = question
    timer.start()
    try:
        yield
    except (requests.RequestException, OSError, ValueError) as error:
        if not question.late and not isinstance(error.__context__, wire.Late):
            raise
        question.late = True
    finally:
        timer.cancel()
        _ASKED.question = None
    if question.late:
        raise _late(question)


def _late(question: _Question) -> OutsideError:
    seconds = question.deadline.seconds
    return OutsideError(f"GitHub's answer was not complete within {seconds:g} s", kind="deadline")


def check(wait: float = 0) -> None:
    """Whether there is time for another try after a wait.

    :raises OutsideError: of kind ``deadline``.
    """
    question = _question()
    if question is not None and (question.late or not question.deadline.allows(wait)):
        raise _late(question)


class _OnTime:
    """What urllib3's connections do otherwise: connect by the deadline, and say that they are in use."""

    def _new_conn(self) -> socket.socket:
        self_: Any = self
        question = _question()
        deadline = question.deadline if question is not None else wire.Deadline(DEADLINE)
        try:
            made = wire.connect(self_._dns_host, self_.port, deadline, private=True)
        except socket.gaierror as error:
            raise NameResolutionError(self_.host, self_, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self_, f"connecting to {self_.host} took too long") from error
        except OSError as error:
            raise NewConnectionError(self_, f"no connection to {self_.host}: {error}") from error
        made.settimeout(self_.timeout if isinstance(self_.timeout, (int, float)) else wire.IDLE_TIMEOUT)
        if question is not None:
            question.uses(made)
        return made

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._in_use()

    def request(self, *words: Any, **more: Any) -> None:
        check()
        self._in_use()
        super().request(*words, **more)  # type: ignore[misc]

    def getresponse(self) -> Any:
        self._in_use()
        return super().getresponse()  # type: ignore[misc]

    def _in_use(self) -> None:
        question = _question()
        used = getattr(self, "sock", None)
        if question is not None and isinstance(used, socket.socket):
            question.uses(used)


class _Http(_OnTime, HTTPConnection):
    pass


class _Https(_OnTime, HTTPSConnection):
    pass


class _Adapter(requests.adapters.HTTPAdapter):
    """Bounded answers, in UTF-8 whatever they say of themselves."""

    def get_connection_with_tls_context(self, *words: Any, **more: Any) -> Any:
        pool = super().get_connection_with_tls_context(*words, **more)
        pool.ConnectionCls = _Https if pool.scheme == "https" else _Http
        return pool

    def send(self, request: requests.PreparedRequest, *words: Any, **more: Any) -> requests.Response:
        answer = super().send(request, *words, **{**more, "stream": True})
        parts: list[bytes] = []
        size = 0
        with answer:
            for part in answer.iter_content(_CHUNK):
                size += len(part)
                if size > MAX_ANSWER:
                    raise OutsideError(
                        f"GitHub's answer is longer than the {MAX_ANSWER} bytes that are read", kind="github"
                    )
                parts.append(part)
        answer._content = b"".join(parts)
        answer.encoding = "utf-8"
        return answer


def _answered(ask: Callable[[], RequestsResponse]) -> RequestsResponse:
    with _in_time(DEADLINE):
        answer = ask()
    # PyGithub asks again, without end, where it is redirected or told that the answer is being made.
    again = getattr(_ASKED, "again", 0) + 1 if answer.status in (202, 301, 302, 307, 308) else 0
    _ASKED.again = again
    if again > MOST_TIMES:
        _ASKED.again = 0
        raise OutsideError(
            f"GitHub answered {answer.status} {again} times in a row, and never what was asked", kind="github"
        )
    return answer


def _mounted(connection: Any) -> None:
    connection.adapter = _Adapter(
        max_retries=connection.retry, pool_connections=connection.pool_size, pool_maxsize=connection.pool_size
    )
    connection.session.mount(f"{connection.protocol}://", connection.adapter)


class _HttpsQuestions(HTTPSRequestsConnectionClass):
    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        _mounted(self)

    def getresponse(self) -> RequestsResponse:
        return _answered(super().getresponse)


class _HttpQuestions(HTTPRequestsConnectionClass):
    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        _mounted(self)

    def getresponse(self) -> RequestsResponse:
        return _answered(super().getresponse)


def beginning(response: Any) -> bytes:
    """The beginning of an answer's body, for PyGithub's look at why it was refused."""
    return bytes(response.read(1 << 20, decode_content=True) or b"")


def install() -> None:
    """Have PyGithub talk through these connections from here on."""
    Requester.injectConnectionClasses(_HttpQuestions, _HttpsQuestions)
