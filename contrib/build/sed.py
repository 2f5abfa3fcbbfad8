"""What ``sed`` is told to do: substitutions and deletions, with the lines that they are for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from contrib.build import options


class Edit(NamedTuple):
    """What is done to lines: ``s/pattern/text/``, ``/pattern/d``, ``a text``.

    :param pattern: "" for a text that is added, and where the script is not to be seen.
    :param address: of the lines that a replacement is made in (``/address/s/pattern/text/``).
    """

    pattern: str
    text: str
    address: str = ""
    kind: Literal["replace", "drop", "append"] = "replace"


#: https://www.gnu.org/software/sed/manual/ (4.9), and BusyBox's
SED = options.Table(
    valued=frozenset(["expression", "file", "line-length"]),
    short={
        "e": "expression", "f": "file", "l": "line-length", "i": "in-place", "n": "quiet", "E": "regexp-extended",
        "r": "regexp-extended", "s": "separate", "u": "unbuffered", "z": "null-data", "b": "binary",
    },
    joined=frozenset(["in-place"]),
    flags=frozenset(
        ["quiet", "silent", "debug", "follow-symlinks", "posix", "regexp-extended", "separate", "sandbox", "unbuffered", "null-data", "zero-terminated", "binary"]
    ),
)  # fmt: skip


def edits(words: Sequence[str]) -> tuple[list[Edit], list[str], bool]:
    """The edits of a command (its words without ``sed``), the files, and whether they are edited in place.

    A script that stands in a file (``-f``) is one edit of which nothing is known: its pattern is "".
    """
    line = options.read(words, SED)
    scripts = line.values("expression")
    files = list(line.operands)
    unseen = line.has("file")
    if not scripts and not unseen and files:
        scripts.append(files.pop(0))
    found: list[Edit] = []
    for script in scripts:
        found.extend(_of_script(script))
    if unseen:
        found.append(Edit("", ""))
    return found, files, line.has("in-place")


def _of_script(script: str) -> list[Edit]:
    found: list[Edit] = []
    at = 0
    address = ""
    while at < len(script) and len(found) < 100:
        char = script[at]
        if char in " \t\n;{}0123456789,$!":
            if char in ";\n}":
                address = ""
            at += 1
        elif char in "sy" and at + 1 < len(script):
            parts, at = _delimited(script, at + 1)
            if len(parts) == 2 and char == "s":
                found.append(Edit(parts[0], parts[1], address))
            address = ""
            at = _end(script, at, ";\n}")
        elif char in "aic":
            text, at = _line(script, at + 1)
            if char == "c" and address:
                found.append(Edit(address, text))
            elif char != "c":
                found.append(Edit("", text, kind="append"))
            address = ""
        elif char in ":btTqQ#":
            at = _end(script, at, "\n" if char == "#" else ";\n}")
        elif char in "rRwW":
            at = _end(script, at, "\n")
        elif char == "/":
            end = at + 1
            while end < len(script) and not (script[end] == "/" and script[end - 1] != "\\"):
                end += 1
            address = script[at + 1 : end]
            at = end + 1
            while at < len(script) and script[at] in " !I":
                at += 1
            if at < len(script) and script[at] == "d":
                found.append(Edit(address, "", kind="drop"))
                address = ""
                at += 1
        else:
            at += 1
    return found


def _end(script: str, at: int, stops: str) -> int:
    """The next place of one of ``stops``, else the end."""
    while at < len(script) and script[at] not in stops:
        at += 1
    return at


def _delimited(script: str, at: int) -> tuple[list[str], int]:
    """The two parts that the character at ``at`` delimits, and the place behind them."""
    delimiter = script[at]
    parts: list[str] = []
    piece: list[str] = []
    at += 1
    while at < len(script) and len(parts) < 2:
        if script[at] == "\\" and at + 1 < len(script):
            following = script[at + 1]
            piece.append(following if following == delimiter else "\\" + following)
            at += 2
        elif script[at] == delimiter:
            parts.append("".join(piece))
            piece = []
            at += 1
        else:
            piece.append(script[at])
            at += 1
    return parts, at


def _line(script: str, at: int) -> tuple[str, int]:
    """The text of ``a``, ``i`` and ``c``, up to a line end without a backslash before it, and the place behind it."""
    while at < len(script) and script[at] in " \t\\\n":
        at += 1
    lines: list[str] = []
    while at < len(script):
        end = _end(script, at, "\n")
        goes_on = script[at:end].endswith("\\")
        lines.append(script[at:end].removesuffix("\\"))
        at = end + 1
        if not goes_on:
            break
    return "\n".join(lines), min(at, len(script))
