"""cmd.exe to the tree of :mod:`contrib.shells.model`: a small grammar of ours.

What it follows: https://learn.microsoft.com/windows-server/administration/windows-commands/cmd (separators, quotes,
``^``), ``… /if``, ``… /for``, ``… /set_1``; words are split as Windows programs split their command line
(https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments). Nothing is refused.
"""

from __future__ import annotations

import re
from typing import Literal

from contrib.shells import programs
from contrib.shells.model import (
    AndOr,
    Assignment,
    Command,
    Condition,
    Flow,
    Group,
    If,
    Loop,
    Node,
    Parameter,
    Part,
    Pipeline,
    Redirection,
    Script,
    Text,
    Unparsed,
    Variable,
    Word,
)
from contrib.shells.source import Source

_MAX_DEPTH = 32
_BLANKS = " \t\f\v\r\xa0"
_SEPARATORS = _BLANKS + ",;="
_SPECIAL = frozenset("&|<>()\n")
_PLAIN = re.compile(r'[^\s"^%!&|<>()\\$\xa0]+')
_REDIRECTION = re.compile(r"(\d?(?:>>?|<))(&\d)?")
_PERCENT = re.compile(r"%(?:([A-Za-z_][^%:\s=]*)(:[^%]*)?%|(%[A-Za-z])|(~[A-Za-z]*[0-9A-Za-z])|([0-9*]))")
_LOOP = re.compile(r"%%?(~[a-z$]{0,20}[A-Za-z]|[A-Za-z])(?![A-Za-z0-9_]*%)")
_FOREIGN = re.compile(r"\$\{?env:(\w+)\}?", re.IGNORECASE)
_KEYWORD = re.compile(r"[A-Za-z]+")
_COMPARE = frozenset({"equ", "neq", "lss", "leq", "gtr", "geq"})
_ALIASES = {"erase": "del", "md": "mkdir", "rd": "rmdir", "ren": "rename", "chdir": "cd"}
_BUILTIN_PREFIX = re.compile(r"(echo|cd|md|rd|type|dir|del)(?=[.\\/:,;=+])", re.IGNORECASE)


class _Refused(Exception):
    """The command is not understood; the reader goes on at the next one."""


def read(source: Source, *, depth: int = 0) -> Script:
    """Read a command line, or a here-document's lines.

    :param depth: how many shells are around this one.
    """
    reader = _Reader(source, depth)
    nodes = reader.statements(False)
    return Script("cmd", nodes, tuple(reader.unparsed), text=source.text)


