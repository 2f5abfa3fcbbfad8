"""What ``sed`` is told to do: substitutions and deletions, with the lines that they are for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple


class Edit(NamedTuple):
    """A substitution; a deletion (``/pattern/d``) has the text "\\0": nothing is left of the line.

    :param address: of the lines that it is made in (``/address/s/pattern/text/``).
    """

    pattern: str
    text: str
    address: str = ""


def edits(words: Sequence[str]) -> tuple[list[Edit], list[str], bool]:
    """The edits of a command (its words without ``sed``), the files, and whether they are edited in place."""
    scripts: list[str] = []
    files: list[str] = []
    in_place = False
    index = 0
    explicit = False
    while index < len(words):
        word = words[index]
        index += 1
        if word in ("-e", "--expression") and index < len(words):
            scripts.append(words[index])
            explicit = True
            index += 1
        elif word in ("-f", "--file", "-l", "--line-length"):
            index += 1  # a script in a file is not to be seen; the length of lines changes nothing
            explicit = explicit or word in ("-f", "--file")
        elif word.startswith("--expression="):
            scripts.append(word.partition("=")[2])
            explicit = True
        elif word.startswith("--in-place"):
            in_place = True
        elif re.fullmatch(r"-[a-zA-Z]*i\S*", word) and not word.startswith("--"):
            in_place = True
            if word.endswith("e") and index < len(words):
                scripts.append(words[index])
                explicit = True
                index += 1
        elif word.startswith("-") and len(word) > 1:
            if re.fullmatch(r"-[nErsuz]*e", word) and index < len(words):
                scripts.append(words[index])
                explicit = True
                index += 1
        elif not explicit and not scripts:
            scripts.append(word)
        else:
            files.append(word)
    found: list[Edit] = []
    for script in scripts:
        found.extend(_of_script(script))
    return found, files, in_place


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
        elif char == "s" and at + 1 < len(script):
            delimiter = script[at + 1]
            parts: list[str] = []
            piece: list[str] = []
            at += 2
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
            if len(parts) == 2:
                found.append(Edit(parts[0], parts[1], address))
            address = ""
            while at < len(script) and script[at] not in ";\n}":
                at += 1
        elif char == "/":
            end = at + 1
            while end < len(script) and not (script[end] == "/" and script[end - 1] != "\\"):
                end += 1
            address = script[at + 1 : end]
            at = end + 1
            while at < len(script) and script[at] in " !I":
                at += 1
            if at < len(script) and script[at] == "d":
                found.append(Edit(address, "\0"))
                address = ""
                at += 1
        else:
            at += 1
    return found
