"""The web on this machine: https hosts of any name, reached as the program reaches them, through a proxy.

The program has no switch that sends a request elsewhere, so the tests give it what the system gives: a proxy
(``https_proxy``) that leads every host name to this process, and a certificate authority (``SSL_CERT_FILE``).
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import trustme

#: Status, headers and body of an answer, from the request's headers (names in lower case). A body in pieces is sent
#: as they come, with no length but what the headers say; then the connection is closed. A function that raises
#: ConnectionError answers nothing.
Answer = Callable[[Mapping[str, str]], tuple[int, Mapping[str, str], "bytes | Iterable[bytes]"]]


@dataclass
class Web:
    """Pages by address (``https://host/path``): a body, or a function that answers. Others are 404."""

    pages: dict[str, bytes | Answer] = field(default_factory=dict)
    #: Every request: its address, and its headers with names in lower case.
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def redirect(self, address: str, target: str) -> None:
        """Make an address lead to another."""
        self.pages[address] = lambda _: (302, {"Location": target}, b"")


@contextmanager
def web(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """The web, for the environment of this process and of what it starts.

    :param directory: for the certificate of the authority.
    """
    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "authority.pem")
    listener = socket.create_server(("127.0.0.1", 0))
    found = Web()
    threading.Thread(target=_accept, args=(listener, authority, found), daemon=True).start()
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{listener.getsockname()[1]}")
    monkeypatch.setenv("SSL_CERT_FILE", str(directory / "authority.pem"))
    try:
        yield found
    finally:
        # close() alone leaves a thread in accept(), on a number that the next socket gets
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _accept(listener: socket.socket, authority: trustme.CA, found: Web) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(connection, authority, found), daemon=True).start()


def _serve(connection: socket.socket, authority: trustme.CA, found: Web) -> None:
    with contextlib.suppress(OSError, ValueError), connection:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536) or b"\r\n\r\n"
        method, target, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
        if method != "CONNECT":
            connection.sendall(b"HTTP/1.1 405 Only tunnels\r\nContent-Length: 0\r\n\r\n")
            return
        host, _, port = target.rpartition(":")
        connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host.strip("[]")).configure_cert(context)
        origin = f"https://{host}" if port == "443" else f"https://{target}"

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                address = origin + self.path
                found.asked.append((address, headers))
                page = found.pages.get(address)
                status: int = 404 if page is None else 200
                more: Mapping[str, str] = {}
                body: bytes | Iterable[bytes] = b""
                if callable(page):
                    status, more, body = page(headers)
                elif page is not None:
                    body = page
                whole = isinstance(body, bytes)
                self.send_response(status)
                for name, value in {**({"Content-Length": str(len(body))} if whole else {}), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in (body,) if isinstance(body, bytes) else body:
                    self.wfile.write(piece)
                if not whole:
                    self.close_connection = True

            def log_message(self, format: str, *arguments: object) -> None:
                """Say nothing."""

        with context.wrap_socket(connection, server_side=True) as secure:
            Handler(secure, ("127.0.0.1", 0), None)  # type: ignore[arg-type]
