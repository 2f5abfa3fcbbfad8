"""``lazy`` gives what ``re.compile`` gives, when it is first used."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest

from contrib.values.patterns import given, lazy


def test_it_is_the_same_pattern() -> None:
    made: Any = lazy(r"(?P<word>[a-z]+)", re.IGNORECASE)
    same = re.compile(r"(?P<word>[a-z]+)", re.IGNORECASE)
    assert made.fullmatch("Ab")["word"] == "Ab"
    assert made.sub("-", "a1b") == same.sub("-", "a1b")
    assert [m[0] for m in made.finditer("a1b")] == ["a", "b"]
    assert (made.pattern, made.flags, made.groups) == (same.pattern, same.flags, same.groups)
    assert made.groupindex == same.groupindex


def test_it_is_compiled_when_it_is_used() -> None:
    broken: Any = lazy("(")
    with pytest.raises(re.error):
        broken.match("x")


def test_bytes() -> None:
    assert lazy(rb"[a-z]").match(b"x")


@pytest.mark.parametrize(
    "pattern", ["a{99999999999999}", "(" * 5000, "(?P<a", "[", "a**", "\\", "(?i:a)(?z)"]
)
def test_whatever_is_wrong_with_a_pattern_is_one_error(pattern: str) -> None:
    with pytest.raises(re.error):
        given(pattern)


def test_a_pattern_of_a_later_python_is_taken_as_it_is() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert given("[[a]").match("a") is not None


def test_a_lazy_pattern_lacks_what_a_pattern_lacks() -> None:
    made = lazy("a(b)")
    assert not hasattr(made, "cache_clear") and made.groups == 1
