"""A server that sends one byte at a time, in every phase of an answer: no phase outlasts the deadline."""

from __future__ import annotations

import ast
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import contrib
from contrib.clients import wire
from contrib.clients.http import Http
from contrib.clients.waits import Waits
from contrib.values.errors import OutsideError

#: What is sent at once, then what follows byte by byte, for ever.
PHASES = {
    "nothing": (b"", b""),
    "status line": (b"", b"HTTP/1.1 200 OK" + b"K" * 60_000),
    "1xx": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "header name": (b"HTTP/1.1 200 OK\r\n", b"X" * 60_000),
    "header value": (b"HTTP/1.1 200 OK\r\nX: ", b"y" * 60_000),
    "many headers": (b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
    "body with a length": (b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n", b"x"),
    "body to the end": (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    "chunk size": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 60_000),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "chunk of any size": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5000000\r\n", b"x"),
    "trailer": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n"),
    "redirect": (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nX: ", b"y" * 60_000),
    "error": (b"HTTP/1.1 503 Busy\r\nX: ", b"y" * 60_000),
}
DEADLINE = 0.4


class Dripping:
    """Accepts connections and drips on each of them."""

    def __init__(self, at_once: bytes, drip: bytes, answers: bool = True) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._stop = threading.Event()
        self._bytes = (at_once, drip, answers)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        at_once, drip, answers = self._bytes
        with connection:
            try:
                if answers:
                    connection.recv(65536)
                connection.sendall(at_once)
                number = 0
                while not self._stop.wait(0.03):
                    if drip:
                        connection.sendall(drip[number % len(drip) :][:1])
                        number += 1
            except OSError:
                return

    def close(self) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # ends accept(), which close() alone does not
        self._listener.close()


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def dripping(request: pytest.FixtureRequest) -> Iterator[Dripping]:
    server = Dripping(*request.param)
    yield server
    server.close()


def late(client: Http, url: str, deadline: float = DEADLINE) -> float:
    start = time.monotonic()
    with pytest.raises(OutsideError) as caught:
        client.get(url, deadline=deadline)
    assert "not done within" in str(caught.value), caught.value
    return time.monotonic() - start


@pytest.mark.parametrize("dripping", PHASES.values(), ids=list(PHASES), indirect=True)
def test_no_phase_outlasts_the_deadline(dripping: Dripping) -> None:
    client = Http(named={dripping.host}, pause=lambda _: None, waits=Waits())
    assert late(client, f"http://{dripping.host}/") < DEADLINE + 1


@pytest.mark.parametrize("dripping", [(b"", b"\x16\x03\x03\x40\x00" + b"\0" * 60_000, False)], indirect=True)
def test_nor_does_the_handshake_of_tls(dripping: Dripping) -> None:
    client = Http(named={dripping.host}, pause=lambda _: None, waits=Waits())
    assert late(client, f"https://{dripping.host}/") < DEADLINE + 1


@pytest.mark.parametrize("dripping", [PHASES["status line"]], indirect=True)
def test_nor_does_the_tunnel_of_a_proxy(dripping: Dripping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://{dripping.host}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert late(Http(pause=lambda _: None, waits=Waits()), "https://example.org/") < DEADLINE + 1


def test_nor_does_the_look_up_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    monkeypatch.setattr(wire.socket, "getaddrinfo", lambda *_, **__: stop.wait(20))
    try:
        assert late(Http(pause=lambda _: None, waits=Waits()), "https://example.org/") < DEADLINE + 1
    finally:
        stop.set()


@pytest.mark.parametrize("dripping", [PHASES["error"]], indirect=True)
def test_redirects_and_tries_share_one_deadline(dripping: Dripping) -> None:
    client = Http(named={dripping.host}, waits=Waits())
    assert late(client, f"http://{dripping.host}/") < DEADLINE + 1


@pytest.mark.parametrize("dripping", [PHASES["nothing"]], indirect=True)
def test_ctrl_c_is_heard_while_a_server_is_silent(
    dripping: Dripping, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows interrupts no blocking call: no single one may take longer than a second."""
    waited: list[float] = []
    real = wire.socket.socket.settimeout

    def settimeout(self: socket.socket, seconds: float) -> None:
        waited.append(seconds)
        real(self, seconds)

    monkeypatch.setattr(wire.socket.socket, "settimeout", settimeout)
    late(Http(named={dripping.host}, pause=lambda _: None, waits=Waits()), f"http://{dripping.host}/", 0.8)
    # the first is that of sending, which a request of a few hundred bytes never waits for
    assert len(waited) > 2 and max(waited[1:]) <= 0.5


ROOT = Path(contrib.__file__).parent
#: Programs that are started without ``timeout=``, and what ends them.
STARTED = {
    "clients/git.py: Popen": "processes.finish, or the thread that watches `cat-file`",
    "clients/libjq.py: Popen": "the thread that watches jq's time and memory",
    "clients/isolated.py: Popen": "its own loop, by silence and in all",
    "clients/contained.py: Popen": "processes.finish",
    "clients/launcher.py: execvpe": "the sandbox, whose parent has a time limit",
    "upstream/prove_tools.py: call": "runs within the sandbox",
}
#: Waits for a program without a time, and why they end.
WAITED = {
    "clients/git.py": "it was killed",
    "clients/libjq.py": "it was killed",
    "clients/isolated.py": "it was killed",
    "clients/processes.py": "it was killed",
    "clients/launcher.py": "waits for the sandbox's own children, and dies with its parent",
    "upstream/history.py": "it was killed, by its timer at the latest",
    "clients/budget.py": "a thread of its own that waits for work, and holds nobody up",
}


def test_every_program_has_a_time_limit() -> None:
    started, waited = set(), set()
    for path in ROOT.rglob("*.py"):
        place = path.relative_to(ROOT)
        text = path.read_text("utf-8")
        if place.parts[0] == "sandbox" or not any(word in text for word in ("subprocess", "os.", ".wait()")):
            continue
        for node in ast.walk(ast.parse(text)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            name = node.func.attr
            of = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            runs = of == "subprocess" and name in ("run", "call", "check_call", "check_output", "Popen")
            if (runs or (of == "os" and name.startswith(("system", "popen", "spawn", "exec")))) and not any(
                each.arg == "timeout" for each in node.keywords
            ):
                started.add(f"{place.as_posix()}: {name}")
            if name == "wait" and not node.args and not node.keywords:
                waited.add(place.as_posix())
    assert started == set(STARTED) and waited == set(WAITED), (started ^ set(STARTED), waited ^ set(WAITED))
