"""Paths as a shell body spells them."""

from __future__ import annotations

import pytest

from contrib.rules.scripts import path_key, same_file


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.zip", "./A.ZIP", True),
        ("C:\\a.zip", "a.zip", True),
        ("C:/x/a.zip", "C:\\X\\a.zip", True),
        ("C:\\x\\a.zip", "C:\\y\\a.zip", False),
        ("x\\a.zip", "C:\\x\\a.zip", True),
        ("y\\a.zip", "C:\\x\\a.zip", False),
        ("xa.zip", "C:\\a.zip", False),
        ("a.zip", "", False),
        ("'a.zip'", "a.zip", True),
    ],
)
def test_two_spellings_of_a_file(one: str, other: str, same: bool) -> None:
    assert same_file(one, other) is same
    assert same_file(other, one) is same
    if same and one and other:
        assert path_key(one).rpartition("\\")[2] == path_key(other).rpartition("\\")[2]
