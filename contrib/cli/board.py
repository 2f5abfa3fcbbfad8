"""`contrib board`: every official image that has Windows entries, on one page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contrib.cli.common import Terminal, emit, report_options, terminal_options
from contrib.cli.job import today_given
from contrib.cli.options import official_images_option, offline_option
from contrib.values import jsontext
from contrib.values.errors import BadInput, ContribError

if TYPE_CHECKING:
    from contrib.clients.git import Repository
    from contrib.library import LibraryFile
    from contrib.library.board import Row
    from contrib.releases import Releases
    from contrib.values.tree import Tree

#: Where official-images is.
OFFICIAL = "https://github.com/docker-library/official-images.git"
#: Commits of one library file that are looked at, newest first.
_COMMITS = 400


@click.command(name="board")
@official_images_option(": a clone or URL [default: GitHub]")
@click.option(
    "--since", metavar="DATE", help="How far back the charts go (year-month-day) [default: two years]."
)
@click.option("--pulls/--no-pulls", default=False, help="Ask GitHub for the open pull requests.")
@click.option(
    "--online",
    is_flag=True,
    help="Ask for all that is not in the clone: open pull requests, the ports' releases.",
)
@offline_option
@report_options("text", "html", "json")
@terminal_options
def command(
    official_images: str | None,
    since: str | None,
    pulls: bool,
    online: bool,
    offline: bool,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Show every official image with Windows entries: versions, lag over time, bases and when they end.

    Made from official-images' history, so a clone is enough and nothing else is asked, unless --online asks for it.
    With --format html it is one page without scripts that can be kept anywhere.

    \b
    contrib board --official-images ../official-images
    contrib board --official-images ../official-images --online --format html -o board.html
    """
    from contrib.clients.git import Repository, split_spec
    from contrib.library.board import Board
    from contrib.report import board as report

    today = today_given()
    start = _day(since) if since else today - timedelta(days=730)
    if (pulls or online) and offline:
        given = "--pulls" if pulls else "--online"
        raise BadInput(f"{given} asks the network, and --offline was asked for", kind="usage")
    spec, ref = split_spec(official_images or OFFICIAL)
    notes = []
    with Repository.obtain(spec, offline=offline) as repository:
        commit = repository.resolve(ref or "HEAD")
        tree = repository.tree(commit)
        if not any(True for _ in tree.paths("library")):
            raise BadInput("has no directory library: this is not official-images", file=spec)
        if repository.shallow:
            notes.append("This clone is shallow: the charts begin where it does.")
        info = repository.commit(commit)
        # A clone that is old is shown as of its own day; nothing is known of the days after it.
        day = min(today, datetime.fromtimestamp(info.committer.time, timezone.utc).date())
        if (today - day).days > 7:
            notes.append(f"This clone is as of {day}, {(today - day).days} days ago.")
        pinned = tuple(sorted(_pins(tree.paths(".external-pins"))))
        rows, unread = _rows(repository, commit, start, day, pinned, terminal)
        retired = _retired(repository, commit, start, pinned)
        ports = _ports(tree, today, online, terminal)
    if pulls or online:
        rows = _with_pulls(rows, terminal)
    else:
        notes.append("Open pull requests were not asked for (--online).")
    if not online:
        notes.append("The ports' releases were not asked for (--online).")
    rows = [replace(row, port=ports.pop(row.image, ())) for row in rows]
    made = Board(day, commit, tuple(rows), pinned, retired, unread, tuple(notes), ports)
    if format_ == "json":
        emit(json.dumps(made.as_json(), indent=2, ensure_ascii=False), output)
    elif format_ == "html":
        emit(report.html(made), output)
    else:
        emit(report.text(made), output)
        for note in notes:
            terminal.say(note)
    return 3 if unread else 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--since {text!r} is not a date (year-month-day)", kind="usage") from None


def _pins(paths: Iterator[str]) -> set[str]:
    from contrib.releases.sources.external_pins import from_paths

    return {pin.reference for pin in from_paths(paths) if "/windows/" in pin.reference}


