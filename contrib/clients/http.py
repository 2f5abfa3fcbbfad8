"""HTTP, read: the one place that opens web addresses.

Over :mod:`urllib`, which takes proxies and certificates from the system as other programs there do. Every
request has a time-out, a deadline and a size limit; what may pass is tried again; no message, log line or
redirect ever carries a secret.
"""

from __future__ import annotations

import email.utils
import hashlib
import http.client
import random
import re
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from contrib import __version__
from contrib.values.errors import BadInput, OutsideError

#: Seconds without a byte before a request is given up.
IDLE_TIMEOUT = 30.0
#: Seconds for a whole document, and for a whole archive.
DEADLINE = 120.0
DOWNLOAD_DEADLINE = 1800.0
#: Bytes of the largest document, and of the largest archive.
MAX_DOCUMENT = 64 * 1024 * 1024
MAX_DOWNLOAD = 2 * 1024 * 1024 * 1024
#: How often a request is made at most, and the longest wait between two.
TRIES = 4
MAX_WAIT = 30.0

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = 5
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Response:
    """A document.

    :param url: where it came from in the end, redirects followed. :param headers: names in lower case.
    """

    url: str
    content: bytes
    headers: Mapping[str, str]

    @property
    def next_page(self) -> str | None:
        """The address of the next page (``Link: <…>; rel="next"``), None when this is the last one."""
        for part in self.headers.get("link", "").split(","):
            found = re.fullmatch(r'\s*<([^<>]+)>\s*;(?:.*;)?\s*rel="?next"?\s*(?:;.*)?', part)
            if found:
                return str(urllib.parse.urljoin(self.url, found.group(1)))
        return None


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What was learnt of an archive by downloading it."""

    url: str
    sha256: str
    size: int


@dataclass(slots=True)
class Http:
    """A client.

    :param tokens: host to bearer token; sent to that host over https (or to loopback) only.
    :param offline: true refuses every address that is not on this machine.
    :param pause: waits between two tries, in seconds; replaced in tests.
    """

    tokens: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False
    pause: Callable[[float], None] = time.sleep

    def get(
        self, url: str, *, accept: str = "*/*", limit: int = MAX_DOCUMENT, deadline: float = DEADLINE
    ) -> Response:
        """A document.

        :raises BadInput: the address is none, or there is nothing (404, 410).
        :raises OutsideError: the network, the server, the size or the time stood in the way.
        """
        parts: list[bytes] = []
        with self._opened(url, accept, deadline) as (response, end):
            parts.extend(_chunks(response, url, limit, end))
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Response(response.geturl(), b"".join(parts), headers)

    def pages(self, url: str, *, accept: str = "*/*", most: int = 100) -> Iterator[Response]:
        """A document and the pages that follow it.

        :raises OutsideError: there are more than ``most``, or a page leads to another host or back.
        """
        host = _host(url)
        seen: set[str] = set()
        following: str | None = url
        while following is not None:
            if len(seen) >= most or following in seen or _host(following) != host:
                raise OutsideError(
                    f"the pages of this address do not end after {len(seen)}", file=_shown(url)
                )
            seen.add(following)
            response = self.get(following, accept=accept)
            yield response
            following = response.next_page

    def digest(
        self, url: str, *, limit: int = MAX_DOWNLOAD, progress: Callable[[int], None] | None = None
    ) -> Downloaded:
        """Downloads an archive for its digest; nothing is kept.

        :param progress: called with the number of bytes of each piece.
        """
        sha256 = hashlib.sha256()
        size = 0
        with self._opened(url, "application/octet-stream, */*", DOWNLOAD_DEADLINE) as (response, end):
            for chunk in _chunks(response, url, limit, end):
                sha256.update(chunk)
                size += len(chunk)
                if progress is not None:
                    progress(len(chunk))
        return Downloaded(url, sha256.hexdigest(), size)

    @contextmanager
    def _opened(self, url: str, accept: str, deadline: float) -> Iterator[tuple[Any, float]]:
        checked = _checked(url)
        if self.offline and not _is_loopback(checked.hostname or ""):
            raise OutsideError(
                "is on the network, and --offline was asked for", file=_shown(url), kind="offline"
            )
        end = time.monotonic() + deadline
        response = self._open(url, accept, end)
        try:
            yield response, end
        except (http.client.HTTPException, OSError) as error:
            raise OutsideError(f"broke off: {_reason(error)}", file=_shown(url), retry=True) from error
        finally:
            response.close()

    def _open(self, url: str, accept: str, end: float) -> Any:
        handlers: list[urllib.request.BaseHandler] = [_Redirects(self.tokens)]
        if _is_loopback(urllib.parse.urlsplit(url).hostname or ""):
            handlers.append(urllib.request.ProxyHandler({}))  # no proxy reaches this machine's own addresses
        opener = urllib.request.build_opener(*handlers)
        headers = {"User-Agent": f"contrib/{__version__}", "Accept": accept, "Accept-Encoding": "identity"}
        for number in range(1, TRIES + 1):
            request = urllib.request.Request(url, headers=headers)  # noqa: S310 (the scheme is checked)
            _authorize(request, self.tokens)
            try:
                return opener.open(request, timeout=IDLE_TIMEOUT)
            except urllib.error.HTTPError as error:
                error.close()
                if error.code not in _PASSING and not _limited(error):
                    raise _refused(url, error) from None
                wait = _asked_wait(error) or _backoff(number)
                failure = _refused(url, error)
            except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
                inner = error.reason if isinstance(error, urllib.error.URLError) else error
                failure = OutsideError(f"cannot be reached: {_reason(inner)}", file=_shown(url), retry=True)
                if isinstance(inner, (ssl.SSLCertVerificationError, socket.gaierror)):
                    raise failure from None  # trying again would give the same answer
                wait = _backoff(number)
            if number == TRIES or wait > MAX_WAIT or time.monotonic() + wait > end:
                raise failure from None
            self.pause(wait)
        raise AssertionError("unreachable")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects; never from https to http, never with a token to another host."""

    max_redirections = _REDIRECTS
    max_repeats = 2

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._tokens = tokens

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        old, new = urllib.parse.urlsplit(req.full_url), urllib.parse.urlsplit(newurl)
        if new.scheme not in ("http", "https") or (old.scheme == "https" and new.scheme != "https"):
            raise OutsideError("is redirected to an address that is not https", file=_shown(req.full_url))
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None:
            # The token was an "unredirected" header, which is not carried over; the new host may have its own.
            _authorize(following, self._tokens)
        return following


