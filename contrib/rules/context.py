"""What rules look at: one file, understood once.

The context is made of values only (:func:`Context.of`); rules ask it and never read the file, the
network or the disk. Places are byte spans of the file, so that a fix is an edit of those bytes. What the build
does is :attr:`Context.build`'s to say (:mod:`contrib.build`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from contrib.build import Build, read, says_windows
from contrib.build.account import A
from contrib.build.actions import CopyIn, Unpack
from contrib.build.downloads import Fetched, Removals, fetched
from contrib.build.paths import brings
from contrib.build.paths import key as key_of
from contrib.build.start import Start, start_of
from contrib.dockerfile.expand import Environment
from contrib.dockerfile.inherited import Bases
from contrib.dockerfile.model import Comment, Dockerfile, Instruction
from contrib.dockerfile.platform import stage_bases
from contrib.rules.addresses import Addresses
from contrib.rules.bodies import Run, Step
from contrib.rules.edits import Edits
from contrib.rules.stages import Copy as Copy
from contrib.rules.stages import ImageUse as ImageUse
from contrib.rules.stages import Reader
from contrib.rules.stages import StageView as StageView
from contrib.rules.variables import Readers
from contrib.shells import Shell
from contrib.shells.model import (
    Command,
    Node,
    Script,
    Unparsed,
    walk,
)
from contrib.shells.programs import program

if TYPE_CHECKING:
    from contrib.facts.model import FactSheet
    from contrib.facts.starts import Known
    from contrib.images.model import Image
    from contrib.rules.registry import Need

#: Repositories that hold Windows images alone, whatever their tags say.
_WINDOWS_ONLY = ("microsoft/", "mcr.microsoft.com/dotnet/framework/", "mcr.microsoft.com/windows")


def is_windows(file: Dockerfile, path: str | None) -> bool:
    """The last stage is a Windows image, by its base, its instructions or the path."""
    if says_windows(path):
        return True
    found = stage_bases(file)
    if not found:
        return False
    last = found[-1]
    return last.platform == "windows" or last.root.repository.lower().startswith(_WINDOWS_ONLY)


class Context(Edits):
    """One Dockerfile with everything that rules ask of it.

    :param path: path in its repository, ``/`` between the parts.
    :param twin: the Linux Dockerfile of the same image, read or as facts.
    :param known: what is known of bases and archives beside the text.
    :param date: the day that the file is judged as of, ``YYYY-MM-DD``; None is today.
    """

    def __init__(
        self,
        build: Build,
        path: str | None = None,
        twin: Dockerfile | FactSheet | None = None,
        image: Image | None = None,
        known: Known | None = None,
        date: str | None = None,
    ) -> None:
        super().__init__(build.dockerfile)
        self.known = known
        self.date = date
        self.build = build
        self.path = path
        self.twin = twin
        self.image = image
        self.environments = build.environments
        reader = Reader(build.dockerfile, build.environments)
        self.stages: tuple[StageView, ...] = reader.views
        self.images: tuple[ImageUse, ...] = reader.uses

    @classmethod
    def of(
        cls,
        file: Dockerfile,
        *,
        path: str | None = None,
        twin: Dockerfile | FactSheet | None = None,
        image: Image | None = None,
        bases: Bases | None = None,
        build: Build | None = None,
        known: Known | None = None,
        date: str | None = None,
    ) -> Context:
        """Understand ``file``.

        :param bases: knows what images hand on.
        :param build: the file, where it was read before.
        """
        if build is None:
            build = read(file, bases=bases, windows=says_windows(path))
        return cls(build, path, twin, image, known, date)

    @property
    def given(self) -> frozenset[Need]:
        """What rules may ask for."""
        has: dict[Need, object] = {"path": self.path, "twin": self.twin, "inventory": self.known}
        return frozenset(("text", *(need for need, value in has.items() if value is not None)))

    @property
    def last(self) -> StageView | None:
        """The stage that becomes the image."""
        return self.stages[-1] if self.stages else None

    @cached_property
    def path_says_windows(self) -> bool:
        """The path names Windows, nanoserver or servercore."""
        return says_windows(self.path)

    @cached_property
    def windows(self) -> bool:
        """The last stage is a Windows image."""
        return is_windows(self.file, self.path)

    def environment(self, instruction: Instruction) -> Environment:
        """ENV and ARG in force before ``instruction``."""
        return self.environments.before(instruction)

    def resolve(self, instruction: Instruction, text: str) -> str:
        """``text`` of an instruction with Docker's variables expanded."""
        return self.environment(instruction).resolve(text)

    @cached_property
    def env_values(self) -> frozenset[str]:
        """Values of every ENV and ARG of the file, resolved, a leading ``v`` taken off too."""
        found = set()
        for instruction in self.file.instructions:
            if instruction.keyword == "ENV":
                for value in instruction.values[1::2]:
                    found.add(self.resolve(instruction, value))
            elif instruction.keyword == "ARG":
                for word in instruction.values:
                    found.add(self.resolve(instruction, word.partition("=")[2]))
        return frozenset(found | {value[1:] for value in found if value[:1] == "v"}) - {""}

    @cached_property
    def env_text(self) -> str:
        """The values of :attr:`env_values` that are no addresses, one a line."""
        return "\n".join(sorted(value for value in self.env_values if "://" not in value))

    @cached_property
    def variable_names(self) -> frozenset[str]:
        """Names of every ENV and ARG of the file, upper case."""
        return frozenset(
            name.text.upper()
            for i in self.file.instructions
            if i.keyword in ("ENV", "ARG")
            for name, _ in i.pairs
        )

    @property
    def twin_volumes(self) -> list[str]:
        """Directories that the twin declares, when it is given as facts."""
        if self.twin is None or isinstance(self.twin, Dockerfile):
            return []
        return [
            part.strip()
            for fact in self.twin.all("volumes")
            for part in fact.value.split(",")
            if part.strip()
        ]

    @cached_property
    def comments(self) -> tuple[Comment, ...]:
        """Every comment of the file, those inside instructions too, in order."""
        inside = [comment for i in self.file.instructions for comment in i.comments]
        return tuple(sorted((*self.file.comments, *inside), key=lambda comment: comment.span.start))

    @cached_property
    def bodies(self) -> tuple[Run, ...]:
        """Every RUN, CMD, ENTRYPOINT and HEALTHCHECK of the Windows stages, with the shells they start."""
        return tuple(body for run in self._bodies.values() for body in (run, *run.nested))

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Those of RUN, with the shells they start."""
        return tuple(
            run for run in self.bodies if (run.instruction.trigger or run.instruction).keyword == "RUN"
        )

    def script(self, instruction: Instruction) -> Script | None:
        """The parsed body of an instruction."""
        run = self.run_of(instruction)
        return run.script if run is not None else None

    def commands(self, instruction: Instruction) -> tuple[Command, ...]:
        """The commands of an instruction's body."""
        run = self.run_of(instruction)
        return tuple(command for _, command in run.commands) if run is not None else ()

    def program_of(self, name: str) -> str:
        """A program's name without directory and ``.exe``."""
        return program(name)

    def stage_of(self, instruction: Instruction) -> StageView | None:
        """The stage that an instruction stands in."""
        return self._stage_by_instruction.get(id(instruction))

    def in_last_stage(self, instruction: Instruction) -> bool:
        """The instruction belongs to the stage that becomes the image."""
        stage = self.stage_of(instruction)
        return stage is not None and stage.is_last

    @cached_property
    def unread(self) -> tuple[tuple[int, str], ...]:
        """Places of shell bodies that were not understood: line and text."""
        return tuple(
            (place.span.line, place.text)
            for run in self._bodies.values()
            if (run.instruction.trigger or run.instruction).keyword
            != "HEALTHCHECK"  # `healthcheck` is enough
            for place in _unread(run.script)
        )

    def user_named(self, instruction: Instruction) -> str:
        """Who a USER names, lower case."""
        return self.resolve(instruction, instruction.values[0]).lower() if instruction.values else ""

    def final_user(self, stage: StageView | None) -> str | None:
        """The user that a stage ends as; None when it names none."""
        while stage is not None:
            for instruction in reversed(stage.stage.instructions):
                if instruction.keyword == "USER" and instruction.values:
                    return self.resolve(instruction, instruction.values[0])
            stage = stage.origin
        return None

    def instruction_line(self, line: int | None) -> int:
        """First line of the instruction that ``line`` stands in; the line itself between instructions."""
        if line is None:
            return 0
        at = bisect_right(self._starts, line) - 1
        if at >= 0 and line <= self.file.instructions[at].end_line:
            return self._starts[at]
        return line

    @cached_property
    def _starts(self) -> list[int]:
        return [instruction.line for instruction in self.file.instructions]

    def runs_of(self, stage: StageView) -> tuple[Run, ...]:
        """The RUNs of a stage, with the shells they start."""
        return self._runs_by_stage.get(stage.index, ())

    @cached_property
    def _runs_by_stage(self) -> dict[int, tuple[Run, ...]]:
        found: dict[int, list[Run]] = {}
        for run in self.runs:
            found.setdefault(run.stage_index, []).append(run)
        return {index: tuple(runs) for index, runs in found.items()}

    @cached_property
    def _stage_by_instruction(self) -> dict[int, StageView]:
        return {
            id(instruction): view
            for view in self.stages
            for instruction in (view.stage.from_, *view.stage.instructions)
        }

    # -- what the build does -----------------------------------------------------------------------

    @cached_property
    def start(self) -> Start:
        """The main process."""
        return start_of(self.build)

    @cached_property
    def addresses(self) -> Addresses:
        """Where the addresses of downloads are written."""
        return Addresses(self.build)

    @cached_property
    def readers(self) -> Readers:
        """Who reads the variables."""
        return Readers(self.file, self._bodies.values())

    @cached_property
    def _acting(self) -> Build:
        return self.build.with_triggers()

    @cached_property
    def downloads(self) -> tuple[Fetched, ...]:
        """Every download of the Windows stages, in order."""
        return fetched(self._acting, self._windows_stages)

    def acting(self, kind: type[A]) -> Iterator[A]:
        """Actions of that kind in the Windows stages, those of ``ONBUILD RUN`` among them."""
        stages = self._windows_stages
        return (a for a in self._acting.actions if isinstance(a, kind) and a.stage in stages)

    def later(self, kind: type[A]) -> Iterator[A]:
        """What CMD, ENTRYPOINT and HEALTHCHECK of the Windows stages do."""
        stages = self._windows_stages
        return (a for a in self.build.later if isinstance(a, kind) and a.stage in stages)

    @cached_property
    def installers(self) -> tuple[Unpack, ...]:
        """Every installer that the Windows stages run."""
        return tuple(action for action in self.acting(Unpack) if action.installer)

    @cached_property
    def fetched_files(self) -> frozenset[str]:
        """Where downloads are put, as :func:`contrib.build.paths.key` writes it."""
        return frozenset(
            key_of(download.file, "windows") for download in self.downloads if download.file is not None
        )

    def from_context(self, copy: CopyIn, file: str) -> bool:
        """``file`` may have come with a COPY of the build context: it is in its place, and no download put it there."""
        return brings(copy.target, copy.sources, file) and key_of(file, "windows") not in self.fetched_files

    @cached_property
    def removals(self) -> Removals:
        """What the Windows stages remove."""
        return Removals(self._acting, self._windows_stages)

    @cached_property
    def _windows_stages(self) -> frozenset[int]:
        return frozenset(view.index for view in self.stages if view.windows)

    def added_urls(self, instruction: Instruction) -> tuple[str, ...]:
        """URLs that an ADD fetches."""
        return tuple(d.url for d in self.downloads if d.added and d.instruction is instruction)

    def run_of(self, instruction: Instruction) -> Run | None:
        """The body of an instruction."""
        return self._bodies.get(id(instruction))

    def step_of(self, node: Node | None) -> tuple[Run, Step] | None:
        """The body and the step that a node of a RUN is."""
        return self._steps.get(id(node)) if node is not None else None

    @cached_property
    def _steps(self) -> dict[int, tuple[Run, Step]]:
        return {id(step.node): (run, step) for run in self._bodies.values() for step in run.steps}

    def shell_of(self, instruction: Instruction) -> str:
        """Name of the program that runs a shell form here: ``powershell``, ``pwsh``, ``cmd``."""
        return self._shell(instruction).program

    def _shell(self, instruction: Instruction) -> Shell:
        inner = instruction.trigger or instruction
        found = self.build.shell_at.get(id(inner))
        return found if found is not None else self.build.shells.before(instruction)

    @cached_property
    def _bodies(self) -> dict[int, Run]:
        found: dict[int, Run] = {}
        for view in self.stages:
            if not view.windows:
                continue
            for outer in view.stage.instructions:
                script = self.build.scripts.get(id(outer.trigger or outer))
                if script is not None and (script.nodes or script.unparsed):
                    found[id(outer)] = self._body(view, outer, script)
        return found

    def _body(self, view: StageView, outer: Instruction, script: Script) -> Run:
        shell = self._shell(outer)
        instruction = outer.trigger or outer
        started = next((node for node in script.outer if isinstance(node, Command)), None)
        if script.inner is not None or instruction.exec_form:
            name = program(started.name) if started is not None else script.shell
            return Run(outer, view.index, script, self.build, name, inner=True)
        prelude = shell.preamble if shell.name == "powershell" else None
        return Run(
            outer, view.index, script, self.build, shell.program, shell.instruction, prelude, sure=shell.known
        )


def _unread(script: Script) -> Iterator[Unparsed]:
    yield from script.unparsed
    for node, _ in walk(script.nodes):
        if isinstance(node, Command) and node.script is not None:
            yield from node.script.unparsed
