"""A release's checksum, from everything that gives one: what is there must agree, what is not there is reported."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
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

    :param agreeing: the names of all that give it. :param absent: of those that could and do not.
    :param others: digests of the same archive by other algorithms, by algorithm.
    """

    sha256: str
    agreeing: tuple[str, ...]
    absent: tuple[str, ...]
    others: tuple[Checksum, ...] = ()

    @property
    def sentence(self) -> str:
        """For people: what agreed and what was not there."""
        said = f"sha256 of {_listed(self.agreeing)}"
        if len(self.agreeing) > 1:
            said += " agree"
        return f"{said}; not there: {', '.join(self.absent)}" if self.absent else said

    def of(self, algorithm: str) -> str | None:
        """The digest by an algorithm, None when nobody gives it."""
        if algorithm == "sha256":
            return self.sha256 or None
        return next((one.digest for one in self.others if one.algorithm == algorithm), None)


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
    :raises BadInput: the release has no archive, or nothing gives a sha256.
    :raises OutsideError: two of them differ: the archive was changed, or a list is wrong.
    """
    version = release.version.text
    if not release.usable:
        raise BadInput(f"release {version} of the port cannot be used: {release.missing}")
    own: Iterable[Checksum] | None = None
    if client is not None:
        if release.download not in ("", release.url):
            raise BadInput(
                f"the release of {release.asset} names {release.download!r}, and Dockerfiles use {release.url}: "
                "nothing was downloaded",
                kind="address",
            )
        found = client.digest(release.url, progress=progress)
        own = (Checksum("own download", "sha256", found.sha256),)
    return agree(release.asset, release.checksums, release.absent, own, why_not=why_not)


#: Digests of no bytes at all.
_OF_NOTHING = frozenset(hashlib.new(name).hexdigest() for name in ("sha1", "sha256", "sha512"))


def agree(
    name: str,
    checksums: Iterable[Checksum],
    absent: Iterable[str],
    own: Iterable[Checksum] | None,
    *,
    why_not: str = "own download",
    needed: str = "sha256",
) -> Verified:
    """What several digests of one file come to.

    :param own: digests of our own download, None when there was none.
    :param needed: the algorithm without which the file cannot be written.
    :raises BadInput: nothing gives that one.
    :raises OutsideError: two of them differ.
    """
    known = [*checksums, *(own or ())]
    missing = list(absent) + ([] if own is not None else [why_not])
    for each in known:
        if each.digest in _OF_NOTHING:
            # Homebrew/homebrew-core#91092: an update that carried the digest of an empty file.
            raise OutsideError(
                f"the {each.algorithm} of {name} by {each.source} is that of an empty file", kind="archive"
            )
    for algorithm in dict.fromkeys(each.algorithm for each in known):
        same = [each for each in known if each.algorithm == algorithm]
        if len({each.digest for each in same}) > 1:
            said = "; ".join(f"{c.source} {c.digest}" for c in same)
            raise OutsideError(
                f"the checksums of {name} do not agree: {said}",
                kind="checksum",
                hint="the archive was replaced after its release, or is not what it says; ask the port before you use it",
            )
    if not any(each.algorithm == needed for each in known):
        raise BadInput(
            f"nothing gives the {needed} of {name}: not there are {', '.join(missing)}",
            hint="without --no-download and --offline, contrib downloads the archive and takes its own",
            kind="no-digest",
        )
    sha256 = next((each.digest for each in known if each.algorithm == "sha256"), "")
    others = tuple(each for each in known if each.algorithm != "sha256")
    sources = tuple(dict.fromkeys(each.source for each in known))
    return Verified(sha256, sources, tuple(missing), others)


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
