"""Lines that a change touched, and findings put on them: GitHub shows an annotation inline on such lines only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contrib.values.differing import opcodes
from contrib.values.findings import Finding


def changed_lines(before: bytes | None, after: bytes) -> list[int]:
    """Numbers of the lines that are new or differ; where lines are gone, the line after them.

    >>> changed_lines(b"a\\nb\\nc\\n", b"a\\nB\\nc\\n"), changed_lines(b"a\\nb\\n", b"a\\n"), changed_lines(None, b"x")
    ([2], [2], [1])
    """
    now = after.split(b"\n")
    if before is None:
        return list(range(1, len(now) + 1))
    found: set[int] = set()
    for _, _, _, start, end in opcodes(before.split(b"\n"), now):
        found.update(range(start + 1, end + 1) if end > start else [min(start + 1, len(now))])
    return sorted(found)


def on_changed(finding: Finding, lines: Sequence[int]) -> Finding:
    """The finding on a changed line: where it has none of them, on the nearest."""
    line = finding.line or 1
    last = finding.end_line or line
    if not lines or any(line <= each <= last for each in lines):
        return finding
    near = min(lines, key=lambda each: abs(each - line))
    return replace(finding, line=near, end_line=near, column=None, end_column=None, fix=None)
