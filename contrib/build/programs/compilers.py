"""Programs that compile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build import options
from contrib.build.programs.base import add, program, run_program, texts
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


#: https://www.gnu.org/software/make/manual/ (4.4) and https://ninja-build.org/manual.html
MAKE = options.Table(
    valued=frozenset(["directory", "file", "makefile", "include-dir", "old-file", "assume-old", "what-if", "new-file", "assume-new", "eval"]),
    short={"C": "directory", "f": "file", "I": "include-dir", "o": "old-file", "W": "what-if", "j": "jobs", "l": "load-average", "O": "output-sync", "E": "eval"},
    joined=frozenset(["jobs", "load-average", "output-sync", "debug", "shuffle"]),
    flags=frozenset(["always-make", "environment-overrides", "ignore-errors", "keep-going", "just-print", "print-directory", "no-print-directory", "quiet", "silent", "touch", "trace"]),
)  # fmt: skip


@program("make", "gmake", "nmake", "ninja")
def _make(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.read(texts(walk, command), MAKE)
    operands = line.operands  # ``-j 4`` leaves a number, which is no target
    directory = line.last("directory") or ""
    prefix = next((o.partition("=")[2] for o in operands if re.match(r"(?i)(PREFIX|DESTDIR)=", o)), "")
    install = any(o == "install" or o.startswith("install-") or o.endswith("-install") for o in operands)
    add(
        walk, act.Compile, command, place, tool=command.full_name.lower(), install=install,
        directory=walk.absolute(directory) if directory else walk.directory, prefix=prefix,
    )  # fmt: skip


@program(
    "configure",
    "cmake",
    "meson",
    "gcc",
    "g++",
    "cc",
    "clang",
    "msbuild",
    "make.bash",
    "make.bat",
    "mvn",
    "gradle",
)
def compiler(walk: Walk, command: shell.Command, place: Place) -> None:
    """A compiler, or a tool that compiles with one of its verbs (``go build``); else a program as any other."""
    words = texts(walk, command)
    name = command.full_name.lower()
    if place.quiet:
        return
    several = name in ("go", "cargo", "mvn", "gradle", "dotnet")
    if several and (not words or words[0] not in ("build", "install", "run", "publish", "package")):
        run_program(walk, command, place)
        return
    prefix = next(
        (w.partition("=")[2] for w in words if w.startswith(("--prefix=", "-DCMAKE_INSTALL_PREFIX="))), ""
    )
    if name == "configure" and not prefix:
        prefix = "/usr/local"
    add(
        walk,
        act.Compile,
        command,
        place,
        tool=name,
        install="install" in words,
        directory=walk.directory,
        prefix=prefix,
    )
