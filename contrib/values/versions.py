"""Version numbers, compared as numbers: 8.10 is newer than 8.8, whatever came out last.

A **full version** is dotted numbers, any number of them, with an optional suffix: ``7.2.5``, ``27.3.4.13``,
``8.6.1.1`` (of a port with three numbers: a rebuild of 8.6.1), ``7.4-rc2``, ``3.15.0b3``, ``8.0-m01``, ``1.1.1w``.
A **series** is what a directory or branch is named by: ``7.2``, ``5``, ``6.2-rc``.
"""

from __future__ import annotations

import re
from functools import total_ordering

from contrib.values.errors import BadInput
from contrib.values.patterns import lazy
from contrib.values.records import dataclass

_VERSION = lazy(
    r"(?P<numbers>[0-9]{1,14}(?:\.[0-9]{1,14}){0,15})(?:(?P<dash>-)?(?P<suffix>[A-Za-z][0-9A-Za-z.-]{0,30}))?"
)
#: Suffixes of releases: OpenSSL's letters (1.1.1w), patches (9.8p1), and words that say that it is one.
_RELEASED = lazy(r"[a-z]|(?:p|pl|patch|post|sp|u|final|ga|release)[.-]?[0-9]*", re.IGNORECASE)
_FINAL = lazy(r"final|ga|release", re.IGNORECASE)
#: One word for the words that projects use for the same stage.
_STAGES = {"dev": "0", "snapshot": "0", "nightly": "0", "alpha": "a", "beta": "b", "c": "rc", "cr": "rc"}
#: Stages that a series such as ``6.2-rc`` holds: everything before the final release but milestones.
BEFORE_RELEASE = r"a|alpha|b|beta|c|cr|rc|pre|preview|dev|ea"
_SERIES = lazy(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,2}(?:-rc)?")


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A full version.

    :param text: as it is written. :param numbers: its dotted numbers. :param suffix: what makes it a
        pre-release (``rc2``, ``m01``), empty for a release.
    """

    text: str
    numbers: tuple[int, ...]
    suffix: str = ""

    @classmethod
    def parse(cls, text: str) -> Version:
        """The version that the text is.

        :raises BadInput: it is none.
        """
        found = _VERSION.fullmatch(text)
        if found is None:
            raise BadInput(f"{text[:80]!r} is not a version (such as 7.2.5, 8.6.1.1 or 7.4-rc2)")
        suffix = found["suffix"] or ""
        if found["dash"] and re.fullmatch("[a-z]", suffix):
            raise BadInput(f"{text[:80]!r} is not a version (such as 7.2.5, 8.6.1.1 or 7.4-rc2)")
        return cls(text, tuple(int(n) for n in found["numbers"].split(".")), suffix)

    @classmethod
    def maybe(cls, text: str) -> Version | None:
        """The version, or None when the text is none."""
        try:
            return cls.parse(text)
        except BadInput:
            return None

    @property
    def prerelease(self) -> bool:
        """A release candidate, milestone or the like."""
        return bool(self.suffix) and _RELEASED.fullmatch(self.suffix) is None

    @property
    def stage(self) -> str:
        """The word of a pre-release (``rc``, ``b``, ``m``), lower case; empty for a release."""
        found = re.match(r"[A-Za-z]+", self.suffix)
        return found[0].lower() if found and self.prerelease else ""

    @property
    def rebuild(self) -> int:
        """The fourth number, 0 when there is none: the port's rebuild of the same software."""
        return self.numbers[3] if len(self.numbers) > 3 else 0

    @property
    def software(self) -> str:
        """The version of the software itself, without the port's fourth number."""
        if len(self.numbers) <= 3:
            return self.text
        head = ".".join(str(number) for number in self.numbers[:3])
        return head if not self.suffix else f"{head}-{self.suffix}"

    @property
    def key(self) -> tuple[object, ...]:
        """Sort key: numbers as numbers, missing ones as 0; a pre-release before its release."""
        numbers = self.numbers
        while len(numbers) > 1 and numbers[-1] == 0:
            numbers = numbers[:-1]
        words = [] if _FINAL.fullmatch(self.suffix) else re.findall(r"[0-9]+|[A-Za-z]+", self.suffix)
        parts = tuple(
            (1, int(p), "") if p.isascii() and p.isdigit() else (0, 0, _STAGES.get(p.lower(), p.lower()))
            for p in words
        )
        return (numbers, not self.prerelease, parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: Version) -> bool:
        return self.key < other.key

    def __str__(self) -> str:
        return self.text


def checked_series(series: str) -> str:
    """``series`` when it can be one.

    :raises BadInput: it is none (a full version, a branch, anything with other characters).
    """
    if not _SERIES.fullmatch(series):
        raise BadInput(f"{series[:80]!r} is not a series", hint="a series is written as 7.2, 5 or 6.2-rc")
    return series


def series_numbers(series: str) -> tuple[int, ...]:
    """The numbers that a version of the series begins with."""
    return tuple(int(number) for number in series.removesuffix("-rc").split("."))


def belongs(version: Version, series: str, before: str = BEFORE_RELEASE) -> bool:
    """Whether a version is of a series.

    ``6.2-rc`` takes what comes before the final release of 6.2: a released version belongs in the directory
    ``6.2``. A series without suffix takes releases only.

    :param before: the stages that an ``-rc`` series takes, a regular expression over :attr:`Version.stage`.
    """
    if not of_numbers(version, series):
        return False
    if not series.endswith("-rc"):
        return not version.prerelease
    return re.fullmatch(before, version.stage) is not None


def of_numbers(version: Version, series: str) -> bool:
    """Whether a version has the numbers of a series, released or not."""
    numbers = series_numbers(series)
    return (*version.numbers, *(0 for _ in numbers))[: len(numbers)] == numbers


def series_of(version: Version, parts: int = 2) -> str:
    """The series of a version, by its first numbers."""
    head = ".".join(str(number) for number in (*version.numbers, 0)[:parts])
    return f"{head}-rc" if version.prerelease else head


def series_key(series: str) -> tuple[tuple[int, ...], bool]:
    """Sort key for series: numbers as numbers, ``6.2-rc`` before ``6.2``."""
    return series_numbers(series), not series.endswith("-rc")
