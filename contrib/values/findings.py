"""The values that rules give and reports print. Knows nothing of the rest."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from enum import Enum
from itertools import accumulate
from typing import Any

from contrib.values.records import dataclass, field, replace


class Severity(str, Enum):
    """How bad a finding is; ordered, ``error`` highest."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """2 for error, 1 for warning, 0 for note."""
        return {"error": 2, "warning": 1, "note": 0}[self.value]


class Verdict(str, Enum):
    """What a comparison says of one fact (PARITY: Verdicts)."""

    SAME = "same"
    DIFFERENT = "different"
    MISSING = "missing"
    EXTRA = "extra"
    JUSTIFIED = "justified"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a rule or a reason is written down.

    :param label: as the field writes it: ``docker-library/redis#78``, ``owner/repo@commit``, ``faq "HEALTHCHECK"``.
    :param url: the address that the label stands for.
    """

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace bytes ``[start, end)`` of the file as it was read by ``text``."""

    start: int
    end: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Fix:
    """A rewrite that removes the finding.

    :param title: what it does, imperative: "use the full cmdlet name".
    :param edits: non-overlapping, against the bytes of the file as it was read.
    :param safe: true when it may be applied unasked (catalogue: "fix: yes").
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake at one place.

    Lines count from 1; ``end_line`` is the last line, inclusive. Columns count from 1, in characters:
    ``column`` is on ``line``, ``end_column`` on ``end_line``, behind the last character (as in SARIF and
    GitHub's annotations). A rule that knows the exact span gives it; :meth:`Lines.locate` fills in the
    rest. ``accepted`` is the reason written in the image's ``[[accept]]`` table or in a suppression; an
    accepted finding is shown and not counted. ``older`` marks what was there before the change that is
    reviewed.
    """

    rule: str
    severity: Severity
    file: str
    line: int | None
    message: str
    end_line: int | None = None
    evidence: tuple[Evidence, ...] = ()
    fix: Fix | None = None
    accepted: str | None = None
    related: tuple[tuple[str, int, str], ...] = field(default=())  # (file, line, what)
    column: int | None = None
    end_column: int | None = None
    older: bool = False

    @property
    def fixable(self) -> bool:
        """Whether ``--fix`` would mend it."""
        return self.fix is not None and self.fix.safe

    def accept(self, reason: str) -> Finding:
        """The same finding, accepted for ``reason``."""
        return replace(self, accepted=reason)

    def as_json(self) -> dict[str, Any]:
        """The object of DESIGN's ``findings`` list."""
        shape: dict[str, Any] = {
            "rule": self.rule,
            "severity": self.severity.value,
            "file": self.file,
            "line": self.line,
            "end_line": self.end_line if self.end_line is not None else self.line,
            "column": self.column,
            "end_column": self.end_column,
            "message": self.message,
            "evidence": self.evidence[0].url if self.evidence else None,
            "fixable": self.fixable,
        }
        if self.accepted is not None:
            shape["accepted"] = self.accepted
        if self.older:
            shape["older"] = True
        return shape


class Lines:
    """Lines and columns of a file's bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._starts = [0, *accumulate(len(line) + 1 for line in data.split(b"\n")[:-1])]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a byte, both from 1, the column in characters.

        >>> Lines("a\\nbü c".encode()).position(6)
        (2, 4)
        """
        line = bisect_right(self._starts, offset)
        return line, _characters(self._data[self._starts[line - 1] : offset]) + 1

    def text(self, line: int) -> bytes:
        """The bytes of a line without its ending; empty for a line that the file does not have."""
        if not 1 <= line <= len(self._starts):
            return b""
        start = self._starts[line - 1]
        end = self._starts[line] - 1 if line < len(self._starts) else len(self._data)
        return self._data[start:end].removesuffix(b"\r")

    def locate(self, finding: Finding) -> Finding:
        """The finding with columns: its own, else what its fix replaces, else the text of its lines."""
        if finding.line is None or finding.column is not None:
            return finding
        last = finding.end_line if finding.end_line is not None else finding.line
        first_text, last_text = self.text(finding.line), self.text(last)
        column = _characters(first_text) - _characters(first_text.lstrip()) + 1
        end_column = max(_characters(last_text.rstrip()) + 1, 1)
        if last == finding.line:
            places = [
                (self.position(edit.start), self.position(edit.end))
                for edit in (finding.fix.edits if finding.fix is not None else ())
                if edit.end > edit.start
            ]
            inside = [(start[1], end[1]) for start, end in places if start[0] == end[0] == last]
            if inside:
                column, end_column = min(at for at, _ in inside), max(at for _, at in inside)
            end_column = max(end_column, column)
        return replace(finding, column=column, end_column=end_column)


def _characters(data: bytes) -> int:
    return len(data.decode("utf-8", "replace"))


def summary(findings: Iterable[Finding]) -> dict[str, int]:
    """``{"error": n, "warning": n, "note": n}``, accepted findings left out."""
    counts = {severity.value: 0 for severity in Severity}
    for finding in findings:
        if finding.accepted is None:
            counts[finding.severity.value] += 1
    return counts


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """``data`` with the edits made; an edit that overlaps an earlier-starting one is left out.

    >>> apply_edits(b"abc", [Edit(1, 2, b"X")])
    b'aXc'
    """
    out = bytearray()
    position = 0
    for edit in sorted(set(edits), key=lambda e: (e.start, e.end, e.text)):
        if edit.start < position:
            continue
        out += data[position : edit.start]
        out += edit.text
        position = edit.end
    out += data[position:]
    return bytes(out)
