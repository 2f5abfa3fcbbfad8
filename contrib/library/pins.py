"""External images that official images may start from, as they were pinned when this was written.

official-images keeps the list in its ``.external-pins``; where a checkout is at hand that one is read.
"""

from __future__ import annotations

PINS: frozenset[str] = frozenset(
    (
        "docker/scout-sbom-indexer:1",
        "mcr.microsoft.com/windows/nanoserver:ltsc2022",
        "mcr.microsoft.com/windows/nanoserver:ltsc2025",
        "mcr.microsoft.com/windows/servercore:ltsc2022",
        "mcr.microsoft.com/windows/servercore:ltsc2025",
        "redhat/ubi10-minimal:latest",
        "redhat/ubi10:latest",
        "redhat/ubi8-minimal:latest",
        "redhat/ubi8:latest",
        "redhat/ubi9-minimal:latest",
        "redhat/ubi9:latest",
        "tianon/buildkit:0.16",
    )
)


def pin_of(path: str) -> str:
    """The image that a file of ``.external-pins`` stands for: its first ``___`` is the colon.

    >>> pin_of("mcr.microsoft.com/windows/servercore___ltsc2025")
    'mcr.microsoft.com/windows/servercore:ltsc2025'
    """
    return path.replace("___", ":", 1)
