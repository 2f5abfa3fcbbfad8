"""``lazy`` gives what ``re.compile`` gives, when it is first used."""

from __future__ import annotations

import re
from typing import Any

import pytest

from contrib.values.patterns import lazy


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