class _Words:
    """Blanks, words and redirections."""

    def __init__(self, source: Source, depth: int) -> None:
        self.source = source
        self.text = source.text
        self.size = len(self.text)
        self.at = 0
        self.depth = depth
        self.nesting = 0
        self.unparsed: list[Unparsed] = []
        self.loops: list[str] = []  # letters of the FOR loops that are open

    def space(self, blanks: str = _BLANKS) -> None:
        while self.at < self.size:
            if self.text[self.at] in blanks:
                self.at += 1
            elif self.text.startswith(("^\n", "^ ", "^\t"), self.at):
                self.at += 2
            else:
                return

    def trouble(self, start: int, stop: int) -> Unparsed:
        node = Unparsed(self.text[start:stop], self.source.span(start, stop))
        self.unparsed.append(node)
        return node

    def _end_of_command(self, quoted: bool = False) -> int:
        at = self.at
        while at < self.size:
            char = self.text[at]
            if char == '"':
                quoted = not quoted
            elif char == "^" and not quoted:
                at += 1
            elif char == "\n" or (not quoted and char in "&|<>)"):
                break
            at += 1
        return min(at, self.size)

    def _redirections(self) -> tuple[Redirection, ...]:
        found: list[Redirection] = []
        while True:
            back = self.at
            self.space()
            match = _REDIRECTION.match(self.text, self.at)
            if match is None or (match.group(1)[0].isdigit() and not self._begins_token()):
                self.at = back
                return tuple(found)
            self.at = match.end()
            if match.group(2):
                place = self.source.span(self.at, self.at)
                found.append(Redirection(match.group(), Word("", (), place)))
                continue
            self.space()
            found.append(Redirection(match.group(1), self.word(True)))

    def _begins_token(self) -> bool:
        return self.at == 0 or self.text[self.at - 1] in _SEPARATORS + '&|()<>\n"'

    def word(self, in_brackets: bool, stop: str = "", pieces: list[programs.Piece] | None = None) -> Word:
        """One word, as a program gets it: quotes gone, ``\\"`` a quote, ``^`` taken off."""
        start = self.at
        text = self.text
        parts: list[Part] = []
        pending: list[str] = []
        collected: list[programs.Piece] = pieces if pieces is not None else []
        cmd_quoted = argument_quoted = False

        def flush() -> None:
            if pending:
                parts.append(Text("".join(pending)))
                pending.clear()

        while self.at < self.size:
            char = text[self.at]
            if char == "\n":
                break
            if not argument_quoted and char in _BLANKS:
                break
            if not cmd_quoted and char in _SPECIAL and not (char in "()" and not in_brackets):
                if char == "(" and self.at > start:
                    pass  # a bracket inside a word is text: vc_redist(x64).exe
                else:
                    break
            if char in stop and not argument_quoted:
                break
            begin = self.at
            if char == '"':
                cmd_quoted = not cmd_quoted
                argument_quoted = not argument_quoted
                self.at += 1
                continue
            if char == "\\":
                run = self.at
                while text.startswith("\\", run):
                    run += 1
                if text.startswith('"', run):
                    count = run - self.at
                    slashes = "\\" * (count // 2)
                    self.at = run
                    if slashes:
                        pending.append(slashes)
                        collected.append((slashes, begin, begin + len(slashes)))
                    if count % 2:
                        cmd_quoted = not cmd_quoted
                        pending.append('"')
                        collected.append(('"', run, run + 1))
                        self.at = run + 1
                    continue
                self.at = run
                pending.append(text[begin:run])
                collected.append((text[begin:run], begin, run))
                continue
            if char == "^" and not cmd_quoted:
                if text.startswith((" ", "\t"), self.at + 1):
                    break  # an escaped space separates words all the same
                self.at += 1
                if text.startswith("\n", self.at):
                    self.at += 1
                elif self.at < self.size:
                    pending.append(text[self.at])
                    collected.append((text[self.at], self.at, self.at + 1))
                    self.at += 1
                continue
            if char == "%":
                variable = self._percent()
                if variable is not None:
                    flush()
                    parts.append(variable)
                    collected.append((text[begin : self.at], begin, self.at))
                    continue
            if char == "$":
                foreign = _FOREIGN.match(text, self.at)
                if foreign is not None:
                    flush()
                    self.at = foreign.end()
                    parts.append(Variable(foreign.group(1), "foreign", foreign.group()))
                    collected.append((foreign.group(), begin, self.at))
                    continue
            match = _PLAIN.match(text, self.at)
            end = match.end() if match is not None and not stop else self.at + 1
            pending.append(text[self.at : end])
            collected.append((text[self.at : end], self.at, end))
            self.at = end
        if argument_quoted:
            self.trouble(start, self.at)
        flush()
        quoted = self.at - start > 1 and text[start] == '"' and text[self.at - 1] == '"'
        return self._word(start, parts, quoted)

    def _word(self, start: int, parts: list[Part], quoted: bool) -> Word:
        return Word(
            self.text[start : self.at], tuple(parts) or (Text(""),), self.source.span(start, self.at), quoted
        )

    def _percent(self) -> Variable | None:
        turn = _LOOP.match(self.text, self.at) if self.loops else None
        if turn is not None and turn.group(1)[-1] in self.loops:
            self.at = turn.end()
            letter: str = turn.group(1)
            letter = letter[1:] if letter[:1] == "~" and len(letter) == 2 else letter
            return Variable(letter, "local", turn.group())
        match = _PERCENT.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        name, _, loop, argument, number = match.groups()
        if name is not None:
            return Variable(name, "env", match.group())
        return Variable((loop or argument or number).lstrip("%"), "local", match.group())

    def _parts(self, low: int, high: int) -> list[Part]:
        """A text with ``%X%`` in it, quotes and all (the value of SET)."""
        parts: list[Part] = []
        at = low
        kept = self.at
        begin = low
        while at < high:
            if self.text[at] == "%":
                self.at = at
                variable = self._percent()
                if variable is not None and self.at <= high:
                    if at > begin:
                        parts.append(Text(self.text[begin:at]))
                    parts.append(variable)
                    at = begin = self.at
                    continue
            at += 1
        if high > begin:
            parts.append(Text(self.text[begin:high]))
        self.at = kept
        return parts

    def statements(self, in_brackets: bool) -> tuple[Node, ...]:
        """Statements up to a closing bracket, or to the end; read by the level above."""
        raise NotImplementedError


class _Reader(_Words):
    """Statements and commands."""

    def statements(self, in_brackets: bool) -> tuple[Node, ...]:
        """Commands up to the closing bracket, which is read too."""
        nodes: list[Node] = []
        self.nesting += 1
        opened = self.at - 1
        if self.nesting > _MAX_DEPTH:
            start, self.at = self.at, self.size
            nodes.append(self.trouble(start, self.size))
        while True:
            self.space(_SEPARATORS + "\n")
            if self.at >= self.size:
                if in_brackets and self.nesting <= _MAX_DEPTH:
                    self.trouble(opened, opened + 1)
                break
            char = self.text[self.at]
            if char == ")":
                if in_brackets:
                    self.at += 1
                    break
                nodes.append(self.trouble(self.at, self.at + 1))
                self.at += 1
                continue
            if char == "&" and not self.text.startswith("&&", self.at):
                self.at += 1
                continue
            start = self.at
            try:
                nodes.append(self.chain(in_brackets))
            except _Refused:
                stop = self._next_line(max(self.at, start + 1))
                self.at = stop
                nodes.append(self.trouble(start, stop))
        self.nesting -= 1
        return tuple(nodes)

    def _next_line(self, at: int) -> int:
        match = re.compile(r"[&\n)]").search(self.text, at)
        return match.start() if match else self.size

    def chain(self, in_brackets: bool) -> Node:
        start = self.at
        first = self.pipeline(in_brackets)
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
            self.space(_BLANKS + "\n")
            rest.append((operator, self.pipeline(in_brackets)))
        if not rest:
            return first
        return AndOr(first, tuple(rest), self.source.span(start, self.at))

    def pipeline(self, in_brackets: bool) -> Node:
        start = self.at
        nodes = [self.element(in_brackets)]
        while True:
            self.space()
            if self.text.startswith("|", self.at) and not self.text.startswith("||", self.at):
                self.at += 1
                self.space(_BLANKS + "\n")
                nodes.append(self.element(in_brackets))
            else:
                break
        return nodes[0] if len(nodes) == 1 else Pipeline(tuple(nodes), self.source.span(start, self.at))

    def element(self, in_brackets: bool) -> Node:
        self.space(_BLANKS + "@")
        if self.at >= self.size:
            raise _Refused
        start = self.at
        char = self.text[self.at]
        if char == "(":
            self.at += 1
            body = self.statements(True)
            stop = self.at
            redirections = self._redirections()
            return Group(
                "paren", body, self.source.span(start, self.at if redirections else stop), (), redirections
            )
        if char == ":":
            end = self.text.find("\n", self.at)
            self.at = self.size if end < 0 else end
            name = self.text[start : self.at].strip()
            span = self.source.span(start, self.at)
            return Command(name, name.lower(), (), span, span)
        match = _KEYWORD.match(self.text, self.at)
        word = match.group().lower() if match else ""
        after = self.text[match.end() : match.end() + 1] if match else ""
        if match is not None and (after == "" or after in _SEPARATORS + '(&|<>)\n"/'):
            if word == "if":
                self.at = match.end()
                return self._if(start, in_brackets)
            if word == "for" and after in _BLANKS:
                self.at = match.end()
                return self._for(start, in_brackets)
            if word == "rem":
                end = self.text.find("\n", self.at)
                self.at = self.size if end < 0 else end
                span = self.source.span(start, self.at)
                return Command("rem", "rem", (), span, self.source.span(start, match.end()))
            if word == "set" and (after in _BLANKS + '"/' and after != ""):
                found = self._set(start, match.end())
                if found is not None:
                    return found
        return self.command(in_brackets)

    def _keyword(self, *wanted: str) -> str | None:
        self.space()
        match = _KEYWORD.match(self.text, self.at)
        if match is not None and match.group().lower() in wanted:
            following = self.text[match.end() : match.end() + 1]
            if following == "" or following in _SEPARATORS + '("\n':
                self.at = match.end()
                return match.group().lower()
        return None

    def _if(self, start: int, in_brackets: bool) -> Node:
        negated = False
        self.space()
        begin = self.at
        while True:
            self.space()
            if self.text[self.at : self.at + 2].lower() == "/i":
                self.at += 2
            elif not negated and self._keyword("not"):
                negated = True
            else:
                break
        test = self._keyword("exist", "defined", "errorlevel", "cmdextversion")
        self.space()
        left = self.word(in_brackets, "=")
        right: Word | None = None
        operator: str | None = test
        if test is None:
            self.space()
            if self.text.startswith("==", self.at):
                self.at += 2
                operator = "=="
            else:
                match = _KEYWORD.match(self.text, self.at)
                if match is None or match.group().lower() not in _COMPARE:
                    raise _Refused
                self.at = match.end()
                operator = match.group().lower()
            self.space()
            right = self.word(in_brackets)
        stop = self.at
        condition = Condition(
            self.text[begin:stop].strip(), (), self.source.span(begin, stop), operator, left, right, negated
        )
        arms: list[tuple[Condition | None, tuple[Node, ...]]] = [(condition, self._body(in_brackets))]
        back = self.at
        self.space(_BLANKS + "\n")
        match = _KEYWORD.match(self.text, self.at)
        if match is not None and match.group().lower() == "else":
            self.at = match.end()
            arms.append((None, self._body(in_brackets)))
        else:
            self.at = back
        return If(tuple(arms), self.source.span(start, self.at))

    def _body(self, in_brackets: bool) -> tuple[Node, ...]:
        """The command that IF or FOR runs: one, or several in brackets; what follows ``&`` belongs to it."""
        self.space()
        self.nesting += 1
        if self.nesting > _MAX_DEPTH:
            raise _Refused
        try:
            if self.text.startswith("(", self.at):
                self.at += 1
                body = self.statements(True)
                redirections = self._redirections()
                if redirections:
                    return (Group("paren", body, self.source.span(self.at, self.at), (), redirections),)
                return body
            nodes = [self.chain(in_brackets)]
            while self.text.startswith("&", self.at):
                self.at += 1
                self.space()
                if self.at >= self.size or self.text[self.at] in ")\n":
                    break
                nodes.append(self.chain(in_brackets))
            return tuple(nodes)
        finally:
            self.nesting -= 1

    def _for(self, start: int, in_brackets: bool) -> Node:
        self.space()
        kind = "for"
        while self.text.startswith("/", self.at):
            kind = f"for{self.text[self.at : self.at + 2].lower()}"
            self.at += 2
            self.space()
            if not self.text.startswith("%", self.at):
                self.word(in_brackets)
                self.space()
        match = re.compile(r"%%?([A-Za-z])").match(self.text, self.at)
        if match is None:
            raise _Refused
        self.at = match.end()
        if self._keyword("in") is None:
            raise _Refused
        self.space()
        if not self.text.startswith("(", self.at):
            raise _Refused
        self.at += 1
        items: list[Word] = []
        while True:
            self.space(_SEPARATORS + "\n")
            if self.at >= self.size:
                raise _Refused
            if self.text[self.at] == ")":
                self.at += 1
                break
            begin = self.at
            items.append(self.word(True))
            if self.at == begin:
                self.at += 1
        if self._keyword("do") is None:
            raise _Refused
        self.loops.append(match.group(1))
        try:
            body = self._body(in_brackets)
        finally:
            self.loops.pop()
        return Loop(kind, None, body, self.source.span(start, self.at), False, match.group(1), tuple(items))

    def _set(self, start: int, at: int) -> Node | None:
        """``set X=…``, ``set "X=…"``, ``set /a X=…``; None where it shows a variable."""
        back = self.at
        self.at = at
        self.space()
        operator = "="
        option = self.text[self.at : self.at + 2].lower()
        if option in ("/a", "/p"):
            operator = option
            self.at += 2
            self.space()
        begin = self.at
        whole = self.text.startswith('"', self.at)
        if whole:
            self.at += 1
            begin = self.at
        match = re.compile(r'([^=&|<>"\n]+)=').match(self.text, self.at)
        if match is None:
            self.at = back
            return None
        given = match.group(1)
        # set /a counts: a += 1
        name = (given[:-1] if given[-1] in "-+*/%" else given).rstrip() or given[:1]
        self.at = match.end()
        low = self.at
        if whole:
            # up to the last quote of the command
            stop = self._end_of_command(quoted=True)
            last = self.text.rfind('"', low, stop)
            high = last if last >= 0 else stop
            self.at = stop
        else:
            high = self.at = self._end_of_command()
            while high > low and self.text[high - 1] in _BLANKS and self.text[high - 1] != " ":
                high -= 1
        parts = self._parts(low, high)
        word = Word(self.text[low:high], tuple(parts) or (Text(""),), self.source.span(low, high), whole)
        return Assignment(
            name.strip(),
            "env",
            word,
            operator,
            self.text[begin : begin + len(name)],
            self.source.span(start, self.at),
        )

    def command(self, in_brackets: bool) -> Node:
        start = self.at
        redirections = list(self._redirections())
        self.space(_SEPARATORS)
        name_start = self.at
        prefix = _BUILTIN_PREFIX.match(self.text, self.at)
        if prefix is not None and not re.compile(r"[.]\w").match(self.text, prefix.end()):
            self.at = prefix.end()
            name_word = self._word(name_start, [Text(prefix.group())], False)
            if self.text.startswith((".", ","), self.at):
                self.at += 1
        else:
            name_word = self.word(in_brackets)
        name_stop = self.at
        if name_stop == name_start:
            if redirections:
                place = self.source.span(start, start)
                return Command(
                    "", "", (), self.source.span(start, self.at), place, redirections=tuple(redirections)
                )
            raise _Refused
        written = name_word.literal or ""
        full = programs.program(written)
        full = _ALIASES.get(full, full)
        words: list[Word] = []
        places: list[tuple[int, int, list[programs.Piece]]] = []
        stop = self.at
        while True:
            self.space()
            if (
                self.at >= self.size
                or self.text[self.at] in "&|\n"
                or (in_brackets and self.text[self.at] == ")")
            ):
                break
            found = self._redirections()
            if found:
                redirections.extend(found)
                stop = self.at
                continue
            begin = self.at
            pieces: list[programs.Piece] = []
            word = self.word(in_brackets, pieces=pieces)
            if self.at == begin:
                # a bracket that opens nothing is text
                self.at += 1
                word = self._word(begin, [Text(self.text[begin])], False)
                pieces = [(self.text[begin], begin, begin + 1)]
            words.append(word)
            places.append((begin, self.at, pieces))
            stop = self.at
        span = self.source.span(start, stop)
        if full == "exit" and not redirections:
            codes = [word for word in words if (word.literal or "").lower() != "/b"]
            return Flow("exit", codes[0] if codes else None, span)
        options, others = _options(words)
        script = None
        if programs.is_shell(full) and self.depth < programs.MAX_SHELLS:
            script = self._inner(full, words, places)
        if name_word.literal is None:
            words.insert(0, name_word)
        return Command(
            name=written,
            full_name=full,
            words=tuple(words),
            span=span,
            name_span=self.source.span(name_start, name_stop),
            parameters=options,
            positional=others,
            redirections=tuple(redirections),
            script=script,
        )

    def _inner(
        self, full: str, words: list[Word], places: list[tuple[int, int, list[programs.Piece]]]
    ) -> Script | None:
        if full == "cmd":
            # cmd takes the rest of the line as it stands, less one pair of quotes around it
            values = [word.text for word in words]
            found = programs.script_start(full, values)
            if found is None:
                return None
            low, high = places[found[0]][0], places[-1][1]
            if self.text[low] == '"':
                low += 1
                last = self.text.rfind('"', low, high)
                high = last if last >= 0 else high
            if high - low > programs.MAX_INNER or not self.text[low:high].strip():
                return None
            return programs.read("cmd", self.source.part(low, high), depth=self.depth + 1, outer="cmd")
        pieces = [("".join(text for text, _, _ in each), each) for _, _, each in places]
        return programs.inner_script(full, pieces, self.source, self.depth + 1, outer="cmd")


def _options(words: list[Word]) -> tuple[tuple[Parameter, ...], tuple[Word, ...]]:
    """Options (``/S``, ``/D:x``, ``-x``, ``--name=value``) and the other words."""
    options: list[Parameter] = []
    others: list[Word] = []
    for word in words:
        if re.match(r"/[A-Za-z?]", word.text) and "/" not in word.text[1:]:
            name, _, _ = word.text[1:].partition(":")
            options.append(Parameter(name, name, None, word.span))
        elif word.text.startswith("-") and len(word.text) > 1:
            options.append(programs.option(word))
        else:
            others.append(word)
    return tuple(options), tuple(others)
