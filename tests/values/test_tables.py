"""TOML of an image's folder that is none."""

from __future__ import annotations

import pytest

from contrib.values.errors import BadInput
from contrib.values.tables import MAX_BYTES, decode


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"a = 1\nb = [\n", "is not TOML", None),
        (b"a = 1\nb = \xff\n", "is not UTF-8 text", 2),
        (b"a = 1\n\nb = \x00\n", "is not TOML", 3),
        (b"a = " + b"[" * 50_000, "is nested too deeply", None),
        (b"a = " + b"9" * 50_000, "is not TOML: a number is too long", None),
        (b"#" * (MAX_BYTES + 1), "is larger than", None),
    ],
)
def test_what_is_no_table(data: bytes, message: str, line: int | None) -> None:
    with pytest.raises(BadInput, match=message) as raised:
        decode(data, "image.toml")
    assert raised.value.file == "image.toml"
    if line is not None:
        assert raised.value.line == line
