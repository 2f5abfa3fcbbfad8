from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrib.values.visible import MARKS, harmless, line, paint, passed, quoted, shown, visible

#: What a terminal would obey, or hide, or turn round.
STEERING = [
    "\x1b[2J", "\x1b]0;title\x07", "\x1b[8mhidden", "\x1b[31mred", "\x1b[0m", "\x9b2J", "\x07", "\x08", "\r", "\x0b", "\x0c",
    "\x7f", "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "\x1bPq", "\x1b_x\x1b\\", "\u202e", "\u2066", "\u200b",
    "\u200f", "\u2028", "\u2029", "\x85", "\ufeff", "\u00ad", "\u2060", "\U000e0041", "\u3164", "\u115f", "\u2800", "\udcff",
    "\ufe00", "\ufe0f", "\U000e0100", "\u180b", "\u180f", "\U0001d159", "\U00016fe4", "\u17b4", "\ufffe", "\ue000", "\xa0", "\u061c",
]  # fmt: skip


@pytest.mark.parametrize("steering", STEERING)
def test_nothing_steers_a_terminal(steering: str) -> None:
    for write in (visible, line, shown, quoted):
        written = write(f"a{steering}b")
        assert written.isprintable() and written.isascii(), ascii(written)


def test_what_belongs_to_what_is_seen_stays() -> None:
    for text in ("❤\ufe0f", "Ångström", "e\u0301", "ế", "𠜎"):
        assert visible(text) == text
    # Marks without end cover the lines around; a selector after a selector is not seen.
    assert visible("a" + "\u0301" * 9) == "a" + "\u0301" * MARKS + "\\u0301" * (9 - MARKS)
    assert visible("❤\ufe0f\ufe0f") == "❤\ufe0f\\ufe0f"


def test_lines_and_tabs_stay_where_a_text_has_several() -> None:
    assert visible("a\n\tb") == "a\n\tb" and line("a\n\tb") == "a\\n\\tb"


def test_colours_are_ours_alone() -> None:
    ours = paint("x \x1b[8m \x1b[1;31m y", "31") + "\x1b[0m"
    assert shown(ours) == "\x1b[31mx \\x1b[8m \\x1b[1;31m y\x1b[0m\\x1b[0m"
    assert shown(ours, color=False) == "x \\x1b[8m \\x1b[1;31m y\\x1b[0m"
    assert passed(paint("x", "31")) == "x" and passed(paint("x", "31"), color=True) == "\x1b[31mx\x1b[0m"


@given(st.text())
def test_any_text(text: str) -> None:
    assert line(text).isprintable() and line(quoted(text)) == quoted(text)


@pytest.mark.parametrize(
    "text",
    [
        "::error::x",
        "  ::error::x",
        "a\n::set-output name=x::y",
        "a\n\t ::stop-commands::t",
        "a\r::error::x",
        "a\r \u3000::error::x",
        "\ufeff::error::x",
        "\xa0::error::x",
        "##[error]x",
        "a ##[add-mask]x",
    ],
)
def test_no_line_is_a_command_of_actions(text: str) -> None:
    for written in harmless(text).splitlines():
        assert not written.strip("\ufeff").strip().startswith("::") and "##[" not in written


def test_lines_without_end_cost_in_proportion() -> None:
    start = time.process_time()
    harmless("\n \r" * 100_000 + "x::")
    assert time.process_time() - start < 2


def test_json_stays_the_same_value() -> None:
    value = {"a": "##[error]x", "b": "::error::"}
    assert json.loads(harmless(json.dumps(value, indent=1))) == value


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a b.txt", "a b.txt"),
        ("a\n::error file=x::forged", '"a\\n::error file=x::forged"'),
        ("::error::x", '"::error::x"'),
        (' a"b', '" a\\"b"'),
        ("", '""'),
        ("a\u2028b", '"a\\u2028b"'),
    ],
)
def test_a_name(name: str, written: str) -> None:
    assert quoted(name) == written
