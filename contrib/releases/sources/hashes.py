"""A list of archives with digests, as redis-hashes keeps it: one ``hash FILE ALGORITHM DIGEST URL`` per line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contrib.releases.model import Catalogue, Checksum, Release, Unread
from contrib.releases.sources import Source, address_of, decoded, filled
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.tables import Table
from contrib.values.versions import Version

_LENGTHS = {"sha1": 40, "sha256": 64, "sha512": 128}


@dataclass(frozen=True, slots=True)
class Options:
    """:param prefix: (optional) and ``suffix``: of the file names around the version."""

    url: str
    prefix: str
    suffix: str


def options(table: Table) -> Options:
    """The keys ``url``, ``prefix``, ``suffix``."""
    return Options(
        address_of(table), table.text("prefix", default=""), table.text("suffix", default=".tar.gz")
    )


def address(options: Options, words: Mapping[str, str]) -> str:
    """The list's address."""
    return filled(options.url, words)


@bounded("origin")
def parse(pages: Sequence[bytes], source: Source, origin: str) -> Catalogue:
    """The releases in the list. Lines that do not begin with ``hash`` are comments.

    The version is the file's name without an optional prefix and the suffix. A line that cannot be used is among
    ``unread``; two lines that give one file two digests contradict each other. Files that name no
    version (nightly archives) are left out.

    :raises BadInput: there is no such line at all.
    """
    options: Options = source.options
    releases = []
    unread = []
    lines = 0
    for number, line in enumerate(decoded(b"\n".join(pages), origin).splitlines(), 1):
        words = line.split()
        if not words or words[0] != "hash":
            continue
        lines += 1
        if len(words) != 5:
            unread.append(Unread(line[:80], f"line {number}: expected 'hash FILE ALGORITHM DIGEST URL'"))
            continue
        _, file, algorithm, digest, url = words
        if not file.endswith(options.suffix):
            continue
        version = Version.maybe(file.removeprefix(options.prefix).removesuffix(options.suffix))
        if version is None:
            continue
        digest = digest.lower()
        if algorithm not in _LENGTHS:
            unread.append(Unread(line[:80], f"line {number}: {algorithm[:20]} is not a digest that is used"))
            continue
        if len(digest) != _LENGTHS[algorithm] or not re.fullmatch(r"[0-9a-f]+", digest):
            unread.append(
                Unread(line[:80], f"line {number}: {words[3][:20]!r} is not a digest of {algorithm}")
            )
            continue
        releases.append(
            Release(version, url, file, None, version.prerelease, (Checksum(source.name, algorithm, digest),))
        )
    if not lines:
        raise BadInput(
            "has no line that begins with 'hash'",
            file=origin,
            hint="expected lines such as: hash FILE ALGORITHM DIGEST URL",
        )
    return Catalogue.of(source.name, origin, releases, unread)
