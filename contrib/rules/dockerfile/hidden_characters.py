"""hidden-characters: text that reads differently for a person and for the builder."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.dockerfile.model import Dockerfile, Instruction
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values import characters
from contrib.values.findings import Finding, Lines, Severity
from contrib.values.patterns import lazy

#: The image or stage that COPY takes files from.
_FROM_FLAG = lazy(r"(?i)--from=(\S{1,400})")
#: Findings per file.
MOST = 20


def check(context: Context) -> Iterator[Finding]:
    """Controls and invisible characters anywhere; other scripts' letters in names and addresses."""
    return findings(context.file)


def findings(file: Dockerfile) -> Iterator[Finding]:
    """As :func:`check`, for any Dockerfile: Linux ones are read by people, too."""
    text = file.data.decode("utf-8", "surrogateescape")
    found = [*characters.hidden(text), *_names(file, text), *characters.encoded(text)]
    if not found:
        return
    lines = Lines(file.data)
    offsets = _Bytes(text)
    found.sort(key=lambda one: one.offset)
    count = 0
    while found and count < MOST:
        # One finding per line, at its first.
        each = found[0]
        begin = text.rfind("\n", 0, each.offset) + 1
        stop = text.find("\n", each.offset)
        stop = len(text) if stop < 0 else stop
        here = next((number for number, one in enumerate(found) if one.offset >= stop), len(found))
        found = found[here:]
        count += 1
        more = f", and {here - 1} more on this line" if here > 1 else ""
        start = offsets.of(each.offset)
        line, column = lines.position(start)
        end_line, end_column = lines.position(start + len(each.char.encode("utf-8", "surrogateescape")))
        yield Finding(
            rule=RULE.id,
            severity=RULE.severity,
            file=file.name,
            line=line,
            end_line=end_line,
            message=f"{each.name} {each.what}{more}: `{characters.written(text[begin:stop])}`",
            evidence=RULE.evidence,
            column=column,
            end_column=end_column,
        )


def _names(file: Dockerfile, text: str) -> Iterator[characters.Deceiving]:
    """Characters of image references, stage names, variables' names and hosts that are not ASCII."""
    if text.isascii():
        return
    for offset, host in characters.hosts(text):
        yield from characters.lookalikes(host, offset)
    for flag in _FROM_FLAG.finditer(text):
        yield from characters.lookalikes(flag[1], flag.start(1))
    where = _Characters(text)
    for instruction in file.instructions:
        for place, name in _named(instruction):
            yield from characters.lookalikes(name, where.of(place))


def _named(instruction: Instruction) -> Iterator[tuple[int, str]]:
    """``(byte offset, text)`` of what names something."""
    body = instruction.body
    if not body or body.isascii():
        return
    if instruction.keyword == "FROM":
        yield from ((instruction.offsets[i], char) for i, char in enumerate(body) if not char.isascii())
    elif instruction.keyword in ("ENV", "ARG", "USER", "EXPOSE"):
        end = (
            len(body)
            if instruction.keyword in ("USER", "EXPOSE")
            else len(body.partition("=")[0].split(" ")[0])
        )
        yield from ((instruction.offsets[i], char) for i, char in enumerate(body[:end]) if not char.isascii())


class _Bytes:
    """Byte offsets of characters, asked for in order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = self._byte = 0

    def of(self, offset: int) -> int:
        self._byte += len(self._text[self._at : offset].encode("utf-8", "surrogateescape"))
        self._at = offset
        return self._byte


class _Characters:
    """Characters' offsets of bytes, asked for in order."""

    def __init__(self, text: str) -> None:
        self._data = text.encode("utf-8", "surrogateescape")
        self._at = self._character = 0

    def of(self, byte: int) -> int:
        if byte < self._at:
            self._at = self._character = 0
        self._character += len(self._data[self._at : byte].decode("utf-8", "surrogateescape"))
        self._at = byte
        return self._character


RULE = Rule(
    id="hidden-characters",
    severity=Severity.ERROR,
    title="characters that deceive a reader",
    looks_for=(
        "The file contains characters that change the reading direction (U+202A to U+202E, "
        "U+2066 to U+2069, marks), that are invisible (zero-width, fillers, tags) or that "
        "control a terminal. Letters of another script in image references, names and hosts "
        "are reported too, also where Punycode (`xn--`) writes them in ASCII."
    ),
    why=(
        "A reviewer sees one thing and the builder reads another (CVE-2021-42574, Trojan "
        "Source). Letters outside ASCII are fine in comments and texts; in a name they make "
        "it a different name."
    ),
    evidence=evidence("CVE-2021-42574 <https://nvd.nist.gov/vuln/detail/CVE-2021-42574>"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
# safe \u202e\u2066 check\u2069 \u2066
RUN powershell -Command "echo h"
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
# safe check
RUN powershell -Command "echo h"
"""
    ),
    check=check,
)
