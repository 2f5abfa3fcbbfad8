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

#: Bytes of a log that are read; of a longer one the beginning and the end.
MAX_LOG = 64 << 20


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
        return _decoded(sys.stdin.buffer.read(MAX_LOG))
    path = Path(log)
    try:
        if not path.is_file():
            raise BadInput("there is no such file", file=log)
        with path.open("rb") as stream:
            data = stream.read(MAX_LOG)
            size = path.stat().st_size
            if size > MAX_LOG:
                stream.seek(max(MAX_LOG, size - MAX_LOG // 4))
                data += b"\n" + stream.read(MAX_LOG // 4)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=log) from error
    return _decoded(data)


def _decoded(data: bytes) -> str:
    """The text of a log; PowerShell's own redirection writes UTF-16."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if data[1:2] == b"\0" and data[3:4] == b"\0":
        return data.decode("utf-16-le", "replace")
    return data.decode("utf-8", "replace")


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
