"""ENV and ARG in force at each instruction, and texts with Docker's variables replaced.

Rules (https://docs.docker.com/reference/dockerfile/, "ARG", "Scope", "Using ARG variables"): an ARG before the
first FROM serves FROM lines, and a stage only through ``ARG NAME``; ENV wins over ARG; a stage that starts
from a stage inherits both; all values of one ENV line see the variables as they were before the line.
Windows compares names without case, so a stage on Windows does as well.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Literal

from contrib.dockerfile.inherited import Bases
from contrib.dockerfile.model import Dockerfile, Instruction, Stage
from contrib.dockerfile.platform import (
    PLATFORM_ARGUMENTS,
    StageBase,
    global_arguments,
    stage_bases,
)
from contrib.dockerfile.words import MAX_TEXT as MAX_TEXT
from contrib.dockerfile.words import Lexer, Lookup
from contrib.dockerfile.words import Resolved as Resolved
from contrib.values.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that the file sets.

    :param value: resolved; None for an ARG without default, and for what depends on the base's version.
    :param known: nothing in the value is unknown.
    :param kind: ``env`` or ``arg``.
    :param instruction: what set it last; FROM for what the base hands on.
    """

    name: str
    value: str | None
    known: bool
    kind: Literal["env", "arg"]
    instruction: Instruction

    @property
    def inherited(self) -> bool:
        """The base sets it, not this file."""
        return self.instruction.keyword == "FROM"


@dataclass(slots=True)
class _Scope:
    """What one stage sets, by name, with the position (in the file) at which it does."""

    ignore_case: bool
    escape: str
    from_line: bool = False
    below: Environment | None = None
    set_at: dict[str, list[tuple[int, Variable]]] = field(default_factory=dict)

    def key(self, name: str) -> str:
        return name.upper() if self.ignore_case else name

    def put(self, position: int, variable: Variable) -> None:
        self.set_at.setdefault(f"{variable.kind} {self.key(variable.name)}", []).append((position, variable))

    def before(self, position: int, kind: str, name: str) -> Variable | None:
        history = self.set_at.get(f"{kind} {self.key(name)}")
        if not history:
            return None
        # the tuple (position,) sorts before every (position, variable)
        at = bisect_left(history, position, key=lambda entry: entry[0])
        return history[at - 1][1] if at else None


class Environment:
    """ENV and ARG in force at one place of the file."""

    __slots__ = ("_lexer", "_position", "_scope")

    def __init__(self, scope: _Scope, position: int) -> None:
        self._scope = scope
        self._position = position
        self._lexer: Lexer | None = None

    def variable(self, name: str) -> Variable | None:
        """The variable of that name, with where it was set; ENV before ARG."""
        for kind in ("env", "arg"):
            scope, position = self._scope, self._position
            while True:
                found = scope.before(position, kind, name)
                if found is not None:
                    return found
                below = scope.below
                if below is None:
                    break
                scope, position = below._scope, below._position
        return None

    def value(self, name: str) -> str | None:
        """Its text, unknown parts as written; None when the file does not set it (or ``ARG NAME`` alone)."""
        found = self.variable(name)
        return found.value if found is not None else None

    def __contains__(self, name: str) -> bool:
        return self.value(name) is not None

    def lookup(self, name: str) -> Lookup:
        """What is known of ``name``, for :class:`~contrib.dockerfile.words.Lexer`."""
        found = self.variable(name)
        if found is None:
            # on a FROM line there is nothing but the ARGs above
            return Lookup(None, settled=self._scope.from_line and name not in PLATFORM_ARGUMENTS)
        if found.value is None:
            return Lookup(None, settled=name not in PLATFORM_ARGUMENTS)
        return Lookup(found.value, found.known)

    def expand(self, text: str) -> Resolved:
        """``text`` as Docker takes it in ENV, COPY, WORKDIR …: quotes and escapes undone, variables replaced."""
        if self._lexer is None:
            self._lexer = Lexer(self._scope.escape, self.lookup)
        return self._lexer.resolve(text)

    def resolve(self, text: str) -> str:
        """The text of :meth:`expand`: what is unknown stays as written."""
        return self.expand(text).text

    def resolve_item(self, text: str) -> str:
        """An item of the JSON form of COPY, ADD or VOLUME: its variables are replaced too, a backslash stays one.

        BuildKit would take a single backslash for an escape (moby/buildkit, ``expandSliceInPlace``); what people mean
        is the path.
        """
        if "$" not in text:
            return text
        return self.resolve(text.replace(self._scope.escape, self._scope.escape * 2))

    def variables(self) -> tuple[Variable, ...]:
        """All that are in force, those set first coming first; ENV hides an ARG of the same name."""
        layers: list[tuple[_Scope, int]] = []
        scope: _Scope | None = self._scope
        position = self._position
        while scope is not None:
            layers.append((scope, position))
            below = scope.below
            scope, position = (below._scope, below._position) if below is not None else (None, 0)
        names: dict[str, None] = {}
        last: dict[str, Variable] = {}  # by kind and name; the nearest layer overwrites those below it
        for scope, position in reversed(layers):
            for key, history in scope.set_at.items():
                at = bisect_left(history, position, key=lambda entry: entry[0])
                if at:
                    names.setdefault(key.partition(" ")[2])
                    last[key] = history[at - 1][1]
        return tuple(last[f"env {name}"] if f"env {name}" in last else last[f"arg {name}"] for name in names)


