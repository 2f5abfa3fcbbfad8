"""What a shell body does, for rules: its steps, and the values of their words.

Everything stands on the parsed tree (:mod:`contrib.shells`). Values are followed through
Docker's ENV and ARG, ``$env:X``, ``%X%``, PowerShell's local variables and ``-f``; what cannot be known
stays visible as ``$env:X`` or ``$x`` in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from contrib.build import expression as ps
from contrib.dockerfile.expand import Environment
from contrib.dockerfile.model import Instruction
from contrib.shells.model import (
    Assignment,
    Command,
    Condition,
    Expression,
    Flow,
    Function,
    If,
    Node,
    Opaque,
    Pipeline,
    Script,
    ShellName,
    Substitution,
    Text,
    Variable,
    Word,
    walk,
)

#: Environment variables that every Windows image has.
_WINDOWS_ENVIRONMENT = {
    "programfiles": r"C:\Program Files",
    "programfiles(x86)": r"C:\Program Files (x86)",
    "programdata": r"C:\ProgramData",
    "systemroot": r"C:\Windows",
    "windir": r"C:\Windows",
    "systemdrive": "C:",
}

#: Commands that show a text and do nothing else.
PRINTING = frozenset({"Write-Host", "Write-Output", "Write-Verbose", "Write-Warning", "echo", "echo."})


@dataclass(frozen=True, slots=True)
class Value:
    """Text of a word as far as it can be known.

    :param known: no variable is left in it.
    """

    text: str
    known: bool


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
    :param prelude: what SHELL says before each body, read as PowerShell.
    :param inner: a shell that another one starts.
    """

    instruction: Instruction
    stage_index: int
    script: Script
    environment: Environment
    program: str
    shell_instruction: Instruction | None = None
    prelude: Script | None = None
    inner: bool = False

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
                self.instruction, self.stage_index, command.script, self.environment,
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
        return tuple((step, c) for step, c in self.commands if c.full_name not in PRINTING)

    @cached_property
    def first_act(self) -> Step | None:
        """The first command that does anything a setting of the shell would matter to."""
        return next(
            (step for step, c in self.acting if c.full_name not in ("Set-StrictMode", "Set-PSDebug")), None
        )

    @cached_property
    def assignments(self) -> tuple[tuple[Step, Assignment], ...]:
        """Every assignment in running order."""
        return tuple((step, step.node) for step in self.steps if isinstance(step.node, Assignment))

    # -- values ------------------------------------------------------------------------------------

    @cached_property
    def _assigned(self) -> dict[tuple[str, str], tuple[list[int], list[tuple[Step, Assignment]]]]:
        found: dict[tuple[str, str], tuple[list[int], list[tuple[Step, Assignment]]]] = {}
        for step, assignment in self.assignments:
            places, values = found.setdefault((assignment.scope, assignment.name.lower()), ([], []))
            places.append(step.index)
            values.append((step, assignment))
        return found

    def assigned(self, name: str, scope: str, before: int) -> tuple[Step, Assignment] | None:
        """The last assignment of a variable before a step."""
        places, values = self._assigned.get((scope, name.lower()), ([], []))
        at = bisect_left(places, before)
        return values[at - 1] if at else None

    @cached_property
    def _values(self) -> dict[int, tuple[Value, int]]:
        """What assignments come to, by step: worked out once."""
        return {}

    @cached_property
    def _texts(self) -> dict[int, tuple[str, ...]]:
        return {}

    def value(self, word: Word, before: int) -> Value:
        """What the word comes to at a step."""
        return self._value(word, before, 0)

    def text(self, word: Word, before: int) -> str:
        """The text of :meth:`value`."""
        return self._value(word, before, 0).text

    def values(self, word: Word, before: int) -> tuple[str, ...]:
        """The items of a list (``a, b``, ``@('a', 'b')``), or the one text of a plain word."""
        if self.steps[before].shell == "powershell" and any(
            isinstance(p, (Opaque, Substitution)) for p in word.parts
        ):
            tree = parsed_expression(word.text)
            if isinstance(tree, ps.Listing):
                known = _Known()
                lookup = self._lookup(before, 0, known)
                return tuple(ps.evaluate(item, lookup) or "" for item in tree.items)
        return (self.text(word, before),)

    def variable(self, name: str, scope: str, before: int) -> Value:
        """What a variable holds at a step."""
        known = _Known()
        text = self._lookup(before, 0, known)(name, scope)
        return Value(text or "", known.known and text is not None)

    def _value(self, word: Word, before: int, depth: int) -> Value:
        known = _Known()
        lookup = self._lookup(before, depth, known)
        texts = []
        for part in word.parts:
            if isinstance(part, Text):
                texts.append(part.value)
            elif isinstance(part, Variable):
                if part.scope == "foreign":
                    texts.append(part.text)
                    known.known = False
                else:
                    texts.append(self._operator(part, lookup(part.name, part.scope) or ""))
            elif before < len(self.steps) and self.steps[before].shell == "powershell":
                text = ps.evaluate(parsed_expression(part.text), lookup)
                if text is None:
                    known.known = False
                    text = part.text
                texts.append(text)
            else:
                known.known = False
                texts.append(part.text)
        return Value("".join(texts), known.known)

    def _operator(self, variable: Variable, value: str) -> str:
        """``%X:a=b%`` of cmd; other operators are left alone."""
        if self.shell == "cmd" and ":" in variable.text and "=" in variable.text:
            old, _, new = variable.text.strip("%!").partition(":")[2].partition("=")
            return value.replace(old.lstrip("*"), new)
        return value

    def _lookup(self, before: int, depth: int, known: _Known) -> Callable[[str, str], str | None]:
        def lookup(name: str, scope: str) -> str | None:
            shown = f"${name}" if scope == "local" else f"$env:{name}"
            if depth > 12:
                known.known = False
                return shown
            found = self.assigned(name, scope, before)
            if found is not None:
                step, assignment = found
                right = (
                    assignment.value.word if isinstance(assignment.value, Expression) else assignment.value
                )
                if isinstance(right, Word) and assignment.operator == "=":
                    kept = self._values.get(step.index)
                    if kept is None or (kept[1] > depth and not kept[0].known):
                        kept = (self._value(right, step.index, depth + 1), depth)
                        self._values[step.index] = kept
                    known.known = known.known and kept[0].known
                    return kept[0].text
                known.known = False
                return shown
            if scope == "env":
                variable = self.environment.variable(name)
                if variable is not None and variable.value is not None:
                    known.known = known.known and variable.known
                    return variable.value
                built_in = _WINDOWS_ENVIRONMENT.get(name.lower())
                if built_in is not None:
                    return built_in
            known.known = False
            return shown

        return lookup

    # -- words of a command ------------------------------------------------------------------------

    def argument(self, command: Command, *names: str, position: int | None = None) -> Word | None:
        """A named parameter's value, else the positional one."""
        for name in names:
            parameter = command.parameter(name)
            if parameter is not None and parameter.value is not None:
                return parameter.value
        if position is not None and position < len(command.positional):
            return command.positional[position]
        return None

    def texts(self, step: Step, command: Command) -> tuple[str, ...]:
        """Every word of the command after its name, lists taken apart."""
        kept = self._texts.get(id(command))
        if kept is None:
            kept = tuple(text for word in command.words for text in self.values(word, step.index))
            self._texts[id(command)] = kept
        return kept

    @cached_property
    def _by_file(self) -> dict[str, list[tuple[Step, Command]]]:
        """Commands by the last part of every path-like text they have."""
        found: dict[str, list[tuple[Step, Command]]] = {}
        for step, command in self.commands:
            texts = {command.name, *self.texts(step, command)}
            texts.update(self.text(word, step.index) for word in command.positional)
            for parameter in command.parameters:
                if parameter.value is not None:
                    texts.update(self.values(parameter.value, step.index))
            for key in {last_part(text) for text in texts if text}:
                found.setdefault(key, []).append((step, command))
        return found

    def naming(self, file: str) -> list[tuple[Step, Command]]:
        """Commands that may name the file, in running order."""
        return self._by_file.get(last_part(file), [])

    @cached_property
    def removers(self) -> tuple[tuple[Step, Command], ...]:
        """Commands that remove files."""
        return tuple((step, command) for step, command in self.commands if command.full_name in REMOVERS)

    @cached_property
    def broad_removals(self) -> tuple[tuple[int, str], ...]:
        """Removals that may take more than the file they name: patterns, directories, what a pipe brings."""
        found = []
        for step, command in self.removers:
            fed = fed_by(self, step)
            for pattern in (*self.texts(step, command), *fed):
                last = last_part(pattern)
                if pattern in fed or any(char in last for char in "*?[") or "." not in last.strip("."):
                    found.append((step.index, pattern))
        return tuple(found)

    @cached_property
    def read_by_assignments(self) -> tuple[tuple[int, str, frozenset[str]], ...]:
        """For each assignment its step, the variable, and the variables that its value reads, lower case."""
        found = []
        for step, assignment in self.assignments:
            value = assignment.value
            text = value.text if isinstance(value, (Word, Expression)) else ""
            reads = (
                frozenset(
                    n.name.lower() for n in expression_tree(parsed_expression(text)) if isinstance(n, ps.Name)
                )
                if text
                else None
            )
            if reads:
                found.append((step.index, assignment.name.lower(), reads))
        return tuple(found)

    @cached_property
    def checkers(self) -> tuple[tuple[Step, Command], ...]:
        """Commands that check files and may get their name from elsewhere: a pipe, a stream, a signature."""
        return tuple(
            (step, command)
            for step, command in self.commands
            if command.full_name in ("gpg", "gpgv")
            or (is_hashing(command) and (command.full_name != "Get-FileHash" or not _names_a_file(command)))
        )

    @cached_property
    def conditions(self) -> tuple[Tested, ...]:
        """Every condition of an ``if``, in running order."""
        return tuple(
            Tested(step, step.node, number, condition)
            for step in self.steps
            if isinstance(step.node, If)
            for number, (condition, _) in enumerate(step.node.arms)
            if condition is not None
        )

    @cached_property
    def _condition_of(self) -> dict[int, Tested]:
        return {id(inner): tested for tested in self.conditions for inner, _ in walk(tested.condition.nodes)}

    def tested_in(self, command: Command) -> Tested | None:
        """The condition that the command is part of."""
        return self._condition_of.get(id(command))


