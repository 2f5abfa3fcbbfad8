"""What is printed is what bashbrew prints, to the byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contrib.library import Entry, cat, cat_entries, format_entry, parse

C = "0123456789abcdef0123456789abcdef01234567"


def printed(data: bytes) -> str:
    return cat(parse(data))


def test_cat_all_of_the_corpus(corpus: Path, corpus_files: dict[str, bytes]) -> None:
    expected = (corpus / "bashbrew" / "cat-all.txt").read_bytes()
    # one blank line between entries, two between files
    got = "\n\n".join(printed(data) for data in corpus_files.values())
    assert got.encode("utf-8", "surrogateescape") == expected


def test_recorded_vectors_are_printed_alike(vectors: list[dict[str, Any]]) -> None:
    wrong = [
        vector["name"]
        for vector in vectors
        if vector["accepted"] and printed(vector["input"].encode("utf-8", "surrogateescape")) != vector["cat"]
    ]
    assert wrong == []


def test_recorded_lists(vectors: list[dict[str, Any]]) -> None:
    for vector in vectors:
        if not vector["accepted"]:
            continue
        repository = vector["name"].rpartition("-")[0]
        file = parse(vector["input"].encode("utf-8", "surrogateescape"), repository)
        lines = [f"{repository}:{tag}\n" for entry in file.entries for tag in entry.all_tags]
        assert "".join(lines) == vector["list"], vector["name"]


def test_example_of_the_catalogue() -> None:
    text = (
        f"Maintainers: A (@a)\nGitRepo: https://example.org/r\nGitCommit: {C}\n\n"
        "Tags: 2, latest\nDirectory: ./x/\n\n"
        "Tags: 1\nArchitectures: s390x, amd64\narm64v8-File: F\n\n"
        "Tags: two\nSharedTags: s\nDirectory: x\n"
    )
    assert printed(text.encode()) == (
        f"Maintainers: A (@a)\nGitRepo: https://example.org/r\nGitCommit: {C}\n\n"
        "Tags: 2, latest, two\nSharedTags: s\nDirectory: x\n\n"
        "Tags: 1\nArchitectures: amd64, s390x\narm64v8-File: F\n"
    )


def test_an_entry_in_full() -> None:
    file = parse(f"Maintainers: A (@a)\nGitRepo: https://example.org/r\nGitCommit: {C}\n\nTags: 1\n".encode())
    assert cat_entries(file.entries) == (
        "Maintainers: A (@a)\nTags: 1\nArchitectures: amd64\nGitRepo: https://example.org/r\n"
        f"GitFetch: refs/heads/master\nGitCommit: {C}\nDirectory: .\nFile: Dockerfile\n"
    )
    assert format_entry(file.entries[0], file.header) == "Tags: 1"
    made = Entry(
        tags=("2",), git_repo=file.header.git_repo, git_commit=C, maintainers=file.header.maintainers
    )
    assert format_entry(made, file.header) == "Tags: 2"
