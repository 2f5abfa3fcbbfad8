"""The text of a rehearsal, which stands in the person's own fork: nobody upstream hears of it."""

from __future__ import annotations

import pytest

from contrib.pulls.rehearse import _silent


@pytest.mark.parametrize(
    ("text", "silent"),
    [
        ("cc @one @two", "cc `@one` `@two`"),
        ("(@org/team)", "(`@org/team`)"),
        ("after docker-library/redis#7", "after `docker-library/redis#7`"),
        ("o/r@0123456 is it", "`o/r@0123456` is it"),
        ("see [`abc`](https://github.com/o/r/commit/abc123) there", "see `abc` there"),
        ("[words](https://github.com/o/r/issues/5#x)", "`words`"),
        ("https://github.com/o/r/pull/5 and https://example.org/", "`https://github.com/o/r/pull/5` and https://example.org/"),
        ("`a @b` and ``c` @d``", "`a @b` and ``c` @d``"),
        ("<!-- contrib: opening @x -->", "<!-- contrib: opening @x -->"),
        ("a@b.example", "a@b.example"),
    ],
)  # fmt: skip
def test_a_rehearsal_calls_nobody(text: str, silent: str) -> None:
    assert _silent(text) == silent
