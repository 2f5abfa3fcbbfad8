"""Every writer of Markdown, given names and texts of somebody else's: read as GitHub reads it, it does nothing.

The last test finds a writer that has a filter of its own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from contrib.compare import Comparison, compare
from contrib.dockerfile import parse
from contrib.facts import extract
from contrib.images import load
from contrib.library import parse as parse_library
from contrib.library.diff import diff
from contrib.library.diff import markdown as library_markdown
from contrib.report import comment, markdown
from contrib.report.findings import markdown as findings_markdown
from contrib.rules.review import Reviewed, review_all
from contrib.values.findings import Finding, Severity
from contrib.values.markdown import message
from tests.values.test_markdown import CALLED, HOSTILE, PARSER

PACKAGE = Path(__file__).parents[2] / "contrib"
SHA = "0123456789" * 4


def windows(text: str) -> bytes:
    """A Dockerfile in which a text stands wherever one may."""
    word = "".join(text.split()) or "x"
    said = text.replace("\\", "/").replace('"', "'").replace("\n", " ").replace("\r", " ")
    return f"""FROM mcr.microsoft.com/windows/servercore:ltsc2022
LABEL "{said}"="{said}"
ENV "{said}"="{said}" VERSION="{said}"
RUN curl -o "{said}" "https://example.com/{word}"
COPY ["{said}", "C:/{said}/"]
WORKDIR {said}
EXPOSE {word}
USER {said}
ENTRYPOINT ["{said}", "{said}"]
CMD ["{said}.exe", "{said}"]
""".encode("utf-8", "surrogateescape")


def compared(text: str) -> str:
    linux = re.sub(rb"^(FROM|ENTRYPOINT) .*", rb"\1 alpine:3.20", windows(text), flags=re.MULTILINE)
    ours, theirs = extract(parse(windows(text), text)), extract(parse(linux, text))
    return markdown.render([Comparison("redis", ours, theirs, compare(ours, theirs, load("redis")), ())])


def _found(text: str) -> list[Finding]:
    return [each for found in review_all([Reviewed(parse(windows(text), text))]) for each in found]


def reviewed(text: str) -> str:
    return findings_markdown(_found(text), [text])


def commented(text: str) -> str:
    findings = [
        Finding("latest-tag", Severity.ERROR, text, 1, text),
        *_found(text),
    ]
    return comment.comment(findings, "https://github.com/o/r/pull/1", "z" * 40, [text])


def listed(text: str) -> str:
    word = re.sub(r"[\s,]", "", text) or "x"
    head = f"Maintainers: {word} (@a)\nGitRepo: https://github.com/{word}\nGitCommit: {SHA}\n\n"
    old = parse_library(f"{head}Tags: 1\nDirectory: a\n".encode("utf-8", "replace"), word)
    new = parse_library(
        f"{head}Tags: 1\nDirectory: {word}\n\nTags: 2\nDirectory: {word}\nFile: {word}\n".encode("utf-8", "replace"), word
    )  # fmt: skip
    return library_markdown(diff(old, new))


WRITERS: dict[str, Callable[[str], str]] = {
    "report/markdown": compared,
    "report/findings": reviewed,
    "report/comment": commented,
    "library/diff": listed,
}


def read(source: str) -> tuple[set[str], str, set[str]]:
    """Kinds of nodes, the words in which GitHub looks for people and references, and what is linked to or is HTML."""
    kinds: set[str] = set()
    words: list[str] = []
    led: set[str] = set()
    for token in PARSER.parse(source):
        kinds.add(token.type)
        if token.type == "html_block":
            led.update(re.findall(r"<\s*/?\w*", token.content))
        quiet = 0
        for child in token.children or ():
            kinds.add(child.type)
            if child.type == "html_inline":
                led.update(re.findall(r"<\s*/?\w*", child.content))
            quiet += {"<code>": 1, "</code>": -1}.get(child.content, 0) if child.type == "html_inline" else 0
            quiet += {"link_open": 1, "link_close": -1}.get(child.type, 0)
            if child.type == "link_open":
                led.add(re.sub(r"[^/]*$", "", str(child.attrGet("href")))[:40])
            if child.type == "text" and not quiet:
                words.append(child.content)
    return kinds, "\n".join(words), led


@pytest.mark.parametrize("writer", WRITERS)
def test_nothing_comes_out_of_it(writer: str) -> None:
    write = WRITERS[writer]
    kinds, _, led = read(write("plain"))
    lists = {f"{each}_{end}" for each in ("bullet_list", "list_item") for end in ("open", "close")}
    allowed = {"html_inline", "code_inline", *lists, *kinds}
    for hostile in HOSTILE:
        try:
            text = write(hostile)
        except Exception as error:
            assert type(error).__name__ == "BadInput", hostile
            continue
        found, words, leads = read(text)
        assert {kind for kind in found if not kind.startswith(("t", "html_block"))} <= allowed, (
            hostile,
            text,
        )
        assert CALLED.search(words) is None, (hostile, CALLED.search(words), text)
        extra = leads - led - {"<code", "</code", "<br", "<details", "</details", "<summary", "</summary"}
        assert not {each for each in extra if "evil" in each or each.startswith("<")}, (hostile, extra)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_commits_message(hostile: str) -> None:
    """GitHub reads no Markdown in one, and looks everything up; a commit's id there only becomes a link."""
    said = message(f"Merge {hostile}")
    assert re.search(r"@\w|#\d|\bGH-\d|://", said, re.IGNORECASE) is None and "\n" not in said


#: The filter itself; tables of our own words; and the stand-in's pages, which are HTML.
OURS = {"values/markdown.py", "report/rules.py", "sandbox/markdown.py", "sandbox/pages.py"}
#: What only somebody who escapes for Markdown or HTML replaces.
ESCAPED = ("<", ">", "@", "|", "`", "&", "](", "#")


def test_there_is_no_filter_but_one() -> None:
    """A writer of Markdown takes its filter from one place, and has none of its own."""
    for file in PACKAGE.rglob("*.py"):
        name = file.relative_to(PACKAGE).as_posix()
        if name in OURS:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 2:
                old = node.args[0]
                own = node.func.attr == "replace" and isinstance(old, ast.Constant) and old.value in ESCAPED
                assert not own, f"{name}:{node.lineno} has a filter of its own"