class Environments:
    """The environment before each instruction of a file, and at each stage's end.

    Iterating gives (instruction, environment) in the file's order.
    """

    def __init__(self, dockerfile: Dockerfile, bases: Bases | None = None, *, windows: bool = False) -> None:
        self._dockerfile = dockerfile
        self._bases = stage_bases(dockerfile, bases, windows=windows)
        self._at: dict[int, Environment] = {}
        self._ends: list[Environment] = []
        self._read()

    @property
    def bases(self) -> tuple[StageBase, ...]:
        """What each stage stands on (:func:`contrib.dockerfile.platform.stage_bases`)."""
        return self._bases

    def before(self, instruction: Instruction) -> Environment:
        """What is in force before ``instruction``, which is one of the file's (or the trigger of one)."""
        return self._at[id(instruction)]

    def after(self, stage: Stage) -> Environment:
        """What is in force at the end of ``stage``."""
        return self._ends[stage.index]

    def __iter__(self) -> Iterator[tuple[Instruction, Environment]]:
        for instruction in self._dockerfile.instructions:
            yield instruction, self._at[id(instruction)]

    def __len__(self) -> int:
        return len(self._dockerfile.instructions)

    def _read(self) -> None:
        dockerfile = self._dockerfile
        top = _Scope(ignore_case=False, escape=dockerfile.escape, from_line=True)
        globals_ = global_arguments(dockerfile)
        for position, instruction in enumerate(dockerfile.preamble):
            self._note(instruction, Environment(top, position))
            if instruction.keyword == "ARG":
                for name, _ in instruction.pairs:
                    value, _ = globals_[name.text]
                    top.put(position, _variable(name.text, value, "arg", instruction))
        position = len(dockerfile.preamble)
        from_lines = Environment(top, position)
        for stage, base in zip(dockerfile.stages, self._bases, strict=True):
            self._note(stage.from_, from_lines)
            scope = _Scope(
                ignore_case=base.platform == "windows",
                escape=dockerfile.escape,
                below=self._ends[base.origin] if base.origin is not None else _of_image(stage, base),
            )
            position += 1
            for instruction in stage.instructions:
                environment = Environment(scope, position)
                self._note(instruction, environment)
                if instruction.keyword == "ENV":
                    for name, word in instruction.pairs:
                        assert word is not None
                        value = environment.expand(word.text)
                        key = environment.resolve(name.text)
                        scope.put(position, _variable(key, value, "env", instruction))
                elif instruction.keyword == "ARG":
                    for name, word in instruction.pairs:
                        given = environment.expand(word.text) if word is not None else None
                        if word is None and name.text in globals_:
                            given = globals_[name.text][0]
                        scope.put(position, _variable(name.text, given, "arg", instruction))
                position += 1
            self._ends.append(Environment(scope, position))

    def _note(self, instruction: Instruction, environment: Environment) -> None:
        self._at[id(instruction)] = environment
        if instruction.trigger is not None:
            self._at[id(instruction.trigger)] = environment


def _variable(
    name: str, value: Resolved | None, kind: Literal["env", "arg"], instruction: Instruction
) -> Variable:
    if value is None:
        return Variable(name, None, False, kind, instruction)
    return Variable(name, value.text, value.known, kind, instruction)


def _of_image(stage: Stage, base: StageBase) -> Environment | None:
    """The variables that the image at the bottom hands on; FROM is what sets them."""
    configuration = base.configuration
    if configuration is None or not (configuration.environment or configuration.varying):
        return None
    scope = _Scope(ignore_case=base.platform == "windows", escape="\\")
    for name, value in configuration.environment.items():
        scope.put(0, Variable(name, value, True, "env", stage.from_))
    for name in configuration.varying:
        scope.put(0, Variable(name, None, False, "env", stage.from_))
    return Environment(scope, 1)


def environments(dockerfile: Dockerfile, bases: Bases | None = None) -> Environments:
    """ENV and ARG in force before each instruction; ``bases`` knows what images hand on."""
    return Environments(dockerfile, bases)
