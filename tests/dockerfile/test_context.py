"""Which files of the build context COPY and ADD read."""

from __future__ import annotations

import pytest

from contrib.dockerfile import parse
from contrib.dockerfile.context import context_files, from_context, matching

NAMES = ["Dockerfile", "entry.sh", "conf.d/a.conf", "conf.d/b.conf", "conf.d/deep/c.conf", "x y.txt"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("entry.sh", ["entry.sh"]),
        ("./entry.sh", ["entry.sh"]),
        ("/entry.sh", ["entry.sh"]),
        ("../entry.sh", ["entry.sh"]),
        ("*.conf", []),
        ("conf.d/*.conf", ["conf.d/a.conf", "conf.d/b.conf"]),
        ("conf.d\\a.conf", ["conf.d/a.conf"]),
        ("conf.d", ["conf.d/a.conf", "conf.d/b.conf", "conf.d/deep/c.conf"]),
        ("conf.d/", ["conf.d/a.conf", "conf.d/b.conf", "conf.d/deep/c.conf"]),
        ("conf.d/[ab].conf", ["conf.d/a.conf", "conf.d/b.conf"]),
        ("conf.?/a.conf", ["conf.d/a.conf"]),
        ("entry", []),
        ("no", []),
        (".", sorted(NAMES)),
    ],
)
def test_sources(source: str, found: list[str]) -> None:
    assert list(matching(source, NAMES)) == found


def files(text: str) -> tuple[str, ...]:
    return context_files(parse(text.encode(), "Dockerfile"), NAMES)


def test_what_does_not_come_from_the_context_is_not_there() -> None:
    text = (
        "FROM a AS one\nCOPY --from=b entry.sh /\nADD https://example.org/entry.sh /\nADD git@x:y /z\n"
        "COPY <<EOF /made\nCOPY entry.sh\nEOF\nRUN cp entry.sh /\n"
    )
    assert files(text) == ()


def test_variables_and_all_stages() -> None:
    text = 'ARG D=conf.d\nFROM a AS one\nARG D\nENV E=entry\nCOPY $E.sh /\nFROM one\nADD ["x y.txt", "/"]\n'
    assert files(text) == ("entry.sh", "x y.txt")


def test_a_source_that_is_not_known_says_so() -> None:
    (only,) = from_context(parse(b"FROM a\nARG F\nCOPY $F /x/\n", "Dockerfile"), NAMES)
    assert (only.known, only.paths, only.destination) == (False, (), "/x/")
