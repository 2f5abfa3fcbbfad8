"""HTTP, read: the one place that opens web addresses.

What holds for every request, and the tests that show it (``tests/clients/test_http.py``,
``tests/clients/test_deadlines.py``):

- It ends within its deadline plus a second, whatever the server does, redirects, retries and waits included.
- It reads no more bytes than its limit.
- A token is sent to the one host that it was given for, over https or to this machine, and does not follow a
  redirect to another origin.
- A host on this machine or in a private network is connected to only if a person named it (``named``).
- No message contains a token, a user name or the query of an address.

Proxies come from the system, as other programs take them (:func:`urllib.request.getproxies`).
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import random
import re
import socket
import ssl
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from contrib import __version__
from contrib.clients import waits
from contrib.clients.addresses import checked, is_loopback, is_public, origin, shown
from contrib.clients.wire import IDLE_TIMEOUT, Connection, Deadline, Late, NotPublic
from contrib.values.addresses import has_a_public_name
from contrib.values.errors import BadInput, OutsideError

#: Seconds for a whole document, and for a whole archive.
DEADLINE = 120.0
DOWNLOAD_DEADLINE = 1800.0
#: Bytes of the largest document, and of the largest archive.
MAX_DOCUMENT = 64 * 1024 * 1024
MAX_DOWNLOAD = 2 * 1024 * 1024 * 1024
#: How often a request is made at most.
TRIES = 4

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOVED = frozenset({301, 302, 303, 307, 308})
_REDIRECTS = 5
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Response:
    """A document.

    :param url: where it came from in the end, redirects followed.
    :param headers: names in lower case; of a header that is there twice, both values with a comma between.
    :param status: 200; 206 for a part that was asked for; 304 where the copy with the given ETag is current.
    """

    url: str
    content: bytes
    headers: Mapping[str, str]
    status: int = 200

    @property
    def current(self) -> bool:
        """Whether the copy that the caller has (``etag``) is what the server has; the content is empty then."""
        return self.status == 304

    @property
    def etag(self) -> str | None:
        """The version of the document, to be given as ``etag`` the next time; None where the server has none."""
        return self.headers.get("etag")

    @property
    def next_page(self) -> str | None:
        """The address of the next page (``Link: <…>; rel="next"``), None when this is the last one."""
        for part in self.headers.get("link", "")[:10_000].split(","):
            address, *parameters = part.split(";")
            address = address.strip()
            if (
                address.startswith("<")
                and address.endswith(">")
                and any(re.fullmatch(r'\s*rel="?next"?\s*', parameter) for parameter in parameters)
            ):
                try:
                    return str(urllib.parse.urljoin(self.url, address[1:-1]))
                except ValueError:
                    return None
        return None


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What is known of an archive after downloading it.

    :param url: the address that was asked for. :param final: the one that answered in the end.
    """

    url: str
    sha256: str
    size: int
    final: str = ""


class Unauthorized(OutsideError):
    """The server wants to know who asks.

    :ivar challenge: its header ``WWW-Authenticate``, "" when there is none.
    """

    def __init__(self, where: str, challenge: str) -> None:
        super().__init__("access is refused (HTTP 401)", file=where)
        self.challenge = challenge


