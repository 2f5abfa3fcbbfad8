from __future__ import annotations

import hashlib
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrib.clients import http as client_module
from contrib.clients.addresses import origin
from contrib.clients.http import Http, Response
from contrib.clients.waits import Waits
from contrib.values.errors import BadInput, ContribError, OutsideError

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    """Answers as the test says; remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are what some tests are about."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def host(self) -> str:
        return self.base.removeprefix("http://")

    def on(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return self.base + path


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        answers = self.server.answers.get(self.path.split("?")[0])
        if not answers:
            self.send_error(404)
            return
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def log_message(self, format: str, *args: object) -> None:
        pass


def give(content: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join(5)


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(server: Server, waits: list[float]) -> Http:
    return Http(named={server.host}, pause=waits.append, waits=Waits())


def test_a_document(server: Server, client: Http) -> None:
    url = server.on("/x", give(b"hello", Content_Type="text/plain"))
    response = client.get(url)
    assert (response.content, response.url) == (b"hello", url)
    assert server.asked[0][1]["user-agent"].startswith("contrib/")
    assert "authorization" not in server.asked[0][1]


def test_pages_are_followed_to_the_end(server: Server, client: Http) -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        number = int(handler.path.rpartition("=")[2]) if "=" in handler.path else 1
        link = f'<{server.base}/list?page={number + 1}>; rel="next", <{server.base}/list?page=3>; rel="last"'
        give(str(number).encode(), **({"Link": link} if number < 3 else {}))(handler)

    url = server.on("/list", page)
    assert [p.content for p in client.pages(url)] == [b"1", b"2", b"3"]


@pytest.mark.parametrize("following", ["/list", "http://example.org/list?page=2"])
def test_pages_that_go_round_or_elsewhere(server: Server, client: Http, following: str) -> None:
    target = following if following.startswith("http") else server.base + following
    url = server.on("/list", give(b"1", Link=f'<{target}>; rel="next"'))
    with pytest.raises(OutsideError, match="do not end"):
        list(client.pages(url))


def test_what_may_pass_is_tried_again(server: Server, client: Http, waits: list[float]) -> None:
    url = server.on("/x", give(b"", 503), give(b"", 429, Retry_After="2"), give(b"fine"))
    assert client.get(url).content == b"fine"
    assert len(waits) == 2 and waits[1] == 2.0


def test_it_gives_up(server: Server, client: Http, waits: list[float]) -> None:
    url = server.on("/x", give(b"", 502))
    with pytest.raises(OutsideError, match="HTTP 502") as caught:
        client.get(url)
    assert caught.value.retry and len(server.asked) == client_module.TRIES
    assert waits == sorted(waits)


def test_a_long_wait_is_not_waited_for(server: Server, client: Http, waits: list[float]) -> None:
    reset = str(int(time.time()) + 1800)
    url = server.on("/x", give(b"", 403, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset))
    with pytest.raises(OutsideError) as caught:
        client.get(url)
    assert waits == [] and caught.value.kind == "rate-limit"
    assert "in 30 min" in (caught.value.hint or "") and "GH_TOKEN" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("status", "kind"), [(404, BadInput), (410, BadInput), (401, OutsideError), (403, OutsideError)]
)
def test_what_will_not_pass_is_not_tried_again(
    server: Server, client: Http, status: int, kind: type[ContribError]
) -> None:
    url = server.on("/x", give(b"", status))
    with pytest.raises(kind):
        client.get(url)
    assert len(server.asked) == 1


def test_larger_than_is_read(server: Server, client: Http) -> None:
    told = server.on("/told", give(b"x" * 2000))
    with pytest.raises(OutsideError, match="2000 bytes"):
        client.get(told, limit=1000)

    def untold(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"x" * 300_000)

    with pytest.raises(OutsideError, match="longer than"):
        client.get(server.on("/untold", untold), limit=1000)


def test_a_download_that_breaks_off(server: Server, client: Http) -> None:
    url = server.on("/x", give(b"half", Content_Length="8"))
    with pytest.raises(OutsideError, match="broke off"):
        client.get(url)


def test_slow_beyond_the_deadline(server: Server, client: Http) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(20):
            handler.wfile.write(b"x" * 70_000)
            handler.wfile.flush()
            time.sleep(0.05)

    with pytest.raises(OutsideError, match="too long"):
        client.get(server.on("/x", slow), deadline=0.2)


def test_digest_of_a_download(server: Server, client: Http) -> None:
    content = bytes(range(256)) * 1000
    seen: list[int] = []
    found = client.digest(server.on("/x.zip", give(content)), progress=seen.append)
    assert found.sha256 == hashlib.sha256(content).hexdigest() and found.size == len(content) == sum(seen)


def test_redirects(server: Server, client: Http) -> None:
    server.on("/new", give(b"there"))
    assert client.get(server.on("/old", give(b"", 302, Location="/new"))).content == b"there"
    with pytest.raises(OutsideError):
        client.get(server.on("/round", give(b"", 302, Location="/round")))
    with pytest.raises(OutsideError, match="not a web address"):
        client.get(server.on("/file", give(b"", 302, Location="file:///etc/passwd")))


def test_a_token_goes_to_its_host_alone(server: Server) -> None:
    other = Server()
    client = Http(tokens={server.host: "s3cret"}, named={server.host, other.host}, pause=lambda _: None)
    threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        target = other.on("/there", give(b"there"))
        url = server.on("/x", give(b"", 302, Location=target))
        assert client.get(url).content == b"there"
        assert server.asked[0][1]["authorization"] == "Bearer s3cret"
        assert "authorization" not in other.asked[0][1]
    finally:
        other.shutdown()
        other.server_close()


def test_no_secret_in_a_message(server: Server) -> None:
    client = Http(tokens={server.host: "s3cret"}, named={server.host}, pause=lambda _: None)
    with pytest.raises(ContribError) as caught:
        client.get(server.base + "/x?token=s3cret")
    assert "s3cret" not in str(caught.value) + str(caught.value.hint)
    with pytest.raises(BadInput) as refused:
        client.get("https://me:s3cret@example.org/x")
    assert "s3cret" not in str(refused.value)


def test_offline_reads_this_machine_only(server: Server) -> None:
    client = Http(offline=True, named={server.host})
    assert client.get(server.on("/x", give(b"here"))).content == b"here"
    with pytest.raises(OutsideError) as caught:
        client.get("https://example.org/")
    assert caught.value.kind == "offline"


def test_proxies_are_used_but_not_for_this_machine(
    server: Server, client: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Server()
    threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        monkeypatch.setenv("http_proxy", proxy.base)
        monkeypatch.delenv("no_proxy", raising=False)
        assert client.get(server.on("/x", give(b"direct"))).content == b"direct"
        proxy.on("http://example.org/x", give(b"by proxy"))
        assert client.get("http://example.org/x").content == b"by proxy"
    finally:
        proxy.shutdown()
        proxy.server_close()


def test_nobody_answers(client: Http, server: Server) -> None:
    base = server.base
    server.server_close()
    with pytest.raises(OutsideError, match="cannot be reached"):
        client.get(base + "/x")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "ftp://x/y",
        "file:///etc/passwd",
        "http://",
        "http://x:99999/",
        "http://a b/",
        "http://x/\n",
        "https://é/",
    ],
)
def test_no_address(client: Http, url: str) -> None:
    with pytest.raises(BadInput):
        client.get(url)


@given(st.text(max_size=60))
def test_any_link_header(text: str) -> None:
    following = Response("https://example.org/a", b"", {"link": text}).next_page
    # none of the texts that are tried at random comes near to the form
    assert following is None or ("<" in text and "next" in text)


@pytest.mark.parametrize("status", [403, 429, 500, 503])
@pytest.mark.parametrize("after", ["3600", "9" * 5000, "Wed, 01 Jan 2099 00:00:00 GMT"])
def test_no_server_decides_how_long_we_sleep(
    server: Server, client: Http, waits: list[float], status: int, after: str
) -> None:
    url = server.on("/x", give(b"", status, Retry_After=after))
    with pytest.raises(OutsideError, match=f"HTTP {status}") as caught:
        client.get(url)
    assert waits == [] and "try again" in (caught.value.hint or "")


def test_the_waits_of_all_requests_are_bounded_together(
    server: Server, client: Http, waits: list[float]
) -> None:
    url = server.on("/x", give(b"", 503, Retry_After="25"))
    for _ in range(3):
        with pytest.raises(OutsideError):
            client.get(url)
    assert sum(waits) <= client.waits.longest


@pytest.mark.parametrize("length", ["²", "-1", "9" * 5000, "0x10", "5, 5", "+5", "5 5"])
def test_a_length_that_is_not_one(server: Server, client: Http, length: str) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: " + length.encode("utf-8") + b"\r\n\r\nhello"
        )

    with pytest.raises(OutsideError):
        client.get(server.on("/x", answer))


@pytest.mark.parametrize(
    "location",
    [
        "http://[::1/",
        "http://x:99999999/",
        "http://x:²/",
        "ssh://github.com/x",
        "file:///etc/passwd",
        "//user:secret@example.org/",
        "http://exa mple.org/",
        "",
        "\x85",
        "é" * 3000,
    ],
)
def test_a_redirect_that_leads_nowhere(server: Server, client: Http, location: str) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        head = f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n"
        handler.wfile.write(head.encode("utf-8"))

    with pytest.raises(ContribError):
        client.get(server.on("/x", answer))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "169.254.169.254", "2130706433"]
)
def test_a_host_in_a_private_network_that_nobody_named(server: Server, host: str) -> None:
    client = Http(pause=lambda _: None)
    with pytest.raises(OutsideError) as caught:
        client.get(f"http://{host}:{server.server_address[1]}/x", deadline=3)
    assert caught.value.kind == "address" and server.asked == []


def test_nor_where_a_redirect_leads(server: Server, client: Http) -> None:
    other = Server()
    try:
        url = server.on("/x", give(b"", 302, Location=other.base + "/latest/meta-data/"))
        with pytest.raises(OutsideError) as caught:
            client.get(url)
        assert caught.value.kind == "address" and other.asked == []
    finally:
        other.server_close()


def test_redirects_of_a_download_stay_on_its_hosts(server: Server, waits: list[float]) -> None:
    other = Server()
    threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    client = Http(named={server.host, other.host}, pause=waits.append)
    try:
        url = server.on("/x.zip", give(b"", 302, Location=other.on("/y.zip", give(b"archive"))))
        with pytest.raises(OutsideError, match="not a host that this comes from"):
            client.download(url, None, hosts={server.host})
        assert other.asked == []
        found = client.download(url, None, hosts={other.host})
        assert (found.url, found.final) == (url, other.base + "/y.zip")
    finally:
        other.shutdown()
        other.server_close()


def test_a_document_that_has_not_changed(server: Server, client: Http) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("If-None-Match") == '"1"':
            give(b"", 304, ETag='"1"')(handler)
        else:
            give(b"hello", ETag='"1"')(handler)

    url = server.on("/x", answer)
    first = client.get(url)
    assert (first.content, first.etag, first.current) == (b"hello", '"1"', False)
    again = client.get(url, etag=first.etag)
    assert (again.content, again.current) == (b"", True)


def broken_transfer(content: bytes, at: int, *, etag: str, ranges: bool = True) -> Answer:
    """Breaks off after ``at`` bytes of every answer; continues where it was asked to."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and ranges else 0
        if start and handler.headers.get("If-Range") != etag:
            start = 0
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        handler.send_header("ETag", etag)
        handler.send_header("Content-Length", str(len(content) - start))
        handler.end_headers()
        handler.wfile.write(content[start : start + at])

    return answer


