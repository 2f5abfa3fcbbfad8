from __future__ import annotations

from difflib import SequenceMatcher

from hypothesis import given
from hypothesis import strategies as st

from contrib.values.differing import opcodes
from tests.bounds import calls


@given(st.text("ab\n", max_size=12), st.text("ab\n", max_size=12))
def test_the_opcodes_turn_one_into_the_other(before: str, after: str) -> None:
    made, at = "", 0
    for _, start, end, first, last in opcodes(before, after):
        made += before[at:start] + after[first:last]
        at = end
    assert made + before[at:] == after


def test_as_difflib_where_that_is_cheap() -> None:
    before, after = (
        ["one", "two", "three", "four", "five", "six"],
        ["one", "too", "three", "four", "six", "seven"],
    )
    expected = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    assert opcodes(before, after) == [each for each in expected if each[0] != "equal"]


def test_many_lines_that_are_alike_cost_no_more_than_their_number() -> None:
    def cost(size: int) -> int:
        return calls(lambda: opcodes(["x", *["a", "b"] * size, "y"], ["z", *["b", "a"] * size, "w"]))

    assert cost(20_000) < 2.5 * cost(10_000) + 1000
    assert opcodes(["x", *["a", "b"] * 9000], [*["b", "a"] * 9000, "w"]) == [("replace", 0, 18001, 0, 18001)]
