from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from contrib.releases import Release, Version, verify
from contrib.releases.model import Checksum
from contrib.values.errors import BadInput, OutsideError

A, B = "a" * 64, "b" * 64


@dataclass
class Found:
    sha256: str


class Client:
    def __init__(self, sha256: str) -> None:
        self.sha256 = sha256
        self.asked: list[str] = []

    def digest(self, url: str, *, progress: Callable[[int], None] | None = None) -> Found:
        self.asked.append(url)
        return Found(self.sha256)


def release(*checksums: Checksum, absent: tuple[str, ...] = (), missing: str = "") -> Release:
    return Release(
        Version.parse("7.2.9"), "https://github.com/x.zip", "x.zip", None, False, checksums, absent, missing
    )


DIGEST, TEXT = Checksum("asset digest", "sha256", A), Checksum("release text", "sha256", A)


def test_all_agree() -> None:
    found = verify(release(DIGEST, TEXT), Client(A))
    assert found.sha256 == A and found.agreeing == ("asset digest", "release text", "own download")
    assert found.sentence == "sha256 of asset digest, release text and own download agree"


def test_absent_ones_are_said() -> None:
    found = verify(release(DIGEST, absent=("release text",)), None, why_not="own download (--no-download)")
    assert found.sentence == "sha256 of asset digest; not there: release text, own download (--no-download)"


@pytest.mark.parametrize(
    ("checksums", "client"),
    [
        ((DIGEST, replace(TEXT, digest=B)), None),
        ((DIGEST,), Client(B)),
        ((TEXT, replace(TEXT, digest=B)), None),
    ],
)
def test_one_that_differs_ends_it(checksums: tuple[Checksum, ...], client: Client | None) -> None:
    with pytest.raises(OutsideError) as caught:
        verify(release(*checksums), client)
    assert caught.value.kind == "checksum" and A in caught.value.message and B in caught.value.message


def test_nothing_to_go_by() -> None:
    with pytest.raises(BadInput, match="nothing gives the sha256"):
        verify(release(Checksum("list", "sha1", "c" * 40), absent=("asset digest",)), None)
    assert verify(release(), Client(B)).sha256 == B


def test_an_unusable_release() -> None:
    with pytest.raises(BadInput, match="no archive"):
        verify(release(missing="its release has no archive x.zip"), Client(A))


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x.zip",
        "https://evil.example/x.zip",
        "https://github.com/x.zip?",
        "https://github.com/X.zip",
    ],
)
def test_only_the_address_that_is_written_down_is_downloaded(address: str) -> None:
    client = Client(A)
    with pytest.raises(BadInput, match="nothing was downloaded"):
        verify(replace(release(DIGEST), download=address), client)
    assert client.asked == []
