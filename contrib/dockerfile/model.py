"""What a Dockerfile is made of, with the place of each part in the bytes of the file.

Offsets are byte offsets into :attr:`Dockerfile.data`, half open; lines count from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``[start, end)`` of the file, and the lines they stand on (inclusive)."""

    start: int
    end: int
    line: int
    end_line: int


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
    """A here-document: ``<<EOF`` / ``<<-EOF`` / ``<<"EOF"``."""

    delimiter: str
    content: str
    expand: bool
    strip_tabs: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Word:
    """One argument of an instruction: ``text`` as written (quotes kept), and where."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction.

    :param keyword: upper case, whatever the file has.
    :param span: from the keyword to the end of the last line, its newline left out.
    :param flags: builder flags, in order.
    :param body: logical text after keyword and flags, as BuildKit sees it: continuation
        characters, newlines and comment lines inside are gone.
    :param offsets: for each character of ``body`` its byte offset in the file, and one more for the end.
    :param words: arguments for instructions that take words (FROM, ENV, ARG, COPY, ADD, EXPOSE, USER,
        WORKDIR, VOLUME, LABEL, STOPSIGNAL …). ENV and LABEL give name, value, name, value ….
        For a JSON form the decoded strings. Empty for a shell-form RUN, CMD, ENTRYPOINT.
    :param exec_form: arguments were a JSON list of strings.
    :param heredocs: in order.
    :param comments: comment lines that stand inside the instruction.
    :param trigger: the instruction that ONBUILD carries.
    :param legacy: ENV or LABEL written ``NAME value`` without ``=``.
    :param problem: why BuildKit refuses the instruction, a sentence; None when it does not.
    """

    keyword: str
    span: Span
    flags: tuple[Flag, ...] = ()
    body: str = ""
    offsets: tuple[int, ...] = ()
    words: tuple[Word, ...] = ()
    exec_form: bool = False
    heredocs: tuple[Heredoc, ...] = ()
    comments: tuple[Comment, ...] = ()
    trigger: Instruction | None = None
    legacy: bool = False
    problem: str | None = None

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
    """Something that a builder would refuse; reading went on after it."""

    message: str
    line: int


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A file as read. ``data`` is exactly what was given; nothing is lost.

    :param name: how the person named it, for messages.
    :param preamble: instructions before the first FROM (ARG).
    :param instructions: all, in order, FROM included.
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
        from bisect import bisect_right

        return bisect_right(self._line_starts, offset)

    def text_of(self, span: Span) -> str:
        """The file's text in ``span``."""
        return self.data[span.start : span.end].decode("utf-8", "surrogateescape")

    def __iter__(self) -> Iterator[Instruction]:
        return iter(self.instructions)