def _authorize(request: urllib.request.Request, tokens: Mapping[str, str]) -> None:
    parts = urllib.parse.urlsplit(request.full_url)
    token = tokens.get(parts.netloc.rpartition("@")[2].lower())
    if token and (parts.scheme == "https" or _is_loopback(parts.hostname or "")):
        request.add_unredirected_header("Authorization", f"Bearer {token}")


def _checked(url: str) -> urllib.parse.SplitResult:
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadInput("is not a web address", file=_shown(url)) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise BadInput("is not a web address (https://…)", file=_shown(url))
    if any(ord(char) <= 32 or ord(char) >= 127 for char in url):
        raise BadInput("has characters that no web address has", file=_shown(url))
    if parts.username is not None or parts.password is not None:
        raise BadInput(
            "has a user name or password in it, which would be shown in logs",
            file=_shown(url),
            hint="tokens are read from GH_TOKEN or --token-file",
        )
    return parts


def _shown(url: str) -> str:
    """The address without what may be secret: user, password, query."""
    plain = re.sub(r"(?<=://)[^/@?#]*@", "", url)
    plain = re.split(r"[?#]", plain)[0]
    return "".join(char if 32 < ord(char) < 127 else "?" for char in plain)[:300]


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).netloc.lower()


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or re.fullmatch(r"127(?:\.\d{1,3}){3}", host) is not None


def _chunks(response: Any, url: str, limit: int, end: float) -> Iterator[bytes]:
    size = 0
    told = response.headers.get("Content-Length", "")
    expected = int(told) if told.isdigit() else None
    if expected is not None and expected > limit:
        raise OutsideError(f"is {expected} bytes, more than the {limit} that are read", file=_shown(url))
    while True:
        chunk = response.read(_CHUNK)
        if not chunk:
            break
        size += len(chunk)
        if size > limit:
            raise OutsideError(f"is longer than the {limit} bytes that are read", file=_shown(url))
        if time.monotonic() > end:
            raise OutsideError("takes too long", file=_shown(url), retry=True)
        yield chunk
    if expected is not None and size != expected:
        raise OutsideError(f"broke off after {size} of {expected} bytes", file=_shown(url), retry=True)


def _limited(error: urllib.error.HTTPError) -> bool:
    """GitHub answers 403 for its rate limits."""
    return error.code == 403 and (
        error.headers.get("X-RateLimit-Remaining") == "0" or "Retry-After" in error.headers
    )


def _asked_wait(error: urllib.error.HTTPError) -> float | None:
    """Seconds that the server asks for, None when it asks for none."""
    after = error.headers.get("Retry-After", "")
    if after.isdigit():
        return float(after)
    if after:
        try:
            return max(0.0, email.utils.parsedate_to_datetime(after).timestamp() - time.time())
        except (TypeError, ValueError):
            return None
    reset = error.headers.get("X-RateLimit-Reset", "")
    if reset.isdigit() and error.headers.get("X-RateLimit-Remaining") == "0":
        return max(0.0, float(reset) - time.time())
    return None


def _backoff(number: int) -> float:
    return float(2 ** (number - 1)) * (0.5 + random.random() / 2)  # noqa: S311 (not for secrets)


def _refused(url: str, error: urllib.error.HTTPError) -> BadInput | OutsideError:
    where = _shown(url)
    if error.code in (404, 410):
        return BadInput("there is nothing at this address", file=where)
    if _limited(error) or error.code == 429:
        wait = _asked_wait(error)
        when = f"in {max(1, round(wait / 60))} min" if wait else "later"
        return OutsideError(
            f"the server's limit of requests is reached (HTTP {error.code})",
            file=where,
            hint=f"try again {when}, or with a token (GH_TOKEN), which has a higher limit",
            kind="rate-limit",
        )
    if 300 <= error.code < 400:
        return OutsideError("is redirected round in a circle, or to an address that is not https", file=where)
    if error.code in (401, 403):
        return OutsideError(f"access is refused (HTTP {error.code})", file=where)
    return OutsideError(f"the server answers HTTP {error.code}", file=where, retry=error.code in _PASSING)


def _reason(error: object) -> str:
    if isinstance(error, (TimeoutError, socket.timeout)):
        return f"no answer within {IDLE_TIMEOUT:.0f} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, socket.gaierror):
        return "the host's name is not known here (no network?)"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error) or type(error).__name__
    return re.sub(r"\s+", " ", text)[:200]
