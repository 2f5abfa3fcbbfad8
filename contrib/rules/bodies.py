"""Shell bodies for rules: their steps in running order; what words come to says :mod:`contrib.build`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from contrib.build import Build, effects
from contrib.build.actions import Value
from contrib.dockerfile.model import Instruction
from contrib.shells.model import (
    Assignment,
    Command,
    Expression,
    If,
    Node,
    Script,
    ShellName,
    Text,
    Word,
    walk,
)
from contrib.values.records import dataclass


@dataclass(eq=False)
class Step:
    """A node of the script with its place in running order.

    :param shell: whose grammar it was read with: that of a shell started inside is its own.
    :param within: the command that started that shell.
    """

    index: int
    node: Node
    above: tuple[Node, ...]
    shell: ShellName
    within: Command | None = None

    @property
    def top(self) -> Node:
        """The statement of the script that it belongs to."""
        return self.above[0] if self.above else self.node


@dataclass(eq=False)
class Run:
    """A shell body of a RUN, CMD, ENTRYPOINT or HEALTHCHECK, and what is in force there.

    :param instruction: the one that stands in the file (ONBUILD for a triggered one).
    :param program: the shell's name, lower case, without ``.exe`` (``pwsh`` is not ``powershell``).
    :param shell_instruction: the SHELL in force; None for the platform's own, and for a shell started inside.
    :param sure: it is known which shell reads the body.
    :param prelude: what SHELL says before each body, read as PowerShell.
    :param inner: a shell that another one starts.
    """

    instruction: Instruction
    stage_index: int
    script: Script
    build: Build
    program: str
    shell_instruction: Instruction | None = None
    prelude: Script | None = None
    inner: bool = False
    sure: bool = True

    @property
    def shell(self) -> ShellName:
        """The body's own shell."""
        return self.script.shell

    @property
    def starts_powershell(self) -> bool:
        """The instruction itself starts PowerShell."""
        return self.inner and self.shell == "powershell"

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every node in running order, those of shells started inside among them."""
        steps = []
        for number, (node, above) in enumerate(walk(self.script.nodes)):
            within = next(
                (n for n in reversed(above) if isinstance(n, Command) and n.script is not None), None
            )
            shell = (
                within.script.shell if within is not None and within.script is not None else self.script.shell
            )
            steps.append(Step(number, node, above, shell, within))
        return tuple(steps)

    @cached_property
    def nested(self) -> tuple[Run, ...]:
        """The shells that this one starts, each as a body of its own."""
        return tuple(
            Run(
                self.instruction, self.stage_index, command.script, self.build,
                _program(command), inner=True,
            )
            for _, command in self.commands
            if command.script is not None
        )  # fmt: skip

    @cached_property
    def commands(self) -> tuple[tuple[Step, Command], ...]:
        """Every simple command in running order."""
        return tuple((step, step.node) for step in self.steps if isinstance(step.node, Command))

    @cached_property
    def acting(self) -> tuple[tuple[Step, Command], ...]:
        """Commands that do more than print."""
        return tuple((step, c) for step, c in self.commands if not effects.shows(c))

    @cached_property
    def first_act(self) -> Step | None:
        """The first command that does anything a setting of the shell would matter to."""
        return next((step for step, c in self.acting if not effects.sets_up(c)), None)

    @cached_property
    def assignments(self) -> tuple[tuple[Step, Assignment], ...]:
        """Every assignment in running order."""
        return tuple((step, step.node) for step in self.steps if isinstance(step.node, Assignment))

    # -- values ------------------------------------------------------------------------------------

    def value(self, word: Word) -> Value:
        """What the word comes to."""
        return self.build.value(word)

    def text(self, word: Word) -> str:
        """The text of :meth:`value`."""
        return self.build.value(word).text

    def values(self, word: Word) -> tuple[str, ...]:
        """The items of a list (``a, b``, ``@('a', 'b')``), or the one text of a plain word."""
        parts = word.parts
        if len(parts) == 1 and isinstance(parts[0], Text):
            return (parts[0].value,)
        return tuple(value.text for value in self.build.value(word).each)

    # -- words of a command ------------------------------------------------------------------------

    def texts(self, command: Command) -> tuple[str, ...]:
        """Every word of the command after its name, lists taken apart."""
        kept = self._texts.get(id(command))
        if kept is None:
            kept = self._texts[id(command)] = tuple(
                text for word in command.words for text in self.values(word)
            )
        return kept

    @cached_property
    def _texts(self) -> dict[int, tuple[str, ...]]:
        return {}


def _program(command: Command) -> str:
    return command.name.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")


# -- questions that several rules ask --------------------------------------------------------------


def preference(
    run: Run, name: str, values: tuple[str, ...], *, first: bool = False, before: int | None = None
) -> bool:
    """Whether a preference variable has one of ``values`` (lower case).

    :param first: it must be set before the first command that does anything.
    :param before: it must be set before that step.
    """
    if run.prelude is not None and _sets(walk(run.prelude.nodes), name, values):
        return True
    limit = before
    if first:
        limit = run.first_act.index if run.first_act is not None else None
    for step, assignment in run.assignments:
        if limit is not None and step.index >= limit:
            return False
        if _is_setting(assignment, name, values):
            return True
    return False


def _sets(nodes: Iterator[tuple[Node, tuple[Node, ...]]], name: str, values: tuple[str, ...]) -> bool:
    return any(isinstance(node, Assignment) and _is_setting(node, name, values) for node, _ in nodes)


def _is_setting(assignment: Assignment, name: str, values: tuple[str, ...]) -> bool:
    if assignment.name.lower().rpartition(":")[2] != name.lower():
        return False
    value = assignment.value
    word = value.word if isinstance(value, Expression) else value
    if not isinstance(word, Word):
        return False
    text = word.literal if word.literal is not None else word.text
    return text.strip("'\" ").lower().rpartition("::")[2] in values


def all_words(run: Run) -> Iterator[Word]:
    """Every word of the body once: of commands, redirections, assignments, expressions, conditions."""
    seen: set[tuple[int, int]] = set()

    def new(word: Word | None) -> Iterator[Word]:
        if word is not None and (word.span.start, word.span.end) not in seen:
            seen.add((word.span.start, word.span.end))
            yield word

    for step in run.steps:
        node = step.node
        if isinstance(node, Command):
            if node.script is not None:
                continue  # its words are the script, which is walked itself
            for word in (*node.words, *node.positional):
                yield from new(word)
            for parameter in node.parameters:
                yield from new(parameter.value)
            for redirection in node.redirections:
                yield from new(redirection.target)
        elif isinstance(node, Assignment) and isinstance(node.value, Word):
            yield from new(node.value)
        elif isinstance(node, Expression):
            yield from new(node.word)
        elif isinstance(node, If):
            for condition, _ in node.arms:
                if condition is not None:
                    yield from new(condition.left)
                    yield from new(condition.right)
