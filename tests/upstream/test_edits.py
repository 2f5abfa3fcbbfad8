"""Anchored edits: once, exactly there, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrib.upstream.edits import (
    AnchoredEdit,
    Outcome,
    Script,
    Where,
    apply_edit,
    apply_scripts,
    fill,
    load,
)
from contrib.values.errors import BadInput
from contrib.values.tree import MemoryTree

SCRIPT = "#!/bin/sh\nfor v in debian alpine; do\n\tbuild $v\ndone\n"
EDIT = AnchoredEdit(
    "for v in debian alpine; do", "for v in debian alpine windows; do", Where.REPLACE, "it would go"
)


def tree(text: str = SCRIPT, mode: str = "100755") -> MemoryTree:
    return MemoryTree({"build.sh": (text.encode(), mode)})  # type: ignore[dict-item]


def test_it_replaces_and_keeps_the_mode() -> None:
    (edited,) = apply_scripts(tree(), [Script("build.sh", (EDIT,))], {})
    assert edited.outcome is Outcome.EDITED and edited.change is not None
    assert edited.change.content == SCRIPT.replace("alpine;", "alpine windows;").encode()
    assert edited.change.mode == "100755"
    assert edited.why == ("it would go",)


@pytest.mark.parametrize("where", list(Where))
def test_twice_is_once(where: Where) -> None:
    script = Script("build.sh", (AnchoredEdit("\tbuild $v", "\techo $v\n\techo done", where, "why"),))
    (first,) = apply_scripts(tree(), [script], {})
    assert first.change is not None and first.change.content is not None
    (second,) = apply_scripts(tree(first.change.content.decode()), [script], {})
    assert second.outcome is Outcome.PRESENT and second.change is None


def test_before_and_after() -> None:
    before = apply_edit("a\nb\n", AnchoredEdit("b", "x", Where.BEFORE, ""), "f")
    assert before == "a\nx\nb\n"
    assert apply_edit("a\nb\n", AnchoredEdit("a", "x\ny", Where.AFTER, ""), "f") == "a\nx\ny\nb\n"


def test_an_anchor_that_is_gone_shows_the_nearest_and_what_to_add() -> None:
    with pytest.raises(BadInput) as raised:
        apply_scripts(
            tree(SCRIPT.replace("debian alpine", "debian slim alpine")), [Script("build.sh", (EDIT,))], {}
        )
    error = raised.value
    assert error.file == "build.sh" and error.line == 2
    assert "nearest is 'for v in debian slim alpine; do'" in error.message
    assert error.hint is not None and EDIT.text in error.hint and "it would go" in error.hint


def test_an_anchor_that_is_there_twice_is_refused_with_its_lines() -> None:
    with pytest.raises(BadInput, match="2 times") as raised:
        apply_scripts(tree(SCRIPT * 2), [Script("build.sh", (EDIT,))], {})
    assert raised.value.line == 6


def test_anchors_are_whole_lines() -> None:
    with pytest.raises(BadInput):
        apply_edit("\tfor v in debian alpine; do # all\n", EDIT, "f")


def test_a_script_that_knows_windows_is_left_alone() -> None:
    text = "for v in debian alpine windows/servercore; do\n\tbuild $v\ndone\n"
    (edited,) = apply_scripts(tree(text), [Script("build.sh", (EDIT,), known="windows")], {})
    assert edited.outcome is Outcome.KNOWN and edited.change is None


def test_half_edited_files_are_refused() -> None:
    second = AnchoredEdit("done", "# the end", Where.AFTER, "the end would be missing")
    text = SCRIPT.replace("alpine;", "alpine windows;")
    with pytest.raises(BadInput, match="half edited") as raised:
        apply_scripts(tree(text), [Script("build.sh", (EDIT, second), known="windows")], {})
    assert "the end would be missing" in raised.value.message


def test_one_file_that_knows_and_one_that_does_not_is_half_edited() -> None:
    both = MemoryTree({"a.sh": b"windows\n", "b.sh": b"x\n"})
    edit = (AnchoredEdit("x", "y", Where.AFTER, "why"),)
    scripts = [Script("a.sh", edit, known="windows"), Script("b.sh", edit, known="windows")]
    with pytest.raises(BadInput, match=r"a\.sh already knows Windows and b\.sh does not"):
        apply_scripts(both, scripts, {})


def test_the_form_that_fits_is_taken() -> None:
    old = Script("build.sh", (AnchoredEdit("for v in jessie; do", "x", Where.BEFORE, "old"),), form="old")
    (edited,) = apply_scripts(tree(), [old, Script("build.sh", (EDIT,), form="new")], {})
    assert edited.why == ("it would go",)


def test_a_missing_file() -> None:
    assert (
        apply_scripts(MemoryTree({}), [Script("x", (EDIT,), optional=True)], {})[0].outcome is Outcome.ABSENT
    )
    with pytest.raises(BadInput, match="there is no x"):
        apply_scripts(MemoryTree({}), [Script("x", (EDIT,))], {})


def test_whole_files() -> None:
    script = Script("new.sh", whole="echo @IMAGE@\n", executable=True)
    (made,) = apply_scripts(MemoryTree({}), [script], {"image": "redis"})
    assert made.change is not None
    assert (made.change.content, made.change.mode) == (b"echo redis\n", "100755")
    there = MemoryTree({"new.sh": b"echo redis\n"})
    assert apply_scripts(there, [script], {"image": "redis"})[0].outcome is Outcome.PRESENT
    with pytest.raises(BadInput, match="with another content"):
        apply_scripts(MemoryTree({"new.sh": b"echo mine\n"}), [script], {"image": "redis"})
    needy = Script("new.sh", whole="x\n", needs="old.sh")
    assert apply_scripts(MemoryTree({}), [needy], {})[0].outcome is Outcome.ABSENT


def test_a_checkout_with_crlf_gives_lf() -> None:
    (edited,) = apply_scripts(tree(SCRIPT.replace("\n", "\r\n")), [Script("build.sh", (EDIT,))], {})
    assert edited.change is not None and b"\r" not in (edited.change.content or b"\r")


def test_names_without_a_value_are_refused() -> None:
    assert fill("@A@ @A_B@ $@ @sh @x@", {"a": 1, "a_b": ["x", "y"]}, "f") == "1 x y $@ @sh @x@"
    with pytest.raises(BadInput, match="@NONE@"):
        fill("@NONE@", {}, "f")


@given(
    lines=st.lists(st.sampled_from(["a", "b", "c", "", "\tx"]), max_size=12),
    new=st.lists(st.sampled_from(["n1", "n2", ""]), min_size=1, max_size=3),
    where=st.sampled_from(list(Where)),
)
def test_an_edit_changes_its_place_and_nothing_else(lines: list[str], new: list[str], where: Where) -> None:
    anchored = [*lines, "ANCHOR", "a"]
    edit = AnchoredEdit("ANCHOR", "\n".join(new), where, "")
    got = apply_edit("\n".join(anchored), edit, "f").split("\n")
    kept = new if where is Where.REPLACE else (["ANCHOR", *new] if where is Where.AFTER else [*new, "ANCHOR"])
    assert got == [*lines, *kept, "a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[script]]\n", "path must be a text"),
        ("[[script]]\npath = '/etc/passwd'\nwhole = 'x'\n", "leave the tree"),
        ("[[script]]\npath = 'x'\n", "either whole or at least one edit"),
        ("[[script]]\npath = 'x'\nwhat = 1\n", "unknown key 'what'"),
        ("[[script]]\npath = 'x'\nknown = '('\n[[script.edit]]\n", "no regular expression"),
        (
            "[[script]]\npath = 'x'\n[[script.edit]]\nanchor = 'a'\ntext = 'b'\nwhere = 'on'\nwhy = 'c'\n",
            "before, after or replace",
        ),
        ("[[script]]\npath = 'x'\nwhole = 'y'\nplace = 'moon'\n", "place is main, series or both"),
        ("script = 3\n", r"\[\[script\]\]"),
        ("[[script]\n", "is not TOML"),
    ],
)
def test_a_bad_file_of_edits(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as raised:
        load(text.encode(), "edits.toml")
    assert raised.value.file == "edits.toml"
