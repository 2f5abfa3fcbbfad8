"""The code that a finding is about, with carets below it, for terminals."""

from __future__ import annotations

from collections.abc import Sequence

from contrib.values.findings import Finding

#: Lines of code that one finding shows.
MOST = 4
_TAB = 4


def excerpt(lines: Sequence[str], finding: Finding, *, width: int = 80, indent: int = 7) -> list[str]:
    """The finding's lines with their numbers, and carets below the part that it is about.

    :param lines: the file's lines, without line ends.
    :param width: columns of the terminal; a long line is cut to the part with the finding.

    >>> from contrib.values.findings import Severity
    >>> found = Finding("r", Severity.NOTE, "f", 1, "m", column=5, end_column=8)
    >>> print("\\n".join(excerpt(["RUN abc"], found, indent=0)))
    1 | RUN abc
      |     ^^^
    """
    if finding.line is None or not 1 <= finding.line <= len(lines):
        return []
    first = finding.line
    last = min(max(finding.end_line or first, first), len(lines))
    shown = range(first, min(last, first + MOST - 1) + 1)
    gutter = len(str(shown[-1]))
    room = max(20, width - indent - gutter - 3)
    pad = " " * indent
    out = []
    for number in shown:
        text = lines[number - 1]
        start, end = _span(finding, number, last, text)
        shown_text, before, marked = _window(text, start, end, room)
        out.append(f"{pad}{number:>{gutter}} | {shown_text}".rstrip())
        if marked and (finding.column is not None or first != last):
            out.append(f"{pad}{'':>{gutter}} | {' ' * before}{'^' * marked}")
    if last > shown[-1]:
        out.append(f"{pad}{'':>{gutter}} | … {last - shown[-1]} more lines")
    if finding.column is None and first != last:
        # the whole lines are meant: carets below each of them say nothing
        out = [line for line in out if not line.rstrip().endswith("^")]
    return out


def _span(finding: Finding, number: int, last: int, text: str) -> tuple[int, int]:
    """Characters ``[start, end)`` of the line that the finding covers."""
    start = finding.column - 1 if finding.column is not None and number == finding.line else 0
    if number != finding.line or finding.column is None:
        start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    if finding.end_column is not None and number == last:
        end = finding.end_column - 1
    start = min(max(start, 0), len(text))
    return start, max(start, min(end, len(text)))


def _window(text: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """The part of a line that is shown, columns before the carets, and their number."""
    left = 0
    if _columns(text) > room:
        # keep a third of the room before the place
        left = max(0, start - room // 3)
    cut = "…" if left else ""
    shown = cut + _spelled(text[left:])
    before = _columns(text[left:start]) + len(cut)
    marked = max(1, _columns(text[start:end]))
    if _width(shown) > room:
        shown = _cropped(shown, room - 1) + "…"
    before = min(before, room - 1)
    marked = max(1, min(marked, room - before))
    return shown, before, marked


def _spelled(text: str) -> str:
    return "".join(
        " " * _TAB
        if char == "\t"
        else char
        if char.isprintable()
        else char.encode("unicode_escape", "surrogatepass").decode()
        for char in text
    )


def _columns(text: str) -> int:
    return _width(_spelled(text))


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _cropped(text: str, room: int) -> str:
    from rich.cells import set_cell_size

    return set_cell_size(text, room)
