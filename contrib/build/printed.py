"""What a command prints, and the small files that are written that way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build.actions import Value
from contrib.build.programs.base import PRINTERS
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


def redirected(walk: Walk, command: shell.Command, place: Place) -> None:
    """``echo text > file``: small files written, which are configuration or lists of digests."""
    nothing = Value("")
    value: Value | None = None
    found = []
    # What is printed goes to the last file; those before it are made, and stay as they are or empty.
    for redirection in reversed(command.redirections):
        if redirection.operator not in (">", ">>", "1>", "1>>", ">|"):
            continue
        file = walk.absolute(walk.text(redirection.target))
        if file in ("/dev/null", "/dev/stderr", "C:\\dev\\null") or file.lower().endswith("\\nul"):
            value = value or nothing
            continue
        if command.full_name.lower() in PRINTERS:
            kind = "append" if redirection.operator.endswith(">>") else "write"
            if value is None:
                value = printed(walk, command)
                found.append((file, kind, value))
            elif kind == "write":
                found.append((file, kind, nothing))
    for file, kind, text in reversed(found):
        walk.small[file] = text
        walk.add(
            act.Edit, command.span, kind=kind, file=file, origin=file, pattern="", text=text.text,
            tool=command.name, conditional=place.conditional,
        )  # fmt: skip


def printed(walk: Walk, command: shell.Command) -> Value:
    """What ``echo``, ``printf`` or ``Write-Output`` puts out."""
    words = [w for w in command.words if (w.literal or "") not in ("-n", "-e", "-en", "-ne", "--")]
    if command.full_name.lower() == "printf" and words:
        pattern = walk.value(words[0])
        text = pattern.text
        known = pattern.known
        via = pattern.via
        for word in words[1:20]:
            value = walk.value(word)
            known, via = known and value.known, via + value.via
            text = re.sub(r"%[-0-9.]*[sdq]", value.text.replace("\\", "\\\\"), text, count=1)
        return Value(text.replace("\\n", "\n"), known, via)
    values = [walk.value(word) for word in words]
    via_all = tuple(source for value in values for source in value.via)
    return Value(
        " ".join(value.text for value in values),
        all(value.known for value in values),
        via_all,
        fetched=any(value.fetched for value in values),
    )
