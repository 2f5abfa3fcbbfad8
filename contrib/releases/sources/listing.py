"""A document in which a regular expression finds versions: a web server's index, a page, a source file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contrib.releases.model import Catalogue, Release, Unread
from contrib.releases.sources import Source, address_of, decoded, filled, regex
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.tables import Table
from contrib.values.versions import Version


@dataclass(frozen=True, slots=True)
class Options:
    """:param pattern: with the group ``version``. :param instead: versions to take for others.

    :param floating: what is found is a name without order (a code name); the first is the newest.
    """

    url: str
    pattern: re.Pattern[str]
    archive: str
    instead: Mapping[str, str]
    floating: bool


def options(table: Table) -> Options:
    """The keys ``url``, ``pattern``, ``archive``, ``instead``, ``floating``."""
    pattern = regex(table, "pattern")
    if "version" not in pattern.groupindex:
        raise table.wrong("pattern", "a regular expression with the group (?P<version>…)")
    instead = table.table("instead", required=False)
    return Options(
        address_of(table),
        pattern,
        table.text("archive", "an address", default=""),
        {name: instead.text(name, "a version") for name in instead.items()},
        table.flag("floating", False),
    )


def address(options: Options, words: Mapping[str, str]) -> str:
    """The document's address."""
    return filled(options.url, words)


@bounded("origin")
def parse(pages: Sequence[bytes], source: Source, origin: str) -> Catalogue:
    """The versions that the document names.

    :raises BadInput: not text.
    """
    options: Options = source.options
    releases: dict[str, Release] = {}
    unread = []
    for page in pages:
        text = decoded(page, origin)
        for found in options.pattern.finditer(text):
            name = options.instead.get(found["version"], found["version"])
            version = Version.maybe(name)
            if version is None:
                if not options.floating or not re.fullmatch(r"[0-9A-Za-z._-]{1,80}", name):
                    unread.append(Unread(name[:80]))
                    continue
                version = Version(name, ())
            try:
                url = filled(options.archive, {"version": version.text})
            except BadInput as error:
                raise BadInput(error.message, file=f"sources.toml ({source.name}.archive)") from error
            prerelease = not options.floating and version.prerelease
            releases.setdefault(version.text, Release(version, url, url.rpartition("/")[2], None, prerelease))
        if not releases and not unread:
            first = next((line for line in text.splitlines() if line.strip()), "")
            unread.append(Unread(first[:80], "nothing in it has the form that is looked for"))
    if options.floating:
        return Catalogue(source.name, origin, tuple(releases.values()), tuple(unread), floating=True)
    return Catalogue.of(source.name, origin, releases.values(), unread)
