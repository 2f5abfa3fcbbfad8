"""The marker: written and read back, whatever the text, within GitHub's limit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contrib.pulls import marker
from contrib.pulls.marker import Marker
from contrib.pulls.sections import Section, joined

ONE = Marker(
    "redis", "A1", "a" * 40, "t" * 16, "petra", "petra/redis", "contrib/redis-windows", ("7.2",), ("x",), "s"
)


@given(
    st.text(max_size=300),
    st.text(max_size=30),
    st.booleans(),
    st.sampled_from([[], ["7.2"], ["7.2", "a--b"]]),
)
def test_it_comes_back(text: str, image: str, early: bool, series: list[str]) -> None:
    made = marker.made(replace(ONE, image=image, early=early, series=tuple(series)), text)
    written = marker.write(text, made)
    back, found = marker.read(written)
    assert found == made and marker.digest(back) == marker.digest(text)
    # GitHub gives CR LF where the web form was used
    again, still = marker.read(written.replace("\r\n", "\n").replace("\n", "\r\n"))
    assert still == found and marker.digest(again) == marker.digest(back)


@given(st.text())
@example("a\r\nb")
@example("<!-- contrib: {} --> and more")
def test_a_text_without_a_marker_is_given_back(text: str) -> None:
    assert marker.read(text) == (text.replace("\r\n", "\n"), None)


def test_words_below_the_marker_belong_to_the_text() -> None:
    text, found = marker.read(marker.write("ours", ONE) + "\n\nand theirs\n")
    assert text == "ours\n\nand theirs" and found == ONE


@pytest.mark.parametrize(
    "text",
    [
        "", "plain", "<!-- contrib: {} -->", "<!-- contrib: {nonsense} -->", "<!-- contrib: [] -->",
        '<!-- contrib: {"v": 3, "image": "x"} -->', '<!-- contrib: {"v": 1, "image": 1} -->',
        '<!-- contrib: {"v": 1, "image": "x", "key": "A", "head": 1, "title": "", "body": ""} -->',
        '<!-- contrib: {"v": 2, "image": "x", "key": "A", "head": "h", "title": "", "series": "7"} -->',
        '<!-- contrib: {"v": 2, "image": "x", "key": "A", "head": "h", "title": "", "states": [1]} -->',
        'x <!-- contrib: {"v": 1} --> inside a line',
    ],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    assert marker.read(text)[1] is None


def test_a_marker_of_the_first_version() -> None:
    old = '<!-- contrib: {"v": 1, "image": "x", "key": "A", "head": "h", "title": "t", "body": "b", "own": true} -->'
    text, found = marker.read(f"words\n\n{old}")
    assert (
        text == "words" and found is not None and (found.body, found.own, found.states) == ("b", True, None)
    )


def test_a_comment_cannot_be_closed_from_inside() -> None:
    written = marker.write("x", replace(ONE, image="a-->b<script>"))
    assert written.count("-->") == 1 and marker.read(written)[1] is not None


@pytest.mark.parametrize(
    "text", ["x" * 70_000, "line\n" * 20_000, "<details>\n" + "```\n" + "a\n" * 40_000, "é\n" * 40_000]
)
def test_long_texts_are_cut(text: str) -> None:
    fitted = marker.fitted((Section("first", "short"), Section("long", text), Section("last", "short")))
    written = marker.write(joined(fitted), marker.made(ONE, joined(fitted)))
    assert len(written) <= marker.LONGEST_BODY
    back, found = marker.read(written)
    assert found is not None and found.sections == {"first", "long", "last"} and "Cut here" in back
    assert back.count("<details") == back.count("</details>") and back.count("```") % 2 == 0
