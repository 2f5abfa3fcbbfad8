"""How the port is doing: how often it releases, and how far it is behind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from contrib.images.model import Port
from contrib.releases.model import Catalogue, Health
from contrib.values.versions import Version


def health(port: Port, releases: Catalogue, linux: Iterable[tuple[str, str]], today: date) -> Health:
    """The figures.

    :param linux: series and Linux's full version in it, of the series that upstream maintains.
    :param today: the day that "the last year" ends on.
    """
    dates = [release.published for release in releases.releases if release.published is not None]
    lags: dict[str, tuple[str, str]] = {}
    for series, full in linux:
        newest = releases.newest(series)
        theirs = Version.maybe(full)
        if newest is not None and theirs is not None and _software(newest.version) < theirs:
            lags[series] = (newest.version.text, full)
    return Health(
        alive=port.alive,
        last_year=sum(1 for day in dates if today - timedelta(days=365) < day <= today),
        latest=max(dates, default=None),
        lags=lags,
    )


def _software(version: Version) -> Version:
    return Version.parse(version.software)


def sentences(port: Port, found: Health) -> tuple[str, ...]:
    """The figures for people, one sentence each."""
    said = []
    if not port.alive:
        said.append(f"{port.repository} has ended ({port.last}, {port.ended}): {port.reason.why}.")
    latest = f", the last on {found.latest.isoformat()}" if found.latest else ""
    said.append(f"{port.repository} made {found.last_year} releases in the last year{latest}.")
    for series, (theirs, linux) in found.lags.items():
        said.append(f"In {series} it has {theirs}, where Linux has {linux}.")
    return tuple(said)
