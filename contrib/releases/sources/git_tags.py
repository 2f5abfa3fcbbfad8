"""The tags of a git repository, asked for by git's own protocol (``git ls-remote --tags``)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contrib.releases.model import Catalogue, Release, Unread
from contrib.releases.sources import Source, decoded, filled, regex
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.tables import Table
from contrib.values.versions import Version

#: Read with git, not with HTTP.
PROTOCOL = "git"


@dataclass(frozen=True, slots=True)
class Options:
    """:param tag: over a tag's name, with the group ``version``. :param archive: address, with ``{version}``."""

    repository: str
    tag: re.Pattern[str]
    archive: str


def options(table: Table) -> Options:
    """The keys ``repository``, ``tag``, ``archive``."""
    repository = table.text(
        "repository", "the https address of a git repository", pattern=re.compile(r"https://\S+")
    )
    tag = regex(table, "tag", r"v?(?P<version>[0-9][0-9A-Za-z.-]*)")
    if "version" not in tag.groupindex:
        raise table.wrong("tag", "a regular expression with the group (?P<version>…)")
    return Options(repository, tag, table.text("archive", "an address", default=""))


def address(options: Options, words: Mapping[str, str]) -> str:
    """The repository."""
    return options.repository


@bounded("origin")
def parse(pages: Sequence[bytes], source: Source, origin: str) -> Catalogue:
    """The releases that tags name; lines of ``ls-remote`` or bare tags, ``^{}`` left out.

    :raises BadInput: not text.
    """
    options: Options = source.options
    releases: dict[str, Release] = {}
    unread = []
    for line in decoded(b"\n".join(pages), origin).splitlines():
        name = line.split("\t")[-1].strip().removesuffix("^{}").removeprefix("refs/tags/")
        if not name:
            continue
        found = options.tag.fullmatch(name)
        version = Version.maybe(found["version"]) if found else None
        if version is None:
            unread.append(Unread(name[:80], left_out=True))
            continue
        try:
            url = filled(options.archive, {"version": version.text, "tag": name})
        except BadInput as error:
            raise BadInput(error.message, file=f"sources.toml ({source.name}.archive)") from error
        releases[version.text] = Release(version, url, url.rpartition("/")[2], None, version.prerelease)
    return Catalogue.of(source.name, origin, releases.values(), unread)
