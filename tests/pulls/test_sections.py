"""A person's words stay; what is ours is refreshed; what is no longer true is reported."""

from __future__ import annotations

import pytest

from contrib.pulls.marker import states
from contrib.pulls.sections import Section, joined, plain, refresh, sections_in

OLD = "a" * 64
NEW = "b" * 64


def wanted(version: str = "7.2.4", sha: str = OLD) -> tuple[Section, ...]:
    return (
        Section("opening", f"Adds Windows variants: 7.2 ({version})."),
        Section(
            "versions",
            f"### Versions\n\n| series | Windows |\n| --- | --- |\n| 7.2 | {version} |\n\nsha256 {sha}",
        ),
        Section("follows", "### What follows\n\n- library entries"),
    )


FIRST = joined(wanted())
STATED = states(FIRST)
NAMES = frozenset({"opening", "versions", "follows"})
LATER = wanted("7.2.5", NEW)


def test_nothing_touched_is_all_ours() -> None:
    assert refresh(FIRST, LATER).text == joined(LATER).strip("\n")
    assert refresh(FIRST, wanted()).text == FIRST.strip("\n"), "the same again changes nothing"
    assert refresh(FIRST.replace("\n", "\r\n"), LATER).text == joined(LATER).strip("\n"), (
        "the web editor's line ends"
    )


def test_a_reader_sees_no_comment() -> None:
    assert "<!--" not in plain(FIRST) and plain(FIRST).startswith("Adds Windows") and sections_in(FIRST) == (
        "opening", "versions", "follows",
    )  # fmt: skip


@pytest.mark.parametrize("where", ["top", "between", "end"])
def test_words_outside_the_sections_stay(where: str) -> None:
    line = "Please merge on Monday, not before 7.2.4 is out."
    parts = FIRST.split("\n<!-- contrib: versions")
    text = {
        "top": f"{line}\n\n{FIRST}",
        "between": f"{parts[0]}\n{line}\n\n<!-- contrib: versions{parts[1]}",
        "end": f"{FIRST}\n{line}\n",
    }[where]
    done = refresh(text, LATER, stated=STATED, before=NAMES)
    assert line in done.text and done.kept == () and done.stale == ()
    assert OLD not in done.text and "7.2 | 7.2.5" in done.text
    assert refresh(done.text, LATER, stated=states(joined(LATER)), before=NAMES).text == done.text


def test_lines_added_inside_a_section_move_along() -> None:
    text = FIRST.replace("### Versions\n", "### Versions\n\nTested by Petra at home.\n").replace(
        "- library entries", "- library entries\n- a cake"
    )
    done = refresh(text, LATER, stated=STATED, before=NAMES)
    assert (
        "### Versions\n\nTested by Petra at home." in done.text and "- library entries\n- a cake" in done.text
    )
    assert OLD not in done.text and "7.2 | 7.2.5" in done.text and done.added == ("versions", "follows")
    again = refresh(done.text, LATER, stated=STATED, before=NAMES)
    assert again.text == done.text
    third = refresh(done.text, wanted("7.2.6"), stated=STATED, before=NAMES)
    assert "Tested by Petra" in third.text and "7.2.6" in third.text and "7.2.5" not in third.text


def test_a_changed_section_is_kept_and_what_is_untrue_in_it_is_reported() -> None:
    text = FIRST.replace(
        "Adds Windows variants: 7.2 (7.2.4).", "Hi! Windows 7.2.4 for Redis on 10.0.20348, please."
    )
    done = refresh(text, LATER, stated=STATED, before=NAMES)
    assert done.kept == ("opening",)
    assert done.stale == ("opening: Hi! Windows 7.2.4 for Redis on 10.0.20348, please.",)
    assert "Hi! Windows 7.2.4" in done.text and "7.2 | 7.2.5" in done.text and OLD not in done.text
    rewritten = refresh(text, LATER, stated=STATED, before=NAMES, rewrite=True)
    assert "Hi!" not in rewritten.text and rewritten.kept == () and rewritten.stale == ()


def test_a_changed_section_that_states_nothing_stale_is_no_trouble() -> None:
    text = FIRST.replace("- library entries", "- entries, when you like")
    done = refresh(text, LATER, stated=STATED, before=NAMES)
    assert done.kept == ("follows",) and done.stale == () and "- entries, when you like" in done.text


def test_without_a_memory_checksums_and_versions_of_the_series_count() -> None:
    text = FIRST.replace("Adds Windows", "We add Windows").replace(
        "- library entries", "- after 10.0.20348.1"
    )
    done = refresh(text, LATER)
    assert done.stale == ("opening: We add Windows variants: 7.2 (7.2.4).",)


def test_a_section_that_a_person_removed_stays_away() -> None:
    start, end = FIRST.index("<!-- contrib: versions"), FIRST.index("<!-- contrib: end versions -->")
    text = FIRST[:start] + FIRST[end + len("<!-- contrib: end versions -->\n") :]
    assert "| 7.2 |" not in refresh(text, LATER, stated=STATED, before=NAMES).text


def test_a_new_section_comes_where_it_belongs() -> None:
    more = (*LATER[:2], Section("kept", "Upstream changed these lines; kept."), LATER[2])
    done = refresh(FIRST, more, stated=STATED, before=NAMES).text
    assert done.index("end versions") < done.index("Upstream changed") < done.index("What follows")
    gone = refresh(done, LATER, stated=STATED, before=NAMES | {"kept"}).text
    assert "Upstream changed" not in gone


def test_comments_that_a_person_broke_are_words_of_theirs() -> None:
    text = FIRST.replace("<!-- contrib: end versions -->\n", "")
    done = refresh(text, LATER, stated=STATED, before=NAMES)
    assert "| 7.2 | 7.2.4 |" in done.text, "not ours to judge any more"
    assert "7.2 (7.2.5)" in done.text
