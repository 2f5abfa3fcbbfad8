"""What unpacks: tar, unzip, 7z, Expand-Archive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.programs.base import add, getopt, named, program, texts
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


def add_unpack(
    walk: Walk, command: shell.Command, place: Place, file: str, directory: str, tool: str, **more: Any
) -> None:
    """An archive unpacked, or an installer run; ``more`` are the other fields of the action."""
    add(walk, act.Unpack, command, place, file=file, directory=directory, tool=tool, **more)


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
        strip=int(strip) if strip.isdigit() and len(strip) < 3 else 0,
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
    file = walk.absolute(walk.text(source))
    if target is not None:
        directory = walk.absolute(walk.text(target))
    else:
        # a directory named as the archive
        directory = paths.join(walk.directory, re.sub(r"\.[^.]*$", "", paths.name(file)), walk.style)
    add_unpack(walk, command, place, file, directory, "Expand-Archive")


@program("expand")
def _expand(walk: Walk, command: shell.Command, place: Place) -> None:
    """``expand file.cab -F:* directory``."""
    operands = [w for w in texts(walk, command) if not re.match(r"(?i)[-/](f:|r$|i$|d$)", w)]
    if operands:
        target = walk.absolute(operands[1]) if len(operands) > 1 else walk.directory
        add_unpack(walk, command, place, walk.absolute(operands[0]), target, "expand")


@program("jar")
def _jar(walk: Walk, command: shell.Command, place: Place) -> None:
    words = texts(walk, command)
    if len(words) > 1 and re.fullmatch(r"-{0,2}(?:x\w*|extract)", words[0]):
        file = next((w for w in words[1:] if not w.startswith("-")), "")
        add_unpack(walk, command, place, walk.absolute(file), walk.directory, "jar")
