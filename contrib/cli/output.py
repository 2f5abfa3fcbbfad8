"""The writers of the terminal and the log: all that commands print goes through here.

A test (``tests/cli/test_output.py``) lists every place that writes to a stream: there are no others. What each does
to text that comes from outside is in :mod:`contrib.values.visible`.
"""

from __future__ import annotations

import os
import sys

import click

from contrib.values.patterns import lazy
from contrib.values.visible import harmless, line, passed, shown

#: What parts the lines of one message, so that none of them can pass for a message of its own.
_FURTHER = "\n  | "


def message(text: str, *, prefix: str = "", color: bool | None = None) -> None:
    """A message on stderr; further lines of it are marked.

    :param prefix: before it, ours: ``error:``, coloured where that is wanted.
    """
    inner = text.strip("\n")
    before = text[: len(text) - len(text.lstrip("\n"))]
    words = before + harmless(shown(inner.replace("\n", _FURTHER)))
    click.echo(f"{prefix} {words}" if prefix else words, err=True, color=color)


def aside(text: str, *, newline: bool = True) -> None:
    """A text of several lines on stderr: a plan, a difference that a person is asked about."""
    click.echo(harmless(shown(text)), err=True, nl=newline)


def result(text: str, *, color: bool = True, exact: bool = False) -> None:
    """A report on stdout, as it is given.

    A terminal gets nothing that steers it. A pipe gets what is there, except that in GitHub Actions, where stdout
    is a log, no line becomes a command.

    :param exact: nor that: a patch, or commands for GitHub Actions (``--format github``).
    """
    if sys.stdout.isatty():
        click.echo(shown(text), nl=False, color=color)
        return
    text = passed(text, color=color)
    if os.environ.get("GITHUB_ACTIONS") == "true" and not exact:
        text = harmless(text)
    click.echo(text if _SURROGATE.search(text) is None else _unchanged(text), nl=False, color=True)


def content(text: str, *, color: bool | None = None) -> None:
    """A file's own content, or a patch, on stdout: exact to the byte in a pipe, written out on a terminal."""
    if sys.stdout.isatty():
        # As text, so that click's colours are translated for those of Windows' consoles that know no escapes.
        click.echo(shown(text), nl=False, color=color)
    else:
        click.echo(_unchanged(passed(text, color=bool(color))), nl=False)


#: What stands for a byte that is not UTF-8. A stream takes it for an error, or writes "?".
_SURROGATE = lazy("[\ud800-\udfff]")


def _unchanged(text: str) -> bytes | str:
    """What gives the text's bytes on stdout as they came; as text where a caller's stream takes nothing else."""
    data = as_bytes(text)
    return data if hasattr(sys.stdout, "buffer") else data.decode("utf-8", "replace")


def as_bytes(text: str) -> bytes:
    """UTF-8. What ``surrogateescape`` has decoded is as it was; half a surrogate pair of JSON becomes "?"."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def confirmed(question: str) -> bool:
    """Whether the person says yes; asked on stderr."""
    return click.confirm(harmless(line(question)), err=True)


def answered(question: str, default: object) -> str:
    """What the person answers; asked on stderr."""
    return str(click.prompt(harmless(line(question)), default=default, err=True))
