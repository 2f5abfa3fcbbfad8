"""The client over TLS, through the system's proxy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contrib.clients.http import Http
from contrib.values.errors import OutsideError
from tests.web import Web, web


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with web(tmp_path, monkeypatch) as found:
        yield found


def test_a_document_and_its_token(there: Web) -> None:
    there.pages["https://api.github.com/x"] = b"hello"
    assert Http(tokens={"api.github.com": "s3cret"}).get("https://api.github.com/x").content == b"hello"
    assert there.asked[0][1]["authorization"] == "Bearer s3cret"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/x",
        "https://api.github.com:8443/x",
        "https://github.com/x",
        "https://api.github.com.evil.example/x",
    ],
)
def test_a_token_does_not_follow_a_redirect_to_another_origin(there: Web, target: str) -> None:
    there.redirect("https://api.github.com/x", target)
    there.pages[target] = b"there"
    assert Http(tokens={"api.github.com": "s3cret"}).get("https://api.github.com/x").content == b"there"
    assert ["authorization" in headers for _, headers in there.asked] == [True, False]


def test_nor_to_plain_http(there: Web) -> None:
    there.redirect("https://api.github.com/x", "http://api.github.com/x")
    with pytest.raises(OutsideError, match="not https"):
        Http(tokens={"api.github.com": "s3cret"}).get("https://api.github.com/x")


def test_a_certificate_that_nobody_trusts(there: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(OutsideError, match="certificate is not trusted"):
        Http().get("https://api.github.com/x")


@pytest.mark.parametrize(
    "host",
    ["10.0.0.1", "127.1", "0x7f.1", "2130706433", "[::ffff:10.0.0.1]", "localhost.", "a.localhost", "printer", "nas.local", "db.internal"],
)  # fmt: skip
def test_a_private_address_is_not_asked_of_a_proxy_either(there: Web, host: str) -> None:
    with pytest.raises(OutsideError) as caught:
        Http().get(f"https://{host}/x")
    assert caught.value.kind == "address" and there.asked == []
