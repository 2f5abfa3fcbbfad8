"""`contrib render`: what upstream's apply-templates.sh does, without its tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contrib.cli.common import Terminal, emit, report_options, terminal_options
from contrib.cli.options import allow_option, check_option, diff_option, series_option
from contrib.cli.repositories import image_named, open_upstream, repository_options
from contrib.values.errors import BadInput
from contrib.values.guards import Guards

if TYPE_CHECKING:
    from contrib.clients.git import Repository
    from contrib.values.tree import FileChange, Tree


@click.command(name="render")
@repository_options(official_images=False)
@series_option("Keys of versions.json, as the script's arguments; repeatable [default: all].")
@diff_option()
@check_option("Exit 1 and show the difference when something would change.")
@allow_option
@report_options("text", "json")
@terminal_options
def command(
    image: str | None,
    upstream: str | None,
    ref: str | None,
    offline: bool,
    templates: Path | None,
    series: tuple[str, ...],
    diff: bool,
    check: bool,
    guards: Guards,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Make the Dockerfiles of IMAGE from the templates in the work tree of --upstream.

    Does what upstream's apply-templates.sh does, to the byte, without bash, jq, gawk and wget: it removes
    what the script removes, too. Everything is rendered before anything is written; nothing is committed.

    \b
    contrib render redis --upstream redis --check
    contrib render golang --upstream golang@HEAD~5 --check
    """
    from contrib.clients.libjq import Worker

    # Started first, so that it comes up while the rest is imported and read.
    worker = Worker()
    worker.start()
    with worker:
        from contrib.upstream.render import differing, load, render_tree

        profiles = load(image_named(image, templates, "render.toml"), templates)
        with open_upstream(upstream or profiles.repository, ref, offline, terminal) as opened:
            wanted = () if series == ("all",) else series
            changes = render_tree(profiles, opened.tree, versions=wanted, worker=worker)
            todo = differing(opened.tree, changes)
            written = not (diff or check)
            if not (written and todo):
                guards.settle()
            else:
                _write(opened.repository, opened.work_tree, opened.tree, todo, guards, upstream)
            if format_ == "json":
                import json

                emit(json.dumps(_as_json(profiles.image, changes, todo, written), indent=2), output)
            elif diff or check:
                _show(opened.tree, todo, output, terminal)
            elif todo:
                emit("\n".join(_line(change) for change in todo), output)
        made = sum(1 for change in changes if change.content is not None)
        verb = "written" if written else "differ"
        terminal.say(
            f"{made} files rendered, {len(todo)} {verb}"
            if todo
            else f"{made} files rendered, all as they are"
        )
        return 1 if check and todo else 0


def _write(
    repository: Repository,
    work_tree: bool,
    tree: Tree,
    todo: tuple[FileChange, ...],
    guards: Guards,
    upstream: str | None,
) -> None:
    """Write into the work tree, unless that would lose something that git does not have."""
    if not work_tree or repository.work_dir is None:
        raise BadInput(
            "nothing can be written there: a commit and a bare repository have no work tree",
            file=upstream,
            hint="look at the result with --diff, or name a clone with a work tree",
        )
    uncommitted = repository.changed_files()
    lost = [
        change.path for change in todo if change.path in uncommitted and tree.read(change.path) is not None
    ]
    if lost:
        shown = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
        guards.stop(
            "uncommitted-work",
            f"{repository.path}: would be overwritten or deleted, and git does not have it: {shown}",
            lost,
        )
    guards.settle()
    from contrib.clients.worktree import write

    write(repository.work_dir, todo)


def _line(change: FileChange) -> str:
    return f"removed {change.path}" if change.content is None else change.path


def _show(tree: Tree, todo: tuple[FileChange, ...], output: Path | None, terminal: Terminal) -> None:
    if output is not None:
        from contrib.generate.patch import unified

        emit(unified(tree, todo), output, exact=True)
    elif todo:
        from contrib.cli.writing import Target, show_diff

        show_diff(terminal, Target(tree, False), todo)


def _as_json(
    image: str, changes: tuple[FileChange, ...], todo: tuple[FileChange, ...], written: bool
) -> dict[str, Any]:
    return {
        "image": image,
        "rendered": sum(1 for change in changes if change.content is not None),
        "written": written,
        "files": [
            {"path": change.path, "mode": change.mode, "deleted": change.content is None} for change in todo
        ],
    }
