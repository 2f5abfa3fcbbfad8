"""The comparison in its forms: golden files of three comparisons, and what holds for any.

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

from contrib.compare.model import Behaviour, Comparison, ParityRow
from contrib.facts.kinds import Fact, InstalledTool
from contrib.facts.model import FactSheet
from contrib.report import jsonform, markdown, text
from contrib.report.verdict import sentence
from contrib.values.findings import Evidence, Finding, Severity, Verdict
from tests.report.sample import comparison

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"


def golden(name: str, report: str) -> None:
    path = GOLDEN / name
    if not report.endswith("\n"):
        report += "\n"
    if os.environ.get("CONTRIB_GOLDEN"):
        path.write_bytes(report.encode())
    assert report.encode() == path.read_bytes()


@pytest.mark.parametrize("name", ["first", "good", "run"])
def test_first_screen(name: str) -> None:
    report = text.render([comparison(name)])
    golden(f"{name}.txt", report)
    lines = report.splitlines()
    assert len(lines) <= text.SCREEN
    assert max(cell_len(line) for line in lines) <= 80


@pytest.mark.parametrize("name", ["first", "good", "run"])
def test_in_full(name: str) -> None:
    report = text.render([comparison(name)], full=True)
    golden(f"{name}-full.txt", report)
    for line in report.splitlines():
        assert cell_len(line) <= 80 or "://" in line


@pytest.mark.parametrize("name", ["first", "good", "run"])
def test_markdown(name: str) -> None:
    golden(f"{name}.md", markdown.render([comparison(name)]))


@pytest.mark.parametrize("name", ["first", "good", "run"])
def test_json(name: str) -> None:
    report = jsonform.render([comparison(name)])
    golden(f"{name}.json", report)
    shape = json.loads(report)
    assert list(shape) == ["image", "windows", "linux", "parity", "findings", "behaviour", "summary"]
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


@pytest.mark.parametrize("width", [*range(40, 70), 79, 81, 100, 111, 129, 130, 131, 160])
def test_it_keeps_to_the_width_and_uses_it(width: int) -> None:
    lines = text.render([comparison("first")], width=width).splitlines()
    assert len(lines) <= text.SCREEN + 2
    for line in lines:
        assert cell_len(line) <= width, line
    if width >= 100:
        assert max(map(cell_len, lines)) > 80
    # the most serious first
    found = [
        word
        for line in lines
        for word in line.split()[:1]
        if word in ("missing", "different", "unknown", "extra")
    ]
    assert found == sorted(found, key=["missing", "different", "unknown", "extra"].index)


def test_the_count_is_that_of_the_rows() -> None:
    lines = text.render([comparison("first")], width=160).splitlines()
    assert sum(line.startswith("missing ") for line in lines) == 3
    assert any("3 missing" in line for line in lines)


def test_every_form_starts_with_the_verdict() -> None:
    said = "Not ready: 4 errors, 3 facts missing, 1 not known from these files; nothing was run."
    first = comparison("first")
    assert sentence(first) == said
    assert text.render([first], width=100).splitlines()[1] == said
    assert text.render([first], full=True).splitlines()[1].startswith("Not ready: 4 errors")
    assert markdown.render([first]).splitlines()[0] == f"**{said}**"
    assert sentence(comparison("good")) == "No errors, and nothing is missing; nothing was run."
    assert sentence(comparison("run")).endswith("1 check failed, 1 not known from these files; 1 of 2 checks passed on Windows.")  # fmt: skip


def test_what_passed_alone_does_not_hide_what_failed() -> None:
    good = comparison("good")
    ran = Comparison(None, good.windows, good.linux, good.rows, (), (Behaviour("build", None, "failed"),))
    assert sentence(ran) == "Not ready: 1 check failed; 0 of 1 check passed on Windows."


def test_two_different_programs() -> None:
    first = comparison("first")

    def of(*names: str) -> tuple[Fact, ...]:
        return tuple(InstalledTool(f"installed-tools:{name}", name) for name in names)

    def with_tools(windows: tuple[str, ...], linux: tuple[str, ...]) -> str:
        return sentence(
            Comparison(
                None,
                FactSheet("w", "windows", "b", None, of(*windows)),
                FactSheet("l", "linux", "b", None, of(*linux)),
                first.rows,
                (),
            )
        )

    assert with_tools(("redis-server",), ("nginx",)).startswith(
        "These are two different programs (redis-server on Windows, nginx on Linux). Not ready: "
    )
    assert with_tools(("python.exe",), ("python3",)).startswith("Not ready: ")
    assert with_tools((), ("nginx",)).startswith("Not ready: ")


def test_markdown_fits_a_comment() -> None:
    """Words of a table's cell are short, since GitHub does not break them; addresses keep their links."""
    page = markdown.render([comparison("first")])
    table = [line for line in page.splitlines() if line.startswith("| `")]
    for line in table:
        cells = line.split(" | ")[:3]
        for cell in cells:
            shown = re.sub(r"\[(.*)\]\([^)]*\)", r"\1", cell)
            assert max(map(len, re.split(r" |<br>", shown))) <= 34, cell
    # what a file says becomes code: nothing from outside is a link
    assert "](https://github.com/kiwi-project/kiwi-for-windows/releases/download/" not in page
    assert "`github.com/…/…windows-x64.zip`" in page


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
    assert rows[0].count("|") == 5


def test_nothing_to_say() -> None:
    quiet = Comparison("kiwi", SHEET, SHEET, (), ())
    report = text.render([quiet])
    assert "Nothing is missing" in report and "Review: no findings" in report
    assert "kiwi: Windows base against Linux base" in report
