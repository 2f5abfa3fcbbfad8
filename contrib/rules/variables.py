"""Which commands and instructions read a variable of the file."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from contrib.dockerfile.model import Dockerfile, Instruction
from contrib.rules.bodies import Run, Step
from contrib.shells.model import Assignment, Command, Expression, If, Node, Variable, Word
from contrib.values.patterns import lazy

if TYPE_CHECKING:
    from collections.abc import Collection

_READ = lazy(r"(?:\$env:|\$\{env:|\$|%)([a-z_]\w*)")

_DOCKER_READ = lazy(r"\$\{?([a-z_]\w*)")


class Readers:
    """Who reads the variables of a file.

    :param bodies: its shell bodies, each once.
    """

    def __init__(self, file: Dockerfile, bodies: Collection[Run]) -> None:
        self._file = file
        self._bodies = bodies

    def uses(self, name: str, *, unguarded: bool = False) -> bool:
        """A command, or another instruction, reads the variable.

        :param unguarded: uses inside an ``if`` that tests the variable do not count.
        """
        wanted = name.lower()
        for _, step in self._steps.get(wanted, ()):
            if not unguarded or not any(
                isinstance(node, If) and _tests(node, wanted) for node in (*step.above, step.node)
            ):
                return True
        return wanted in self._read_by_docker

    def needed_later(self, instruction: Instruction, name: str) -> bool:
        """A later RUN or the container's command relies on the variable (on PATH they all do)."""
        start = instruction.span.start
        if name.upper() == "PATH":
            return any(run.instruction.span.start > start for run in self._bodies)
        return any(run.instruction.span.start > start for run, _ in self._steps.get(name.lower(), ()))

    @cached_property
    def _steps(self) -> dict[str, list[tuple[Run, Step]]]:
        """Steps by the variables that they read, lower case."""
        found: dict[str, list[tuple[Run, Step]]] = {}
        for run in self._bodies:
            for step in run.steps:
                names = {variable.name.lower() for variable in _node_variables(step.node)}
                if isinstance(step.node, If):
                    for condition, _ in step.node.arms:
                        if condition is not None:
                            names.update(match[1] for match in _READ.finditer(condition.text.lower()))
                for name in names:
                    found.setdefault(name, []).append((run, step))
        return found

    @cached_property
    def _read_by_docker(self) -> frozenset[str]:
        """Variables that instructions without a shell body read, lower case."""
        return frozenset(
            match[1]
            for instruction in self._file.instructions
            if instruction.keyword not in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "SHELL")
            for match in _DOCKER_READ.finditer(instruction.body.lower())
        )


def _node_variables(node: Node) -> tuple[Variable, ...]:
    words: list[Word | None] = []
    if isinstance(node, Command):
        words.extend((*node.words, *node.positional))
        words.extend(parameter.value for parameter in node.parameters)
        words.extend(redirection.target for redirection in node.redirections)
    elif isinstance(node, Expression):
        words.extend((node.word, node.left, node.right))
    elif isinstance(node, Assignment) and isinstance(node.value, Word):
        words.append(node.value)
    elif isinstance(node, If):
        for condition, _ in node.arms:
            if condition is not None:
                words.extend((condition.left, condition.right))
    return tuple(variable for word in words if word is not None for variable in word.variables)


def _tests(node: If, name: str) -> bool:
    return any(
        condition is not None and any(match[1] == name for match in _READ.finditer(condition.text.lower()))
        for condition, _ in node.arms
    )
