"""Environment variables and PATH: setx, reg, SetEnvironmentVariable; the shell's own settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from contrib.build import actions as act
from contrib.build.actions import Value
from contrib.build.path_variable import path_edit
from contrib.build.programs.base import add, named, program, run_program, texts
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


def _scope_of(text: str) -> Literal["machine", "user", "process"]:
    lowered = text.lower()
    if "machine" in lowered:
        return "machine"
    return "user" if "user" in lowered else "process"


def set_variable(walk: Walk, command: shell.Command, place: Place) -> None:
    arguments = command.positional
    if len(arguments) < 2:
        return
    name = walk.text(arguments[0])
    value = walk.value(arguments[1])
    scope = _scope_of(arguments[2].text) if len(arguments) > 2 else "process"
    if name.lower() == "path":
        path_edit(walk, value.text, scope, command, place.conditional)
    else:
        add(walk, act.Variable, command, place, name=name, value=value, scope=scope)


@program("setx")
def _setx(walk: Walk, command: shell.Command, place: Place) -> None:
    words = command.words
    machine = any(walk.text(word).lower() in ("/m", "-m") for word in words)
    rest = [word for word in words if not re.fullmatch(r"[/-][A-Za-z]", walk.text(word))]
    if len(rest) < 2:
        return
    name = walk.text(rest[0])
    value = walk.value(rest[1])
    scope: Literal["machine", "user"] = "machine" if machine else "user"
    if name.lower() == "path":
        path_edit(walk, value.text, scope, command, place.conditional)
    else:
        add(walk, act.Variable, command, place, name=name, value=value, scope=scope)


@program("reg")
def _reg(walk: Walk, command: shell.Command, place: Place) -> None:
    words = texts(walk, command)
    if not words or words[0].lower() != "add" or len(words) < 2 or "environment" not in words[1].lower():
        run_program(walk, command, place)
        return
    found = {words[i].lower(): words[i + 1] for i in range(len(words) - 1) if words[i].startswith(("/", "-"))}
    name, value = found.get("/v", ""), found.get("/d", "")
    scope: Literal["machine", "user"] = (
        "machine" if words[1].upper().startswith(("HKLM", "HKEY_LOCAL")) else "user"
    )
    if name.lower() == "path":
        path_edit(walk, value, scope, command, place.conditional)
    elif name:
        add(walk, act.Variable, command, place, name=name, value=Value(value), scope=scope)


@program("set-itemproperty", "new-itemproperty")
def _item_property(walk: Walk, command: shell.Command, place: Place) -> None:
    words = list(command.positional)
    path = named(command, "Path", "LiteralPath") or (words.pop(0) if words else None)
    name = named(command, "Name") or (words.pop(0) if words else None)
    value = named(command, "Value") or (words.pop(0) if words else None)
    where = walk.text(path).lower()
    if path is None or name is None or "environment" not in where:
        return
    scope: Literal["machine", "user"] = "machine" if "hklm" in where or "local_machine" in where else "user"
    if walk.text(name).lower() == "path":
        path_edit(walk, walk.text(value), scope, command, place.conditional)
    else:
        add(walk, act.Variable, command, place, name=walk.text(name), value=walk.value(value), scope=scope)


@program("set")
def _set(walk: Walk, command: shell.Command, place: Place) -> None:
    """POSIX ``set -eux``; cmd's ``set X=Y`` is an assignment."""
    if walk.shell != "posix":
        return
    words = texts(walk, command)
    for index, word in enumerate(words):
        if re.fullmatch(r"-[a-zA-Z]+", word) and "e" in word[1:]:
            walk.errexit = True
        if re.fullmatch(r"\+[a-zA-Z]+", word) and "e" in word:
            walk.errexit = False
        if (
            word == "pipefail"
            and index
            and words[index - 1].startswith("-")
            and words[index - 1].endswith("o")
        ):
            walk.pipefail = True
        if word == "errexit":
            walk.errexit = True


@program("popd", "pop-location")
def _popd(walk: Walk, command: shell.Command, place: Place) -> None:
    if walk.before:
        walk.directory = walk.before.pop()


@program("cd", "chdir", "set-location", "pushd", "push-location")
def _cd(walk: Walk, command: shell.Command, place: Place) -> None:
    if command.full_name.lower() in ("pushd", "push-location") and len(walk.before) < 100:
        walk.before.append(walk.directory)
    word = named(command, "Path", "LiteralPath")
    words = [
        w for w in (command.positional or command.words) if (w.literal or "").lower() not in ("/d", "-", "--")
    ]
    target = walk.value(word if word is not None else (words[0] if words else None))
    if target.text and target.known:
        walk.directory = walk.absolute(target.text)
