"""What a command prints, and the small files that are written that way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build.actions import Value
from contrib.build.programs.base import PRINTERS
from contrib.build.values import digest_of
from contrib.shells import model as shell
from contrib.values.records import replace

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


def redirected(walk: Walk, command: shell.Command, place: Place) -> None:
    """``echo text > file``: small files written, which are configuration or lists of digests."""
    nothing = Value("")
    value: Value | None = None
    found = []
    if not command.redirections:
        return
    # All of these are asked once: in cmd a command may have as many redirections as the file has words.
    name = command.full_name.lower()
    hashed = digest_of((command,), walk.scope) if walk.scope is not None else None
    here = next((each.target for each in command.redirections if each.operator.endswith(("<<", "<<-"))), None)
    # What is printed goes to the last file; those before it are made, and stay as they are or empty.
    for redirection in reversed(command.redirections):
        if redirection.operator not in (">", ">>", "1>", "1>>", ">|"):
            continue
        file = walk.absolute(walk.text(redirection.target))
        if file in ("/dev/null", "/dev/stderr", "C:\\dev\\null") or file.lower().endswith("\\nul"):
            value = value or nothing
            continue
        if hashed is not None:
            walk.small[file] = Value("", False, digest=hashed)
        elif name in ("type", "cat", "get-content") and redirection.operator.endswith(">>"):
            found.append((file, "append", Value("", False)))
        if name == "cat" and here is not None:
            found.append(
                (file, "append" if redirection.operator.endswith(">>") else "write", walk.value(here))
            )
        elif name in PRINTERS:
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


def redirected_group(walk: Walk, group: shell.Group, place: Place) -> None:
    """``{ echo a; echo b; } > file``, ``(echo a& echo b) > file`` and PowerShell's ``'text' >> file``."""
    for redirection in group.redirections:
        if redirection.operator not in (">", ">>", "1>", "1>>", ">|"):
            continue
        file = walk.absolute(walk.text(redirection.target))
        if file in ("/dev/null", "/dev/stderr", "C:\\dev\\null") or file.lower().endswith("\\nul"):
            continue
        from contrib.build import contents

        content = contents.content_of(walk, group.body[0]) if len(group.body) == 1 else None
        if content is not None and content.edits:
            contents.emit_content(walk, content, file, group.span, redirection.operator, place)
            continue
        values = [_put_out(walk, node) for node in group.body[:200]]
        value = Value(
            "\n".join(each.text for each in values),
            all(each.known for each in values),
            tuple(source for each in values for source in each.via),
            fetched=any(each.fetched for each in values),
        )
        walk.small[file] = value
        walk.add(
            act.Edit, group.span, kind="append" if redirection.operator.endswith(">>") else "write", file=file,
            origin=file, pattern="", text=value.text, tool=redirection.operator, conditional=place.conditional,
        )  # fmt: skip


def _put_out(walk: Walk, node: shell.Node) -> Value:
    """What a statement puts out; nothing is known of a program's."""
    if isinstance(node, shell.Expression):
        value = walk.value(node.word)
        return replace(value, text="\n".join(each.text for each in value.each))
    if isinstance(node, shell.Command) and node.full_name.lower() in PRINTERS:
        return printed(walk, node)
    return Value("", isinstance(node, (shell.Assignment, shell.Function)))


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
