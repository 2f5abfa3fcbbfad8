"""The walk: a Dockerfile to the actions of its build (:mod:`contrib.build.actions`), once, for all extractors.

Instructions are taken in order; a RUN's parsed body is walked in the order in which it would run, with
the variables known so far. Nothing is executed and no file is read. What a shell's grammar did not take
becomes a note.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from functools import lru_cache

from contrib.build import actions as act
from contrib.build import comparing, contents, expression, paths, programs
from contrib.build.account import Body
from contrib.build.actions import Action, Value
from contrib.build.failures import ignored
from contrib.build.paths import Platform
from contrib.build.values import (
    LINUX_VARIABLES,
    WINDOWS_VARIABLES,
    Scope,
    digest_of,
    expression_value,
    fetches,
    substitution,
    word_value,
)
from contrib.dockerfile.expand import Environment
from contrib.dockerfile.model import Instruction, Span
from contrib.shells import Shell
from contrib.shells import model as shell
from contrib.values.patterns import lazy
from contrib.values.records import dataclass

_MAX_ACTIONS = 50_000
_MAX_DEPTH = 60


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


@dataclass(slots=True)
class Function:
    """A function of a script: its parameters' names and its body."""

    parameters: tuple[str, ...]
    body: tuple[shell.Node, ...]


