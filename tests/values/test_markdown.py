"""Text of others in Markdown: parsed as GitHub parses it, it has no node that the template did not write."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from contrib.values.markdown import code, link, plain, text

#: CommonMark with GitHub's tables, strike-through and bare addresses.
PARSER = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])

#: What other people's text would do if it were Markdown.
HOSTILE = [
    "@torvalds", "cc @org/team, please", "(@x)", "a@b.example", "![x](https://evil.example/t.png)",
    "[x](https://evil.example)", "[x]: https://evil.example", "<img src=https://evil.example/s.png>",
    "x ```<img src=https://evil.example/s.png>` y", "``<img>`", "`<img>", "<!-- contrib: marker -->", "</details>",
    "# heading", "heading\n===", "- list", "1. list", "12) list", "> quote", "| a | b |", "a | b", "\\| a", "`a | b`",
    "fixes #5", "closes owner/repo#5", "resolves https://github.com/o/r/issues/5", "GH-5", "#5", "o/r@0123456",
    "0123456789abcdef0123456789abcdef01234567", "https://evil.example", "www.evil.example", "mailto:a@b.example",
    "**bold**", "_x_", "~~x~~", "&copy;", "&#64;torvalds", "$x$", ":tada:", "[^1]", "a\\", "\\`<img>`", "`a``<img>`",
    "@x`<img>`", "`a`@x`<img>`", "``a`b``@c```d`<img>", "a\n\n<img>", "a\r<img>", "a\u2028<img>", "\u202e<img>\u202c",
    "\x1b]0;t\x07", "\x00", "```", "``` ```", "` `", "`", "~~~", "---", "    code", "\tcode", "+x", "=",
]  # fmt: skip
CALLED = re.compile(r":[a-z]+:|(?<![\w`])@[\w-]+|#\d|\bGH-\d|://|www\.|\b[0-9a-f]{7,40}\b", re.IGNORECASE)


def nodes(source: str) -> tuple[set[str], str]:
    """Kinds of nodes, and the text that is not code: where GitHub looks for mentions and references."""
    kinds: set[str] = set()
    words: list[str] = []
    for token in PARSER.parse(source):
        kinds.add(token.type)
        for child in token.children or ():
            kinds.add(child.type)
            if child.type == "text":
                words.append(child.content)
    return kinds, "".join(words)


INLINE = {"paragraph_open", "paragraph_close", "inline", "text", "code_inline"}


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("around", ["{}", "- `path`: {}", "before {} after", "**{}**"])
def test_a_sentence(hostile: str, around: str) -> None:
    kinds, words = nodes(around.format(plain(hostile)))
    allowed = INLINE | nodes(around.format("x"))[0]
    assert kinds <= allowed and CALLED.search(words) is None, (plain(hostile), words)
    kinds, words = nodes(around.format(code(hostile)))
    assert kinds <= allowed and CALLED.search(words) is None, code(hostile)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("write", [plain, code])
def test_a_table(hostile: str, write: object) -> None:
    assert callable(write)
    cell = write(hostile, cell=True)
    source = f"| a | b |\n| --- | --- |\n| {cell} | x |\n"
    tokens = [token.type for token in PARSER.parse(source)]
    assert tokens.count("td_open") == 2 and tokens.count("tr_open") == 2, cell
    kinds, words = nodes(source)
    allowed = nodes("| a | b |\n| --- | --- |\n| `y` | x |\n")[0]
    html = {"html_inline"} if cell.startswith("<code>") else set()
    assert kinds <= allowed | html and CALLED.search(words) is None, cell
    if html:
        assert re.fullmatch(r"<code>[^<>|`@\n]*</code>", cell)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_html_inside_of_markdown(hostile: str) -> None:
    found = text(hostile)
    assert not re.search(r"[<>@`|*\[\]!\n]", found) and "&#" not in found.replace("&#", "", found.count("&#"))


@given(st.text(alphabet="`@#5|<>[]()!\\*_~&:/.- \nabcdefGHhtpsw", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text(words: str) -> None:
    kinds, rest = nodes(plain(words) or "x")
    assert kinds <= INLINE and CALLED.search(rest) is None, plain(words)
    kinds, rest = nodes(code(words) or "x")
    assert kinds <= INLINE and CALLED.search(rest) is None, code(words)
    rows = PARSER.parse(
        f"| a | b |\n| --- | --- |\n| {plain(words, cell=True)} | {code(words, cell=True)} |\n"
    )
    assert [token.type for token in rows].count("td_open") == 2


def test_what_a_reader_sees_is_what_was_written() -> None:
    assert plain("the `ENV x` is * here") == "the `ENV x` is \\* here"
    assert plain("see https://a.example/x.") == "see `https://a.example/x`."
    assert plain("Update to 7.2.5 (#123)") == "Update to 7.2.5 `(#123`)"
    assert code("a`b") == "``a`b``" and code("") == ""


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a b", 'https://a/x"y', "https://a/<x>", "http://a/\n", "x"]
)
def test_a_link_to_what_is_not_an_address(url: str) -> None:
    assert "](" not in link("x", url)


def test_a_link() -> None:
    assert link("a]b", "https://a.example/x(1)") == "[a\\]b](https://a.example/x%281%29)"


def test_long_texts_cost_in_proportion() -> None:
    import time

    for unit in ("`", "``` ` ", "@a", "a`", "\\", "[", "#1 ", "a" * 7, "x ```` "):
        start = time.process_time()
        plain(unit * (100_000 // len(unit)))
        assert time.process_time() - start < 5
