"""What a Dockerfile is made of, with the place of each part in the bytes of the file.

Offsets are byte offsets into :attr:`Dockerfile.data`, half open; lines count from 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Literal, overload

from contrib.values.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``[start, end)`` of the file, and the lines they stand on (inclusive)."""

    start: int
    end: int
    line: int
    end_line: int


_range = range


class Offsets(Sequence[int]):
    """For each character of a text its byte offset in the file, and one more for the end.

    Kept as runs of characters of the same width that stand side by side in the file, so a body of a
    megabyte costs a few numbers a line. ``offsets[i]`` is where character ``i`` starts,
    ``offsets.end(i)`` where character ``i - 1`` ends: they differ where a continuation was taken out.
    """

    __slots__ = ("_bytes", "_length", "_shift", "_starts", "_widths")

    def __init__(
        self,
        starts: Sequence[int] = (0,),
        offsets: Sequence[int] = (0,),
        widths: Sequence[int] = (1,),
        length: int = 0,
        shift: int = 0,
    ) -> None:
        self._starts = starts
        self._bytes = offsets
        self._widths = widths
        self._length = length
        self._shift = shift

    def __len__(self) -> int:
        return self._length + 1

    def at(self, index: int) -> int:
        """Byte offset of character ``index``; for the text's length, the end of the last character."""
        if index >= self._length:
            return self.end(self._length)
        index += self._shift
        run = bisect_right(self._starts, index) - 1
        return self._bytes[run] + (index - self._starts[run]) * self._widths[run]

    def end(self, index: int) -> int:
        """Byte offset just after character ``index - 1`` (for 0 that of the first character)."""
        if index <= 0 and self._length:
            return self.at(0)
        index += self._shift
        run = max(bisect_right(self._starts, index - 1) - 1, 0)
        return self._bytes[run] + (index - self._starts[run]) * self._widths[run]

    def range(self, start: int, stop: int) -> tuple[int, int]:
        """Where ``text[start:stop]`` begins and ends; an empty piece begins and ends at ``start``."""
        if stop <= start:
            place = self.at(start)
            return place, place
        low = start + self._shift
        run = bisect_right(self._starts, low) - 1
        begin = self._starts[run]
        first = self._bytes[run] + (low - begin) * self._widths[run]
        high = stop + self._shift
        if run + 1 < len(self._starts) and high > self._starts[run + 1]:
            run = bisect_right(self._starts, high - 1) - 1
            begin = self._starts[run]
        return first, self._bytes[run] + (high - begin) * self._widths[run]

    def part(self, start: int, stop: int) -> Offsets:
        """The offsets of ``text[start:stop]``."""
        return Offsets(self._starts, self._bytes, self._widths, max(stop - start, 0), self._shift + start)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[int, ...]: ...
    def __getitem__(self, index: int | slice) -> int | tuple[int, ...]:
        if isinstance(index, slice):
            return tuple(self.at(i) for i in _range(*index.indices(self._length + 1)))
        if index < 0:
            index += self._length + 1
        if not 0 <= index <= self._length:
            raise IndexError(index)
        return self.at(index)

    def __iter__(self) -> Iterator[int]:
        return (self.at(i) for i in _range(self._length + 1))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Offsets):
            return NotImplemented
        return self._length == other._length and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash((self._length, self.at(0)))

    def __repr__(self) -> str:
        return f"Offsets({self.at(0)}..{self.at(self._length)})"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment line, its ``#`` and text as written, without the newline."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Directive:
    """A parser directive of the head (``escape``, ``syntax``, ``check``)."""

    name: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Flag:
    """``--name=value`` before an instruction's arguments; ``value`` is None for ``--name``."""

    name: str
    value: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A here-document: ``<<EOF`` / ``<<-EOF`` / ``<<"EOF"``.

    :param content: its lines as written, newlines and leading tabs included.
    :param expand: no part of the delimiter was quoted.
    :param strip_tabs: ``<<-``: the builder takes the leading tabs of each line off (:attr:`text`).
    :param span: the content's bytes (empty where there is none).
    """

    delimiter: str
    content: str
    expand: bool
    strip_tabs: bool
    span: Span
    file_descriptor: int = 0

    @property
    def text(self) -> str:
        """The content as the builder passes it on."""
        if not self.strip_tabs:
            return self.content
        return "".join(line.lstrip("\t") for line in self.content.splitlines(keepends=True))


@dataclass(frozen=True, slots=True)
class Word:
    """One argument of an instruction: ``text`` as written (quotes kept), and where."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction.

    :param keyword: upper case, whatever the file has.
    :param span: from the keyword to the end of the last line, its newline left out (a here-document's last line included).
    :param flags: builder flags, in order.
    :param body: logical text after keyword and flags, as BuildKit sees it: continuation
        characters, newlines and comment lines inside are gone.
    :param offsets: for each character of ``body`` its byte offset in the file, and one more for the end.
    :param words: arguments for instructions that take words (FROM, ENV, ARG, COPY, ADD, EXPOSE, USER,
        WORKDIR, VOLUME, LABEL, STOPSIGNAL …). ENV and LABEL give name, value, name, value ….
        For a JSON form the decoded strings. Empty for a shell-form RUN, CMD, ENTRYPOINT, SHELL;
        HEALTHCHECK gives its type (``CMD``, ``NONE``), then in exec form the decoded strings.
    :param pairs: for ENV, LABEL and ARG the names with their values (None for ``ARG NAME``).
    :param exec_form: arguments were a JSON list of strings.
    :param heredocs: in order.
    :param comments: comment lines that stand inside the instruction.
    :param trigger: the instruction that ONBUILD carries.
    :param legacy: ENV or LABEL written ``NAME value`` without ``=``.
    :param problem: why BuildKit refuses the instruction, a sentence; None when it does not.
        What could be read is there all the same: ``ENV NAME`` gives the name and an empty value.
    """

    keyword: str
    span: Span
    flags: tuple[Flag, ...] = ()
    body: str = ""
    offsets: Offsets = field(default_factory=Offsets)
    words: tuple[Word, ...] = ()
    pairs: tuple[tuple[Word, Word | None], ...] = ()
    exec_form: bool = False
    heredocs: tuple[Heredoc, ...] = ()
    comments: tuple[Comment, ...] = ()
    trigger: Instruction | None = None
    legacy: bool = False
    problem: str | None = None
    line_starts: tuple[int, ...] = field(default=(), repr=False, compare=False)
    """Byte offsets at which the lines after the first start."""

    @property
    def line(self) -> int:
        """First line."""
        return self.span.line

    @property
    def end_line(self) -> int:
        """Last line."""
        return self.span.end_line

    def flag(self, name: str) -> str | None:
        """Value of the last flag of that name ("" when it has none), None when it is not there."""
        for flag in reversed(self.flags):
            if flag.name == name:
                return flag.value if flag.value is not None else ""
        return None

    def span_of(self, start: int, stop: int) -> Span:
        """The bytes of ``body[start:stop]``; its lines are those of the first and last character."""
        first, last = self.offsets.range(start, stop)
        return Span(first, last, self.line_at(first), self.line_at(max(last - 1, first)))

    def line_at(self, offset: int) -> int:
        """Line (from 1) of the byte at ``offset``, which lies in this instruction."""
        return self.span.line + bisect_right(self.line_starts, offset)

    @property
    def values(self) -> tuple[str, ...]:
        """The words' texts."""
        return tuple(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Stage:
    """A build stage.

    :param index: from 0.
    :param base: the image reference as written after FROM (variables not expanded); "" when it is missing.
    :param name: as written after AS, else None.
    :param platform: value of ``--platform``.
    :param instructions: those after FROM, in order.
    """

    index: int
    base: str
    name: str | None
    platform: str | None
    from_: Instruction
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a builder would refuse; reading went on after it.

    :param level: ``parser`` when BuildKit's parser refuses the file, ``builder`` when what comes after
        it does (an unknown instruction, FROM with two words, no stage yet).
    """

    message: str
    line: int
    level: Literal["parser", "builder"] = "parser"


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A file as read. ``data`` is exactly what was given; nothing is lost.

    :param name: how the person named it, for messages.
    :param preamble: instructions before the first FROM (ARG).
    :param instructions: all, in order, FROM included.
    :param comments: those that stand between instructions; those inside are at the instruction.
    """

    name: str
    data: bytes
    escape: str
    directives: tuple[Directive, ...]
    comments: tuple[Comment, ...]
    instructions: tuple[Instruction, ...]
    preamble: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    problems: tuple[Problem, ...] = ()
    newline: str = "\n"
    _line_starts: tuple[int, ...] = field(default=(), repr=False, compare=False)

    @property
    def last_stage(self) -> Stage | None:
        """The stage that becomes the image."""
        return self.stages[-1] if self.stages else None

    def line_of(self, offset: int) -> int:
        """Line (from 1) on which the byte at ``offset`` stands."""
        return bisect_right(self._line_starts, offset)

    def text_of(self, span: Span) -> str:
        """The file's text in ``span``."""
        return self.data[span.start : span.end].decode("utf-8", "surrogateescape")

    def __iter__(self) -> Iterator[Instruction]:
        return iter(self.instructions)
