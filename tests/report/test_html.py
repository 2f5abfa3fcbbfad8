"""The comparison as a page, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.compare.model import Comparison, ParityRow
from contrib.facts.kinds import Fact
from contrib.facts.model import FactSheet
from contrib.report.colours import lines
from contrib.report.html import Compared, _prose, render
from contrib.values.findings import Evidence, Finding, Fix, Severity, Verdict
from tests.conftest import violations
from tests.report.sample import comparison

LINUX = 'FROM alpine:3.20\nENV APP_VERSION=1.2.4\nRUN wget -O a.tgz $URL; \\\n\techo "$SHA *a.tgz" | sha256sum -c -\nEXPOSE 80\n'
WINDOWS = (
    'FROM mcr.microsoft.com/windows/servercore\nSHELL ["powershell"]\n'
    "RUN Invoke-WebRequest https://example.org/app-1.2.3.zip -OutFile app.zip # <script>alert(1)</script>\nEXPOSE 80\n"
)


def sample(accepted: str | None = None, name: str = "windows/Dockerfile") -> Compared:
    linux = FactSheet("alpine/Dockerfile", "linux", "alpine:3.20", "1.2.4", ())
    windows = FactSheet(name, "windows", "mcr.microsoft.com/windows/servercore", "1.2.3", ())
    rows = (
        ParityRow("ports", Fact("ports", "80/tcp", 5), Fact("ports", "80/tcp", 4), Verdict.SAME),
        ParityRow(
            "download-verified",
            Fact("download-verified", "sha256", 4),
            None,
            Verdict.MISSING,
            "Linux verifies it",
        ),
        ParityRow(
            "base",
            Fact("base", "alpine:3.20", 1),
            Fact("base", "servercore", 1),
            Verdict.JUSTIFIED,
            "a platform",
        ),
        ParityRow(
            "version",
            Fact("version", "1.2.4", 2),
            Fact("version", "1.2.3", 3),
            Verdict.DIFFERENT,
            "one behind",
        ),
    )
    evidence = (Evidence("docker-library/redis#78", "https://github.com/docker-library/redis/pull/78"),)
    findings = (
        Finding("moving-base-tag", Severity.ERROR, name, 1, "no tag", evidence=evidence),
        Finding(
            "missing-error-preference",
            Severity.ERROR,
            "windows/Dockerfile",
            2,
            "goes on after an error",
            fix=Fix("x", ()),
        ),
        Finding("healthcheck", Severity.WARNING, name, 4, "none", accepted=accepted),
    )
    return Compared(Comparison("app", windows, linux, rows, findings), WINDOWS, LINUX)


def open_page(browser: Any, tmp_path: Path, html: str, **context: Any) -> tuple[Any, list[str]]:
    file = tmp_path / "page.html"
    file.write_text(html, encoding="utf-8")
    page = browser.new_context(**context).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith("file:") else said.append(request.url))
    page.goto(file.as_uri())
    return page, said


def test_what_comes_from_a_file_is_escaped() -> None:
    html = render([sample()])
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in re.sub(r"</?span[^>]*>", "", html)


def test_backticks_are_code_and_nothing_else_is() -> None:
    assert str(_prose("set `a < b` <i>")) == "set <code>a &lt; b</code> &lt;i&gt;"
    assert str(_prose("one ` alone")) == "one ` alone"


def test_nothing_outside_is_asked_for() -> None:
    html = render([sample()])
    assert not re.findall(r"(?:src|@import|url\()\s*=?\s*[\"']?https?:", html)


def test_the_colours_leave_the_text_as_it_is() -> None:
    for text in (LINUX, WINDOWS, "FROM x\n\n\n", "", "RUN \\\n# a comment\n  b\n", "\ud800\x00 `"):
        assert "\n".join("".join(part for _, part in line) for line in lines(text)) == text
    assert ("c", "# a comment") in [piece for line in lines("RUN a \\\n# a comment\n b") for piece in line]
    assert lines(WINDOWS)[0][0] == ("k", "FROM")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_keeps_its_lines(text: str) -> None:
    assert ["".join(part for _, part in line) for line in lines(text)] == text.split("\n")


#: How a person may have set their screen.
SCREENS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "more contrast": {"contrast": "more"},
    "forced colours": {"forced_colors": "active"},
    "reduced motion": {"reduced_motion": "reduce"},
    "narrow": {"viewport": {"width": 320, "height": 700}},
}


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(browser: Any, tmp_path: Path, screen: str) -> None:
    html = render([Compared(comparison("run"), WINDOWS * 6, LINUX * 10), sample("meant so")])
    page, said = open_page(browser, tmp_path, html, **SCREENS[screen])
    for fold in page.locator("details.folded summary").all():
        fold.click()
    assert violations(page) == []
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []


def test_the_verdict_comes_first_and_the_files_before_the_tables(browser: Any, tmp_path: Path) -> None:
    page, _ = open_page(browser, tmp_path, render([sample()]))
    assert (
        page.locator("header .verdict").inner_text()
        == "Not ready: 2 errors, 1 fact missing; nothing was run."
    )
    tops = [
        page.locator(each).first.bounding_box()["y"] for each in (".verdict", ".files", ".findings", ".facts")
    ]
    assert tops == sorted(tops)
    left, right = (page.locator(f".pane.{side}").bounding_box() for side in ("linux", "windows"))
    assert left["y"] == right["y"] and left["x"] < right["x"]
    folded = page.locator("details.folded")
    assert folded.count() == 2
    assert [fold.get_attribute("open") for fold in folded.all()] == [None, None]
    page.locator("a.mark", has_text="ports").first.click()  # leads into what is folded, and unfolds it
    assert page.locator("tr.current").is_visible()


def test_it_prints_on_four_pages(browser: Any, tmp_path: Path) -> None:
    linux = "".join(f"RUN set -eux; make step-{number} \\\n\t--option=value\n" for number in range(70))
    page, _ = open_page(browser, tmp_path, render([Compared(comparison("run"), WINDOWS * 6, linux)]))
    page.emulate_media(media="print")
    assert violations(page) == []
    pages = re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4", print_background=True))
    assert 1 < len(pages) <= 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_filters_keys_and_no_complaint(browser: Any, tmp_path: Path, scheme: str) -> None:
    page, said = open_page(browser, tmp_path, render([sample("meant so")]), color_scheme=scheme)
    assert page.locator(".shown").inner_text() == "4 of 4 facts, 3 of 3 findings shown"

    page.locator("input[name=verdict][value=same]").uncheck()
    page.locator("input[name=severity][value=error]").uncheck()
    assert page.locator(".shown").inner_text() == "3 of 4 facts, 1 of 3 findings shown"
    assert not page.locator("[data-fold=same]").is_visible()
    assert not page.locator(".remark[data-severity=error]").first.is_visible()
    page.locator("input[name=verdict][value=same]").check()
    page.locator("input[name=severity][value=error]").check()

    page.keyboard.press("j")
    assert "moving-base-tag" in page.locator(".item.current").inner_text()
    page.keyboard.press("w")
    assert page.evaluate("document.activeElement.id") == "c1-windows-1"
    page.keyboard.press("b")
    page.keyboard.press("k")
    assert "moving-base-tag" in page.locator(".item.current").inner_text()

    page.locator("a.mark", has_text="download-verified").first.click()
    assert "download-verified" in page.locator("tr.current").inner_text()
    assert "sha256sum" in page.locator(".row.current").inner_text()
    assert violations(page) == []
    assert said == []


def test_shortcuts_can_be_turned_off(browser: Any, tmp_path: Path) -> None:
    page, _ = open_page(browser, tmp_path, render([sample()]))
    page.locator("input[name=keys]").uncheck()
    page.keyboard.press("j")
    assert page.locator(".item.current").count() == 0


def test_narrow_and_several(browser: Any, tmp_path: Path) -> None:
    page, said = open_page(
        browser,
        tmp_path,
        render([sample(), sample(name="other/Dockerfile")]),
        viewport={"width": 400, "height": 800},
    )
    assert page.locator(".contents tbody tr").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert violations(page) == []
    assert said == []


def test_print_shows_everything(browser: Any, tmp_path: Path) -> None:
    page, _ = open_page(browser, tmp_path, render([sample()]))
    page.emulate_media(media="print")
    assert not page.locator(".filters").is_visible()
    assert page.locator(".remark").first.is_visible()
