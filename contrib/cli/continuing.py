"""The command that continues a contribution: what was typed, less what is for one run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from contrib.pulls.going_on import ordered

#: Options that say how one run goes, and nothing of what is contributed or where.
_FOR_ONE_RUN = frozenset(
    {
        "--dry-run", "--yes", "--continue", "--early", "--only", "--rehearse", "--allow", "--force", "--plan", "--plan-out",
        "--propose", "--web", "--format", "--output", "--quiet", "--verbose", "--no-color", "--watch", "--interval",
        "--offline",
    }
)  # fmt: skip


def typed(context: click.Context, *, also: Iterable[str] = ()) -> list[str]:
    """The options of the command that were typed, and that are not for one run.

    :param also: options for one run that count all the same.
    """
    words: list[str] = []
    wanted = set(also)
    for parameter in context.command.params:
        if not isinstance(parameter, click.Option) or parameter.name is None:
            continue
        if context.get_parameter_source(parameter.name) is not ParameterSource.COMMANDLINE:
            continue
        name = next(option for option in parameter.opts if option.startswith("--"))
        if name in _FOR_ONE_RUN and name not in wanted:
            continue
        words += _words(parameter, name, context.params.get(parameter.name))
    return words


def _words(parameter: click.Option, name: str, given: Any) -> list[str]:
    if parameter.is_flag:
        if given:
            return [name]
        off = next((option for option in parameter.secondary_opts if option.startswith("--")), None)
        return [off] if off is not None and given is False else []
    values = given if parameter.multiple else (given,)
    words: list[str] = []
    for each in values or ():
        text = getattr(each, "name", None) if not isinstance(each, str | Path) else None
        value = "-" if text == "<stdin>" else str(each if text is None else text)
        words += [f"{name}={value}"] if value.startswith("--") else [name, value]
    return words


def continuing(command: str, *images: str) -> str:
    """What to type to go on with the same contribution: ``contrib pr redis --fork-owner acme``.

    Where things are read comes last (:data:`contrib.pulls.going_on.PLACES`).
    """
    context = click.get_current_context(silent=True)
    words = typed(context) if context is not None else []
    return ordered(["contrib", *command.split(" "), *images, *words])
