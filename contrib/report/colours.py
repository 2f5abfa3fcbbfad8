"""The lines of a Dockerfile in pieces with the class of each, for syntax colours on a page.

Pygments reads it; what it does not know of PowerShell and cmd stays plain. The pieces of a line, joined, are the line.
"""

from __future__ import annotations

from typing import Any

#: A file larger than this is shown without colours.
LARGEST = 200_000

Piece = tuple[str, str]  # class ("" for none), text


def lines(text: str) -> list[list[Piece]]:
    r"""Every line (split at ``\n``) in pieces.

    >>> lines("FROM alpine\n# x")
    [[('k', 'FROM'), ('', ' alpine')], [('c', '# x')]]
    """
    if len(text) > LARGEST:
        return [[("", line)] for line in text.split("\n")]
    from pygments.lexers.configs import DockerLexer

    found: list[list[Piece]] = [[]]
    for _, kind, value in DockerLexer(stripnl=False, ensurenl=False).get_tokens_unprocessed(text):
        name = _class(kind)
        for number, part in enumerate(value.split("\n")):
            if number:
                found.append([])
            if not part:
                continue
            line = found[-1]
            if line and line[-1][0] == name:
                line[-1] = (name, line[-1][1] + part)
            else:
                line.append((name, part))
    plain = text.split("\n")
    if [
        "".join(part for _, part in line) for line in found
    ] != plain:  # a lexer's fault must not change a file
        return [[("", line)] for line in plain]
    # Comment lines inside an instruction are Docker's, whatever the lexer makes of them.
    return [
        [("c", line)] if line.lstrip().startswith("#") else pieces
        for line, pieces in zip(plain, found, strict=True)
    ]


def _class(kind: Any) -> str:
    from pygments.token import Comment, Keyword, Name, Number, String

    for parent, name in (
        (Comment, "c"),
        (Keyword, "k"),
        (String, "s"),
        (Number, "n"),
        (Name.Variable, "v"),
    ):
        if kind in parent:
            return name
    return ""
