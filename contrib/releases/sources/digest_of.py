"""A digest inside another document: a signature bundle, a software bill of materials."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contrib.releases.model import Checksum
from contrib.releases.sources import Source, address_of, filled
from contrib.releases.sources.json import LENGTHS, run
from contrib.values.errors import BadInput
from contrib.values.tables import Table


@dataclass(frozen=True, slots=True)
class Options:
    """:param digest: a jq expression with ``$name``, the file's name. :param encoding: how it is written."""

    url: str
    digest: str
    encoding: str
    algorithm: str


def options(table: Table) -> Options:
    """The keys ``url``, ``digest``, ``encoding``, ``algorithm``."""
    return Options(
        address_of(table),
        table.text("digest", "a jq expression that gives the digest"),
        table.choice("encoding", ("hex", "base64"), "hex"),
        table.choice("algorithm", tuple(LENGTHS), "sha256"),
    )


def addresses(options: Options, words: Mapping[str, str]) -> tuple[str, ...]:
    """Where the document is."""
    return (filled(options.url, words),)


def digest(pages: Sequence[bytes], source: Source, origin: str, name: str) -> Checksum | None:
    """The digest that the expression gives; None when it gives none.

    :raises BadInput: the document is not JSON, or what it has is not a digest.
    """
    options: Options = source.options
    where = f"sources.toml ({source.name}.digest)"
    for page in pages:
        for found in run(f"{json.dumps(name)} as $name | {options.digest}", page, origin, where):
            if found is None:
                continue
            text = found if isinstance(found, str) else ""
            if options.encoding == "base64":
                try:
                    text = base64.b64decode(text, validate=True).hex()
                except (ValueError, binascii.Error):
                    text = ""
            if not re.fullmatch(rf"[0-9A-Fa-f]{{{LENGTHS[options.algorithm]}}}", text):
                raise BadInput(f"{str(found)[:80]!r} is not a digest of {options.algorithm}", file=origin)
            return Checksum(source.name, options.algorithm, text.lower())
    return None
