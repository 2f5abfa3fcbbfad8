"""The stand-in and callers that it must not trust: any program of the machine, any page in a browser."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from contrib.sandbox.github import StandIn

from ..pulls.conftest import make_repository


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[StandIn]:
    source = make_repository(tmp_path / "redis", {"README.md": "# x\n"})
    with StandIn() as running:
        running.world.repository("docker-library/redis", source)
        running.world.moved["old/name"] = "docker-library/redis"
        yield running


def asked(stand_in: StandIn, head: str, body: bytes = b"", *, token: bool = True) -> bytes:
    """The whole answer to a request, bytes as they are."""
    host = stand_in.url.removeprefix("http://")
    lines = [*head.split("\n"), f"Host: {host}", "Connection: close"]
    if token:
        lines.append(f"Authorization: token {stand_in.world.token('petra')}")
    with socket.create_connection((host.partition(":")[0], int(host.partition(":")[2])), 10) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


POST = "POST /api/v3/repos/docker-library/redis/pulls HTTP/1.1\n"


@pytest.mark.parametrize(
    "path",
    [
        "/old/name/x/%0d%0aSet-Cookie:%20a=1",
        "/old/name/%0aSet-Cookie:%20a=1",
        "/old/name/x/%00%c2%85%e2%80%a8",
    ],
)
def test_a_path_makes_no_header(stand_in: StandIn, path: str) -> None:
    answer = asked(stand_in, f"GET {path} HTTP/1.1")
    head = answer.partition(b"\r\n\r\n")[0]
    assert b"\nSet-Cookie" not in head and head.replace(b"\r\n", b"").isascii()
    assert all(b":" in line for line in head.split(b"\r\n")[1:])


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        ("Content-Length: \u00b2", b"", 400),
        ("Content-Length: -1", b"", 400),
        ("Content-Length: " + "9" * 5000, b"", 400),
        ("Content-Length: 3\nContent-Length: 4", b"abcd", 400),
        ("Content-Length: 999999999", b"", 413),
        ("Transfer-Encoding: gzip", b"", 400),
        ("Transfer-Encoding: chunked\nContent-Length: 3", b"0\r\n\r\n", 400),
        ("Transfer-Encoding: chunked", b"-5\r\nhello\r\n0\r\n\r\n", 400),
        ("Transfer-Encoding: chunked", b"0x5\r\nhello\r\n0\r\n\r\n", 400),
        ("Transfer-Encoding: chunked", b"fffffffff\r\n", 400),
        ("Transfer-Encoding: chunked", b"7fffffff\r\n", 413),
        ("Transfer-Encoding: chunked", b"2\r\nhello\r\n0\r\n\r\n", 400),
        ("Content-Encoding: br\nContent-Length: 2", b"{}", 400),
        ("Content-Encoding: gzip\nContent-Length: 5", b"hello", 400),
        ("Content-Encoding: gzip\nContent-Length: 15", gzip.compress(b"{}" * 50)[:15], 400),
        ("Host: evil.example", b"", 400),
        ("Content-Length: 200000", b"[" * 200_000, 400),
    ],
    ids=range(17),
)
def test_a_body_that_is_not_what_it_says(
    stand_in: StandIn, capfd: pytest.CaptureFixture[str], head: str, body: bytes, status: int
) -> None:
    answer = asked(stand_in, POST + head, body)
    assert answer.split(b" ", 2)[1] == str(status).encode(), answer[:200]
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("target", ["http://[x/", "http://evil.example/", "*", "evil.example:443"])
def test_a_target_that_is_no_path(stand_in: StandIn, capfd: pytest.CaptureFixture[str], target: str) -> None:
    assert asked(stand_in, f"GET {target} HTTP/1.1").split(b" ", 2)[1] == b"400"
    assert "Traceback" not in capfd.readouterr().err


def test_a_body_that_inflates(stand_in: StandIn) -> None:
    body = gzip.compress(b"\0" * 100_000_000)
    head = f"{POST}Content-Encoding: gzip\nContent-Length: {len(body)}"
    assert asked(stand_in, head, body).split(b" ", 2)[1] == b"413"


@pytest.mark.parametrize("known", [False, None])
def test_the_token_comes_before_the_body(stand_in: StandIn, known: bool | None) -> None:
    """Answered although the body that was announced never comes."""
    head = f"{POST}Content-Length: 4000000"
    if known is False:
        head += "\nAuthorization: token nobodys"
    assert asked(stand_in, head, token=False).split(b" ", 2)[1] == b"401"
