"""The version that is there: whether its archive is still the one that the files name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contrib.generate.bump.model import Replaced
from contrib.generate.bump.tracks import Track
from contrib.generate.bump.values import ALGORITHMS, at, words_of
from contrib.releases.archives import file_name
from contrib.releases.model import Catalogue, Checksum, Release
from contrib.releases.reading import Releases
from contrib.releases.sources import filled
from contrib.values.errors import ContribError


def replaced_archive(
    releases: Releases, track: Track, value: Mapping[str, Any], catalogue: Catalogue, series: str
) -> Replaced | None:
    """Whether the sources give another digest for the version that is there.

    :param value: the track's object. :param catalogue: of its releases.
    """
    present = str(value[track.key])
    release = catalogue.release(present)
    if release is None or track.words:
        return None
    pairs: list[tuple[str, tuple[Checksum, ...]]] = []
    if track.files is not None and release.files:
        entries = at(value, track.files.at)
        for file in release.files:
            entry = entries.get(file.key) if isinstance(entries, dict) else None
            if isinstance(entry, dict) and isinstance(entry.get(track.files.digest), str):
                pairs.append((entry[track.files.digest], file.checksums))
    else:
        for key, length in (("sha256", 64), ("sha1", 40), ("sha512", 128)):
            digest = value.get(key)
            if isinstance(digest, str) and len(digest) == length:
                pairs.append((digest, release.checksums))
    for rule in track.digests:
        digest = at(value, rule.at)
        if isinstance(digest, str):
            pairs.append((digest, _told(releases, rule.url, rule.sources, release, series)))
    for digest, checksums in pairs:
        algorithm = ALGORITHMS.get(len(digest), "")
        told = [each.digest for each in checksums if each.algorithm == algorithm]
        if told and digest not in told:
            return Replaced(present, algorithm, digest, told[0], release.published)
    return None


def _told(
    releases: Releases, url: str, sources: Sequence[str], release: Release, series: str
) -> tuple[Checksum, ...]:
    words = words_of(release.version, series)
    address = filled(url, words)
    for name in sources:
        try:
            found = releases.digest(name, words | {"url": address}, file_name(address))
        except ContribError:
            continue
        if found is not None:
            return (found,)
    return ()
