"""Version sources of an image: what releases there are, of the port and of Linux, and their checksums.

:mod:`~contrib.releases.sources` has one module per kind of source, :mod:`~contrib.releases.reading` reads them,
:mod:`~contrib.releases.choosing` says which release a series gets and why.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from contrib.releases.checksums import Verified, verify
from contrib.releases.health import health, sentences
from contrib.releases.model import Catalogue, Checksum, Health, Pin, Release
from contrib.releases.reading import Releases, load, load_folder, overrides, read_sources
from contrib.releases.sources import Source
from contrib.values.versions import Version

__all__ = [
    "Catalogue",
    "Checksum",
    "Health",
    "Pin",
    "Release",
    "Releases",
    "Source",
    "Verified",
    "Version",
    "health",
    "health_of",
    "load",
    "load_folder",
    "overrides",
    "read_sources",
    "sentences",
    "verify",
]


def health_of(releases: Releases, linux: Iterable[tuple[str, str]], today: date) -> Health:
    """How the living port is doing."""
    assert releases.image is not None
    return health(releases.image.port, releases.port, linux, today)
