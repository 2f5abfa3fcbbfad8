""".NET classes that PowerShell calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build.programs.archives import add_unpack
from contrib.build.programs.base import add, add_download, path_values
from contrib.build.programs.settings import set_variable
from contrib.build.transfers import looks_like_address
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


def method(walk: Walk, command: shell.Command, place: Place) -> None:
    """.NET calls."""
    method = (command.method or "").lower()
    last = method.split("::")[-1].split(".")[-1]
    arguments = command.positional
    if last in ("downloadfile", "downloadfileasync", "downloadfiletaskasync") and arguments:
        file = walk.absolute(walk.text(arguments[1])) if len(arguments) > 1 else ""
        add_download(
            walk,
            command,
            place,
            walk.value(arguments[0]),
            file,
            "WebClient",
            arguments[0],
            target=arguments[1] if len(arguments) > 1 else None,
        )
    elif last in ("downloadstring", "downloaddata") and arguments:
        add_download(walk, command, place, walk.value(arguments[0]), "-", "WebClient", arguments[0])
    elif (
        last in ("getbytearrayasync", "getstreamasync", "getstringasync", "openread", "openreadasync")
        and arguments
    ):
        if looks_like_address(walk.text(arguments[0])) or looks_like_address(arguments[0].text):
            add_download(walk, command, place, walk.value(arguments[0]), "-", "HttpClient", arguments[0])
    elif last.startswith(("computehash", "hashdata")):
        from contrib.build.programs.fetch import add_hash

        add_hash(walk, command, place)
    elif last == "extracttodirectory" and arguments:
        target = walk.absolute(walk.text(arguments[1])) if len(arguments) > 1 else ""
        add_unpack(walk, command, place, walk.absolute(walk.text(arguments[0])), target, "ZipFile")
    elif last == "setenvironmentvariable" and arguments:
        set_variable(walk, command, place)
    elif last == "createdirectory" and arguments:
        add(walk, act.Directory, command, place, paths=tuple(path_values(walk, arguments[0])))
    elif last == "delete" and arguments and ("file" in method or "directory" in method):
        add(walk, act.Remove, command, place, paths=tuple(path_values(walk, arguments[0])))
    elif last in ("copyto", "copytoasync"):
        if walk.streams is not None:
            walk.streams.copied(walk, command)
    elif last == "copyhere":
        from contrib.build.streams import unpacked_by_shell

        found = unpacked_by_shell(walk, command)
        if found is not None:
            add_unpack(walk, command, place, *found, "Shell.Application")
    elif last == "save" and len(arguments) == 1 and re.search(r"[\\/.]", walk.text(arguments[0])):
        # a document that is written back: [xml]
        file = walk.absolute(walk.text(arguments[0]))
        add(
            walk,
            act.Edit,
            command,
            place,
            kind="replace",
            file=file,
            origin=file,
            pattern="",
            text="",
            tool="Save",
        )
    elif last.startswith(("writeall", "appendall")):
        from contrib.build.contents import write_all

        write_all(walk, command, place)
