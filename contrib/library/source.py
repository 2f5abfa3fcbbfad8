"""A library file's lines, fields and paragraphs with their places: lossless, and never refused.

What :mod:`contrib.library.reader` does without positions, this does with them, and it reads on after a
line that the reference refuses (which counts as absent). Editing, rules and messages stand on it.
"""

from __future__ import annotations

from bisect import bisect_right

from contrib.library.reader import BLANKS, is_comment


class Field:
    """One ``Name: value``, with its continuation lines.

    :ivar name: as the reference sees it, trimmed.
    :ivar value: trimmed; with its newlines where it is continued.
    :ivar line: first line, from 1; ``end_line`` the last, inclusive (comment lines inside count).
    :ivar start: byte offset of the first line; ``end`` one past the newline of the last.
    :ivar value_start: byte range of the value itself, blanks around it left out; ``value_end``.
    :ivar name_end: byte offset just after the name as written, before blanks and colon.
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

    def values(self) -> dict[str, str]:
        """Name to value, as the reader has them."""
        return {name: field.value for name, field in self._last.items()}

    def line_of(self, name: str) -> int:
        """Line of a field, else of the first field."""
        field = self.get(name)
        return self.line if field is None else field.line

    def __repr__(self) -> str:
        return f"<Paragraph {self.index} lines {self.line}-{self.end_line}>"


class Source:
    """The file in lines and paragraphs.

    :ivar lines: each without its LF (a CR before it is still there).
    :ivar starts: byte offset of each line, and one more for the end of the file.
    :ivar bad: numbers of the lines that hold no colon.
    :ivar stray: numbers of the continuation lines that continue nothing.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.lines: list[str] = []
        self.starts: list[int] = []
        self.paragraphs: list[Paragraph] = []
        self.bad: list[int] = []
        self.stray: list[int] = []
        self._read()

    def line_at(self, offset: int) -> int:
        """Line (from 1) of a byte."""
        return min(bisect_right(self.starts, offset), max(len(self.lines), 1))

    def _read(self) -> None:
        raw = self.data.split(b"\n")
        if not raw[-1]:
            raw.pop()
        offset = 0
        current: Paragraph | None = None
        field: Field | None = None
        parts: list[str] = []
        block_line, block_start = 1, 0  # where the present run of lines that are not blank began
        number = 0
        for bytes_ in raw:
            number += 1
            line = bytes_.decode("utf-8", "surrogateescape")
            self.lines.append(line)
            self.starts.append(offset)
            start = offset
            offset += len(bytes_) + 1
            end = min(offset, len(self.data))
            if not line or line == "\r":
                if current is not None:
                    self._close(field, parts)
                    current = field = None
                block_line, block_start = number + 1, offset
                continue
            if is_comment(line):
                if current is not None:
                    current.end, current.end_line = end, number
                continue
            if line[0] in " \t":
                if field is None or current is None:
                    self.stray.append(number)
                    continue
                text = line[1:].rstrip(BLANKS)
                parts.append("" if text == "." else text)
                field.end, field.end_line = end, number
                kept = line.rstrip(BLANKS)
                if kept:
                    if field.value_start == field.value_end:
                        # A value that begins on a continuation line starts there.
                        field.value_start = start + _length(line[: len(line) - len(line.lstrip(BLANKS))])
                    field.value_end = start + _length(kept)
                current.end, current.end_line = end, number
                continue
            name, colon, value = line.partition(":")
            if not colon:
                self.bad.append(number)
                if current is not None:
                    current.end, current.end_line = end, number
                continue
            self._close(field, parts)
            if current is None:
                current = Paragraph(len(self.paragraphs), number, block_start)
                self.paragraphs.append(current)
            field = Field(name.strip(BLANKS), number, start)
            field.end = current.end = end
            current.end_line = number
            field.name_end = start + _length(name.rstrip(BLANKS))
            field.colon = start + _length(name)
            trimmed = value.strip(BLANKS)
            lead = len(value) - len(value.lstrip(BLANKS)) if trimmed else 0
            field.value_start = field.colon + 1 + _length(value[:lead])
            field.value_end = field.value_start + _length(trimmed)
            parts = [trimmed]
            current.fields.append(field)
            current._last[field.name] = field
        self._close(field, parts)
        self.starts.append(len(self.data))
        del block_line

    @staticmethod
    def _close(field: Field | None, parts: list[str]) -> None:
        if field is None:
            return
        if len(parts) == 1:
            field.value = parts[0]
        else:
            # An empty first line leaves no newline of its own; each line after it ends in one.
            first = [parts[0]] if parts[0] else []
            field.value = "\n".join([*first, *parts[1:]]) + "\n"


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))
