"""The one reading of a library file's text: lines, fields and paragraphs, lossless, and never refused.

What bashbrew reads (``pault.ag/go/debian/control``): paragraphs of ``Name: value`` with continuation lines; a
line that is neither counts as absent here, and :mod:`contrib.library.reader` refuses the file for it. Values come
out of one pass; places (:class:`Field`, :class:`Paragraph`) are worked out when they are asked for, from the same
marks, so that reading a file without looking at places costs next to nothing.

Text is decoded as UTF-8 with ``surrogateescape``, so bytes that are not pass through unharmed.
"""

from __future__ import annotations

from bisect import bisect_right

#: What Go's ``unicode.IsSpace`` holds for whitespace; ``str.strip()`` would also take U+001C to U+001F.
BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def is_comment(line: str) -> bool:
    """Whether the line is deleted before anything else."""
    return line.lstrip(BLANKS)[:1] == "#"


class Block:
    """A paragraph as one pass leaves it.

    :ivar values: fields by name, trimmed; the last of equal names wins.
    :ivar marks: (name, place of its line in the file) of every field, in order.
    """

    __slots__ = ("marks", "values")

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.marks: list[tuple[str, int]] = []

    def line_of(self, name: str) -> int:
        """Line (from 1) of the field of that name that counts, else of the first field."""
        for marked, place in reversed(self.marks):
            if marked == name:
                return place + 1
        return self.marks[0][1] + 1


class Source:
    """The file in lines and paragraphs.

    :ivar lines: each without its LF (a CR before it is still there).
    :ivar blocks: the paragraphs that have a field; the first is the header.
    :ivar bad: numbers of the lines that hold no colon.
    :ivar stray: numbers of the continuation lines that continue nothing.
    """

    __slots__ = ("_paragraphs", "_starts", "bad", "blocks", "data", "lines", "stray")

    def __init__(self, data: bytes) -> None:
        self.data = data
        lines = data.decode("utf-8", "surrogateescape").split("\n")
        if not lines[-1]:
            lines.pop()  # what follows the last newline is not a line
        self.lines = lines
        self.blocks: list[Block] = []
        self.bad: list[int] = []
        self.stray: list[int] = []
        self._starts: list[int] | None = None
        self._paragraphs: list[Paragraph] | None = None
        self._read()

    def _read(self) -> None:
        block = Block()
        values, marks = block.values, block.marks
        continued: dict[str, list[str]] = {}
        last = ""
        blanks = BLANKS
        for place, line in enumerate(self.lines):
            if not line or line == "\r":
                if values:
                    _join(values, continued)
                    self.blocks.append(block)
                    block = Block()
                    values, marks = block.values, block.marks
                continue
            first = line[0]
            if first == "#" or (first in blanks and line.lstrip(blanks)[:1] == "#"):
                continue
            if first == " " or first == "\t":
                if values:
                    line = line[1:].rstrip(blanks)
                    if last not in continued:
                        value = values[last]
                        continued[last] = [value + "\n"] if value else []
                    continued[last].append("\n" if line == "." else line + "\n")
                else:
                    self.stray.append(place + 1)
                continue
            name, colon, value = line.partition(":")
            if not colon:
                self.bad.append(place + 1)
                continue
            last = name.strip(blanks)
            values[last] = value.strip(blanks)
            marks.append((last, place))
            if continued:
                continued.pop(last, None)
        if values:
            _join(values, continued)
            self.blocks.append(block)

    # -- places ------------------------------------------------------------------------------------

    @property
    def starts(self) -> list[int]:
        """Byte offset of each line, and one more for the end of the file."""
        if self._starts is None:
            found = [0]
            at = self.data.find(b"\n")
            while at >= 0:
                found.append(at + 1)
                at = self.data.find(b"\n", at + 1)
            if found[-1] != len(self.data):
                found.append(len(self.data))
            self._starts = found if self.lines else [0]
        return self._starts

    def line_at(self, offset: int) -> int:
        """Line (from 1) of a byte."""
        return min(bisect_right(self.starts, offset), max(len(self.lines), 1))

    @property
    def paragraphs(self) -> list[Paragraph]:
        """The blocks with their places."""
        if self._paragraphs is None:
            self._paragraphs = [self._paragraph(index, block) for index, block in enumerate(self.blocks)]
        return self._paragraphs

    def _paragraph(self, index: int, block: Block) -> Paragraph:
        lines, starts = self.lines, self.starts
        top = block.marks[0][1]
        while top and lines[top - 1] and lines[top - 1] != "\r":
            top -= 1  # comments that touch it
        bottom = block.marks[-1][1]
        while bottom + 1 < len(lines) and lines[bottom + 1] and lines[bottom + 1] != "\r":
            bottom += 1
        paragraph = Paragraph(index, block.marks[0][1] + 1, starts[top])
        paragraph.end_line = bottom + 1
        paragraph.end = starts[bottom + 1]
        ends = [place for _, place in block.marks[1:]] + [bottom + 1]
        for (name, place), end in zip(block.marks, ends, strict=True):
            field = self._field(name, place, end)
            paragraph.fields.append(field)
            paragraph._last[name] = field
        return paragraph

    def _field(self, name: str, place: int, end: int) -> Field:
        """The field of a mark; ``end`` is the place of the line after its last possible one."""
        starts = self.starts
        start = starts[place]
        written, _, value = self.lines[place].partition(":")
        field = Field(name, place + 1, start)
        field.end = starts[place + 1]
        field.name_end = start + _length(written.rstrip(BLANKS))
        field.colon = start + _length(written)
        trimmed = value.strip(BLANKS)
        lead = len(value) - len(value.lstrip(BLANKS)) if trimmed else 0
        field.value_start = field.colon + 1 + _length(value[:lead])
        field.value_end = field.value_start + _length(trimmed)
        parts = [trimmed + "\n"] if trimmed else []
        continued = False
        for number in range(place + 1, end):
            line = self.lines[number]
            if line[0] not in " \t" or is_comment(line):
                continue  # a comment, or a line that counts as absent
            text = line[1:].rstrip(BLANKS)
            parts.append("\n" if text == "." else text + "\n")
            continued = True
            field.end, field.end_line = starts[number + 1], number + 1
            kept = line.rstrip(BLANKS)
            if kept:
                if field.value_start == field.value_end:
                    # A value that begins on a continuation line starts there.
                    field.value_start = starts[number] + _length(line[: len(line) - len(line.lstrip(BLANKS))])
                field.value_end = starts[number] + _length(kept)
        field.value = "".join(parts) if continued else trimmed
        return field