@dataclass(eq=False)
class Tested:
    """A condition of an ``if``: which arm's, and the variables it reads."""

    step: Step
    node: If
    number: int
    condition: Condition

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the variables, lower case."""
        return frozenset(
            node.name.lower()
            for node in expression_tree(parsed_expression(self.condition.text))
            if isinstance(node, ps.Name)
        )


@lru_cache(maxsize=4096)
def parsed_expression(text: str) -> ps.Expr:
    """An expression of PowerShell, read once however often it is asked for."""
    return ps.parse(text)


def _program(command: Command) -> str:
    return command.name.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")


@dataclass
class _Known:
    known: bool = True


# -- paths and pipes ----------------------------------------------------------------------------------

#: Commands that remove files.
REMOVERS = frozenset({"Remove-Item", "del", "erase", "rm", "rmdir", "rd"})


@lru_cache(maxsize=8192)
def path_key(text: str) -> str:
    """A path for comparison: lower case, backslashes, no ``.\\`` at its start, no drive.

    >>> path_key("./App.zip") == path_key("app.zip")
    True
    """
    key = text.strip().strip("\"'").replace("/", "\\").lower()
    key = re.sub(r"\\+", r"\\", key)
    key = re.sub(r"(?<=\\)\.\\", "", key)
    while key.startswith(".\\"):
        key = key[2:]
    if re.match(r"[a-z]:", key):
        key = key[2:]
    return key.rstrip("\\") if len(key) > 1 else key


def last_part(text: str) -> str:
    """The file's name at the end of a path, as :func:`path_key` spells it."""
    return path_key(text).rpartition("\\")[2]


