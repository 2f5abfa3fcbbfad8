"""The files that a report is about."""

from __future__ import annotations

from contrib.values.records import dataclass


@dataclass(frozen=True, slots=True)
class Artifact:
    """A reviewed file: its path relative to the repository's root (or its URL), and its bytes."""

    uri: str
    data: bytes
