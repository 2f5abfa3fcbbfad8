"""`contrib bump`: the variants that are there, at the newest releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contrib.cli.common import Terminal, emit, report_options, terminal_options
from contrib.cli.job import Job, Options, job_options
from contrib.cli.options import check_option, diff_option, to_option
from contrib.cli.writing import made, show_diff, target_of
from contrib.values.errors import OutsideError
from contrib.values.tree import FileChange, OverlayTree, Tree

if TYPE_CHECKING:
    from contrib.generate.bump import Bumped, Move
    from contrib.images.model import Port


@click.command(name="bump")
@job_options
@to_option("The full version to go to (one series) [default: the newest].")
@click.option("--linux", is_flag=True, help="The Linux variants too.")
@diff_option()
@check_option("Exit 1 when something is due; write nothing.")
@report_options("text", "json")
@terminal_options
def command(
    options: Options,
    to: str | None,
    linux: bool,
    diff: bool,
    check: bool,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Bring the Windows variants of IMAGE to the port's newest releases.

    Version, address and verified checksum are rewritten; nothing else is touched, Linux only with
    --linux. Never to an older version, never to a pre-release. It never commits.

    \b
    contrib bump redis --upstream redis --check
    contrib bump redis --upstream redis --series 7.2 --to 7.2.9
    """
    with Job(options, terminal) as job:
        bumped, moves, changes, notes = plan(job, to=to, linux=linux)
        target = target_of(job)
        target, todo = made(job, terminal, target, changes, diff=diff, check=check)
        for note in notes:
            terminal.say(f"- {note}")
        for branch in bumped.branches if bumped is not None else ():
            if branch.files and branch.branch is not None and branch.branch != job.branch:
                terminal.say(
                    f"{len(branch.files)} files are due on the branch {branch.branch}; `contrib pr` proposes them"
                )
        elsewhere = any(move.moves and move.branch not in (None, job.branch) for move in moves)
        if format_ == "json":
            import json

            emit(json.dumps(as_json(job, moves, todo, notes), indent=2, ensure_ascii=False), output)
        elif diff:
            show_diff(terminal, target, todo)
        else:
            emit("\n".join(_line(move) for move in moves), output)
            if todo:
                verb = "would change" if check else "written, nothing committed"
                terminal.say(f"{len(todo)} files {verb}")
        return 1 if check and (todo or elsewhere) else 0


def plan(
    job: Job, *, to: str | None = None, linux: bool = False
) -> tuple[Bumped | None, tuple[Move, ...], tuple[FileChange, ...], tuple[str, ...]]:
    """What would be bumped: the Windows plan, all moves, the changes for the branch at hand, notes."""
    from contrib.generate.bump import check_linux, plan_bump, plan_linux

    image = job.image
    job.commit  # noqa: B018 (--upstream is judged first)
    releases = job.releases()
    layout = job.layout()
    if linux:
        check_linux(layout)
    series = job.options.series
    bumped: Bumped | None = None
    changes: tuple[FileChange, ...] = ()
    moves: tuple[Move, ...] = ()
    notes: tuple[str, ...] = ()
    with_windows = any(layout.pin(s.name) is not None for s in layout.series() if not s.retired)
    # With --linux a tree without Windows variants has something to do all the same.
    if with_windows or not linux:
        to_windows = to if to is None or not linux or _port_has(job, layout.port, to) else None
        if to is None or not linux or to_windows is not None:
            bumped = plan_bump(
                image, layout, job.tree_of, releases, job.verify, _render_jq, series=series, to=to_windows
            )
            moves, notes = bumped.moves, bumped.notes
            changes = bumped.on(job.branch, default=job.branch not in {b.branch for b in bumped.branches})
    if linux:
        tree: Tree = OverlayTree(job.tree, changes)
        try:
            catalogue = releases.linux
        except OutsideError as error:
            if error.kind != "offline" or bumped is None:
                raise
            notes += (f"Linux was left alone: {error.message}.",)
        else:
            theirs, linux_moves, said = plan_linux(
                image, layout, tree, catalogue, lambda t: _render_all(job, t), series=series, to=to
            )
            merged = {change.path: change for change in (*changes, *theirs)}
            changes = tuple(merged[path] for path in sorted(merged))
            moves += linux_moves
            notes += said
    return bumped, moves, changes, notes


def _port_has(job: Job, port: Port, version: str) -> bool:
    from contrib.releases import Version

    wanted = Version.parse(version)
    return any(release.version == wanted for release in job.releases().of(port).releases)


def _render_jq(template: bytes, path: str, versions: bytes, environment: Mapping[str, str]) -> bytes:
    """Upstream's template by libjq, as its own tool renders it."""
    from contrib.clients.libjq import Worker
    from contrib.upstream.jqtemplate import checked_json, compile_template, render

    program = compile_template(template, path)
    text, _ = checked_json(versions, "versions.json")
    with Worker() as worker:
        return render(program, text, [environment], worker)[0]


def _render_all(job: Job, tree: Tree) -> Sequence[FileChange]:
    """All of upstream's Dockerfiles, as its own tools would write them for this tree."""
    from contrib.upstream.render import load, render_tree

    return render_tree(load(job.image.name, job.options.templates), tree)


def _line(move: Move) -> str:
    what = f"{move.series} {move.platform}"
    return f"{what}: {move.before} -> {move.after}" if move.moves else f"{what}: {move.before} (newest)"


def as_json(
    job: Job, moves: Sequence[Move], todo: Sequence[FileChange], notes: Sequence[str]
) -> dict[str, Any]:
    """Plain data of a bump."""
    return {
        "image": job.image.name,
        "moves": [
            {
                "series": move.series,
                "platform": move.platform,
                "before": move.before,
                "after": move.after,
                "branch": move.branch,
            }
            for move in moves
        ],
        "files": [{"path": change.path, "deleted": change.content is None} for change in todo],
        "notes": list(notes),
    }
