"""GitHub's REST interface, played by a server that lies: every question ends in time, in bytes and in number."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from contrib.clients import ontime, waits
from contrib.clients.github import GitHub, GitHubReads, Token, addresses
from contrib.values.errors import ContribError, OutsideError
from tests.clients.test_deadlines import PHASES, Dripping

Answer = tuple[int, dict[str, str], bytes]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer: Callable[[str], Answer] = lambda path: (200, {}, b"{}")
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.path, dict(self.headers)))
                status, headers, body = outer.answer(self.path)
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

            def log_message(self, *words: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that gives up is what is tested."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def reads(url: str) -> GitHub:
    return GitHub(addresses(url), Token("ghp_secret", "test"))


@pytest.mark.parametrize("phase", PHASES)
def test_a_question_ends_by_its_deadline(phase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ontime, "DEADLINE", 0.25)
    server = Dripping(*PHASES[phase])
    try:
        start = time.monotonic()
        with pytest.raises(OutsideError) as raised:
            reads(f"http://{server.host}").repository("o/r")
        assert raised.value.kind == "deadline", raised.value
        assert time.monotonic() - start < 1.25
    finally:
        server.close()


def test_tries_share_the_deadline(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ontime, "DEADLINE", 0.3)
    server.answer = lambda path: (503, {"Retry-After": "1"}, b"{}")
    start = time.monotonic()
    with pytest.raises(OutsideError):
        reads(server.url).repository("o/r")
    assert time.monotonic() - start < 1.8 and len(server.asked) <= 2


def test_an_answer_stops_at_its_limit(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ontime, "MAX_ANSWER", 1 << 20)
    server.answer = lambda path: (200, {}, b" " * (2 << 20))
    with pytest.raises(OutsideError, match="longer than the 1048576 bytes"):
        reads(server.url).repository("o/r")
    packed = gzip.compress(b" " * (64 << 20))
    for status in (200, 403):
        server.answer = lambda path: (status, {"Content-Encoding": "gzip"}, packed)  # noqa: B023
        with pytest.raises(OutsideError):
            reads(server.url).repository("o/r")


@pytest.mark.parametrize("status", [202, 301, 302, 307])
def test_no_question_goes_round_for_ever(
    server: Server, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("github.Consts.PROCESSING_202_WAIT_TIME", 0)
    server.answer = lambda path: (status, {"Location": server.url + path + "x"}, b"{}")
    with pytest.raises(OutsideError):
        reads(server.url).repository("o/r")
    assert len(server.asked) <= ontime.MOST_TIMES + 2


@pytest.mark.parametrize(
    "location",
    [
        "http://evil.example/x",
        "https://127.0.0.1/x",
        "//evil.example/x",
        "http://[::1/",
        "http://127.0.0.1:1/x",
        "\\\\evil",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_takes_the_token_elsewhere(server: Server, location: str, status: int) -> None:
    other = Server()
    try:
        where = location.replace("127.0.0.1:1", other.url.removeprefix("http://"))
        server.answer = lambda path: (status, {"Location": where}, b"{}")
        with pytest.raises(ContribError):
            reads(server.url).repository("o/r")
        assert other.asked == []
    finally:
        other.shutdown()
        other.server_close()


@pytest.mark.parametrize("charset", ["punycode", "utf-7", "idna", "unicode_escape", "x" * 1000, "undefined"])
def test_an_answer_is_utf_8_whatever_it_says(server: Server, charset: str) -> None:
    body = json.dumps({"login": "é", "name": None}, ensure_ascii=False).encode()
    server.answer = lambda path: (200, {"Content-Type": f"application/json; charset={charset}"}, body)
    viewer = reads(server.url).viewer()
    assert viewer is not None and viewer.login == "é"


#: Bodies that no GitHub gives.
BODIES = {
    "nothing": b"", "null": b"null", "a number": b"5", "a text": b'"x"', "a list": b"[]", "an object": b"{}", "half": b'{"a": ',
    "deep": b"[" * 100_000, "deep and whole": b"[" * 5000 + b"]" * 5000, "deep objects": b'{"a":' * 50_000, "bytes": b"\xff\xfe\x00",
    "a long number": b'{"id": ' + b"9" * 5000 + b"}", "NaN": b'{"full_name": NaN, "id": Infinity}', "surrogates": b'{"full_name": "\\ud800/x"}',
    "HTML": b"<html></html>", "a list of lists": b"[[[]]]", "a list of nulls": b"[null, null]",
    "a name": b'{"full_name": "../../etc", "owner": null, "default_branch": 7}',
    "an option": b'{"full_name": "--upload-pack=x/y", "parent": "x", "source": [1], "permissions": 5}',
    "odd fields": b'{"full_name": "o/r", "parent": "x", "source": [1], "permissions": 5, "default_branch": ["x"]}',
}  # fmt: skip
ASKING: dict[str, Callable[[GitHubReads], object]] = {
    "repository": lambda github: github.repository("o/r"),
    "viewer": lambda github: github.viewer(),
    "pull": lambda github: github.pull("o/r", 1),
    "pulls": lambda github: github.pulls("o/r", head="o:b"),
    "open_pulls": lambda github: github.open_pulls("o/r"),
    "pulls_by": lambda github: github.pulls_by("o/r", ["a"]),
    "checks": lambda github: github.checks("o/r", "a" * 40),
    "commits": lambda github: github.commits("o/r", 1),
    "changed_files": lambda github: github.changed_files("o/r", 1),
    "contains": lambda github: github.contains("o/r", "main", "a" * 40),
    "actions_enabled": lambda github: github.actions_enabled("o/r"),
    "member_of": lambda github: github.member_of("o", "l"),
    "file": lambda github: github.file("o/r", "a"),
    "rate_limit": lambda github: github.rate_limit(),
    "closed_by": lambda github: github.closed_by("o/r", 1),
}


@pytest.mark.parametrize("ask", ASKING)
def test_any_answer_is_a_result_or_an_error_of_ours(server: Server, ask: str) -> None:
    for body in BODIES.values():
        for status in (200, 403, 404):
            server.answer = lambda path: (status, {}, body)  # noqa: B023
            with contextlib.suppress(ContribError):
                ASKING[ask](reads(server.url))


@pytest.mark.parametrize(
    "name",
    [
        "../../x",
        "../x",
        "x/..",
        "o/r/../../x",
        "o/r@evil",
        "o/r?x",
        "o/r#x",
        "https://evil/o/r",
        "-o/r\n",
        "",
        5,
        None,
        ["o/r"],
    ],
)
def test_a_name_that_leads_elsewhere_is_no_name(server: Server, name: object) -> None:
    """It becomes part of the address that git reads from, or pushes to."""
    whole = {
        "full_name": name,
        "default_branch": "main",
        "owner": {"login": "o"},
        "clone_url": "https://evil.example/x.git",
    }
    server.answer = lambda path: (200, {}, json.dumps(whole).encode())
    with pytest.raises(OutsideError):
        reads(server.url).repository("o/r")
    with pytest.raises(OutsideError):
        reads(server.url).create_fork("o/r", owner="me")


@pytest.mark.parametrize("branch", ["--upload-pack=x", "a b", "a\x00", "a..b", ":x", ["main"], 5])
def test_a_branch_that_is_no_name_of_one(server: Server, branch: object) -> None:
    whole = {"full_name": "o/r", "default_branch": branch}
    server.answer = lambda path: (200, {}, json.dumps(whole).encode())
    with pytest.raises(OutsideError):
        reads(server.url).repository("o/r")


def test_the_address_of_a_clone_is_made_here(server: Server) -> None:
    whole = {"full_name": "o/r", "default_branch": "main", "clone_url": "https://evil.example/x.git"}
    server.answer = lambda path: (200, {}, json.dumps(whole).encode())
    found = reads(server.url).repository("o/r")
    assert found is not None and found.clone_url == f"{server.url}/o/r.git"


@pytest.mark.parametrize("header", ["Retry-After", "X-RateLimit-Reset"])
@pytest.mark.parametrize(
    "value", ["99999", "9" * 5000, "9" * 12, "\xb2", "-1", "Wed, 01 Jan 2099 00:00:00 GMT", "x", "1e9", ""]
)
@pytest.mark.parametrize("status", [403, 429, 503])
def test_no_wait_is_longer_than_a_person_would_watch(
    server: Server, header: str, value: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", slept.append)
    monkeypatch.setattr("contrib.clients.github.time.sleep", slept.append)
    monkeypatch.setattr(ontime, "DEADLINE", 10.0)
    waits.COMMAND.renew()
    body = json.dumps({"message": "API rate limit exceeded"}).encode()
    server.answer = lambda path: (status, {header: value, "X-RateLimit-Remaining": "0"}, body)
    with pytest.raises(OutsideError) as raised:
        reads(server.url).repository("o/r")
    assert sum(slept) <= waits.LONGEST
    assert not re.search(r"inf|nan|[0-9]{7}|2099", str(raised.value) + str(raised.value.hint)), raised.value
