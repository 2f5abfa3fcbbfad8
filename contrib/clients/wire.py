"""Connections that end in time: one absolute deadline for the name, the connection, TLS and every byte.

Time-outs of sockets count from the last byte, so a server that sends one byte per second outlasts all of them.
Here each wait is cut to the time that is left, and into slices short enough for Ctrl+C on Windows, where a
blocking call cannot be interrupted.
"""

from __future__ import annotations

import errno
import http.client
import io
import os
import queue
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from contrib.clients.addresses import is_public

#: Seconds without a byte before a connection is given up.
IDLE_TIMEOUT = 30.0
#: Seconds for one address of a host to accept a connection.
_CONNECT_TIMEOUT = 10.0
#: Seconds of one blocking call: the longest time that Ctrl+C waits on Windows.
_SLICE = 0.5


class Late(TimeoutError):
    """The deadline has passed."""


class NotPublic(OSError):
    """The host has no address on the public Internet, and nobody named it."""


class Deadline:
    """A moment that everything must be done by."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left, more than 0.

        :raises Late: there are none.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise Late(f"it was not done within {self.seconds:.0f} s")
        return left

    def allows(self, seconds: float) -> bool:
        """Whether so much is left."""
        return time.monotonic() + seconds < self._end


def connect(host: str, port: int, deadline: Deadline, *, private: bool) -> socket.socket:
    """A connected socket.

    :param private: whether addresses that are not public are accepted. The address that was judged is the one
        that is connected to: the name is not looked up twice.
    :raises NotPublic: the host has no public address, and ``private`` is false.
    :raises OSError: none of its addresses accepts.
    """
    found = _resolved(host, port, deadline)
    allowed = [one for one in found if private or is_public(str(one[4][0]))]
    if not allowed:
        raise NotPublic(f"{host} is on this machine or in a private network")
    failure: OSError | None = None
    for family, kind, protocol, _, address in allowed:
        connection = socket.socket(family, kind, protocol)
        try:
            _reach(connection, address, deadline)
        except BaseException as error:
            connection.close()
            if not isinstance(error, OSError) or isinstance(error, Late):
                raise
            failure = error
        else:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
    assert failure is not None
    raise failure


def _reach(connection: socket.socket, address: Any, deadline: Deadline) -> None:
    connection.setblocking(False)
    code = connection.connect_ex(address)
    if code in (errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK)):
        giving_up = time.monotonic() + _CONNECT_TIMEOUT
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_WRITE)
            while not selector.select(min(_SLICE, deadline.left)):
                if time.monotonic() > giving_up:
                    raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))


_Address = tuple[Any, Any, int, str, tuple[Any, ...]]


def _resolved(host: str, port: int, deadline: Deadline) -> list[_Address]:
    """The addresses of a host. The system's look-up has no time-out, so it runs in a thread that may be left."""
    answer: queue.SimpleQueue[list[_Address] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answer.put(cast("list[_Address]", socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            answer.put(error)

    threading.Thread(target=ask, daemon=True).start()
    while True:
        try:
            found = answer.get(timeout=min(_SLICE, deadline.left))
        except queue.Empty:
            continue
        if isinstance(found, UnicodeError):
            raise socket.gaierror(socket.EAI_NONAME, "the host's name is not one")
        if isinstance(found, Exception):
            raise found
        return found


_T = TypeVar("_T")


def _in_slices(connection: socket.socket, deadline: Deadline, call: Callable[[], _T]) -> _T:
    """The result of a blocking call that may be repeated after a time-out."""
    idle = time.monotonic() + IDLE_TIMEOUT
    while True:
        connection.settimeout(min(_SLICE, deadline.left))
        try:
            return call()
        except TimeoutError:
            if time.monotonic() > idle:
                raise


class _Wire:
    """What :mod:`http.client` needs of a socket, with the deadline in every wait."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self.connection = connection
        self._deadline = deadline
        self._readers = 0
        self._closed = False

    def sendall(self, data: Any) -> None:
        """Send everything."""
        self.connection.settimeout(min(IDLE_TIMEOUT, self._deadline.left))
        self.connection.sendall(data)

    def makefile(self, mode: str = "rb", *_: Any) -> io.BufferedReader:
        """What is received, as a file."""
        self._readers += 1
        return io.BufferedReader(_Received(self, self._deadline), 1 << 16)

    def reader_closed(self) -> None:
        """One of the files is closed."""
        self._readers -= 1
        self._close()

    def close(self) -> None:
        """Close the connection as soon as nobody reads from it."""
        self._closed = True
        self._close()

    def _close(self) -> None:
        if self._closed and self._readers <= 0:
            self.connection.close()


class _Received(io.RawIOBase):
    def __init__(self, wire: _Wire, deadline: Deadline) -> None:
        self._wire = wire
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        connection = self._wire.connection
        return _in_slices(connection, self._deadline, lambda: connection.recv_into(buffer))

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._wire.reader_closed()


class Connection(http.client.HTTPConnection):
    """A connection to ``host``, or to a proxy that tunnels to a host (``set_tunnel``).

    :param context: for TLS; None for plain http.
    :param private: see :func:`connect`.
    """

    def __init__(
        self,
        host: str,
        port: int,
        deadline: Deadline,
        *,
        context: ssl.SSLContext | None,
        private: bool,
    ) -> None:
        super().__init__(host, port)
        self._deadline = deadline
        self._context = context
        self._private = private

    def connect(self) -> None:
        """Look the name up, connect, go through the tunnel and agree on TLS."""
        raw = connect(self.host, self.port, self._deadline, private=self._private)
        self.sock = cast("Any", _Wire(raw, self._deadline))
        tunnelled: str | None = getattr(self, "_tunnel_host", None)
        if tunnelled:
            cast("Callable[[], None]", self._tunnel)()  # type: ignore[attr-defined]
        if self._context is not None:
            try:
                secure = self._context.wrap_socket(
                    raw, server_hostname=tunnelled or self.host, do_handshake_on_connect=False
                )
            except BaseException:
                raw.close()
                raise
            self.sock = cast("Any", _Wire(secure, self._deadline))
            _in_slices(secure, self._deadline, secure.do_handshake)
