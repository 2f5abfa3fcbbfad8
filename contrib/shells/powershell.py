"""PowerShell to the tree of :mod:`contrib.shells.model`.

A reader of our own for the language of about_Parsing, about_Operators and about_Language_Keywords
(https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/). tree-sitter-powershell 0.26
was the first choice; it has error nodes for ``Remove-Item $env:TEMP\\x``, ``--version=1.2``, ``a,b`` as an argument
and ``"\\""``, and then loses where the command ends. The suite holds this reader to it wherever it has none.

Nothing is refused: what is not understood is an :class:`Unparsed` and reading goes on after it. Time is linear,
nesting is bounded.
"""

from __future__ import annotations

import re
from typing import Literal

from contrib.shells import cmdlets, programs
from contrib.shells.model import (
    AndOr,
    Assignment,
    Case,
    Command,
    Condition,
    Expression,
    Flow,
    Function,
    Group,
    If,
    Loop,
    Node,
    Opaque,
    Parameter,
    Part,
    Pipeline,
    Redirection,
    Script,
    Substitution,
    Text,
    Unparsed,
    Variable,
    Word,
)
from contrib.shells.source import Source

_MAX_DEPTH = 32

# Quotes, dashes and blanks that PowerShell takes for ASCII's
_ALIKE = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'",
        "\u201c": '"', "\u201d": '"', "\u201e": '"',
        "\u2013": "-", "\u2014": "-", "\u2015": "-",
        "\u00a0": " ", "\u0085": " ",
    }
)  # fmt: skip

_BLANK = re.compile(r"[ \t\f\v\r]+")
_BLANK_OR_NEWLINE = re.compile(r"[ \t\f\v\r\n]+")
_KEYWORD = re.compile(r"[A-Za-z]+(?![\w\-.:\\/=*?!])")
_LABEL = re.compile(r":[A-Za-z_]\w*(?=[ \t\r\n]+(?:while|for|foreach|do|switch)\b)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:\{((?:[^}`]|`.)*)\}|((?:[A-Za-z_]\w*:(?=[\w?]))?\w+)|([?$^]))", re.DOTALL)
_SPLAT = re.compile(r"@([A-Za-z_]\w*)")
_NUMBER = re.compile(
    r"(?:0[xX][0-9A-Fa-f]+|\d+(?:\.(?!\.)\d*)?(?:[eE][+-]?\d+)?|\.\d+)[lLdDuUnN]?(?:[kKmMgGtTpP][bB])?"
)
_TYPE = re.compile(r"\[([A-Za-z_][\w.+`]*(?:\[[\w., \[\]]*\])*)\]")
_ATTRIBUTE = re.compile(r"\[[A-Za-z_][\w.]*\(")
_ASSIGN = re.compile(r"(?:[-+*/%]|\?\?)?=(?!=)")
_WORD_OPERATOR = re.compile(
    r"-([ci]?(?:eq|ne|gt|ge|lt|le|like|notlike|match|notmatch|contains|notcontains|in|notin|replace|split)"
    r"|and|or|xor|band|bor|bxor|shl|shr|isnot|is|as|join|f)(?![A-Za-z_])",
    re.IGNORECASE,
)
_UNARY = re.compile(r"-(not|bnot|join|split|csplit|isplit)(?![\w-])", re.IGNORECASE)
_REDIRECTION = re.compile(r"([0-6*]?>>?)(&[0-6])?|<")
_PARAMETER = re.compile(r"-([A-Za-z_?][\w?]*)(:|(?=[\s;|&(){},<>]|\Z))")
_PLAIN = re.compile(r"""[^\s;|&(){},<>$"'`]+""")
_IN_STRING = re.compile(r'[^"$`]+')
_FOREIGN = re.compile(r"%([A-Za-z_][\w()]*)(?::[^%]*)?%")
_MEMBER = re.compile(r"[A-Za-z_]\w*")
_NEXT_STATEMENT = re.compile(r"[;\n)}]")
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
}
_STOPS = frozenset(" \t\f\v\r\n;|&(){},<>")
_SCOPES = frozenset({"global", "script", "local", "private", "using", "variable"})

