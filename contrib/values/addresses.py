"""The addresses of git repositories that data may name: one judgement for rules, and for what opens them.

A ``GitRepo`` is written by whoever sent the library file. What is not a public https repository on a host that
official images use is reported on its line and never opened. A GitHub that a person named (``--github-url``) is
theirs to choose, with the repositories below its address.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

#: Where repositories of official images are (official-images at 37079fb336, and gitlab.com, which had some).
HOSTS = frozenset({"github.com", "gitlab.com", "gitlab.archlinux.org", "git.launchpad.net"})
#: Top-level names that no public host has (RFC 2606, RFC 6761, RFC 6762, RFC 9476, ICANN's for private use).
_PRIVATE = frozenset(
    {"localhost", "local", "internal", "lan", "home", "corp", "intranet", "invalid", "onion", "alt"}
)


def unfit(url: str, *, named: str = "") -> str:
    """Why nobody's builder can open an address of a repository that stands in a file; "" where it can.

    It must be https, on a public host that has a name, without user, port, query or fragment.

    :param named: web address of a GitHub that a person named; what is below it is fit.

    >>> unfit("https://github.com/docker-library/redis.git")
    ''
    >>> unfit("http://127.0.0.1:8080/o/r.git")
    'it is not an https address'
    >>> unfit("http://127.0.0.1:8080/o/r.git", named="http://127.0.0.1:8080")
    ''
    """
    if named and _below(url, named):
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it is not a web address"
    if parts.scheme != "https" or not url.startswith("https://"):
        return "it is not an https address"
    if any(ord(char) <= 32 or ord(char) >= 127 or char == "\\" for char in url):
        return "it has characters that no web address has"
    if parts.username is not None or parts.password is not None:
        return "it has a user name in it"
    if port is not None or parts.netloc.endswith(":"):
        return "it names a port"
    if parts.query or parts.fragment or "?" in url or "#" in url:
        return "it has a query or a fragment"
    if "%" in parts.path or any(part in (".", "..") for part in parts.path.split("/")):
        return "its path is not that of a repository"
    host = parts.hostname or ""
    if "[" in parts.netloc or not has_a_public_name(host):
        return "its host is not a public one"
    return ""


def foreign(url: str, *, named: str = "", hosts: Collection[str] = HOSTS) -> str:
    """Why an address of a repository that stands in a file is not opened; "" where it may be.

    :param hosts: those that official images use. :param named: see :func:`unfit`.

    >>> foreign("https://github.com/docker-library/redis.git")
    ''
    """
    why = unfit(url, named=named)
    if why or (named and _below(url, named)) or (urlsplit(url).hostname or "") in hosts:
        return why
    return f"its host is not one of {', '.join(sorted(hosts))}"


def _below(url: str, named: str) -> bool:
    """Whether an address is ``NAMED/OWNER/NAME``, with nothing in it that leads elsewhere."""
    start = named.rstrip("/") + "/"
    rest = url[len(start) :]
    plain = all(char.isascii() and (char.isalnum() or char in "-._/") for char in rest)
    return url.startswith(start) and plain and ".." not in rest and rest.count("/") == 1


def has_a_public_name(host: str) -> bool:
    """Whether a host is named as a public one: not by an IP address in any spelling, not by a local name."""
    labels = host.split(".")
    last = labels[-1]
    # Letters, digits, hyphens (RFC 1123): what else a parser lets pass, another one reads differently.
    if any(not char.isascii() or not (char.isalnum() or char in "-.") for char in host):
        return False
    # A last label that begins with a digit is an IPv4 address to what opens it: 0x7f.1, 2130706433, 127.1.
    named = len(labels) > 1 and all(label.strip("-") == label != "" for label in labels)
    return named and not last[0].isdigit() and last not in _PRIVATE
