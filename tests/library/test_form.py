"""The reading that goes on agrees with the one that stops, and each mistake is one finding with its fix."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from contrib.library import parse
from contrib.rules.library.form.document import MAX_PER_KIND
from contrib.rules.library.form.reading import read_on
from contrib.values.errors import BadInput
from contrib.values.findings import Finding, Severity, apply_edits
from tests.library.test_reader import CORNERS, FILES, HEADER, C


def mended(data: bytes, problem: Finding) -> bytes:
    assert problem.fix is not None
    return apply_edits(data, problem.fix.edits)


def agrees(data: bytes) -> None:
    found = read_on(data)
    errors = [problem for problem in found.found if problem.severity is Severity.ERROR]
    if found.rejected:
        assert errors, "rejected without a reason"
    else:
        assert not [problem for problem in found.found if id(problem) in found.refused]
    lines = max(data.count(b"\n") + 1, 1)
    assert all(1 <= (problem.line or 0) <= (problem.end_line or 0) <= lines for problem in found.found)


@pytest.mark.parametrize("case", CORNERS)
def test_corners_agree_with_the_reader_that_stops(case: str) -> None:
    text, accepted = CORNERS[case]
    assert read_on(text.encode()).rejected == (not accepted)
    agrees(text.encode())


@given(data=FILES)
@settings(max_examples=300, deadline=None)
def test_generated_files_agree_with_the_reader_that_stops(data: bytes) -> None:
    agrees(data)


@given(data=FILES)
@settings(max_examples=300, deadline=None)
def test_safe_fixes_never_break_a_file(data: bytes) -> None:
    before = read_on(data)
    for problem in before.found:
        if problem.fix is None or not problem.fix.safe:
            continue
        after = read_on(mended(data, problem))
        if problem.rule not in (
            "field-wrong-case",
            "whitespace-only-line",
        ):  # those change what the file says
            assert before.rejected or not after.rejected, problem


@given(data=FILES)
@settings(max_examples=300, deadline=None)
def test_safe_fixes_come_to_an_end(data: bytes) -> None:
    for _ in range(8):
        edits = [
            edit
            for problem in read_on(data).found
            if problem.fix is not None and problem.fix.safe
            for edit in problem.fix.edits
        ]
        if not edits:
            return
        after = apply_edits(data, edits)
        assert after != data
        data = after
    raise AssertionError("the fixes make work for each other")


def test_recorded_vectors(vectors: list[dict[str, Any]]) -> None:
    for vector in vectors:
        data = vector["input"].encode("utf-8", "surrogateescape")
        found = read_on(data, vector["name"])
        assert found.rejected == (not vector["accepted"])
        agrees(data)
        if vector["accepted"] and not any(problem.severity is Severity.ERROR for problem in found.found):
            # without an error it holds the same entries as the reader's
            assert found.entries == parse(data).entries, vector["name"]


def test_files_of_the_corpus_have_no_error(corpus_files: dict[str, bytes]) -> None:
    kinds: dict[str, int] = {}
    for name, data in corpus_files.items():
        found = read_on(data, name)
        assert found.entries == parse(data).entries
        for problem in found.found:
            assert problem.severity == "note", (name, problem)
            kinds[problem.rule] = kinds.get(problem.rule, 0) + 1
    assert kinds == {"trailing-space": 5, "missing-final-newline": 3}


ONE = HEADER + "\nTags: 1\nDirectory: x\n"

#: Text of a file -> what is told: (id, line), in order.
CASES: list[tuple[str, list[tuple[str, int]]]] = [
    ("", [("empty-file", 1)]),
    (ONE.replace("Directory: x", "Directory x"), [("missing-colon", 6)]),
    (ONE.replace("Tags: 1", "Tags 1"), [("missing-colon", 5)]),
    (HEADER.replace("GitRepo:", "GitRepo") + "\nTags: 1\n\nTags: 2\nFile: F\n", [("misspelled-field", 2)]),
    (ONE.replace("(@ann)", "(@ann) Bob (@bob)"), [("maintainers-missing-comma", 1)]),
    (ONE.replace("(@ann)", "(@ann),"), [("maintainers-trailing-comma", 1)]),
    (ONE.replace("(@ann)", "@ann"), [("maintainers-bad-format", 1)]),
    (ONE.replace("Maintainers: Ann Example <ann@example.org> (@ann)\n", ""), [("missing-maintainers", 1)]),
    (ONE.replace("\n\n", "\n"), [("missing-blank-line", 4)]),
    (ONE.replace("\n\n", "\n# the first\n"), [("missing-blank-line", 5)]),
    (ONE.replace("\n\n", "\n  \n"), [("missing-blank-line", 5)]),
    ("Tags: 1\n" + HEADER + "\nTags: 2\n", [("tags-in-header", 1)]),
    (ONE.replace("Tags", "Architectures: arm64\nTags"), [("invalid-architecture", 5)]),
    (ONE.replace("Tags", "GitFetch: main\nTags"), [("invalid-gitfetch", 5)]),
    (HEADER + "GitFetch: main\n\nTags: 1\n\nTags: 2\nFile: F\n", [("invalid-gitfetch", 4)]),
    (ONE.replace(C, C[:-1]), [("invalid-gitcommit", 3)]),
    (ONE.replace(C, C + " # 1.2"), [("invalid-gitcommit", 3)]),
    (ONE.replace("GitCommit", "amd64-GitCommit"), [("missing-gitcommit", 5)]),
    (HEADER + "\nTags: 1\n\nDirectory: x\n", [("missing-tags", 7)]),
    (HEADER + "\nTags: 1\nDirectory: y\n\nDirectory: x\n", [("missing-tags", 8)]),
    (
        HEADER.replace("GitCommit", "\nGitCommit") + "\nTags: 1\n\nTags: 2\nFile: F\n",
        [("blank-line-in-header", 4)],
    ),
    (HEADER + "\ns390x-File: F\n\nTags: 1\nArchitectures: s390x\n", [("blank-line-in-header", 5)]),
    (ONE.replace("Tags: 1", "Tags: 1, "), [("trailing-space", 5), ("tag-empty-item", 5)]),
    (ONE.replace("Tags: 1", "Tags: 1 2"), [("tag-missing-comma", 5)]),
    (ONE.replace("Tags: 1", "Tags: 1,\n 2\n 3"), [("tag-missing-comma", 6)]),
    (ONE.replace("Tags: 1", f"Tags: {'a' * 129}"), [("tag-too-long", 5)]),
    (ONE.replace("Tags: 1", "Tags: -1"), [("invalid-tag", 5)]),
    (ONE + "\nTags: 2, 1\n", [("duplicate-tag", 8)]),
    (ONE.replace("Tags: 1", "Tags: 1, 2, 1"), [("duplicate-tag-in-entry", 5)]),
    (ONE.replace("Tags: 1", "Tags: 1\nSharedTags: 1"), [("duplicate-tag-in-entry", 6)]),
    (ONE + "\nTags: 2\nSharedTags: 1\n", [("sharedtag-conflict", 9)]),
    (ONE + "s390x-GitCommit: HEAD\n", [("arch-field-invalid", 7)]),
    (ONE + "arm64-File: F\n", [("arch-field-unknown-arch", 7)]),
    (ONE + "Constraints: a,\n", [("constraint-empty-item", 7)]),
    ("-----BEGIN PGP SIGNED MESSAGE-----\n" + ONE, [("header-pgp", 1)]),
    ("\ufeff" + ONE, [("bom", 1)]),
    (ONE + "File: a\n b\n", [("multiline-value", 7)]),
    (ONE.replace("Directory: x", "Directory: ../x"), [("directory-outside", 6)]),
    (ONE + "Maintainers: Bob (@bob)\n", [("entry-maintainers", 7)]),
    (ONE + "\nTags: 2\nDirectory: ./x\n", [("entries-merged", 8)]),
    (HEADER + "s390x-File: F\n\nTags: 1\ns390x-File:\n", [("arch-field-cleared", 7)]),
    (ONE.replace("Directory", "directory"), [("field-wrong-case", 6)]),
    (ONE.replace("Tags", "TAGS"), [("field-wrong-case", 5)]),
    (ONE.replace("Directory", "Directroy"), [("misspelled-field", 6)]),
    (ONE.replace("GitRepo", "GitRep"), [("misspelled-field", 2)]),
    (ONE + "https://example.org/\n", [("unknown-field", 7)]),
    (ONE + "ArchValues: x\n", [("unknown-field", 7)]),
    (ONE.replace("GitRepo: ", "GitRepo: GitRepo: "), [("gitrepo-doubled-field", 2)]),
    (ONE + "  \nTags: 2\nDirectory: y\n", [("whitespace-only-line", 7)]),
    (ONE.replace("Directory", "  \nDirectory"), [("whitespace-only-line", 6)]),
    (ONE.replace("\n", "\r\n"), [("crlf", 1)]),
    (ONE.replace("Tags: 1", "Tags : 1"), [("space-before-colon", 5)]),
    (ONE.replace("Tags: 1", "Tags:1"), [("no-space-after-colon", 5)]),
    (ONE[:-1], [("missing-final-newline", 6)]),
    (ONE + "Tags: 2\nDirectory: y\n", [("duplicate-field", 7)]),
    (ONE + "Directory: x\n", [("duplicate-field", 7)]),
    (ONE.replace("Directory", " Directory"), [("invalid-tag", 6)]),
    (ONE.replace("Directory: x", "Directory: \0"), [("control-character", 5)]),
    ("5.5: git://example.org/r@abc 5.5\n\n5: git://example.org/r@abc 5.5\n", [("legacy-format", 1)]),
    ("# maintainer: A <a@example.org> (@a)\n" + ONE.partition("\n")[2], [("legacy-format", 1)]),
    (HEADER + "Tags: 1\nGitCommit: x\n", [("missing-blank-line", 4), ("invalid-gitcommit", 5)]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_one_mistake_is_one_problem(text: str, expected: list[tuple[str, int]]) -> None:
    found = read_on(text.encode())
    assert [(problem.rule, problem.line) for problem in found.found] == expected
    assert found.rejected == any(id(problem) in found.refused for problem in found.found)


#: Text, the problem's id, the text mended.
FIXES: list[tuple[str, str, str]] = [
    (ONE.replace("Tags: 1", "Tags 1"), "missing-colon", ONE),
    (ONE.replace("(@ann)", "(@ann) Bob (@bob)"), "maintainers-missing-comma", ONE.replace("(@ann)", "(@ann), Bob (@bob)")),
    (ONE.replace("(@ann)", "(@ann),"), "maintainers-trailing-comma", ONE),
    (ONE.replace("\n\n", "\n"), "missing-blank-line", ONE),
    (ONE.replace("\n\n", "\n \t\n"), "missing-blank-line", ONE),
    (ONE.replace("\n\n", "\n# the first\n"), "missing-blank-line", ONE.replace("\n\n", "\n\n# the first\n")),
    (ONE.replace("Tags", "GitFetch: main\nTags"), "invalid-gitfetch", ONE.replace("Tags", "GitFetch: refs/heads/main\nTags")),
    (ONE.replace(C, C.upper()), "invalid-gitcommit", ONE),
    (ONE.replace(C, C + "  # 1.2"), "invalid-gitcommit", ONE.replace("GitCommit", "# 1.2\nGitCommit")),
    (HEADER + "\nTags: 1\n\nDirectory: x\n", "missing-tags", ONE),
    (ONE.replace("GitRepo", "\nGitRepo") + "\nTags: 2\n", "blank-line-in-header", ONE + "\nTags: 2\n"),
    (ONE.replace("Tags: 1", "Tags: 1,"), "tag-empty-item", ONE),
    (ONE.replace("Tags: 1", "Tags: , 1"), "tag-empty-item", ONE),
    (ONE.replace("Tags: 1", "Tags: 0,, 1"), "tag-empty-item", ONE.replace("Tags: 1", "Tags: 0, 1")),
    (ONE.replace("Tags: 1", "Tags: 0 1"), "tag-missing-comma", ONE.replace("Tags: 1", "Tags: 0, 1")),
    (ONE.replace("Tags: 1", "Tags: 1, 1"), "duplicate-tag-in-entry", ONE),
    (ONE.replace("Tags: 1", "Tags: 1,\n 2,\n 1,\n 3"), "duplicate-tag-in-entry", ONE.replace("Tags: 1", "Tags: 1,\n 2,\n 3")),
    (ONE + "Constraints: a, , b\n", "constraint-empty-item", ONE + "Constraints: a, b\n"),
    (ONE + "Constraints:\n", "constraint-empty-item", ONE),
    ("\ufeff" + ONE, "bom", ONE),
    (ONE.replace("Directory", "directory"), "field-wrong-case", ONE),
    (ONE.replace("Directory", "Directroy"), "misspelled-field", ONE),
    (ONE.replace("GitRepo: ", "GitRepo: GitRepo: "), "gitrepo-doubled-field", ONE),
    (ONE + " \nTags: 2\n", "whitespace-only-line", ONE + "\nTags: 2\n"),
    (ONE.replace("Directory", "  \nDirectory"), "whitespace-only-line", ONE),
    (ONE.replace("\n", "\r\n"), "crlf", ONE),
    (ONE.replace("Tags:", "Tags \t:"), "space-before-colon", ONE),
    (ONE.replace("Tags: ", "Tags:"), "no-space-after-colon", ONE),
    (ONE[:-1], "missing-final-newline", ONE),
    (ONE.replace("Tags: 1", "Tags: 1 \t"), "trailing-space", ONE),
    (ONE + "Directory: x\n", "duplicate-field", ONE),
    (ONE + "Tags: 2\n", "duplicate-field", ONE + "\nTags: 2\n"),
    (ONE.replace("Directory", " Directory"), "invalid-tag", ONE),
    (ONE.replace("Tags", "Architectures: amd64,\nTags"), "invalid-architecture", ONE.replace("Tags", "Architectures: amd64\nTags")),
    (ONE.replace("Tags", "Architectures: arm64\nTags"), "invalid-architecture", ONE.replace("Tags", "Architectures: arm64v8\nTags")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "expected"), FIXES)
def test_fixes(text: str, kind: str, expected: str) -> None:
    problems = [problem for problem in read_on(text.encode()).found if problem.rule == kind]
    assert mended(text.encode(), problems[0]).decode() == expected


def test_plain_commit_from_the_architectures() -> None:
    text = HEADER.replace("GitCommit", "amd64-GitCommit") + "\nTags: 1\n"
    (problem,) = read_on(text.encode()).found
    assert parse(mended(text.encode(), problem)).entries[0].git_commit == C


def test_an_error_has_file_line_and_fix() -> None:
    with pytest.raises(BadInput) as caught:
        parse(ONE.replace("Tags: 1", "Tags: 1 2").encode(), "library/demo")
    error = caught.value
    assert (error.file, error.line, error.hint) == ("library/demo", 5, "put a comma between them")
    assert "“1”" in error.message


def test_no_end_of_problems_is_cut_short() -> None:
    found = read_on((ONE + "x:\n" * 1000).encode())
    unknown = [problem for problem in found.found if problem.rule == "unknown-field"]
    assert len(unknown) == MAX_PER_KIND
    assert "800 more" in unknown[-1].message