class Body:
    """The body of an answer, read piece by piece; the deadline and the limit apply to every read.

    :ivar url: the address that answered. :ivar status: 200 or 206. :ivar headers: names in lower case.
    :ivar size: bytes that the server announces; None where it does not say.
    """

    def __init__(
        self, answer: http.client.HTTPResponse, url: str, headers: Mapping[str, str], limit: int
    ) -> None:
        self._answer = answer
        self._limit = limit
        self._taken = 0
        self.url = url
        self.status = answer.status
        self.headers = headers
        self.size = _length(headers, url)
        if self.size is not None and self.size > limit:
            raise OutsideError(f"is {self.size} bytes, more than the {limit} that are read", file=shown(url))

    def read(self, size: int = -1) -> bytes:
        """Exactly ``size`` bytes, fewer at the end only; all that is left with -1.

        :raises OutsideError: broken off, too long, too late.
        """
        parts: list[bytes] = []
        left = size
        while left:
            part = self.read1(_CHUNK if left < 0 else min(left, _CHUNK))
            if not part:
                break
            parts.append(part)
            left -= len(part) if left > 0 else 0
        return b"".join(parts)

    def read1(self, size: int = _CHUNK) -> bytes:
        """What has arrived, at most ``size`` bytes; empty at the end."""
        with _breaking_off(self.url):
            part = self._answer.read1(size)
        self._taken += len(part)
        if self._taken > self._limit:
            raise OutsideError(f"is longer than the {self._limit} bytes that are read", file=shown(self.url))
        if not part and self.size is not None and self._taken != self.size:
            raise OutsideError(
                f"broke off after {self._taken} of {self.size} bytes",
                file=shown(self.url),
                retry=True,
                kind="broken-off",
            )
        return part

    def __iter__(self) -> Iterator[bytes]:
        while part := self.read1():
            yield part


