"""Installers, and programs that are started."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.programs.archives import add_unpack
from contrib.build.programs.base import add, getopt, named, program, run_program, texts
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk

_INSTALL_DIRECTORY = re.compile(
    r"(?i)^/?-?(?:INSTALLLOCATION|INSTALLDIR|INSTALLFOLDER|TARGETDIR|APPLICATIONFOLDER|DIR|D|INSTALLPATH|INSTALL_ROOT)=(.+)$"
)


def installer_run(
    walk: Walk, command: shell.Command, place: Place, program: str, words: Sequence[str]
) -> bool:
    """Whether a started program is an installer: msiexec, or something downloaded; notes it when it is."""
    bare = paths.program(program)
    file = ""
    if bare == "msiexec":
        lowered = [w.lower() for w in words]
        for flag in ("/i", "-i", "/package", "/x", "/a"):
            if flag in lowered and lowered.index(flag) + 1 < len(words):
                if flag == "/x":
                    return False
                file = walk.absolute(words[lowered.index(flag) + 1])
        if not file:
            file = next(
                (walk.absolute(w[2:]) for w in words if w.lower().startswith("/i") and len(w) > 2), ""
            )
    else:
        path = walk.absolute(program)
        if path not in walk.fetched and path + ".exe" not in walk.fetched:
            return False
        silent = any(
            re.match(r"(?i)^[-/]+(quiet|q|qn|s|silent|verysilent|passive|install)\b", w) for w in words
        )
        directed = any(_INSTALL_DIRECTORY.match(w.strip("'\"")) for w in words)
        if not silent and not directed:
            return False
        file = path
    directory = ""
    for word in words:
        match = _INSTALL_DIRECTORY.match(word.strip("'\""))
        if match is not None:
            directory = walk.absolute(match.group(1).strip("'\""))
        if re.match(r"(?i)^(PrependPath=1|ADDLOCAL=(.*,)?PrependPath(,.*)?)$", word.strip("'\"")):
            add(walk, act.PathEdit, command, place, directories=(), scope="installer", literal="")
        if re.match(r"(?i)^ADDLOCAL=(all|.*(?<!No)Service(,|$))", word.strip("'\"")):
            add(walk, act.Service, command, place, text=word)
    add_unpack(
        walk, command, place, file, directory, bare if bare == "msiexec" else "installer", installer=True
    )
    return True


@program("start-process")
def _start_process(walk: Walk, command: shell.Command, place: Place) -> None:
    words = list(command.positional)
    program = named(command, "FilePath") or (words.pop(0) if words else None)
    arguments = named(command, "ArgumentList") or (words.pop(0) if words else None)
    if program is None:
        return
    given: list[str] = []
    if arguments is not None:
        value = walk.value(arguments)
        for item in value.each:
            given.extend(
                re.findall(r"\"[^\"]*\"|'[^']*'|[^\s'\"]+=(?:\"[^\"]*\"|\S+)|\S+", item.text)
                if " " in item.text
                else [item.text]
            )
    name = walk.text(program)
    if installer_run(walk, command, place, name, given):
        return
    add(
        walk,
        act.Run,
        command,
        place,
        name=paths.program(name),
        path=name,
        arguments=tuple(given),
        quiet=place.quiet,
    )


@program("msiexec")
def _msiexec(walk: Walk, command: shell.Command, place: Place) -> None:
    if not installer_run(walk, command, place, "msiexec", texts(walk, command)):
        run_program(walk, command, place)


def any_program(walk: Walk, command: shell.Command, place: Place) -> None:
    if not installer_run(walk, command, place, command.name, texts(walk, command)):
        run_program(walk, command, place)


@program("dpkg")
def _dpkg(walk: Walk, command: shell.Command, place: Place) -> None:
    found, operands = getopt(texts(walk, command))
    if ("i" in found or "install" in found) and operands:
        add_unpack(walk, command, place, walk.absolute(operands[0]), "", "dpkg", installer=True)
