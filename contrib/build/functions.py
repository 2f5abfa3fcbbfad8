"""Functions of a script: their parameters, and a call with its arguments bound to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from contrib.build.actions import Value
from contrib.build.place import Place
from contrib.shells import model as shell
from contrib.values.numbers import whole
from contrib.values.patterns import lazy
from contrib.values.records import dataclass

if TYPE_CHECKING:
    from contrib.build.walk import Walk

T = TypeVar("T")

#: Types and attributes, the name, the default.
_PARAMETER = lazy(r"(?:^|[,(])\s*((?:\[[^\]]*\]\s*)*)\$(\w+)(?:\s*=\s*('[^']*'|\"[^\"]*\"|[^,;)\s]+))?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function.

    :param default: as written; "" for none.
    """

    name: str
    switch: bool = False
    default: str = ""


@dataclass(slots=True)
class Function:
    """A function of a script: its parameters and its body."""

    parameters: tuple[Parameter, ...]
    body: tuple[shell.Node, ...]


def function_of(node: shell.Function) -> Function:
    """The function with its parameters, in parentheses or in ``param( … )``."""
    return Function(_parameters(node.parameters or _declared(node.body)), node.body)


def _declared(body: tuple[shell.Node, ...]) -> str:
    """The text of ``param( … )``, with which a body begins."""
    first = body[0].text.strip() if body and isinstance(body[0], shell.Expression) else ""
    return first[5:] if first.lower().startswith("param") else ""


def _parameters(text: str) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(name, "switch" in types.lower(), default)
        for types, name, default in _PARAMETER.findall(text[:4000])
    )


def call_block(walk: Walk, nodes: tuple[shell.Node, ...], given: list[Value], place: Place) -> None:
    """A script block called with values (``-ArgumentList``)."""
    assert walk.scope is not None
    outer = dict(walk.scope.own)
    parameters = _parameters(_declared(nodes))
    for parameter, value in zip(parameters, given, strict=False):
        walk.scope.put(parameter.name, value)
    _defaults(walk, parameters[len(given) :])
    if given:
        walk.scope.put(
            "args", Value(" ".join(v.text for v in given), all(v.known for v in given), items=tuple(given))
        )
    walk.statements(nodes, place)
    walk.scope.own = outer


def call(walk: Walk, name: str, function: Function, command: shell.Command, place: Place) -> None:
    """A function's body, with its parameters bound to the arguments."""
    with _called(walk, name, function, command):
        walk.statements(function.body, place)
    walk.here = {}


def evaluated(walk: Walk, command: shell.Command, of: Callable[[shell.Node], T]) -> T | None:
    """What a function of PowerShell gives back; nothing that it does is added. None for any other command.

    :param of: tells it of the function's last statement, with the parameters bound.
    """
    name = command.full_name.lower()
    function = walk.functions.get(name)
    if function is None or not function.body or name in walk.calling or len(walk.calling) >= 5:
        return None
    actions, order = walk.actions, walk.order
    walk.actions = []
    with _called(walk, name, function, command):
        walk.statements(function.body[:-1], Place(quiet=True))
        found = of(function.body[-1])
    walk.actions, walk.order = actions, order
    walk.here = {}
    return found


@contextmanager
def _called(walk: Walk, name: str, function: Function, command: shell.Command) -> Iterator[None]:
    """The arguments are bound to the parameters meanwhile."""
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
    yield
    walk.calling.pop()
    if walk.shell == "posix":
        _arguments(walk, before)
    else:
        walk.scope.own = outer


def _arguments(walk: Walk, values: tuple[Value, ...]) -> None:
    """``$1`` and the rest, ``$@`` and ``$#``."""
    assert walk.scope is not None
    for number in range(1, len(walk.scope.arguments) + 1):
        walk.scope.put(str(number), Value(""))
    for number, value in enumerate(values[:20], start=1):
        walk.scope.put(str(number), value)
    walk.scope.put("#", Value(str(len(values))))
    walk.scope.arguments = values[:20]


def positional(walk: Walk, command: shell.Command) -> None:
    """``shift`` inside a function, and ``set -- A B``: ``$1`` and the rest are others from here on."""
    assert walk.scope is not None
    words = [word.literal or "" for word in command.words]
    if command.full_name == "set":
        if "--" in words:
            _arguments(walk, tuple(walk.value(word) for word in command.words[words.index("--") + 1 :]))
        return
    count = whole(words[0] if words else "1")
    if walk.scope.arguments and count is not None:
        _arguments(walk, walk.scope.arguments[count:])


def _bind(walk: Walk, parameters: tuple[Parameter, ...], given: list[tuple[shell.Word, Value]]) -> None:
    assert walk.scope is not None
    left = list(parameters)
    values: list[Value] = []
    index = 0
    while index < len(given):
        word, value = given[index]
        index += 1
        text = word.literal or ""
        dashed = text[:1] == "-" and len(text) > 1
        named = next((p for p in left if dashed and p.name.lower().startswith(text[1:].lower())), None)
        if named is not None and (named.switch or index < len(given)):
            left.remove(named)
            walk.scope.put(named.name, Value("True") if named.switch else given[index][1])
            index += 0 if named.switch else 1
        else:
            values.append(value)
    places = [parameter for parameter in left if not parameter.switch]
    for parameter, value in zip(places, values, strict=False):
        walk.scope.put(parameter.name, value)
    _defaults(walk, [*places[len(values) :], *(parameter for parameter in left if parameter.switch)])


def _defaults(walk: Walk, parameters: Sequence[Parameter]) -> None:
    """What parameters hold that were not given."""
    assert walk.scope is not None
    for parameter in parameters:
        if parameter.default:
            walk.scope.put(parameter.name, walk.expr(parameter.default))
