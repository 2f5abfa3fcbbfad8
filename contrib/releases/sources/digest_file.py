"""A file of digests: ``SHA256SUMS`` with a line per file (GNU and BSD form), or ``X.sha256`` with one digest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contrib.releases.model import Checksum
from contrib.releases.sources import Source, decoded, filled
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.tables import Table

LENGTHS = {"sha1": 40, "sha256": 64, "sha512": 128}
_GNU = re.compile(r"\\?(?P<digest>[0-9A-Fa-f]+)(?:[ \t]+[*]?|[ \t]*[*])(?P<name>\S.*)")
_BSD = re.compile(
    r"(?P<algorithm>SHA-?(?:1|256|512))[ \t]*\((?P<name>.+)\)[ \t]*=[ \t]*(?P<digest>[0-9A-Fa-f]+)", re.I
)


@dataclass(frozen=True, slots=True)
class Options:
    """:param urls: one file or several, whose lines are taken together. :param algorithm: of the digests."""

    urls: tuple[str, ...]
    algorithm: str


def options(table: Table) -> Options:
    """The keys ``url`` (an address or a list of them) and ``algorithm``."""
    value = table.value("url")
    urls = [value] if isinstance(value, str) else value
    if (
        not isinstance(urls, list)
        or not urls
        or not all(isinstance(one, str) and re.fullmatch(r"(?:https://|\{url\})\S*", one) for one in urls)
    ):
        raise table.wrong("url", "an https address, or a list of them")
    return Options(tuple(urls), table.choice("algorithm", tuple(LENGTHS), "sha256"))


def addresses(options: Options, words: Mapping[str, str]) -> tuple[str, ...]:
    """Where the files are."""
    return tuple(filled(url, words) for url in options.urls)


def listed(data: bytes, algorithm: str, origin: str) -> dict[str, tuple[str, ...]]:
    """File name to its digests, each once; ``""`` for a digest that names no file.

    Names are without the directory that some lists write before them.
    """
    found: dict[str, dict[str, None]] = {}
    for line in decoded(data, origin).splitlines():
        line = line.strip()
        match = _BSD.fullmatch(line) or _GNU.fullmatch(line)
        if match is not None:
            name, digest = match["name"].strip().replace("\\", "/").rpartition("/")[2], match["digest"]
            if "algorithm" in match.groupdict() and match["algorithm"].lower().replace("-", "") != algorithm:
                continue
        else:
            name, digest = "", line
        if len(digest) == LENGTHS[algorithm] and re.fullmatch(r"[0-9A-Fa-f]+", digest):
            found.setdefault(name, {})[digest.lower()] = None
    return {name: tuple(digests) for name, digests in found.items()}


@bounded("origin")
def digest(pages: Sequence[bytes], source: Source, origin: str, name: str) -> Checksum | None:
    """The digest of the file of that name; of a file with one digest and no name, that one.

    :raises BadInput: it names the file twice, with two digests.
    """
    algorithm = source.options.algorithm
    for page in pages:
        lines = listed(page, algorithm, origin)
        digests = lines.get(name) or (lines.get("") if len(lines) == 1 else None)
        if digests and len(digests) > 1:
            raise BadInput(f"names {name} with two digests, {digests[0]} and {digests[1]}", file=origin)
        if digests:
            return Checksum(source.name, algorithm, digests[0])
    return None


@bounded("origin")
def names(pages: Sequence[bytes], source: Source, origin: str) -> dict[str, str]:
    """All files that the lists name, with their digests."""
    found: dict[str, str] = {}
    for page in pages:
        for name, digests in listed(page, source.options.algorithm, origin).items():
            if name and len(digests) == 1:
                found.setdefault(name, digests[0])
    return found
