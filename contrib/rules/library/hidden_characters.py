"""hidden-characters: text that reads differently for a person and for the builder."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values import characters
from contrib.values.findings import Finding

#: Findings per file.
_MOST = 20


def check(context: LibraryContext) -> Iterator[Finding]:
    """Each line once: controls and invisible characters anywhere, other scripts outside of comments and people."""
    count = 0
    people = False
    text = context.data.decode("utf-8", "surrogateescape")
    for number, line in enumerate(text.split("\n"), 1):
        if not line.startswith((" ", "\t")):
            people = line.lower().startswith("maintainers:")
        found = list(characters.hidden(line if number > 1 else line.removeprefix("\ufeff")))
        if not people and not line.lstrip().startswith("#"):
            found += characters.lookalikes(line)
        if not found:
            continue
        first = found[0]
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        yield context.found(
            RULE,
            number,
            f"{first.name} {first.what}, column {first.offset + 1}{more}: `{characters.written(line)}`",
        )
        count += 1
        if count == _MOST:
            return


RULE = library_rule(
    id="hidden-characters",
    severity="error",
    title="Characters that deceive a reader",
    looks_for=(
        "Characters that turn the direction of reading, that cannot be seen or that steer a terminal, anywhere in the "
        "file, comments too; and letters outside of ASCII in every field but `Maintainers`."
    ),
    why=(
        "A reviewer sees one thing and bashbrew reads another (CVE-2021-42574, Trojan Source): a tag, an address or a "
        "directory with a foreign letter in it is another one."
    ),
    proof="format",
    bad="""
Tags: 1.0, l\u0430test
Directory: 1.0
""",
    good="""
Tags: 1.0, latest
Directory: 1.0
""",
    check=check,
)
