"""The marker: written and read back, whatever the text, within GitHub's limit."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contrib.pulls import marker

KEYS = {"image": "redis", "key": "A0", "head": "a" * 40, "title": "T"}


@given(st.text(max_size=300), st.text(max_size=30), st.booleans())
def test_it_comes_back(text: str, image: str, early: bool) -> None:
    written = marker.write(text, image=image, key="A0", head="a" * 40, title="T", early=early)
    back, found = marker.read(written)
    assert found == marker.Marker(image, "A0", "a" * 40, marker.digest("T"), marker.digest(back), early)
    assert marker.digest(back) == marker.digest(text)
    # GitHub gives CR LF where the web form was used
    again, still = marker.read(written.replace("\r\n", "\n").replace("\n", "\r\n"))
    assert still == found and marker.digest(again) == marker.digest(back)


@given(st.text())
@example("a\r\nb")
@example("<!-- contrib: {} --> and more")
def test_a_text_without_a_marker_at_its_end_is_given_back(text: str) -> None:
    assert marker.read(text) == (text.replace("\r\n", "\n"), None)


@pytest.mark.parametrize(
    "text",
    [
        "", "plain", "<!-- contrib: {} -->", "<!-- contrib: {nonsense} -->", "<!-- contrib: [] -->",
        '<!-- contrib: {"v": 2, "image": "x"} -->', '<!-- contrib: {"v": 1, "image": 1} -->',
        '<!-- contrib: {"v": 1, "image": "x", "key": "A", "head": 1, "title": "", "body": ""} -->',
        'x <!-- contrib: {"v": 1} --> not at the end',
    ],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    assert marker.read(text)[1] is None


def test_a_comment_cannot_be_closed_from_inside() -> None:
    written = marker.write("x", image="a-->b<script>", key="A0", head="h", title="T")
    assert written.count("-->") == 1 and marker.read(written)[1] is not None


@pytest.mark.parametrize(
    "text", ["x" * 70_000, "line\n" * 20_000, "<details>\n" + "```\n" + "a\n" * 40_000, "é\n" * 40_000]
)
def test_long_texts_are_cut(text: str) -> None:
    written = marker.write(text, **KEYS)
    assert len(written) <= marker.LONGEST_BODY
    back, found = marker.read(written)
    assert found is not None and found.body == marker.digest(back) and "Cut here" in back
    assert back.count("<details") == back.count("</details>") and back.count("```") % 2 == 0


def test_a_persons_edit_is_known() -> None:
    written = marker.write("ours", **KEYS)
    text, found = marker.read(written.replace("ours", "theirs"))
    assert found is not None and found.body != marker.digest(text)
    kept = marker.write(text, **KEYS, written=(found.title, found.body))
    assert marker.read(kept)[1] == found