_LEVELS = {"and": 1, "or": 1, "xor": 1, "band": 2, "bor": 2, "bxor": 2, "shl": 2, "shr": 2, "f": 6}
_COMPARISON = 3
_ADDITIVE = 4
_MULTIPLICATIVE = 5
_RANGE = 7

#: Approved verbs: what makes a name with a dash a cmdlet's rather than a program's.
_VERBS = frozenset(
    re.findall(
        r"\w+",
        """
add approve assert backup block build checkpoint clear close compare complete compress confirm connect convert
convertfrom convertto copy debug deny deploy disable disconnect dismount edit enable enter exit expand export
find foreach format get grant group hide import initialize install invoke join limit lock measure merge mount
move new open optimize out ping pop protect publish push read receive redo register remove rename repair
request reset resize resolve restart restore resume revoke save search select send set show skip sort split
start step stop submit suspend switch sync tee test trace unblock undo uninstall unlock unprotect unpublish
unregister update use wait watch where write
""",
    )
)
_CMDLET = re.compile(r"([A-Za-z]+)-[A-Za-z]\w*\Z")


class _Refused(Exception):
    """The statement is not understood; the reader goes on at the next one."""


def read(
    source: Source,
    *,
    percent: Literal["foreign", "env"] = "foreign",
    core: bool = False,
    depth: int = 0,
) -> Script:
    """Read a script.

    :param percent: what ``%X%`` is: text of another shell, or a variable that cmd has expanded before.
    :param core: PowerShell 6 or later (``pwsh``): ``curl``, ``wget`` and ``sc`` are no aliases there.
    :param depth: how many shells are around this one.
    """
    reader = _Reader(source, percent, core, depth)
    nodes = reader.statements("")
    return Script("powershell", nodes, tuple(reader.unparsed), text=source.text)


