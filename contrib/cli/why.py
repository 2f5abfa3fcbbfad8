"""`contrib why`: what the log of a failed Windows build says, and what to do."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contrib.cli.common import Terminal, emit, report_options, report_width, terminal_options
from contrib.cli.github import github_url_options
from contrib.values.errors import BadInput

if TYPE_CHECKING:
    from contrib.clients.actions import Runs

#: Bytes of a log that are read; of a longer one the beginning, and three times as much of the end.
MAX_LOG = 8 << 20
#: Bytes of stdin, which has no end to begin at, that are taken.
MAX_STDIN = 256 << 20


@click.command(name="why")
@click.argument("log", metavar="LOG|RUN_URL")
@github_url_options
@report_options("text", "json")
@terminal_options
def command(
    log: str,
    github_url: str,
    token_file: Path | None,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Say why a Windows build failed: the lines of its log that show it, and what to do.

    LOG is a file, `-`, or the address of a workflow run, whose logs are read. Exit codes: 0 a cause was
    found, 1 none that is known, 2 there is no such log, 3 the run could not be read.

    \b
    contrib why build.log
    contrib why https://github.com/OWNER/REPO/actions/runs/123
    """
    from contrib.report.causes import as_json, render
    from contrib.trial.causes import classify

    text = _text(log, github_url, token_file)
    cause = classify(text, log)
    if format_ == "json":
        emit(as_json(cause, log), output)
    else:
        emit(render(cause, report_width(output)), output)
    return 0 if cause is not None else 1


def _text(log: str, github_url: str, token_file: Path | None) -> str:
    if log.startswith(("https://", "http://")):
        return runs(github_url, token_file).logs(log)
    if log == "-":
        data = sys.stdin.buffer.read(MAX_STDIN)
        if len(data) <= MAX_LOG:
            return _decoded(data)
        return _decoded(data[: MAX_LOG // 4], data[(len(data) - 3 * MAX_LOG // 4) & ~1 :])
    path = Path(log)
    try:
        if not path.is_file():
            raise BadInput("there is no such file", file=log)
        with path.open("rb") as stream:
            size = path.stat().st_size
            if size <= MAX_LOG:
                return _decoded(stream.read(MAX_LOG))
            data = stream.read(MAX_LOG // 4)
            stream.seek((size - 3 * MAX_LOG // 4) & ~1)  # a character of UTF-16 stays whole
            return _decoded(data, stream.read(3 * MAX_LOG // 4))
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=log) from error


def _decoded(data: bytes, rest: bytes = b"") -> str:
    """The text of a log, and of its end; PowerShell's own redirection writes UTF-16."""
    encoding = "utf-8"
    if data[:2] == b"\xfe\xff":
        encoding = "utf-16-be"
    elif data[:2] == b"\xff\xfe" or (data[1:2] == b"\0" and data[3:4] == b"\0"):
        encoding = "utf-16-le"
    text = data.decode(encoding, "replace").removeprefix("\ufeff")
    return text + "\n" + rest.decode(encoding, "replace") if rest else text


def runs(github_url: str, token_file: Path | None) -> Runs:
    """What reads the runs of a GitHub."""
    from urllib.parse import urlsplit

    from contrib.clients.actions import Runs
    from contrib.clients.github import addresses, find_token
    from contrib.clients.http import Http

    where = addresses(github_url)
    api = urlsplit(where.api).netloc
    token = find_token(token_file, host=where.host)
    named = frozenset() if where.web == "https://github.com" else frozenset({api})
    tokens = {api: token.value} if token is not None else {}
    return Runs(Http(tokens=tokens, named=named), where.web, where.api)
