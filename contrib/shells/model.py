"""One syntax tree for three shells, small enough for facts and rules to walk.

Each node has the span of its text in the Dockerfile's bytes, so a finding can name the line and
a fix can replace the word. Values of words are what the shell would pass on when that can be
known: quotes removed, escapes undone, constant parts joined; a variable stays a part of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from contrib.dockerfile.model import Span
from contrib.values.records import dataclass

ShellName = Literal["posix", "powershell", "cmd"]


@dataclass(frozen=True, slots=True)
class Text:
    """A constant part of a word, unquoted."""

    value: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable in a word.

    :param name: without sigils: ``APP_URL`` of ``$APP_URL``, ``${APP_URL}``, ``$env:APP_URL``, ``%APP_URL%``.
        PowerShell's own variables keep their name (``url`` of ``$url``).
    :param scope: ``env`` for an environment variable, ``local`` for a PowerShell or shell-local one,
        ``foreign`` for the syntax of another shell, left unexpanded by this one (``%X%`` under PowerShell).
    :param text: as written, operators included (``${url%.tar.gz}``, ``%X:~0,3%``); a plain one has no operator.
    """

    name: str
    scope: Literal["env", "local", "foreign"]
    text: str


@dataclass(frozen=True, slots=True)
class Substitution:
    """A command's output in a word: ``$(…)``, backquotes, PowerShell ``$(…)`` or ``(…)``."""

    nodes: tuple[Node, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """A part that has to be computed (arithmetic, operators, members, lists).

    :param nodes: what runs in it, operands' substitutions included.
    :param variables: all that it reads.
    :param operator: PowerShell: what is done to the operands, lower case: ``-f``, ``+``, ``-replace``,
        ``-join``, ``,`` and ``@()`` (a list), ``.NAME`` (member), ``.NAME()`` (call; the first operand is what
        it is called on), ``TYPE::NAME`` and ``TYPE::NAME()``, ``[]`` (index), ``cast`` (the first operand is the
        type), ``!``, ``@{}`` (names and values in turn), ``{}`` (script block) …; POSIX: ``@()`` for an array.
        None for text alone.
    :param operands: words.
    """

    text: str
    nodes: tuple[Node, ...] = ()
    variables: tuple[Variable, ...] = ()
    operator: str | None = None
    operands: tuple[Word, ...] = ()


Part: TypeAlias = "Text | Variable | Substitution | Opaque"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command."""

    text: str
    parts: tuple[Part, ...]
    span: Span
    quoted: bool = False

    @property
    def literal(self) -> str | None:
        """The constant value, or None when any part is not known."""
        if len(self.parts) == 1:
            only = self.parts[0]
            return only.value if isinstance(only, Text) else None
        if all(isinstance(part, Text) for part in self.parts):
            return "".join(part.value for part in self.parts if isinstance(part, Text))
        return None

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Variables used directly in the word."""
        found: list[Variable] = []
        for part in self.parts:
            if isinstance(part, Variable):
                found.append(part)
            elif isinstance(part, Opaque):
                found.extend(part.variables)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Redirection:
    """``>``, ``>>``, ``<``, ``2>`` … with its target; the target of ``2>&1`` is empty (PowerShell, cmd) or ``1``."""

    operator: str
    target: Word


@dataclass(frozen=True, slots=True)
class Parameter:
    """A PowerShell ``-Name value`` / ``-Name:value`` / switch, or for native programs an option word.

    :param name: as written without the dash.
    :param full_name: abbreviation resolved for known cmdlets (``OutFile`` of ``-outf``), else ``name``.
    :param value: None for a switch.
    """

    name: str
    full_name: str
    value: Word | None
    span: Span


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command.

    :param name: as written, unquoted ("" when it is computed, ``& $exe``).
    :param full_name: canonical: alias resolved for PowerShell (``wget`` gives ``Invoke-WebRequest``),
        directory and ``.exe`` taken off a program's name, lower case for programs, PascalCase for cmdlets.
    :param words: all words after the name, as written.
    :param parameters: PowerShell cmdlets: named parameters (splatted hash tables resolved).
    :param positional: words that are no parameter nor a parameter's value.
    :param method: for ``(New-Object …).DownloadFile(a, b)`` and ``[Type]::Method(…)``: the call, e.g.
        ``DownloadFile`` / ``System.Net.ServicePointManager::SecurityProtocol``; arguments are ``positional``.
        Then ``words`` has what the method is called on (not for ``[Type]::``) and the arguments.
        A type's name is given with ``System.`` before it.
    :param environment: POSIX ``NAME=value`` words before the name.
    :param script: for ``powershell -Command …``, ``cmd /C …``, ``sh -c …`` the script that is run.
    """

    name: str
    full_name: str
    words: tuple[Word, ...]
    span: Span
    name_span: Span
    parameters: tuple[Parameter, ...] = ()
    positional: tuple[Word, ...] = ()
    redirections: tuple[Redirection, ...] = ()
    environment: tuple[tuple[str, Word], ...] = ()
    method: str | None = None
    script: Script | None = None

    def parameter(self, full_name: str) -> Parameter | None:
        """The named parameter, case ignored; None when it is not there."""
        wanted = full_name.lower()
        for parameter in self.parameters:
            if parameter.full_name.lower() == wanted:
                return parameter
        return None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands (or expressions) joined by ``|``; ``negated`` for POSIX ``!``."""

    nodes: tuple[Node, ...]
    span: Span
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AndOr:
    """``a && b || c``: first node, then (operator, node) …."""

    first: Node
    rest: tuple[tuple[Literal["&&", "||"], Node], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Assignment:
    """``x=…``, ``export x=…``, ``$x = …``, ``$env:X = …``, ``set X=…``.

    :param scope: ``env`` when it is exported or ``$env:``, else ``local``.
    :param value: a word, or the node whose output is taken.
    :param target: as written, for property targets (``[Net.ServicePointManager]::SecurityProtocol``).
    """

    name: str
    scope: Literal["env", "local"]
    value: Word | Node | None
    operator: str
    target: str
    span: Span


@dataclass(frozen=True, slots=True)
class If:
    """``if`` with its arms: (condition or None for else, body) …."""

    arms: tuple[tuple[Condition | None, tuple[Node, ...]], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: its text, the nodes that run in it, and a comparison when it is one.

    :param operator: ``-ne``, ``-eq``, ``=``, ``!=``, ``==``, ``neq`` …, lower case; ``exist`` and ``defined``
        of cmd, ``-f``, ``-n`` … of POSIX with ``left`` alone; None when it is no simple comparison.
    :param left: also the word that is tested alone (``if ($env:X)``).
    """

    text: str
    nodes: tuple[Node, ...]
    span: Span
    operator: str | None = None
    left: Word | None = None
    right: Word | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """``while``, ``until``, ``for``, ``foreach``, ``do``; ``condition`` is None where there is none.

    :param endless: the condition is always true, or there is none to end it.
    :param variable: of ``for``/``foreach``.
    :param items: words looped over, when they are written out.
    """

    kind: str
    condition: Condition | None
    body: tuple[Node, ...]
    span: Span
    endless: bool = False
    variable: str | None = None
    items: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """POSIX ``case`` or PowerShell ``switch``: subject and (patterns, body) …."""

    subject: Word | None
    arms: tuple[tuple[tuple[str, ...], tuple[Node, ...]], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Function:
    """A function definition.

    :param parameters: of PowerShell: the list in parentheses after the name, as written.
    """

    name: str
    body: tuple[Node, ...]
    span: Span
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """``( … )``, ``{ … }``, script block, ``try`` body; ``kind`` says which.

    :param kind: ``subshell``, ``brace``, ``do``, ``redirected`` (POSIX), ``block``, ``try``, ``for``, ``trap``,
        ``begin`` … (PowerShell), ``paren`` (cmd).
    :param handlers: bodies of ``catch``, then of ``finally``.
    :param catches: how many of them are ``catch``'s.
    """

    kind: str
    body: tuple[Node, ...]
    span: Span
    handlers: tuple[tuple[Node, ...], ...] = ()
    redirections: tuple[Redirection, ...] = ()
    catches: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """``exit``, ``throw``, ``return``, ``break``, ``continue``; ``value`` is the code or message."""

    kind: str
    value: Word | None
    span: Span


@dataclass(frozen=True, slots=True)
class Expression:
    """A PowerShell expression that is no command (``$x``, ``'text'``, ``1 + 1``, ``$LASTEXITCODE -ne 0``)."""

    text: str
    word: Word
    span: Span
    nodes: tuple[Node, ...] = ()
    operator: str | None = None
    left: Word | None = None
    right: Word | None = None


@dataclass(frozen=True, slots=True)
class Unparsed:
    """Text that the shell's grammar did not take; a note, never a crash."""

    text: str
    span: Span


Node: TypeAlias = "Command | Pipeline | AndOr | Assignment | If | Loop | Case | Function | Group | Flow | Expression | Unparsed"


@dataclass(frozen=True, slots=True)
class Script:
    """A shell body.

    :param shell: whose grammar it was read with.
    :param nodes: statements in order.
    :param unparsed: the places that were not understood.
    :param inner: for ``powershell -Command "…"`` under another shell the outer shell's name, else None.
    :param outer: then the outer shell's nodes: the one command whose ``script`` this is.
    :param text: what the shell reads.
    :param exec_form: the body is a JSON list: no shell of Docker's is around it. ``shell`` is then that of the
        script (``["powershell", "-Command", …]``), or the stage's where a program is called.
    """

    shell: ShellName
    nodes: tuple[Node, ...]
    unparsed: tuple[Unparsed, ...] = ()
    inner: ShellName | None = None
    text: str = ""
    outer: tuple[Node, ...] = ()
    exec_form: bool = False


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below ``node``, in the order in which they run (words' substitutions first)."""
    if isinstance(node, Command):
        for _, word in node.environment:
            yield from _word_nodes(word)
        for word in node.words:
            yield from _word_nodes(word)
        if node.method is not None:
            for word in node.positional:
                if word not in node.words:
                    yield from _word_nodes(word)
        for redirection in node.redirections:
            yield from _word_nodes(redirection.target)
        if node.script is not None:
            yield from node.script.nodes
    elif isinstance(node, Pipeline):
        yield from node.nodes
    elif isinstance(node, AndOr):
        yield node.first
        for _, other in node.rest:
            yield other
    elif isinstance(node, Assignment):
        if isinstance(node.value, Word):
            yield from _word_nodes(node.value)
        elif node.value is not None:
            yield node.value
    elif isinstance(node, If):
        for condition, body in node.arms:
            if condition is not None:
                yield from condition.nodes
            yield from body
    elif isinstance(node, Loop):
        for item in node.items:
            yield from _word_nodes(item)
        if node.condition is not None:
            yield from node.condition.nodes
        yield from node.body
    elif isinstance(node, Case):
        if node.subject is not None:
            yield from _word_nodes(node.subject)
        for _, body in node.arms:
            yield from body
    elif isinstance(node, Function):
        yield from node.body
    elif isinstance(node, Group):
        yield from node.body
        for redirection in node.redirections:
            yield from _word_nodes(redirection.target)
        for handler in node.handlers:
            yield from handler
    elif isinstance(node, Flow):
        if node.value is not None:
            yield from _word_nodes(node.value)
    elif isinstance(node, Expression):
        yield from node.nodes


def walk(nodes: tuple[Node, ...]) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    """Every node with its ancestors (outermost first), in running order."""
    stack: list[tuple[Node, tuple[Node, ...]]] = [(node, ()) for node in reversed(nodes)]
    while stack:
        node, above = stack.pop()
        yield node, above
        stack.extend((child, (*above, node)) for child in reversed(tuple(children(node))))


def commands(nodes: tuple[Node, ...]) -> Iterator[Command]:
    """Every simple command, in running order."""
    for node, _ in walk(nodes):
        if isinstance(node, Command):
            yield node


def _word_nodes(word: Word) -> Iterator[Node]:
    for part in word.parts:
        if isinstance(part, (Substitution, Opaque)):
            yield from part.nodes
