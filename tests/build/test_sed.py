from __future__ import annotations

from contrib.build import sed


def test_substitutions_with_any_delimiter_and_escapes() -> None:
    edits, files, in_place = sed.edits(["-ri", r"s!^(a) 1$!\1 0!", "f.h"])
    assert (edits, files, in_place) == ([(r"^(a) 1$", r"\1 0", "")], ["f.h"], True)
    edits, files, in_place = sed.edits(["-i.bak", "-e", r"s/a\/b/c/g", "-e", "/^bind /d", "x.conf"])
    assert edits == [("a/b", "c", ""), ("^bind ", "\0", "")]
    assert in_place and files == ["x.conf"]
    edits, files, in_place = sed.edits(["s/a/b/;s/c/d/", "x"])
    assert edits == [("a", "b", ""), ("c", "d", "")] and not in_place
    edits, files, in_place = sed.edits(["-ie", "s/a/b/", "x"])
    assert edits == [("a", "b", "")] and files == ["x"]
    edits, _, _ = sed.edits(["-i", '/"guard"/s/, 1,/, 0,/; s/a/b/', "x"])
    assert edits == [(", 1,", ", 0,", '"guard"'), ("a", "b", "")]


def test_scripts_that_are_cut_off_give_nothing() -> None:
    assert sed.edits(["-i", "s/a/b"])[0] == []
    assert sed.edits(["-i", "s"])[0] == []
    assert sed.edits(["-i", "/a"])[0] == []
