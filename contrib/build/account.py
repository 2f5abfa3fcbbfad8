"""The result of the walk: what a Dockerfile does, for facts and rules to ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from contrib.build.actions import Action, Value
from contrib.build.entry import Line, lines
from contrib.build.paths import Platform
from contrib.dockerfile.expand import Environment, Environments
from contrib.dockerfile.model import Dockerfile, Instruction
from contrib.dockerfile.platform import StageBase
from contrib.shells import Shell, Shells
from contrib.shells import model as shell
from contrib.values.records import dataclass, field, replace

A = TypeVar("A", bound=Action)


@dataclass(frozen=True, slots=True)
class Body:
    """How a RUN deals with failure.

    :param statements: number of statements at its top.
    :param guarded: a failing statement ends it: ``set -e``, ``&&`` throughout, ``Stop``, or there is just one.
    :param by: what guards it, for people.
    :param pipefail: a failure inside a pipeline counts too.
    """

    instruction: Instruction
    stage: int
    shell: shell.ShellName
    statements: int
    guarded: bool
    by: str
    pipefail: bool


@dataclass(frozen=True, slots=True)
class Build:
    """A Dockerfile understood once.

    :param own: indices of the stages that make the image: the last one and those it starts from.
    :param contributing: those, and the stages that are copied from.
    :param workdirs: working directory at the end of each stage; None when nothing sets it.
    :param entry: the script of the build context that ENTRYPOINT starts, read.
    :param later: what CMD, ENTRYPOINT and HEALTHCHECK do, which is not part of the build.
    :param triggered: what ``ONBUILD RUN`` does, which is part of another build.
    :param scripts: bodies that a shell reads, by ``id`` of their instruction.
    :param shell_at: the shell that reads each of them.
    :param values: what words with variables in them came to, by ``id`` of the word.
    """

    dockerfile: Dockerfile
    environments: Environments
    shells: Shells
    platform: Platform
    bases: tuple[StageBase, ...]
    own: tuple[int, ...]
    contributing: tuple[int, ...]
    actions: tuple[Action, ...]
    bodies: tuple[Body, ...]
    workdirs: Mapping[int, str]
    copied: Mapping[str, bytes]
    entry: shell.Script | None
    notes: tuple[tuple[int, str], ...]
    later: tuple[Action, ...] = ()
    triggered: tuple[Action, ...] = ()
    scripts: Mapping[int, shell.Script | None] = field(default_factory=dict, repr=False)
    shell_at: Mapping[int, Shell] = field(default_factory=dict, repr=False)
    values: Mapping[int, Value] = field(default_factory=dict, repr=False)

    def with_triggers(self) -> Build:
        """The same, with what ``ONBUILD RUN`` does among the actions."""
        if not self.triggered:
            return self
        actions = sorted((*self.actions, *self.triggered), key=lambda action: action.order)
        return replace(self, actions=tuple(actions))

    @property
    def base(self) -> StageBase | None:
        """What the last stage stands on."""
        return self.bases[-1] if self.bases else None

    def value(self, word: shell.Word) -> Value:
        """What a word of a body came to."""
        found = self.values.get(id(word))
        if found is not None:
            return found
        literal = word.literal
        return Value(literal) if literal is not None else Value(word.text, False)

    def instructions(self, keyword: str) -> tuple[Instruction, ...]:
        """Instructions of that keyword in the stages that make the image, in order of their effect."""
        found: list[Instruction] = []
        for index in sorted(self.own):
            found.extend(i for i in self.dockerfile.stages[index].instructions if i.keyword == keyword)
        return tuple(found)

    def last(self, keyword: str) -> Instruction | None:
        """The instruction of that keyword that is in force at the end."""
        found = self.instructions(keyword)
        return found[-1] if found else None

    def resolve(self, instruction: Instruction, text: str) -> str:
        """``text`` of an instruction with Docker's variables replaced."""
        return self.environments.before(instruction).resolve(text)

    @property
    def final(self) -> Environment | None:
        """Variables at the end of the last stage."""
        stage = self.dockerfile.last_stage
        return self.environments.after(stage) if stage is not None else None

    @property
    def last_stage(self) -> int:
        """Index of the stage that becomes the image; -1 when there is none."""
        return len(self.dockerfile.stages) - 1

    @property
    def workdir(self) -> str:
        """Working directory of the image, the platform's root when nothing sets it."""
        return self.workdirs.get(self.last_stage) or ("C:\\" if self.platform == "windows" else "/")

    def script(self, instruction: Instruction) -> shell.Script | None:
        """The body of CMD or ENTRYPOINT; SHELL as it is at the end of the last stage."""
        return self.scripts.get(id(instruction))

    def reads_powershell(self, instruction: Instruction) -> bool:
        """PowerShell is the shell that reads the body, whatever that starts."""
        found = self.shell_at.get(id(instruction.trigger or instruction))
        return (found if found is not None else self.shells.before(instruction)).name == "powershell"

    def commands(self, instruction: Instruction) -> list[shell.Command]:
        """The commands of that body."""
        script = self.script(instruction)
        return list(shell.commands(script.nodes)) if script is not None else []

    def lines(self, instruction: Instruction) -> list[Line]:
        """Names and words of the commands of that body."""
        script = self.script(instruction)
        return list(lines(script.nodes)) if script is not None else []

    def of(self, kind: type[A], own: bool = False) -> Iterator[A]:
        """Actions of that kind, of the stages that contribute (or only of those that make the image)."""
        stages = self.own if own else self.contributing
        return (action for action in self.actions if isinstance(action, kind) and action.stage in stages)
