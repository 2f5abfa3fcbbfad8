"""Which Windows releases official images build on, and which images they may start from.

The external pins are those that official-images allows (its ``.external-pins``); a test holds the
data here to that list.
"""

from __future__ import annotations

from contrib.dockerfile.platform import BUILDS, SUCCESSORS, Reference, build_of

#: Repositories of Microsoft's that official images may start from, and the tags that are pinned.
PINS: dict[str, tuple[str, ...]] = {
    "mcr.microsoft.com/windows/servercore": ("ltsc2022", "ltsc2025"),
    "mcr.microsoft.com/windows/nanoserver": ("ltsc2022", "ltsc2025"),
}

#: Releases that are built today, oldest first.
CURRENT_RELEASES: tuple[str, ...] = ("ltsc2022", "ltsc2025")

#: Releases that official images no longer build.
RETIRED_RELEASES: frozenset[str] = frozenset(BUILDS) - frozenset(CURRENT_RELEASES)


def official(reference: Reference) -> bool:
    """An official image: a name without a slash (the bare names of Microsoft's are none)."""
    name = reference.repository
    return bool(name) and "/" not in name and name.lower() not in SUCCESSORS


def retired(reference: Reference) -> bool:
    """A name on Docker Hub (or on a build host) that Microsoft has given up."""
    name = reference.repository.lower()
    return name in SUCCESSORS or name.startswith("microsoft/")


def moving(reference: Reference) -> bool:
    """No tag, or ``latest``, and no digest."""
    return reference.digest is None and reference.tag in (None, "latest")


def same_release(one: str, other: str) -> bool:
    """Two names of one release (``1809`` and ``ltsc2019``) are the same kernel."""
    return one == other or build_of(one) == build_of(other)
