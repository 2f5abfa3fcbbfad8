"""Which addresses may be connected to.

An address that a person wrote (an option, ``image.toml``) is theirs to choose. One that arrived in data (a
release list, a redirect, a library file, ``FROM``) may lead to a public host only: a request to this machine or
to a private network would make the program a messenger for whoever wrote the data. Which repositories a library
file may name is judged in :mod:`contrib.values.addresses`.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from contrib.values.errors import BadInput

#: RFC 6052's well-known prefix: the last four bytes are an IPv4 address.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: All that IPv6 gives to hosts of the Internet (RFC 4291); the rest is reserved, local, or wraps IPv4 in old ways.
_GLOBAL = ipaddress.ip_network("2000::/3")
#: Not in Python's lists, or not in those of old versions: RFC 9637 (documentation), RFC 7526 (6to4's relays).
_NEITHER = (ipaddress.ip_network("3fff::/20"), ipaddress.ip_network("192.88.99.0/24"))
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine by definition (``localhost``, 127.0.0.0/8, ``::1``).

    No other name counts, whatever it resolves to.
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public Internet.

    False for loopback, link-local, private, shared (RFC 6598), multicast and reserved ranges, also when IPv6
    wraps one of them (mapped, 6to4, Teredo, NAT64), and for text that is not an IP address.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None and not is_public(str(inner)):
            return False
        if found.ipv4_mapped is not None or found in _NAT64:
            return True
        if found not in _GLOBAL:
            return False
    if any(found in network for network in _NEITHER if network.version == found.version):
        return False
    return found.is_global and not found.is_multicast


def origin(url: str) -> str:
    """``host`` or ``host:port`` in lower case, without the scheme's own port and without a user name.

    Two addresses with the same scheme and the same origin reach the same server (RFC 6454).

    :raises BadInput: it is not an address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadInput("is not a web address", file=shown(url)) from None
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    if port is None or (parts.scheme, port) in (("https", 443), ("http", 80)):
        return host
    return f"{host}:{port}"


def checked(url: str) -> SplitResult:
    """The parts of a web address that may be opened at all.

    :raises BadInput: not ``http`` or ``https``, a user name or password in it, or characters that a web address
        does not have.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadInput("is not a web address", file=shown(url)) from None
    if any(ord(char) <= 32 or ord(char) >= 127 for char in url):
        raise BadInput("has characters that no web address has", file=shown(url))
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise BadInput("is not a web address (https://…)", file=shown(url))
    fits = _is_literal(parts.hostname) if "[" in parts.netloc else _HOST.fullmatch(parts.hostname)
    if not fits:
        raise BadInput("names a host that cannot be one", file=shown(url))
    if parts.username is not None or parts.password is not None:
        raise BadInput(
            "has a user name or password in it, which would be shown in logs",
            file=shown(url),
            hint="tokens are read from GH_TOKEN or --token-file",
        )
    return parts


def _is_literal(host: str) -> bool:
    """Whether what stands in brackets is an IPv6 address."""
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


def shown(url: str) -> str:
    """The address without what may be secret (user, password, query), on one line, at most 300 characters."""
    plain = re.sub(r"://[^/@?#]*@", "://", url[:2000])
    plain = re.split(r"[?#]", plain)[0]
    return "".join(char if 32 < ord(char) < 127 else "?" for char in plain)[:300]
