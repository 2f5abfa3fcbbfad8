"""Script blocks of PowerShell: what they are given by ``ForEach-Object``, ``Invoke-Command`` and ``Start-Job``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from contrib.build import functions, paths, tables
from contrib.build.actions import Value
from contrib.build.turns import one_loop, turns
from contrib.build.values import digest_of, substitution
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk

_MOST_ITEMS = 50
_CALLS = frozenset(("invoke-command", "start-job", "start-threadjob"))


def run_blocks(walk: Walk, command: shell.Command, place: Place) -> bool:
    """Walk the blocks that a cmdlet runs; False for a command that is not one of these."""
    name = command.full_name.lower()
    if command.method is not None:
        return _for_each_of(walk, command, place)
    if not name and command.words:
        return _run_held(walk, command, place)
    if name not in _CALLS:
        return False
    blocks = [
        part.nodes
        for word in command.words
        for part in word.parts
        if isinstance(part, shell.Opaque) and part.operator == "{}"
    ]
    if not blocks:
        return False
    for word in command.words:
        if not any(isinstance(part, shell.Opaque) and part.operator == "{}" for part in word.parts):
            for part in word.parts:
                if isinstance(part, (shell.Substitution, shell.Opaque)):
                    for node in part.nodes:
                        walk.node(node, place.but(quiet=True, piped=(), to=None))
    inside = place.but(piped=(), to=None)
    for nodes in blocks:
        functions.call_block(walk, nodes, _arguments(walk, command), inside)
    return True


def hold(walk: Walk, name: str, value: shell.Node) -> None:
    """``$check = { param($file) … }``: a block that may be called later."""
    if isinstance(value, shell.Group) and value.kind == "block":
        walk.functions[f"${name.lower()}"] = functions.Function((), value.body)


def _run_held(walk: Walk, command: shell.Command, place: Place) -> bool:
    """``& $check a.zip $env:SHA``: a block that a variable holds, called with values."""
    first = command.words[0].parts[0] if len(command.words[0].parts) == 1 else None
    name = f"${first.name.lower()}" if isinstance(first, shell.Variable) else ""
    held = walk.functions.get(name)
    if held is None or name in walk.calling or len(walk.calling) >= 5:
        return False
    for body in turns(walk, (held.body,), command.span.line, further=True):
        walk.calling.append(name)
        given = [walk.value(word) for word in command.words[1:]]
        functions.call_block(walk, body, given, place.but(piped=(), to=None))
        walk.calling.pop()
    return True


def _arguments(walk: Walk, command: shell.Command) -> list[Value]:
    given = command.parameter("ArgumentList")
    return list(walk.value(given.value).each) if given is not None and given.value is not None else []


def _for_each_of(walk: Walk, command: shell.Command, place: Place) -> bool:
    """``$list.ForEach({ … })``: the block once for each thing of a list that is known."""
    parts = [part for word in command.positional for part in word.parts]
    block = parts[0] if len(parts) == 1 else None
    if not isinstance(block, shell.Opaque) or block.operator != "{}" or len(command.words) < 2:
        return False
    things = walk.value(command.words[0]).each[:_MOST_ITEMS]
    if not any(thing.known or thing.fields for thing in things):
        return False
    inside = place.but(piped=(), to=None)
    body = block.nodes

    def turn() -> None:
        for node in body:
            walk.node(node, inside)

    _with_each(walk, things, command, turn)
    return True


def for_each(walk: Walk, command: shell.Command, before: tuple[shell.Node, ...], place: Place) -> None:
    """``ForEach-Object``: its block once for each thing that comes down the pipeline, where these are known."""
    assert walk.scope is not None
    things = piped(walk, before)
    if things:
        _with_each(walk, things, command, lambda: walk.node(command, place))
    else:
        walk.node(command, place)


def _with_each(
    walk: Walk, things: Sequence[Value], command: shell.Command, turn: Callable[[], object]
) -> None:
    """A turn for each thing, with ``$_`` set to it; after that ``$_`` is what it was."""
    assert walk.scope is not None
    outer = walk.scope.own.get("_")
    with one_loop(walk):
        for thing in turns(walk, things, command.span.line):
            walk.scope.put("_", thing)
            turn()
    if outer is not None:
        walk.scope.put("_", outer)
    else:
        walk.scope.own.pop("_", None)


def piped(walk: Walk, nodes: tuple[shell.Node, ...]) -> tuple[Value, ...]:
    """What comes down a pipeline to ``ForEach-Object``; nothing where that is not known.

    Files that are looked for (``Get-ChildItem C:\\x -Filter *.zip``) are their pattern.
    """
    first = nodes[0]
    if isinstance(first, shell.Expression):
        value = walk.value(first.word)
        return value.items[:_MOST_ITEMS] or ((value,) if value.known else ())
    if not isinstance(first, shell.Command):
        return ()
    if (first.method or "").lower() == "getenumerator" and first.words:
        return tables.entries(walk.value(first.words[0]))
    assert walk.scope is not None
    digest = digest_of((first,), walk.scope)
    if digest is not None:
        return (Value("", False, digest=digest),)
    if first.full_name.lower() not in ("get-childitem", "get-item"):
        printed = substitution((first,), walk.scope)
        return printed.each if printed is not None and printed.known else ()
    named = {p.full_name.lower(): p.value for p in first.parameters if p.value is not None}
    place = (
        named.get("path") or named.get("literalpath") or (first.positional[0] if first.positional else None)
    )
    wanted = named.get("filter") or named.get("include")
    path = walk.absolute(walk.text(place)) if place is not None else walk.directory
    if wanted is not None:
        path = paths.join(path, walk.text(wanted), walk.style)
    return (Value(path, False),) if "*" in path else ()