class Field:
    """One ``Name: value``, with its continuation lines.

    :ivar name: as the reference sees it, trimmed.
    :ivar value: trimmed; with its newlines where it is continued.
    :ivar line: first line, from 1; ``end_line`` the last, inclusive (comment lines inside count).
    :ivar start: byte offset of the first line; ``end`` one past the newline of the last.
    :ivar value_start: byte range of the value itself, whitespace around it left out; ``value_end``.
    :ivar name_end: byte offset just after the name as written, before whitespace and colon.
    :ivar colon: byte offset of the colon.
    """

    __slots__ = (
        "colon",
        "end",
        "end_line",
        "line",
        "name",
        "name_end",
        "start",
        "value",
        "value_end",
        "value_start",
    )

    def __init__(self, name: str, line: int, start: int) -> None:
        self.name = name
        self.value = ""
        self.line = self.end_line = line
        self.start = self.end = self.name_end = self.colon = start
        self.value_start = self.value_end = start

    def __repr__(self) -> str:
        return f"<Field {self.name} line {self.line}>"


class Paragraph:
    """Fields between blank lines.

    :ivar index: 0 is the header; paragraphs without a field have no index of their own and are left out.
    :ivar start: byte offset of its first line (comments that touch it included); ``end`` one past its last.
    """

    __slots__ = ("_last", "end", "end_line", "fields", "index", "line", "start")

    def __init__(self, index: int, line: int, start: int) -> None:
        self.index = index
        self.line = self.end_line = line
        self.start = self.end = start
        self.fields: list[Field] = []
        self._last: dict[str, Field] = {}

    def get(self, name: str) -> Field | None:
        """The field of that name that counts: the last."""
        return self._last.get(name)

    def line_of(self, name: str) -> int:
        """Line of a field, else of the first field."""
        field = self.get(name)
        return self.line if field is None else field.line

    def __repr__(self) -> str:
        return f"<Paragraph {self.index} lines {self.line}-{self.end_line}>"


def _join(fields: dict[str, str], continued: dict[str, list[str]]) -> None:
    """Put the continuation lines to their fields: once, at the end, so that a million of them stay linear."""
    if continued:
        for name, parts in continued.items():
            fields[name] = "".join(parts)
        continued.clear()


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))
