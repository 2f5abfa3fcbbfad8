"""Loops: their bodies once for each thing that they go through, to a bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from contrib.build import comparing
from contrib.build.conditions import truth
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk

#: Nodes that may be walked again, in further turns of loops and in calls of functions: loops inside loops would
#: otherwise cost a power of their turns.
MAX_AGAIN = 5_000

T = TypeVar("T")


@contextmanager
def one_loop(walk: Walk) -> Iterator[None]:
    """What is added inside belongs to the turns of one loop."""
    outer, walk.loop_from = walk.loop_from, len(walk.actions)
    yield
    walk.loop_from = outer


def turns(walk: Walk, items: Sequence[T], line: int, further: bool = False) -> Iterator[T]:
    """Things to walk one after the other, as many as the walk has patience for.

    :param line: of what is walked, for the note where not all are.
    :param further: the first of them counts, too.
    """
    for number, item in enumerate(items):
        counts = further or number > 0
        if counts and walk.again >= MAX_AGAIN:
            walk.notes.append((line, f"this part of the {walk.shell} script could not be read to its end"))
            return
        walk.turning += counts
        yield item
        walk.turning -= counts


def walk_loop(walk: Walk, node: shell.Loop, place: Place) -> None:
    """The turns of a loop, where what it goes through is known; else its body once."""
    with one_loop(walk):
        if node.condition is not None:
            for inner in node.condition.nodes:
                walk.node(inner, place.but(quiet=True, guarded=False))
        if node.kind == "while" and truth(walk, node.condition) is False:
            return
        if node.variable and node.kind.startswith("for/") and walk.scope is not None:
            # `for /f` reads lines of a file or of what a command puts out, `/d`, `/r` and `/l` count
            walk.scope.put(node.variable, comparing.for_each(walk, node))
            walk.statements(node.body, place)
        elif node.variable and node.items and walk.scope is not None:
            values = [value for item in node.items[:20] for value in walk.value(item).each[:20]]
            if _leaves(node.body):
                values = values[:1]  # the others are tried where the first one failed: one thing is done
            for value in turns(walk, values, node.span.line):
                walk.scope.put(node.variable, value)
                walk.statements(node.body, place)
        else:
            walk.statements(node.body, place.but(conditional=node.kind not in ("for", "foreach")))


def _leaves(body: tuple[shell.Node, ...]) -> bool:
    """Whether a loop ends with the first item that succeeds: ``if fetch; then break``, ``fetch && break``."""
    return any(
        isinstance(node, (shell.If, shell.AndOr, shell.Group))
        and any(command.full_name == "break" for command in shell.commands((node,)))
        for node in body
    )
