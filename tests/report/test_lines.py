"""Forms with one line per finding, and code with carets."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from contrib.report.code import excerpt
from contrib.report.lines import concise, github
from contrib.values.findings import Evidence, Finding, Severity

PROOF = (Evidence("docker-library/redis#78", "https://github.com/docker-library/redis/pull/78"),)
FOUND = Finding(
    "plain-http-download",
    Severity.ERROR,
    "a/b c",
    6,
    "fetched over `http`",
    6,
    PROOF,
    column=12,
    end_column=40,
)


def test_concise() -> None:
    whole = Finding("directory-name", Severity.NOTE, "x", None, "the directory\nis wrong")
    taken = FOUND.accept("a reason")
    assert concise([FOUND, whole, taken]) == (
        "a/b c:6:12: error plain-http-download fetched over `http`\n"
        "x:1:1: note directory-name the directory is wrong\n"
    )
    assert concise([taken]) == ""


def test_github() -> None:
    several = Finding("r", Severity.WARNING, "x", 2, "100% a:b, c\nd", end_line=4, column=3, end_column=9)
    whole = Finding("directory-name", Severity.NOTE, "x,y:z", None, "m")
    assert github([FOUND, several, whole, FOUND.accept("r")], {"a/b c": "redis/Dockerfile"}) == (
        "::error file=redis/Dockerfile,line=6,endLine=6,col=12,endColumn=40,title=plain-http-download::"
        "fetched over `http`%0Ahttps://github.com/docker-library/redis/pull/78\n"
        "::warning file=x,line=2,endLine=4,title=r::100%25 a:b, c%0Ad\n"
        "::notice file=x%2Cy%3Az,title=directory-name::m\n"
    )


@given(st.text(), st.text())
def test_no_text_begins_a_line_of_its_own(name: str, message: str) -> None:
    found = Finding("r", Severity.ERROR, name, 1, message)
    for form in (concise([found]), github([found])):
        assert len(re.split(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", form)) == 2
    assert github([found]).startswith("::error file=")


def test_carets_stand_below_the_place() -> None:
    lines = ["FROM x", "RUN curl http://a", "\tRUN é 漢字 http://b", "ENV A \x1b[2J b"]
    found = Finding("r", Severity.ERROR, "f", 2, "m", column=10, end_column=18)
    assert excerpt(lines, found, indent=2) == ["  2 | RUN curl http://a", "    |          ^^^^^^^^"]
    wide = Finding("r", Severity.ERROR, "f", 3, "m", column=11, end_column=19)
    shown, carets = excerpt(lines, wide, indent=0)
    assert cell_len(shown[: shown.index("http")]) == carets.index("^")
    steering = Finding("r", Severity.ERROR, "f", 4, "m", column=12, end_column=13)
    shown, carets = excerpt(lines, steering, indent=0)
    assert "\x1b" not in shown
    assert shown[carets.index("^")] == "b"


def test_several_lines() -> None:
    lines = [f"line {number}" for number in range(1, 10)]
    found = Finding("r", Severity.ERROR, "f", 2, "m", 3, column=6, end_column=5)
    assert excerpt(lines, found, indent=0) == ["2 | line 2", "  |      ^", "3 | line 3", "  | ^^^^"]
    whole = Finding("r", Severity.ERROR, "f", 2, "m", 8)
    assert excerpt(lines, whole, indent=0) == [
        *(f"{number} | line {number}" for number in range(2, 6)),
        "  | … 3 more lines",
    ]


@pytest.mark.parametrize("found", [(None, None, None, None), (99, 99, 1, 2), (1, 0, 500, 900)])
def test_places_that_are_not_there(found: tuple[int | None, ...]) -> None:
    line, end, column, end_column = found
    excerpt(["x"], Finding("r", Severity.NOTE, "f", line, "m", end, column=column, end_column=end_column))


@given(
    st.text(alphabet=st.characters(exclude_characters="\n"), max_size=300),
    st.integers(1, 310),
    st.integers(1, 310),
    st.integers(20, 120),
)
def test_it_keeps_to_the_width(text: str, column: int, end: int, width: int) -> None:
    found = Finding("r", Severity.NOTE, "f", 1, "m", 1, column=column, end_column=end)
    for line in excerpt([text], found, width=width, indent=3):
        assert cell_len(line) <= max(width, 3 + 1 + 3 + 20)
