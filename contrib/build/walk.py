"""The walk: a Dockerfile to the actions of its build (:mod:`contrib.build.actions`), once, for all extractors.

Instructions are taken in order; a RUN's parsed body is walked in the order in which it would run, with
the variables known so far. Nothing is executed and no file is read. What a shell's grammar did not take
becomes a note.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from typing import TYPE_CHECKING

from contrib.build import comparing, expression, paths, programs
from contrib.build.account import Body
from contrib.build.actions import Action, Value
from contrib.build.failures import looked_at
from contrib.build.path_variable import path_edit
from contrib.build.paths import Platform
from contrib.build.place import Place as Place
from contrib.build.printed import redirected, redirected_group
from contrib.build.strictness import body_of, shell_options
from contrib.build.values import (
    Scope,
    delayed,
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
from contrib.shells.programs import program
from contrib.values.records import replace

if TYPE_CHECKING:
    from contrib.build.contents import Content
    from contrib.build.functions import Function
    from contrib.build.streams import Streams

_MAX_ACTIONS = 50_000
_MAX_DEPTH = 60
#: Cmdlets that call script blocks with arguments (:mod:`contrib.build.blocks`).
_WITH_BLOCKS = frozenset(("invoke-command", "start-job", "start-threadjob", "foreach"))


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
        self.brought: set[str] = set()  # programs and packages of the build context
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
        self.held: dict[str, Content] = {}
        self.small: dict[str, Value] = {}
        self.functions: dict[str, Function] = {}
        self.calling: list[str] = []
        self.depth = 0
        self.again = 0  # nodes walked in further turns and in calls
        self.turning = 0  # how deep in these the walk is
        self.nested = 0  # computed scripts inside each other
        self.computed = 0  # characters of all that were read
        self.before: list[str] = []  # directories that pushd left
        self.aliases: dict[str, str] = {}
        self.streams: Streams | None = None
        self.loop_from: int | None = None
        self.here: dict[int, Value] = {}  # what the words of the command at hand came to
        # commands whose name is computed, under the name that it came to, with what they are in the file
        self._named: dict[int, tuple[shell.Command, shell.Command]] = {}

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

    def named(self, command: shell.Command) -> shell.Command:
        """A command whose name is computed (``& $exe``, ``%windir%\\x``) or called, under the name that it comes to."""
        called = self.shell == "cmd" and command.full_name == "call"
        if (command.name and not called) or not command.words or command.method is not None:
            return command
        value = self.value(command.words[0])
        text = value.text.strip("'\"")
        if not value.known or not text:
            return command
        rest = command.words[1:]
        first = id(command.words[0])
        found = replace(
            command, name=text, full_name=program(text), words=rest,
            positional=tuple(word for word in command.positional if id(word) != first),
        )  # fmt: skip
        self.take_for(found, command)
        return found

    def take_for(self, found: shell.Command, command: shell.Command) -> None:
        """Let actions of ``found``, which values made, say that they are those of ``command`` in the file."""
        self._named[id(found)] = (found, self.as_written(command))

    def as_written(self, command: shell.Command) -> shell.Command:
        """The command of the file that :meth:`named` gave another name."""
        return self._named.get(id(command), (command, command))[1]

    def in_loop(self) -> list[Action]:
        """The actions of the loop that is walked, in this turn and those before."""
        return self.actions[self.loop_from :][-200:] if self.loop_from is not None else []

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
            text = parts[0].value
            if self.shell == "cmd" and "!" in text and self.scope is not None:
                return delayed(text, self.scope)
            return Value(text)
        found = self.here.get(id(word))
        if found is None:
            assert self.scope is not None
            found = self.here[id(word)] = self.values[id(word)] = word_value(word, self.scope)
        return found

    def text(self, word: shell.Word | None) -> str:
        return self.value(word).text

    def expr(self, text: str) -> Value:
        assert self.scope is not None
        return expression_value(expression.parse(text), text, self.scope)

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
        self.errexit, self.pipefail, self.stop = shell_options(in_force, script)
        self.held, self.small, self.functions, self.here = {}, {}, {}, {}
        self.before, self.aliases, self.streams = [], {}, None
        by_shell = self.errexit or self.stop
        for unparsed in script.unparsed[:20]:
            self.notes.append(
                (unparsed.span.line, f"this part of the {script.shell} script could not be read")
            )
        self.depth = 0
        self.statements(script.nodes, Place(), top=True)
        body_of(self, self.instruction, script, by_shell)
        self.directory = outside

    def statements(self, nodes: tuple[shell.Node, ...], place: Place, top: bool = False) -> None:
        for index, node in enumerate(nodes):
            guarded = place.guarded
            if top:
                guarded = self.errexit or self.stop or index == len(nodes) - 1 or looked_at(nodes, index)
            elif self.errexit or self.stop:
                guarded = True
            self.node(node, place.but(guarded=guarded))

    def node(self, node: shell.Node, place: Place) -> None:
        if self.depth > _MAX_DEPTH or self.order >= _MAX_ACTIONS:
            return
        self.depth += 1
        self.again += 1 if self.turning else 0
        try:
            self._dispatch(node, place)
        finally:
            self.depth -= 1

    def _dispatch(self, node: shell.Node, place: Place) -> None:
        self.here = {}
        if isinstance(node, shell.Command):
            if node.script is not None:
                self.inner(node.script, place)
                return
            if not _with_blocks(self, node, place):
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
            from contrib.build.turns import walk_loop

            walk_loop(self, node, place)
        elif isinstance(node, shell.Case):
            self._case(node, place)
        elif isinstance(node, shell.Function):
            from contrib.build.functions import function_of

            self.functions[node.name.lower()] = function_of(node)
        elif isinstance(node, shell.Group):
            outside = self.directory
            since = len(self.actions)
            self.statements(node.body, place)
            if node.kind == "try":
                comparing.caught(self, node, since)
            for handler in node.handlers:
                self.statements(handler, place.but(conditional=True))
            if node.kind in ("paren", "subshell"):
                self.directory = outside
            redirected_group(self, node, place)
        elif isinstance(node, shell.Expression):
            self._expression(node, place)
        elif isinstance(node, shell.Flow):
            self._nested(node, place)

    def _nested(self, node: shell.Node, place: Place) -> None:
        for child in shell.children(node):
            self.node(child, place.but(quiet=True, piped=(), to=None))

    def inner(self, script: shell.Script, place: Place) -> None:
        """A script that another shell runs as one of its commands."""
        assert self.scope is not None
        outer = (self.shell, self.errexit, self.pipefail, self.stop, self.directory, self.scope.shell)
        self.shell = self.scope.shell = script.shell
        self.errexit, self.pipefail, self.stop = shell_options(Shell((), script.shell), script)
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
        from contrib.build.conditions import truth

        comparing.verify_if(self, node, place)
        comparing.check_if(self, node, place)
        for condition, body in node.arms:
            if condition is not None:
                for inner in condition.nodes:
                    self.node(inner, place.but(quiet=True, guarded=False, piped=(), to=None))
            holds = truth(self, condition)
            if holds is False:
                continue
            before = dict(self.scope.own) if self.scope is not None else {}
            self.statements(body, place.but(conditional=place.conditional or holds is None))
            if holds is True:
                break
            if self.scope is not None and len(node.arms) > 1:
                # what an arm sets is not known after it, unless no other arm does
                self.scope.own = {
                    **self.scope.own,
                    **{k: v for k, v in before.items() if k in self.scope.own},
                }

    def _case(self, node: shell.Case, place: Place) -> None:
        subject = self.value(node.subject) if node.subject is not None else None
        if subject is not None and subject.digest is not None:
            comparing.verify_case(self, node, subject.digest, place)
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
        added = len(self.actions)
        if isinstance(node.value, shell.Word):
            inside = tuple(shell.children(node))
            for inner in inside:
                self.node(inner, place.but(quiet=True, piped=(), to=None))
            value = self.value(node.value)
            if inside or self.held:
                from contrib.build.contents import content_assigned

                content_assigned(self, name, node.value)
        elif node.value is not None:
            from contrib.build.contents import content_assigned

            if isinstance(node.value, shell.Group):
                from contrib.build.blocks import hold

                hold(self, name, node.value)
            self.node(node.value, place.but(quiet=True, piped=(), to=None))
            value = _node_value(self, node.value)
            content_assigned(self, name, node.value)
        else:
            value = Value("")
        compared = comparing.answer(self, node.value)
        if compared is not None:
            value = replace(value, compared=compared)
        lowered = name.lower()
        if lowered == "erroractionpreference":
            self.stop = value.text.strip("'\"").lower() in ("stop", "1")
        if node.operator in ("+=",):
            earlier = self.scope.get(name)
            if earlier is not None:
                value = Value(
                    earlier.text + value.text, earlier.known and value.known, earlier.via + value.via
                )
        _stream(self, name, node.value, added)
        if lowered == "path" and node.scope == "env":
            path_edit(self, value.text, "process", node.span, place.conditional)
        if name:
            self.scope.put(name, value)
        elif len(value.items) > 1 and "," in node.target:
            # $want, $got = $env:X_SHA256, (Get-FileHash x.zip).Hash
            for each, item in zip(node.target.split(","), value.items, strict=False):
                self.scope.put(each.strip().lstrip("$"), item)

    def _expression(self, node: shell.Expression, place: Place) -> None:
        self._nested(node, place)
        statement = node.text.strip()
        if statement.lower().startswith("[net.servicepointmanager]"):
            return

    # -- commands ----------------------------------------------------------------------------------

    def _command(self, command: shell.Command, place: Place) -> None:
        self.here = {}
        for word in _words(command):
            self.value(word)
        name = command.full_name.lower()
        if name in self.aliases:
            from contrib.build.computed import renamed

            command = renamed(self, command, self.aliases[name])
            name = command.full_name.lower()
        function = self.functions.get(name)
        if function is not None:
            from contrib.build.functions import call
            from contrib.build.turns import turns

            for _ in turns(self, (function,), command.span.line, further=True):
                if name not in self.calling and len(self.calling) < 5:
                    call(self, name, function, command, place)
            return
        if self.shell == "posix" and name in ("shift", "set"):
            from contrib.build.functions import positional

            positional(self, command)
        programs.handle(self, command, place)
        redirected(self, command, place)

    # -- pipelines ---------------------------------------------------------------------------------

    def _pipeline(self, node: shell.Pipeline, place: Place) -> None:
        from contrib.build import contents

        nodes = node.nodes
        since = len(self.actions)
        contents.content_pipeline(self, node, place)
        comparing.digest_pipeline(self, node, place)
        for index, member in enumerate(nodes):
            last = index == len(nodes) - 1
            guarded = (
                place.guarded and (last or self.pipefail or self.shell == "powershell") and not node.negated
            )
            following = nodes[index + 1] if not last else None
            here = place.but(guarded=guarded, piped=nodes[:index], to=following)
            if index and isinstance(member, shell.Command) and member.full_name == "ForEach-Object":
                from contrib.build.blocks import for_each

                for_each(self, member, nodes[:index], here)
            else:
                self.node(member, here)
        contents.fetched_pipeline(self, node, since)


def _stream(walk: Walk, name: str, value: shell.Word | shell.Node | None, added: int) -> None:
    """Keep what a variable brought over the network, or the file that it opens."""
    if walk.shell != "powershell" or value is None:
        return
    text = value.text if isinstance(value, (shell.Word, shell.Expression)) else ""
    command = isinstance(value, shell.Command) and (value.method or value.full_name == "New-Object")
    if walk.streams is None and len(walk.actions) == added and not command and "::" not in text:
        return
    from contrib.build.streams import Streams

    walk.streams = walk.streams or Streams()
    walk.streams.assigned(walk, name, value, added)


def _with_blocks(walk: Walk, node: shell.Command, place: Place) -> bool:
    """Whether the command is one whose script blocks are called with arguments; they are walked then."""
    named = node.full_name.lower() in _WITH_BLOCKS if node.full_name else bool(walk.functions)
    if walk.shell != "powershell" or not named:
        return False
    from contrib.build.blocks import run_blocks

    return run_blocks(walk, node, place)


def _node_value(walk: Walk, node: shell.Node) -> Value:
    """What the node puts out, where that is known."""
    assert walk.scope is not None
    if isinstance(node, shell.Expression):
        digest = digest_of(node.nodes, walk.scope)
        if digest is not None:
            return Value("", False, digest=digest)
        if fetches(node.nodes, walk.scope):
            return Value("", False, fetched=True)
        return walk.value(node.word)
    found = substitution((node,), walk.scope)
    if found is not None:
        return found
    if isinstance(node, shell.Command) and node.method is not None:
        called = expression.of_call(node)
        return expression_value(called, "", walk.scope) if called is not None else Value("", False)
    return Value("", False)


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
