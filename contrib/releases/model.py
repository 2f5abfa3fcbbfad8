"""What version sources say, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from contrib.values.errors import BadInput
from contrib.values.versions import Version, belongs, series_key, series_of


@dataclass(frozen=True, slots=True)
class Checksum:
    """A digest, and where it is from.

    :param source: for people: ``asset digest``, ``release text``, ``own download``, the file's name.
    :param algorithm: ``sha256``, ``sha1``. :param digest: lower-case hexadecimal.
    """

    source: str
    algorithm: str
    digest: str


@dataclass(frozen=True, slots=True)
class Release:
    """One release of the port, or of the software itself.

    :param url: of the archive, as Dockerfiles write it.
    :param asset: file name of the archive. :param published: day of the release, None when it is not told.
    :param checksums: all that the source tells of it. :param absent: digests that could be there and are not.
    :param missing: what makes it unusable (a sentence), empty when nothing does.
    :param download: where the archive is fetched from; ``url`` when empty (a stand-in serves it elsewhere).
    """

    version: Version
    url: str
    asset: str
    published: date | None
    prerelease: bool
    checksums: tuple[Checksum, ...] = ()
    absent: tuple[str, ...] = ()
    missing: str = ""
    download: str = ""

    @property
    def usable(self) -> bool:
        """Whether an archive is there at all."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Health:
    """How a port is doing, in figures.

    :param alive: as the image's data has it. :param last_year: releases in the year before ``asked``.
    :param latest: date of the newest release. :param lags: series to (port's, Linux's version), behind only.
    """

    alive: bool
    last_year: int
    latest: date | None
    lags: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pin:
    """An external base image that official-images allows: reference without digest."""

    reference: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The releases of one source, newest version first.

    :param name: of the source (``port``). :param origin: where it was read from.
    """

    name: str
    origin: str
    releases: tuple[Release, ...]

    @classmethod
    def of(cls, name: str, origin: str, releases: Iterable[Release]) -> Catalogue:
        """Sorted, newest first; of two releases of one version the first one given stays."""
        seen: dict[Version, Release] = {}
        for release in releases:
            seen.setdefault(release.version, release)
        return cls(name, origin, tuple(sorted(seen.values(), key=lambda r: r.version, reverse=True)))

    def find(self, version: str) -> Release:
        """The release of that version.

        :raises BadInput: there is none.
        """
        wanted = Version.parse(version)
        for release in self.releases:
            if release.version == wanted:
                return release
        near = [r.version.text for r in self.releases if r.version.numbers[:2] == wanted.numbers[:2]]
        hint = f"it has {', '.join(near[:8])}" if near else None
        raise BadInput(
            f"there is no release {version} in the source {self.name!r}", file=self.origin, hint=hint
        )

    def newest(self, series: str) -> Release | None:
        """The newest release of a series, by number; pre-releases only for a ``-rc`` series.

        The port's rebuilds (a fourth number) are left out: tags have three numbers, and upstream's scripts
        look for three. :meth:`rebuilds` tells them.
        """
        return next((release for release in self.of_series(series) if not release.version.rebuild), None)

    def of_series(self, series: str) -> tuple[Release, ...]:
        """The usable releases of a series, newest first, rebuilds too."""
        return tuple(
            release
            for release in self.releases
            if release.usable
            and belongs(release.version, series)
            and (series.endswith("-rc") or not release.prerelease)
        )

    def rebuilds(self, release: Release) -> tuple[Release, ...]:
        """The port's rebuilds of the same software version, newest first."""
        return tuple(
            other
            for other in self.releases
            if other.version.rebuild and other.version.software == release.version.software
        )

    def series(self) -> tuple[str, ...]:
        """The series that it has releases of, newest first."""
        found = {series_of(release.version) for release in self.releases if not release.prerelease}
        return tuple(sorted(found, key=series_key, reverse=True))
