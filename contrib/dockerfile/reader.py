"""Bytes to instructions, as BuildKit reads them.

The rules are those of BuildKit's ``frontend/dockerfile/parser`` (and, for what a builder refuses after
parsing, ``frontend/dockerfile/instructions``), read at the version of 2026-08; the suite holds this reader
to BuildKit's own parser. Unlike it, this one keeps every byte and its place, and reads on after an
instruction that BuildKit refuses. Time and memory are linear in the file.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

from contrib.dockerfile.model import (
    Comment,
    Directive,
    Dockerfile,
    Flag,
    Heredoc,
    Instruction,
    Offsets,
    Problem,
    Span,
    Stage,
    Word,
)
from contrib.dockerfile.words import NO_SPACE, SPACE, SPACES, Lexer
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.jsontext import finite, no_constant
from contrib.values.patterns import lazy

#: Larger files are refused; the largest Dockerfile of the official images has 24 KiB.
MAX_BYTES = 4 * 1024 * 1024
#: BuildKit reads no longer line (its newline not counted).
MAX_LINE = 65_535
#: Instructions that are read; the longest Dockerfile of an official image has some two hundred.
MAX_INSTRUCTIONS = 10_000
_MAX_TRIGGERS = 8

_ASCII_SPACES = "\t\n\v\f\r "
_BLANK_RUN = lazy(r"[\t\v\f\r ]+")
_DIRECTIVE = lazy(rf"#{SPACE}*([a-zA-Z][a-zA-Z0-9]*)[ \t\f\r]*=(.+)\Z")
_DIRECTIVES = frozenset({"escape", "syntax", "check"})
_HEREDOC = lazy(r"([0-9]*)<<(-?)[ \t\f\r]*((?:[^ \t\f\r<][^<]*)?)\Z")
_JSON_STRING = lazy(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SURROGATE = lazy("[\ud800-\udfff]")
_STAGE_NAME = lazy(r"[a-z][a-z0-9\-_.]*\Z")
_PLAIN_WORD = lazy(rf"{NO_SPACE}+")
# A word of ENV, LABEL, ARG: quotes stay, an escape character at the very end goes.
_WORD = {
    escape: lazy(
        r"""(?:[^\s'"{e}]+|[\x1c-\x1f]|{e}.|'[^']*(?:'|\Z)|"(?:[^"{e}]+|{e}.)*(?:"|{e}?\Z)|{e}\Z)+""".format(
            e=re.escape(escape)
        ),
        re.DOTALL,
    )
    for escape in ("\\", "`")
}

#: Flags that BuildKit's stable syntax takes: ``b`` is a switch, ``s`` has a value, ``*`` may be repeated.
_FLAGS: dict[str, dict[str, str]] = {
    "ADD": {
        "chown": "s",
        "chmod": "s",
        "link": "b",
        "keep-git-dir": "b",
        "checksum": "s",
        "unpack": "b",
        "exclude": "*",
    },
    "COPY": {"chown": "s", "from": "s", "chmod": "s", "link": "b", "exclude": "*", "parents": "b"},
    "FROM": {"platform": "s"},
    "RUN": {"mount": "*", "network": "s", "security": "s", "device": "*"},
    "HEALTHCHECK": {
        "interval": "s",
        "timeout": "s",
        "start-period": "s",
        "start-interval": "s",
        "retries": "s",
    },
}
# STOPSIGNAL and ARG never look at their flags
_IGNORES_FLAGS = frozenset({"STOPSIGNAL", "ARG"})

_JSON_OR_TEXT = frozenset({"CMD", "ENTRYPOINT", "RUN", "SHELL"})
_JSON_OR_WORDS = frozenset({"ADD", "COPY", "VOLUME"})
_BLANK_SEPARATED = frozenset({"EXPOSE", "FROM"})
_ONE_STRING = frozenset({"MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"})
_PAIRS = frozenset({"ENV", "LABEL"})
_TAKES_HEREDOC = frozenset({"ADD", "COPY", "RUN"})
#: All instructions there are.
KEYWORDS = (
    _JSON_OR_TEXT
    | _JSON_OR_WORDS
    | _BLANK_SEPARATED
    | _ONE_STRING
    | _PAIRS
    | {"ARG", "HEALTHCHECK", "ONBUILD"}
)