@dataclass(slots=True)
class Http:
    """A client.

    :param tokens: origin (``host`` or ``host:port``) to bearer token; sent to that origin over https (or to
        this machine) only.
    :param offline: true refuses every address that is not on this machine.
    :param named: origins that a person named and that may therefore be on this machine or in a private network;
        every other host must have a public address. A redirect to one of them is followed only from one of them.
    :param pause: waits between two tries, in seconds; replaced in tests.
    :param waits: what is left of the time that the command may wait.
    """

    tokens: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False
    named: Collection[str] = ()
    pause: Callable[[float], None] = time.sleep
    waits: waits.Waits = field(default_factory=lambda: waits.COMMAND)

    def get(
        self,
        url: str,
        *,
        accept: str = "*/*",
        limit: int = MAX_DOCUMENT,
        deadline: float = DEADLINE,
        etag: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """A document.

        :param etag: of the caller's copy; when that is current the answer is empty (:attr:`Response.current`).
        :param headers: further headers of the request (``Range``).
        :param deadline: seconds for all of it.
        :raises BadInput: it is not an address, or there is nothing (404, 410).
        :raises OutsideError: the network, the server, the size or the time stood in the way.
        """
        wanted = dict(headers or {})
        if etag is not None:
            wanted["If-None-Match"] = etag
        with self.stream(url, accept=accept, limit=limit, deadline=deadline, headers=wanted) as body:
            content = b"" if body.status == 304 else body.read()
            return Response(body.url, content, body.headers, body.status)

    def pages(self, url: str, *, accept: str = "*/*", most: int = 100) -> Iterator[Response]:
        """A document and the pages that follow it.

        :raises OutsideError: there are more than ``most``, or a page leads to another host or back.
        """
        start = checked(url)
        seen: set[str] = set()
        following: str | None = url
        while following is not None:
            parts = checked(following)
            elsewhere = parts.scheme != start.scheme or origin(following) != origin(url)
            if len(seen) >= most or following in seen or elsewhere:
                raise OutsideError(f"the pages of this address do not end after {len(seen)}", file=shown(url))
            seen.add(following)
            response = self.get(following, accept=accept)
            yield response
            following = response.next_page

    def digest(
        self, url: str, *, limit: int = MAX_DOWNLOAD, progress: Callable[[int], None] | None = None
    ) -> Downloaded:
        """Downloads an archive for its digest; nothing is kept. See :meth:`download`."""
        return self.download(url, None, limit=limit, progress=progress)

    def download(
        self,
        url: str,
        into: BinaryIO | None,
        *,
        limit: int = MAX_DOWNLOAD,
        deadline: float = DOWNLOAD_DEADLINE,
        progress: Callable[[int], None] | None = None,
        hosts: Collection[str] | None = None,
    ) -> Downloaded:
        """Downloads an archive; a transfer that breaks off is continued where the server can do that.

        :param into: an empty file, open for writing and seeking; None keeps nothing.
        :param progress: called with the number of bytes of each piece; a negative number when the transfer
            starts again.
        :param hosts: origins that redirects may lead to; None allows every public https host.
        :raises BadInput, OutsideError: as :meth:`get`.
        """
        end = Deadline(deadline)
        sha256 = hashlib.sha256()
        size = 0
        version: str | None = None
        for number in range(1, TRIES + 1):
            wanted = {"Range": f"bytes={size}-", "If-Range": version} if size and version else {}
            try:
                with self._answered(url, "application/octet-stream, */*", end, wanted, limit, hosts) as body:
                    if body.status == 206 and not wanted:
                        raise OutsideError("sends a part that nobody asked for", file=shown(url))
                    if not (wanted and _continues(body, size)):
                        if progress is not None and size:
                            progress(-size)
                        sha256, size = hashlib.sha256(), 0
                        if into is not None:
                            into.seek(0)
                            into.truncate()
                        version = _strong(body.headers)
                    for chunk in body:
                        if size + len(chunk) > limit:
                            raise OutsideError(
                                f"is longer than the {limit} bytes that are read", file=shown(url)
                            )
                        sha256.update(chunk)
                        size += len(chunk)
                        if into is not None:
                            into.write(chunk)
                        if progress is not None:
                            progress(len(chunk))
                    return Downloaded(url, sha256.hexdigest(), size, body.url)
            except OutsideError as error:
                if error.kind != "broken-off" or number == TRIES or not self._wait(_backoff(number), end):
                    raise
        raise AssertionError("unreachable")

    @contextmanager
    def stream(
        self,
        url: str,
        *,
        accept: str = "*/*",
        limit: int = MAX_DOWNLOAD,
        deadline: float = DOWNLOAD_DEADLINE,
        headers: Mapping[str, str] | None = None,
        hosts: Collection[str] | None = None,
    ) -> Iterator[Body]:
        """The body of an answer, to be read piece by piece (``tarfile.open(fileobj=body, mode="r|gz")``).

        :param hosts: origins that redirects may lead to; None allows every public https host.
        :raises BadInput, OutsideError: as :meth:`get`.
        """
        with self._answered(url, accept, Deadline(deadline), headers or {}, limit, hosts) as body:
            yield body

    def redirect(self, url: str, *, deadline: float = 20.0) -> str | None:
        """Where an address is redirected to, without going there; None where it is not, or where nobody answers."""
        try:
            answer = self._tried(url, {"Accept": "*/*"}, Deadline(deadline), followed=False)
        except (BadInput, OutsideError):
            return None
        with answer:
            if answer.status not in _MOVED:
                return None
            try:
                return checked(urllib.parse.urljoin(url, answer.headers.get("Location", ""))).geturl()
            except (ValueError, BadInput):
                return None

    @contextmanager
    def _answered(
        self,
        url: str,
        accept: str,
        end: Deadline,
        headers: Mapping[str, str],
        limit: int,
        hosts: Collection[str] | None,
    ) -> Iterator[Body]:
        wanted = {"Accept": accept, **headers}
        here = url
        for _ in range(_REDIRECTS + 1):
            answer = self._tried(here, wanted, end, followed=here is not url)
            try:
                if answer.status not in _MOVED:
                    yield Body(answer, here, _headers(answer), limit)
                    return
                here = self._following(here, answer, hosts)
            finally:
                answer.close()
        raise OutsideError(f"is redirected more than {_REDIRECTS} times", file=shown(url))

    def _following(self, url: str, answer: http.client.HTTPResponse, hosts: Collection[str] | None) -> str:
        """Where a redirect leads: never from https to http, nor to a host of this machine that nobody named."""
        told = answer.headers.get("Location", "")
        try:
            target = urllib.parse.urljoin(url, urllib.parse.quote(told, safe="/%:=&?~#+!$,;'@()*[]"))
            parts = checked(target)
        except (ValueError, BadInput):
            raise OutsideError("is redirected to what is not a web address", file=shown(url)) from None
        old = urllib.parse.urlsplit(url)
        if old.scheme == "https" and parts.scheme != "https":
            raise OutsideError("is redirected to an address that is not https", file=shown(url))
        if hosts is not None and origin(target) not in {*hosts, origin(url)}:
            raise OutsideError(
                f"is redirected to {origin(target)}, which is not a host that this comes from",
                file=shown(url),
                kind="address",
            )
        if origin(target) in self.named and origin(url) not in self.named:
            raise OutsideError(
                f"is redirected to {origin(target)}, which is not a public host",
                file=shown(url),
                kind="address",
            )
        return target

    def _tried(
        self, url: str, headers: Mapping[str, str], end: Deadline, *, followed: bool
    ) -> http.client.HTTPResponse:
        """The answer to one address, 2xx, 3xx or 304, after as many tries as it takes."""
        parts = checked(url)
        host = parts.hostname or ""
        if self.offline and not is_loopback(host):
            raise OutsideError(
                "is on the network, and --offline was asked for", file=shown(url), kind="offline"
            )
        for number in range(1, TRIES + 1):
            wait = None
            try:
                answer = self._asked(parts, url, headers, end)
                if answer.status < 400:
                    return answer
                answer.close()
                failure: BadInput | OutsideError = _refused(url, answer)
                if answer.status not in _PASSING and not _limited(answer):
                    raise failure
                wait = waits.asked(_headers(answer))
            except NotPublic as error:
                said = f"{error}, and nobody named it" if followed else f"{error}; it was not connected to"
                raise OutsideError(said, file=shown(url), kind="address") from None
            except (http.client.HTTPException, OSError, ValueError) as error:
                failure = OutsideError(
                    f"cannot be reached: {_reason(error)}", file=shown(url), retry=True, kind="network"
                )
                if isinstance(error, (ssl.SSLCertVerificationError, socket.gaierror, Late)):
                    raise failure from None  # trying again would give the same answer
            if number == TRIES or not self._wait(_backoff(number) if wait is None else wait, end):
                raise failure from None
        raise AssertionError("unreachable")

    def _wait(self, seconds: float, end: Deadline) -> bool:
        """Wait before the next try; false, and no wait, where the deadline or the command's bound forbids it."""
        if not end.allows(seconds) or not self.waits.take(seconds):
            return False
        self.pause(seconds)
        return True

    def _asked(
        self, parts: urllib.parse.SplitResult, url: str, headers: Mapping[str, str], end: Deadline
    ) -> http.client.HTTPResponse:
        """One request to one server, directly or through the system's proxy."""
        host = parts.hostname or ""
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        context = ssl.create_default_context() if secure else None
        target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        sent = {
            "User-Agent": f"contrib/{__version__}",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        }
        token = self.tokens.get(origin(url))
        if token and (secure or is_loopback(host)):
            sent["Authorization"] = f"Bearer {token}"
        proxy = _proxy(parts)
        if proxy is None:
            connection = Connection(host, port, end, context=context, private=origin(url) in self.named)
        else:
            if not _is_public(host) and origin(url) not in self.named:
                raise NotPublic(f"{host} is on this machine or in a private network")
            connection = Connection(
                proxy.hostname or "", proxy.port or 80, end, context=context, private=True
            )
            credentials = _proxy_credentials(proxy)
            if secure:
                connection.set_tunnel(host, port, headers=credentials)
            else:
                target = urllib.parse.urlunsplit(parts._replace(fragment=""))
                sent |= credentials
        try:
            connection.request("GET", target, headers=sent)
            answer = connection.getresponse()
            if connection.sock is not None:
                # The server keeps the connection open although it was asked not to: it ends with the answer.
                connection.sock.close()
            return answer
        except BaseException:
            connection.close()
            raise


def _is_public(host: str) -> bool:
    """Whether a host is public as far as its text says: what the proxy finds for it is not known."""
    return is_public(host) or has_a_public_name(host)


def _proxy(parts: urllib.parse.SplitResult) -> urllib.parse.SplitResult | None:
    """The proxy for an address; None for a direct connection, as to this machine's own addresses."""
    host = parts.hostname or ""
    if is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    found = urllib.request.getproxies()
    told = found.get(parts.scheme) or found.get("all")
    if not told:
        return None
    try:
        proxy = urllib.parse.urlsplit(told if "://" in told else f"http://{told}")
        valid = proxy.scheme == "http" and bool(proxy.hostname) and proxy.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise OutsideError(
            "the proxy of the system is not an http:// address",
            file=shown(told),
            hint=f"see the variable {parts.scheme}_proxy",
            kind="proxy",
        )
    return proxy


def _proxy_credentials(proxy: urllib.parse.SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    user = urllib.parse.unquote(proxy.username)
    password = urllib.parse.unquote(proxy.password or "")
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return {"Proxy-Authorization": f"Basic {encoded}"}


def _headers(answer: http.client.HTTPResponse) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in answer.headers.items():
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else str(value)
    return found


def _length(headers: Mapping[str, str], url: str) -> int | None:
    """Bytes that the server announces.

    :raises OutsideError: it announces what is not a length.
    """
    told = headers.get("content-length")
    if told is None or "chunked" in headers.get("transfer-encoding", "").lower():
        return None
    if re.fullmatch(r"[0-9]{1,15}", told) is None:
        raise OutsideError("the server announces a length that is not one", file=shown(url))
    return int(told)


def _strong(headers: Mapping[str, str]) -> str | None:
    """What ``If-Range`` takes: a strong ETag. (A date is too coarse: a file may change twice in a second.)"""
    etag = headers.get("etag", "")
    return etag if re.fullmatch(r'"[\x21\x23-\x7e]*"', etag) else None


def _continues(body: Body, size: int) -> bool:
    """Whether the answer is the rest, from byte ``size``."""
    return body.status == 206 and body.headers.get("content-range", "").startswith(f"bytes {size}-")


def _limited(answer: http.client.HTTPResponse) -> bool:
    """GitHub answers 403 for its rate limits."""
    return answer.status == 403 and (
        answer.headers.get("X-RateLimit-Remaining") == "0" or "Retry-After" in answer.headers
    )


def _backoff(number: int) -> float:
    return float(2 ** (number - 1)) * (0.5 + random.random() / 2)  # noqa: S311 (not for secrets)


def _refused(url: str, answer: http.client.HTTPResponse) -> BadInput | OutsideError:
    where = shown(url)
    status = answer.status
    if status in (404, 410):
        return BadInput("there is nothing at this address", file=where)
    wait = waits.asked(_headers(answer))
    if _limited(answer) or status == 429:
        return OutsideError(
            f"the server's limit of requests is reached (HTTP {status})",
            file=where,
            hint=f"try again {waits.when(wait)}, or with a token (GH_TOKEN), which has a higher limit",
            kind="rate-limit",
        )
    if status == 401:
        return Unauthorized(where, answer.headers.get("WWW-Authenticate", "")[:2000])
    if status == 403:
        return OutsideError(f"access is refused (HTTP {status})", file=where)
    hint = f"try again {waits.when(wait)}" if wait is not None else None
    return OutsideError(f"the server answers HTTP {status}", file=where, retry=status in _PASSING, hint=hint)


@contextmanager
def _breaking_off(url: str) -> Iterator[None]:
    try:
        yield
    except Late as error:
        raise OutsideError(
            f"takes too long: {error}", file=shown(url), retry=True, kind="deadline"
        ) from error
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise OutsideError(
            f"broke off: {_reason(error)}", file=shown(url), retry=True, kind="broken-off"
        ) from error


def _reason(error: BaseException) -> str:
    if isinstance(error, Late):
        return str(error)
    if isinstance(error, TimeoutError):
        return f"no answer within {IDLE_TIMEOUT:.0f} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, socket.gaierror):
        return "the host's name is not known here (no network?)"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error) or type(error).__name__
    return re.sub(r"[^\x21-\x7e]+", " ", text)[:200]
