"""Expressions of PowerShell: operators, casts, tables, members and calls."""

from __future__ import annotations

from contrib.shells.model import Command, Expression, Node, Opaque, Part, Substitution, Text, Variable, Word
from contrib.shells.powershell.lexer import Lexer, nodes_of
from contrib.shells.powershell.tokens import (
    ADDITIVE,
    ATTRIBUTE,
    COMPARISON,
    LEVELS,
    MAX_DEPTH,
    MEMBER,
    MULTIPLICATIVE,
    NUMBER,
    RANGE,
    SPLAT,
    TYPE,
    UNARY,
    VARIABLE,
    WORD_OPERATOR,
    Refused,
)


class Expressions(Lexer):
    """Values: what stands in brackets, after ``=`` and in conditions."""

    def _followed_by(self, at: int, char: str) -> bool:
        while at < self.size and self.text[at] in " \t\f\v\r\n":
            at += 1
        return self.text.startswith(char, at)

    def _starts_expression(self) -> bool:
        char = self.text[self.at]
        following = self.text[self.at + 1 : self.at + 2]
        if char in "$('\"{":
            return True
        if char == "@":
            return following in ("(", "{", "'", '"')
        if char == "[":
            return (
                TYPE.match(self.text, self.at) is not None or ATTRIBUTE.match(self.text, self.at) is not None
            )
        if char == "!":
            return True
        if char in "+-":
            if self.text.startswith("-", self.at) and UNARY.match(self.text, self.at):
                return True
            return following in ("$", "(", char) or following.isdigit()
        if char.isdigit() or (char == "." and following.isdigit()):
            match = NUMBER.match(self.text, self.at)
            return match is not None and (
                match.end() >= self.size
                or self.text[match.end()] in " \t\r\n;|)}+*/%,-"
                or self.text.startswith("..", match.end())
            )
        return char == ","

    def _balanced(self) -> None:
        """Over ``( … )`` without looking at it closer."""
        level = 0
        while self.at < self.size:
            char = self.text[self.at]
            if char in "\"'":
                self._string()
                continue
            self.at += 1
            if char == "(":
                level += 1
            elif char == ")":
                level -= 1
                if level == 0:
                    return

    def expression(self, comma: bool = True, level: int = 1) -> Word:
        start = self.at
        left = self.unary(comma)
        while True:
            stop = self.at
            self.space(self.in_brackets())
            found = self._binary()
            if found is None or found[1] < level:
                self.at = stop
                return left
            operator, own, after = found
            self.at = after
            self.space(True)
            right = self.expression(comma, own + 1)
            left = self.opaque(start, operator, [left, right])

    def _binary(self) -> tuple[str, int, int] | None:
        """(operator, level, where it ends) of the operator that stands here."""
        if self.at >= self.size:
            return None
        char = self.text[self.at]
        if char == "-":
            match = WORD_OPERATOR.match(self.text, self.at)
            if match is not None:
                name = match.group(1).lower()
                return f"-{name}", LEVELS.get(name, COMPARISON), match.end()
        if char in "+-*/%":
            following = self.text[self.at + 1 : self.at + 2]
            if following == "=" or following == char:
                return None
            if char == "-" and following.isalpha():
                return None
            return char, ADDITIVE if char in "+-" else MULTIPLICATIVE, self.at + 1
        if char == "." and self.text.startswith("..", self.at):
            return "..", RANGE, self.at + 2
        if char == "?" and self.text.startswith("??", self.at) and not self.text.startswith("??=", self.at):
            return "??", COMPARISON, self.at + 2
        return None

    def unary(self, comma: bool) -> Word:
        """A list of operands, each with what stands before and after it."""
        start = self.at
        self.nesting += 1
        if self.nesting > MAX_DEPTH:
            begin, self.at = self.at, self.size
            self.nesting -= 1
            self.trouble(begin, self.size)
            return self.word(begin, (Opaque(self.raw[begin:]),))
        first = self._operand(comma)
        items = [first]
        while comma:
            back = self.at
            self.space(self.in_brackets())
            if not self.text.startswith(",", self.at):
                self.at = back
                break
            self.at += 1
            self.space(True)
            items.append(self._operand(comma))
        self.nesting -= 1
        return first if len(items) == 1 else self.opaque(start, ",", items)

    def _operand(self, comma: bool) -> Word:
        start = self.at
        if self.at >= self.size:
            raise Refused
        char = self.text[self.at]
        match = UNARY.match(self.text, self.at) if self.text.startswith("-", self.at) else None
        if match is not None or char == "!":
            operator = (
                "!"
                if char == "!" or match is None or match.group(1).lower() == "not"
                else match.group().lower()
            )
            self.at = match.end() if match is not None else self.at + 1
            self.space(True)
            operand = self._guarded_unary(comma and operator != "!")
            return self.opaque(start, operator, [operand])
        if char == ",":
            self.at += 1
            self.space(True)
            return self.opaque(start, ",", [self._guarded_unary(False)])
        if char in "+-":
            double = self.text.startswith(char * 2, self.at)
            self.at += 2 if double else 1
            self.space()
            operand = self._guarded_unary(False)
            literal = operand.literal
            if not double and char == "-" and literal is not None:
                return self.word(start, (Text("-" + literal),))
            return self.opaque(start, char * 2 if double else char, [operand])
        if char == "[":
            cast = TYPE.match(self.text, self.at)
            if cast is None and (attribute := ATTRIBUTE.match(self.text, self.at)) is not None:
                self.at = attribute.end() - 1
                self._balanced()
                self._expect("]")
                self.space(True)
                return self._guarded_unary(False)
            if cast is not None and not self.text.startswith("::", cast.end()):
                self.at = cast.end()
                kind = self.word(start, (Text(cast.group(1)),))
                back = self.at
                self.space()
                if self.at < self.size and (self._starts_expression() or self.text[self.at] == "@"):
                    operand = self._guarded_unary(False)
                    return self.opaque(start, "cast", [kind, operand])
                self.at = back
                return self._postfix(kind, start)
        return self._postfix(self.primary(), start)

    def _guarded_unary(self, comma: bool) -> Word:
        """An operand after a prefix; prefixes may be many."""
        self.nesting += 1
        try:
            if self.nesting > MAX_DEPTH:
                raise Refused
            return self._operand(comma)
        finally:
            self.nesting -= 1

    def primary(self) -> Word:
        start = self.at
        char = self.text[self.at]
        following = self.text[self.at + 1 : self.at + 2]
        if char == "$":
            if following == "(":
                return self._one_part(start, self._sub())
            match = VARIABLE.match(self.text, self.at)
            if match is None:
                raise Refused
            self.at = match.end()
            return self.word(start, (self._variable(match),))
        if char in "\"'":
            return self._string()
        if char == "(":
            self.at += 1
            self._brackets, kept = self._brackets + 1, self._brackets
            nodes = self.statements(")")
            self._brackets = kept
            if len(nodes) == 1 and isinstance(nodes[0], Expression):
                # brackets around an expression change nothing of its value
                return self.word(start, nodes[0].word.parts)
            return self._one_part(start, Substitution(nodes, self.raw[start : self.at]))
        if char == "@":
            if following == "(":
                self.at += 2
                self._brackets, kept = self._brackets + 1, self._brackets
                nodes = self.statements(")")
                self._brackets = kept
                operands = [item for node in nodes for item in self._value_words(node)]
                return self.opaque(start, "@()", operands, nodes)
            if following == "{":
                return self._table(start)
            if following in ("'", '"') and following:
                return self._here_string(start)
            splat = SPLAT.match(self.text, self.at)
            if splat is not None:
                self.at = splat.end()
                return self.word(start, (Variable(splat.group(1), "local", splat.group()),))
            raise Refused
        if char == "{":
            self.at += 1
            nodes = self.statements("}")
            return self.opaque(start, "{}", [], nodes)
        if char == "[":
            match = TYPE.match(self.text, self.at)
            if match is None:
                raise Refused
            self.at = match.end()
            return self.word(start, (Text(match.group(1)),))
        match = NUMBER.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
            return self.word(start, (Text(match.group()),))
        raise Refused

    def _one_part(self, start: int, part: Part) -> Word:
        return self.word(start, (part,))

    def _value_words(self, node: Node) -> tuple[Word, ...]:
        if isinstance(node, Expression):
            return elements(node.word)
        return ()

    def _table(self, start: int) -> Word:
        """``@{ a = 1; b = 2 }``: names and values in turn."""
        self.at += 2
        operands: list[Word] = []
        nodes: list[Node] = []
        while True:
            self.space(True)
            if self.at >= self.size:
                self.trouble(start, start + 2)
                break
            if self.text[self.at] == ";":
                self.at += 1
                continue
            if self.text[self.at] == "}":
                self.at += 1
                break
            begin = self.at
            key = MEMBER.match(self.text, self.at)
            if key is not None and self.text[key.end() : key.end() + 1] in (" ", "\t", "="):
                self.at = key.end()
                name = self.word(begin, (Text(key.group()),))
            else:
                name = self.unary(False)
            self._expect("=")
            self.space(True)
            inner = self.at
            node = self.statement()
            if isinstance(node, Expression):
                value = node.word
            else:
                value = Word(
                    self.raw[inner : self.at],
                    (Substitution((node,), self.raw[inner : self.at]),),
                    self.source.span(inner, self.at),
                )
            operands += [name, value]
            nodes.extend(nodes_of(value))
            self.space()
            if self.at < self.size and self.text[self.at] not in ";}\n":
                raise Refused
        return self.opaque(start, "@{}", operands, tuple(nodes))

    def _postfix(self, word: Word, start: int) -> Word:
        """Members, calls and indexes that follow without a blank."""
        text = self.text
        links = 0
        while self.at < self.size:
            char = text[self.at]
            links += 1
            if links > MAX_DEPTH:  # each holds the text of all before it
                raise Refused
            if char == "?" and text[self.at + 1 : self.at + 2] in (".", "["):
                self.at += 1
                continue
            static = text.startswith("::", self.at)
            if static or (char == "." and not text.startswith("..", self.at)):
                back = self.at
                self.at += 2 if static else 1
                member = self._member_name()
                if member is None:
                    self.at = back
                    return word
                of_type = type_name(word.text) if static else ""
                operator = f"{of_type}::{member}" if static else f".{member}"
                target = [] if static and word.literal is not None else [word]
                if text.startswith(("(", "{"), self.at):
                    # `$list.ForEach{ … }`: brackets around a block alone may be left out
                    args = self._call_arguments() if text.startswith("(", self.at) else [self.primary()]
                    span = self.source.span(start, self.at)
                    call = Command(
                        name=member,
                        full_name=operator.lstrip("."),
                        words=(*target, *args),
                        span=span,
                        name_span=self.source.span(
                            back + (2 if static else 1), back + (2 if static else 1) + len(member)
                        ),
                        positional=tuple(args),
                        method=operator.lstrip("."),
                    )
                    word = self.opaque(start, operator + "()", [*target, *args], (call,))
                else:
                    word = self.opaque(start, operator, target)
            elif char == "[":
                self.at += 1
                self._brackets, kept = self._brackets + 1, self._brackets
                index = self._index()
                self._brackets = kept
                word = self.opaque(start, "[]", [word, index])
            elif char in "+-" and text.startswith(char * 2, self.at) and word.variables:
                self.at += 2
                word = self.opaque(start, char * 2, [word])
            else:
                break
        return word

    def _index(self) -> Word:
        self.space(True)
        word = self.expression()
        self._expect("]")
        return word

    def _member_name(self) -> str | None:
        match = MEMBER.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
            return match.group()
        char = self.text[self.at : self.at + 1]
        if char and char in "\"'":
            word = self._string()
            return word.literal if word.literal is not None else word.text
        if char == "$":
            variable = VARIABLE.match(self.text, self.at)
            if variable is not None:
                self.at = variable.end()
                return variable.group()
        return None

    def _call_arguments(self) -> list[Word]:
        self.at += 1
        self._brackets, kept = self._brackets + 1, self._brackets
        args: list[Word] = []
        while True:
            self.space(True)
            if self.at >= self.size:
                self.trouble(self.size - 1, self.size)
                break
            if self.text[self.at] == ")":
                self.at += 1
                break
            if self.text[self.at] == ",":
                self.at += 1
                continue
            args.append(self.expression(comma=False))
        self._brackets = kept
        return args


def is_comparison(operator: str) -> bool:
    name = operator.lstrip("-")
    return (
        operator.startswith("-")
        and name not in LEVELS
        and name not in ("join", "split", "replace", "not", "bnot", "as", "")
    )


def type_name(text: str) -> str:
    """A type's name with ``System.`` before it, as ``[Net.WebClient]`` means ``System.Net.WebClient``."""
    name = text.strip("[]").strip()
    if name.lower().startswith("system."):
        return "System." + name[7:]
    if name.lower().startswith("microsoft."):
        return name
    return "System." + name


def elements(word: Word) -> tuple[Word, ...]:
    """The elements of a list that is written out; the word itself where it is none."""
    if len(word.parts) == 1 and isinstance(word.parts[0], Opaque) and word.parts[0].operator in (",", "@()"):
        return word.parts[0].operands
    return (word,)
