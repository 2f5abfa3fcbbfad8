"""PowerShell expressions as values: what ``('{0}\\bin;{1}' -f $env:APP, $env:PATH)`` comes to.

The shell's grammar (``contrib.shells``) gives operators and operands (:func:`of_word`); what it
keeps as text alone is read here (:func:`parse`), far enough to know URLs, paths and replacements: strings,
variables, ``-f``, ``+``, ``-replace``, ``-join``, lists, casts, and the handful of methods that Dockerfiles
call. What is not known stays :class:`Unknown` text. Nothing here raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from contrib.shells import model as shell
from contrib.values.numbers import whole
from contrib.values.patterns import given
from contrib.values.records import dataclass

#: A longer expression is not read: each bracket inside of another is passed over once per level.
_MAX_TEXT = 4000
_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant string or number."""

    value: str


@dataclass(frozen=True, slots=True)
class Joined:
    """A double-quoted string: constant pieces and expressions."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A variable: ``env`` for ``$env:X``, else ``local``."""

    name: str
    scope: str


@dataclass(frozen=True, slots=True)
class Binary:
    """``left op right``; ``op`` lower case, with its dash (``-f``, ``-replace``, ``+``)."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Not:
    """``!x``, ``-not x``."""

    operand: Expr


@dataclass(frozen=True, slots=True)
class Listing:
    """``a, b`` or ``@( … )``."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """``@{ name = value; … }``."""

    fields: tuple[tuple[Expr, Expr], ...]


@dataclass(frozen=True, slots=True)
class Access:
    """``target.member`` or ``target.member(args)``; ``args`` None without a call."""

    target: Expr
    member: str
    args: tuple[Expr, ...] | None


@dataclass(frozen=True, slots=True)
class Static:
    """``[Type]::Member`` or ``[Type]::Member(args)``."""

    type: str
    member: str
    args: tuple[Expr, ...] | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A command in parentheses, a block, an index: text that is not evaluated."""

    text: str


Expr: TypeAlias = "Literal | Joined | Name | Binary | Not | Listing | Table | Access | Static | Unknown"

