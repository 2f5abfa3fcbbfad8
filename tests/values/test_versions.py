from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrib.values.errors import BadInput
from contrib.values.versions import Version, belongs, checked_series, series_key, series_of

NUMBERS = st.lists(st.integers(0, 10**6), min_size=1, max_size=4)
SUFFIXES = st.sampled_from(["", "-rc1", "-rc2", "-rc10", "-m01", "-M2", "-beta.1"])
VERSIONS = st.builds(lambda n, s: ".".join(map(str, n)) + s, NUMBERS, SUFFIXES)


def test_numbers_are_compared_as_numbers() -> None:
    texts = [
        "8.8.0",
        "8.10.1",
        "8.10-rc2",
        "8.10.0",
        "8.2.9",
        "8.6.1.1",
        "8.6.1",
        "8.0-m01",
        "8.0.0",
        "3.2.100",
    ]
    assert [v.text for v in sorted(map(Version.parse, texts))] == [
        "3.2.100", "8.0-m01", "8.0.0", "8.2.9", "8.6.1", "8.6.1.1", "8.8.0", "8.10-rc2", "8.10.0", "8.10.1",
    ]  # fmt: skip


def test_stages_and_letters() -> None:
    texts = ["3.15.0a4", "3.15.0b3", "3.15.0rc1", "3.15.0rc10", "3.15.0", "1.27rc3", "1.27.0", "29.7.0-rc.2",
             "29.7.0-rc.10", "29.7.0", "7.0.32-rc1", "7.0.32", "27.3.4.9", "27.3.4.13", "1.1.1", "1.1.1a", "1.1.1w",
             "1.2.3.4.5.6", "1.2.3.4.5.7"]  # fmt: skip
    versions = [Version.parse(text) for text in texts]
    for one, other in itertools.pairwise(versions):
        if one.numbers[0] == other.numbers[0]:
            assert one < other, (one.text, other.text)
    assert not Version.parse("1.1.1w").prerelease and Version.parse("3.15.0b3").prerelease
    assert Version.parse("3.15.0b3").stage == "b" and Version.parse("8.0-M2").stage == "m"
    assert Version.parse("2.0.0.RELEASE".replace(".R", "-R")) == Version.parse("2.0.0")
    assert belongs(Version.parse("3.15.0b3"), "3.15-rc") and not belongs(Version.parse("3.15.0b3"), "3.15")
    assert belongs(Version.parse("8.0-m01"), "8.0-rc", "rc|m")


def test_parts_of_a_version() -> None:
    rebuild = Version.parse("8.6.1.1")
    assert rebuild.rebuild == 1 and rebuild.software == "8.6.1" and not rebuild.prerelease
    milestone = Version.parse("8.0-m01")
    assert milestone.prerelease and milestone.suffix == "m01" and milestone.software == "8.0-m01"
    assert Version.parse("7.4-rc2") == Version.parse("7.4.0-rc2")


@pytest.mark.parametrize(
    "text",
    ["", "v7.2.5", "7.2.", ".7", "7..2", "7.2.5 ", "7.2.5;id", "$(id)", "latest", "7.2.5-", "7.2-4", "7.2-x",
     "9" * 40, "7.2.5\n", "7,2", "-7", "7.2.5-rc1;x", "٧.٢"],
)  # fmt: skip
def test_not_a_version(text: str) -> None:
    with pytest.raises(BadInput):
        Version.parse(text)
    assert Version.maybe(text) is None


@given(st.text(max_size=40))
def test_any_text_is_a_version_or_none(text: str) -> None:
    version = Version.maybe(text)
    if version is not None:
        assert version.text == text
        assert set(text) <= set("0123456789.-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


@given(VERSIONS, VERSIONS, VERSIONS)
def test_order_is_total(a: str, b: str, c: str) -> None:
    x, y, z = Version.parse(a), Version.parse(b), Version.parse(c)
    assert (x < y) + (y < x) + (x == y) == 1
    if x <= y <= z:
        assert x <= z
    if x == y:
        assert hash(x) == hash(y)


@given(NUMBERS)
def test_a_prerelease_is_before_its_release_and_after_the_one_before(numbers: list[int]) -> None:
    text = ".".join(map(str, numbers))
    assert Version.parse(f"{text}-rc1") < Version.parse(f"{text}-rc2") < Version.parse(f"{text}-rc10")
    assert Version.parse(f"{text}-rc10") < Version.parse(text)


@given(VERSIONS)
def test_a_version_belongs_to_its_own_series(text: str) -> None:
    version = Version.parse(text)
    series = series_of(version)
    if not version.prerelease:
        assert belongs(version, series) and not belongs(version, f"{series}-rc")


def test_series() -> None:
    released, candidate, milestone = map(Version.parse, ("6.2.0", "6.2-rc3", "6.2-m01"))
    assert belongs(released, "6.2") and belongs(released, "6") and not belongs(released, "6.2-rc")
    assert belongs(candidate, "6.2-rc") and not belongs(candidate, "6.2")
    assert not belongs(milestone, "6.2-rc") and not belongs(milestone, "6.2")
    assert not belongs(Version.parse("6.20.0"), "6.2")
    assert sorted(["8.2", "8.10", "8.10-rc", "5"], key=series_key) == ["5", "8.2", "8.10-rc", "8.10"]


@pytest.mark.parametrize("series", ["7.2", "5", "6.2-rc", "1.2.3"])
def test_a_series(series: str) -> None:
    assert checked_series(series) == series


@pytest.mark.parametrize("series", ["", "7.2;id", "../7.2", "release/7.2", "7.2-beta", "rc", "7.2.5.1"])
def test_no_series(series: str) -> None:
    with pytest.raises(BadInput):
        checked_series(series)
