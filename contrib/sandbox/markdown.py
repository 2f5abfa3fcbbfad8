"""Markdown to HTML that is safe to show: what pull requests' bodies and comments are written in.

CommonMark with GitHub's tables and strikethrough. Of HTML only a handful of tags without attributes come
through (``<details>``, ``<summary>`` …), as they do on GitHub; comments vanish, everything else is shown
as the text that it is.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_PASSES = re.compile(
    r"</?(?:details|summary|br|sub|sup|kbd|b|i|em|strong|del|code|p)\s*/?>|<details open>", re.I
)
_PIECE = re.compile(r"(<!--.*?-->|<[^<>]*>)", re.DOTALL)


def render(text: str) -> Markup:
    """HTML of a Markdown text."""
    return Markup(_parser().render(text))  # noqa: S704 (made of escaped text and the tags above)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.add_render_rule("html_block", _html)
    parser.add_render_rule("html_inline", _html)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("table_open", _table)
    return parser


def _html(renderer: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    pieces = _PIECE.split(tokens[index].content)
    return "".join(
        "" if piece.startswith("<!--") else piece if _PASSES.fullmatch(piece) else escape(piece)
        for piece in pieces
    )


def _table(renderer: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    # A wide table scrolls by itself, which has to work from the keyboard too.
    return '<table tabindex="0">\n'


def _image(renderer: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    # A picture would be a request to another host; its text and address do instead.
    token = tokens[index]
    return f"[{escape(token.content)}: {escape(str(token.attrs.get('src', '')))}]"
