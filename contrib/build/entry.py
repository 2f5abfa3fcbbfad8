"""Scripts of the build context that the image starts."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.shells import model as shell
from contrib.shells import script_of, shell_in_force
from contrib.values.patterns import lazy
from contrib.values.records import dataclass

_MOST = 5000


@dataclass(frozen=True, slots=True)
class Line:
    """A command of such a script, which nothing walks: nobody knows with what it is called.

    :param name: as :attr:`contrib.shells.model.Command.full_name`.
    :param words: those after the name; as they are written where a shell would expand them.
    :param literal: for each word, that nothing in it is expanded.
    """

    name: str
    words: tuple[str, ...]
    literal: tuple[bool, ...]


def lines(nodes: tuple[shell.Node, ...]) -> Iterator[Line]:
    """Every command of the nodes, in order."""
    for count, command in enumerate(shell.commands(nodes)):
        if count > _MOST:
            return
        yield Line(
            command.full_name,
            tuple(word.literal if word.literal is not None else word.text for word in command.words),
            tuple(word.literal is not None for word in command.words),
        )


#: An init before the shell (``#!/usr/bin/dumb-init /bin/sh``): it starts the shell, which reads the script.
_INIT = lazy(r"\A#!\s*\S*?(?:dumb-init|tini|catatonit)\b(?=.*\b(?:sh|bash|ash|dash)\b)")


def script_in(name: str, data: bytes) -> shell.Script | None:
    """A script file, read as the body of a RUN would be."""
    from contrib.dockerfile import parse

    mark = "CONTRIB_ENTRY_SCRIPT"
    if len(data) > 262_144 or b"\0" in data or mark.encode() in data:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    windows = name.lower().endswith((".ps1", ".cmd", ".bat"))
    if not windows:
        text = _INIT.sub("#", text, count=1)
    base = "mcr.microsoft.com/windows/servercore:ltsc2022" if windows else "scratch"
    head = 'SHELL ["powershell"]\n' if name.lower().endswith(".ps1") else ""
    wrapped = f"FROM {base}\n{head}RUN <<'{mark}'\n{text.rstrip()}\n{mark}\n"
    stage = parse(wrapped.encode("utf-8", "surrogatepass"), name).last_stage
    if stage is None or not stage.instructions or stage.instructions[-1].keyword != "RUN":
        return None
    run = stage.instructions[-1]
    return script_of(run, shell_in_force(stage, run, "windows" if windows else "linux"))
