"""Statements of PowerShell: pipelines, conditions, loops, functions."""

from __future__ import annotations

import re
from typing import Literal

from contrib.shells.model import (
    AndOr,
    Assignment,
    Case,
    Condition,
    Expression,
    Flow,
    Function,
    Group,
    If,
    Loop,
    Node,
    Opaque,
    Pipeline,
    Substitution,
    Text,
    Variable,
    Word,
)
from contrib.shells.powershell.commands import Commands
from contrib.shells.powershell.expressions import elements, is_comparison
from contrib.shells.powershell.lexer import nodes_of
from contrib.shells.powershell.tokens import (
    ASSIGN,
    KEYWORD,
    LABEL,
    MAX_DEPTH,
    MEMBER,
    NEXT_STATEMENT,
    PARAMETER,
    TYPE,
    VARIABLE,
    Refused,
)
from contrib.values.records import replace

#: Entries that a table may get by assignment.
_MOST_ENTRIES = 200


def add_entry(tables: dict[str, Word], target: Word, value: Word) -> None:
    """``$p.Uri = …`` and ``$p['Uri'] = …`` add to the table that ``$p`` is."""
    part = target.parts[0] if len(target.parts) == 1 else None
    if not isinstance(part, Opaque) or not part.operands or not part.operator:
        return
    holder = part.operands[0].parts[0] if len(part.operands[0].parts) == 1 else None
    known = tables.get(holder.name.lower()) if isinstance(holder, Variable) else None
    if known is None or not isinstance(holder, Variable):
        return
    if part.operator == "[]" and len(part.operands) == 2:
        key = part.operands[1]
    elif part.operator.startswith(".") and not part.operator.endswith("()"):
        written = part.operator[1:]
        key = Word(written, (Text(written),), target.span)
    else:
        return
    table = known.parts[0]
    assert isinstance(table, Opaque)
    if len(table.operands) < _MOST_ENTRIES:
        whole = replace(table, operands=(*table.operands, key, value))
        tables[holder.name.lower()] = replace(known, parts=(whole,))


