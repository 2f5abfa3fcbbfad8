"""The values that rules give and reports print. Knows nothing of the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any


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

    Lines count from 1; ``end_line`` is the last line, inclusive. ``accepted`` is the reason
    written in the image's ``[[accept]]`` table; an accepted finding is shown and not counted.
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
            "message": self.message,
            "evidence": self.evidence[0].url if self.evidence else None,
            "fixable": self.fixable,
        }
        if self.accepted is not None:
            shape["accepted"] = self.accepted
        return shape


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
