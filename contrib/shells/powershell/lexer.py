"""Blanks, words, variables and strings of PowerShell."""

from __future__ import annotations

import re
from typing import Literal

from contrib.shells.model import Node, Opaque, Part, Substitution, Text, Unparsed, Variable, Word
from contrib.shells.powershell.tokens import (
    ALIKE,
    BLANK,
    BLANK_OR_NEWLINE,
    ESCAPES,
    FOREIGN,
    IN_STRING,
    SCOPES,
    VARIABLE,
    Refused,
)
from contrib.shells.source import Source


class Lexer:
    """The lowest level: where reading stands, and what a single token is."""

    def __init__(self, source: Source, percent: Literal["foreign", "env"], core: bool, depth: int) -> None:
        self.source = source
        self.raw = source.text
        self.text = self.raw if self.raw.isascii() else self.raw.translate(ALIKE)
        self.size = len(self.text)
        self.at = 0
        self.percent: Literal["foreign", "env"] = percent
        self.core = core
        self.depth = depth
        self.nesting = 0
        self.unparsed: list[Unparsed] = []
        self.tables: dict[str, Word] = {}
        self._redirected_to = 0  # where the last redirection ended
        self._loose_end = -1  # where a statement ended that wants no separator
        self._brackets = 0  # how many brackets are open in which newlines mean nothing

    def space(self, newlines: bool = False) -> None:
        """Over blanks, comments and continued lines; over newlines too if they mean nothing here."""
        text, blank = self.text, BLANK_OR_NEWLINE if newlines else BLANK
        while self.at < self.size:
            char = text[self.at]
            if char in " \t\f\v\r" or (newlines and char == "\n"):
                match = blank.match(text, self.at)
                assert match is not None
                self.at = match.end()
            elif char == "`" and text[self.at + 1 : self.at + 2] in (" ", "\t"):
                self.at += 2  # an escaped space between words is space
            elif char == "`" and text[self.at + 1 : self.at + 2] in ("\n", "\r"):
                self.at += 3 if text.startswith("\r\n", self.at + 1) else 2
            elif char == "#":
                end = text.find("\n", self.at)
                self.at = self.size if end < 0 else end
            elif char == "<" and text.startswith("<#", self.at):
                end = text.find("#>", self.at)
                self.at = self.size if end < 0 else end + 2
            else:
                return

    def word(self, start: int, parts: list[Part] | tuple[Part, ...], quoted: bool = False) -> Word:
        return Word(self.raw[start : self.at], tuple(parts), self.source.span(start, self.at), quoted)

    def trouble(self, start: int, stop: int) -> Unparsed:
        node = Unparsed(self.raw[start:stop], self.source.span(start, stop))
        self.unparsed.append(node)
        return node

    def opaque(
        self, start: int, operator: str, operands: list[Word], nodes: tuple[Node, ...] | None = None
    ) -> Word:
        if nodes is None:
            nodes = tuple(node for operand in operands for node in nodes_of(operand))
        variables = tuple(variable for operand in operands for variable in operand.variables)
        part = Opaque(self.raw[start : self.at], nodes, variables, operator, tuple(operands))
        return self.word(start, (part,))

    def _expect(self, char: str) -> None:
        self.space(True)
        if self.at >= self.size or self.text[self.at] != char:
            raise Refused
        self.at += 1

    def in_brackets(self) -> bool:
        return self._brackets > 0

    def _dollar(self) -> Part | None:
        """What begins with the ``$`` that stands here, a variable or ``$(``; None, and past it, where nothing does."""
        if self.text.startswith("$(", self.at):
            return self._sub()
        variable = VARIABLE.match(self.text, self.at)
        if variable is None:
            self.at += 1
            return None
        part = self._variable(variable)
        self.at = variable.end()
        return part

    def _foreign(self, text: str) -> list[Part]:
        """``%NAME%`` in a constant text is a variable of cmd's."""
        if "%" not in text:
            return [Text(text)] if text else []
        parts: list[Part] = []
        at = 0
        for match in FOREIGN.finditer(text):
            if match.start() > at:
                parts.append(Text(text[at : match.start()]))
            parts.append(Variable(match.group(1), self.percent, match.group()))
            at = match.end()
        if at < len(text):
            parts.append(Text(text[at:]))
        return parts

    def _escaped(self) -> str:
        """A backtick and what it escapes."""
        following = self.text[self.at + 1 : self.at + 2]
        if following == "u" and self.text.startswith("{", self.at + 2):
            end = self.text.find("}", self.at)
            if 0 < end <= self.at + 9:
                digits = self.text[self.at + 3 : end]
                if re.fullmatch(r"[0-9A-Fa-f]{1,6}", digits) and int(digits, 16) < 0x110000:
                    self.at = end + 1
                    return chr(int(digits, 16))
        value = self.raw[self.at + 1 : self.at + 2]
        self.at = min(self.at + 2, self.size)
        return ESCAPES.get(following, value)

    def _variable(self, match: re.Match[str]) -> Variable:
        name = match.group(1) if match.group(1) is not None else match.group(2) or match.group(3)
        scope, colon, rest = name.partition(":")
        if colon and scope.lower() == "env":
            return Variable(rest, "env", match.group())
        if colon and scope.lower() in SCOPES:
            return Variable(rest, "local", match.group())
        return Variable(name, "local", match.group())

    def _string(self) -> Word:
        start = self.at
        if self.text[self.at] == "'":
            return self._verbatim(start)
        self.at += 1
        parts = self._expandable('"')
        return self.word(start, parts, quoted=True)

    def _verbatim(self, start: int) -> Word:
        pieces: list[str] = []
        at = start + 1
        while True:
            end = self.text.find("'", at)
            if end < 0:
                pieces.append(self.raw[at:])
                self.at = self.size
                self.trouble(start, self.size)
                break
            pieces.append(self.raw[at:end])
            if self.text.startswith("''", end):
                pieces.append("'")
                at = end + 2
                continue
            self.at = end + 1
            break
        return self.word(start, self._foreign("".join(pieces)) or (Text(""),), quoted=True)

    def _expandable(self, closer: str) -> list[Part]:
        """After an opening double quote (or a here-string's first line), up to ``closer`` and over it."""
        text, raw = self.text, self.raw
        start = self.at - 1
        parts: list[Part] = []
        pending: list[str] = []

        def flush() -> None:
            if pending:
                parts.extend(self._foreign("".join(pending)))
                pending.clear()

        while True:
            if self.at >= self.size:
                self.trouble(start, self.size)
                break
            if closer == '"':
                match = IN_STRING.match(text, self.at)
                if match is not None:
                    pending.append(raw[self.at : match.end()])
                    self.at = match.end()
                    continue
            elif text.startswith(closer, self.at):
                self.at += len(closer)
                break
            char = text[self.at]
            if char == '"' and closer == '"':
                if text.startswith('""', self.at):
                    pending.append('"')
                    self.at += 2
                    continue
                self.at += 1
                break
            if char == "`":
                pending.append(self._escaped())
            elif char == "$":
                part = self._dollar()
                if part is None:
                    pending.append("$")
                else:
                    flush()
                    parts.append(part)
            else:
                pending.append(raw[self.at])
                self.at += 1
        flush()
        return parts or [Text("")]

    def _here_string(self, start: int) -> Word:
        quote = self.text[self.at + 1]
        line_end = self.text.find("\n", self.at)
        if line_end < 0 or self.text[self.at + 2 : line_end].strip():
            # Docker has joined the lines: PowerShell would refuse this as well
            raise Refused
        self.at = line_end + 1
        if quote == '"':
            parts = self._expandable('\n"@')
            return self.word(start, parts, quoted=True)
        end = self.text.find("\n'@", line_end)
        if end < 0:
            self.at = self.size
            self.trouble(start, self.size)
            return self.word(start, (Text(self.raw[line_end + 1 :]),), quoted=True)
        self.at = end + 3
        return self.word(start, (Text(self.raw[line_end + 1 : max(end, line_end + 1)]),), quoted=True)

    def _sub(self) -> Substitution:
        start = self.at
        self.at += 2
        nodes = self.statements(")")
        return Substitution(nodes, self.raw[start : self.at])

    def statement(self) -> Node:
        """One statement; read by the level above."""
        raise NotImplementedError

    def statements(self, closer: str) -> tuple[Node, ...]:
        """Statements up to ``closer`` and over it, or to the end; read by the level above."""
        raise NotImplementedError


def nodes_of(word: Word) -> tuple[Node, ...]:
    found: list[Node] = []
    for part in word.parts:
        if isinstance(part, (Substitution, Opaque)):
            found.extend(part.nodes)
    return tuple(found)