_OPERATORS = frozenset(
    [
        "-f",
        "-replace",
        "-creplace",
        "-ireplace",
        "-eq",
        "-ne",
        "-ceq",
        "-cne",
        "-ieq",
        "-ine",
        "-match",
        "-notmatch",
        "-cmatch",
        "-imatch",
        "-like",
        "-notlike",
        "-split",
        "-join",
        "-and",
        "-or",
        "-gt",
        "-lt",
        "-ge",
        "-le",
        "-contains",
        "-notcontains",
        "-in",
        "-notin",
        "-is",
        "-isnot",
        "-as",
        "-band",
        "-bor",
        "-xor",
    ]
)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.operators = 0  # a chain becomes a tree as deep as it is long

    def space(self) -> None:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char.isspace():
                self.at += 1
            elif char == "`" and self.text[self.at + 1 : self.at + 2] in ("\n", "\r"):
                self.at += 2
            else:
                break

    def peek(self, size: int = 1) -> str:
        return self.text[self.at : self.at + size]

    def many(self) -> bool:
        self.operators += 1
        return self.operators > 8 * _MAX_DEPTH

    # -- levels, loosest first ------------------------------------------------------------------

    def compare(self) -> Expr:
        left = self.additive()
        while True:
            operator = self.operator(exclude=("-f",))
            if operator is None:
                return left
            if self.many():
                return self.rest()
            left = Binary(operator, left, self.additive())

    def additive(self) -> Expr:
        left = self.format()
        while True:
            self.space()
            if self.peek() in ("+", "*") and self.peek(2) not in ("+=", "*=", "++"):
                if self.many():
                    return self.rest()
                operator = self.peek()
                self.at += 1
                left = Binary(operator, left, self.format())
            else:
                return left

    def format(self) -> Expr:
        left = self.comma()
        while True:
            here = self.at
            operator = self.operator(only=("-f",))
            if operator is None:
                self.at = here
                return left
            if self.many():
                return self.rest()
            left = Binary("-f", left, self.comma())

    def comma(self) -> Expr:
        self.space()
        first = self.unary()
        items = [first]
        while True:
            here = self.at
            self.space()
            if self.peek() != ",":
                self.at = here
                break
            self.at += 1
            items.append(self.unary())
        return first if len(items) == 1 else Listing(tuple(items))

    def operator(self, only: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> str | None:
        here = self.at
        self.space()
        match = re.compile(r"-[A-Za-z]+").match(self.text, self.at)
        if match is None:
            self.at = here
            return None
        operator = match.group(0).lower()
        known = operator in only if only else operator in _OPERATORS and operator not in exclude
        if not known:
            self.at = here
            return None
        self.at = match.end()
        return operator

    def unary(self) -> Expr:
        self.space()
        self.depth += 1
        try:
            if self.depth > _MAX_DEPTH:
                return self.rest()
            if self.peek() == "!":
                self.at += 1
                return Not(self.unary())
            match = re.compile(r"-(not|join|split)\b", re.IGNORECASE).match(self.text, self.at)
            if match is not None:
                self.at = match.end()
                operand = self.unary()
                return Not(operand) if match.group(1).lower() == "not" else Unknown(self.text)
            if self.peek() == "," or not self.peek():
                return Unknown("")
            return self.postfix(self.primary())
        finally:
            self.depth -= 1

    def rest(self) -> Expr:
        text = self.text[self.at :]
        self.at = len(self.text)
        return Unknown(text)

    def primary(self) -> Expr:
        char = self.peek()
        if char == "'":
            return self.single()
        if char == '"':
            return self.double()
        if char == "$":
            return self.variable()
        if char == "(":
            return self.parentheses(1)
        if self.peek(2) == "@(":
            inner = self.parentheses(2)
            return inner if isinstance(inner, (Listing, Unknown)) else Listing((inner,))
        if char == "[":
            return self.bracket()
        match = re.compile(r"[0-9][0-9A-Za-z.]*").match(self.text, self.at)
        if match is not None:
            self.at = match.end()
            return Literal(match.group(0))
        match = re.compile(r"[^\s,;|&(){}'\"]+").match(self.text, self.at)
        if match is not None:
            self.at = match.end()
            return Literal(match.group(0))
        start = self.at
        self.skip()
        if self.at == start:
            self.at += 1
        return Unknown(self.text[start : self.at])

    def single(self) -> Expr:
        out: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            if self.peek(2) == "''":
                out.append("'")
                self.at += 2
            elif self.peek() == "'":
                self.at += 1
                break
            else:
                out.append(self.peek())
                self.at += 1
        return Literal("".join(out))

    def double(self) -> Expr:
        self.at += 1
        parts: list[Expr] = []
        plain: list[str] = []
        while self.at < len(self.text):
            char = self.peek()
            if self.depth > _MAX_DEPTH:
                return self.rest()
            if self.peek(2) == '""':
                plain.append('"')
                self.at += 2
            elif char == "`" and self.at + 1 < len(self.text):
                following = self.text[self.at + 1]
                plain.append({"n": "\n", "t": "\t", "r": "\r", "0": "\0"}.get(following, following))
                self.at += 2
            elif char == '"':
                self.at += 1
                break
            elif char == "$" and re.match(r"[A-Za-z_{(?]", self.text[self.at + 1 : self.at + 2]):
                if plain:
                    parts.append(Literal("".join(plain)))
                    plain = []
                parts.append(self.variable())
            else:
                plain.append(char)
                self.at += 1
        if plain:
            parts.append(Literal("".join(plain)))
        if not parts:
            return Literal("")
        if len(parts) == 1 and isinstance(parts[0], Literal):
            return parts[0]
        return Joined(tuple(parts))

    def variable(self) -> Expr:
        if self.peek(2) == "$(":
            return self.parentheses(2)
        match = re.compile(
            r"\$(?:\{(?:(env):)?((?:[^{}`]|`.)*)\}|(env):(\w+)|(?:(?:global|script|local|private):)?(\w+|[?^$]))",
            re.IGNORECASE,
        ).match(self.text, self.at)
        if match is None:
            self.at += 1
            return Unknown("$")
        self.at = match.end()
        if match.group(2) is not None:
            return Name(match.group(2), "env" if match.group(1) else "local")
        if match.group(4) is not None:
            return Name(match.group(4), "env")
        return Name(match.group(5), "local")

    def parentheses(self, opening: int) -> Expr:
        start = self.at
        self.at += opening - 1
        self.skip()
        inner = self.text[start + opening : self.at - 1]
        if self.depth > _MAX_DEPTH:
            return Unknown(inner)
        nested = _Reader(inner)
        nested.depth = self.depth + 1
        nested.space()
        word = re.compile(r"[A-Za-z][\w.-]*").match(inner, nested.at)
        is_word = word is not None and inner[word.end() : word.end() + 1].strip() == ""
        if not inner.strip() or is_word:
            return Unknown(inner.strip())  # a command: the shell's tree has it
        value = nested.compare()
        nested.space()
        if nested.at < len(inner):
            return Unknown(inner.strip())
        return value

    def bracket(self) -> Expr:
        start = self.at
        self.skip()
        inside = self.text[start + 1 : self.at - 1].strip()
        if self.peek(2) == "::":
            match = re.compile(r"::\s*(\w+)").match(self.text, self.at)
            if match is not None:
                self.at = match.end()
                return Static(inside, match.group(1), self.arguments())
        here = self.at
        self.space()
        if self.peek() and self.peek() not in ",;)|":
            return self.unary()  # a cast: the value is what counts
        self.at = here
        return Literal(f"[{inside}]")

    def arguments(self) -> tuple[Expr, ...] | None:
        if self.peek() != "(":
            return None
        start = self.at
        self.skip()
        inner = self.text[start + 1 : self.at - 1]
        if not inner.strip():
            return ()
        nested = _Reader(inner)
        nested.depth = self.depth + 1
        if nested.depth > _MAX_DEPTH:
            return (Unknown(inner),)
        value = nested.compare()
        return value.items if isinstance(value, Listing) else (value,)

    def postfix(self, value: Expr) -> Expr:
        while True:
            match = re.compile(r"(?:\.|::)(\w+)").match(self.text, self.at)
            closed = self.text[self.at - 1 : self.at] in (")", "'", '"')
            if match is not None and (closed or not isinstance(value, (Literal, Unknown))):
                if self.many():
                    return self.rest()
                self.at = match.end()
                value = Access(value, match.group(1), self.arguments())
            elif self.peek() == "[" and not isinstance(value, Literal):
                if self.many():
                    return self.rest()
                self.skip()
                value = Access(value, "[]", ())
            else:
                return value

    def skip(self) -> None:
        """Pass a bracketed or quoted piece, quotes inside it seen."""
        closing: list[str] = []
        pairs = {"(": ")", "{": "}", "[": "]"}
        while self.at < len(self.text):
            char = self.peek()
            if char == "'":
                self.single()
            elif char == '"':
                end = re.compile(r'"(?:[^"`]|`.|"")*"?', re.DOTALL).match(self.text, self.at)
                self.at = end.end() if end else self.at + 1
            elif char == "`":
                self.at += 2
            elif char in pairs:
                closing.append(pairs[char])
                self.at += 1
            elif closing and char == closing[-1]:
                closing.pop()
                self.at += 1
                if not closing:
                    return
            elif not closing:
                return
            else:
                self.at += 1


def parse(text: str) -> Expr:
    """The expression in ``text``; :class:`Unknown` where it is none that is known here."""
    if len(text) > _MAX_TEXT:
        return Unknown(text)
    reader = _Reader(text.strip())
    value = reader.compare()
    reader.space()
    if reader.at < len(reader.text):
        return Unknown(text)
    return value


def of_word(word: shell.Word, depth: int = 0) -> Expr:
    """The expression that a word of the parsed tree is."""
    if depth > _MAX_DEPTH:
        return Unknown(word.text)
    parts = tuple(_of_part(part, depth) for part in word.parts[:2000])
    if not parts:
        return Literal("")
    return parts[0] if len(parts) == 1 else Joined(parts)


def _of_part(part: shell.Part, depth: int) -> Expr:
    if isinstance(part, shell.Text):
        return Literal(part.value)
    if isinstance(part, shell.Variable):
        if part.scope == "foreign":
            return Literal(part.text)
        return Name(part.name, "env" if part.scope == "env" else "local")
    if isinstance(part, shell.Substitution):
        if len(part.nodes) == 1 and isinstance(part.nodes[0], shell.Expression):
            return of_word(part.nodes[0].word, depth + 1)
        return Unknown(part.text)
    operator, operands = part.operator, part.operands
    if operator is None:
        return parse(part.text)
    items = tuple(of_word(operand, depth + 1) for operand in operands[:2000])
    if operator in (",", "@()"):
        if operator == "@()" and len(items) == 1 and isinstance(items[0], Listing):
            return items[0]
        return Listing(items)
    if operator == "@{}":
        return Table(tuple(zip(items[::2], items[1::2], strict=False)))
    if operator == "cast":
        return items[-1] if items else Unknown(part.text)
    if operator in ("!", "-not"):
        return Not(items[0]) if items else Unknown(part.text)
    if "::" in operator:
        kind, _, member = operator.partition("::")
        called = member.endswith("()")
        return Static(kind, member.removesuffix("()"), items if called else None)
    if operator == "[]" and items:
        return Access(items[0], "[]", items[1:])
    if operator.startswith(".") and operator != ".." and items:
        called = operator.endswith("()")
        return Access(items[0], operator[1:].removesuffix("()"), items[1:] if called else None)
    if len(items) == 2 and (operator in _OPERATORS or operator in ("+", "*", "..")):
        return Binary(operator, items[0], items[1])
    if len(items) > 2 and operator in ("-f", "-replace", "-creplace", "-ireplace"):
        return Binary(operator, items[0], Listing(items[1:]))
    if len(items) > 2 and operator == "+":
        here = items[0]
        for item in items[1:100]:
            here = Binary("+", here, item)
        return here
    return Unknown(part.text)


def of_call(command: shell.Command) -> Expr | None:
    """A method call that the tree holds as a command; None for another command."""
    if command.method is None:
        return None
    kind, colons, member = command.method.rpartition("::")
    if colons:
        return Static(kind, member, tuple(of_word(word) for word in command.positional))
    if not command.words:
        return None
    target, *arguments = command.words
    return Access(of_word(target), command.method, tuple(of_word(word) for word in arguments))


#: Gives the value of a variable (name, scope), None when it is not known. With the scope ``unknown`` it is asked
#: what to show for a text that is not evaluated; with the scope ``list``, for the items of a list, with NUL between.
Lookup: TypeAlias = "Callable[[str, str], str | None]"


def evaluate(expression: Expr, lookup: Lookup) -> str | None:
    """The expression's text, None when any part that counts is not known."""
    if isinstance(expression, Literal):
        return expression.value
    if isinstance(expression, Joined):
        parts = [evaluate(part, lookup) for part in expression.parts]
        return None if any(part is None for part in parts) else "".join(part or "" for part in parts)
    if isinstance(expression, Name):
        return lookup(expression.name, expression.scope)
    if isinstance(expression, Listing):
        values = [evaluate(item, lookup) for item in expression.items]
        return None if any(value is None for value in values) else " ".join(value or "" for value in values)
    if isinstance(expression, Binary):
        return _binary(expression, lookup)
    if isinstance(expression, Access):
        return _access(expression, lookup)
    if isinstance(expression, Static):
        return _static(expression, lookup)
    if isinstance(expression, Unknown):
        return lookup(expression.text, "unknown")
    return None


def _binary(expression: Binary, lookup: Lookup) -> str | None:
    if expression.op == "-join":
        items, glue = _several(expression.left, lookup), evaluate(expression.right, lookup)
        return None if items is None or glue is None else glue.join(items)[:16_384]
    left = evaluate(expression.left, lookup)
    if left is None:
        return None
    if expression.op == "-f":
        arguments = expression.right.items if isinstance(expression.right, Listing) else (expression.right,)
        return format_string(left, [evaluate(argument, lookup) for argument in arguments])
    if expression.op == "+":
        right = evaluate(expression.right, lookup)
        return None if right is None else left + right
    if expression.op in ("-replace", "-creplace", "-ireplace"):
        operands = expression.right.items if isinstance(expression.right, Listing) else (expression.right,)
        pattern = evaluate(operands[0], lookup)
        replacement = evaluate(operands[1], lookup) if len(operands) > 1 else ""
        if pattern is None or replacement is None:
            return None
        return replace(left, pattern, replacement, ignore_case=expression.op != "-creplace")
    return None


def _several(expression: Expr, lookup: Lookup) -> list[str] | None:
    """The items of a list: written out, split from a text, or some of another list's."""
    if isinstance(expression, Name):
        held = lookup(expression.name, "list")
        return None if held is None else held.split("\0")
    if isinstance(expression, Listing):
        values = [evaluate(item, lookup) for item in expression.items]
        return None if any(value is None for value in values) else [value or "" for value in values]
    if isinstance(expression, Binary) and expression.op == "-split":
        text, separator = evaluate(expression.left, lookup), evaluate(expression.right, lookup)
        if text is None or separator is None or not re.fullmatch(r"\\?[^\w\\]", separator):
            return None
        return text.split(separator[-1])
    if isinstance(expression, Access) and expression.member.lower() == "split" and expression.args:
        text, separator = evaluate(expression.target, lookup), evaluate(expression.args[0], lookup)
        return text.split(separator) if text is not None and separator else None
    if isinstance(expression, Access) and expression.member.lower() == "segments":
        text = evaluate(expression.target, lookup)
        address = re.match(r"\w+://[^/?#]*([^?#]*)", text or "")
        return re.findall(r"[^/]+/?|/", address[1]) if address is not None else None
    if isinstance(expression, Access) and expression.member == "[]" and expression.args:
        items = _several(expression.target, lookup)
        index = expression.args[0]
        if items is None:
            return None
        if isinstance(index, Binary) and index.op == "..":
            first, last = evaluate(index.left, lookup), evaluate(index.right, lookup)
            start, end = whole(first or ""), whole(last or "")
            return None if start is None or end is None else items[start : end + 1]
        one = evaluate(index, lookup)
        if one is None or not re.fullmatch(r"-?\d{1,4}", one) or not -len(items) <= int(one) < len(items):
            return None
        return [items[int(one)]]
    return None


def _access(expression: Access, lookup: Lookup) -> str | None:
    if expression.member == "[]":
        items = _several(expression, lookup)
        return items[0] if items is not None and len(items) == 1 else None
    target = evaluate(expression.target, lookup)
    if target is None:
        return None
    member = expression.member.lower()
    values = [evaluate(argument, lookup) for argument in expression.args or ()]
    if any(value is None for value in values):
        return None
    known = [value or "" for value in values]
    if member in ("tolower", "tolowerinvariant"):
        return target.lower()
    if member in ("toupper", "toupperinvariant"):
        return target.upper()
    if member == "trim":
        return target.strip(known[0]) if known else target.strip()
    if member == "tostring" or (member in ("fullname", "pspath") and "*" in target):
        return target
    if member == "replace" and len(known) == 2:
        return target.replace(known[0], known[1])
    if member in ("trimstart", "trimend") and known:
        return target.lstrip(known[0]) if member == "trimstart" else target.rstrip(known[0])
    if member == "substring" and known and all(re.fullmatch(r"\d{1,5}", each) for each in known):
        start = int(known[0])
        return target[start : start + int(known[1])] if len(known) > 1 else target[start:]
    if member == "insert" and len(known) == 2 and re.fullmatch(r"\d{1,5}", known[0]):
        return target[: int(known[0])] + known[1] + target[int(known[0]) :]
    if expression.args is None:
        return _property(target, member)
    return None


def _property(target: str, member: str) -> str | None:
    """A property of a version, an address or the working directory, which are texts here."""
    if member in _VERSION_PARTS and re.fullmatch(r"\d+(\.\d+){1,3}", target):
        numbers = target.split(".")
        place = _VERSION_PARTS[member]
        return numbers[place] if place < len(numbers) else "-1"
    if member in ("absoluteuri", "originalstring", "path"):
        return target
    address = re.match(r"\w+://([^/?#]*)([^?#]*)", target)
    if address is not None and member in ("absolutepath", "localpath"):
        return address[2]
    if address is not None and member in ("host", "authority"):
        return address[1]
    return None


_VERSION_PARTS = {"major": 0, "minor": 1, "build": 2, "revision": 3, "patch": 2}


def _static(expression: Static, lookup: Lookup) -> str | None:
    kind = expression.type.lower().removeprefix("system.")
    member = expression.member.lower()
    values = [evaluate(argument, lookup) for argument in expression.args or ()]
    if kind == "environment" and member == "getenvironmentvariable" and values and values[0]:
        return lookup(values[0], "env")
    if kind == "string" and member == "format" and values and values[0] is not None:
        return format_string(values[0], values[1:])
    if kind == "io.path" and values and all(value is not None for value in values):
        return _path_part(member, [value or "" for value in values])
    if kind == "io.path" and member == "gettemppath":
        found = lookup("TEMP", "env")
        return None if found is None else found + "\\"
    if kind == "string" and member == "join" and expression.args and values[0] is not None:
        rest = expression.args[1:]
        items = _several(rest[0], lookup) if len(rest) == 1 else values[1:]
        if items is None or any(item is None for item in items):
            return None
        return values[0].join(item or "" for item in items)[:16_384]
    if kind == "string" and member == "concat" and values and all(value is not None for value in values):
        return "".join(value or "" for value in values)[:16_384]
    return None


def _path_part(member: str, values: list[str]) -> str | None:
    """Methods of ``[IO.Path]``."""
    whole = values[0]
    leaf = re.split(r"[\\/]", whole)[-1]
    stem, dot, extension = leaf.rpartition(".")
    if member == "combine":
        return "\\".join(value.rstrip("\\/") for value in values)
    if member == "getfilename":
        return leaf
    if member == "getfilenamewithoutextension":
        return stem if dot else leaf
    if member == "getextension":
        return dot + extension
    if member == "getdirectoryname":
        return whole[: len(whole) - len(leaf)].rstrip("\\/")
    if member == "getfullpath":
        return whole
    return None


def format_string(pattern: str, arguments: list[str | None]) -> str | None:
    """``pattern -f arguments``: ``{0}``, ``{{`` and ``}}``; None when an argument that is used is not known."""
    missing = False

    def put(match: re.Match[str]) -> str:
        nonlocal missing
        if match.group(0) in ("{{", "}}"):
            return match.group(0)[0]
        index = int(match.group(1))
        value = arguments[index] if index < len(arguments) else None
        if value is None:
            missing = True
            return ""
        return value

    text = re.sub(r"\{\{|\}\}|\{(\d{1,3})[^{}]*\}", put, pattern)
    return None if missing else text


def replace(text: str, pattern: str, replacement: str, *, ignore_case: bool = True) -> str | None:
    """``text -replace pattern, replacement`` where Python's regular expressions agree with .NET's.

    None when the pattern is not one of Python's, or long enough to be a trap.
    """
    # A quantified group may be exponential, and each repetition multiplies the cost by the text's length.
    repeated = len(re.findall(r"[*+]|\{\d*,", pattern))
    longest = (4096, 4096, 400)[repeated] if repeated < 3 else 0
    if len(pattern) > 200 or len(text) > longest or re.search(r"[*+})][*+{]", pattern):
        return None
    try:
        compiled = given(pattern, re.IGNORECASE if ignore_case else 0)
        return compiled.sub(re.sub(r"\$(\d)", r"\\\1", replacement.replace("\\", "\\\\")), text)
    except (re.error, IndexError, RecursionError):
        return None


def replacements(expression: Expr) -> tuple[Expr, tuple[tuple[Expr, Expr], ...]]:
    """Innermost subject and the (pattern, replacement) pairs of a ``-replace`` / ``.Replace()`` chain, first to last."""
    pairs: list[tuple[Expr, Expr]] = []
    here = expression
    while True:
        if isinstance(here, Binary) and here.op in ("-replace", "-creplace", "-ireplace"):
            operands = here.right.items if isinstance(here.right, Listing) else (here.right, Literal(""))
            pairs.append((operands[0], operands[1] if len(operands) > 1 else Literal("")))
            here = here.left
        elif (
            isinstance(here, Access)
            and here.member.lower() == "replace"
            and here.args
            and len(here.args) == 2
        ):
            pairs.append((here.args[0], here.args[1]))
            here = here.target
        else:
            return here, tuple(reversed(pairs))
