from __future__ import annotations

import doctest

from contrib.facts import tools


def test_examples_of_the_docstrings() -> None:
    assert doctest.testmod(tools).failed == 0


def test_options_as_getopt_reads_them() -> None:
    found, operands = tools.options(["-fsSLo", "x.zip", "--retry", "3", "--", "-u"], "o", ("retry",))
    assert found == {"f": [""], "s": [""], "S": [""], "L": [""], "o": ["x.zip"], "retry": ["3"]}
    assert operands == ["-u"]


def test_sed_substitutions_with_any_delimiter_and_escapes() -> None:
    edits, files, in_place = tools.sed_edits(["-ri", r"s!^(a) 1$!\1 0!", "f.h"])
    assert (edits, files, in_place) == ([(r"^(a) 1$", r"\1 0", "")], ["f.h"], True)
    edits, files, in_place = tools.sed_edits(["-i.bak", "-e", r"s/a\/b/c/g", "-e", "/^bind /d", "x.conf"])
    assert edits == [("a/b", "c", ""), ("^bind ", "\0", "")]
    assert in_place and files == ["x.conf"]
    edits, files, in_place = tools.sed_edits(["s/a/b/;s/c/d/", "x"])
    assert edits == [("a", "b", ""), ("c", "d", "")] and not in_place
    edits, files, in_place = tools.sed_edits(["-ie", "s/a/b/", "x"])
    assert edits == [("a", "b", "")] and files == ["x"]
    edits, _, _ = tools.sed_edits(["-i", '/"guard"/s/, 1,/, 0,/; s/a/b/', "x"])
    assert edits == [(", 1,", ", 0,", '"guard"'), ("a", "b", "")]


def test_sed_scripts_that_are_cut_off_give_nothing() -> None:
    assert tools.sed_edits(["-i", "s/a/b"])[0] == []
    assert tools.sed_edits(["-i", "s"])[0] == []
    assert tools.sed_edits(["-i", "/a"])[0] == []
