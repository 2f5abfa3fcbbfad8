"""What runs a script or another command that is a value: Invoke-Expression, Start-Process, aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contrib.build import computed, paths
from contrib.build.actions import Value
from contrib.build.programs import installers, services
from contrib.build.programs.base import HANDLERS, add_run, named, run_program
from contrib.shells import model as shell
from contrib.shells.programs import is_shell
from contrib.values.records import replace

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


def run_value(walk: Walk, command: shell.Command, place: Place) -> None:
    """Add what the command does; blocks that are called were walked where they stand."""
    name = command.full_name.lower()
    if name in ("invoke-expression", "iex"):
        _expression(walk, command, place)
    elif name in ("set-alias", "new-alias"):
        _alias(walk, command)
    elif name == "start-process":
        _start_process(walk, command, place)


def _expression(walk: Walk, command: shell.Command, place: Place) -> None:
    """A text that is run as PowerShell; where it is not known (``iex (iwr …)``), a program that is run."""
    word = named(command, "Command") or (command.positional[0] if command.positional else None)
    value = walk.value(word) if word is not None else None
    known = value is not None and value.known and not value.fetched
    if not known or not computed.run_script(walk, "powershell", walk.text(word), command.span, place):
        run_program(walk, command, place)


def _alias(walk: Walk, command: shell.Command) -> None:
    words = list(command.positional)
    name = named(command, "Name") or (words.pop(0) if words else None)
    value = named(command, "Value") or (words.pop(0) if words else None)
    if name is not None and value is not None and len(walk.aliases) < 100:
        walk.aliases[walk.text(name).lower()] = walk.text(value)


def _start_process(walk: Walk, command: shell.Command, place: Place) -> None:
    """A program started apart, which does what it does anywhere else."""
    words = list(command.positional)
    path = named(command, "FilePath") or (words.pop(0) if words else None)
    arguments = named(command, "ArgumentList") or (words.pop(0) if words else None)
    if path is None:
        return
    given: list[Value] = []
    if arguments is not None:
        for item in walk.value(arguments).each:
            given.extend(replace(item, text=text, items=()) for text in installers.pieces(item.text))
    name = walk.text(path)
    texts = [value.text for value in given]
    if installers.installer_run(walk, command, place, name, texts, apart=True, starter="Start-Process"):
        return
    bare = paths.program(name)
    if is_shell(bare) and computed.run_shell(walk, command, place, bare, given):
        return
    handler = HANDLERS.get(bare)
    if handler is not None and bare not in ("start", "start-process"):
        handler(walk, computed.called(walk, command, name, given), place)
        return
    services.verbs(walk, command, place, bare, name, texts)
    add_run(walk, command, place, bare, name, texts)
