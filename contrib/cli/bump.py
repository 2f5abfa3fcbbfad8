"""`contrib bump`: the variants that are there, at the newest releases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contrib.cli.bumping import BumpJob, Held, plan
from contrib.cli.common import Terminal, emit, report_options, terminal_options
from contrib.cli.job import Options, job_options
from contrib.cli.options import check_option, clone_option, clones_of, diff_option, to_option
from contrib.cli.writing import Target, made, refuse_dirty, show_diff, target_of
from contrib.values.errors import BadInput, ContribError
from contrib.values.guards import Guards
from contrib.values.tree import FileChange

if TYPE_CHECKING:
    from contrib.generate.bump import Bumped, Move

#: Images that are looked at at once under ``--all``.
_AT_ONCE = 3


@click.command(name="bump")
@job_options
@to_option("The full version to go to (one series) [default: the newest].")
@click.option("--linux", is_flag=True, help="The Linux variants too.")
@click.option("--all", "all_", is_flag=True, help="With --check: every image whose releases can be found.")
@click.option(
    "--evidence",
    multiple=True,
    metavar="FILE|RUN_URL",
    help="A record of `contrib try`, or a report of `contrib loads --format json`: a held variant that passed is due.",
)
@click.option(
    "--runners",
    metavar="FILE|URL",
    help="Releases of actions/runner-images, for variants held until a build [default: GitHub, when one is].",
)
@clone_option
@diff_option()
@check_option("Exit 1 when something is due; write nothing.")
@report_options("text", "json")
@terminal_options
def command(
    options: Options,
    to: str | None,
    linux: bool,
    all_: bool,
    evidence: tuple[str, ...],
    runners: str | None,
    clones: tuple[str, ...],
    diff: bool,
    check: bool,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Bring the Windows variants of IMAGE to the newest releases.

    Version, address and verified checksum are rewritten on upstream's current files; nothing else is touched.
    Linux moves with --linux, or always where an image's makers build for both. Never to an older version, never
    to a pre-release. It never commits.

    Each series that stays says why. Exit 0: written, or nothing due; 1 with --check: something is due; 3: a
    series could not be determined.

    \b
    contrib bump redis --upstream redis --check
    contrib bump redis --upstream redis --series 7.2 --to 7.2.9
    """
    if all_:
        if evidence or runners:
            raise BadInput("--all goes with neither --evidence nor --runners", kind="usage")
        return _all(options, clones, linux, check, format_, output, terminal)
    if clones:
        raise BadInput("--clone is for --all; --upstream names one image's repository", kind="usage")
    with BumpJob(options, terminal) as job:
        job.commit  # noqa: B018 (--upstream is judged first)
        target = target_of(job)
        if target.writable and not diff:
            _refuse_early(job, target)
        bumped = plan(job, to=to, linux=linux, security=check, held=Held(evidence, runners))
        for name, sentence in bumped.guards:
            job.guards.stop(name, sentence)
        stopped = job.guards.problem(preview=diff)
        if stopped is not None and not check:
            raise stopped
        changes = bumped.on(job.branch, default=job.branch not in {b.branch for b in bumped.branches})
        target, todo = made(job, terminal, target, changes, diff=diff, check=check)
        for note in bumped.notes:
            terminal.say(f"- {note}")
        _elsewhere(job, bumped, terminal)
        if format_ == "json":
            emit(json.dumps(as_json(bumped, todo, job.guards.applied), indent=2, ensure_ascii=False), output)
        elif diff:
            show_diff(terminal, target, todo)
        else:
            emit("\n".join(lines(bumped)), output)
            if todo:
                verb = "would change" if check else "written, nothing committed"
                terminal.say(f"{len(todo)} files {verb}")
            elif all(move.reason == "newest" for move in bumped.moves):
                terminal.say("nothing to do")
        if stopped is not None and format_ != "json":
            raise stopped
        return exit_code(bumped, todo, check=check, stopped=stopped is not None)


