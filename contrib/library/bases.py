"""Which images a Dockerfile starts from and copies from, as bashbrew reads it.

``bashbrew from`` and two checks of official-images' CI stand on this reading, which is not BuildKit's (no
escape directive, no here-documents, no variables); a builder's reading is :mod:`contrib.dockerfile`. One
thing is read rightly that bashbrew does not: ``FROM --platform=… image`` has the image for its base here,
and :attr:`Bases.platform_flag` says that bashbrew takes the flag for it.
"""

from __future__ import annotations

import re

from contrib.library.source import BLANKS

_WORDS = re.compile(f"[^{re.escape(BLANKS)}]+")
_NUMBER = re.compile(r"\+?[0-9]+")

#: A longer line stops bashbrew's reader.
MAX_LINE = 64 * 1024


class Bases:
    """What a Dockerfile is built from.

    :ivar froms: every base in the order met, repeats kept, stages resolved to their own base; ``:latest``
        is added where a name has no tag.
    :ivar stages: base of each stage.
    :ivar platform_flag: line of the first ``FROM --platform``, 0 for none.
    :ivar nameless: line of a ``FROM`` without a name, 0 for none.
    :ivar long_line: line that is too long for bashbrew, 0 for none.
    """

    __slots__ = ("froms", "long_line", "nameless", "platform_flag", "stages")

    def __init__(self) -> None:
        self.froms: list[str] = []
        self.stages: list[str] = []
        self.platform_flag = 0
        self.nameless = 0
        self.long_line = 0

    @property
    def distinct(self) -> tuple[str, ...]:
        """Each base once."""
        return tuple(dict.fromkeys(self.froms))


#: What an entry that is imported (``Builder: oci-import``) counts as.
SCRATCH = Bases()
SCRATCH.froms = ["scratch"]
SCRATCH.stages = ["scratch"]


def read_bases(data: bytes) -> Bases:
    """Read a Dockerfile's bases; never refuses."""
    found = Bases()
    named: dict[str, str] = {}
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    index = 0
    while index < len(lines):
        number = index + 1
        if len(lines[index]) >= MAX_LINE and not found.long_line:
            found.long_line = number
        line = lines[index].strip(BLANKS)
        index += 1
        if not line or line[0] == "#":
            continue
        if line[-1] == "\\":
            parts = [line]
            while parts[-1][-1:] == "\\":
                if index >= len(lines):
                    parts[-1] = parts[-1][:-1]
                    break
                following = lines[index].rstrip(BLANKS)
                index += 1
                if not following or following.lstrip(BLANKS)[0] == "#":
                    continue
                parts[-1] = parts[-1][:-1]
                parts.append(following)
            line = "".join(parts).lstrip(BLANKS)
        if line[:1] not in "FfCcRr":
            continue
        keyword = line[:4].upper()
        if keyword == "FROM":
            _from(_WORDS.findall(line), number, found, named)
        elif keyword == "COPY" or keyword[:3] == "RUN":
            _others(_WORDS.findall(line), found, named)
    return found


def _from(words: list[str], line: int, found: Bases, named: dict[str, str]) -> None:
    if words[0].upper() != "FROM":
        return
    rest = words[1:]
    if rest and rest[0].startswith("--platform="):
        found.platform_flag = found.platform_flag or line
        rest = rest[1:]
    if not rest:
        found.nameless = found.nameless or line
        return
    base = _tagged(named.get(rest[0], rest[0]))
    found.stages.append(base)
    found.froms.append(base)
    if len(rest) == 3 and rest[1].upper() == "AS":
        named[rest[2]] = base


def _others(words: list[str], found: Bases, named: dict[str, str]) -> None:
    keyword = words[0].upper()
    if keyword not in ("COPY", "RUN"):
        return
    for word in words[1:]:
        if not word.startswith("--"):
            return
        source = None
        if keyword == "COPY" and word.startswith("--from="):
            source = word[len("--from=") :]
        elif keyword == "RUN" and word.startswith("--mount="):
            source = _mounted(word[len("--mount=") :])
        if source is None:
            continue
        if source in named:
            source = named[source]
        elif _NUMBER.fullmatch(source) and int(source[:9]) < len(found.stages):
            source = found.stages[int(source[:9])]
        found.froms.append(_tagged(source))


def _mounted(text: str) -> str | None:
    kind = source = ""
    for part in text.split(","):
        if part.startswith("type="):
            kind = part[5:]
        elif part.startswith("from="):
            source = part[5:]
    return source if kind == "bind" and source else None


def _tagged(name: str) -> str:
    return name if name == "scratch" or ":" in name else f"{name}:latest"
