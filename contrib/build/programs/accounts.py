"""Users, groups, rights, services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build.programs.base import add, program, texts
from contrib.build.programs.edits import set_content
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


@program("chown", "chgrp", "chmod", "umask", "icacls", "takeown", "set-acl")
def _chown(walk: Walk, command: shell.Command, place: Place) -> None:
    name = command.full_name.lower()
    kinds = {
        "chown": "chown",
        "chgrp": "chown",
        "chmod": "chmod",
        "umask": "umask",
        "icacls": "chown",
        "takeown": "chown",
        "set-acl": "chown",
    }
    if place.quiet and name == "umask":
        return
    add(walk, act.Account, command, place, kind=kinds[name], text=" ".join([name, *texts(walk, command)]))


@program("addgroup", "groupadd", "adduser", "useradd", "new-localuser", "new-localgroup")
def _account(walk: Walk, command: shell.Command, place: Place) -> None:
    name = command.full_name.lower()
    kind = "group" if "group" in name else "user"
    add(walk, act.Account, command, place, kind=kind, text=" ".join([name, *texts(walk, command)]))


@program("net")
def _net(walk: Walk, command: shell.Command, place: Place) -> None:
    words = texts(walk, command)
    verb = words[0].lower() if words else ""
    if verb == "user" and len(words) > 1:
        add(walk, act.Account, command, place, kind="user", text=" ".join(["net", *words]))
    elif verb in ("start", "stop"):
        service(walk, command, place)


@program("new-service", "start-service", "set-service")
def service(walk: Walk, command: shell.Command, place: Place) -> None:
    add(walk, act.Service, command, place, text=" ".join([command.full_name, *texts(walk, command)]))


@program("sc")
def _sc(walk: Walk, command: shell.Command, place: Place) -> None:
    words = texts(walk, command)
    if words and words[0].lower() in ("create", "start", "config"):
        service(walk, command, place)
    elif walk.shell == "powershell" and command.positional:  # sc is Set-Content there
        set_content(walk, command, place)
