"""Texts of files: sed, tee, Set-Content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from contrib.build import actions as act
from contrib.build import options
from contrib.build.printed import printed
from contrib.build.programs.base import PRINTERS, add, named, program, stdout_target, texts
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


@program("sed", "gsed")
def _sed(walk: Walk, command: shell.Command, place: Place) -> None:
    from contrib.build import sed

    edits, files, in_place = sed.edits(texts(walk, command))
    targets = [walk.absolute(file) for file in files]
    out = stdout_target(walk, command)
    if not in_place and out == "-":
        return
    for file in targets or [""]:
        for edit in edits:
            add(
                walk, act.Edit, command, place, kind=edit.kind, file=file if in_place else out, origin=file,
                pattern=edit.pattern, text=edit.text, tool="sed", address=edit.address,
            )  # fmt: skip


#: https://www.gnu.org/software/coreutils/manual/ (9.5)
TEE = options.Table(valued=frozenset(), short={"a": "append", "i": "ignore-interrupts"})


@program("tee")
def _tee(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.read(texts(walk, command), TEE)
    operands = line.operands
    text = ""
    for node in (*place.piped, command):
        if not isinstance(node, shell.Command):
            continue
        document = next((r.target for r in node.redirections if r.operator.endswith(("<<", "<<-"))), None)
        if document is not None or node.full_name.lower() in PRINTERS:
            value = walk.value(document) if document is not None else printed(walk, node)
            text = value.text
            for operand in operands:
                walk.small[walk.absolute(operand)] = value
    for operand in operands:
        kind = "append" if line.has("append") else "write"
        file = walk.absolute(operand)
        add(
            walk,
            act.Edit,
            command,
            place,
            kind=kind,
            file=file,
            origin=file,
            pattern="",
            text=text,
            tool="tee",
        )


@program("set-content", "add-content", "out-file", "tee-object")
def set_content(walk: Walk, command: shell.Command, place: Place) -> None:
    """Set-Content, Add-Content and Out-File as statements (in pipelines the walk sees to them)."""
    from contrib.build import contents

    target = contents.content_target(walk, command)
    if place.piped:
        first = place.piped[0]
        if (
            target is not None
            and len(place.piped) == 1
            and isinstance(first, shell.Command)
            and first.full_name.lower() in PRINTERS
        ):
            value = printed(walk, first)
            walk.small[target] = value
            appends = command.full_name.lower() == "add-content" or command.parameter("Append") is not None
            add(
                walk, act.Edit, command, place, kind="append" if appends else "write", file=target, origin=target,
                pattern="", text=value.text, tool=command.full_name,
            )  # fmt: skip
        return
    words = list(command.positional)
    if named(command, "Path", "FilePath", "LiteralPath") is None and words:
        words.pop(0)
    value_word = named(command, "Value", "InputObject") or (words.pop(0) if words else None)
    if target is None or value_word is None:
        return
    contents.fetched_into(walk, (value_word,), target)
    if walk.streams is not None:
        walk.streams.written(walk, (value_word,), target)
    content = contents.content_of(walk, value_word)
    if content is not None:
        contents.emit_content(walk, content, target, command.span, command.full_name, place)
        return
    kind: Literal["append", "write"] = (
        "append" if command.full_name.lower() == "add-content" or command.parameter("Append") else "write"
    )
    if kind == "write":
        walk.small[target] = walk.value(value_word)
    for value in walk.value(value_word).each:
        add(
            walk, act.Edit, command, place, kind=kind, file=target, origin=target, pattern="", text=value.text,
            tool=command.full_name,
        )  # fmt: skip
        kind = "append"