def _rows(
    repository: Repository, commit: str, start: date, day: date, pinned: tuple[str, ...], terminal: Terminal
) -> tuple[list[Row], dict[str, str]]:
    from contrib.library import parse
    from contrib.library.board import row

    tree = repository.tree(commit)
    rows: list[Row] = []
    unread: dict[str, str] = {}
    names = [path for path in tree.paths("library") if b"windows-" in (tree.read(path) or b"")]
    for path in names:
        terminal.debug(f"reading {path} ...")
        try:
            file = parse(tree.read(path) or b"", path)
            found = row(file, _history(repository, commit, path, start), day, pinned)
        except ContribError as error:
            unread[path] = error.message
            continue
        if found is not None:
            rows.append(found)
    return sorted(rows, key=lambda one: (-(one.lag or 0), one.image)), unread


def _history(
    repository: Repository, commit: str, path: str, start: date
) -> Iterator[tuple[date, LibraryFile]]:
    """A library file as it stood, oldest first; states that cannot be read are passed over."""
    from contrib.library import parse

    listed = repository.run(
        "log", "--first-parent", "--format=%H %ct", f"--since={start.isoformat()}", f"--max-count={_COMMITS}",
        commit, "--", path,
    ).stdout.decode()  # fmt: skip
    lines = [line.split() for line in listed.splitlines() if line.strip()]
    blobs = {}
    for sha, _ in lines:
        entry = repository.tree(sha).entry(path)
        if entry is not None:
            blobs[sha] = entry.sha
    contents = repository.blobs(set(blobs.values()))
    for sha, seconds in reversed(lines):
        if sha not in blobs:
            continue
        try:
            file = parse(contents[blobs[sha]], path)
        except ContribError:
            continue
        yield datetime.fromtimestamp(int(seconds), timezone.utc).date(), file


def _retired(repository: Repository, commit: str, start: date, pinned: tuple[str, ...]) -> tuple[str, ...]:
    listed = repository.run(
        "log", "--first-parent", "--format=", "--name-only", "--diff-filter=D", f"--since={start.isoformat()}",
        commit, "--", ".external-pins",
    ).stdout.decode()  # fmt: skip
    return tuple(sorted(_pins(iter(listed.splitlines())) - set(pinned)))


def _ports(tree: Tree, today: date, online: bool, terminal: Terminal) -> dict[str, tuple[str, ...]]:
    """Image to what is known of its port, for the images whose folders name one: from data, and from its releases."""
    from contrib.images import load, names
    from contrib.library import parse
    from contrib.library.board import lines_of
    from contrib.releases.health import health, sentences

    found: dict[str, tuple[str, ...]] = {}
    for name in names():
        path = f"library/{name}"
        data = tree.read(path)
        if data is None:
            continue
        try:
            port = load(name).port
            if not online:
                ended = (f"{port.repository} has ended ({port.last}, {port.ended}).",)
                found[name] = (f"{port.repository} builds it for Windows.",) if port.alive else ended
                continue
            terminal.say(f"reading the releases of {port.repository} ...")
            releases = _releases(name)
            found[name] = sentences(
                port, health(port, releases.of(port), lines_of(parse(data, path)).items(), today)
            )
        except ContribError as error:
            found[name] = (f"What its port has released is not known: {error}.",)
    return found


def _releases(name: str) -> Releases:
    """An image's version sources on the network."""
    from contrib.clients.documents import Documents
    from contrib.clients.git import default_cache_dir
    from contrib.clients.github import find_token
    from contrib.clients.http import Http
    from contrib.images import load
    from contrib.releases import load as load_releases

    token = find_token(ask_gh=False)
    client = Http(tokens={"api.github.com": token.value} if token is not None else {})
    return load_releases(load(name), documents=Documents(client, default_cache_dir() / "documents"))


def _with_pulls(rows: list[Row], terminal: Terminal) -> list[Row]:
    from contrib.clients.github import find_token
    from contrib.clients.http import Http

    token = find_token(ask_gh=False)
    client = Http(tokens={"api.github.com": token.value} if token is not None else {})
    address = "https://api.github.com/repos/docker-library/official-images/pulls?state=open&per_page=100"
    found: dict[str, list[tuple[str, str]]] = {}
    try:
        for page in client.pages(address):
            for item in jsontext.read(page.content, page.url, list, outside=True):
                for label in item.get("labels", []):
                    name = str(label.get("name", ""))
                    if name.startswith("library/"):
                        found.setdefault(name.removeprefix("library/"), []).append(
                            (str(item.get("title", "")), str(item.get("html_url", "")))
                        )
    except (ContribError, ValueError, AttributeError, TypeError, RecursionError) as error:
        terminal.warn(f"the open pull requests are not known: {error}")
        return rows
    return [replace(row, pulls=tuple(found.get(row.image, ()))) for row in rows]