def _all(
    options: Options,
    clones: tuple[str, ...],
    linux: bool,
    check: bool,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Every image, a few at once; one that cannot be looked at costs itself alone."""
    from contrib.clients import together
    from contrib.generate.bump import names

    if not check:
        raise BadInput("--all looks and writes nothing: it goes with --check", kind="usage")
    if options.image is not None or options.upstream is not None or options.sources:
        raise BadInput("--all is every image: it goes with no IMAGE, --upstream and --source", kind="usage")
    there = names(options.templates)
    places = clones_of(clones, there)

    def look(name: str) -> tuple[str, Bumped | ContribError]:
        wanted = replace(options, image=name, upstream=places.get(name), guards=Guards())
        try:
            with BumpJob(wanted, Terminal(quiet=True)) as job:
                job.commit  # noqa: B018 (--upstream is judged first)
                try:
                    bumped = plan(job, linux=True, security=True)
                except BadInput:
                    # Release branches make their Linux releases themselves.
                    bumped = plan(job, linux=linux, security=True)
        except ContribError as error:
            return name, error
        return name, bumped

    found: list[tuple[str, Bumped | ContribError]] = []
    with terminal.progress("images", len(there)) as advance:
        for name, bumped in together.each(look, there, _AT_ONCE):
            found.append((name, bumped))
            terminal.say(f"{name}: looked at")
            advance(1)
    codes = {0}
    shown: list[str] = []
    data: list[dict[str, Any]] = []
    for name, bumped in found:
        if isinstance(bumped, ContribError):
            codes.add(3)
            shown.append(f"{name}: could not be looked at: {bumped}")
            data.append({"image": name, **bumped.as_json()})
            continue
        codes.add(exit_code(bumped, None, check=True, stopped=bool(bumped.guards)))
        shown += [f"{name} {each}" for each in lines(bumped)]
        shown += [f"{name}: {sentence} ({guard})" for guard, sentence in bumped.guards]
        data.append(as_json(bumped, [file for change in bumped.changes for file in change.files]))
    if format_ == "json":
        emit(json.dumps({"images": data}, indent=2, ensure_ascii=False), output)
    else:
        emit("\n".join(shown), output)
    return max(codes)


def _refuse_early(job: BumpJob, target: Target) -> None:
    """Refuses a work tree with changes that no bump has made, before anything is downloaded.

    What an earlier run wrote and nobody committed is its data and Dockerfiles; whether it is the same as this
    run's is known only later.

    :raises BadInput: naming the files.
    """
    changed = job.upstream.changed_files()
    data = [path for path in changed if path.endswith(".json") and "/" not in path]
    templated = job.tree.read("versions.json") is not None
    ours = {path for path in changed if path in data or "/" in path}
    if changed and (set(changed) - ours or (templated and not data)):
        refuse_dirty(job, target, ())


def exit_code(
    bumped: Bumped, todo: Sequence[FileChange] | None, *, check: bool, stopped: bool = False
) -> int:
    """0 nothing due (or written), 1 due with ``--check``, 2 a guard or an address stops it, 3 not determined."""
    reasons = {move.reason for move in bumped.moves if move.unknown}
    if reasons - {"bad-address"}:
        return 3
    if reasons or stopped:
        return 2
    due = bumped.due(None if todo is None else [change.path for change in todo])
    return 1 if check and due else 0


def _elsewhere(job: BumpJob, bumped: Bumped, terminal: Terminal) -> None:
    for branch in bumped.branches:
        if branch.files and branch.branch is not None and branch.branch != job.branch:
            terminal.say(
                f"{len(branch.files)} files are due on the branch {branch.branch}; `contrib pr` proposes them"
            )


def lines(bumped: Bumped) -> list[str]:
    """One line per move, one per reason."""
    found = [line(move) for move in bumped.moves]
    found += [f"{name}: left alone, {why}" for name, why in bumped.left_alone.items()]
    words = {
        "gone": "is a base that official-images no longer pins",
        "new": "is a newer base that official-images pins (contrib base add)",
        "ending": "is a base whose support ends within a year",
    }
    found += [f"{one} {words[key]}" for key, names in bumped.bases.items() for one in names]
    for each in bumped.holds:
        hold = each.hold
        kind, _, release = hold.variant.rpartition("-")
        if each.lift:
            found.append(
                f"{hold.variant}: held back ({hold.reason}) and may be taken up again: {each.why} "
                f"(contrib base add {release} {bumped.image} --kind {kind})"
            )
        else:
            found.append(f"{hold.variant}: held back ({hold.reason}): {each.why}")
    return found


def line(move: Move) -> str:
    """One move, or the reason why there is none."""
    what = move.series
    if move.component:
        what += f" {move.component}"
    elif move.platform != "both":
        what += f" {move.platform}"
    if move.moves:
        if move.before == move.after:
            return f"{what}: {move.before}, {'its replaced archive' if move.replaced else 'its other files'}"
        more = f" ({move.replaced.version} was replaced)" if move.replaced is not None else ""
        return f"{what}: {move.before} -> {move.after}{more}"
    if move.reason == "newest" and not move.sentence:
        return f"{what}: {move.before} (newest)"
    return f"{what}: {move.before} ({move.reason}: {move.sentence})"


def as_json(bumped: Bumped, todo: Sequence[FileChange], guards: Sequence[Any] = ()) -> dict[str, Any]:
    """Plain data of a bump."""
    components: dict[str, list[dict[str, Any]]] = {}
    for move in bumped.moves:
        if move.component:
            components.setdefault(move.series, []).append(move.as_json())
    return {
        "image": bumped.image,
        "due": bumped.due([change.path for change in todo]),
        "undetermined": bumped.unknown,
        "moves": [
            move.as_json() | {"components": components.pop(move.series, [])}
            for move in bumped.moves
            if not move.component
        ]
        + [move for rest in components.values() for move in rest],
        "commits": [
            {
                "title": change.title,
                "series": change.series,
                "branch": change.branch,
                "files": [file.path for file in change.files],
            }
            for change in bumped.changes
        ],
        "bases": {key: list(names) for key, names in bumped.bases.items()},
        "left_alone": dict(bumped.left_alone),
        "holds": [hold.as_json() for hold in bumped.holds],
        "guards": [guard.as_json() for guard in guards],
        "files": [{"path": change.path, "deleted": change.content is None} for change in todo],
        "notes": list(bumped.notes),
    }
