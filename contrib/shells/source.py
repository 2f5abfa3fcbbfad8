"""A text that a shell reads, with the place of each character in the Dockerfile's bytes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from contrib.dockerfile.model import Instruction, Offsets, Span


class Source:
    """``text`` and where its characters stand. Parts of it and texts made of it are sources again."""

    __slots__ = ("_first_line", "_line_starts", "offsets", "text")

    def __init__(self, text: str, offsets: Offsets, first_line: int, line_starts: tuple[int, ...]) -> None:
        self.text = text
        self.offsets = offsets
        self._first_line = first_line
        self._line_starts = line_starts

    @classmethod
    def of_body(cls, instruction: Instruction, start: int = 0) -> Source:
        """An instruction's body from character ``start`` on."""
        text = instruction.body[start:]
        return cls(
            text,
            instruction.offsets.part(start, start + len(text)),
            instruction.span.line,
            instruction.line_starts,
        )

    def span(self, start: int, stop: int) -> Span:
        """The bytes of ``text[start:stop]`` and their lines."""
        first, last = self.offsets.range(start, stop)
        starts = self._line_starts
        if not starts:
            return Span(first, last, self._first_line, self._first_line)
        index = bisect_right(starts, first)
        low = self._first_line + index
        if last <= first or index == len(starts) or last <= starts[index]:
            return Span(first, last, low, low)
        return Span(first, last, low, self._first_line + bisect_right(starts, last - 1))

    def part(self, start: int, stop: int) -> Source:
        """``text[start:stop]`` as a source of its own."""
        return Source(
            self.text[start:stop], self.offsets.part(start, stop), self._first_line, self._line_starts
        )

    def rebuilt(self, pieces: Iterable[tuple[str, int, int]]) -> Source:
        """A text made of pieces of this one.

        :param pieces: (text, start, stop): ``text`` stands for ``self.text[start:stop]``; where both have the
            same length, character for character, else each character for the whole.
        """
        out: list[str] = []
        starts: list[int] = []
        offsets: list[int] = []
        widths: list[int] = []
        length = 0
        for text, start, stop in pieces:
            alike = len(text) == stop - start
            for index in range(len(text)):
                if alike:
                    first, last = self.offsets.at(start + index), self.offsets.end(start + index + 1)
                else:
                    first = self.offsets.at(start)
                    last = self.offsets.end(stop) if stop > start else first
                width = last - first
                if (
                    not starts
                    or widths[-1] != width
                    or offsets[-1] + (length - starts[-1]) * widths[-1] != first
                ):
                    starts.append(length)
                    offsets.append(first)
                    widths.append(width)
                length += 1
            out.append(text)
        if not starts:
            place = self.offsets.at(0)
            starts, offsets, widths = [0], [place], [1]
        return Source(
            "".join(out), Offsets(starts, offsets, widths, length), self._first_line, self._line_starts
        )
