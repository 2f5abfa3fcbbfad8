"""How far a word is from another."""

from __future__ import annotations

import pytest

from contrib.library.mistakes import edit_distance


@pytest.mark.parametrize(
    ("one", "two", "distance"),
    [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "abd", 1), ("abc", "xyz", None)],
)
def test_edit_distance(one: str, two: str, distance: int | None) -> None:
    assert edit_distance(one, two, 2) == distance
