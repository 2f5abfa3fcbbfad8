"""Windows releases that containers are built on: their builds, and when Microsoft stops fixing them.

Source of the dates: learn.microsoft.com/virtualization/windowscontainers/deploy-containers/base-image-lifecycle
and learn.microsoft.com/lifecycle/products, read 2026-11. Fixes for the public end with the mainstream date only where
nothing is said of extended support.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class WindowsRelease:
    """One release.

    :param name: as base images' tags have it. :param title: as people call it. :param build: of Windows.
    :param mainstream: and ``extended``: last days of support.
    """

    name: str
    title: str
    build: int
    mainstream: date
    extended: date

    def ends_within(self, today: date, days: int) -> bool:
        """Whether the last day of support is less than so many days away, or past."""
        return (self.extended - today).days < days


#: Oldest first.
RELEASES = (
    WindowsRelease("ltsc2016", "Windows Server 2016", 14393, date(2022, 1, 11), date(2027, 1, 12)),
    WindowsRelease("1809", "Windows Server 2019", 17763, date(2024, 1, 9), date(2029, 1, 9)),
    WindowsRelease("ltsc2019", "Windows Server 2019", 17763, date(2024, 1, 9), date(2029, 1, 9)),
    WindowsRelease("20H2", "Windows Server, version 20H2", 19042, date(2022, 8, 9), date(2022, 8, 9)),
    WindowsRelease("ltsc2022", "Windows Server 2022", 20348, date(2026, 10, 13), date(2031, 10, 14)),
    WindowsRelease("ltsc2025", "Windows Server 2025", 26100, date(2029, 11, 13), date(2034, 11, 14)),
)


def release_of(name: str) -> WindowsRelease | None:
    """The release that a base's tag, a variant or a constraint names at its end.

    >>> release_of("windowsservercore-ltsc2022").build
    20348
    """
    found = re.search(r"(ltsc20[0-9]{2}|[0-9]{4}|20H[12])$", name)
    return next((one for one in RELEASES if found is not None and one.name == found[1]), None)


def build_of(os_version: str) -> tuple[int, int] | None:
    """Build and revision of an ``os.version`` (``10.0.20348.3932``); None for anything else."""
    found = re.fullmatch(r"10\.0\.([0-9]{1,6})\.([0-9]{1,9})", os_version)
    return (int(found[1]), int(found[2])) if found else None