class Walk:
    """One walk over the bodies of a file.

    :class:`contrib.build.reading.Reader` sets the instruction and the place; the walk adds actions and keeps
    what each word came to.
    """

    def __init__(self) -> None:
        self.actions: list[Action] = []
        self.order = 0
        self.bodies: list[Body] = []
        self.notes: list[tuple[int, str]] = []
        self.values: dict[int, Value] = {}
        self.fetched: set[str] = set()
        # of the instruction that is read
        self.stage = 0
        self.style: Platform = "linux"
        self.instruction: Instruction | None = None
        self.directory = ""
        # of its body
        self.scope: Scope | None = None
        self.shell: shell.ShellName = "posix"
        self.errexit = False
        self.pipefail = False
        self.stop = False
        self.held: dict[str, contents.Content] = {}
        self.small: dict[str, Value] = {}
        self.functions: dict[str, Function] = {}
        self.calling: list[str] = []
        self.depth = 0
        self._loop_from: int | None = None
        self._here: dict[int, Value] = {}  # what the words of the command at hand came to

    # -- helpers -----------------------------------------------------------------------------------

    def add(self, what: type[Action], span: Span, /, **fields: object) -> None:
        """Add an action; ``fields`` are those of its class."""
        if self.order >= _MAX_ACTIONS:
            return
        assert self.instruction is not None
        self.actions.append(
            what(
                order=self.order,
                stage=self.stage,
                instruction=self.instruction,
                span=span,
                **fields,  # type: ignore[arg-type]
            )
        )
        self.order += 1

    def in_loop(self) -> list[Action]:
        """The actions of the loop that is walked, in this turn and those before."""
        return self.actions[self._loop_from :][-200:] if self._loop_from is not None else []

    def absolute(self, path: str) -> str:
        if path in ("", "-"):
            return path
        if self.style == "windows" and self.shell == "posix":
            path = paths.posix_of_windows(path)
        return paths.join(self.directory, path, self.style)

    def value(self, word: shell.Word | None) -> Value:
        """What a word comes to, here."""
        if word is None:
            return Value("", False)
        parts = word.parts
        if len(parts) == 1 and isinstance(parts[0], shell.Text):
            return Value(parts[0].value)
        found = self._here.get(id(word))
        if found is None:
            assert self.scope is not None
            found = self._here[id(word)] = self.values[id(word)] = word_value(word, self.scope)
        return found

    def text(self, word: shell.Word | None) -> str:
        return self.value(word).text

    def expr(self, text: str) -> Value:
        assert self.scope is not None
        return expression_value(expression.parse(text), text, self.scope)

    def path_edit(self, text: str, scope: str, span: Span, conditional: bool = False) -> None:
        separator = ";" if self.style == "windows" else ":"
        known = _default_path(self.style)
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
        self.add(
            act.PathEdit,
            span,
            directories=tuple(directories),
            scope=scope,
            literal=literal,
            conditional=conditional,
        )

    # -- RUN ---------------------------------------------------------------------------------------

    def run(self, script: shell.Script, in_force: Shell, environment: Environment) -> None:
        """Walk the body of a RUN, CMD, ENTRYPOINT or HEALTHCHECK."""
        assert self.instruction is not None
        self.shell = script.shell
        self.scope = Scope(
            environment=environment,
            platform=self.style,
            ignore_case=script.shell != "posix" or self.style == "windows",
            shell=script.shell,
            fetched_files=self.fetched,
            absolute=self.absolute,
        )
        outside = self.directory
        self.errexit, self.pipefail, self.stop = _shell_options(in_force, script)
        self.held, self.small, self.functions, self._here = {}, {}, {}, {}
        by_shell = self.errexit or self.stop
        for unparsed in script.unparsed[:20]:
            self.notes.append(
                (unparsed.span.line, f"this part of the {script.shell} script could not be read")
            )
        self.depth = 0
        self.statements(script.nodes, Place(), top=True)
        self._body(self.instruction, script, by_shell)
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
            guarded = ignored(script.nodes, self.value) is None
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

    def statements(self, nodes: tuple[shell.Node, ...], place: Place, top: bool = False) -> None:
        for index, node in enumerate(nodes):
            guarded = place.guarded
            if top:
                guarded = self.errexit or self.stop or index == len(nodes) - 1
            elif self.errexit or self.stop:
                guarded = True
            self.node(node, place.but(guarded=guarded))

    def node(self, node: shell.Node, place: Place) -> None:
        if self.depth > _MAX_DEPTH or self.order >= _MAX_ACTIONS:
            return
        self.depth += 1
        try:
            self._dispatch(node, place)
        finally:
            self.depth -= 1

    def _dispatch(self, node: shell.Node, place: Place) -> None:
        self._here = {}
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
            self.functions[node.name.lower()] = _function(node)
        elif isinstance(node, shell.Group):
            outside = self.directory
            self.statements(node.body, place)
            for handler in node.handlers:
                self.statements(handler, place.but(conditional=True))
            if node.kind in ("paren", "subshell"):
                self.directory = outside
        elif isinstance(node, shell.Expression):
            self._expression(node, place)

    def _nested(self, node: shell.Node, place: Place) -> None:
        for child in shell.children(node):
            self.node(child, place.but(quiet=True, piped=(), to=None))

    def _inner(self, script: shell.Script, place: Place) -> None:
        """A script that another shell runs as one of its commands."""
        assert self.scope is not None
        outer = (self.shell, self.errexit, self.pipefail, self.stop, self.directory, self.scope.shell)
        self.shell = self.scope.shell = script.shell
        self.errexit, self.pipefail, self.stop = _shell_options(Shell((), script.shell), script)
        self.statements(script.nodes, place, top=True)
        self.shell, self.errexit, self.pipefail, self.stop, self.directory, self.scope.shell = outer

    def _and_or(self, node: shell.AndOr, place: Place) -> None:
        chain = [("", node.first), *node.rest]
        for index, (operator, member) in enumerate(chain):
            following = chain[index + 1][0] if index + 1 < len(chain) else ""
            fatal_or = False
            if following == "||":
                fatal_or = comparing.ends(chain[index + 1][1])
            guarded = place.guarded if following != "||" else fatal_or
            # ``a && b`` under set -e: a failing a does not end the script, but nothing after it in the chain runs
            self.node(member, place.but(guarded=guarded, conditional=place.conditional or operator == "||"))

    def _if(self, node: shell.If, place: Place) -> None:
        comparing.verify_if(self, node, place)
        comparing.check_if(self, node, place)
        for condition, body in node.arms:
            if condition is not None:
                for inner in condition.nodes:
                    self.node(inner, place.but(quiet=True, guarded=False, piped=(), to=None))
            truth = self._truth(condition)
            if truth is False:
                continue
            before = dict(self.scope.own) if self.scope is not None else {}
            self.statements(body, place.but(conditional=place.conditional or truth is None))
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
            left, right = self.value(condition.left), self.value(condition.right)
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
        outer = self._loop_from
        self._loop_from = len(self.actions)
        self._turns(node, place)
        self._loop_from = outer

    def _turns(self, node: shell.Loop, place: Place) -> None:
        if node.condition is not None:
            for inner in node.condition.nodes:
                self.node(inner, place.but(quiet=True, guarded=False))
        if node.variable and node.items and self.scope is not None:
            for item in node.items[:20]:
                for value in self.value(item).each[:20]:
                    self.scope.put(node.variable, value)
                    self.statements(node.body, place)
            return
        self.statements(node.body, place.but(conditional=node.kind not in ("for", "foreach")))

    def _case(self, node: shell.Case, place: Place) -> None:
        subject = self.value(node.subject) if node.subject is not None else None
        if subject is not None and subject.known:
            for patterns, body in node.arms:
                for pattern in patterns:
                    bare = pattern.strip("'\"")
                    if len(bare) < 100 and fnmatch.fnmatchcase(subject.text, bare):
                        self.statements(body, place)
                        return
        for _, body in node.arms:
            self.statements(body, place.but(conditional=True))

    def _assignment(self, node: shell.Assignment, place: Place) -> None:
        assert self.scope is not None
        name = node.name
        if isinstance(node.value, shell.Word):
            for inner in shell.children(node):
                self.node(inner, place.but(quiet=True, piped=(), to=None))
            value = self.value(node.value)
            contents.content_assigned(self, name, node.value)
        elif node.value is not None:
            self.node(node.value, place.but(quiet=True, piped=(), to=None))
            value = self._node_value(node.value)
            contents.content_assigned(self, name, node.value)
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
            self.path_edit(value.text, "process", node.span, place.conditional)
        if name:
            self.scope.put(name, value)

    def _node_value(self, node: shell.Node) -> Value:
        """What the node puts out, where that is known."""
        assert self.scope is not None
        if isinstance(node, shell.Expression):
            digest = digest_of(node.nodes, self.scope)
            if digest is not None:
                return Value("", False, digest=digest)
            if fetches(node.nodes, self.scope):
                return Value("", False, fetched=True)
            return self.value(node.word)
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
        contents.replace_file(self, node, place)

    # -- commands ----------------------------------------------------------------------------------

    def _command(self, command: shell.Command, place: Place) -> None:
        self._here = {}
        for word in _words(command):
            self.value(word)
        name = command.full_name.lower()
        function = self.functions.get(name)
        if function is not None:
            if name not in self.calling and len(self.calling) < 5:
                self._call(name, function, command, place)
            return
        programs.handle(self, command, place)
        self._redirected(command, place)

    def _call(self, name: str, function: Function, command: shell.Command, place: Place) -> None:
        """A function's body, with its parameters bound to the arguments."""
        assert self.scope is not None
        outer = dict(self.scope.own)
        given = [(word, self.value(word)) for word in command.words]
        if self.shell == "posix":
            for number, (_, value) in enumerate(given[:20], start=1):
                self.scope.put(str(number), value)
            self.scope.arguments = tuple(value for _, value in given[:20])
        else:
            self._bind(function.parameters, given)
        self.calling.append(name)
        self.statements(function.body, place)
        self.calling.pop()
        if self.shell == "powershell":
            self.scope.own = outer
        self._here = {}

    def _bind(self, parameters: tuple[str, ...], given: list[tuple[shell.Word, Value]]) -> None:
        assert self.scope is not None
        left = list(parameters)
        values: list[Value] = []
        index = 0
        while index < len(given):
            word, value = given[index]
            index += 1
            text = word.literal or ""
            named = next(
                (p for p in left if text[:1] == "-" and p.lower().startswith(text[1:].lower())), None
            )
            if named is not None and len(text) > 1 and index < len(given):
                self.scope.put(named, given[index][1])
                left.remove(named)
                index += 1
            else:
                values.append(value)
        for name, value in zip(left, values, strict=False):
            self.scope.put(name, value)

    def _redirected(self, command: shell.Command, place: Place) -> None:
        """``echo text > file``: small files written, which are configuration or lists of digests."""
        for redirection in command.redirections:
            if redirection.operator not in (">", ">>", "1>", "1>>", ">|"):
                continue
            file = self.absolute(self.text(redirection.target))
            if file in ("/dev/null", "/dev/stderr", "C:\\dev\\null") or file.lower().endswith("\\nul"):
                continue
            if command.full_name.lower() in programs.PRINTERS:
                value = self.printed(command)
                self.small[file] = value
                kind = "append" if redirection.operator.endswith(">>") else "write"
                self.add(
                    act.Edit, command.span, kind=kind, file=file, origin=file, pattern="", text=value.text,
                    tool=command.name, conditional=place.conditional,
                )  # fmt: skip

    def printed(self, command: shell.Command) -> Value:
        """What ``echo``, ``printf`` or ``Write-Output`` puts out."""
        words = [w for w in command.words if (w.literal or "") not in ("-n", "-e", "-en", "-ne", "--")]
        if command.full_name.lower() == "printf" and words:
            pattern = self.value(words[0])
            text = pattern.text
            known = pattern.known
            via = pattern.via
            for word in words[1:20]:
                value = self.value(word)
                known, via = known and value.known, via + value.via
                text = re.sub(r"%[-0-9.]*[sdq]", value.text.replace("\\", "\\\\"), text, count=1)
            return Value(text.replace("\\n", "\n"), known, via)
        values = [self.value(word) for word in words]
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
        contents.content_pipeline(self, node, place)
        comparing.digest_pipeline(self, node, place)
        for index, member in enumerate(nodes):
            last = index == len(nodes) - 1
            guarded = (
                place.guarded and (last or self.pipefail or self.shell == "powershell") and not node.negated
            )
            following = nodes[index + 1] if not last else None
            self.node(member, place.but(guarded=guarded, piped=nodes[:index], to=following))


def _words(command: shell.Command) -> Iterator[shell.Word]:
    """Every word of a command."""
    yield from command.words
    if command.method is not None:
        yield from command.positional
    for parameter in command.parameters:
        if parameter.value is not None:
            yield parameter.value
    for redirection in command.redirections:
        yield redirection.target


_PARAMETER = lazy(r"(?:^|[,(])\s*(?:\[[^\]]*\]\s*)*\$(\w+)")


def _function(node: shell.Function) -> Function:
    """A function with the names of its parameters, in parentheses or in ``param( … )``."""
    text = node.parameters
    if not text and node.body and isinstance(node.body[0], shell.Expression):
        first = node.body[0].text.strip()
        text = first[5:] if first.lower().startswith("param") else ""
    return Function(tuple(_PARAMETER.findall(text[:4000])), node.body)


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


@lru_cache(maxsize=2)
def _default_path(platform: Platform) -> frozenset[str]:
    """Directories that are on PATH before anything is done, as keys."""
    table, separator = (WINDOWS_VARIABLES, ";") if platform == "windows" else (LINUX_VARIABLES, ":")
    return frozenset(paths.key(path, platform) for path in table["PATH"].split(separator))
