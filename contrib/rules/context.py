"""What rules look at: one file, understood once.

The context is made of values only (:func:`Context.of`); rules ask it and never read the file, the
network or the disk. Places are byte spans of the file, so that a fix is an edit of those bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from contrib.build import products
from contrib.dockerfile.expand import Environment, Environments, environments
from contrib.dockerfile.model import Comment, Dockerfile, Flag, Instruction, Span, Stage
from contrib.dockerfile.model import Word as DockerWord
from contrib.dockerfile.platform import Kind, Reference, StageBase
from contrib.rules import references
from contrib.rules.downloads import Download, downloads_of
from contrib.rules.scripts import Run, Step, path_key
from contrib.shells import DEFAULT_WINDOWS, Shell, Shells, script_of, shells
from contrib.shells.model import (
    Assignment,
    Command,
    Expression,
    If,
    Node,
    Script,
    Substitution,
    Unparsed,
    Variable,
    Word,
    walk,
)
from contrib.shells.programs import program
from contrib.values.findings import Edit, Finding, Fix, Lines, Severity

if TYPE_CHECKING:
    from contrib.facts.model import FactSheet
    from contrib.facts.starts import Known
    from contrib.images.model import Image
    from contrib.rules.registry import Rule
    from contrib.rules.scripts import Run


#: Repositories that hold Windows images alone, whatever their tags say.
_WINDOWS_ONLY = ("microsoft/", "mcr.microsoft.com/dotnet/framework/", "mcr.microsoft.com/windows")


@dataclass(frozen=True, slots=True)
class ImageUse:
    """An image that the file takes something from.

    :param via: the instruction's word for it.
    :param written: the reference as written, variables unexpanded.
    :param text: the same with variables resolved.
    :param known: nothing in ``text`` is left to be given at build time.
    :param span: where ``text`` stands literally in the file; None when it comes out of a variable.
    :param written_span: where ``written`` stands.
    """

    via: Literal["FROM", "COPY"]
    written: str
    text: str
    known: bool
    reference: Reference
    instruction: Instruction
    stage: StageView
    written_span: Span | None

    @property
    def span(self) -> Span | None:
        """Where the reference can be edited."""
        return self.written_span if self.written == self.text else None

    @property
    def official(self) -> bool:
        """An official image."""
        return references.official(self.reference)

    @property
    def retired(self) -> bool:
        """A name that Microsoft has given up."""
        return references.retired(self.reference)

    @property
    def moving(self) -> bool:
        """No tag, or ``latest``, and no digest."""
        return references.moving(self.reference)

    @property
    def line(self) -> int:
        """Line of the reference."""
        return self.written_span.line if self.written_span else self.instruction.line


@dataclass(frozen=True, slots=True)
class Copy:
    """A ``COPY --from``: from a stage of the file, or from an image."""

    instruction: Instruction
    stage: StageView | None
    image: ImageUse | None

    @property
    def line(self) -> int:
        """Line of the instruction."""
        return self.instruction.line

    @property
    def release(self) -> str | None:
        """The Windows release of what is copied from."""
        if self.stage is not None:
            return self.stage.release
        return self.image.reference.release if self.image is not None else None


@dataclass(eq=False)
class StageView:
    """A stage with what its base says.

    :param image: the image it starts from; None when that is another stage.
    :param origin: the stage that it starts from.
    :param only_copied_from: no later stage starts from it, and it is not the last.
    """

    stage: Stage
    base: StageBase
    is_last: bool
    image: ImageUse | None = None
    origin: StageView | None = None
    copies: tuple[Copy, ...] = ()
    only_copied_from: bool = False

    @property
    def index(self) -> int:
        """From 0."""
        return self.stage.index

    @property
    def root(self) -> ImageUse | None:
        """The image at the bottom, through stages."""
        view: StageView | None = self
        while view is not None and view.image is None:
            view = view.origin
        return view.image if view is not None else None

    @property
    def kind(self) -> Kind | None:
        """Servercore or nanoserver, None when the base does not say."""
        return self.base.kind

    @property
    def release(self) -> str | None:
        """Windows release, None when the base does not say."""
        return self.base.release

    @property
    def build(self) -> int | None:
        """Build number of the release; untagged ``microsoft/…`` was the first one, 14393."""
        return self.base.build

    @property
    def windows(self) -> bool:
        """Rules for Windows speak of it: its base is Windows, or it is the last (and the file is Windows)."""
        return self.is_last or self.base.platform == "windows"

    @property
    def is_modern_nanoserver(self) -> bool:
        """Nanoserver without PowerShell, whose default user is ContainerUser (1709 or later, or not said)."""
        return self.kind == "nanoserver" and (self.build is None or self.build > 14393)


@dataclass(eq=False)
class Context:
    """One Dockerfile with everything that rules ask of it.

    :param path: path in its repository, ``/`` between the parts.
    :param twin: the Linux Dockerfile of the same image, read or as facts.
    :param known: what is known of bases and archives beside the text.
    """

    file: Dockerfile
    path: str | None = None
    twin: Dockerfile | FactSheet | None = None
    image: Image | None = None
    stages: tuple[StageView, ...] = ()
    images: tuple[ImageUse, ...] = ()
    known: Known | None = None
    environments: Environments = field(init=False, repr=False)

    @classmethod
    def of(
        cls,
        file: Dockerfile,
        *,
        path: str | None = None,
        twin: Dockerfile | FactSheet | None = None,
        image: Image | None = None,
        known: Known | None = None,
    ) -> Context:
        """Understand ``file``."""
        context = cls(file, path, twin, image, known=known)
        context.environments = environments(file)
        context._read_stages()
        return context

    # -- what the file is --------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """How the person named the file."""
        return self.file.name

    @property
    def last(self) -> StageView | None:
        """The stage that becomes the image."""
        return self.stages[-1] if self.stages else None

    @cached_property
    def path_says_windows(self) -> bool:
        """The path names Windows, nanoserver or servercore."""
        text = (self.path or "").lower()
        return any(word in text for word in ("windows", "nanoserver", "servercore"))

    @cached_property
    def windows(self) -> bool:
        """The last stage is a Windows image, by its base; where that says nothing, by path or shell."""
        if self.last is None:
            return self.path_says_windows
        return (
            self.last.base.platform == "windows"
            or self.last.base.root.repository.lower().startswith(_WINDOWS_ONLY)
            or self.path_says_windows
            or any(
                i.keyword == "SHELL"
                and i.values[:1]
                and i.values[0].lower().startswith(("powershell", "pwsh", "cmd"))
                for i in self.last.stage.instructions
            )
        )

    # -- variables ---------------------------------------------------------------------------------

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

    # -- shell bodies ------------------------------------------------------------------------------

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

    def run_of(self, instruction: Instruction) -> Run | None:
        """The body of an instruction."""
        return self._bodies.get(id(instruction))

    def script(self, instruction: Instruction) -> Script | None:
        """The parsed body of an instruction."""
        run = self.run_of(instruction)
        return run.script if run is not None else None

    def commands(self, instruction: Instruction) -> tuple[Command, ...]:
        """The commands of an instruction's body."""
        run = self.run_of(instruction)
        return tuple(command for _, command in run.commands) if run is not None else ()

    def shell_of(self, instruction: Instruction) -> str:
        """Name of the program that runs a shell form here: ``powershell``, ``pwsh``, ``cmd``."""
        return self._shell(instruction).program

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
            (place.span.line, place.text) for run in self._bodies.values() for place in _unread(run.script)
        )

    @cached_property
    def downloads(self) -> tuple[Download, ...]:
        """Every download of the Windows stages, in order."""
        found = [
            download
            for run in self._bodies.values()
            if (run.instruction.trigger or run.instruction).keyword == "RUN"
            for download in downloads_of(run)
        ]
        for stage in self.stages:
            if stage.windows:
                for instruction in stage.stage.instructions:
                    found.extend(self._added(instruction))
        return tuple(sorted(found, key=lambda download: (download.instruction.span.start, download.line)))

    def added_urls(self, instruction: Instruction) -> tuple[str, ...]:
        """URLs that an ADD fetches."""
        return tuple(download.url for download in self._added(instruction))

    # -- who uses what -----------------------------------------------------------------------------

    def uses(self, name: str, *, unguarded: bool = False) -> bool:
        """A command, or another instruction, reads the variable.

        :param unguarded: uses inside an ``if`` that tests the variable do not count.
        """
        wanted = name.lower()
        for _, step in self._readers.get(wanted, ()):
            if not unguarded or not any(
                isinstance(node, If) and _tests(node, wanted) for node in (*step.above, step.node)
            ):
                return True
        return wanted in self._read_by_docker

    def needed_later(self, instruction: Instruction, name: str) -> bool:
        """A later RUN or the container's command relies on the variable (on PATH they all do)."""
        start = instruction.span.start
        if name.upper() == "PATH":
            return any(run.instruction.span.start > start for run in self._bodies.values())
        return any(run.instruction.span.start > start for run, _ in self._readers.get(name.lower(), ()))

    @cached_property
    def _readers(self) -> dict[str, list[tuple[Run, Step]]]:
        """Steps by the variables that they read, lower case."""
        found: dict[str, list[tuple[Run, Step]]] = {}
        for run in self._bodies.values():
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
            for instruction in self.file.instructions
            if instruction.keyword not in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "SHELL")
            for match in _DOCKER_READ.finditer(instruction.body.lower())
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

    def needs_administrator(self, instruction: Instruction) -> str | None:
        """What a RUN does that only an administrator may do; None when it does no such thing."""
        run = self.run_of(instruction)
        if run is None:
            return None
        for step, command in run.commands:
            name = command.full_name
            texts = run.texts(step, command)
            lowered = [text.lower() for text in texts]
            if name == "setx" and any(text in ("/m", "-m") for text in lowered):
                return f"`{command.name} {texts[0] if lowered[0] != '/m' else '/M'}`"
            if (
                name == "reg"
                and lowered[:1] in (["add"], ["delete"], ["import"])
                and any(text.startswith(("hklm", "hkey_local_machine")) for text in lowered)
            ):
                return "`reg` below HKLM"
            if name == "icacls" and any(
                text.startswith(("/grant", "/setowner", "/deny", "/remove", "/inheritance"))
                for text in lowered
            ):
                return "`icacls`"
            targets = list(texts[-1:]) if name in ("copy", "xcopy", "move", "robocopy", "mklink") else []
            if name in ("mkdir", "md", "del", "rmdir", "rd", "attrib", "ren"):
                targets = list(texts)
            if name == "curl":
                targets = [
                    texts[n + 1] for n, t in enumerate(lowered[:-1]) if t.startswith("-") and t.endswith("o")
                ]
            targets += [
                run.text(r.target, step.index) for r in command.redirections if r.operator.endswith(">")
            ]
            for target in targets:
                if path_key(target).startswith(("\\windows\\", "\\program files")):
                    return f"writing to `{target}`"
        return None

    # -- where a URL is written --------------------------------------------------------------------

    def url_variable(self, download: Download) -> str | None:
        """Name of the ENV or ARG that holds the URL, followed through local variables."""
        variables = self._url_variables(download)
        return variables[0].name if variables else None

    def url_instruction(self, download: Download) -> Instruction | None:
        """The ENV or ARG that holds the URL."""
        for variable in self._url_variables(download):
            found = self.environment(download.instruction).variable(variable.name)
            if found is not None:
                return found.instruction
        return None

    def url_line(self, download: Download) -> int:
        """Line on which the URL is written."""
        instruction = self.url_instruction(download)
        if instruction is None:
            return download.url_span.line
        name = self.url_variable(download)
        for word, _ in instruction.pairs:
            if name is not None and word.text.upper() == name.upper():
                return word.span.line
        return instruction.line

    def url_lines(self, download: Download) -> tuple[int, int]:
        """From the comments above the URL's ENV (or the instruction) to the instruction's last line."""
        holder = self.url_instruction(download)
        first = (
            holder if holder is not None and holder.line < download.instruction.line else download.instruction
        )
        start = first.line
        while start - 1 in self._comment_lines:
            start -= 1
        return start, download.instruction.end_line

    def written_at(self, download: Download, text: str) -> Span | None:
        """Where ``text`` (the start of the URL) stands in the file, when it stands there once."""
        holder = self.url_instruction(download) or download.instruction
        data = self.file.data[holder.span.start : holder.span.end]
        wanted = text.encode()
        if data.lower().count(wanted) != 1:
            return None
        start = holder.span.start + data.lower().index(wanted)
        line = self.file.line_of(start)
        return Span(start, start + len(wanted), line, line)

    def line_of_variable(self, name: str | None, download: Download) -> int | None:
        """Line of the ENV or ARG that sets the variable."""
        if name is None:
            return None
        found = self.environment(download.instruction).variable(name)
        return found.instruction.line if found is not None else None

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
    def _comment_lines(self) -> frozenset[int]:
        return frozenset(comment.span.line for comment in self.file.comments)

    def insert_statement(self, run: Run, step: Step, statement: str) -> Edit | None:
        """A PowerShell statement before the one that ``step`` belongs to, on a line of its own where that starts one."""
        if run.instruction.exec_form:
            return None
        inside = [
            node for node in step.above if step.within is None or node.span.start > step.within.span.start
        ]
        if step.within is not None and step.within.script is not None:
            tops = set(map(id, step.within.script.nodes))
            at: Node = next((node for node in (*inside, step.node) if id(node) in tops), step.node)
        else:
            at = step.top
        start = at.span.start
        line_start = self.file.data.rfind(b"\n", 0, start) + 1
        lead = self.file.data[line_start:start]
        if lead.strip() or line_start <= run.instruction.span.start:
            keyword_end = run.instruction.span.start + len(run.instruction.keyword)
            indent = self._indent(run.instruction)
            if self.file.data[keyword_end:start].strip() == b"" and indent is not None:
                return self.insert(start, f"{statement} {self.file.escape}{self.file.newline}{indent}")
            return self.insert(start, statement + " ")
        return self.insert(
            start, f"{statement} {self.file.escape}{self.file.newline}{lead.decode('ascii', 'replace')}"
        )

    def append_statement(self, run: Run, statement: str | None) -> Fix | None:
        """A PowerShell statement at the end of a body, offered and not made unasked."""
        if statement is None or run.inner or run.instruction.exec_form or run.shell != "powershell":
            return None
        body = self.file.text_of(run.instruction.span).rstrip()
        joint = " " if body.endswith(";") else "; "
        return self.fix(
            f"add `{statement}`", self.insert(run.instruction.span.end, joint + statement), safe=False
        )

    def _indent(self, instruction: Instruction) -> str | None:
        """The indentation of an instruction's second line; None when it has one line."""
        data = self.file.data[instruction.span.start : instruction.span.end]
        for line in data.split(b"\n")[1:]:
            if line.strip() and not line.lstrip().startswith(b"#"):
                return line[: len(line) - len(line.lstrip())].decode("ascii", "replace")
        return None

    def _url_variables(self, download: Download) -> list[Variable]:
        if isinstance(download.url_word, DockerWord) or download.run is None or download.step is None:
            return []
        seen: set[str] = set()
        pending = [(v, download.step.index) for v in _variables(download.url_word)]
        found: list[Variable] = []
        while pending:
            variable, before = pending.pop(0)
            if variable.name.lower() in seen:
                continue
            seen.add(variable.name.lower())
            assigned = (
                download.run.assigned(variable.name, variable.scope, before)
                if variable.scope != "foreign"
                else None
            )
            if assigned is not None:
                step, assignment = assigned
                pending.extend((v, step.index) for v in _assigned_variables(assignment))
                continue
            value = self.environment(download.instruction).value(variable.name)
            if variable.scope == "env" and value is not None and "://" in value:
                found.append(variable)
        return found

    # -- findings and fixes ------------------------------------------------------------------------

    def found(
        self,
        rule: Rule,
        line: int | None,
        message: str,
        *,
        severity: Severity | None = None,
        fix: Fix | None = None,
        instruction: Instruction | None = None,
        end_line: int | None = None,
        span: Span | None = None,
        related: tuple[tuple[str, int, str], ...] = (),
    ) -> Finding:
        """A finding of ``rule`` at ``line``, to the end of ``instruction`` where one is given.

        :param span: the exact place, where the rule knows it; it decides lines and columns.
        """
        column = end_column = None
        if span is not None:
            line, column = self.lines.position(span.start)
            end_line, end_column = self.lines.position(span.end)
        if end_line is None and instruction is not None:
            end_line = instruction.end_line
        return Finding(
            rule=rule.id,
            severity=severity or rule.severity,
            file=self.name,
            line=line,
            end_line=end_line,
            message=message,
            evidence=rule.evidence,
            fix=fix,
            related=related,
            column=column,
            end_column=end_column,
        )

    @cached_property
    def lines(self) -> Lines:
        """Lines and columns of the file."""
        return Lines(self.file.data)

    def fix(self, title: str, edits: Edit | Iterable[Edit], *, safe: bool) -> Fix:
        """A fix made of one edit or several."""
        return Fix(title, (edits,) if isinstance(edits, Edit) else tuple(edits), safe)

    def replace(self, span: Span, text: str) -> Edit:
        """Put ``text`` in place of ``span``."""
        return Edit(span.start, span.end, text.encode("utf-8", "surrogateescape"))

    def insert(self, offset: int, text: str) -> Edit:
        """Put ``text`` before the byte at ``offset``."""
        return Edit(offset, offset, text.encode("utf-8", "surrogateescape"))

    def remove_lines(self, instruction: Instruction) -> Edit:
        """Take the instruction's lines out, with their line ending."""
        data = self.file.data
        start = data.rfind(b"\n", 0, instruction.span.start) + 1
        end = data.find(b"\n", instruction.span.end)
        return Edit(start, len(data) if end < 0 else end + 1, b"")

    def insert_line_before(
        self, instruction: Instruction, line: str, *, above_comments: bool = False
    ) -> Edit:
        """A line of its own before the instruction, or before the comments that belong to it."""
        data = self.file.data
        start = data.rfind(b"\n", 0, instruction.span.start) + 1
        while above_comments and start > 0:
            previous = data.rfind(b"\n", 0, start - 1) + 1
            if not data[previous:start].lstrip().startswith(b"#"):
                break
            start = previous
        return self.insert(start, line + self.file.newline)

    def insert_line_after(self, instruction: Instruction, line: str) -> Edit:
        """A line of its own after the instruction."""
        data = self.file.data
        end = data.find(b"\n", instruction.span.end)
        if end < 0:
            return self.insert(len(data), self.file.newline + line)
        return self.insert(end + 1, line + self.file.newline)

    def remove_flag(self, flag: Flag) -> Edit:
        """Take a flag out, with the blanks after it."""
        data = self.file.data
        end = flag.span.end
        while end < len(data) and data[end : end + 1] in (b" ", b"\t"):
            end += 1
        return Edit(flag.span.start, end, b"")

    # -- reading -----------------------------------------------------------------------------------

    def _read_stages(self) -> None:
        count = len(self.file.stages)
        views = [
            StageView(stage, base, stage.index == count - 1)
            for stage, base in zip(self.file.stages, self.environments.bases, strict=True)
        ]
        uses: list[ImageUse] = []
        used_as_base: set[int] = set()
        earlier: dict[str, StageView] = {}
        for position, view in enumerate(views):
            from_ = view.stage.from_
            if view.base.origin is not None:
                view.origin = views[view.base.origin]
                used_as_base.add(view.base.origin)
            elif view.stage.base:
                span = from_.words[0].span if from_.words else None
                view.image = self._use(
                    "FROM", view.stage.base, view.base.text, view.base.known, from_, view, span
                )
                uses.append(view.image)
            copies = []
            for outer in view.stage.instructions:
                instruction = outer.trigger or outer
                source = instruction.flag("from")
                if instruction.keyword != "COPY" or source is None:
                    continue
                copies.append(self._copy(instruction, source, views, position, earlier, view))
            view.copies = tuple(copies)
            uses.extend(copy.image for copy in copies if copy.image is not None)
            if view.stage.name:
                earlier[view.stage.name.lower()] = view
        for view in views:
            view.only_copied_from = not view.is_last and view.index not in used_as_base
        self.stages = tuple(views)
        self.images = tuple(sorted(uses, key=lambda use: use.instruction.span.start))

    def _copy(
        self,
        instruction: Instruction,
        source: str,
        views: list[StageView],
        position: int,
        named: dict[str, StageView],
        view: StageView,
    ) -> Copy:
        resolved = self.environment(instruction).expand(source)
        text = resolved.text
        if text.lower() in named:
            return Copy(instruction, named[text.lower()], None)
        if text.isdecimal() and len(text) < 6 and int(text) < position:
            return Copy(instruction, views[int(text)], None)
        flag = next(flag for flag in reversed(instruction.flags) if flag.name == "from")
        written = self.file.text_of(flag.span)
        start = flag.span.end - len(source.encode("utf-8", "surrogateescape"))
        span = (
            Span(start, flag.span.end, flag.span.line, flag.span.end_line)
            if written.endswith(source)
            else None
        )
        return Copy(
            instruction, None, self._use("COPY", source, text, resolved.known, instruction, view, span)
        )

    def _use(
        self,
        via: Literal["FROM", "COPY"],
        written: str,
        text: str,
        known: bool,
        instruction: Instruction,
        view: StageView,
        span: Span | None,
    ) -> ImageUse:
        return ImageUse(via, written, text, known, Reference.parse(text), instruction, view, span)

    @cached_property
    def _stage_by_instruction(self) -> dict[int, StageView]:
        return {
            id(instruction): view
            for view in self.stages
            for instruction in (view.stage.from_, *view.stage.instructions)
        }

    @cached_property
    def _bodies(self) -> dict[int, Run]:
        found: dict[int, Run] = {}
        for view in self.stages:
            if not view.windows:
                continue
            for outer in view.stage.instructions:
                instruction = outer.trigger or outer
                if instruction.keyword not in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"):
                    continue
                run = self._body(view, outer, instruction)
                if run is not None:
                    found[id(outer)] = run
        return found

    def _body(self, view: StageView, outer: Instruction, instruction: Instruction) -> Run | None:
        shell = self._shell(outer)
        script = script_of(instruction, shell)
        if script is None or (not script.nodes and not script.unparsed):
            return None
        environment = self.environment(outer)
        started = next((node for node in script.outer if isinstance(node, Command)), None)
        if script.inner is not None or instruction.exec_form:
            name = program(started.name) if started is not None else script.shell
            return Run(outer, view.index, script, environment, name, inner=True)
        prelude = shell.preamble if shell.name == "powershell" else None
        return Run(outer, view.index, script, environment, shell.program, shell.instruction, prelude)

    @cached_property
    def _shells(self) -> Shells:
        return shells(self.file)

    def _shell(self, instruction: Instruction) -> Shell:
        """The shell in force; cmd where nothing says otherwise, the file being a Windows one."""
        found = self._shells.before(instruction)
        return DEFAULT_WINDOWS if found.instruction is None else found

    def _added(self, instruction: Instruction) -> tuple[Download, ...]:
        inner = instruction.trigger or instruction
        if inner.keyword != "ADD":
            return ()
        found = []
        target = self.resolve(instruction, inner.values[-1]) if inner.values else ""
        for word in inner.words[:-1]:
            resolved = self.environment(instruction).expand(word.text)
            if not resolved.text.lower().startswith(("http://", "https://")) or resolved.text.endswith(
                ".git"
            ):
                continue
            name = resolved.text.partition("?")[0].rpartition("/")[2]
            output = target + name if target.endswith(("/", "\\")) else target
            found.append(
                Download(
                    instruction, None, None, None, "ADD", word.span.line, resolved.text, resolved.known,
                    word.span, word, output, products.kind(resolved.text),
                )
            )  # fmt: skip
        return tuple(found)


def _unread(script: Script) -> Iterator[Unparsed]:
    yield from script.unparsed
    for node, _ in walk(script.nodes):
        if isinstance(node, Command) and node.script is not None:
            yield from node.script.unparsed


def _variables(word: Word) -> tuple[Variable, ...]:
    """Variables of a word, those inside its substitutions too."""
    found = list(word.variables)
    for part in word.parts:
        if isinstance(part, Substitution):
            for node, _ in walk(part.nodes):
                found.extend(_node_variables(node))
    return tuple(found)


def _assigned_variables(assignment: Assignment) -> tuple[Variable, ...]:
    value = assignment.value
    if isinstance(value, Word):
        return _variables(value)
    if value is None:
        return ()
    return tuple(variable for node, _ in walk((value,)) for variable in _node_variables(node))


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


#: A variable in the text of a condition: ``$env:X``, ``$x``, ``%X%``.
_READ = re.compile(r"(?:\$env:|\$\{env:|\$|%)([a-z_]\w*)")
_DOCKER_READ = re.compile(r"\$\{?([a-z_]\w*)")


def _tests(node: If, name: str) -> bool:
    return any(
        condition is not None and any(match[1] == name for match in _READ.finditer(condition.text.lower()))
        for condition, _ in node.arms
    )
