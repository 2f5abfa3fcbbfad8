"""Accepted and rejected as bashbrew does: its recorded answers, its source's corners, and bashbrew itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contrib.library import cat, parse
from contrib.library.reader import MAX_BYTES, maintainer
from contrib.values.errors import BadInput
from tests.library.conftest import Bashbrew

#: Their entries were retired, or commented out.
HEADER_ALONE = ("clefos", "gazebo", "mongo-express", "notary", "php-zendserver", "plone", "unit")

C = "0123456789abcdef0123456789abcdef01234567"
HEADER = (
    f"Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://example.org/r.git\nGitCommit: {C}\n"
)


def test_recorded_vectors_are_accepted_and_rejected_alike(vectors: list[dict[str, Any]]) -> None:
    wrong = []
    for vector in vectors:
        try:
            parse(vector["input"].encode("utf-8", "surrogateescape"), vector["name"])
            accepted = True
        except BadInput:
            accepted = False
        if accepted != vector["accepted"]:
            wrong.append(vector["name"])
    assert len(vectors) == 900
    assert wrong == []


def test_all_files_of_the_corpus_are_read(corpus_files: dict[str, bytes]) -> None:
    assert len(corpus_files) == 144
    for name, data in corpus_files.items():
        assert bool(parse(data, name).entries) == (name not in HEADER_ALONE)


# Each case was put to bashbrew 0.1.15; ``test_corners_agree_with_bashbrew`` asks again where there is one.
CORNERS: dict[str, tuple[str, bool]] = {
    "header alone": (HEADER, True),
    "nothing": ("", False),
    "only comments": ("# a\n  # b\n", False),
    "comment inside a continued value": (HEADER + "\nTags: 1,\n# in between\n 2\n", True),
    "comment after a no-break space": (HEADER + "\nTags: 1\n\xa0# gone\nDirectory: x\n", True),
    "comment after U+001C is a line": (HEADER + "\nTags: 1\n\x1c# not gone\nDirectory: x\n", False),
    "line of blanks continues": (HEADER + "  \nTags: 1\n", False),
    "blank lines with CR": (HEADER.replace("\n", "\r\n") + "\r\n\r\nTags: 1\r\n", True),
    "lone CR ends no line": (HEADER + "\nTags: 1\rDirectory: x\n", False),
    "no final newline": (HEADER + "\nTags: 1", True),
    "space before the colon": (HEADER + "\nTags : 1\nDirectory:x\n", True),
    "name case": (HEADER + "\ntags: 1\n", False),
    "no colon": (HEADER + "\nTags: 1\nDirectory x\n", False),
    "address as a field": (HEADER + "\nTags: 1\nhttps://example.org/\n", True),
    "continuation before any field": ("  stray\n" + HEADER + "\nTags: 1\n", True),
    "trailing comma in Tags": (HEADER + "\nTags: 1,\n", False),
    "trailing comma in Architectures": (HEADER + "\nTags: 1\nArchitectures: amd64,\n", False),
    "trailing comma in Constraints": (HEADER + "\nTags: 1\nConstraints: a,\n", True),
    "empty Constraints": (HEADER + "\nTags: 1\nConstraints:\n", True),
    "empty SharedTags": (HEADER + "\nTags: 1\nSharedTags:\n", False),
    "empty SharedTags in the header, not used": (HEADER + "SharedTags:\n\nTags: 1\nSharedTags: s\n", True),
    "empty Architectures": (HEADER + "\nTags: 1\nArchitectures:\n", False),
    "empty Directory": (HEADER + "\nTags: 1\nDirectory:\n", True),
    "empty GitFetch": (HEADER + "\nTags: 1\nGitFetch:\n", False),
    "empty GitCommit": (HEADER + "\nTags: 1\nGitCommit:\n", False),
    "empty arch field cancels": (HEADER + "s390x-File: F\n\nTags: 1\ns390x-File:\n", True),
    "bad arch fields are not looked at": (
        HEADER + "\nTags: 1\nno-such-GitCommit: HEAD\n-GitFetch: x\n",
        True,
    ),
    "continued GitFetch": (HEADER + "\nTags: 1\nGitFetch: refs/heads/a\n b\n", True),
    "continued GitCommit": (HEADER + f"\nTags: 1\nGitCommit: {C}\n  \n", False),
    "continued Directory": (HEADER + "\nTags: 1\nDirectory: a\n b\n .\n", True),
    "value on the next line": (HEADER + "\nTags:\n 1,\n 2\n", True),
    "sha256 commit": (HEADER + f"\nTags: 1\nGitCommit: {C}{C[:24]}\n", True),
    "upper-case commit": (HEADER + f"\nTags: 1\nGitCommit: {C.upper()}\n", False),
    "commit and a comment": (HEADER + f"\nTags: 1\nGitCommit: {C} # 1.2\n", False),
    "GitFetch with a star": (HEADER + "\nTags: 1\nGitFetch: refs/heads/*\n", False),
    "GitFetch of notes": (HEADER + "\nTags: 1\nGitFetch: refs/notes/a\n", False),
    "tag of 128": (HEADER + f"\nTags: {'a' * 128}\n", True),
    "tag of 129": (HEADER + f"\nTags: {'a' * 129}\n", False),
    "tag that starts with a dot": (HEADER + "\nTags: .1\n", False),
    "tag with a letter beyond ASCII": (HEADER + "\nTags: é\n", False),
    "tag twice": (HEADER + "\nTags: 1, 1\n", False),
    "shared tag twice": (HEADER + "\nTags: 1\nSharedTags: s, s\n", True),
    "shared tag also own": (HEADER + "\nTags: 1\nSharedTags: 1\n", False),
    "own tag of another": (HEADER + "\nTags: 1\n\nTags: 1\nDirectory: x\n", False),
    "own tag shared before": (HEADER + "\nTags: 1\nSharedTags: s\n\nTags: s\nDirectory: x\n", False),
    "shared tag owned before": (HEADER + "\nTags: s\n\nTags: 1\nSharedTags: s\nDirectory: x\n", False),
    "shared tag shared": (
        HEADER + "\nTags: 1\nSharedTags: s\n\nTags: 2\nSharedTags: s\nDirectory: x\n",
        True,
    ),
    "Tags in the header": (HEADER + "Tags: 1\n", False),
    "empty Tags in the header": (HEADER + "Tags:\n", False),
    "no Tags": (HEADER + "\nDirectory: x\n", False),
    "no GitRepo": (HEADER.replace("GitRepo", "Gitrepo") + "\nTags: 1\n", False),
    "no GitCommit but one for each": (
        HEADER.replace("GitCommit", "amd64-GitCommit") + "\nTags: 1\n",
        False,
    ),
    "unknown architecture": (HEADER + "\nTags: 1\nArchitectures: amd64, arm64\n", False),
    "unknown architecture in the header": (
        HEADER + "Architectures: x\n\nTags: 1\nArchitectures: amd64\n",
        False,
    ),
    "field of the decoder's own": (HEADER + "\nTags: 1\nArchValues: x\n", False),
    "field of the decoder's own, Values": (HEADER + "Values: x\n", False),
    "field of the decoder's own, Paragraph": (HEADER + "\nTags: 1\nParagraph:\n", False),
    "field of the decoder's own, Order": (HEADER + "\nTags: 1\nOrder: x y\n", True),
    "field without a name": (HEADER + "\n: x\nTags: 1\n", True),
    "the last of equal names": (HEADER + "\nTags: .\nTags: 1\n", True),
    "maintainer without handle": (HEADER.replace(" (@ann)", "") + "\nTags: 1\n", False),
    "maintainer without address": (HEADER.replace(" <ann@example.org>", "") + "\nTags: 1\n", True),
    "maintainers without a comma": (HEADER.replace("(@ann)", "(@ann) Bob (@bob)"), False),
    "maintainer with blanks": (HEADER.replace(" <", " \t  <").replace("> ", ">\t ") + "\nTags: 1\n", True),
    "maintainers of an entry": (HEADER + "\nTags: 1\nMaintainers: Bob (@bob)\n", True),
    "bad maintainers of an entry": (HEADER + "\nTags: 1\nMaintainers: Bob\n", False),
    "no maintainers": (HEADER.replace("Maintainers", "X"), False),
    "byte order mark": ("\ufeff" + HEADER, False),
    "NUL in Directory": (HEADER + "\nTags: 1\nDirectory: a\0b\n", True),
    "signed": ("-----BEGIN PGP SIGNED MESSAGE-----\n", False),
}


@pytest.mark.parametrize("case", CORNERS)
def test_corners(case: str) -> None:
    text, accepted = CORNERS[case]
    if accepted:
        parse(text.encode())
    else:
        with pytest.raises(BadInput):
            parse(text.encode())


def test_corners_agree_with_bashbrew(bashbrew: Bashbrew) -> None:
    # One test for all: where there is no bashbrew, one skip says so.
    wrong = {}
    for case, (text, accepted) in CORNERS.items():
        said = bashbrew.cat(text.encode())
        ours = cat(parse(text.encode())).encode("utf-8", "surrogateescape") if accepted else None
        if ours != said:
            wrong[case] = (ours, said)
    assert wrong == {}


def test_defaults_and_inheritance() -> None:
    file = parse(
        (
            HEADER
            + "Architectures: s390x, amd64\nSharedTags: all\nConstraints: a\ns390x-File: F\nBuilder: buildkit\n"
            "\nTags: 1\n"
            "\nTags: 2\nArchitectures: arm64v8\nSharedTags: two\nConstraints: b\nMaintainers: Bob (@bob)\n"
            "Directory: ./x//y/../\nBuilder:\ns390x-File:\n"
        ).encode(),
        "library/demo",
    )
    one, two = file.entries
    assert file.repository == "demo"
    assert (one.architectures, one.shared_tags, one.constraints) == (("amd64", "s390x"), ("all",), ("a",))
    assert (one.directory, one.file, one.git_fetch) == (".", "Dockerfile", "refs/heads/master")
    assert (one.value("File", "s390x"), one.value("File", "amd64")) == ("F", "Dockerfile")
    assert one.dockerfile("s390x") == "F"
    assert (two.architectures, two.shared_tags, two.constraints) == (("arm64v8",), ("two",), ("a", "b"))
    assert two.maintainers == ("Ann Example <ann@example.org> (@ann)", "Bob (@bob)")
    assert (two.directory, two.builder, two.value("File", "s390x")) == ("x", "", "Dockerfile")
    assert file.find("two") == (two,)
    assert file.find("all") == (one,)
    assert file.find("none") == ()


def test_entries_with_the_same_artefacts_are_merged_into_the_first() -> None:
    text = (
        HEADER
        + "\nTags: 1\nSharedTags: s\n\nTags: 2\nDirectory: x\n\nTags: 3\nDirectory: ./\nSharedTags: s, t\n"
    )
    file = parse(text.encode())
    assert [entry.tags for entry in file.entries] == [("1", "3"), ("2",)]
    assert file.entries[0].shared_tags == ("s", "t")
    assert file.entries[0].paragraphs == (1, 3)


def test_bytes_that_are_no_utf8_pass_through() -> None:
    data = HEADER.encode() + b"\nTags: 1\nDirectory: caf\xe9\n"
    assert cat(parse(data)).encode("utf-8", "surrogateescape").endswith(b"Directory: caf\xe9\n")


@pytest.mark.parametrize(
    ("item", "printed"),
    [
        ("A (@a)", "A (@a)"),
        ("A  B  <x@y>   (@a)", "A  B  <x@y> (@a)"),
        ("A\t<x> (@a)", "A <x> (@a)"),
        ("A<x> (@a)", None),
        ("A (a)", None),
        ("A (@a) b", None),
        ("(@a)", None),
        ("A <x>(@a)", None),
        ("A <x y> (@a)", None),
    ],
)
def test_maintainer(item: str, printed: str | None) -> None:
    assert maintainer(item) == printed


def test_too_large_is_refused_with_a_sentence() -> None:
    with pytest.raises(BadInput, match="more than"):
        parse(b"a" * (MAX_BYTES + 1))


NAMES = st.sampled_from(
    [
        "Tags",
        "SharedTags",
        "Architectures",
        "GitRepo",
        "GitFetch",
        "GitCommit",
        "Directory",
        "File",
        "Builder",
        "Constraints",
        "Maintainers",
        "s390x-GitCommit",
        "x-Directory",
        "amd64-File",
        "tags",
        "",
        "Order",
        " Tags ",
    ]
)
VALUES = st.sampled_from(
    [
        "1",
        "2",
        "latest",
        "1, 2",
        "1 2",
        "",
        ",",
        "amd64",
        "s390x, amd64",
        "amd64,",
        "refs/heads/x",
        "refs/tags/",
        C,
        C + " ",
        C[:39],
        "./a//b/..",
        "..",
        "/",
        "x/",
        "A (@a)",
        "A <b> (@c), D (@e)",
        "A  (@a)",
        "\xa0",
        "\x1c",
        "é",
        "#",
    ]
)
LINES = st.one_of(
    st.builds(lambda n, s, v: f"{n}{s}{v}", NAMES, st.sampled_from([": ", ":", " :", ":\t"]), VALUES),
    st.builds(lambda s, v: f"{s}{v}", st.sampled_from([" ", "\t", "  ", "\x0b", "\xa0", ""]), VALUES),
    st.sampled_from(["", "", "\r", " ", "# c", "  # c", "\xa0# c", ".", " .", "no colon"]),
)


def mutated(base: str, inserted: list[tuple[int, str]], dropped: set[int], end: str) -> bytes:
    lines = base.split("\n")
    for place, line in inserted:
        lines.insert(place % (len(lines) + 1), line)
    kept = [line for number, line in enumerate(lines) if number not in dropped]
    return ("\n".join(kept) + end).encode("utf-8", "surrogateescape")


BASE = HEADER + (
    "\nTags: 1.2, 1, latest\nSharedTags: s\nArchitectures: amd64, s390x\nDirectory: a\n"
    f"\nTags: 2\nSharedTags: s\nGitFetch: refs/tags/v2\nDirectory: b\ns390x-GitCommit: {C}\nConstraints: c\n"
)
FILES: st.SearchStrategy[bytes] = st.builds(
    mutated,
    st.just(BASE),
    st.lists(st.tuples(st.integers(0, 30), LINES), max_size=4),
    st.sets(st.integers(0, 15), max_size=2),
    st.sampled_from(["\n", "", "\r\n", "\n\n", "\n "]),
)


@given(data=FILES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_generated_files_agree_with_bashbrew(data: bytes, bashbrew: Bashbrew) -> None:
    said = bashbrew.cat(data)
    try:
        ours = cat(parse(data)).encode("utf-8", "surrogateescape")
    except BadInput:
        ours = None
    assert ours == said


@given(data=FILES)
@settings(max_examples=200, deadline=None)
def test_canonical_form_reads_back_the_same(data: bytes) -> None:
    try:
        file = parse(data)
    except BadInput:
        return
    # What does not survive, in bashbrew neither: a continued value, a cancelled arch field, and what an
    # entry adds to the header's constraints or maintainers (it prints the sum).
    if file.header.constraints or any(e.maintainers != file.header.maintainers for e in file.entries):
        return
    for entry in (file.header, *file.entries):
        strings = [
            *entry.constraints,
            entry.git_repo,
            entry.git_fetch,
            entry.directory,
            entry.file,
            entry.builder,
        ]
        strings += entry.arch_fields.values()
        if any("\n" in text for text in strings) or "" in entry.arch_fields.values():
            return
    text = cat(file)
    again = parse(text.encode("utf-8", "surrogateescape"))
    assert cat(again) == text


@given(data=st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        parse(data)
    except BadInput as error:
        assert "\n" not in error.message