class _Reader:
    def __init__(self, source: Source, percent: Literal["foreign", "env"], core: bool, depth: int) -> None:
        self.source = source
        self.raw = source.text
        self.text = self.raw if self.raw.isascii() else self.raw.translate(_ALIKE)
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

    # -- blanks ----------------------------------------------------------------------------------------

    def space(self, newlines: bool = False) -> None:
        """Over blanks, comments and continued lines; over newlines too if they mean nothing here."""
        text, blank = self.text, _BLANK_OR_NEWLINE if newlines else _BLANK
        while self.at < self.size:
            char = text[self.at]
            if char in " \t\f\v\r" or (newlines and char == "\n"):
                match = blank.match(text, self.at)
                assert match is not None
                self.at = match.end()
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
            nodes = tuple(node for operand in operands for node in _nodes(operand))
        variables = tuple(variable for operand in operands for variable in operand.variables)
        part = Opaque(self.raw[start : self.at], nodes, variables, operator, tuple(operands))
        return self.word(start, (part,))

    # -- statements ------------------------------------------------------------------------------------

    def statements(self, closer: str) -> tuple[Node, ...]:
        """Up to ``closer``, which is read too; it may be missing at the end of the text."""
        nodes: list[Node] = []
        opened = self.at - 1
        self.nesting += 1
        if self.nesting > _MAX_DEPTH:
            start, self.at = self.at, self.size
            nodes.append(self.trouble(start, self.size))
        while True:
            self.space(True)
            if self.at >= self.size:
                if closer and self.nesting <= _MAX_DEPTH:
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
                    raise _Refused
            except _Refused:
                match = _NEXT_STATEMENT.search(self.text, max(self.at, start + 1))
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
        label = _LABEL.match(self.text, self.at)
        if label is not None:
            self.at = label.end()
            self.space(True)
        match = _KEYWORD.match(self.text, self.at)
        if match is not None:
            handler = _STATEMENTS.get(match.group().lower())
            if handler is not None and (
                match.group().lower() != "foreach" or self._followed_by(match.end(), "(")
            ):
                start = self.at
                self.at = match.end()
                return handler(self, start, match.group().lower())
        return self.chain()

    def _followed_by(self, at: int, char: str) -> bool:
        while at < self.size and self.text[at] in " \t\f\v\r\n":
            at += 1
        return self.text.startswith(char, at)

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
            match = _KEYWORD.match(self.text, self.at)
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
            raise _Refused
        if not self._starts_expression():
            return self.command()
        start = self.at
        word = self.expression()
        stop = self.at
        self.space()
        match = _ASSIGN.match(self.text, self.at)
        if match is not None:
            return self._assignment(start, stop, word, match.group(), match.end())
        redirections = []
        while (found := self._redirection()) is not None:
            redirections.append(found)
            stop = self.at
            self.space()
        self.at = stop
        return self._as_node(word)

    def _as_node(self, word: Word) -> Node:
        if len(word.parts) == 1 and isinstance(word.parts[0], Opaque):
            part = word.parts[0]
            operator = part.operator or ""
            if operator.endswith("()") and operator != "@()" and len(part.nodes) == 1:
                return part.nodes[0]
            if operator == "{}":
                return Group("block", part.nodes, word.span)
            if len(part.operands) == 2 and _is_comparison(operator):
                left, right = part.operands
                return Expression(word.text, word, word.span, part.nodes, operator, left, right)
        return Expression(word.text, word, word.span, _nodes(word))

    def _starts_expression(self) -> bool:
        char = self.text[self.at]
        following = self.text[self.at + 1 : self.at + 2]
        if char in "$('\"{":
            return True
        if char == "@":
            return following in ("(", "{", "'", '"')
        if char == "[":
            return (
                _TYPE.match(self.text, self.at) is not None
                or _ATTRIBUTE.match(self.text, self.at) is not None
            )
        if char == "!":
            return True
        if char in "+-":
            if _UNARY.match(self.text, self.at):
                return True
            return following in ("$", "(", char) or following.isdigit()
        if char.isdigit() or (char == "." and following.isdigit()):
            match = _NUMBER.match(self.text, self.at)
            return match is not None and (
                match.end() >= self.size
                or self.text[match.end()] in " \t\r\n;|)}+*/%,-"
                or self.text.startswith("..", match.end())
            )
        return char == ","

    def _assignment(self, start: int, stop: int, target: Word, operator: str, after: int) -> Node:
        name, scope = _target_of(target)
        written = self.raw[start:stop]
        self.at = after
        self.space(True)
        value_node = self.statement()
        value: Word | Node = value_node.word if isinstance(value_node, Expression) else value_node
        if scope == "local" and isinstance(value, Word) and len(value.parts) == 1:
            part = value.parts[0]
            if isinstance(part, Opaque) and part.operator == "@{}":
                self.tables[name.lower()] = value
        return Assignment(name, scope, value, operator, written, self.source.span(start, self.at))

    # -- keywords --------------------------------------------------------------------------------------

    def _expect(self, char: str) -> None:
        self.space(True)
        if self.at >= self.size or self.text[self.at] != char:
            raise _Refused
        self.at += 1

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
            if isinstance(part, Opaque) and _is_comparison(part.operator or "") and len(part.operands) == 2:
                left, right = part.operands
                return Condition(text, _nodes(expression.word), span, part.operator, left, right, negated)
            return Condition(text, _nodes(expression.word), span, None, word, None, negated)
        return Condition(text, nodes, span)

    def _if(self, start: int, keyword: str) -> Node:
        arms: list[tuple[Condition | None, tuple[Node, ...]]] = [(self.condition(), self._block())]
        while True:
            back = self.at
            self.space(True)
            match = _KEYWORD.match(self.text, self.at)
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
        return Loop("while", condition, body, self.source.span(start, self.at), _always(condition))

    def _do(self, start: int, keyword: str) -> Node:
        body = self._block()
        self.space(True)
        match = _KEYWORD.match(self.text, self.at)
        if match is None or match.group().lower() not in ("while", "until"):
            raise _Refused
        self.at = match.end()
        kind = match.group().lower()
        condition = self.condition()
        endless = _always(condition) if kind == "while" else _never(condition)
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
                    raise _Refused
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
        loop = Loop("for", condition, (*body, *parts[2][2]), span, condition is None or _always(condition))
        return Group("for", (*before, loop), span) if before else loop

    def _foreach(self, start: int, keyword: str) -> Node:
        self._expect("(")
        self.space(True)
        match = _VARIABLE.match(self.text, self.at)
        if match is None:
            raise _Refused
        name = (match.group(1) or match.group(2) or match.group(3)).rpartition(":")[2]
        self.at = match.end()
        self.space(True)
        if self.text[self.at : self.at + 2].lower() != "in":
            raise _Refused
        self.at += 2
        nodes = self.statements(")")
        items: tuple[Word, ...] = ()
        if len(nodes) == 1 and isinstance(nodes[0], Expression):
            items = _items(nodes[0].word)
            condition = None
        else:
            condition = Condition("", nodes, self.source.span(start, start))
        body = self._block()
        return Loop("foreach", condition, body, self.source.span(start, self.at), False, name, items)

    def _switch(self, start: int, keyword: str) -> Node:
        self.space(True)
        while self.text.startswith("-", self.at):
            match = _PARAMETER.match(self.text, self.at)
            if match is None:
                raise _Refused
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
        while True:
            back = self.at
            self.space(True)
            match = _KEYWORD.match(self.text, self.at)
            following = match.group().lower() if match is not None else ""
            if match is None or following not in ("catch", "finally"):
                self.at = back
                break
            self.at = match.end()
            self.space(True)
            while (kind := _TYPE.match(self.text, self.at)) is not None:
                self.at = kind.end()
                self.space(True)
                if self.text.startswith(",", self.at):
                    self.at += 1
                    self.space(True)
            handlers.append(self._block())
        return Group("try", body, self.source.span(start, self.at), tuple(handlers))

    def _function(self, start: int, keyword: str) -> Node:
        self.space(True)
        match = re.compile(r"[^\s({]+").match(self.text, self.at)
        if match is None:
            raise _Refused
        name = self.raw[match.start() : match.end()]
        self.at = match.end()
        self.space(True)
        if self.text.startswith("(", self.at):
            self._balanced()
        body = self._block()
        return Function(name, body, self.source.span(start, self.at))

    def _param(self, start: int, keyword: str) -> Node:
        self.space(True)
        if not self.text.startswith("(", self.at):
            raise _Refused
        self._balanced()
        self._loose_end = self.at
        word = Word(
            self.raw[start : self.at], (Opaque(self.raw[start : self.at]),), self.source.span(start, self.at)
        )
        return Expression(word.text, word, word.span)

    def _named_block(self, start: int, keyword: str) -> Node:
        self.space(True)
        if keyword == "trap" and (kind := _TYPE.match(self.text, self.at)) is not None:
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
                match = _MEMBER.match(self.text, self.at)
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

    # -- commands --------------------------------------------------------------------------------------

    def command(self) -> Node:
        start = self.at
        operator = ""
        char = self.text[self.at]
        if char == "&" or (
            char == "." and self.text[self.at + 1 : self.at + 2] in (" ", "\t", "$", '"', "'", "(", "{")
        ):
            operator = char
            self.at += 1
            self.space()
            if self.at >= self.size:
                raise _Refused
        name_start = self.at
        if self.text[self.at] in ";|&(){},<>" and not (operator and self.text[self.at] in "({"):
            raise _Refused
        name_word = self.argument(name=True)
        name_stop = self.at
        written = name_word.literal or ""
        full, cmdlet = self._full_name(written)
        words: list[Word] = []
        places: list[tuple[int, int]] = []
        parameters: list[Parameter] = []
        positional: list[Word] = []
        redirections: list[Redirection] = []
        waiting: tuple[str, str, int, Word] | None = None  # a parameter that may take the next word

        def settle(value: Word | None) -> None:
            nonlocal waiting
            if waiting is None:
                return
            name, full_name, begin, first = waiting
            span = self.source.span(begin, self.at) if value is not None else first.span
            parameters.append(Parameter(name, full_name, value, span))
            waiting = None

        while True:
            self.space()
            if self.at >= self.size or self.text[self.at] in ";|)}\n":
                break
            if self.text[self.at] == "&":
                break
            begin = self.at
            redirection = self._redirection()
            if redirection is not None:
                redirections.append(redirection)
                continue
            if self.text.startswith("--%", self.at) and self.text[self.at + 3 : self.at + 4] in (
                "",
                " ",
                "\t",
            ):
                # everything up to a pipe or the line's end goes to the program as it stands
                match = re.compile(r"[|\n]|&&").search(self.text, self.at)
                stop = match.start() if match else self.size
                for piece in re.compile(r"\S+").finditer(self.raw, self.at + 3, stop):
                    self.at = piece.end()
                    words.append(self.word(piece.start(), self._foreign(piece.group())))
                    places.append((piece.start(), piece.end()))
                    positional.append(words[-1])
                self.at = stop
                continue
            splat = _SPLAT.match(self.text, self.at)
            if splat is not None:
                self.at = splat.end()
                word = self.word(begin, (Variable(splat.group(1), "local", splat.group()),))
                words.append(word)
                places.append((begin, self.at))
                settle(None)
                parameters.extend(self._splatted(full, splat.group(1)))
                continue
            match = _PARAMETER.match(self.text, self.at) if cmdlet else None
            if match is not None:
                settle(None)
                self.at = match.end()
                word = self.word(begin, (Text(match.group()),))
                words.append(word)
                places.append((begin, self.at))
                full_name, switch = cmdlets.parameter(full, match.group(1))
                if match.group(2) == ":":
                    self.space()
                    value = None
                    if self.at < self.size and self.text[self.at] not in ";|)}\n":
                        inner = self.at
                        value = self.argument()
                        words.append(value)
                        places.append((inner, self.at))
                    parameters.append(
                        Parameter(match.group(1), full_name, value, self.source.span(begin, self.at))
                    )
                elif switch:
                    parameters.append(Parameter(match.group(1), full_name, None, word.span))
                else:
                    waiting = (match.group(1), full_name, begin, word)
                continue
            word = self.argument()
            if self.at == begin:
                raise _Refused
            words.append(word)
            places.append((begin, self.at))
            if waiting is not None:
                settle(word)
            else:
                positional.append(word)
        settle(None)
        if not cmdlet and full:
            parameters, positional = _options(words)
        stop = places[-1][1] if places else name_stop
        script_ = None
        if programs.is_shell(full) and self.depth < programs.MAX_SHELLS:
            script_ = self._inner(full, words, places)
        if (
            len(name_word.parts) == 1
            and isinstance(name_word.parts[0], Opaque)
            and name_word.parts[0].operator == "{}"
        ):
            span = self.source.span(start, max(stop, name_stop))
            return Group("block", name_word.parts[0].nodes, span, (), tuple(redirections))
        end = max(self._redirected_to, stop) if redirections else stop
        if name_word.literal is None:
            # what is computed runs before the command: keep it reachable
            words.insert(0, name_word)
        return Command(
            name=written,
            full_name=full,
            words=tuple(words),
            span=self.source.span(start, max(end, name_stop)),
            name_span=self.source.span(name_start, name_stop),
            parameters=tuple(parameters),
            positional=tuple(positional),
            redirections=tuple(redirections),
            script=script_,
        )

    def _full_name(self, written: str) -> tuple[str, bool]:
        """Canonical name, and whether it is a cmdlet's (then it has parameters)."""
        if not written:
            return "", False
        low = written.lower()
        alias = cmdlets.ALIASES.get(low)
        if alias is not None and not (self.core and low in ("curl", "wget", "sc")):
            return alias, "-" in alias
        _, _, bare = low.rpartition("\\") if "\\" in low else ("", "", low)
        known = cmdlets.canonical(bare)
        if known is not None:
            return known, True
        match = _CMDLET.match(bare)
        if match is not None and match.group(1) in _VERBS:
            return written.rpartition("\\")[2], True
        return programs.program(written), False

    def _redirection(self) -> Redirection | None:
        match = _REDIRECTION.match(self.text, self.at) if self.at < self.size else None
        if match is None:
            return None
        self.at = match.end()
        if match.group(2):
            self._redirected_to = self.at
            return Redirection(match.group(), Word("", (), self.source.span(match.end(), match.end())))
        self.space()
        if self.at >= self.size or self.text[self.at] in ";|)}\n":
            raise _Refused
        target = self.argument()
        self._redirected_to = self.at
        return Redirection(match.group(), target)

    def _splatted(self, full: str, name: str) -> list[Parameter]:
        table = self.tables.get(name.lower())
        if table is None:
            return []
        part = table.parts[0]
        assert isinstance(part, Opaque)
        found: list[Parameter] = []
        for key, value in zip(part.operands[::2], part.operands[1::2], strict=False):
            written = key.literal or key.text
            full_name, switch = cmdlets.parameter(full, written)
            if switch and len(value.parts) == 1 and isinstance(value.parts[0], Variable):
                if value.parts[0].name.lower() == "false":
                    continue
                if value.parts[0].name.lower() == "true":
                    found.append(Parameter(written, full_name, None, value.span))
                    continue
            found.append(Parameter(written, full_name, value, value.span))
        return found

    def _inner(self, full: str, words: list[Word], places: list[tuple[int, int]]) -> Script | None:
        """The script that ``cmd /C …``, ``powershell -Command …`` or ``sh -c …`` runs."""
        pieces: list[tuple[str, list[tuple[str, int, int]]]] = []
        for word, (start, stop) in zip(words, places, strict=True):
            value = "".join(part.value if isinstance(part, Text) else part.text for part in word.parts)
            if word.parts and isinstance(word.parts[0], Opaque) and word.parts[0].operator == "{}":
                value = self.raw[start + 1 : stop - 1]
            if word.text[1:-1] == value:
                pieces.append((value, [(value, start + 1, stop - 1)]))
            else:
                pieces.append((value, [(value, start, stop)]))
        return programs.inner_script(full, pieces, self.source, self.depth + 1, outer="powershell")

    # -- words of a command ----------------------------------------------------------------------------

    def argument(self, name: bool = False) -> Word:
        """One argument; ``a, b`` is one argument that is a list."""
        start = self.at
        word = self._single_argument(name)
        if name:
            return word
        items = [word]
        while True:
            back = self.at
            self.space()
            if not self.text.startswith(",", self.at):
                self.at = back
                break
            self.at += 1
            self.space(True)
            if self.at >= self.size or self.text[self.at] in ";|)}\n&":
                break
            items.append(self._single_argument(False))
        if len(items) == 1:
            return word
        return self.opaque(start, ",", items)

    def _single_argument(self, name: bool) -> Word:
        start = self.at
        if self.at >= self.size:
            raise _Refused
        char = self.text[self.at]
        following = self.text[self.at + 1 : self.at + 2]
        if char in "\"'":
            word = self._string()
            return self._postfix(word, start) if not name else word
        if char == "@" and following in ("(", "{", "'", '"'):
            return self._postfix(self.primary(), start)
        if char == "(" or (char == "$" and following == "("):
            word = self._postfix(self.primary(), start)
            if char == "(" or self.at >= self.size or self.text[self.at] in _STOPS:
                return word
            return self._generic(start, list(word.parts))
        if char == "{":
            return self.primary()
        if char == "$":
            match = _VARIABLE.match(self.text, self.at)
            if match is not None:
                variable = self._variable(match)
                self.at = match.end()
                after = self.text[self.at : self.at + 1]
                beyond = self.text[self.at + 1 : self.at + 2]
                if after == "[" or (
                    after == "." and (beyond.isalpha() or (beyond != "" and beyond in "_'\"$("))
                ):
                    return self._postfix(self.word(start, (variable,)), start)
                if after == "" or after in _STOPS:
                    return self.word(start, (variable,))
                return self._generic(start, [variable])
        return self._generic(start, [])

    def _dollar(self) -> Part | None:
        """What begins with the ``$`` that stands here, a variable or ``$(``; None, and past it, where nothing does."""
        if self.text.startswith("$(", self.at):
            return self._sub()
        variable = _VARIABLE.match(self.text, self.at)
        if variable is None:
            self.at += 1
            return None
        part = self._variable(variable)
        self.at = variable.end()
        return part

    def _generic(self, start: int, parts: list[Part]) -> Word:
        """A bare word: text, variables and quoted pieces side by side."""
        text, raw = self.text, self.raw
        pending: list[str] = []

        def flush() -> None:
            if pending:
                parts.extend(self._foreign("".join(pending)))
                pending.clear()

        while self.at < self.size:
            char = text[self.at]
            if char in _STOPS:
                break
            match = _PLAIN.match(text, self.at)
            if match is not None:
                pending.append(raw[self.at : match.end()])
                self.at = match.end()
            elif char == "`":
                pending.append(self._escaped())
            elif char in "\"'":
                flush()
                parts.extend(self._string().parts)
            elif char == "$":
                part = self._dollar()
                if part is None:
                    pending.append("$")
                else:
                    flush()
                    parts.append(part)
            else:
                break
        if self.at == start:
            raise _Refused
        flush()
        return self.word(start, parts)

    def _foreign(self, text: str) -> list[Part]:
        """``%NAME%`` in a constant text is a variable of cmd's."""
        if "%" not in text:
            return [Text(text)] if text else []
        parts: list[Part] = []
        at = 0
        for match in _FOREIGN.finditer(text):
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
        return _ESCAPES.get(following, value)

    def _variable(self, match: re.Match[str]) -> Variable:
        name = match.group(1) if match.group(1) is not None else match.group(2) or match.group(3)
        scope, colon, rest = name.partition(":")
        if colon and scope.lower() == "env":
            return Variable(rest, "env", match.group())
        if colon and scope.lower() in _SCOPES:
            return Variable(rest, "local", match.group())
        return Variable(name, "local", match.group())

    # -- strings ---------------------------------------------------------------------------------------

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
                match = _IN_STRING.match(text, self.at)
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
            raise _Refused
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

    # -- expressions -----------------------------------------------------------------------------------

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

    def in_brackets(self) -> bool:
        return self._brackets > 0

    def _binary(self) -> tuple[str, int, int] | None:
        """(operator, level, where it ends) of the operator that stands here."""
        if self.at >= self.size:
            return None
        char = self.text[self.at]
        if char == "-":
            match = _WORD_OPERATOR.match(self.text, self.at)
            if match is not None:
                name = match.group(1).lower()
                return f"-{name}", _LEVELS.get(name, _COMPARISON), match.end()
        if char in "+-*/%":
            following = self.text[self.at + 1 : self.at + 2]
            if following == "=" or following == char:
                return None
            if char == "-" and following.isalpha():
                return None
            return char, _ADDITIVE if char in "+-" else _MULTIPLICATIVE, self.at + 1
        if char == "." and self.text.startswith("..", self.at):
            return "..", _RANGE, self.at + 2
        if char == "?" and self.text.startswith("??", self.at) and not self.text.startswith("??=", self.at):
            return "??", _COMPARISON, self.at + 2
        return None

    def unary(self, comma: bool) -> Word:
        """A list of operands, each with what stands before and after it."""
        start = self.at
        self.nesting += 1
        if self.nesting > _MAX_DEPTH:
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
            raise _Refused
        char = self.text[self.at]
        match = _UNARY.match(self.text, self.at)
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
            cast = _TYPE.match(self.text, self.at)
            if cast is None and (attribute := _ATTRIBUTE.match(self.text, self.at)) is not None:
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
            if self.nesting > _MAX_DEPTH:
                raise _Refused
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
            match = _VARIABLE.match(self.text, self.at)
            if match is None:
                raise _Refused
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
            splat = _SPLAT.match(self.text, self.at)
            if splat is not None:
                self.at = splat.end()
                return self.word(start, (Variable(splat.group(1), "local", splat.group()),))
            raise _Refused
        if char == "{":
            self.at += 1
            nodes = self.statements("}")
            return self.opaque(start, "{}", [], nodes)
        if char == "[":
            match = _TYPE.match(self.text, self.at)
            if match is None:
                raise _Refused
            self.at = match.end()
            return self.word(start, (Text(match.group(1)),))
        match = _NUMBER.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
            return self.word(start, (Text(match.group()),))
        raise _Refused

    def _one_part(self, start: int, part: Part) -> Word:
        return self.word(start, (part,))

    def _value_words(self, node: Node) -> tuple[Word, ...]:
        if isinstance(node, Expression):
            return _items(node.word)
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
            key = _MEMBER.match(self.text, self.at)
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
            nodes.extend(_nodes(value))
            self.space()
            if self.at < self.size and self.text[self.at] not in ";}\n":
                raise _Refused
        return self.opaque(start, "@{}", operands, tuple(nodes))

    def _postfix(self, word: Word, start: int) -> Word:
        """Members, calls and indexes that follow without a blank."""
        text = self.text
        while self.at < self.size:
            char = text[self.at]
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
                type_name = _type_name(word.text) if static else ""
                operator = f"{type_name}::{member}" if static else f".{member}"
                target = [] if static and word.literal is not None else [word]
                if text.startswith("(", self.at):
                    args = self._call_arguments()
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
        match = _MEMBER.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
            return match.group()
        char = self.text[self.at : self.at + 1]
        if char and char in "\"'":
            word = self._string()
            return word.literal if word.literal is not None else word.text
        if char == "$":
            variable = _VARIABLE.match(self.text, self.at)
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