class Statements(Commands):
    """The top level: statements and blocks."""

    def statements(self, closer: str) -> tuple[Node, ...]:
        """Up to ``closer``, which is read too; it may be missing at the end of the text."""
        nodes: list[Node] = []
        opened = self.at - 1
        self.nesting += 1
        if self.nesting > MAX_DEPTH:
            start, self.at = self.at, self.size
            nodes.append(self.trouble(start, self.size))
        while True:
            self.space(True)
            if self.at >= self.size:
                if closer and self.nesting <= MAX_DEPTH:
                    self.trouble(opened, opened + 1)
                break
            char = self.text[self.at]
            if char == closer:
                self.at += 1
                break
            if char == ";":
                self.at += 1
                continue
            start = self.at
            if char in ")}":
                self.at += 1
                nodes.append(self.trouble(start, self.at))
                continue
            try:
                nodes.append(self.statement())
                self.space()
                char = self.text[self.at] if self.at < self.size else ";"
                if char == "&" and not self.text.startswith("&&", self.at):
                    self.at += 1
                elif char not in ";\n)}" and not self._ended_by_brace():
                    raise Refused
            except Refused:
                match = NEXT_STATEMENT.search(self.text, max(self.at, start + 1))
                self.at = match.start() if match else self.size
                nodes.append(self.trouble(start, self.at))
        self.nesting -= 1
        return tuple(nodes)

    def _ended_by_brace(self) -> bool:
        """A block's closing brace ends a statement without ``;``; so does the bracket of ``param``."""
        at = self.at - 1
        while at > 0 and self.text[at] in " \t\f\v\r":
            at -= 1
        return self.text[at] == "}" or at + 1 == self._loose_end

    def statement(self) -> Node:
        label = LABEL.match(self.text, self.at) if self.text.startswith(":", self.at) else None
        if label is not None:
            self.at = label.end()
            self.space(True)
        match = KEYWORD.match(self.text, self.at)
        if match is not None:
            handler = _STATEMENTS.get(match.group().lower())
            if handler is not None and (
                match.group().lower() != "foreach" or self._followed_by(match.end(), "(")
            ):
                start = self.at
                self.at = match.end()
                return handler(self, start, match.group().lower())
        return self.chain()

    def chain(self) -> Node:
        start = self.at
        first = self.pipeline()
        rest: list[tuple[Literal["&&", "||"], Node]] = []
        while True:
            self.space()
            operator: Literal["&&", "||"]
            if self.text.startswith("&&", self.at):
                operator = "&&"
            elif self.text.startswith("||", self.at):
                operator = "||"
            else:
                break
            self.at += 2
            self.space(True)
            # "a || exit 1" and "a || throw 'x'" are allowed since PowerShell 7
            match = KEYWORD.match(self.text, self.at)
            if match is not None and match.group().lower() in (
                "exit",
                "throw",
                "return",
                "break",
                "continue",
            ):
                rest.append((operator, self.statement()))
            else:
                rest.append((operator, self.pipeline()))
        if not rest:
            return first
        return AndOr(first, tuple(rest), self.source.span(start, self.at))

    def pipeline(self) -> Node:
        start = self.at
        nodes = [self.element()]
        if isinstance(nodes[0], Assignment):
            return nodes[0]
        while True:
            self.space()
            if self.at >= self.size or self.text[self.at] != "|" or self.text.startswith("||", self.at):
                break
            self.at += 1
            self.space(True)
            nodes.append(self.element())
        if len(nodes) == 1:
            return nodes[0]
        return Pipeline(tuple(nodes), self.source.span(start, self.at))

    def element(self) -> Node:
        """One command or expression of a pipeline, or an assignment."""
        if self.at >= self.size:
            raise Refused
        if not self._starts_expression():
            return self.command()
        start = self.at
        word = self.expression()
        stop = self.at
        self.space()
        match = ASSIGN.match(self.text, self.at)
        if match is not None:
            return self._assignment(start, stop, word, match.group(), match.end())
        redirections = []
        while (found := self._redirection()) is not None:
            redirections.append(found)
            stop = self.at
            self.space()
        self.at = stop
        node = self._as_node(word)
        written = any(
            r.operator in (">", ">>", "1>", "1>>") and r.target.text != "$null" for r in redirections
        )
        if written and isinstance(node, Expression):
            return Group("redirected", (node,), self.source.span(start, stop), (), tuple(redirections))
        return node

    def _as_node(self, word: Word) -> Node:
        if len(word.parts) == 1 and isinstance(word.parts[0], Opaque):
            part = word.parts[0]
            operator = part.operator or ""
            if operator.endswith("()") and operator != "@()" and len(part.nodes) == 1:
                return part.nodes[0]
            if operator == "{}":
                return Group("block", part.nodes, word.span)
            if len(part.operands) == 2 and is_comparison(operator):
                left, right = part.operands
                return Expression(word.text, word, word.span, part.nodes, operator, left, right)
        return Expression(word.text, word, word.span, nodes_of(word))

    def _assignment(self, start: int, stop: int, target: Word, operator: str, after: int) -> Node:
        name, scope = target_of(target)
        written = self.raw[start:stop]
        self.at = after
        self.space(True)
        value_node = self.statement()
        value: Word | Node = value_node.word if isinstance(value_node, Expression) else value_node
        if scope == "local" and isinstance(value, Word) and len(value.parts) == 1:
            part = value.parts[0]
            if isinstance(part, Opaque) and part.operator == "@{}":
                self.tables[name.lower()] = value
        if isinstance(value, Word):
            add_entry(self.tables, target, value)
        return Assignment(name, scope, value, operator, written, self.source.span(start, self.at))

    def _block(self) -> tuple[Node, ...]:
        self._expect("{")
        return self.statements("}")

    def condition(self) -> Condition:
        """``( … )``, read whole."""
        self._expect("(")
        start = self.at
        nodes = self.statements(")")
        stop = max(self.at - 1, start) if self.text[self.at - 1 : self.at] == ")" else self.at
        return self._condition(start, stop, nodes)

    def _condition(self, start: int, stop: int, nodes: tuple[Node, ...]) -> Condition:
        text = self.raw[start:stop].strip()
        span = self.source.span(start, stop)
        if len(nodes) == 1 and isinstance(nodes[0], Expression):
            expression = nodes[0]
            word, negated = expression.word, False
            while (
                len(word.parts) == 1 and isinstance(word.parts[0], Opaque) and word.parts[0].operator == "!"
            ):
                word, negated = word.parts[0].operands[0], not negated
            part = word.parts[0] if len(word.parts) == 1 else None
            if isinstance(part, Opaque) and is_comparison(part.operator or "") and len(part.operands) == 2:
                left, right = part.operands
                return Condition(text, nodes_of(expression.word), span, part.operator, left, right, negated)
            return Condition(text, nodes_of(expression.word), span, None, word, None, negated)
        return Condition(text, nodes, span)

    def _if(self, start: int, keyword: str) -> Node:
        arms: list[tuple[Condition | None, tuple[Node, ...]]] = [(self.condition(), self._block())]
        while True:
            back = self.at
            self.space(True)
            match = KEYWORD.match(self.text, self.at)
            following = match.group().lower() if match is not None else ""
            if match is not None and following == "elseif":
                self.at = match.end()
                arms.append((self.condition(), self._block()))
            elif match is not None and following == "else":
                self.at = match.end()
                arms.append((None, self._block()))
                break
            else:
                self.at = back
                break
        return If(tuple(arms), self.source.span(start, self.at))

    def _while(self, start: int, keyword: str) -> Node:
        condition = self.condition()
        body = self._block()
        return Loop("while", condition, body, self.source.span(start, self.at), always(condition))

    def _do(self, start: int, keyword: str) -> Node:
        body = self._block()
        self.space(True)
        match = KEYWORD.match(self.text, self.at)
        if match is None or match.group().lower() not in ("while", "until"):
            raise Refused
        self.at = match.end()
        kind = match.group().lower()
        condition = self.condition()
        endless = always(condition) if kind == "while" else never(condition)
        return Loop(f"do-{kind}", condition, body, self.source.span(start, self.at), endless)

    def _for(self, start: int, keyword: str) -> Node:
        self._expect("(")
        inside = self.at
        parts: list[tuple[int, int, tuple[Node, ...]]] = []
        before: list[Node] = []
        for last in (False, False, True):
            self.space(True)
            begin = self.at
            nodes: list[Node] = []
            while self.at < self.size and self.text[self.at] not in (";)" if not last else ")"):
                nodes.append(self.statement())
                self.space(True)
                if self.at < self.size and self.text[self.at] not in ";),":
                    raise Refused
                if self.text.startswith(",", self.at):
                    self.at += 1
                    self.space(True)
            parts.append((begin, self.at, tuple(nodes)))
            if self.text.startswith(";", self.at):
                self.at += 1
        self._expect(")")
        while len(parts) < 3:
            parts.append((inside, inside, ()))
        low, high, nodes_ = parts[1]
        condition = self._condition(low, high, nodes_) if nodes_ else None
        before.extend(parts[0][2])
        body = self._block()
        span = self.source.span(start, self.at)
        loop = Loop("for", condition, (*body, *parts[2][2]), span, condition is None or always(condition))
        return Group("for", (*before, loop), span) if before else loop

    def _foreach(self, start: int, keyword: str) -> Node:
        self._expect("(")
        self.space(True)
        match = VARIABLE.match(self.text, self.at)
        if match is None:
            raise Refused
        name = (match.group(1) or match.group(2) or match.group(3)).rpartition(":")[2]
        self.at = match.end()
        self.space(True)
        if self.text[self.at : self.at + 2].lower() != "in":
            raise Refused
        self.at += 2
        nodes = self.statements(")")
        items: tuple[Word, ...] = ()
        if len(nodes) == 1 and isinstance(nodes[0], Expression):
            items = elements(nodes[0].word)
            condition = None
        else:
            condition = Condition("", nodes, self.source.span(start, start))
        body = self._block()
        return Loop("foreach", condition, body, self.source.span(start, self.at), False, name, items)

    def _switch(self, start: int, keyword: str) -> Node:
        self.space(True)
        while self.text.startswith("-", self.at):
            match = PARAMETER.match(self.text, self.at)
            if match is None:
                raise Refused
            self.at = match.end()
            self.space(True)
        subject = self.condition().left
        self._expect("{")
        arms: list[tuple[tuple[str, ...], tuple[Node, ...]]] = []
        while True:
            self.space(True)
            if self.at >= self.size:
                break
            if self.text[self.at] == ";":
                self.at += 1
                continue
            if self.text[self.at] == "}":
                self.at += 1
                break
            begin = self.at
            if self.text[self.at] == "{":
                self.at += 1
                self.statements("}")
                pattern = self.raw[begin : self.at]
            else:
                word = self.argument()
                pattern = word.literal if word.literal is not None else word.text
            arms.append(((pattern,), self._block()))
        return Case(subject, tuple(arms), self.source.span(start, self.at))

    def _try(self, start: int, keyword: str) -> Node:
        body = self._block()
        handlers: list[tuple[Node, ...]] = []
        catches = 0
        while True:
            back = self.at
            self.space(True)
            match = KEYWORD.match(self.text, self.at)
            following = match.group().lower() if match is not None else ""
            if match is None or following not in ("catch", "finally"):
                self.at = back
                break
            self.at = match.end()
            self.space(True)
            while (kind := TYPE.match(self.text, self.at)) is not None:
                self.at = kind.end()
                self.space(True)
                if self.text.startswith(",", self.at):
                    self.at += 1
                    self.space(True)
            handlers.append(self._block())
            catches += following == "catch"
        return Group("try", body, self.source.span(start, self.at), tuple(handlers), catches=catches)

    def _function(self, start: int, keyword: str) -> Node:
        self.space(True)
        match = re.compile(r"[^\s({]+").match(self.text, self.at)
        if match is None:
            raise Refused
        name = self.raw[match.start() : match.end()]
        self.at = match.end()
        self.space(True)
        opened = self.at
        if self.text.startswith("(", self.at):
            self._balanced()
        parameters = self.raw[opened : self.at]
        body = self._block()
        return Function(name, body, self.source.span(start, self.at), parameters)

    def _param(self, start: int, keyword: str) -> Node:
        self.space(True)
        if not self.text.startswith("(", self.at):
            raise Refused
        self._balanced()
        self._loose_end = self.at
        word = Word(
            self.raw[start : self.at], (Opaque(self.raw[start : self.at]),), self.source.span(start, self.at)
        )
        return Expression(word.text, word, word.span)

    def _named_block(self, start: int, keyword: str) -> Node:
        self.space(True)
        if keyword == "trap" and (kind := TYPE.match(self.text, self.at)) is not None:
            self.at = kind.end()
            self.space(True)
        if not self.text.startswith("{", self.at):
            self.at = start
            return self.chain()
        body = self._block()
        return Group(keyword, body, self.source.span(start, self.at))

    def _flow(self, start: int, keyword: str) -> Node:
        self.space()
        value: Word | None = None
        if self.at < self.size and self.text[self.at] not in ";\n)}|&":
            begin = self.at
            if keyword in ("break", "continue"):
                match = MEMBER.match(self.text, self.at)
                if match is not None:
                    self.at = match.end()
                    value = self.word(begin, (Text(match.group()),))
            else:
                node = self.chain()
                value = (
                    node.word
                    if isinstance(node, Expression)
                    else self.word(begin, (Substitution((node,), self.raw[begin : self.at]),))
                )
        return Flow(keyword, value, self.source.span(start, self.at))


