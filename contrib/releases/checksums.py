"""A release's checksum, from all that tells it: what is there must agree, what is not there is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from contrib.releases.model import Checksum, Release
from contrib.values.errors import BadInput, OutsideError


class Digests(Protocol):
    """What downloads for a digest; :class:`contrib.clients.http.Http` does."""

    def digest(self, url: str, *, progress: Callable[[int], None] | None = None) -> Measured:
        """The digest of what is at the address."""
        ...


class Measured(Protocol):
    """A digest of a download."""

    @property
    def sha256(self) -> str:
        """Lower-case hexadecimal."""
        ...


@dataclass(frozen=True, slots=True)
class Verified:
    """The sha256 of an archive.

    :param agreeing: the names of all that tell it. :param absent: of what could and does not.
    """

    sha256: str
    agreeing: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """For people: what agreed and what was not there."""
        said = f"sha256 of {_listed(self.agreeing)}"
        if len(self.agreeing) > 1:
            said += " agree"
        return f"{said}; not there: {', '.join(self.absent)}" if self.absent else said


def verify(
    release: Release,
    client: Digests | None,
    *,
    why_not: str = "own download",
    progress: Callable[[int], None] | None = None,
) -> Verified:
    """The checksum of a release's archive.

    :param client: downloads the archive; None when that is not wanted.
    :param why_not: how the missing download is called, with the reason (``own download (--no-download)``).
    :raises BadInput: the release has no archive, or nothing tells a sha256.
    :raises OutsideError: two of them differ: the archive was changed, or a list is wrong.
    """
    version = release.version.text
    if not release.usable:
        raise BadInput(f"release {version} of the port cannot be used: {release.missing}")
    known = [checksum for checksum in release.checksums if checksum.algorithm == "sha256"]
    absent = list(release.absent)
    if client is not None:
        if release.download not in ("", release.url):
            raise BadInput(
                f"the release of {release.asset} names {release.download!r}, and Dockerfiles use {release.url}: "
                "nothing was downloaded",
                kind="address",
            )
        found = client.digest(release.url, progress=progress)
        known.append(Checksum("own download", "sha256", found.sha256))
    else:
        absent.append(why_not)
    if not known:
        raise BadInput(
            f"nothing tells the sha256 of {release.asset}: not there are {', '.join(absent)}",
            hint="without --no-download and --offline, contrib downloads the archive and takes its own",
        )
    if len({checksum.digest for checksum in known}) > 1:
        told = "; ".join(f"{c.source} {c.digest}" for c in known)
        raise OutsideError(
            f"the checksums of {release.asset} do not agree: {told}",
            kind="checksum",
            hint="the archive was replaced after its release, or is not what it says; ask the port before you use it",
        )
    return Verified(known[0].digest, tuple(dict.fromkeys(c.source for c in known)), tuple(absent))


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
