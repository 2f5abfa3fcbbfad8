"""A token is for one host: what a hostile git server gets, and how long it can keep git waiting."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from contrib.clients import commits, git
from contrib.clients.commits import ScratchStore, ls_remote
from contrib.clients.git import Repository, _parse_commit, _person
from contrib.values.errors import BadInput, OutsideError
from tests.clients.test_deadlines import Dripping


class Server(ThreadingHTTPServer):
    """A git host that redirects, or advertises one branch; remembers what it was asked."""

    daemon_threads = True

    def __init__(self, target: str | None = None, status: int = 301) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.target = target
        self.status = status
        self.asked: list[tuple[str, str, str | None]] = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/o/r.git"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def answer(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers.get("Authorization")))
        if self.server.target is not None:
            self.send_response(self.server.status)
            self.send_header("Location", self.server.target + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        service = "receive-pack" if "receive" in self.path else "upload-pack"
        first = f"# service=git-{service}\n".encode()
        ref = b"a" * 40 + b" refs/heads/main\0report-status\n"
        body = b"".join(
            b"%04x%s" % (len(part) + 4, part) if part else b"0000" for part in (first, b"", ref, b"")
        )
        self.send_response(200)
        self.send_header("Content-Type", f"application/x-git-{service}-advertisement")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def other() -> Iterator[Server]:
    server = Server()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(params=[301, 302, 307, 308])
def hostile(request: pytest.FixtureRequest, other: Server) -> Iterator[Server]:
    server = Server(f"http://{other.host}", request.param)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ScratchStore]:
    from tests.upstream.layouts.support import git as run

    run(tmp_path, "init", "--quiet", "--bare", "x.git")
    with ScratchStore([tmp_path / "x.git"]) as made:
        yield made


USES: dict[str, Callable[[ScratchStore, str, str | None], object]] = {
    "ls-remote": lambda store, url, token: ls_remote(url, token=token),
    "fetch": lambda store, url, token: store.fetch(url, "refs/heads/main", token=token),
    "fetch all": lambda store, url, token: store.fetch_all(url, token=token),
    "push": lambda store, url, token: store.push(url, "b", "a" * 40, expected=None, token=token),
}


@pytest.mark.parametrize("use", USES.values(), ids=list(USES))
def test_git_follows_no_redirect_with_a_token(
    hostile: Server,
    other: Server,
    store: ScratchStore,
    use: Callable[[ScratchStore, str, str | None], object],
) -> None:
    if hostile.status != 301 and use is not USES["ls-remote"]:
        pytest.skip("one use for the other kinds of redirects")
    with pytest.raises(OutsideError) as caught:
        use(store, hostile.url, "s3cret")
    assert other.asked == []
    assert caught.value.kind == "redirect"
    assert hostile.host in caught.value.message and other.host in caught.value.message
    assert "s3cret" not in str(caught.value)
    assert hostile.asked[0][2] is not None, "the host itself gets it"


def test_without_a_token_it_does(other: Server) -> None:
    server = Server(f"http://{other.host}")
    try:
        assert ls_remote(server.url) == {"refs/heads/main": "a" * 40}
        assert all(authorization is None for _, _, authorization in server.asked + other.asked)
    finally:
        server.shutdown()
        server.server_close()


def test_an_address_that_is_rewritten_gets_no_token(
    other: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``url.….insteadOf`` of a person's configuration leads elsewhere: the token is not for that host."""
    config = tmp_path / "config"
    config.write_text(f'[url "http://{other.host}/"]\n\tinsteadOf = https://github.com/\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    assert ls_remote("https://github.com/o/r.git", token="s3cret") == {"refs/heads/main": "a" * 40}
    assert [authorization for _, _, authorization in other.asked] == [None]


@pytest.mark.parametrize("dripping", [(b"", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 60_000)], indirect=True)
def test_a_git_server_that_drips_is_left(
    dripping: Dripping, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(commits._NETWORK, "ls-remote", 1.0)
    start = time.monotonic()
    with pytest.raises(OutsideError, match="did not end within 1 s"):
        ls_remote(f"http://{dripping.host}/o/r.git")
    monkeypatch.setattr(git, "NETWORK_TIMEOUT", 1.0)
    monkeypatch.setattr(git._network, "__defaults__", (1.0,))
    with pytest.raises(OutsideError, match="did not end within 1 s"):
        Repository.obtain(f"http://{dripping.host}/o/r.git", cache_dir=tmp_path / "cache")
    assert time.monotonic() - start < 15


@pytest.fixture
def dripping(request: pytest.FixtureRequest) -> Iterator[Dripping]:
    server = Dripping(*request.param)
    yield server
    server.close()


def test_what_git_starts_gets_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A credential helper of the person's own configuration stands for all that a network git may start."""
    helper = tmp_path / "helper"
    helper.write_text(f"#!/bin/sh\nenv >> {tmp_path / 'seen'}\n")
    helper.chmod(0o755)
    config = tmp_path / "config"
    config.write_text(f"[credential]\n\thelper = {helper}\n[core]\n\tsshCommand = {helper}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    for name in git.TOKENS:
        monkeypatch.setenv(name, "s3cret")
    for url in ("ssh://127.0.0.1:1/o/r.git",):
        with pytest.raises(OutsideError):
            Repository.obtain(url, cache_dir=tmp_path / "cache")
    assert "PATH=" in (tmp_path / "seen").read_text() and "s3cret" not in (tmp_path / "seen").read_text()


ODD = [
    "undefined",
    "idna",
    "punycode",
    "unicode_escape",
    "utf-7",
    "utf-16",
    "hex",
    "zip",
    "base64",
    "rot13",
    "no-such-thing",
    "é",
    "mbcs",
    "oem",
]


@pytest.mark.parametrize("encoding", [*ODD, "", "x" * 10_000, "iso-8859-1", "UTF-8"])
def test_a_commit_does_not_choose_the_codec(encoding: str) -> None:
    data = b"tree " + b"a" * 40 + b"\nencoding " + encoding.encode() + b"\n\n" + b"caf\xe9 \xff" * 20_000
    start = time.process_time()
    found = _parse_commit("b" * 40, data)
    assert found.subject.startswith("caf\u00e9" if encoding == "iso-8859-1" else "caf\ufffd")
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "n <e> 5 +0",
        "n <e> " + "9" * 5000,
        "n <e> \u00b2 +0000",
        "n <e> -5 +9999999",
        "<<>>",
        "n <e> 5 +" + "1" * 5000,
    ],
)
def test_any_person(text: str) -> None:
    found = _person(text)
    assert isinstance(found.time, int) and len(found.offset) <= 7


def test_a_tree_that_stands_for_any_number_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty objects, each with the one below it twice: a million million files."""
    root = tmp_path / "r.git"

    def run(*words: str, stdin: str = "") -> str:
        command = ["git", f"--git-dir={root}", "-c", "user.name=T", "-c", "user.email=t@example.org", *words]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True).stdout.strip()

    run("init", "--quiet", "--bare")
    tree = run("mktree", stdin=f"100644 blob {run('hash-object', '-w', '--stdin', stdin='x')}\tf\n")
    for _ in range(40):
        tree = run("mktree", stdin=f"040000 tree {tree}\ta\n040000 tree {tree}\tb\n")
    commit = run("commit-tree", "-m", "x", tree)
    monkeypatch.setattr(git, "MAX_ENTRIES", 5000)
    with Repository.open(root) as repository, pytest.raises(BadInput, match="more than 5000 entries"):
        list(repository.tree(commit).paths())
