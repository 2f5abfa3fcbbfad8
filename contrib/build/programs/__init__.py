"""What programs and cmdlets do: words to actions, one module per family.

A module registers a function for each program that it reads (:func:`contrib.build.programs.base.program`).
The function gets the walk (:class:`contrib.build.walk.Walk`), the command and its place, and adds
actions. A command that no module registers is a program that is run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contrib.build.programs import (
    accounts as accounts,
)
from contrib.build.programs import archives as archives
from contrib.build.programs import compilers as compilers
from contrib.build.programs import edits as edits
from contrib.build.programs import fetch as fetch
from contrib.build.programs import files as files
from contrib.build.programs import languages as languages
from contrib.build.programs import packages as packages
from contrib.build.programs import services as services
from contrib.build.programs import settings as settings
from contrib.build.programs.base import HANDLERS, arguments, program, run_program
from contrib.build.programs.base import PRINTERS as PRINTERS
from contrib.build.programs.checks import CHECKERS, checksum
from contrib.build.programs.installers import any_program
from contrib.shells import cmdlets
from contrib.shells import model as shell
from contrib.shells.programs import is_shell
from contrib.values.patterns import lazy
from contrib.values.records import replace

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk

#: What stands behind a program's name to tell its versions apart: ``pip3.12``, ``python3``.
_VERSIONED = lazy(r"(?<=[a-z])\d+(\.\d+)*$")

#: Said and done inside the shell; no program is run.
_SILENT = frozenset(
    [
        "echo",
        "printf",
        "write-host",
        "write-output",
        "write-verbose",
        "write-information",
        "true",
        ":",
        "test",
        "[",
        "[[",
        "set-psdebug",
        "pwd",
        "get-childitem",
        "ls",
        "dir",
        "get-item",
        "test-path",
        "select-object",
        "sort-object",
        "where-object",
        "foreach-object",
        "out-null",
        "measure-object",
        "format-table",
        "format-list",
        "get-command",
        "type",
        "read",
        "wait",
        "sleep",
        "start-sleep",
        "date",
        "stat",
        "head",
        "tail",
        "wc",
        "tr",
        "cut",
        "awk",
        "sort",
        "uniq",
        "xargs",
        "nproc",
        "getconf",
        "basename",
        "dirname",
        "mktemp",
        "readlink",
        "realpath",
        "id",
        "cat",
        "get-content",
        "rem",
        "set-strictmode",
        "import-module",
        "join-path",
        "split-path",
        "convert-path",
        "resolve-path",
        "new-object",
        "trap",
        "local",
        "hash",
        "command",
        "which",
        "ldconfig",
        "sync",
        "get-location",
        "unset",
        "get-process",
        "apk-query",
        "file",
        "touch",
        "get-acl",
        "dos2unix",
        "exec",
        "eval",
        "setlocal",
        "endlocal",
        "shift",
    ]
)


def is_preference(node: shell.Node) -> bool:
    """A statement that only sets how the shell behaves."""
    if isinstance(node, shell.Assignment):
        return node.name.lower().endswith("preference")
    return isinstance(node, shell.Command) and node.full_name.lower() in ("set", "setlocal")


@program(
    "invoke-expression", "iex", "invoke-command", "start-job", "start-threadjob", "set-alias", "new-alias",
    "start-process",
)  # fmt: skip
def _scripts(walk: Walk, command: shell.Command, place: Place) -> None:
    """What runs a script or another command that is a value: few bodies need it."""
    from contrib.build.programs.scripts import run_value

    run_value(walk, command, place)


def _splatted(command: shell.Command) -> bool:
    """Whether arguments come from a table (``@options``)."""
    return any(
        isinstance(part, shell.Variable) and part.text.startswith("@")
        for word in command.words
        for part in word.parts
    )


def _given_back(walk: Walk, command: shell.Command) -> shell.Command:
    """Nobody knows whether a parameter that no table lists takes a value: a cmdlet that has lost its first argument
    to one gets it back.
    """
    if command.positional or not command.parameters:
        return command
    table = cmdlets.table(command.full_name)
    if table is None or not table[2] or command.parameter(table[2][0]) is not None:
        return command
    for parameter in command.parameters:
        unlisted = cmdlets.parameter(command.full_name, parameter.name)[1] is None
        if unlisted and parameter.value is not None:
            found = replace(command, positional=(parameter.value,))
            walk.take_for(found, command)
            return found
    return command


def handle(walk: Walk, command: shell.Command, place: Place) -> None:
    """Add what ``command`` does."""
    command = walk.named(command)
    name = command.full_name.lower()
    if command.method is not None:
        from contrib.build.programs.dotnet import method

        method(walk, command, place)
        return
    if walk.shell == "cmd" and name.startswith(":"):
        return  # a label, or a remark (`:: …`)
    if name.endswith((".cmd", ".bat")) and name[:-4] in HANDLERS:
        name = name[:-4]  # `npm.cmd`, `gem.bat`: how the program starts on Windows
    # a shell whose name is computed: & $env:ComSpec /c …
    if is_shell(name) and walk.as_written(command) is not command:
        from contrib.build.computed import run_shell

        if run_shell(walk, command, place, name, [value for _, value in arguments(walk, command)]):
            return
    handler = HANDLERS.get(name) or (HANDLERS.get(_VERSIONED.sub("", name)) if name[-1:].isdigit() else None)
    if handler is not None:
        command = _given_back(walk, command)
        before = walk.order
        handler(walk, command, place)
        if walk.order == before and _splatted(command):
            run_program(walk, command, place)  # what it does is in a table that nobody knows
        return
    if name in _SILENT:
        return
    if name in CHECKERS:
        checksum(walk, command, place)
        return
    if not name and not command.words:
        return
    any_program(walk, command, place)
