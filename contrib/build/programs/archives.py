"""What unpacks: tar, unzip, 7z, Expand-Archive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from contrib.build import actions as act
from contrib.build import options, paths
from contrib.build.programs.base import add, named, program, texts
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


def add_unpack(
    walk: Walk, command: shell.Command, place: Place, file: str, directory: str, tool: str, **more: Any
) -> None:
    """An archive unpacked, or an installer run; ``more`` are the other fields of the action."""
    add(walk, act.Unpack, command, place, file=file, directory=directory, tool=tool, **more)


#: https://www.gnu.org/software/tar/manual/ (1.35), and the options that libarchive's tar has besides.
TAR = options.Table(
    valued=frozenset(
        ["add-file", "atime-preserve", "blocking-factor", "checkpoint-action", "directory", "exclude", "exclude-from", "exclude-ignore", "exclude-tag", "file", "files-from", "format", "gid", "gname", "group", "group-map", "hole-detection", "info-script", "index-file", "label", "level", "listed-incremental", "mode", "mtime", "new-volume-script", "newer", "newer-mtime", "occurrence-of", "owner", "owner-map", "passphrase", "pax-option", "quote-chars", "quoting-style", "record-size", "rmt-command", "rsh-command", "set-mtime-command", "set-mtime-format", "sort", "sparse-version", "starting-file", "strip-components", "suffix", "tape-length", "to-command", "transform", "uid", "uname", "use-compress-program", "volno-file", "warning", "xattrs-include", "xattrs-exclude", "xform"]
    ),
    short={"b": "blocking-factor", "C": "directory", "f": "file", "F": "info-script", "g": "listed-incremental", "H": "format", "I": "use-compress-program", "K": "starting-file", "L": "tape-length", "N": "newer", "T": "files-from", "V": "label", "x": "extract", "X": "exclude-from"},
    flags=frozenset(["extract", "get", "gzip", "no-same-owner", "no-same-permissions", "overwrite", "preserve-permissions", "touch", "verbose", "xz", "zstd", "bzip2"]),
)  # fmt: skip

#: https://infozip.sourceforge.net/UnZip.html (6.0)
UNZIP = options.Table(
    valued=frozenset(["directory", "password", "exclude"]),
    short={"d": "directory", "P": "password", "x": "exclude"},
)


@program("tar", "bsdtar")
def _tar(walk: Walk, command: shell.Command, place: Place) -> None:
    words = texts(walk, command)
    if words and not words[0].startswith("-") and re.fullmatch(r"[a-zA-Z]+", words[0]):
        words = ["-" + words[0], *words[1:]]
    line = options.read(words, TAR)
    if not line.has("extract", "get"):
        return
    file = line.last("file") or "-"
    directory = line.last("directory") or ""
    strip = line.last("strip-components") or "0"
    target = walk.absolute(directory) if directory else walk.directory
    add_unpack(
        walk, command, place, "-" if file == "-" else walk.absolute(file), target, "tar",
        strip=int(strip) if strip.isdigit() and len(strip) < 3 else 0,
    )  # fmt: skip


@program("unzip")
def _unzip(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.read(texts(walk, command), UNZIP)
    if line.operands:
        directory = line.last("directory") or ""
        target = walk.absolute(directory) if directory else walk.directory
        add_unpack(walk, command, place, walk.absolute(line.operands[0]), target, "unzip")


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
