"""Marks the readers of other people's text, so that the program can bound each input that they get.

A reader is marked where it is written, and bounded where it is called: the command line installs the guard
(:mod:`contrib.clients.budget`), and each call of a marked reader then has a budget of its own. Without a guard
(the package used as a library) the mark does nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")
    #: Makes a call within bounds; is given the input's name for its error.
    Guard = Callable[[str, Callable[[], Any]], Any]

#: The one that is installed, if one is.
_guards: list[Guard] = []


def install(guard: Guard | None) -> None:
    """Bound every call of a marked reader from here on; None: no longer."""
    _guards[:] = [] if guard is None else [guard]


def bounded(parameter: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks a reader of one input.

    :param parameter: which of the reader's parameters names the input for the error, and where it is in that:
        ``name``, ``build.dockerfile.name``. One with a default may be left out.
    """

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        names = function.__code__.co_varnames
        first, *attributes = parameter.split(".")
        position = names.index(first)

        def reader(*arguments: P.args, **more: P.kwargs) -> R:
            if not _guards:
                return function(*arguments, **more)
            given: Any = arguments[position] if position < len(arguments) else more.get(first)
            for attribute in attributes:
                given = getattr(given, attribute, None)
            name = "the input" if given is None else str(given)
            result: R = _guards[0](name, lambda: function(*arguments, **more))
            return result

        # What functools.wraps does, without its import: `library cat` is held to bashbrew's time.
        for name in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
            setattr(reader, name, getattr(function, name))
        reader.__wrapped__ = function  # type: ignore[attr-defined]
        reader.__bounded__ = parameter  # type: ignore[attr-defined]
        return reader

    return mark
