"""What version sources say, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

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
class File:
    """One file of a release that has several (an archive per architecture, say).

    :param key: by which the tree names it (``windows-amd64``). :param size: bytes, None when nobody says.
    :param values: what else the source says of it, for the keys that a new file gets.
    """

    key: str
    name: str
    url: str
    checksums: tuple[Checksum, ...] = ()
    size: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Release:
    """One release of the port, or of the software itself.

    :param url: of the archive, as Dockerfiles write it; empty where the tree's own address tells it.
    :param asset: file name of the archive. :param published: day of the release, None when nobody says.
    :param checksums: all that the source gives. :param absent: digests that could be there and are not.
    :param missing: what makes it unusable (a sentence), empty when nothing does.
    :param fault: the kind of that: one of :data:`FAULTS`.
    :param download: where the source says that the archive is; empty for ``url``, and nothing else is fetched.
    :param size: of the archive in bytes, None when nobody says.
    :param title: how the project names the release. :param security: it names it a security release.
    :param files: of a release with several. :param values: what else the source says, by key.
    :param lists: addresses of files beside the archive that list digests.
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
    fault: str = ""
    size: int | None = None
    title: str = ""
    security: bool = False
    files: tuple[File, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    lists: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether an archive is there at all."""
        return not self.missing


#: Why a release cannot be used.
FAULTS = ("no-archive", "upload-unfinished", "contradiction", "bad-address", "unusable")


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in a source that names no release that is understood.

    :param what: the tag, line or name, cut short. :param why: a clause; empty for a tag of another form.
    :param left_out: the source's own pattern leaves it out: a repository has tags of other things as well.
    """

    what: str
    why: str = ""
    left_out: bool = False


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
    :param unread: what is in the source and was not understood.
    :param floating: versions have no order (a commit, a code name): the first release is the newest.
    """

    name: str
    origin: str
    releases: tuple[Release, ...]
    unread: tuple[Unread, ...] = ()
    floating: bool = False

    @classmethod
    def of(
        cls,
        name: str,
        origin: str,
        releases: Iterable[Release],
        unread: Iterable[Unread] = (),
    ) -> Catalogue:
        """Sorted, newest first. Two releases of one version with different archives contradict each other."""
        seen: dict[Version, Release] = {}
        for release in releases:
            first = seen.setdefault(release.version, release)
            if first is not release:
                seen[release.version] = _one_of(first, release)
        found = sorted(seen.values(), key=lambda r: r.version, reverse=True)
        return cls(name, origin, tuple(found), tuple(unread))

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

    def release(self, version: str) -> Release | None:
        """The release of that version, None when there is none."""
        wanted = Version.maybe(version)
        for release in self.releases:
            if release.version.text == version or (not self.floating and release.version == wanted):
                return release
        return None

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


def _one_of(first: Release, second: Release) -> Release:
    """What two releases of one version come to: the stronger digests, or a contradiction."""
    if second.missing and not first.missing:
        return first
    if first.missing and not second.missing:
        return second
    strong = {"sha512": 3, "sha256": 2, "sha1": 1, "md5": 0}
    mine = {c.algorithm: c.digest for c in first.checksums}
    for checksum in second.checksums:
        if mine.get(checksum.algorithm, checksum.digest) != checksum.digest:
            told = f"{mine[checksum.algorithm]} and {checksum.digest}"
            return replace(
                first,
                missing=f"the source gives two {checksum.algorithm} digests for it, {told}",
                fault="contradiction",
            )
    more = {c.algorithm: c for c in (*second.checksums, *first.checksums)}
    ordered = sorted(more.values(), key=lambda c: strong.get(c.algorithm, 0), reverse=True)
    return replace(first, checksums=tuple(ordered) if second.checksums else first.checksums)
