"""What unpacks: tar, unzip, 7z, Expand-Archive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build.programs.base import add, getopt, named, program, texts
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


def add_unpack(
    walk: Walk, command: shell.Command, place: Place, file: str, directory: str, tool: str, strip: int = 0,
    installer: bool = False,
) -> None:  # fmt: skip
    add(
        walk,
        act.Unpack,
        command,
        place,
        file=file,
        directory=directory,
        tool=tool,
        strip=strip,
        installer=installer,
    )


@program("tar", "bsdtar")
def _tar(walk: Walk, command: shell.Command, place: Place) -> None:
    words = texts(walk, command)
    if words and not words[0].startswith("-") and re.fullmatch(r"[a-zA-Z]+", words[0]):
        words = ["-" + words[0], *words[1:]]
    found, _ = getopt(
        words, "fCTXbIKNV",
        ("file", "directory", "strip-components", "exclude", "transform", "use-compress-program", "owner", "group"),
    )  # fmt: skip
    if "x" not in found and "extract" not in found and "get" not in found:
        return
    file = (found.get("f") or found.get("file") or ["-"])[-1]
    directory = (found.get("C") or found.get("directory") or [""])[-1]
    strip = (found.get("strip-components") or ["0"])[-1]
    target = walk.absolute(directory) if directory else walk.directory
    add_unpack(
        walk, command, place, "-" if file == "-" else walk.absolute(file), target, "tar",
        int(strip) if strip.isdigit() and len(strip) < 3 else 0,
    )  # fmt: skip


@program("unzip")
def _unzip(walk: Walk, command: shell.Command, place: Place) -> None:
    found, operands = getopt(texts(walk, command), "dPx")
    if operands:
        directory = (found.get("d") or [""])[-1]
        target = walk.absolute(directory) if directory else walk.directory
        add_unpack(walk, command, place, walk.absolute(operands[0]), target, "unzip")


@program("7z", "7za", "7zr")
def _seven_zip(walk: Walk, command: shell.Command, place: Place) -> None:
    words = texts(walk, command)
    if words and words[0].lower() in ("x", "e"):
        operands = [w for w in words[1:] if not w.startswith("-")]
        out = next((w[2:] for w in words if w.startswith("-o")), "")
        if operands:
            target = walk.absolute(out) if out else walk.directory
            add_unpack(walk, command, place, walk.absolute(operands[0]), target, "7z")


@program("expand-archive")
def _expand_archive(walk: Walk, command: shell.Command, place: Place) -> None:
    words = list(command.positional)
    source = named(command, "Path", "LiteralPath") or (words.pop(0) if words else None)
    target = named(command, "DestinationPath") or (words.pop(0) if words else None)
    if source is None:
        return
    directory = walk.absolute(walk.text(target)) if target is not None else walk.directory
    add_unpack(walk, command, place, walk.absolute(walk.text(source)), directory, "Expand-Archive")
