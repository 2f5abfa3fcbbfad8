"""The board: versions and lags from library files as they stood."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contrib.library import LibraryFile, parse
from contrib.library.board import Board, row, versions_of
from contrib.report.board import chart, html, text
from tests.conftest import violations

PINS = ["mcr.microsoft.com/windows/servercore:ltsc2025"]


def file(linux: str, windows: str | None, base: str = "ltsc2025") -> LibraryFile:
    entries = [
        f"Tags: {linux}-trixie, 1.2-trixie\nSharedTags: {linux}, 1.2, latest\nArchitectures: amd64\nGitCommit: {'a' * 40}\nDirectory: 1.2/trixie"
    ]
    if windows is not None:
        entries.append(
            f"Tags: {windows}-windowsservercore-{base}, 1.2-windowsservercore-{base}\nArchitectures: windows-amd64\n"
            f"GitCommit: {'a' * 40}\nDirectory: 1.2/w\nConstraints: windowsservercore-{base}"
        )
    head = "Maintainers: A <a@example.org> (@a)\nGitRepo: https://github.com/docker-library/demo.git"
    return parse("\n\n".join([head, *entries]).encode() + b"\n", "library/demo")


def board(*rows: Any) -> Board:
    return Board(date(2026, 6, 30), "c" * 40, tuple(rows), tuple(PINS))


def made() -> Any:
    history = [
        (date(2026, 1, 1), file("1.2.3", "1.2.3")),
        (date(2026, 2, 1), file("1.2.4", "1.2.3")),
        (date(2026, 3, 1), file("1.2.5", "1.2.3")),
        (date(2026, 4, 1), file("1.2.5", "1.2.5")),
        (date(2026, 6, 1), file("1.2.6", "1.2.5")),
    ]
    return row(history[-1][1], history, date(2026, 6, 30), PINS)


def test_lag_counts_from_the_first_release_that_windows_lacks() -> None:
    found = made()
    assert [point.lag for point in found.points] == [0, 0, 28, 0, 0, 29]
    assert (found.linux, found.windows, found.lag) == ("1.2.6", "1.2.5", 29)
    assert found.series == {"1.2": ("1.2.6", "1.2.5")}


def test_versions_are_the_full_ones() -> None:
    linux, windows = versions_of(file("1.10.0", "1.9.9"))
    assert [v.text for v in linux] == ["1.10.0"] and [v.text for v in windows] == ["1.9.9"]


def test_a_base_that_is_no_longer_pinned() -> None:
    old = file("1.2.3", "1.2.3", "1809")
    found = row(old, [(date(2026, 1, 1), old)], date(2026, 1, 2), PINS)
    assert found is not None and [(b.pinned, str(b.ends)) for b in found.bases] == [(False, "2029-01-09")]
    assert "mainstream support ended 2024-01-09, fixes until 2029-01-09" in html(board(found))
    assert "(not pinned)" in text(board(found)) and "not pinned any more" in html(board(found))
    unknown = row(old, [], date(2026, 1, 2), None)
    assert unknown is not None and unknown.bases[0].pinned is None and unknown.lag is None


def test_a_build_after_an_underscore_is_not_part_of_the_version() -> None:
    linux, windows = versions_of(file("21.0.12_8-jdk", "21.0.11_9-jdk"))
    assert [v.text for v in linux] == ["21.0.12"] and [v.text for v in windows] == ["21.0.11"]


def test_an_image_without_windows_has_no_row() -> None:
    assert row(file("1.2.3", None), [], date(2026, 1, 1), PINS) is None


def test_json_and_text() -> None:
    found = board(made())
    assert found.as_json()["images"][0]["lag"] == 29
    lines = text(found).splitlines()
    assert lines[1].split() == ["demo", "1.2.6", "1.2.5", "29", "d", "windowsservercore-ltsc2025"]


def test_what_comes_from_elsewhere_is_text() -> None:
    from dataclasses import replace

    port = ("<img src=x> made 3 releases",)
    evil = replace(made(), port=port, pulls=(("<script>alert(1)</script>", "javascript:alert(1)"),))
    waiting = replace(board(evil), waiting={"redis": port})
    page = html(waiting)
    assert "<img" not in page and page.count("&lt;img") == 2 and text(waiting).count("made 3 releases") == 2
    assert "<script" not in page and "javascript:" not in page


def test_the_chart_is_steps() -> None:
    drawn = chart(made().points, "demo")
    assert drawn.startswith("<svg") and "at most 29, now 29" in drawn
    assert "Too little history" in chart(made().points[:1], "demo")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser(browser: Any, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": 390, "height": 800})
    try:
        page.set_content(html(board(made())))
        assert page.locator("article svg path.curve").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        colours = page.evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('.curve')).stroke]"
        )
        assert colours == (
            ["rgb(255, 255, 255)", "rgb(11, 95, 165)"]
            if scheme == "light"
            else ["rgb(20, 23, 28)", "rgb(108, 182, 255)"]
        )
        assert violations(page) == []
    finally:
        page.close()
