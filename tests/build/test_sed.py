from __future__ import annotations

from contrib.build import sed


def test_substitutions_with_any_delimiter_and_escapes() -> None:
    edits, files, in_place = sed.edits(["-ri", r"s!^(a) 1$!\1 0!", "f.h"])
    assert (edits, files, in_place) == ([(r"^(a) 1$", r"\1 0", "", "replace")], ["f.h"], True)
    edits, files, in_place = sed.edits(["-i.bak", "-e", r"s/a\/b/c/g", "-e", "/^bind /d", "x.conf"])
    assert edits == [sed.Edit("a/b", "c"), sed.Edit("^bind ", "", kind="drop")]
    assert in_place and files == ["x.conf"]
    edits, files, in_place = sed.edits(["s/a/b/;s/c/d/", "x"])
    assert edits == [sed.Edit("a", "b"), sed.Edit("c", "d")] and not in_place
    edits, files, in_place = sed.edits(["-ie", "s/a/b/", "x"])
    assert edits == [sed.Edit("a", "b")] and files == ["x"]
    edits, _, _ = sed.edits(["-i", '/"guard"/s/, 1,/, 0,/; s/a/b/', "x"])
    assert edits == [sed.Edit(", 1,", ", 0,", '"guard"'), sed.Edit("a", "b")]


def test_scripts_that_are_cut_off_give_nothing() -> None:
    assert sed.edits(["-i", "s/a/b"])[0] == []
    assert sed.edits(["-i", "s"])[0] == []
    assert sed.edits(["-i", "/a"])[0] == []


def test_options_by_any_of_their_names() -> None:
    script = "s/a/b/"
    for words in (
        ["-i", script, "x"],
        ["-Ei.bak", script, "x"],
        ["--in-place=.bak", "--regexp-extended", "--expression", script, "x"],
        ["--in-place", f"--expression={script}", "--", "x"],
        ["-l5", "-i", script, "x"],
        ["--line-length", "5", "-i", "-zE", script, "x"],
        ["--no-such-option", "-si", script, "x"],
        ["-ni", "-e", script, "x"],
    ):
        assert sed.edits(words) == ([sed.Edit("a", "b")], ["x"], True), words


def test_a_script_in_a_file_edits_what_nobody_knows() -> None:
    assert sed.edits(["-i", "-f", "x.sed", "x.conf"]) == ([sed.Edit("", "")], ["x.conf"], True)


def test_lines_added_and_changed() -> None:
    assert sed.edits(["-i", "$a protected-mode no", "x"])[0] == [
        sed.Edit("", "protected-mode no", kind="append")
    ]
    assert sed.edits(["-i", "1i\\\nport 1\\\nbind 0.0.0.0", "x"])[0] == [
        sed.Edit("", "port 1\nbind 0.0.0.0", kind="append")
    ]
    assert sed.edits(["-i", "/^port /c port 1", "x"])[0] == [sed.Edit("^port ", "port 1")]
    # labels, branches and what goes to a file are no text
    assert sed.edits(["-i", ":a;N;$!ba;s/x/y/;y/abc/sed/;w out", "x"])[0] == [sed.Edit("x", "y")]