_STATEMENTS = {
    "if": _Reader._if,
    "while": _Reader._while,
    "do": _Reader._do,
    "for": _Reader._for,
    "foreach": _Reader._foreach,
    "switch": _Reader._switch,
    "try": _Reader._try,
    "function": _Reader._function,
    "filter": _Reader._function,
    "param": _Reader._param,
    "begin": _Reader._named_block,
    "process": _Reader._named_block,
    "end": _Reader._named_block,
    "trap": _Reader._named_block,
    "exit": _Reader._flow,
    "throw": _Reader._flow,
    "return": _Reader._flow,
    "break": _Reader._flow,
    "continue": _Reader._flow,
}


def _nodes(word: Word) -> tuple[Node, ...]:
    found: list[Node] = []
    for part in word.parts:
        if isinstance(part, (Substitution, Opaque)):
            found.extend(part.nodes)
    return tuple(found)


def _is_comparison(operator: str) -> bool:
    name = operator.lstrip("-")
    return (
        operator.startswith("-")
        and name not in _LEVELS
        and name not in ("join", "split", "replace", "not", "bnot", "as", "")
    )


def _items(word: Word) -> tuple[Word, ...]:
    """The elements of a list that is written out; the word itself where it is none."""
    if len(word.parts) == 1 and isinstance(word.parts[0], Opaque) and word.parts[0].operator in (",", "@()"):
        return word.parts[0].operands
    return (word,)


