"""Every official image with Windows entries: versions on both platforms, how they lag, and their bases.

Made from library files as they stood over time; nothing is read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contrib.library.model import LibraryFile
from contrib.values.versions import Version
from contrib.values.windows import release_of

_FULL = re.compile(r"(?P<version>[0-9]+(?:\.[0-9]+)+(?:-?(?:a|b|rc|alpha|beta|m)\.?[0-9]+)?)(?=[-_]|$)")


@dataclass(frozen=True, slots=True)
class Point:
    """A day of an image: the newest released version on each platform, and how many days Windows lags."""

    day: date
    linux: str | None
    windows: str | None
    lag: int | None


@dataclass(frozen=True, slots=True)
class Base:
    """A base that entries are built on.

    :param pinned: whether official-images still pins it; None when that is not known.
    :param ends: last day of Microsoft's fixes, None when that is not known. :param mainstream: of its mainstream support.
    """

    constraint: str
    entries: int
    pinned: bool | None
    ends: date | None
    mainstream: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One image.

    :param series: line (``1.26``) to (Linux, Windows); None where a platform has none.
    :param points: oldest first. :param pulls: open pull requests; None when nobody was asked.
    :param port: what is known of the port's health; empty where there is no port.
    """

    image: str
    linux: str | None
    windows: str | None
    series: Mapping[str, tuple[str | None, str | None]]
    bases: tuple[Base, ...]
    points: tuple[Point, ...] = ()
    pulls: tuple[tuple[str, str], ...] | None = None
    port: tuple[str, ...] = ()

    @property
    def lag(self) -> int | None:
        """Days that Windows lags Linux now."""
        return self.points[-1].lag if self.points else None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "image": self.image,
            "linux": self.linux,
            "windows": self.windows,
            "lag": self.lag,
            "series": {line: {"linux": one, "windows": other} for line, (one, other) in self.series.items()},
            "bases": [
                {
                    "constraint": base.constraint,
                    "entries": base.entries,
                    "pinned": base.pinned,
                    "ends": base.ends.isoformat() if base.ends else None,
                    "mainstream": base.mainstream.isoformat() if base.mainstream else None,
                }
                for base in self.bases
            ],
            "lags": [
                {"day": p.day.isoformat(), "linux": p.linux, "windows": p.windows, "lag": p.lag}
                for p in self.points
            ],
            "pulls": None if self.pulls is None else [{"title": t, "url": u} for t, u in self.pulls],
            "port": list(self.port),
        }


@dataclass(frozen=True, slots=True)
class Board:
    """All of it.

    :param commit: of official-images. :param retired: pins that were there in the time looked at and are gone.
    :param unread: library files that could not be read, with the reason. :param notes: what is not known, and why.
    :param waiting: images without Windows entries that a folder of ours is about, with what is known of their port.
    """

    day: date
    commit: str
    rows: tuple[Row, ...]
    pins: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    waiting: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "day": self.day.isoformat(),
            "commit": self.commit,
            "pins": list(self.pins),
            "retired": list(self.retired),
            "unread": dict(self.unread),
            "notes": list(self.notes),
            "waiting": {image: list(said) for image, said in self.waiting.items()},
            "images": [row.as_json() for row in self.rows],
        }


def versions_of(file: LibraryFile) -> tuple[list[Version], list[Version]]:
    """The full versions of Linux's and of Windows' entries, each once, newest first."""
    linux: set[Version] = set()
    windows: set[Version] = set()
    for entry in file.entries:
        found = [
            v for tag in entry.all_tags if (m := _FULL.match(tag)) and (v := Version.maybe(m["version"]))
        ]
        if not found:
            continue
        most = max(len(version.numbers) for version in found)
        full = max(version for version in found if len(version.numbers) == most)
        on_windows = any(arch.startswith("windows-") for arch in entry.architectures)
        (windows if on_windows else linux).add(full)
    return sorted(linux, reverse=True), sorted(windows, reverse=True)


def row(
    file: LibraryFile,
    history: Iterable[tuple[date, LibraryFile]],
    today: date,
    pinned: Sequence[str] | None,
) -> Row | None:
    """An image's row; None for an image without Windows entries.

    :param history: the file as it stood, oldest first. :param pinned: references that official-images pins.
    """
    linux, windows = versions_of(file)
    if not any(arch.startswith("windows-") for entry in file.entries for arch in entry.architectures):
        return None
    return Row(
        file.name.rpartition("/")[2],
        _newest(linux),
        _newest(windows),
        _series(linux, windows),
        _bases(file, pinned),
        _points(history, today),
    )


def lines_of(file: LibraryFile) -> dict[str, str]:
    """Line (``7.2``) to the newest released full version of Linux's entries."""
    found: dict[str, str] = {}
    for version in versions_of(file)[0]:
        if not version.prerelease:
            found.setdefault(".".join(str(number) for number in version.numbers[:2]), version.text)
    return found


def _newest(versions: Sequence[Version]) -> str | None:
    released = [version for version in versions if not version.prerelease]
    return released[0].text if released else (versions[0].text if versions else None)


def _series(linux: Sequence[Version], windows: Sequence[Version]) -> dict[str, tuple[str | None, str | None]]:
    def lines(versions: Sequence[Version]) -> dict[str, str]:
        found: dict[str, str] = {}
        for version in versions:
            line = ".".join(str(number) for number in version.numbers[:2])
            found.setdefault(f"{line}-rc" if version.prerelease else line, version.text)
        return found

    one, other = lines(linux), lines(windows)
    return {line: (one.get(line), other.get(line)) for line in dict.fromkeys([*one, *other])}


def _bases(file: LibraryFile, pinned: Sequence[str] | None) -> tuple[Base, ...]:
    count: dict[str, int] = {}
    for entry in file.entries:
        if any(arch.startswith("windows-") for arch in entry.architectures):
            for constraint in entry.constraints:
                count[constraint] = count.get(constraint, 0) + 1
    found = []
    for constraint, entries in sorted(count.items()):
        release = release_of(constraint)
        tag = constraint.removeprefix("windows").replace("-", ":", 1)
        there = None if pinned is None else any(one.endswith(f"/{tag}") for one in pinned)
        ends = (release.extended, release.mainstream) if release else (None, None)
        found.append(Base(constraint, entries, there, *ends))
    return tuple(found)


def _points(history: Iterable[tuple[date, LibraryFile]], today: date) -> tuple[Point, ...]:
    """The lag on each day on which the file changed, and today: days since Linux had what Windows has not."""
    first: dict[Version, date] = {}
    points: list[Point] = []
    last: tuple[Version | None, Version | None] = (None, None)
    for day, file in history:
        linux, windows = versions_of(file)
        one = next((version for version in linux if not version.prerelease), None)
        other = next((version for version in windows if not version.prerelease), None)
        if one is not None:
            first.setdefault(one, day)
        last = (one, other)
        points.append(
            Point(day, one.text if one else None, other.text if other else None, _lag(first, one, other, day))
        )
    if points and points[-1].day < today:
        one, other = last
        points.append(Point(today, points[-1].linux, points[-1].windows, _lag(first, one, other, today)))
    return tuple(points)


def _lag(
    first: Mapping[Version, date], linux: Version | None, windows: Version | None, day: date
) -> int | None:
    if linux is None or windows is None:
        return None
    if linux <= windows:
        return 0
    missed = [seen for version, seen in first.items() if windows < version <= linux]
    return (day - min(missed)).days if missed else 0
