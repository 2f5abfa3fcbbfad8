"""Findings are broken into lines as the standard library would."""

from __future__ import annotations

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from contrib.report.findings import _wrapped

WORDS = st.lists(st.text("abc`-.…", min_size=1, max_size=9), max_size=30)


@given(WORDS, st.integers(16, 60))
def test_lines_are_those_of_textwrap(words: list[str], width: int) -> None:
    text = " ".join(words)
    indent = " " * 7
    expected = textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
    assert _wrapped(text, width) == expected


def test_a_word_that_is_longer_than_a_line_is_broken() -> None:
    assert _wrapped("of " + "x" * 12 + " y", 12) == [
        "       of",
        "       xxxxx",
        "       xxxxx",
        "       xx y",
    ]
    assert _wrapped("", 80) == [] and _wrapped("one", 3) == ["       o", "       n", "       e"]