def same_file(one: str, other: str) -> bool:
    """Two spellings may name one file: equal, or equal up to the directory that a relative one stands in."""
    a, b = path_key(one), path_key(other)
    if not a or not b:
        return False
    if a == b:
        return True
    if a.startswith("\\") and not b.startswith("\\"):
        return a.endswith("\\" + b)
    if b.startswith("\\") and not a.startswith("\\"):
        return b.endswith("\\" + a)
    return False


def fed_by(run: Run, step: Step) -> tuple[str, ...]:
    """Words of the commands that feed a command through a pipe."""
    if not step.above or not isinstance(step.above[-1], Pipeline):
        return ()
    texts: list[str] = []
    for node in step.above[-1].nodes:
        if node is step.node:
            break
        if isinstance(node, Command):
            texts.extend(run.texts(step, node))
        elif isinstance(node, Expression):
            texts.extend(run.values(node.word, step.index))
    return tuple(texts)


# -- commands and expressions ---------------------------------------------------------------------------


def is_hashing(command: Command) -> bool:
    """Whether the command computes a hash of a file."""
    method = (command.method or "").lower()
    return command.full_name == "Get-FileHash" or "computehash" in method or "hashdata" in method


def _names_a_file(command: Command) -> bool:
    return bool(command.positional) or any(
        command.parameter(name) is not None for name in ("Path", "LiteralPath")
    )


def expression_tree(expression: ps.Expr, depth: int = 0) -> Iterator[ps.Expr]:
    """An expression and all that it is made of."""
    yield expression
    if depth > 40:
        return
    below: tuple[ps.Expr, ...] = ()
    if isinstance(expression, ps.Joined):
        below = expression.parts
    elif isinstance(expression, ps.Binary):
        below = (expression.left, expression.right)
    elif isinstance(expression, ps.Not):
        below = (expression.operand,)
    elif isinstance(expression, ps.Listing):
        below = expression.items
    elif isinstance(expression, ps.Access):
        below = (expression.target, *(expression.args or ()))
    elif isinstance(expression, ps.Static):
        below = expression.args or ()
    for each in below:
        yield from expression_tree(each, depth + 1)


def _stops(run: Run, command: Command) -> bool:
    """``Write-Error`` ends the build where errors do."""
    action = command.parameter("ErrorAction")
    if action is not None and action.value is not None:
        return action.value.text.strip("'\"").lower() == "stop"
    return preference(run, "ErrorActionPreference", ("stop", "1"))


def ends_build(run: Run, body: tuple[Node, ...]) -> bool:
    """The statements end the build with a failure: ``exit`` of a non-zero value, ``throw``, ``Write-Error``."""
    for node, _ in walk(body):
        if isinstance(node, Flow):
            if node.kind == "throw":
                return True
            if node.kind == "exit" and node.value is not None:
                literal = node.value.literal
                if literal is None or literal.strip() not in ("0", ""):
                    return True
        elif isinstance(node, Command):
            if node.full_name == "Write-Error" and _stops(run, node):
                return True
            if node.method is not None and node.method.lower().endswith("environment::exit"):
                return True
            if node.full_name == "exit" and any(w.literal not in (None, "0", "/b") for w in node.words):
                return True
        elif isinstance(node, Function):
            continue
    return False


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
