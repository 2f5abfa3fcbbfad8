"""Characters that deceive: each kind, in each place, in Dockerfiles for both systems and in library files."""

from __future__ import annotations

from pathlib import Path

import pytest

from contrib.dockerfile import parse
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.form.reading import read_on
from contrib.rules.library.run import check
from contrib.rules.review import review
from contrib.values.findings import Finding

WINDOWS = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
HIDDEN = [
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u3164\x1b\x08\x85",
    "\U000e0041",
]
PLACES = [
    "# a{}b\n",
    'RUN powershell -Command "echo a{}b"\n',
    "ENV A{} b\n",
    "ENV A b{}\n",
    "LABEL a=b{}c\n",
    "RUN a \\\n  # {}\n  b\n",
]


def found(text: str) -> list[Finding]:
    return [f for f in review(parse(text.encode(), "Dockerfile")) if f.rule == "hidden-characters"]


def in_library(text: str) -> list[Finding]:
    head = (
        "Maintainers: Zoe\u0308 A <a@b.example> (@a)\nGitRepo: https://github.com/a/b.git\nGitCommit: "
        + "a" * 40
        + "\n\n"
    )
    context = LibraryContext(read_on((head + text).encode(), "library/demo"))
    return [f for f in check(context).findings if f.rule == "hidden-characters"]


@pytest.mark.parametrize("char", HIDDEN, ids=lambda char: f"U+{ord(char):04X}")
@pytest.mark.parametrize("place", PLACES)
def test_each_character_in_each_place(char: str, place: str) -> None:
    (one,) = found(WINDOWS + place.format(char))
    assert one.severity.value == "error" and f"U+{ord(char):04X}" in one.message
    assert (
        one.line == 2 + place.split("{")[0].count("\n")
        and one.column == len(place.split("{")[0].rpartition("\n")[2]) + 1
    )
    assert one.message.isprintable() and f"<U+{ord(char):04X}>" in one.message


@pytest.mark.parametrize("char", HIDDEN, ids=lambda char: f"U+{ord(char):04X}")
def test_a_linux_file(char: str) -> None:
    assert len(found(f"FROM redis{char}:7\n")) >= 1


@pytest.mark.parametrize(
    "line",
    [
        "FROM r\u0435dis:7 AS a\n",
        "RUN curl -O https://g\u0456thub.com/a.zip\n",
        "ENV V\u0410R x\n",
        "USER \u0430dmin\n",
        "ADD https://a\uff0fb/c.zip d\n",
    ],
)
def test_letters_of_another_script_in_names(line: str) -> None:
    assert any("is not ASCII" in one.message for one in found(WINDOWS + line))


WRITTEN_IN_ASCII = [
    "ADD https://xn--pple-43d.com/a.zip C:/a.zip\n",
    "FROM xn--pple-43d.com/redis:7\n",
    "COPY --from=xn--pple-43d.com/redis:7 a b\n",
    "RUN curl -o a https://www.xn--pple-43d.com/a\n",
    "RUN curl -o a https://XN--PPLE-43D.com/a\n",
    "RUN curl -o a https://xn--99999999.com/a\n",
]


@pytest.mark.parametrize("line", WRITTEN_IN_ASCII)
def test_punycode_in_the_name_of_a_host(line: str) -> None:
    found = [each for each in review(parse((WINDOWS + line).encode())) if each.rule == "hidden-characters"]
    assert len(found) == 1 and found[0].line == 2 and "xn--" in found[0].message.lower()


def test_what_it_stands_for_is_spelled() -> None:
    found = review(parse((WINDOWS + WRITTEN_IN_ASCII[0]).encode()))
    assert any("stands for `<U+0430>pple` in a host's name" in each.message for each in found)


@pytest.mark.parametrize("line", ["COPY --from=r\u0435dis:7 a b\n", "COPY --from=\u0430lpine a b\n"])
def test_letters_of_another_script_in_what_is_copied_from(line: str) -> None:
    assert "hidden-characters" in {each.rule for each in review(parse((WINDOWS + line).encode()))}


@pytest.mark.parametrize(
    "line",
    [
        "# \u00e9t\u00e9 \u6f22\u5b57\n",
        'LABEL a="\u00e9"\n',
        "RUN echo \u00e9\n",
        "MAINTAINER Zo\u00eb\n",
        "ENV A \u00e9\n",
        "# \U0001f469\u200d\U0001f4bb\n",
    ],
)
def test_what_people_write(line: str) -> None:
    assert found(WINDOWS + line) == []


def test_a_byte_order_mark_at_the_start() -> None:
    assert found("\ufeff" + WINDOWS) == []


def test_a_file_full_of_them() -> None:
    (one,) = found(WINDOWS + "# " + "\u202e" * 500 + "\n")
    assert "and 499 more on this line" in one.message and len(one.message) < 400
    assert len(found(WINDOWS + "# \u202e\n" * 500)) == 20


@pytest.mark.parametrize(
    "text",
    [
        "Tags: 1.0, l\u0430test\nDirectory: 1.0\n",
        "# a\u202eb\nTags: 1.0\nDirectory: 1\n",
        "Tags: 1.0\nDirectory: 1\u200b.0\n",
        "Tags: 1.0\nGitFetch: refs/heads/m\u0430in\nDirectory: 1\n",
    ],
)
def test_library_files(text: str) -> None:
    (one,) = in_library(text)
    assert one.severity.value == "error" and one.message.isprintable()


def test_people_and_comments_of_library_files() -> None:
    assert in_library("# \u00e9t\u00e9\nTags: 1.0\nDirectory: 1\n") == []


def test_official_images_have_none(corpus: Path) -> None:
    """No false positive in the library files of official-images."""
    files = sorted((corpus / "library").iterdir())
    for file in files:
        context = LibraryContext(read_on(file.read_bytes(), f"library/{file.name}"))
        from contrib.rules.library import hidden_characters

        assert list(hidden_characters.check(context)) == [], file.name
    assert len(files) > 100
