"""A JSON document and a jq expression that gives its releases.

The expression gives one object per release: ``version``; and where the document has them ``prerelease``,
``published`` (a date), ``url``, ``sha256`` or ``sha1``, ``size``, ``title``, ``security``, ``values`` (an
object, for the keys of a bump) and ``files``: a list of objects with ``key``, ``url``, ``sha256``, ``size``
and further values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contrib.releases.model import Catalogue, Checksum, File, Release, Unread
from contrib.releases.sources import Source, address_of, decoded
from contrib.values import jsontext
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.tables import Table
from contrib.values.versions import Version

LENGTHS = {"sha1": 40, "sha256": 64, "sha512": 128}


@dataclass(frozen=True, slots=True)
class Options:
    """:param releases: a jq expression. :param floating: versions have no order; the first is the newest."""

    url: str
    releases: str
    floating: bool


def options(table: Table) -> Options:
    """The keys ``url``, ``releases``, ``floating``."""
    return Options(
        address_of(table),
        table.text("releases", "a jq expression that gives an object per release"),
        table.flag("floating", False),
    )


def address(options: Options, words: Mapping[str, str]) -> str:
    """The document's address."""
    from contrib.releases.sources import filled

    return filled(options.url, words)


@bounded("origin")
def parse(pages: Sequence[bytes], source: Source, origin: str) -> Catalogue:
    """The releases that the expression gives.

    :raises BadInput: not JSON, or the expression does not fit the document.
    """
    options: Options = source.options
    items: list[Any] = []
    for page in pages:
        items += run(options.releases, page, origin, f"sources.toml ({source.name}.releases)")
    releases, unread = [], []
    for item in items:
        try:
            releases.append(_release(item, source.name, options.floating))
        except _NotOne as error:
            unread.append(Unread(str(error.args[0])[:80], str(error.args[1])))
    found = Catalogue.of(source.name, origin, releases, unread)
    if not options.floating:
        return found
    return Catalogue(source.name, origin, tuple(releases), tuple(unread), floating=True)


def run(expression: str, page: bytes, origin: str, where: str) -> list[Any]:
    """All outputs of a jq expression for a document, in a process of its own.

    :raises BadInput: the document is not JSON, or the expression fails on it.
    """
    from contrib.clients.libjq import JqError, JqLimit, Worker

    text = decoded(page, origin)
    jsontext.read(text, origin)
    try:
        with Worker() as worker:
            return [jsontext.read(line, origin) for line in worker.run(expression, text)]
    except JqLimit as error:
        raise BadInput(f"the expression {error}", file=where) from error
    except JqError as error:
        message = error.message.split("\n", 1)[0].removeprefix("jq: error: ")
        if error.compiling:
            raise BadInput(f"is not jq: {message}", file=where) from error
        raise BadInput(
            f"has another shape than expected: {message}", file=origin, hint=f"the expression is in {where}"
        ) from error


class _NotOne(Exception):
    """An item that is not a release: what, why."""


def _release(item: Any, name: str, floating: bool) -> Release:
    if not isinstance(item, dict) or not isinstance(item.get("version"), str):
        raise _NotOne(json.dumps(item)[:60], "has no version")
    text = item["version"]
    version = Version.maybe(text)
    if version is None:
        if not floating or not re.fullmatch(r"[0-9A-Za-z:/._-]{1,200}", text):
            raise _NotOne(text, "")
        version = Version(text, ())
    url = _text(item, "url", text)
    files = item.get("files") or []
    if not isinstance(files, list):
        raise _NotOne(text, "its files are not a list")
    values = item.get("values") or {}
    if not isinstance(values, dict):
        raise _NotOne(text, "its values are not an object")
    return Release(
        version,
        url,
        url.rpartition("/")[2],
        day(item.get("published")),
        item.get("prerelease") is True or (not floating and version.prerelease),
        checksums(item, name, text),
        size=item["size"] if isinstance(item.get("size"), int) else None,
        title=_text(item, "title", text),
        security=item.get("security") is True,
        files=tuple(_file(each, name, text) for each in files),
        values=values,
    )


def _file(item: Any, name: str, version: str) -> File:
    if not isinstance(item, dict) or not isinstance(item.get("key"), str):
        raise _NotOne(version, "a file of it has no key")
    url = _text(item, "url", version)
    rest = {k: v for k, v in item.items() if k not in ("key", "url", "size", *LENGTHS)}
    size = item["size"] if isinstance(item.get("size"), int) else None
    return File(item["key"], url.rpartition("/")[2], url, checksums(item, name, version), size, rest)


def _text(item: Mapping[str, Any], key: str, version: str) -> str:
    value = item.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _NotOne(version, f"its {key} is not a text")
    return value


def checksums(item: Mapping[str, Any], name: str, version: str) -> tuple[Checksum, ...]:
    """The digests of an object, strongest first."""
    found = []
    for algorithm in ("sha256", "sha512", "sha1"):
        digest = item.get(algorithm)
        if digest is None:
            continue
        if not isinstance(digest, str) or not re.fullmatch(rf"[0-9a-fA-F]{{{LENGTHS[algorithm]}}}", digest):
            raise _NotOne(version, f"its {algorithm} is not a digest: {str(digest)[:80]!r}")
        found.append(Checksum(name, algorithm, digest.lower()))
    return tuple(found)


def day(value: Any) -> date | None:
    """The day of a date or time in ISO's form; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None