@pytest.mark.parametrize(("etag", "ranges"), [('"1"', True), ('W/"1"', True), ('"1"', False)])
def test_a_download_that_breaks_off_is_continued(
    server: Server, client: Http, tmp_path: Path, etag: str, ranges: bool
) -> None:
    content = bytes(range(256)) * 300
    whole = give(content, ETag=etag)
    url = server.on(
        "/x.zip", broken_transfer(content, 30_000, etag=etag, ranges=ranges),
        broken_transfer(content, 30_000, etag=etag, ranges=ranges),
        broken_transfer(content, 70_000, etag=etag) if ranges and etag == '"1"' else whole,
    )  # fmt: skip
    seen: list[int] = []
    with (tmp_path / "x.zip").open("wb") as into:
        found = client.download(url, into, progress=seen.append)
    assert (tmp_path / "x.zip").read_bytes() == content
    assert found.sha256 == hashlib.sha256(content).hexdigest() and found.size == sum(seen) == len(content)


def test_a_file_that_changes_while_it_is_downloaded(server: Server, client: Http) -> None:
    new = b"new" * 10_000
    url = server.on(
        "/x.zip", broken_transfer(b"old" * 10_000, 100, etag='"1"'), broken_transfer(new, 1 << 20, etag='"2"')
    )
    assert client.digest(url).sha256 == hashlib.sha256(new).hexdigest()


def test_a_body_read_piece_by_piece(server: Server, client: Http) -> None:
    url = server.on("/x", give(b"0123456789" * 10_000))
    with client.stream(url) as body:
        assert (body.size, body.read(5), body.read(5)) == (100_000, b"01234", b"56789")
        assert len(body.read()) == 99_990 and body.read(1) == b""


@pytest.mark.parametrize("status", [200, 404])
def test_a_connection_that_the_server_keeps_open_is_closed(status: int) -> None:
    """A server of HTTP/1.1 need not say that it closes: ours is closed with the answer, not when memory is looked over."""
    closed = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 %d x\r\nContent-Length: 2\r\n\r\nok" % status)
            connection.settimeout(10)
            if connection.recv(10) == b"":
                closed.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with warnings.catch_warnings(record=True) as said, suppress(ContribError):
            warnings.simplefilter("always")
            Http(named={origin(url)}).get(url)
        serving.join(10)
    assert closed.is_set() and [str(each.message) for each in said] == []
