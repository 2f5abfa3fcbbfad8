"""The walk: a Dockerfile to the actions of its build (:mod:`contrib.build.actions`), once, for all extractors.

Instructions are taken in order; a RUN's parsed body is walked in the order in which it would run, with
the variables known so far. Nothing is executed and no file is read. What a shell's grammar did not take
becomes a note.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from contrib.build import actions as act
from contrib.build import expression, paths, programs, sed
from contrib.build.actions import Action, Value
from contrib.build.paths import Platform
from contrib.build.values import Scope, expression_value, word_value
from contrib.dockerfile.expand import Environment, Environments, environments
from contrib.dockerfile.model import Dockerfile, Instruction, Span, Stage
from contrib.dockerfile.platform import StageBase
from contrib.shells import Shell, Shells, script_of, shell_in_force
from contrib.shells import model as shell

A = TypeVar("A", bound=Action)

_MAX_ACTIONS = 50_000
_MAX_DEPTH = 60


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
    """

    dockerfile: Dockerfile
    environments: Environments
    shells: Shells
    platform: Platform
    base: StageBase | None
    own: tuple[int, ...]
    contributing: tuple[int, ...]
    actions: tuple[Action, ...]
    bodies: tuple[Body, ...]
    workdirs: Mapping[int, str]
    copied: Mapping[str, bytes]
    entry: shell.Script | None
    notes: tuple[tuple[int, str], ...]

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
        stage = self.dockerfile.last_stage
        if stage is None:
            return None
        in_force = self.shells.after(stage)
        if any(i is instruction for i in stage.instructions):
            in_force = self.shells.before(instruction)
        return script_of(instruction, in_force)

    def commands(self, instruction: Instruction) -> list[shell.Command]:
        """The commands of that body."""
        script = self.script(instruction)
        return list(shell.commands(script.nodes)) if script is not None else []

    def of(self, kind: type[A], own: bool = False) -> Iterator[A]:
        """Actions of that kind, of the stages that contribute (or only of those that make the image)."""
        stages = self.own if own else self.contributing
        return (action for action in self.actions if isinstance(action, kind) and action.stage in stages)


def read(dockerfile: Dockerfile, copied: Mapping[str, bytes] | None = None) -> Build:
    """Walk ``dockerfile``; ``copied`` holds files of the build context by their path there."""
    return Walk(dockerfile, dict(copied or {})).build()


@dataclass(slots=True)
class _Content:
    """What a PowerShell variable or pipeline holds: a file's text with edits made to it."""

    file: str
    edits: list[tuple[str, str, str]] = field(default_factory=list)  # kind, pattern, text


@dataclass(slots=True)
class Place:
    """Where in a body the walk is."""

    conditional: bool = False
    guarded: bool = False  # a failure here ends the build
    quiet: bool = False  # inside a condition or a substitution
    piped: tuple[shell.Node, ...] = ()  # what comes before in the pipeline
    to: shell.Node | None = None  # what comes after

    def but(self, **changes: object) -> Place:
        values = {
            "conditional": self.conditional, "guarded": self.guarded, "quiet": self.quiet,
            "piped": self.piped, "to": self.to,
        }  # fmt: skip
        values.update(changes)
        return Place(**values)  # type: ignore[arg-type]