class _Refused(Exception):
    """What BuildKit's parser says no to, as a sentence."""


@bounded("name")
def parse(data: bytes, name: str = "Dockerfile") -> Dockerfile:
    """Read a Dockerfile.

    What a builder would refuse is recorded (:attr:`Dockerfile.problems`, :attr:`Instruction.problem`)
    and reading goes on after it.

    :param data: the file's bytes: UTF-8, with or without a byte order mark, any mix of newlines.
    :param name: how the person named the file, for messages.
    :raises BadInput: for what is no text of this kind: a NUL byte, UTF-16, more than 4 MiB or 10,000 instructions.
    """
    if len(data) > MAX_BYTES:
        raise BadInput(
            f"{len(data) / 1048576:.0f} MiB is no Dockerfile; at most {MAX_BYTES // 1048576} MiB are read",
            file=name,
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadInput("this is UTF-16, which no builder reads", file=name, hint="save the file as UTF-8")
    nul = data.find(b"\0")
    if nul >= 0:
        raise BadInput(
            "there is a NUL byte in it, so it is no text", file=name, line=data.count(b"\n", 0, nul) + 1
        )
    return _Reader(data, name).read()


class _Text:
    """A logical line: pieces of physical lines, with their places."""

    __slots__ = ("length", "offsets", "parts", "starts", "widths")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.starts: list[int] = []
        self.offsets: list[int] = []
        self.widths: list[int] = []

    def add(self, text: str, offset: int) -> None:
        """``text`` stands at byte ``offset``."""
        if not text:
            return
        self.parts.append(text)
        if text.isascii():
            self._run(offset, 1)
            self.length += len(text)
            return
        width_before = 0
        for char in text:
            point = ord(char)
            if 0xDC80 <= point <= 0xDCFF:  # a byte that is no UTF-8
                width = 1
            else:
                width = 1 if point < 0x80 else 2 if point < 0x800 else 3 if point < 0x10000 else 4
            if width != width_before:
                self._run(offset, width)
                width_before = width
            offset += width
            self.length += 1

    def _run(self, offset: int, width: int) -> None:
        self.starts.append(self.length)
        self.offsets.append(offset)
        self.widths.append(width)


class _Reader:
    def __init__(self, data: bytes, name: str) -> None:
        self.data = data
        self.name = name
        self.lines = data.split(b"\n")
        starts = [0]
        position = 0
        for line in self.lines[:-1]:
            position += len(line) + 1
            starts.append(position)
        if not self.lines[-1]:
            self.lines.pop()
        self.starts = starts
        self.escape = "\\"
        self.directives: list[Directive] = []
        self.comments: list[Comment] = []
        self.instructions: list[Instruction] = []
        self.problems: list[Problem] = []
        self.looking_for_directives = True
        self._terminators: dict[bool, dict[bytes, list[int]]] = {}

    def read(self) -> Dockerfile:
        lines = self.lines
        for number, line in enumerate(lines, 1):
            if len(line) > MAX_LINE:
                self.problems.append(
                    Problem(f"a line of {len(line)} bytes: no more than {MAX_LINE} are read", number)
                )
                break
        index = 0
        count = len(lines)
        while index < count:
            index = self._statement(index)
            if len(self.instructions) > MAX_INSTRUCTIONS:
                raise BadInput(
                    f"more than {MAX_INSTRUCTIONS} instructions are no Dockerfile", file=self.name, line=index
                )
        if not self.instructions:
            self.problems.append(Problem("there is no instruction in this file", max(count, 1)))
        return self._finish()

    # -- lines ---------------------------------------------------------------------------------

    def _line(self, index: int) -> tuple[str, int]:
        """The line's text without its newline, and where it starts in the file."""
        raw = self.lines[index].rstrip(b"\r")
        start = self.starts[index]
        if index == 0 and raw.startswith(b"\xef\xbb\xbf"):
            raw = raw[3:]
            start += 3
        return raw.decode("utf-8", "surrogateescape"), start

    def _line_end(self, index: int) -> int:
        return self.starts[index] + len(self.lines[index].rstrip(b"\r"))

    def _statement(self, index: int) -> int:
        """Read what starts on line ``index`` (from 0); gives the line to read on at."""
        text, offset = self._line(index)
        stripped = text.lstrip(SPACES)
        if len(stripped) != len(text):
            offset += len(text[: len(text) - len(stripped)].encode("utf-8", "surrogateescape"))
        if self.looking_for_directives and self._directive(stripped, offset, index):
            return index + 1
        if not stripped:
            return index + 1
        if stripped[0] == "#":
            self.comments.append(self._comment(stripped, offset, index))
            return index + 1
        first = index
        start = offset
        logical = _Text()
        comments: list[Comment] = []
        piece, goes_on = self._continues(stripped)
        logical.add(piece, offset)
        last = index
        while goes_on and index + 1 < len(self.lines):
            index += 1
            text, offset = self._line(index)
            content = text.lstrip(SPACES)
            last = index
            if not content:
                continue
            if content[0] == "#":
                offset += len(text) - len(content) if text.isascii() else self._width(text, content)
                comments.append(self._comment(content, offset, index))
                continue
            piece, goes_on = self._continues(text)
            logical.add(piece, offset)
        self._instruction(logical, first, last, start, tuple(comments))
        # here-documents have moved the end
        return self._next

    @staticmethod
    def _width(text: str, rest: str) -> int:
        return len(text[: len(text) - len(rest)].encode("utf-8", "surrogateescape"))

    def _continues(self, text: str) -> tuple[str, bool]:
        """The line without a continuation character at its end, and whether it had one."""
        bare = text.rstrip(" \t")
        if not bare or bare[-1] != self.escape or (len(bare) > 1 and bare[-2] == self.escape):
            return text, False
        return bare[:-1], True

    def _comment(self, text: str, offset: int, index: int) -> Comment:
        return Comment(text, Span(offset, self._line_end(index), index + 1, index + 1))

    def _directive(self, text: str, offset: int, index: int) -> bool:
        """Whether the line is a parser directive; the first that is none ends the search."""
        match = _DIRECTIVE.match(text)
        value = "" if match is None else match.group(2).strip(" \t\f\r")
        if match is None or not value or match.group(1).lower() not in _DIRECTIVES:
            self.looking_for_directives = False
            return False
        key = match.group(1).lower()
        if any(directive.name == key for directive in self.directives):
            self.problems.append(Problem(f"the {key} directive stands here a second time", index + 1))
        else:
            if key == "escape":
                if value in ("`", "\\"):
                    self.escape = value
                else:
                    self.problems.append(Problem(f"the escape character is ` or \\, not {value}", index + 1))
            span = Span(offset, self._line_end(index), index + 1, index + 1)
            self.directives.append(Directive(key, value, span))
        return True

    # -- instructions --------------------------------------------------------------------------

    def _instruction(
        self, logical: _Text, first: int, last: int, start: int, comments: tuple[Comment, ...]
    ) -> None:
        text = "".join(logical.parts)
        offsets = Offsets(
            logical.starts or (start,), logical.offsets or (start,), logical.widths or (1,), logical.length
        )
        self._next = last + 1
        line_starts = tuple(self.starts[first + 1 : last + 1])
        builder = _Builder(text, offsets, first + 1, line_starts, self.escape)
        begin = len(text) - len(text.lstrip(SPACES))
        instruction = builder.build(begin, len(text.rstrip(SPACES)), 0)
        heredocs: tuple[Heredoc, ...] = ()
        problem = builder.problem
        level = "parser"
        target = instruction
        if instruction.keyword == "ONBUILD" and instruction.trigger is not None:
            target = instruction.trigger
        if problem is None and "<<" in text and target.keyword in _TAKES_HEREDOC and not target.exec_form:
            heredocs, problem = self._heredocs(text)
        if problem is None:
            problem = _refusal(instruction)
            level = "builder"
        end_index = self._next - 1
        if end_index > last:
            line_starts = tuple(self.starts[first + 1 : end_index + 1])
        end = max(self._line_end(end_index), start)
        instruction = _with(
            instruction,
            span=Span(start, end, first + 1, end_index + 1),
            heredocs=heredocs,
            comments=comments,
            problem=problem,
            line_starts=line_starts,
        )
        if heredocs and instruction.trigger is not None:
            instruction = _with(instruction, trigger=_with(instruction.trigger, heredocs=heredocs))
        if problem is not None:
            self.problems.append(Problem(problem, first + 1, "parser" if level == "parser" else "builder"))
        self.instructions.append(instruction)

    def _heredocs(self, text: str) -> tuple[tuple[Heredoc, ...], str | None]:
        """The here-documents that the logical line opens; their lines follow it."""
        words = Lexer("\\", raw_quotes=True, raw_escapes=True).split(text)
        found: list[Heredoc] = []
        for word in words or ():
            match = _HEREDOC.match(word)
            if match is None or not match.group(3):
                continue
            rest = match.group(3)
            plain = Lexer("\\").split(rest)
            raw = Lexer("\\", raw_quotes=True).split(rest)
            if plain is None or raw is None:
                return tuple(found), "the name of a here-document has a quote that is never closed"
            if len(plain) != 1:
                continue
            delimiter = plain[0]
            quotes = [each.count("'") + each.count('"') for each in (delimiter, raw[0] if raw else "")]
            strip_tabs = match.group(2) == "-"
            begin = self._next
            end = self._terminator(delimiter, strip_tabs, begin)
            if end is None:
                return tuple(found), f"the here-document {delimiter} is never closed"
            low = self.starts[begin] if begin < len(self.starts) else len(self.data)
            high = self.starts[end]
            found.append(
                Heredoc(
                    delimiter=delimiter,
                    content=self.data[low:high].decode("utf-8", "surrogateescape"),
                    expand=quotes[0] == quotes[1],
                    strip_tabs=strip_tabs,
                    span=Span(low, high, begin + 1, max(end, begin + 1)),
                    file_descriptor=int(match.group(1)[:9] or 0),
                )
            )
            self._next = end + 1
        return tuple(found), None

    def _terminator(self, delimiter: str, strip_tabs: bool, begin: int) -> int | None:
        """Index of the line that closes a here-document; the lines are indexed once, so this stays linear."""
        index = self._terminators.get(strip_tabs)
        if index is None:
            index = {}
            for number, raw in enumerate(self.lines):
                line = raw.rstrip(b"\r")
                index.setdefault(line.lstrip(b"\t") if strip_tabs else line, []).append(number)
            self._terminators[strip_tabs] = index
        places = index.get(delimiter.encode("utf-8", "surrogateescape"), [])
        at = bisect_left(places, begin)
        return places[at] if at < len(places) else None

    # -- the whole -----------------------------------------------------------------------------

    def _finish(self) -> Dockerfile:
        preamble: list[Instruction] = []
        stages: list[tuple[Instruction, list[Instruction]]] = []
        for position, instruction in enumerate(self.instructions):
            if instruction.keyword == "FROM":
                stages.append((instruction, []))
            elif stages:
                stages[-1][1].append(instruction)
            else:
                if (
                    instruction.keyword != "ARG"
                    and instruction.keyword in KEYWORDS
                    and instruction.problem is None
                ):
                    problem = f"{instruction.keyword} stands before the first FROM"
                    instruction = _with(instruction, problem=problem)
                    self.instructions[position] = instruction
                    self.problems.append(Problem(problem, instruction.line, "builder"))
                preamble.append(instruction)
        if self.instructions and not stages:
            self.problems.append(
                Problem("there is no FROM in this file", self.instructions[0].line, "builder")
            )
        first_newline = self.data.find(b"\n")
        crlf = first_newline > 0 and self.data[first_newline - 1] == 0x0D
        self.problems.sort(key=lambda problem: problem.line)
        return Dockerfile(
            name=self.name,
            data=self.data,
            escape=self.escape,
            directives=tuple(self.directives),
            comments=tuple(self.comments),
            instructions=tuple(self.instructions),
            preamble=tuple(preamble),
            stages=tuple(
                Stage(
                    index=index,
                    base=from_.words[0].text if from_.words else "",
                    name=from_.words[2].text
                    if len(from_.words) > 2 and from_.words[1].text.lower() == "as"
                    else None,
                    platform=from_.flag("platform"),
                    from_=from_,
                    instructions=tuple(body),
                )
                for index, (from_, body) in enumerate(stages)
            ),
            problems=tuple(self.problems),
            newline="\r\n" if crlf else "\n",
            _line_starts=tuple(self.starts),
        )


def _with(instruction: Instruction, **changes: Any) -> Instruction:
    # dataclasses.replace, without its look at every field: this runs once or twice an instruction
    new = object.__new__(Instruction)
    for name in Instruction.__slots__:
        object.__setattr__(new, name, changes[name] if name in changes else getattr(instruction, name))
    return new


class _Builder:
    """Takes one logical line apart."""

    def __init__(
        self, text: str, offsets: Offsets, line: int, line_starts: tuple[int, ...], escape: str
    ) -> None:
        self.text = text
        self.offsets = offsets
        self.line = line
        self.line_starts = line_starts
        self.escape = escape
        self.problem: str | None = None

    def span(self, start: int, stop: int) -> Span:
        first, last = self.offsets.range(start, stop)
        starts = self.line_starts
        if not starts:
            return Span(first, last, self.line, self.line)
        index = bisect_right(starts, first)
        if last <= first or index == len(starts) or last <= starts[index]:
            return Span(first, last, self.line + index, self.line + index)
        return Span(first, last, self.line + index, self.line + bisect_right(starts, last - 1))

    def build(self, start: int, stop: int, depth: int) -> Instruction:
        """The instruction in ``text[start:stop]``, which has no blanks at its ends."""
        text = self.text
        blank = _BLANK_RUN.search(text, start, stop)
        word_end = blank.start() if blank else stop
        keyword = text[start:word_end].upper()
        flags: tuple[Flag, ...] = ()
        begin = blank.end() if blank else stop
        # BuildKit looks for flags byte by byte, so it sees no blank but ASCII's here
        while begin < stop and text[begin] in _ASCII_SPACES:
            begin += 1
        if text.startswith("--", begin, stop):
            flags, begin = self._flags(begin, stop)
        while begin < stop and text[begin] in SPACES:
            begin += 1
        words: tuple[Word, ...] = ()
        pairs: tuple[tuple[Word, Word | None], ...] = ()
        exec_form = legacy = False
        trigger: Instruction | None = None
        try:
            if keyword in _PAIRS:
                pairs, legacy = self._pairs(begin, stop, keyword)
                words = tuple(word for pair in pairs for word in pair if word is not None)
            elif keyword == "ARG":
                words = tuple(self._shell_words(begin, stop))
                pairs = tuple(
                    self._pair(word.text, *place) for word, place in zip(words, self._places, strict=True)
                )
            elif keyword in _JSON_OR_TEXT or keyword in _JSON_OR_WORDS:
                decoded = self._json(begin, stop)
                if decoded is not None:
                    words, exec_form = decoded, True
                elif keyword in _JSON_OR_WORDS:
                    words = self._blank_separated(begin, stop)
            elif keyword in _BLANK_SEPARATED:
                words = self._blank_separated(begin, stop)
            elif keyword in _ONE_STRING:
                if begin < stop:
                    words = (Word(text[begin:stop], self.span(begin, stop)),)
            elif keyword == "HEALTHCHECK":
                words, exec_form = self._healthcheck(begin, stop)
            elif keyword == "ONBUILD" and begin < stop and depth < _MAX_TRIGGERS:
                trigger = self.build(begin, stop, depth + 1)
        except _Refused as refused:
            if self.problem is None:
                self.problem = str(refused)
            if keyword in _JSON_OR_WORDS:
                words = self._blank_separated(begin, stop)
        return Instruction(
            keyword=keyword,
            span=self.span(start, stop),
            flags=flags,
            body=text[begin:stop],
            offsets=self.offsets.part(begin, stop),
            words=words,
            pairs=pairs,
            exec_form=exec_form,
            trigger=trigger,
            legacy=legacy,
            line_starts=self.line_starts if depth == 0 else self._later_starts(start),
        )

    def _later_starts(self, start: int) -> tuple[int, ...]:
        offset = self.offsets.at(start)
        return tuple(each for each in self.line_starts if each > offset)

    def _flags(self, begin: int, stop: int) -> tuple[tuple[Flag, ...], int]:
        """Leading words that start with ``--``, quotes and escapes undone; where the rest begins."""
        text, escape = self.text, self.escape
        flags: list[Flag] = []
        at = begin
        while True:
            while at < stop and text[at] in _ASCII_SPACES:
                at += 1
            if not text.startswith("--", at, stop):
                return tuple(flags), at
            start = at
            out: list[str] = []
            quote = ""
            while at < stop:
                char = text[at]
                if not quote and char in _ASCII_SPACES:
                    break
                at += 1
                if char == quote:
                    quote = ""
                    continue
                if not quote and char in "'\"":
                    quote = char
                    continue
                if char == escape:
                    if at >= stop:
                        continue
                    char = text[at]
                    at += 1
                # BuildKit takes a flag byte by byte and each byte for a character
                out.append(
                    char if char < "\x80" else char.encode("utf-8", "surrogateescape").decode("latin-1")
                )
            word = "".join(out)
            if word == "--":
                return tuple(flags), at
            name, equals, value = word[2:].partition("=")
            flags.append(Flag(name, value if equals else None, self.span(start, at)))

    # -- arguments -----------------------------------------------------------------------------

    def _blank_separated(self, begin: int, stop: int) -> tuple[Word, ...]:
        words: list[Word] = []
        at = begin
        while at < stop:
            blank = _BLANK_RUN.search(self.text, at, stop)
            end = blank.start() if blank else stop
            words.append(Word(self.text[at:end], self.span(at, end)))
            at = blank.end() if blank else stop
        return tuple(words)

    def _shell_words(self, begin: int, stop: int) -> list[Word]:
        words: list[Word] = []
        self._places: list[tuple[int, int]] = []
        text = self.text[begin:stop]
        plain = self.escape not in text and "'" not in text and '"' not in text
        for match in (_PLAIN_WORD if plain else _WORD[self.escape]).finditer(text):
            start, end = begin + match.start(), begin + match.end()
            word = match.group()
            if end == stop and word.endswith(self.escape) and self._dangling(word):
                word = word[:-1]
                end -= 1
                if not word:
                    continue
            words.append(Word(word, self.span(start, end)))
            self._places.append((start, end))
        return words

    def _dangling(self, word: str) -> bool:
        """Whether the escape character at the word's end escapes nothing (outside single quotes)."""
        quote = ""
        at = 0
        while at < len(word):
            char = word[at]
            if char == self.escape and quote != "'":
                if at + 1 == len(word):
                    return True
                at += 2
                continue
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            at += 1
        return False

    def _pair(self, word: str, start: int, end: int) -> tuple[Word, Word | None]:
        name, equals, value = word.partition("=")
        cut = start + len(name)
        if not equals:
            return Word(name, self.span(start, end)), None
        return Word(name, self.span(start, cut)), Word(value, self.span(cut + 1, max(end, cut + 1)))

    def _pairs(
        self, begin: int, stop: int, keyword: str
    ) -> tuple[tuple[tuple[Word, Word | None], ...], bool]:
        words = self._shell_words(begin, stop)
        if not words:
            return (), False
        if "=" not in words[0].text:
            blank = _BLANK_RUN.search(self.text, begin, stop)
            if blank is None:
                self.problem = self.problem or f"{keyword} must have two arguments"
                return (
                    (Word(self.text[begin:stop], self.span(begin, stop)), Word("", self.span(stop, stop))),
                ), True
            name = Word(self.text[begin : blank.start()], self.span(begin, blank.start()))
            return ((name, Word(self.text[blank.end() : stop], self.span(blank.end(), stop))),), True
        pairs: list[tuple[Word, Word | None]] = []
        for word, (start, end) in zip(words, self._places, strict=True):
            if "=" not in word.text:
                self.problem = (
                    self.problem or f"{keyword} has {word.text} without =, where name=value is wanted"
                )
                continue
            pairs.append(self._pair(word.text, start, end))
        return tuple(pairs), False

    def _healthcheck(self, begin: int, stop: int) -> tuple[tuple[Word, ...], bool]:
        end = begin
        while end < stop and self.text[end] not in _ASCII_SPACES:
            end += 1
        if end == begin:
            return (), False
        kind = Word(self.text[begin:end], self.span(begin, end))
        at = end
        while at < stop and self.text[at] in _ASCII_SPACES:
            at += 1
        try:
            decoded = self._json(at, stop)
        except _Refused as refused:
            self.problem = self.problem or str(refused)
            return (kind,), False
        return ((kind, *decoded), True) if decoded is not None else ((kind,), False)

    def _json(self, begin: int, stop: int) -> tuple[Word, ...] | None:
        """The strings of a JSON list, None where it is none (then it is the shell form)."""
        while begin < stop and self.text[begin] in SPACES:
            begin += 1
        if not self.text.startswith("[", begin, stop):
            return None
        text = self.text[begin:stop]
        try:
            values = json.loads(text, parse_constant=no_constant, parse_int=finite, parse_float=finite)
        except ValueError:
            return None
        except RecursionError:
            values = [[]]
        if not all(isinstance(value, str) for value in values):
            raise _Refused("a list in JSON form must hold strings only")
        words: list[Word] = []
        for value, match in zip(values, _JSON_STRING.finditer(text), strict=True):
            span = self.span(begin + match.start(), begin + match.end())
            words.append(Word(_SURROGATE.sub("\ufffd", value), span))
        return tuple(words)


# -- what the builder refuses after parsing --------------------------------------------------------


def _refusal(instruction: Instruction) -> str | None:
    """Why BuildKit's builder refuses an instruction that its parser took; None when it does not."""
    keyword = instruction.keyword
    if keyword not in KEYWORDS:
        return f"{keyword} is no instruction" if keyword else "this line has no instruction"
    check = _CHECKS.get(keyword)
    message = check(instruction) if check is not None else None
    if message is None and keyword not in _IGNORES_FLAGS:
        message = _flag_refusal(instruction)
    if message is None and keyword in ("ADD", "COPY") and _names_heredoc(instruction.words[-1].text):
        message = f"the destination of {keyword} cannot be a here-document"
    return message


def _names_heredoc(word: str) -> bool:
    match = _HEREDOC.match(word)
    if match is None or not match.group(3):
        return False
    names = Lexer("\\").split(match.group(3))
    return names is not None and len(names) == 1


def _flag_refusal(instruction: Instruction) -> str | None:
    known = _FLAGS.get(instruction.keyword, {})
    seen: set[str] = set()
    for flag in instruction.flags:
        kind = known.get(flag.name)
        if kind is None:
            return f"{instruction.keyword} has no flag --{flag.name}"
        if flag.name in seen and kind != "*":
            return f"--{flag.name} stands here twice"
        seen.add(flag.name)
        if kind == "b":
            if flag.value == "" or (flag.value or "true").lower() not in ("true", "false"):
                return f"--{flag.name} is true or false"
        elif flag.value is None:
            return f"--{flag.name} wants a value"
    return None


def _check_from(instruction: Instruction) -> str | None:
    words = instruction.values
    if len(words) == 3 and words[1].lower() == "as":
        if not _STAGE_NAME.match(words[2].lower()):
            return f"{words[2]} cannot be the name of a stage"
        return None
    return None if len(words) == 1 else "FROM takes an image, or an image AS a name"


def _check_pairs(instruction: Instruction) -> str | None:
    if not instruction.pairs:
        return f"{instruction.keyword} wants at least one argument"
    if any(not name.text for name, _ in instruction.pairs):
        return f"a name of {instruction.keyword} is empty"
    return None


def _check_one(instruction: Instruction) -> str | None:
    return None if len(instruction.words) == 1 else f"{instruction.keyword} wants an argument"


def _check_some(instruction: Instruction) -> str | None:
    if not instruction.words:
        return f"{instruction.keyword} wants at least one argument"
    if instruction.keyword == "VOLUME" and any(not word.text.strip(SPACES) for word in instruction.words):
        return "the directory of VOLUME is empty"
    return None


def _check_copy(instruction: Instruction) -> str | None:
    return None if len(instruction.words) > 1 else f"{instruction.keyword} wants a source and a destination"


def _check_shell(instruction: Instruction) -> str | None:
    if not instruction.exec_form:
        return (
            "SHELL wants its arguments as a JSON list"
            if instruction.body
            else "SHELL wants at least one argument"
        )
    return None if instruction.words else "SHELL wants at least one argument"


def _check_healthcheck(instruction: Instruction) -> str | None:
    if not instruction.words:
        return "HEALTHCHECK wants CMD or NONE"
    kind = instruction.words[0].text.upper()
    rest = instruction.body[len(instruction.words[0].text) :].strip(SPACES)
    if kind == "NONE":
        return "HEALTHCHECK NONE takes no arguments" if rest and not _empty_list(instruction) else None
    if kind != "CMD":
        return f"HEALTHCHECK wants CMD or NONE, not {instruction.words[0].text}"
    return "HEALTHCHECK CMD wants a command" if not rest or _empty_list(instruction) else None


def _empty_list(instruction: Instruction) -> bool:
    return instruction.exec_form and len(instruction.words) == 1


def _check_onbuild(instruction: Instruction) -> str | None:
    if instruction.trigger is None:
        return "ONBUILD wants an instruction"
    if instruction.trigger.keyword in ("ONBUILD", "MAINTAINER", "FROM"):
        return f"ONBUILD cannot carry {instruction.trigger.keyword}"
    return None


_CHECKS: dict[str, Callable[[Instruction], str | None]] = {
    "FROM": _check_from,
    "ENV": _check_pairs,
    "LABEL": _check_pairs,
    "ARG": _check_pairs,
    "MAINTAINER": _check_one,
    "WORKDIR": _check_one,
    "USER": _check_one,
    "STOPSIGNAL": _check_one,
    "EXPOSE": _check_some,
    "VOLUME": _check_some,
    "ADD": _check_copy,
    "COPY": _check_copy,
    "SHELL": _check_shell,
    "HEALTHCHECK": _check_healthcheck,
    "ONBUILD": _check_onbuild,
}
