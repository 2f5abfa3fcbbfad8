"""An edit leaves every byte that it does not mean."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.library import Editor, Entry, LibraryFile, parse
from contrib.values.errors import BadInput

C = "0123456789abcdef0123456789abcdef01234567"
D = "fedcba9876543210fedcba9876543210fedcba98"

TEXT = f"""\
# generated, not by hand
Maintainers:  Ann (@ann),
              Bob <bob@example.org> (@bob)
GitRepo:      https://example.org/r.git

# --- the newest
Tags:           2.1, 2, latest
# why these: see the README
Architectures:  amd64,
                arm64v8
GitCommit:      {C}
Directory:      2.1
Unknown-Thing:  kept


Tags: 1.9 , 1
GitCommit: {C}
Directory: 1.9
# the end
"""


def library(text: str = TEXT) -> LibraryFile:
    return parse(text.encode(), "library/demo")


def changed(before: str, after: bytes) -> list[str]:
    lines = difflib.ndiff(before.splitlines(keepends=True), after.decode().splitlines(keepends=True))
    return [line.rstrip("\n") for line in lines if line[0] in "+-"]


def test_nothing_edited_is_nothing_changed() -> None:
    file = library()
    editor = Editor(file)
    for entry in file.entries:
        editor.replace(entry, entry)
    editor.set_header(file.header)
    assert editor.result() == TEXT.encode()


def test_a_value_is_replaced_where_it_stands() -> None:
    file = library()
    editor = Editor(file)
    editor.replace(
        file.entries[0], file.entries[0].replaced(git_commit=D, tags=("2.1.1", "2.1", "2", "latest"))
    )
    assert changed(TEXT, editor.result()) == [
        "- Tags:           2.1, 2, latest",
        "+ Tags:           2.1.1, 2.1, 2, latest",
        f"- GitCommit:      {C}",
        f"+ GitCommit:      {D}",
    ]


def test_fields_appear_in_print_order_and_disappear() -> None:
    file = library()
    editor = Editor(file)
    new = file.entries[1].replaced(
        shared_tags=("s",),
        architectures=("windows-amd64",),
        constraints=("nanoserver-ltsc2022",),
        directory=".",
    )
    editor.replace(file.entries[1], new)
    result = editor.result()
    assert changed(TEXT, result) == [
        "+ SharedTags: s",
        "+ Architectures: windows-amd64",
        "- Directory: 1.9",
        "+ Constraints: nanoserver-ltsc2022",
    ]
    assert parse(result).entries[1] == new


def test_a_continued_list_that_changes_is_written_on_one_line() -> None:
    file = library()
    editor = Editor(file)
    editor.replace(file.entries[0], file.entries[0].replaced(architectures=("amd64", "arm64v8", "s390x")))
    assert editor.result().decode() == TEXT.replace(
        "amd64,\n                arm64v8\n", "amd64, arm64v8, s390x\n"
    )


def test_insert_and_remove() -> None:
    file = library()
    new = Entry(
        maintainers=file.header.maintainers,
        tags=("2.0",),
        git_repo=file.header.git_repo,
        git_commit=D,
        directory="2.0",
    )
    block = f"Tags: 2.0\nGitCommit: {D}\nDirectory: 2.0\n"
    after = Editor(file)
    after.insert(new, after=file.entries[0])
    assert after.result().decode() == TEXT.replace(
        "Unknown-Thing:  kept\n", f"Unknown-Thing:  kept\n\n{block}"
    )
    before = Editor(file)
    before.insert(new, before=file.entries[0])
    assert before.result().decode() == TEXT.replace("# --- the newest\n", f"{block}\n# --- the newest\n")
    end = Editor(file)
    end.insert(new)
    assert end.result().decode() == TEXT + "\n" + block
    gone = Editor(file)
    gone.remove(file.entries[0])
    start, stop = TEXT.index("# --- the"), TEXT.index("\nTags: 1.9")
    assert gone.result().decode() == TEXT[:start] + TEXT[stop:]
    swapped = Editor(file)
    swapped.remove(file.entries[0])
    swapped.insert(new, after=file.entries[0])
    assert swapped.result().decode() == TEXT[:start] + block + TEXT[stop:]
    last = Editor(file)
    last.remove(file.entries[1])
    assert parse(last.result()).entries == file.entries[:1]


def test_merged_entries_are_edited_where_they_stand() -> None:
    text = (
        f"Maintainers: A (@a)\nGitRepo: r\n\nTags: 1\nGitCommit: {C}\n\nTags: x\nGitCommit: {D}\n\n"
        f"Tags: 2, 3\nGitCommit: {C}\n"
    )
    file = library(text)
    entry = file.entries[0]
    assert entry.tags == ("1", "2", "3")
    editor = Editor(file)
    editor.replace(entry, entry.replaced(tags=("1", "3", "4"), directory="d"))
    assert editor.result().decode() == (
        f"Maintainers: A (@a)\nGitRepo: r\n\nTags: 1, 4\nGitCommit: {C}\nDirectory: d\n\nTags: x\nGitCommit: {D}\n\n"
        f"Tags: 3\nGitCommit: {C}\nDirectory: d\n"
    )


def test_crlf_and_a_missing_final_newline_stay() -> None:
    text = f"Maintainers: A (@a)\r\nGitRepo: r\r\n\r\nTags: 1\r\nGitCommit: {C}"
    file = library(text)
    editor = Editor(file)
    editor.replace(file.entries[0], file.entries[0].replaced(directory="d"))
    assert editor.result().decode() == text + "\r\nDirectory: d"
    editor = Editor(file)
    editor.insert(file.entries[0].replaced(tags=("2",), directory="e"))
    assert editor.result().decode() == text + f"\r\n\r\nTags: 2\r\nGitCommit: {C}\r\nDirectory: e\r\n"


def test_a_result_that_is_no_library_file_is_refused() -> None:
    file = library()
    editor = Editor(file)
    editor.replace(file.entries[1], file.entries[1].replaced(tags=("2",)))
    with pytest.raises(BadInput):
        editor.result()


def test_what_the_header_adds_cannot_be_taken_away_in_an_entry() -> None:
    file = library(f"Maintainers: A (@a)\nGitRepo: r\nGitCommit: {C}\nConstraints: a\n\nTags: 1\n")
    editor = Editor(file)
    with pytest.raises(BadInput, match="added to the header"):
        editor.replace(file.entries[0], file.entries[0].replaced(constraints=("b",)))


WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), unique=True, min_size=1).map(tuple)


@given(
    which=st.integers(0, 1),
    tags=WORDS,
    shared=st.sampled_from([(), ("s",), ("s", "t")]),
    architectures=st.sampled_from([("amd64",), ("amd64", "s390x"), ("windows-amd64",)]),
    directory=st.sampled_from([".", "x", "2.1"]),
    constraints=st.sampled_from([(), ("k",), ("k", "l")]),
    specific=st.sampled_from([{}, {"s390x-File": "F"}, {"a-GitRepo": "q", "s390x-File": "G"}]),
)
@settings(max_examples=150, deadline=None)
def test_any_edit_reads_back_and_touches_one_paragraph(
    which: int,
    tags: tuple[str, ...],
    shared: tuple[str, ...],
    architectures: tuple[str, ...],
    directory: str,
    constraints: tuple[str, ...],
    specific: dict[str, str],
) -> None:
    file = library()
    new = file.entries[which].replaced(
        tags=tags,
        shared_tags=shared,
        architectures=architectures,
        directory=directory,
        constraints=constraints,
        arch_fields=specific,
    )
    editor = Editor(file)
    editor.replace(file.entries[which], new)
    result = editor.result()
    entries = parse(result).entries
    assert entries[which] == new
    assert entries[1 - which] == file.entries[1 - which]
    kept = TEXT.split("\n\n\n")[1 - which] if which else "\n\n\n" + TEXT.split("\n\n\n")[1]
    assert kept in result.decode()
    for comment in (
        "# generated, not by hand\n",
        "# --- the newest\n",
        "# why these",
        "# the end\n",
        "Unknown-Thing",
    ):
        assert comment in result.decode()


def test_a_new_entry_is_written_as_its_neighbour_is() -> None:
    data = (
        b"Maintainers: A (@a)\nGitRepo: https://example.org/r.git\n\n"
        b"Tags: 1\nArchitectures: amd64\nGitCommit: "
        + b"1" * 40
        + b"\nGitFetch: refs/tags/v1\nDirectory: debian\n"
    )
    file = parse(data, "library/x")
    editor = Editor(file)
    new = file.entries[0].replaced(
        tags=("2",), shared_tags=("two",), git_fetch="refs/heads/b", directory="windows", constraints=("c",)
    )
    editor.insert(new, after=file.entries[0])
    names = [line.partition(b":")[0] for line in editor.result().split(b"\n\n")[2].splitlines()]
    assert b" ".join(names) == b"Tags SharedTags GitCommit GitFetch Directory Constraints"