class Walk:
    def __init__(self, dockerfile: Dockerfile, copied: dict[str, bytes]) -> None:
        self.file = dockerfile
        self.copied = copied
        self.environments = environments(dockerfile)
        self.shells = Shells(dockerfile)
        self.bases = tuple(
            _by_shell(stage, base)
            for stage, base in zip(dockerfile.stages, self.environments.bases, strict=True)
        )
        self.platform: Platform = self.bases[-1].platform if self.bases else "linux"
        self.actions: list[Action] = []
        self.bodies: list[Body] = []
        self.notes: list[tuple[int, str]] = []
        self.workdirs: dict[int, str] = {}
        self.earlier: dict[str, int] = {}  # names and numbers of the stages above
        self.fetched: set[str] = set()
        # while a RUN is walked
        self.stage = 0
        self.style: Platform = "linux"
        self.instruction: Instruction | None = None
        self.scope: Scope | None = None
        self.directory = ""
        self.shell: shell.ShellName = "posix"
        self.errexit = False
        self.pipefail = False
        self.stop = False
        self.contents: dict[str, _Content] = {}
        self.small: dict[str, Value] = {}
        self.functions: dict[str, tuple[shell.Node, ...]] = {}
        self.calling: list[str] = []
        self.depth = 0

    # -- the file ---------------------------------------------------------------------------------

    def build(self) -> Build:
        for stage in self.file.stages:
            self._stage(stage)
        own, contributing = self._stages()
        entry = self._entry_script()
        for problem in self.file.problems:
            self.notes.append((problem.line, problem.message))
        return Build(
            dockerfile=self.file,
            environments=self.environments,
            shells=self.shells,
            platform=self.platform,
            base=self.bases[-1] if self.bases else None,
            own=own,
            contributing=contributing,
            actions=tuple(self.actions),
            bodies=tuple(self.bodies),
            workdirs=self.workdirs,
            copied=self.copied,
            entry=entry,
            notes=tuple(sorted(set(self.notes))),
        )

    def _stages(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        if not self.bases:
            return (), ()
        own: list[int] = []
        here: int | None = len(self.bases) - 1
        while here is not None and here not in own:
            own.append(here)
            here = self.bases[here].origin
        copied: dict[int, list[int | str | None]] = {}
        for action in self.actions:
            if isinstance(action, act.CopyIn):
                copied.setdefault(action.stage, []).append(action.origin)
        found = set(own)
        todo = list(own)
        while todo:
            index = todo.pop()
            needed = [*copied.get(index, ()), self.bases[index].origin]
            for origin in needed:
                if isinstance(origin, int) and origin not in found:
                    found.add(origin)
                    todo.append(origin)
        return tuple(sorted(own)), tuple(sorted(found))

    def _stage(self, stage: Stage) -> None:
        if stage.index:
            before = self.file.stages[stage.index - 1]
            self.earlier[str(before.index)] = before.index
            if before.name:
                self.earlier[before.name.lower()] = before.index
        base = self.bases[stage.index]
        self.stage = stage.index
        self.style = base.platform
        root = "C:\\" if self.style == "windows" else "/"
        inherited = self.workdirs.get(base.origin) if base.origin is not None else None
        self.directory = inherited or root
        if inherited is not None:
            self.workdirs[stage.index] = inherited
        for instruction in stage.instructions:
            self.instruction = instruction
            environment = self.environments.before(instruction)
            keyword = instruction.keyword
            if keyword == "WORKDIR" and instruction.words:
                text = environment.resolve(
                    instruction.words[0].text if len(instruction.words) == 1 else instruction.body
                )
                self.directory = paths.join(self.directory, text, self.style)
                self.workdirs[stage.index] = self.directory
            elif keyword == "ENV":
                self._env(instruction, environment)
            elif keyword in ("COPY", "ADD"):
                self._copy(instruction, environment)
            elif keyword == "RUN":
                self._run(instruction, environment)

    def _env(self, instruction: Instruction, environment: Environment) -> None:
        for name, word in instruction.pairs:
            if word is None or name.text.upper() != "PATH" or (self.style == "linux" and name.text != "PATH"):
                continue
            text = environment.resolve(word.text)
            self._path(text, "image", instruction.span)

    def _copy(self, instruction: Instruction, environment: Environment) -> None:
        values = [
            environment.resolve(text) if not instruction.exec_form else text for text in instruction.values
        ]
        if len(values) < 2:
            return
        *sources, target = values
        place = paths.join(self.directory, target, self.style)
        origin: int | str | None = None
        source = instruction.flag("from")
        if source:
            named = environment.resolve(source)
            origin = self.earlier.get(named.lower(), named)
        local: list[str] = []
        for path in sources:
            if instruction.keyword == "ADD" and re.match(r"(?i)(https?|ftp|git)://|git@", path):
                file = place
                if target.endswith(("/", "\\")):
                    file = paths.join(place, paths.name(path.split("?")[0]), self.style)
                checksum = instruction.flag("checksum")
                self._add(act.Download, instruction.span, url=Value(path), file=file, tool="ADD")
                self.fetched.add(file)
                if checksum and self.style == "linux":
                    algorithm, _, digest = environment.resolve(checksum).partition(":")
                    self._add(
                        act.Verify, instruction.span, file=file, algorithm=algorithm.lower(),
                        expected=Value(digest), acted_on=True, tool="ADD --checksum",
                    )  # fmt: skip
            else:
                local.append(path)
        if local:
            self._add(act.CopyIn, instruction.span, sources=tuple(local), target=place, origin=origin)
            if instruction.flag("chown"):
                self._add(
                    act.Account, instruction.span, kind="chown", text=f"--chown={instruction.flag('chown')}"
                )

    # -- helpers -----------------------------------------------------------------------------------

    def _add(self, what: type[Action], span: Span, /, **fields: object) -> None:
        if len(self.actions) >= _MAX_ACTIONS:
            return
        assert self.instruction is not None
        fields.setdefault("conditional", False)
        self.actions.append(
            what(
                order=len(self.actions),
                stage=self.stage,
                instruction=self.instruction,
                line=span.line,
                end_line=span.end_line,
                **fields,  # type: ignore[arg-type]
            )
        )

    def _absolute(self, path: str) -> str:
        if path in ("", "-"):
            return path
        if self.style == "windows" and self.shell == "posix":
            path = paths.posix_of_windows(path)
        return paths.join(self.directory, path, self.style)

    def _value(self, word: shell.Word | None) -> Value:
        if word is None:
            return Value("", False)
        assert self.scope is not None
        return word_value(word, self.scope)

    def _text(self, word: shell.Word | None) -> str:
        return self._value(word).text

    def _expr(self, text: str) -> Value:
        assert self.scope is not None
        return expression_value(expression.parse(text), text, self.scope)

    def _path(self, text: str, scope: str, span: Span, conditional: bool = False) -> None:
        separator = ";" if self.style == "windows" else ":"
        known = {paths.key(p, self.style) for p in _default_path(self.style)}
        directories: list[str] = []
        literal = ""
        for piece in text.split(separator):
            piece = piece.strip().strip('"')
            if re.search(r"[%$]", piece):
                found = re.search(r"%\w+%|\$\{?(?:env:)?\w+\}?", piece)
                whole = found is not None and found.group(0) == piece
                if whole:
                    literal = piece
                    continue
            if piece and paths.key(piece, self.style) not in known:
                directories.append(paths.clean(piece, self.style))
        self._add(
            act.PathEdit,
            span,
            directories=tuple(directories),
            scope=scope,
            literal=literal,
            conditional=conditional,
        )

    # -- RUN ---------------------------------------------------------------------------------------

    def _run(self, instruction: Instruction, environment: Environment) -> None:
        in_force = self.shells.before(instruction)
        script = script_of(instruction, in_force)
        if script is None:
            return
        self.shell = script.shell
        self.scope = Scope(
            environment=environment,
            platform=self.style,
            ignore_case=script.shell != "posix" or self.style == "windows",
            shell=script.shell,
            fetched_files=self.fetched,
            absolute=self._absolute,
        )
        outside = self.directory
        self.errexit, self.pipefail, self.stop = _shell_options(in_force, script)
        self.contents, self.small, self.functions = {}, {}, {}
        by_shell = self.errexit or self.stop
        for unparsed in script.unparsed[:20]:
            self.notes.append(
                (unparsed.span.line, f"this part of the {script.shell} script could not be read")
            )
        self.depth = 0
        self._statements(script.nodes, Place(), top=True)
        self._body(instruction, script, by_shell)
        self.directory = outside

    def _body(self, instruction: Instruction, script: shell.Script, by_shell: bool) -> None:
        nodes = [n for n in script.nodes if not programs.is_preference(n)]
        statements = len(nodes)
        guarded, by = True, ""
        if script.shell == "posix":
            if self.errexit:
                by = "SHELL with -e" if by_shell else "set -e"
            elif statements > 1:
                guarded = False
            elif statements == 1 and isinstance(nodes[0], shell.AndOr):
                by = "&&"
                guarded = True
        elif script.shell == "powershell":
            if self.stop:
                by = "Stop in SHELL" if by_shell else "Stop in the RUN"
            elif statements > 1:
                guarded = False
        else:
            if statements > 1:
                guarded = False
            elif statements == 1 and isinstance(nodes[0], shell.AndOr):
                by = "&&" if all(op == "&&" for op, _ in nodes[0].rest) else "& and ||"
        self.bodies.append(
            Body(
                instruction=instruction,
                stage=self.stage,
                shell=script.shell,
                statements=statements,
                guarded=guarded,
                by=by,
                pipefail=self.pipefail,
            )
        )

    def _statements(self, nodes: tuple[shell.Node, ...], place: Place, top: bool = False) -> None:
        for index, node in enumerate(nodes):
            guarded = place.guarded
            if top:
                guarded = self.errexit or self.stop or index == len(nodes) - 1
            elif self.errexit or self.stop:
                guarded = True
            self._node(node, place.but(guarded=guarded))

    def _node(self, node: shell.Node, place: Place) -> None:
        if self.depth > _MAX_DEPTH or len(self.actions) >= _MAX_ACTIONS:
            return
        self.depth += 1
        try:
            self._dispatch(node, place)
        finally:
            self.depth -= 1

    def _dispatch(self, node: shell.Node, place: Place) -> None:
        if isinstance(node, shell.Command):
            if node.script is not None:
                self._inner(node.script, place)
                return
            self._nested(node, place)
            self._command(node, place)
        elif isinstance(node, shell.Pipeline):
            self._pipeline(node, place)
        elif isinstance(node, shell.AndOr):
            self._and_or(node, place)
        elif isinstance(node, shell.Assignment):
            self._assignment(node, place)
        elif isinstance(node, shell.If):
            self._if(node, place)
        elif isinstance(node, shell.Loop):
            self._loop(node, place)
        elif isinstance(node, shell.Case):
            self._case(node, place)
        elif isinstance(node, shell.Function):
            self.functions[node.name.lower()] = node.body
        elif isinstance(node, shell.Group):
            outside = self.directory
            self._statements(node.body, place)
            for handler in node.handlers:
                self._statements(handler, place.but(conditional=True))
            if node.kind in ("paren", "subshell"):
                self.directory = outside
        elif isinstance(node, shell.Expression):
            self._expression(node, place)

    def _nested(self, node: shell.Node, place: Place) -> None:
        for child in shell.children(node):
            self._node(child, place.but(quiet=True, piped=(), to=None))

    def _inner(self, script: shell.Script, place: Place) -> None:
        """A script that another shell runs as one of its commands."""
        assert self.scope is not None
        outer = (self.shell, self.errexit, self.pipefail, self.stop, self.directory, self.scope.shell)
        self.shell = self.scope.shell = script.shell
        self.errexit, self.pipefail, self.stop = _shell_options(Shell((), script.shell), script)
        self._statements(script.nodes, place, top=True)
        self.shell, self.errexit, self.pipefail, self.stop, self.directory, self.scope.shell = outer

    def _and_or(self, node: shell.AndOr, place: Place) -> None:
        chain = [("", node.first), *node.rest]
        for index, (operator, member) in enumerate(chain):
            following = chain[index + 1][0] if index + 1 < len(chain) else ""
            fatal_or = False
            if following == "||":
                fatal_or = _ends(chain[index + 1][1])
            guarded = place.guarded if following != "||" else fatal_or
            # ``a && b`` under set -e: a failing a does not end the script, but nothing after it in the chain runs
            self._node(member, place.but(guarded=guarded, conditional=place.conditional or operator == "||"))

    def _if(self, node: shell.If, place: Place) -> None:
        self._verify_if(node, place)
        self._check_if(node, place)
        for condition, body in node.arms:
            if condition is not None:
                for inner in condition.nodes:
                    self._node(inner, place.but(quiet=True, guarded=False, piped=(), to=None))
            truth = self._truth(condition)
            if truth is False:
                continue
            before = dict(self.scope.own) if self.scope is not None else {}
            self._statements(body, place.but(conditional=place.conditional or truth is None))
            if truth is True:
                break
            if self.scope is not None and len(node.arms) > 1:
                # what an arm sets is not known after it, unless no other arm does
                self.scope.own = {
                    **self.scope.own,
                    **{k: v for k, v in before.items() if k in self.scope.own},
                }

    def _truth(self, condition: shell.Condition | None) -> bool | None:
        """Whether a condition holds, where the file says: a variable that has a value, two texts compared."""
        if condition is None or self.scope is None:
            return None
        if condition.left is not None and condition.right is not None and condition.operator:
            left, right = self._value(condition.left), self._value(condition.right)
            if left.known and right.known and not left.digest and not right.digest:
                operator = condition.operator.lower()
                one, two = (
                    (left.text, right.text)
                    if self.shell == "posix"
                    else (left.text.lower(), right.text.lower())
                )
                if operator in ("=", "==", "-eq", "-ieq", "equ"):
                    return (one == two) != condition.negated
                if operator in ("!=", "-ne", "-ine", "neq"):
                    return (one != two) != condition.negated
            return None
        if self.shell == "powershell" and not condition.nodes and condition.left is not None:
            parsed = expression.of_word(condition.left)
            negated = condition.negated
            while isinstance(parsed, expression.Not):
                parsed, negated = parsed.operand, not negated
            if isinstance(parsed, expression.Name):
                found = self.scope.get(parsed.name)
                if found is not None and found.known:
                    return bool(found.text) != negated
        return None

    def _loop(self, node: shell.Loop, place: Place) -> None:
        if node.condition is not None:
            for inner in node.condition.nodes:
                self._node(inner, place.but(quiet=True, guarded=False))
        if node.variable and node.items and self.scope is not None:
            for item in node.items[:20]:
                for value in self._value(item).each[:20]:
                    self.scope.put(node.variable, value)
                    self._statements(node.body, place)
            return
        self._statements(node.body, place.but(conditional=node.kind not in ("for", "foreach")))

    def _case(self, node: shell.Case, place: Place) -> None:
        subject = self._value(node.subject) if node.subject is not None else None
        if subject is not None and subject.known:
            for patterns, body in node.arms:
                for pattern in patterns:
                    bare = pattern.strip("'\"")
                    if len(bare) < 100 and fnmatch.fnmatchcase(subject.text, bare):
                        self._statements(body, place)
                        return
        for _, body in node.arms:
            self._statements(body, place.but(conditional=True))

    def _assignment(self, node: shell.Assignment, place: Place) -> None:
        assert self.scope is not None
        name = node.name
        if isinstance(node.value, shell.Word):
            for inner in shell.children(node):
                self._node(inner, place.but(quiet=True, piped=(), to=None))
            value = self._value(node.value)
            self._content_assigned(name, node.value)
        elif node.value is not None:
            self._node(node.value, place.but(quiet=True, piped=(), to=None))
            value = self._node_value(node.value)
            self._content_assigned(name, node.value)
        else:
            value = Value("")
        lowered = name.lower()
        if lowered == "erroractionpreference":
            self.stop = value.text.strip("'\"").lower() in ("stop", "1")
        if node.operator in ("+=",):
            earlier = self.scope.get(name)
            if earlier is not None:
                value = Value(
                    earlier.text + value.text, earlier.known and value.known, earlier.via + value.via
                )
        if lowered == "path" and node.scope == "env":
            self._path(value.text, "process", node.span, place.conditional)
        if name:
            self.scope.put(name, value)

    def _node_value(self, node: shell.Node) -> Value:
        """What the node puts out, where that is known."""
        from contrib.build.values import digest_of, fetches, substitution

        assert self.scope is not None
        if isinstance(node, shell.Expression):
            digest = digest_of(node.nodes, self.scope)
            if digest is not None:
                return Value("", False, digest=digest)
            if fetches(node.nodes, self.scope):
                return Value("", False, fetched=True)
            return self._value(node.word)
        found = substitution((node,), self.scope)
        if found is not None:
            return found
        if isinstance(node, shell.Command) and node.method is not None:
            called = expression.of_call(node)
            return expression_value(called, "", self.scope) if called is not None else Value("", False)
        return Value("", False)

    def _expression(self, node: shell.Expression, place: Place) -> None:
        self._nested(node, place)
        statement = node.text.strip()
        if statement.lower().startswith("[net.servicepointmanager]"):
            return
        self._replace_file(node, place)

    # -- commands ----------------------------------------------------------------------------------

    def _command(self, command: shell.Command, place: Place) -> None:
        name = command.full_name.lower()
        if name in self.functions and name not in self.calling and len(self.calling) < 5:
            self.calling.append(name)
            self._statements(self.functions[name], place)
            self.calling.pop()
            return
        programs.handle(self, command, place)
        self._redirected(command, place)

    def _redirected(self, command: shell.Command, place: Place) -> None:
        """``echo text > file``: small files written, which are configuration or lists of digests."""
        for redirection in command.redirections:
            if redirection.operator not in (">", ">>", "1>", "1>>", ">|"):
                continue
            file = self._absolute(self._text(redirection.target))
            if file in ("/dev/null", "/dev/stderr", "C:\\dev\\null") or file.lower().endswith("\\nul"):
                continue
            if command.full_name.lower() in programs.PRINTERS:
                value = self.printed(command)
                self.small[file] = value
                kind = "append" if redirection.operator.endswith(">>") else "write"
                self._add(
                    act.Edit, command.span, kind=kind, file=file, origin=file, pattern="", text=value.text,
                    tool=command.name, conditional=place.conditional,
                )  # fmt: skip

    def printed(self, command: shell.Command) -> Value:
        """What ``echo``, ``printf`` or ``Write-Output`` puts out."""
        words = [w for w in command.words if (w.literal or "") not in ("-n", "-e", "-en", "-ne", "--")]
        if command.full_name.lower() == "printf" and words:
            pattern = self._value(words[0])
            text = pattern.text
            known = pattern.known
            via = pattern.via
            for word in words[1:20]:
                value = self._value(word)
                known, via = known and value.known, via + value.via
                text = re.sub(r"%[-0-9.]*[sdq]", value.text.replace("\\", "\\\\"), text, count=1)
            return Value(text.replace("\\n", "\n"), known, via)
        values = [self._value(word) for word in words]
        via_all = tuple(source for value in values for source in value.via)
        return Value(
            " ".join(value.text for value in values),
            all(value.known for value in values),
            via_all,
            fetched=any(value.fetched for value in values),
        )

    # -- pipelines ---------------------------------------------------------------------------------

    def _pipeline(self, node: shell.Pipeline, place: Place) -> None:
        nodes = node.nodes
        self._content_pipeline(node, place)
        self._digest_pipeline(node, place)
        for index, member in enumerate(nodes):
            last = index == len(nodes) - 1
            guarded = (
                place.guarded and (last or self.pipefail or self.shell == "powershell") and not node.negated
            )
            following = nodes[index + 1] if not last else None
            self._node(member, place.but(guarded=guarded, piped=nodes[:index], to=following))

    def _digest_pipeline(self, node: shell.Pipeline, place: Place) -> None:
        """``certutil -hashfile f SHA256 | find "…"`` and ``sha256sum f | grep …``."""
        from contrib.build.values import digest_of

        assert self.scope is not None
        last = node.nodes[-1]
        if not isinstance(last, shell.Command) or len(node.nodes) < 2:
            return
        if last.full_name.lower() not in ("find", "findstr", "grep", "select-string"):
            return
        digest = digest_of(node.nodes[:-1], self.scope)
        if digest is None:
            return
        words = [w for w in last.words if not re.match(r"^[-/][A-Za-z]", w.literal or "x")]
        expected = self._value(words[0]) if words else None
        if last.full_name.lower() == "select-string" and last.parameter("Pattern") is not None:
            parameter = last.parameter("Pattern")
            assert parameter is not None
            expected = self._value(parameter.value)
        acted = place.guarded and not node.negated and last.full_name.lower() != "select-string"
        self.verify(digest, expected, acted, last.span, place, tool=last.full_name)

    # -- verification ------------------------------------------------------------------------------

    def verify(
        self,
        digest: act.Digest,
        expected: Value | None,
        acted_on: bool,
        span: Span,
        place: Place,
        tool: str = "",
    ) -> None:
        """Note a comparison."""
        self._add(
            act.Verify, span, file=digest.file, algorithm=digest.algorithm, expected=expected, acted_on=acted_on,
            tool=tool, conditional=place.conditional,
        )  # fmt: skip

    def _verify_if(self, node: shell.If, place: Place) -> None:
        """``if (hash -ne expected) { exit 1 }`` and its like, in every shell."""
        for index, (condition, body) in enumerate(node.arms):
            if condition is None:
                continue
            found = self._digest_comparison(condition)
            if found is None:
                continue
            digest, expected, equal_means_taken = found
            other = node.arms[index + 1][1] if index + 1 < len(node.arms) else ()
            failing = other if equal_means_taken else body
            self.verify(digest, expected, self._fatal(failing), condition.span, place, tool="if")

    def _digest_comparison(self, condition: shell.Condition) -> tuple[act.Digest, Value | None, bool] | None:
        from contrib.build.values import digest_of

        assert self.scope is not None
        operator = (condition.operator or "").lower()
        sides = [condition.left, condition.right]
        if all(side is not None for side in sides):
            values = [self._value(side) for side in sides]
            for index, value in enumerate(values):
                if value.digest is not None:
                    other = values[1 - index]
                    equal = operator in ("-eq", "-ieq", "-ceq", "=", "==", "equ", "-like", "-match")
                    return value.digest, other, equal != condition.negated
            return None
        digest = digest_of(condition.nodes, self.scope)
        parsed = expression.parse(condition.text.strip())
        negated = condition.negated
        while isinstance(parsed, expression.Not):
            parsed, negated = parsed.operand, not negated if parsed is not None else negated
        text_negated = condition.text.strip().lower().startswith(("!", "-not"))
        if digest is None and isinstance(parsed, expression.Access):
            subject = expression_value(parsed.target, "", self.scope)
            digest = subject.digest
        if digest is None:
            return None
        expected: Value | None = None
        if isinstance(parsed, expression.Access) and parsed.args:
            expected = expression_value(parsed.args[0], condition.text, self.scope)
        elif isinstance(parsed, expression.Binary):
            expected = expression_value(parsed.right, condition.text, self.scope)
            return digest, expected, parsed.op in ("-eq", "-ieq", "-ceq", "-like", "-match")
        else:
            for command in shell.commands(condition.nodes):
                if (
                    command.method
                    and command.method.lower().split("::")[-1].endswith("equals")
                    and command.positional
                ):
                    expected = self._value(command.positional[0])
        return digest, expected, not (text_negated or negated)

    def _fatal(self, body: tuple[shell.Node, ...]) -> bool:
        """Whether the nodes end the build: ``exit 1``, ``throw``, ``Write-Error`` under Stop."""
        for node, _ in _bounded(body):
            if isinstance(node, shell.Flow):
                if node.kind == "throw":
                    return True
                if node.kind in ("exit", "return"):
                    code = self._value(node.value).text.strip() if node.value is not None else ""
                    if node.kind == "exit" and code not in ("", "0"):
                        return True
            elif isinstance(node, shell.Command):
                name = node.full_name.lower()
                if name == "write-error" and self.stop:
                    return True
                if name in ("exit", "false") and (
                    name == "false" or any((w.literal or "1") != "0" for w in node.words)
                ):
                    return True
            elif isinstance(node, shell.Expression) and node.text.strip().lower().startswith("throw"):
                return True
        return False

    def _check_if(self, node: shell.If, place: Place) -> None:
        """``if (-not (Select-String …)) { throw }``: a text looked for, the build ending without it."""
        for condition, body in node.arms:
            if condition is None or not self._fatal(body):
                continue
            for command in shell.commands(condition.nodes):
                name = command.full_name.lower()
                if name not in ("select-string", "grep", "findstr"):
                    continue
                self.note_check(command, place)

    def note_check(self, command: shell.Command, place: Place) -> None:
        """A grep, findstr or Select-String that guards the build."""
        if command.full_name.lower() == "select-string":
            pattern, path = command.parameter("Pattern"), command.parameter("Path")
            words = list(command.positional)
            pattern_word = pattern.value if pattern is not None else (words.pop(0) if words else None)
            path_word = path.value if path is not None else (words.pop(0) if words else None)
        else:
            words = [w for w in command.words if not re.match(r"^[-/]", w.literal or "x")]
            pattern_word = words[0] if words else None
            path_word = words[1] if len(words) > 1 else None
        self._add(
            act.Check, command.span, file=self._absolute(self._text(path_word)) if path_word is not None else "",
            pattern=self._text(pattern_word), conditional=place.conditional,
        )  # fmt: skip

    # -- texts of files under PowerShell -----------------------------------------------------------

    def _content_of(self, node: shell.Node | shell.Word) -> _Content | None:
        """The file's text that a node or word puts out, with the edits made on the way."""
        if isinstance(node, shell.Command):
            if node.full_name.lower() in ("get-content", "type", "cat") and (node.words or node.parameters):
                parameter = node.parameter("Path") or node.parameter("LiteralPath")
                word = parameter.value if parameter is not None and parameter.value is not None else None
                if word is None:
                    candidates = node.positional or tuple(
                        w for w in node.words if not (w.literal or "").startswith("-")
                    )
                    word = candidates[0] if candidates else None
                if word is None:
                    return None
                return _Content(self._absolute(self._text(word)))
            if (
                node.method
                and node.method.lower().endswith(("::readalltext", "::readalllines"))
                and node.positional
            ):
                return _Content(self._absolute(self._text(node.positional[0])))
            if node.method and node.method.lower() == "replace" and len(node.words) == 3:
                content = self._content_of(node.words[0])
                if content is not None:
                    content.edits.append(("replace", self._text(node.words[1]), self._text(node.words[2])))
                return content
            return None
        if isinstance(node, shell.Pipeline):
            return self._piped_content(node.nodes)
        if isinstance(node, shell.Expression):
            word = node.word
        elif isinstance(node, shell.Word):
            word = node
        else:
            return None
        nodes = tuple(_word_nodes(word))
        subject, pairs = expression.replacements(expression.of_word(word))
        base: _Content | None = None
        for inner in nodes:
            base = self._content_of(inner)
            if base is not None:
                break
        if base is None and isinstance(subject, expression.Name):
            known = self.contents.get(subject.name.lower())
            base = _Content(known.file, list(known.edits)) if known is not None else None
        if base is None:
            return None
        for pattern, replacement in pairs[:200]:
            base.edits.append(("replace", self._constant(pattern), self._constant(replacement)))
        if isinstance(subject, expression.Binary) and subject.op in ("-notmatch", "-notlike"):
            base.edits.append(("drop", self._constant(subject.right), ""))
        return base

    def _constant(self, parsed: expression.Expr) -> str:
        assert self.scope is not None
        return expression_value(parsed, "", self.scope).text

    def _piped_content(self, nodes: tuple[shell.Node, ...]) -> _Content | None:
        if not nodes:
            return None
        content = self._content_of(nodes[0])
        if content is None:
            return None
        for member in nodes[1:]:
            if not isinstance(member, shell.Command):
                continue
            name = member.full_name.lower()
            if name in ("where-object", "foreach-object"):
                self._block(member, content)
            elif name in ("findstr", "find") and any((w.literal or "").lower() == "/v" for w in member.words):
                words = [w for w in member.words if not re.match(r"^/[A-Za-z:]", w.literal or "x")]
                if words:
                    content.edits.append(("drop", self._text(words[0]), ""))
            elif name == "grep" and any(re.match(r"-[a-zA-Z]*v", w.literal or "") for w in member.words):
                words = [w for w in member.words if not (w.literal or "").startswith("-")]
                if words:
                    content.edits.append(("drop", self._text(words[0]), ""))
            elif name == "sed":
                for pattern, text, _ in sed.edits([self._text(w) for w in member.words])[0]:
                    content.edits.append(("replace", pattern, text))
        return content

    def _block(self, command: shell.Command, content: _Content) -> None:
        """The script block of Where-Object or ForEach-Object on lines of a file."""
        filtering = command.full_name.lower() == "where-object"
        for word in command.words:
            text = word.text.strip()
            if not text.startswith("{"):
                continue
            inside = text[1:].removesuffix("}").strip()
            parsed = expression.parse(inside)
            if filtering:
                negated = False
                while isinstance(parsed, expression.Not):
                    parsed, negated = parsed.operand, not negated
                if isinstance(parsed, expression.Binary):
                    drops = parsed.op in ("-notmatch", "-notlike", "-ne", "-cnotmatch")
                    if drops or (negated and parsed.op in ("-match", "-like", "-eq")):
                        content.edits.append(("drop", self._constant(parsed.right), ""))
            else:
                subject, pairs = expression.replacements(parsed)
                if isinstance(subject, expression.Name) and subject.name in ("_", "PSItem"):
                    for pattern, replacement in pairs[:200]:
                        content.edits.append(
                            ("replace", self._constant(pattern), self._constant(replacement))
                        )

    def _content_assigned(self, name: str, value: shell.Word | shell.Node) -> None:
        content = self._content_of(value)
        if content is not None:
            self.contents[name.lower()] = content
        else:
            self.contents.pop(name.lower(), None)

    def _content_pipeline(self, node: shell.Pipeline, place: Place) -> None:
        last = node.nodes[-1]
        if not isinstance(last, shell.Command):
            return
        name = last.full_name.lower()
        target: str | None = None
        if name in ("set-content", "out-file", "add-content", "tee-object"):
            target = self.content_target(last)
            content = self._piped_content(node.nodes[:-1])
        else:
            for redirection in last.redirections:
                if redirection.operator in (">", ">>", "1>"):
                    target = self._absolute(self._text(redirection.target))
            content = self._piped_content(node.nodes)
        if target is None:
            return
        if content is not None:
            self.emit_content(content, target, last.span, name, place)
            return
        # a text written out: 'x' | Add-Content f; echo x | tee -a f
        first = node.nodes[0]
        if name in ("set-content", "out-file", "add-content") and isinstance(first, shell.Expression):
            value = self._value(first.word)
            kind = "append" if name == "add-content" or last.parameter("Append") is not None else "write"
            self._add(
                act.Edit, last.span, kind=kind, file=target, origin=target, pattern="", text=value.text, tool=name,
                conditional=place.conditional,
            )  # fmt: skip

    def content_target(self, command: shell.Command) -> str | None:
        """The file that Set-Content, Out-File or Add-Content writes."""
        parameter = (
            command.parameter("Path") or command.parameter("FilePath") or command.parameter("LiteralPath")
        )
        word = parameter.value if parameter is not None else None
        if word is None and command.positional:
            word = command.positional[0]
        return self._absolute(self._text(word)) if word is not None else None

    def emit_content(self, content: _Content, target: str, span: Span, tool: str, place: Place) -> None:
        """The edits of a text that is written to ``target``."""
        if not content.edits:
            self._add(
                act.Move, span, source=content.file, target=target, kind="copy", conditional=place.conditional
            )
        for kind, pattern, text in content.edits:
            self._add(
                act.Edit, span, kind=kind, file=target, origin=content.file, pattern=pattern, text=text, tool=tool,
                conditional=place.conditional,
            )  # fmt: skip

    def _replace_file(self, node: shell.Expression, place: Place) -> None:
        """``[IO.File]::WriteAllText(file, text)``."""
        for command in shell.commands(node.nodes):
            self._write_all(command, place)

    def _write_all(self, command: shell.Command, place: Place) -> None:
        if not command.method or not command.method.lower().split("::")[-1].startswith("writeall"):
            return
        if len(command.positional) < 2:
            return
        target = self._absolute(self._text(command.positional[0]))
        content = self._content_of(command.positional[1])
        if content is not None:
            self.emit_content(content, target, command.span, "WriteAllText", place)

    # -- the entrypoint's script -------------------------------------------------------------------

    def _entry_script(self) -> shell.Script | None:
        """The copied script that ENTRYPOINT (or CMD) starts, read as POSIX shell or PowerShell."""
        for keyword in ("ENTRYPOINT", "CMD"):
            for word in self._words_of(keyword):
                name, data = self._copied_as(word)
                script = _script_in(name, data) if data is not None else None
                if script is not None:
                    return script
        return None

    def _words_of(self, keyword: str) -> list[str]:
        """Words of the CMD or ENTRYPOINT that is in force at the end."""
        index: int | None = len(self.bases) - 1 if self.bases else None
        while index is not None:
            found = [i for i in self.file.stages[index].instructions if i.keyword == keyword]
            if found:
                return list(found[-1].values) or found[-1].body.split()
            index = self.bases[index].origin
        return []

    def _copied_as(self, word: str) -> tuple[str, bytes | None]:
        """The file of the build context that ``word`` names in the image: by where COPY puts it, else by its name."""
        for copy in self.actions:
            if not isinstance(copy, act.CopyIn) or copy.origin is not None or copy.stage >= len(self.bases):
                continue
            style = self.bases[copy.stage].platform
            for source in copy.sources:
                places = (copy.target, paths.join(copy.target, paths.name(source), style))
                if any(paths.same(word, place, style) for place in places):
                    tidy = source.removeprefix("./")
                    data = self.copied.get(tidy, self.copied.get(paths.name(source)))
                    if data is not None:
                        return paths.name(word), data
        name = paths.name(word)
        return name, next((data for path, data in self.copied.items() if paths.name(path) == name), None)


def _script_in(name: str, data: bytes) -> shell.Script | None:
    """A script file, read as the body of a RUN would be."""
    from contrib.dockerfile import parse

    mark = "CONTRIB_ENTRY_SCRIPT"
    if len(data) > 262_144 or b"\0" in data or mark.encode() in data:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    windows = name.lower().endswith((".ps1", ".cmd", ".bat"))
    base = "mcr.microsoft.com/windows/servercore:ltsc2022" if windows else "scratch"
    head = 'SHELL ["powershell"]\n' if name.lower().endswith(".ps1") else ""
    wrapped = f"FROM {base}\n{head}RUN <<'{mark}'\n{text.rstrip()}\n{mark}\n"
    stage = parse(wrapped.encode("utf-8", "surrogatepass"), name).last_stage
    if stage is None or not stage.instructions or stage.instructions[-1].keyword != "RUN":
        return None
    run = stage.instructions[-1]
    return script_of(run, shell_in_force(stage, run, "windows" if windows else "linux"))


def _by_shell(stage: Stage, base: StageBase) -> StageBase:
    """A base that is given at build time is Windows where the stage's SHELL is one of Windows."""
    if base.known or base.platform == "windows":
        return base
    for instruction in stage.instructions:
        if instruction.keyword == "SHELL" and instruction.values:
            if paths.program(instruction.values[0]) in ("powershell", "cmd"):
                return replace(base, platform="windows")
            break
    return base


def _shell_options(in_force: Shell, script: shell.Script) -> tuple[bool, bool, bool]:
    """errexit, pipefail and Stop as SHELL (or a shell that the exec form calls) sets them."""
    if script.exec_form or script.inner is not None:
        words = [
            word.literal or ""
            for node in script.outer
            if isinstance(node, shell.Command)
            for word in node.words
        ]
    else:
        words = list(in_force.words[1:])
    if script.shell == "posix":
        errexit = any(re.fullmatch(r"-[a-zA-Z]*e[a-zA-Z]*", word) for word in words[:6])
        return errexit, "pipefail" in words[:6], False
    preamble = in_force.preamble if script.inner is None and not script.exec_form else None
    stop = False
    for node in preamble.nodes if preamble is not None else ():
        if isinstance(node, shell.Assignment) and node.name.lower() == "erroractionpreference":
            value = node.value.literal if isinstance(node.value, shell.Word) else None
            if value is None and isinstance(node.value, shell.Expression):
                value = node.value.word.literal
            stop = (value or "").lower() in ("stop", "1")
    return False, False, stop


def _default_path(platform: Platform) -> tuple[str, ...]:
    from contrib.build.values import LINUX_VARIABLES, WINDOWS_VARIABLES

    if platform == "windows":
        return tuple(WINDOWS_VARIABLES["PATH"].split(";"))
    return tuple(LINUX_VARIABLES["PATH"].split(":"))


def _bounded(nodes: tuple[shell.Node, ...]) -> Iterator[tuple[shell.Node, tuple[shell.Node, ...]]]:
    for count, pair in enumerate(shell.walk(nodes)):
        if count > 20_000:
            return
        yield pair


def _word_nodes(word: shell.Word) -> Iterator[shell.Node]:
    for part in word.parts:
        if isinstance(part, (shell.Substitution, shell.Opaque)):
            yield from part.nodes


def _ends(node: shell.Node) -> bool:
    """``|| exit 1`` and ``|| { …; exit 1; }``."""
    for inner, _ in _bounded((node,)):
        if isinstance(inner, shell.Flow) and inner.kind in ("exit", "throw"):
            return True
        if isinstance(inner, shell.Command) and inner.full_name.lower() in ("exit", "false"):
            return True
    return False