def _options(words: list[Word]) -> tuple[list[Parameter], list[Word]]:
    """A program's words: options (``-x``, ``--name=value``) and the others."""
    options: list[Parameter] = []
    others: list[Word] = []
    for word in words:
        if word.text.startswith("-") and len(word.text) > 1:
            options.append(programs.option(word))
        else:
            others.append(word)
    return options, others


def _target_of(word: Word) -> tuple[str, Literal["env", "local"]]:
    """Name and scope of what is assigned to."""
    part = word.parts[0] if len(word.parts) == 1 else None
    if isinstance(part, Variable):
        return part.name, "env" if part.scope == "env" else "local"
    if isinstance(part, Opaque):
        if part.operator == "cast" and len(part.operands) == 2:
            return _target_of(part.operands[1])
        if part.operator is not None and "::" in part.operator:
            return part.operator, "local"
        if part.operator is not None and part.operator.startswith(".") and part.operands:
            return word.text.lstrip("$"), "local"
    return "", "local"


def _type_name(text: str) -> str:
    """A type's name with ``System.`` before it, as ``[Net.WebClient]`` means ``System.Net.WebClient``."""
    name = text.strip("[]").strip()
    if name.lower().startswith("system."):
        return "System." + name[7:]
    if name.lower().startswith("microsoft."):
        return name
    return "System." + name


def _always(condition: Condition) -> bool:
    return condition.text.strip("() ").lower() in ("$true", "1", "$false -eq $false", "$true -eq $true")


def _never(condition: Condition) -> bool:
    return condition.text.strip("() ").lower() in ("$false", "0")
