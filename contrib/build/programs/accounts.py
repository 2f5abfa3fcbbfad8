"""Users, groups, rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build.programs.base import add, program, texts
from contrib.build.programs.services import net
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


@program(
    "addgroup", "groupadd", "adduser", "useradd", "new-localuser", "new-localgroup", "add-localgroupmember"
)
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
    elif verb == "localgroup" and len(words) > 1:
        add(walk, act.Account, command, place, kind="group", text=" ".join(["net", *words]))
    else:
        net(walk, command, place, words)