_STATEMENTS = {
    "if": Statements._if,
    "while": Statements._while,
    "do": Statements._do,
    "for": Statements._for,
    "foreach": Statements._foreach,
    "switch": Statements._switch,
    "try": Statements._try,
    "function": Statements._function,
    "filter": Statements._function,
    "param": Statements._param,
    "begin": Statements._named_block,
    "process": Statements._named_block,
    "end": Statements._named_block,
    "trap": Statements._named_block,
    "exit": Statements._flow,
    "throw": Statements._flow,
    "return": Statements._flow,
    "break": Statements._flow,
    "continue": Statements._flow,
}


def target_of(word: Word) -> tuple[str, Literal["env", "local"]]:
    """Name and scope of what is assigned to."""
    part = word.parts[0] if len(word.parts) == 1 else None
    if isinstance(part, Variable):
        return part.name, "env" if part.scope == "env" else "local"
    if isinstance(part, Opaque):
        if part.operator == "cast" and len(part.operands) == 2:
            return target_of(part.operands[1])
        if part.operator is not None and "::" in part.operator:
            return part.operator, "local"
        if part.operator is not None and part.operator.startswith(".") and part.operands:
            return word.text.lstrip("$"), "local"
    return "", "local"


def always(condition: Condition) -> bool:
    return condition.text.strip("() ").lower() in ("$true", "1", "$false -eq $false", "$true -eq $true")


def never(condition: Condition) -> bool:
    return condition.text.strip("() ").lower() in ("$false", "0")
