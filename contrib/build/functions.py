"""Functions of a script: their parameters, and a call with its arguments bound to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contrib.build.actions import Value
from contrib.shells import model as shell
from contrib.values.patterns import lazy
from contrib.values.records import dataclass

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk

_PARAMETER = lazy(r"(?:^|[,(])\s*(?:\[[^\]]*\]\s*)*\$(\w+)")


@dataclass(slots=True)
class Function:
    """A function of a script: its parameters' names and its body."""

    parameters: tuple[str, ...]
    body: tuple[shell.Node, ...]


def function_of(node: shell.Function) -> Function:
    """The function with the names of its parameters, in parentheses or in ``param( … )``."""
    text = node.parameters
    if not text and node.body and isinstance(node.body[0], shell.Expression):
        first = node.body[0].text.strip()
        text = first[5:] if first.lower().startswith("param") else ""
    return Function(tuple(_PARAMETER.findall(text[:4000])), node.body)


def call(walk: Walk, name: str, function: Function, command: shell.Command, place: Place) -> None:
    """A function's body, with its parameters bound to the arguments."""
    assert walk.scope is not None
    outer = dict(walk.scope.own)
    given = [(word, walk.value(word)) for word in command.words]
    before = walk.scope.arguments
    if walk.shell == "posix":
        # an unquoted variable that is empty is no argument at all
        gone = {id(word) for word, value in given if value.known and not value.text and word.text[:1] == "$"}
        _arguments(walk, tuple(value for word, value in given if id(word) not in gone))
    else:
        _bind(walk, function.parameters, given)
    walk.calling.append(name)
    walk.statements(function.body, place)
    walk.calling.pop()
    if walk.shell == "posix":
        _arguments(walk, before)
    else:
        walk.scope.own = outer
    walk.here = {}


def _arguments(walk: Walk, values: tuple[Value, ...]) -> None:
    """``$1`` and the rest, ``$@`` and ``$#``."""
    assert walk.scope is not None
    for number in range(1, len(walk.scope.arguments) + 1):
        walk.scope.put(str(number), Value(""))
    for number, value in enumerate(values[:20], start=1):
        walk.scope.put(str(number), value)
    walk.scope.put("#", Value(str(len(values))))
    walk.scope.arguments = values[:20]


def shift(walk: Walk, command: shell.Command) -> None:
    """``shift`` inside a function: the first arguments are gone."""
    assert walk.scope is not None
    count = (command.words[0].literal or "") if command.words else "1"
    if walk.calling and count.isdigit():
        _arguments(walk, walk.scope.arguments[int(count) :])


def _bind(walk: Walk, parameters: tuple[str, ...], given: list[tuple[shell.Word, Value]]) -> None:
    assert walk.scope is not None
    left = list(parameters)
    values: list[Value] = []
    index = 0
    while index < len(given):
        word, value = given[index]
        index += 1
        text = word.literal or ""
        named = next((p for p in left if text[:1] == "-" and p.lower().startswith(text[1:].lower())), None)
        if named is not None and len(text) > 1 and index < len(given):
            walk.scope.put(named, given[index][1])
            left.remove(named)
            index += 1
        else:
            values.append(value)
    for name, value in zip(left, values, strict=False):
        walk.scope.put(name, value)
