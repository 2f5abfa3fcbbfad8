"""Findings as values: edits and summaries."""

from __future__ import annotations

from contrib.values.findings import Edit, Finding, Severity, apply_edits, summary


def test_edits_are_applied_in_order_and_overlaps_left_out() -> None:
    assert apply_edits(b"abcdef", [Edit(4, 5, b"X"), Edit(0, 1, b""), Edit(4, 6, b"Y")]) == b"bcdXf"


def test_summary_leaves_accepted_findings_out() -> None:
    finding = Finding("r", Severity.ERROR, "f", 1, "m")
    assert summary([finding, finding.accept("because")]) == {"error": 1, "warning": 0, "note": 0}
