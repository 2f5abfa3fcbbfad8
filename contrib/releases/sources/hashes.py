"""A list of archives with digests, as redis-hashes keeps it: ``hash FILE ALGORITHM DIGEST URL`` a line."""

from __future__ import annotations

import re

from contrib.releases.model import Catalogue, Checksum, Release
from contrib.values.errors import BadInput
from contrib.values.versions import Version

_LENGTHS = {"sha1": 40, "sha256": 64, "sha512": 128}


def parse(data: bytes, *, prefix: str, suffix: str, name: str, origin: str) -> Catalogue:
    """The releases in the list. Lines that do not begin with ``hash`` are comments.

    The version is the file's name less an optional prefix and the suffix; the address is taken as written. Of
    two lines for one file the later one counts, as in upstream's own scripts. Files without a version's
    name (nightly archives) are left out.

    :raises BadInput: a ``hash`` line that is not one, or no such line at all.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("is not UTF-8 text", file=origin) from error
    releases: dict[str, Release] = {}
    lines = 0
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0] != "hash":
            continue
        lines += 1
        if len(words) != 5:
            raise BadInput("expected 'hash FILE ALGORITHM DIGEST URL'", file=origin, line=number)
        _, file, algorithm, digest, url = words
        digest = digest.lower()
        if len(digest) != _LENGTHS.get(algorithm, -1) or not re.fullmatch(r"[0-9a-f]+", digest):
            raise BadInput(f"{words[3][:140]!r} is not a digest of {algorithm}", file=origin, line=number)
        if not file.endswith(suffix):
            continue
        version = Version.maybe(file.removeprefix(prefix).removesuffix(suffix))
        if version is None:
            continue
        releases[version.text] = Release(
            version, url, file, None, version.prerelease, (Checksum(name, algorithm, digest),)
        )
    if not lines:
        raise BadInput(
            "has no line that begins with 'hash'",
            file=origin,
            hint="expected lines such as: hash FILE ALGORITHM DIGEST URL",
        )
    return Catalogue.of(name, origin, releases.values())
