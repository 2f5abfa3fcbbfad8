"""Findings as values: edits and summaries."""

from __future__ import annotations

from dataclasses import replace

from contrib.values.findings import Edit, Finding, Fix, Lines, Severity, apply_edits, summary


def test_edits_are_applied_in_order_and_overlaps_left_out() -> None:
    assert apply_edits(b"abcdef", [Edit(4, 5, b"X"), Edit(0, 1, b""), Edit(4, 6, b"Y")]) == b"bcdXf"


def test_summary_leaves_accepted_findings_out() -> None:
    finding = Finding("r", Severity.ERROR, "f", 1, "m")
    assert summary([finding, finding.accept("because")]) == {"error": 1, "warning": 0, "note": 0}


def _at(line: int, end_line: int | None = None, fix: Fix | None = None) -> Finding:
    return Finding("some-rule", Severity.ERROR, "Dockerfile", line, "says so", end_line=end_line, fix=fix)


def test_columns_are_the_text_of_the_lines() -> None:
    lines = Lines("FROM a\n\tRUN grüße \\\r\n  b  \n".encode())
    found = lines.locate(_at(2))
    assert (found.column, found.end_column) == (2, 13)
    found = lines.locate(_at(2, 3))
    assert (found.column, found.end_column) == (2, 4)
    assert lines.locate(_at(9)).column == 1  # a line that the file does not have


def test_columns_are_those_of_the_fix_where_it_replaces_a_word_of_the_line() -> None:
    lines = Lines("FROM a\nRUN ü wget x\n".encode())
    start = "FROM a\nRUN ü ".encode()
    found = lines.locate(_at(2, fix=Fix("use curl", (Edit(len(start), len(start) + 4, b"curl"),))))
    assert (found.column, found.end_column) == (7, 11)
    inserted = lines.locate(_at(2, fix=Fix("add", (Edit(len(start), len(start), b"x"),))))
    assert (inserted.column, inserted.end_column) == (1, 13)


def test_a_rule_s_own_columns_stay() -> None:
    lines = Lines(b"FROM a\n")
    assert lines.locate(replace(_at(1), column=6, end_column=7)).column == 6
