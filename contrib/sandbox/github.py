"""An embedded GitHub on loopback: REST, git over HTTP, pages. For the demo, and what the tests talk to.

It needs no network, no account and no configuration; its repositories are real git repositories in a
temporary directory that goes when it is closed.
"""

from __future__ import annotations

import base64
import gzip
import os
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from contrib.sandbox import githttp
from contrib.sandbox.model import Account, Repo, TokenGrant
from contrib.sandbox.rest import Answer, Request, Rest, graphql
from contrib.sandbox.shapes import Shapes
from contrib.sandbox.world import World
from contrib.values.errors import OutsideError

#: A hook sees a request before the stand-in does, and may answer in its place (the tests' faults).
Hook = Callable[[Request], "Answer | None"]

_LARGEST_BODY = 64 * 1024 * 1024
#: Bytes of a body of the REST interface, also when it is inflated.
_LARGEST_JSON = 4 * 1024 * 1024
#: Bytes that are read of a body that nobody uses, before the connection is closed instead.
_DRAINED = 1024 * 1024
#: Seconds for a whole body.
_BODY_TIME = 120.0


class StandIn:
    """The server. A context manager; :attr:`world` is what it knows.

    :param port: 0 takes a free one.
    :param fork_delay: seconds until a new fork answers, as GitHub's do not at once.
    """

    def __init__(self, *, port: int = 0, root: Path | None = None, fork_delay: float = 0.0) -> None:
        self.world = World(root, fork_delay=fork_delay)
        self.hooks: list[Hook] = []
        #: The same for git over HTTP: path and service.
        self.git_hooks: list[Callable[[str, str], Answer | None]] = []
        #: Asked when a push has had its effect and its answer is not sent yet.
        self.push_hooks: list[Callable[[str, str], Answer | None]] = []
        try:
            self._server = _Server(("127.0.0.1", port), self)
        except OSError as error:
            self.world.close()
            raise OutsideError(
                f"the port {port} of this machine cannot be had: {error.strerror}",
                hint="port 0 takes a free one",
            ) from error
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.shapes = Shapes(self.world, self.url)
        self.rest = Rest(self.world, self.shapes)
        self._thread: threading.Thread | None = None

    def start(self) -> StandIn:
        """Serve in a thread."""
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="github stand-in",
            daemon=True,
        )
        self._thread.start()
        return self

    def serve(self) -> None:
        """Serve here until interrupted (``demo --serve``); after :meth:`start` it just waits."""
        if self._thread is None:
            self._server.serve_forever()
        else:
            while self._thread.is_alive():
                time.sleep(0.2)

    def close(self) -> None:
        """Stop serving and remove the repositories."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self.world.close()

    def __enter__(self) -> StandIn:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    # On Windows that option lets another program take the same port at the same time.
    allow_reuse_address = os.name != "nt"

    def __init__(self, address: tuple[str, int], stand_in: StandIn) -> None:
        super().__init__(address, _Handler)
        self.stand_in = stand_in

    def server_bind(self) -> None:
        """As http.server, which then asks for the name of the address: seconds, where no resolver answers."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        # A connection may be gone between the selector's word and accept(), which would then wait for the next one.
        self.socket.setblocking(False)

    def get_request(self) -> tuple[Any, Any]:
        """A connection; some systems hand the listener's mode on to it."""
        connection, address = super().get_request()
        connection.setblocking(True)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error; anything else is a bug, and shown."""
        import sys

        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Refuse(Exception):
    """The request is answered with this status, and the connection ends."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    server_version = "contrib-github-stand-in"
    sys_version = ""
    timeout = 120
    # An answer goes out in one piece, and at once.
    wbufsize = 65536
    disable_nagle_algorithm = True

    def log_message(self, format: str, *arguments: Any) -> None:
        """The terminal belongs to the person."""

    def do_GET(self) -> None:
        """Read."""
        try:
            self._handle()
        except _Refuse as refused:
            self.close_connection = True
            self._send(Answer(refused.status, {"message": str(refused)}))

    do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

    def _handle(self) -> None:
        stand_in = self.server.stand_in
        if not self.path.startswith("/"):
            raise _Refuse(400, "the target of a request here is a path")
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        git = re.fullmatch(r"/([^/]+)/([^/]+?)(?:\.git)?/(info/refs|git-upload-pack|git-receive-pack)", path)
        named = self.headers.get_all("Host") or [""]
        if len(named) > 1:
            raise _Refuse(400, "a request is for one host")
        host = named[0]
        if host.partition(":")[0] not in ("127.0.0.1", "localhost"):
            # A page on the web that makes its name point here must not get to talk to us.
            self._send(Answer(421, {"message": "this server answers for loopback only"}))
            return
        viewer, grant, refused = self._who()
        if git is not None:
            self._git(git[1], git[2], git[3], query, path, viewer, grant, refused)
            return
        body = b""
        if refused or (viewer is None and self.command not in ("GET", "HEAD")):
            # The token first: a body is read and inflated for those alone who may send one.
            self.close_connection = True
        else:
            body = b"".join(self._body(_LARGEST_JSON))
        if path.startswith("/api/"):
            below = re.sub(r"^/api(/v3|(?=/graphql))", "", path)
            request = Request(
                self.command if self.command != "HEAD" else "GET",
                below, query, body, {k.lower(): v for k, v in self.headers.items()}, viewer, grant,
            )  # fmt: skip
            answer = self._api(stand_in, request, refused)
        elif self.command in ("GET", "HEAD"):
            from contrib.sandbox.pages import page

            answer = page(stand_in.world, path, query, web=stand_in.url)
        else:
            answer = Answer(405, {"message": "Method Not Allowed"})
        self._send(answer)

    def _api(self, stand_in: StandIn, request: Request, refused: bool) -> Answer:
        if request.method != "GET":
            login = None if request.viewer is None else request.viewer.login
            stand_in.world.record(request.method, request.path, login)
        answer: Answer | None = None
        for hook in list(stand_in.hooks):
            answer = hook(request)
            if answer is not None:
                break
        if answer is None:
            if refused:
                answer = Answer(
                    401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}
                )
            elif request.path == "/graphql":
                answer = graphql(stand_in.rest, request)
            else:
                answer = stand_in.rest.answer(request)
        if request.grant is not None and request.grant.scopes is not None:
            answer.headers.setdefault("X-OAuth-Scopes", ", ".join(request.grant.scopes))
        reset = str(int(time.time()) + 3600)
        for name, value in (("Limit", "5000"), ("Remaining", "4990"), ("Reset", reset), ("Used", "10")):
            answer.headers.setdefault(f"X-RateLimit-{name}", value)
        return answer

    def _who(self) -> tuple[Account | None, TokenGrant | None, bool]:
        """Whose token the request bears; the third is true for one that nobody knows."""
        header = self.headers.get("Authorization")
        if not header:
            return None, None, False
        kind, _, value = header.partition(" ")
        if kind.lower() == "basic":
            try:
                value = base64.b64decode(value).decode().partition(":")[2]
            except ValueError:
                return None, None, True
        world = self.server.stand_in.world
        with world.lock:
            grant = world.tokens.get(value.strip())
            return (None, None, True) if grant is None else (world.account(grant.login), grant, False)

    def _git(
        self,
        owner: str,
        name: str,
        what: str,
        query: dict[str, str],
        path: str,
        viewer: Account | None,
        grant: TokenGrant | None,
        refused: bool,
    ) -> None:
        world = self.server.stand_in.world
        service = query.get("service", "") if what == "info/refs" else what
        for hook in list(self.server.stand_in.git_hooks):
            faulty = hook(path, service)
            if faulty is not None:
                self._drop(faulty)
                return
        moved = world.moved.get(f"{owner}/{name}".lower())
        repo = world.find(owner, name)
        if moved is not None and what == "info/refs":
            address = f"{self.server.stand_in.url}/{moved}.git/info/refs?service={service}"
            self._send(Answer(301, body=b"", kind="text/plain", headers={"Location": address}))
            return
        if repo is None or service not in githttp.SERVICES:
            self._drop(Answer(404, body=b"Repository not found.\n", kind="text/plain"))
            return
        if refused or (service == "git-receive-pack" and viewer is None):
            self._drop(
                Answer(
                    401,
                    body=b"Unauthorized\n",
                    kind="text/plain",
                    headers={"WWW-Authenticate": 'Basic realm="GitHub"'},
                )
            )
            return
        if service == "git-receive-pack" and not self._may_write(repo, viewer, grant):
            self._drop(Answer(403, body=b"Write access to repository not granted.\n", kind="text/plain"))
            return
        protocol = self.headers.get("Git-Protocol")
        if what == "info/refs":
            body = githttp.advertisement(repo, service, protocol)
            self._send(
                Answer(
                    200,
                    body=body,
                    kind=f"application/x-{service}-advertisement",
                    headers={"Cache-Control": "no-cache"},
                )
            )
            return
        if service == "git-receive-pack":
            world.record("PUSH", path, None if viewer is None else viewer.login)
            self._received(repo, path, service, protocol)
            return
        self.send_response(200)
        self.send_header("Content-Type", f"application/x-{service}-result")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        githttp.exchange(
            repo,
            service,
            protocol,
            self._body(),
            lambda data: self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data)),
        )
        self.wfile.write(b"0\r\n\r\n")

    def _received(self, repo: Repo, path: str, service: str, protocol: str | None) -> None:
        """Take a push; its answer is short, and is sent when all of its effect is there."""
        said: list[bytes] = []
        githttp.exchange(repo, service, protocol, self._body(), said.append)
        self.server.stand_in.world.pushed(repo)  # before the answer: who pushed sees it everywhere
        answer: Answer | None = None
        for hook in list(self.server.stand_in.push_hooks):
            answer = answer or hook(path, service)
        kind = f"application/x-{service}-result"
        self._send(
            answer or Answer(200, body=b"".join(said), kind=kind, headers={"Cache-Control": "no-cache"})
        )

    @staticmethod
    def _may_write(repo: Repo, viewer: Account | None, grant: TokenGrant | None) -> bool:
        if viewer is None or grant is None or not repo.may_push(viewer.login) or repo.archived:
            return False
        return grant.scopes is None or bool({"repo", "public_repo"} & set(grant.scopes))

    def _body(self, limit: int = _LARGEST_BODY) -> Iterator[bytes]:
        """The request's body, without its transfer and content encodings, ``limit`` bytes of it at most.

        :raises _Refuse: it is longer, takes too long, or is not what its headers say.
        """
        coding = self.headers.get("Content-Encoding", "identity").lower()
        pieces = self._raw_body(limit)
        if coding == "gzip":
            pieces = _inflated(pieces)
        elif coding != "identity":
            raise _Refuse(400, "this content encoding is not read")
        size = 0
        for piece in pieces:
            size += len(piece)
            if size > limit:
                raise _Refuse(413, "the body is too large")
            yield piece

    def _raw_body(self, limit: int) -> Iterator[bytes]:
        end = time.monotonic() + _BODY_TIME
        size = 0
        for piece in self._pieces(limit):
            size += len(piece)
            if size > limit:
                raise _Refuse(413, "the body is too large")
            if time.monotonic() > end:
                raise _Refuse(408, "the body takes too long")
            yield piece

    def _pieces(self, limit: int) -> Iterator[bytes]:
        coding = self.headers.get("Transfer-Encoding")
        told = self.headers.get_all("Content-Length") or []
        if coding is not None:
            if coding.lower() != "chunked" or told:
                raise _Refuse(400, "this transfer encoding is not read")
            while True:
                line = self.rfile.readline(100)
                found = re.fullmatch(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n", line)
                if found is None:
                    raise _Refuse(400, "the size of a chunk is not a number")
                left = int(found[1], 16)
                if left == 0:
                    self.rfile.readline(100)
                    return
                if left > limit:
                    raise _Refuse(413, "the body is too large")
                yield from self._read(left)
                if self.rfile.readline(3) not in (b"\r\n", b"\n"):
                    raise _Refuse(400, "a chunk does not end where its size says")
        elif told:
            if len(set(told)) > 1 or re.fullmatch(r"[0-9]{1,15}", told[0]) is None:
                raise _Refuse(400, "the length of the body is not a number")
            if int(told[0]) > limit:
                raise _Refuse(413, "the body is too large")
            yield from self._read(int(told[0]))

    def _read(self, left: int) -> Iterator[bytes]:
        while left > 0:
            data = self.rfile.read1(min(left, 65536))
            if not data:
                raise ConnectionError("body ended early")
            left -= len(data)
            yield data

    def _drop(self, answer: Answer) -> None:
        """Answer without having used the body."""
        try:
            for _ in self._raw_body(_DRAINED):
                pass
        except _Refuse:
            self.close_connection = True
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        content = answer.content()
        headers = dict(answer.headers)
        if (
            len(content) > 4096
            and "gzip" in self.headers.get("Accept-Encoding", "")
            and answer.json is not None
        ):
            content = gzip.compress(content, 1)
            headers["Content-Encoding"] = "gzip"
        self.send_response(answer.status)
        if answer.status != 204:
            self.send_header("Content-Type", answer.kind)
        for name, value in headers.items():
            # A path that a caller made may be part of it: no character of it ends the header.
            self.send_header(name, re.sub(r"[^\x20-\x7e]", lambda found: quote(found[0]), value))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What a gzip stream holds, a little at a time: a few bytes may stand for any number."""
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        for piece in pieces:
            while piece:
                yield inflate.decompress(piece, 65536)
                piece = inflate.unconsumed_tail
        yield inflate.flush()
    except zlib.error:
        raise _Refuse(400, "the body is not what its encoding says") from None
    if not inflate.eof:
        raise _Refuse(400, "the body ends early")
