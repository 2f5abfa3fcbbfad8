from __future__ import annotations

import pytest

from contrib.clients.addresses import checked, is_public, origin
from contrib.values.errors import BadInput

PRIVATE = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2001:db8::1",
    # IPv4 wrapped in IPv6's old ways, and what IPv6 gives to no host of the Internet
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "::5efe:127.0.0.1",
    "64:ff9b:1::7f00:1",
    "fec0::1",
    "3fff::1",
    "4000::1",
    "192.88.99.1",
    "localhost",
    "example.org",
    "2130706433",
    "0x7f.1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["140.82.112.3", "2606:4700::6810:84e5", "::ffff:140.82.112.3", "64:ff9b::8c52:7003"]
)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://GitHub.com/x", "github.com"),
        ("https://github.com:443/x", "github.com"),
        ("http://github.com:443/x", "github.com:443"),
        ("http://[::1]:8080/", "[::1]:8080"),
        ("https://me@github.com/x", "github.com"),
    ],
)
def test_origin(url: str, expected: str) -> None:
    assert origin(url) == expected


@pytest.mark.parametrize(
    "host",
    ["github.com\\.evil.example", "github.com%2eevil.example", "github.com%00.evil.example", "github.com;x", "github.com|x", "$(id)", "`id`",
     "a'b", 'a"b', "a<b", "[v1.x]", "[::1", "-x", "a b", "ⓖithub.com", "github。com", "me@github.com", "github.com:0", "github.com:99999", ""],
)  # fmt: skip
def test_a_host_that_programs_read_differently(host: str) -> None:
    with pytest.raises(BadInput):
        checked(f"https://{host}/x")


@pytest.mark.parametrize(
    "host", ["github.com", "xn--e1afmkfd.example", "a_b.example", "[::1]", "127.0.0.1:8080", "localhost"]
)
def test_a_host_that_may_be_opened(host: str) -> None:
    assert checked(f"https://{host}/x").path == "/x"
