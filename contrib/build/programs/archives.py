"""What unpacks: tar, unzip, 7z, Expand-Archive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from contrib.build import actions as act
from contrib.build import options, paths
from contrib.build.programs.base import add, named, program, run_program, texts
from contrib.shells import model as shell
from contrib.values.numbers import whole

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
    line = options.read(options.bundled(texts(walk, command), TAR), TAR)
    if not line.has("extract", "get"):
        return
    file = line.last("file") or "-"
    directory = line.last("directory") or ""
    strip = whole(line.last("strip-components") or "0") or 0
    target = walk.absolute(directory) if directory else walk.directory
    add_unpack(
        walk, command, place, "-" if file == "-" else walk.absolute(file), target, "tar",
        strip=strip if strip < 100 else 0,
    )  # fmt: skip


@program("unzip")
def _unzip(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.read(texts(walk, command), UNZIP)
    if line.operands:
        directory = line.last("directory") or ""
        target = walk.absolute(directory) if directory else walk.directory
        add_unpack(walk, command, place, walk.absolute(line.operands[0]), target, "unzip")


#: https://7-zip.opensource.jp/chm/cmdline/switches/ (24.x): the names whose value is joined to them
SEVEN_ZIP = options.Table(
    valued=frozenset(["ai", "an", "ao", "ax", "bb", "bs", "i", "m", "o", "p", "r", "sa", "sc", "sfx", "si", "sns", "so", "ss", "stx", "t", "u", "v", "w", "x"]),
)  # fmt: skip


@program("7z", "7za", "7zr", "7zz", "7zzs")
def _seven_zip(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.whole(texts(walk, command), SEVEN_ZIP)
    verb, *operands = line.operands or ("",)
    if verb.lower() not in ("x", "e") or not operands:
        run_program(walk, command, place)
        return
    out = line.last("o") or ""
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
    words = [re.sub(r"^-(?=\w)", "/", word) for word in texts(walk, command)]
    line = options.slashed(words)
    operands = line.operands
    if operands and not line.has("d"):
        target = walk.absolute(operands[1]) if len(operands) > 1 else walk.directory
        add_unpack(walk, command, place, walk.absolute(operands[0]), target, "expand")


#: https://docs.oracle.com/en/java/javase/21/docs/specs/man/jar.html
JAR = options.Table(
    valued=frozenset(["file", "dir", "manifest", "main-class", "module-version", "release"]),
    short={"f": "file", "C": "dir", "m": "manifest", "e": "main-class", "x": "extract"},
    flags=frozenset(["extract", "create", "list", "verbose", "update"]),
)


@program("jar")
def _jar(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.read(options.bundled(texts(walk, command), JAR), JAR)
    file = line.last("file") or next(iter(line.operands), "")
    if line.has("extract") and file:
        directory = line.last("dir") or ""
        target = walk.absolute(directory) if directory else walk.directory
        add_unpack(walk, command, place, walk.absolute(file), target, "jar")
    else:
        run_program(walk, command, place)


#: https://www.gnu.org/software/gzip/manual/, xz's, bzip2's and zstd's manuals: what each option takes
DECOMPRESS = options.Table(
    valued=frozenset(["suffix", "format", "threads", "memlimit", "output", "output-dir-flat"]),
    short={"S": "suffix", "F": "format", "T": "threads", "M": "memlimit", "o": "output", "d": "decompress", "c": "stdout", "k": "keep"},
    flags=frozenset(["decompress", "uncompress", "stdout", "to-stdout", "keep", "force", "quiet", "verbose", "rm", "test", "list"]),
)  # fmt: skip


@program("gunzip", "bunzip2", "unxz", "unlzma", "unzstd", "gzip", "bzip2", "xz", "lzma", "zstd")
def _decompress(walk: Walk, command: shell.Command, place: Place) -> None:
    """One compressed file, which becomes the file without the suffix beside it."""
    line = options.read(texts(walk, command), DECOMPRESS)
    opens = command.full_name.startswith(("gun", "bun", "un")) or line.has("decompress", "uncompress")
    if not opens or not line.operands or line.has("stdout", "to-stdout", "test", "list"):
        run_program(walk, command, place)
        return
    for operand in line.operands[:50]:
        file = walk.absolute(operand)
        add_unpack(
            walk, command, place, file, paths.parent(file) or walk.directory, command.full_name.lower()
        )
        if not line.has("keep") and "zst" not in command.full_name.lower():
            add(walk, act.Remove, command, place, paths=(file,))


#: https://www.gnu.org/software/binutils/manual/ and cpio's: both take their archive as an operand or by name
AR = options.Table(valued=frozenset(["output", "plugin", "target"]))
CPIO = options.Table(
    valued=frozenset(["file", "directory", "format", "owner", "pattern-file", "block-size"]),
    short={"F": "file", "I": "file", "D": "directory", "H": "format", "R": "owner", "E": "pattern-file", "C": "block-size", "i": "extract"},
)  # fmt: skip


@program("ar")
def _ar(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.read(texts(walk, command), AR)
    verb, *operands = line.operands or ("",)
    if "x" in verb and operands:
        directory = line.last("output") or ""
        target = walk.absolute(directory) if directory else walk.directory
        add_unpack(walk, command, place, walk.absolute(operands[0]), target, "ar")
    else:
        run_program(walk, command, place)


@program("cpio")
def _cpio(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.read(texts(walk, command), CPIO)
    if not line.has("extract"):
        run_program(walk, command, place)
        return
    named_ = line.last("file")
    given = next((walk.text(r.target) for r in command.redirections if r.operator == "<"), None)
    file = named_ or given or "-"
    directory = line.last("directory") or ""
    target = walk.absolute(directory) if directory else walk.directory
    add_unpack(walk, command, place, file if file == "-" else walk.absolute(file), target, "cpio")
