"""The newest version of another official image: a tag of the entry of its library file that has a given tag."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contrib.releases.model import Catalogue, Release, Unread
from contrib.releases.sources import Source, address_of, decoded, regex
from contrib.values.budgets import bounded
from contrib.values.tables import Table
from contrib.values.versions import Version


@dataclass(frozen=True, slots=True)
class Options:
    """:param tag: the entry that is looked at. :param pattern: over its tags; the first that fits is the version."""

    url: str
    tag: str
    pattern: re.Pattern[str]


def options(table: Table) -> Options:
    """The keys ``url``, ``tag``, ``pattern``."""
    return Options(address_of(table), table.text("tag", "a tag", default="latest"), regex(table, "pattern"))


def address(options: Options, words: Mapping[str, str]) -> str:
    """The library file's address."""
    return options.url


@bounded("origin")
def parse(pages: Sequence[bytes], source: Source, origin: str) -> Catalogue:
    """One release: the tag that fits.

    :raises BadInput: not text.
    """
    options: Options = source.options
    unread = []
    for page in pages:
        for entry in re.split(r"\n[ \t]*\n", decoded(page, origin)):
            line = re.search(r"^Tags:(.*(?:\n[ \t].*)*)", entry, re.MULTILINE)
            tags = [tag.strip() for tag in line[1].replace("\n", " ").split(",")] if line else []
            if options.tag not in tags:
                continue
            for tag in tags:
                if options.pattern.fullmatch(tag):
                    version = Version.maybe(tag) or Version(tag, ())
                    found = Release(version, "", "", None, False)
                    return Catalogue(source.name, origin, (found,), floating=not version.numbers)
            unread.append(Unread(", ".join(tags)[:80], "none of its tags has the form that is looked for"))
    return Catalogue(source.name, origin, (), tuple(unread))
