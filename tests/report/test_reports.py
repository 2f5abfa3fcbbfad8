"""The comparison in its forms: golden files of two pairs, and what holds for any.

Refresh with CONTRIB_GOLDEN=1 and read what changed before it is committed.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from contrib.compare import Comparison, ParityRow, compare
from contrib.dockerfile import parse
from contrib.facts import Fact, FactSheet, extract
from contrib.report import jsonform, markdown, text
from contrib.values.findings import Evidence, Finding, Fix, Severity, Verdict

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"


NAME = "4.2/windows/windowsservercore-ltsc2022/Dockerfile"
EVIDENCE = (Evidence("docker-library/redis#78", "https://github.com/docker-library/redis/pull/78"),)
#: Of every kind: with and without line, fix and evidence; several of one rule; accepted.
FINDINGS = (
    Finding(
        "moving-base-tag",
        Severity.ERROR,
        NAME,
        1,
        "`mcr.microsoft.com/windows/servercore` without a tag: name the release",
    ),
    Finding(
        "maintainer-instruction",
        Severity.WARNING,
        NAME,
        2,
        "MAINTAINER is deprecated",
        evidence=EVIDENCE,
        fix=Fix("x", ()),
    ),
    Finding(
        "missing-error-preference",
        Severity.ERROR,
        NAME,
        4,
        "PowerShell goes on after an error",
        evidence=EVIDENCE,
        fix=Fix("x", ()),
    ),
    Finding("plain-http-download", Severity.ERROR, NAME, 6, "fetched over http", end_line=8),
    Finding("hard-coded-version", Severity.WARNING, NAME, 6, "4.1.9 stands in the RUN alone"),
    Finding("install-path-with-spaces", Severity.WARNING, NAME, 7, "a space in `C:\\Program Files\\Kiwi`"),
    Finding("install-path-with-spaces", Severity.WARNING, NAME, 11, "a space in `C:\\Program Files\\Kiwi`"),
    Finding(
        "keep-alive-loop", Severity.ERROR, NAME, 19, "an endless loop | after the program", evidence=EVIDENCE
    ),
    Finding("directory-name", Severity.NOTE, NAME, None, "no line decides this"),
    Finding("healthcheck", Severity.WARNING, NAME, 20, "none wanted", accepted="kept on purpose"),
)


def read(name: str) -> bytes:
    return (HERE / "fixtures" / name).read_bytes()


def comparison(windows: str) -> Comparison:
    """A fixture against the Alpine one."""
    linux = parse(read("alpine.Dockerfile"), "4.2/alpine/Dockerfile")
    ours = parse(read(f"{windows}.Dockerfile"), NAME)
    theirs = extract(linux, copied={"docker-entrypoint.sh": read("docker-entrypoint.sh")})
    facts = extract(ours)
    found = FINDINGS if windows == "first" else ()
    return Comparison(None, facts, theirs, compare(facts, theirs), found)


def golden(name: str, report: str) -> None:
    path = GOLDEN / name
    if not report.endswith("\n"):
        report += "\n"
    if os.environ.get("CONTRIB_GOLDEN"):
        path.write_bytes(report.encode())
    assert report.encode() == path.read_bytes()


@pytest.mark.parametrize("name", ["first", "good"])
def test_first_screen(name: str) -> None:
    report = text.render([comparison(name)])
    golden(f"{name}.txt", report)
    lines = report.splitlines()
    assert len(lines) <= text.SCREEN
    assert max(cell_len(line) for line in lines) <= 80


@pytest.mark.parametrize("name", ["first", "good"])
def test_in_full(name: str) -> None:
    report = text.render([comparison(name)], full=True)
    golden(f"{name}-full.txt", report)
    for line in report.splitlines():
        assert cell_len(line) <= 80 or "://" in line


@pytest.mark.parametrize("name", ["first", "good"])
def test_markdown(name: str) -> None:
    golden(f"{name}.md", markdown.render([comparison(name)]))


@pytest.mark.parametrize("name", ["first", "good"])
def test_json(name: str) -> None:
    report = jsonform.render([comparison(name)])
    golden(f"{name}.json", report)
    shape = json.loads(report)
    assert list(shape) == ["image", "windows", "linux", "parity", "findings", "summary"]
    assert list(shape["windows"]) == ["source", "base", "version"]
    for row in shape["parity"]:
        assert list(row) == ["fact", "linux", "windows", "verdict", "why"]
        for side in (row["linux"], row["windows"]):
            assert side is None or list(side) == ["value", "line"]


def test_colour_adds_nothing_but_colour() -> None:
    for full in (False, True):
        plain = text.render([comparison("first")], full=full)
        coloured = text.render([comparison("first")], full=full, color=True)
        assert "\x1b[" in coloured and "\x1b" not in plain
        bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
        assert [line.rstrip() for line in bare.splitlines()] == plain.splitlines()


def test_several_have_an_overview() -> None:
    both = [comparison("first"), comparison("good")]
    report = text.render(both)
    assert "2 Windows Dockerfiles:" in report
    assert max(cell_len(line) for line in report.splitlines()) <= 80
    assert "4.2/windows/windowsservercore-ltsc2022" in report
    assert text.render(both, full=True).count("review:") == 2
    shape = json.loads(jsonform.render(both))
    assert len(shape["comparisons"]) == 2
    errors = sum(each["summary"]["error"] for each in shape["comparisons"])
    assert shape["summary"]["error"] == errors
    assert list(json.loads(jsonform.render(both[:1], several=True))) == ["comparisons", "summary"]
    page = markdown.render(both)
    assert page.count("<details>") == page.count("</details>")


def test_narrow_and_wide_terminals() -> None:
    for width in (60, 100, 140):
        for line in text.render([comparison("first")], width=width).splitlines()[:12]:
            assert cell_len(line) <= width


SHEET = FactSheet("w", "windows", "base", None, ())


def made(value: str, why: str = "because", hint: str = "") -> Comparison:
    row = ParityRow(
        "workdir", Fact("workdir", value, 1), Fact("workdir", value + "x", 2), Verdict.DIFFERENT, why, hint,
        (Evidence("a", "https://example.org"),),
    )  # fmt: skip
    finding = Finding("rule", Severity.WARNING, "w", 3, value)
    return Comparison(None, SHEET, SHEET, (row,), (finding,))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_no_control_character_reaches_the_terminal(value: str) -> None:
    for full in (False, True):
        report = text.render([made(value, why=value, hint=value)], full=full)
        assert all(char == "\n" or char.isprintable() for char in report)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab`|<>*_[]#\\ \n$", max_size=40))
def test_markdown_tables_keep_their_columns(value: str) -> None:
    page = markdown.render([made(value, why=value)])
    rows = [line for line in page.splitlines() if line.startswith("| `workdir`")]
    assert len(rows) == 1
    assert rows[0].count("|") == 6


def test_nothing_to_say() -> None:
    quiet = Comparison("kiwi", SHEET, SHEET, (), ())
    report = text.render([quiet])
    assert "Nothing is missing" in report and "Review: no findings" in report
    assert "kiwi: Windows base against Linux base" in report
