"""An archive that is damaged is an error of ours that names it, whatever Python's readers raise for it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from contrib.binaries.archives import Walk
from contrib.clients.actions import unpacked
from contrib.releases.archives import look_at
from contrib.values.errors import ContribError


def _walk(data: bytes, scratch: Path) -> None:
    (scratch / "a.zip").write_bytes(data)
    Walk(lambda member: None, scratch).path(scratch / "a.zip", "a.zip")


READERS: dict[str, Callable[[bytes, Path], object]] = {
    "binaries": _walk,
    "runs": lambda data, scratch: list(unpacked(data, "a.zip", 1000)),
    "releases": lambda data, scratch: look_at(io.BytesIO(data), "a.zip", len(data), None, "redis", "a.zip"),
}


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.exe", b"MZ" * 200)
    return out.getvalue()


def _patched(offset: int, value: bytes) -> bytes:
    """With other bytes in the central directory's header."""
    data = bytearray(_zip())
    at = data.index(b"PK\x01\x02") + offset
    data[at : at + len(value)] = value
    return bytes(data)


DAMAGED = {
    "a name of no length": _patched(28, b"\0\0\0\0\5\0"),  # the name's five bytes are the comment's
    "another method": _patched(10, b"\x63\0"),
    "locked": _patched(8, b"\1\0"),
    "another size": _patched(20, b"\xff\xff\xff\x7f"),
    "another place": _patched(42, b"\xff\xff\xff\x7f"),
    "cut": _zip()[:-30],
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_zip(reader: str, damage: str, tmp_path: Path) -> None:
    # Names alone are looked at in a release's archive, and some damage shows only there: a result is as good.
    with suppress(ContribError):
        READERS[reader](DAMAGED[damage], tmp_path)
