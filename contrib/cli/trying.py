"""`contrib try`: build the variants, run them, and say only what was seen."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contrib import __version__
from contrib.cli.common import Terminal, emit, report_options, report_width, terminal_options
from contrib.cli.job import Job, Options, job_options
from contrib.cli.options import from_option, to_option
from contrib.values.errors import BadInput, ContribError, OutsideError

if TYPE_CHECKING:
    from contrib.trial.choose import SeriesFiles
    from contrib.trial.run import Trial
    from contrib.trial.subject import Subject
    from contrib.upstream.layouts import Layout
    from contrib.upstream.layouts.base import Series
    from contrib.values.evidence import Record
    from contrib.values.tree import Tree


@click.command(name="try")
@job_options
@from_option(": its variants are tried as `generate` would write them.")
@to_option("The port's full version to try (one series), where nothing is written yet.")
@click.option("--linux", is_flag=True, help="Try the Linux images too: the same checks, as the yardstick.")
@click.option("--keep", is_flag=True, help="Leave the images, to be looked at.")
@click.option("--pull", is_flag=True, help="Fetch the bases again, even where they are here.")
@click.option(
    "--timeout",
    type=click.IntRange(1, 24 * 3600),
    default=45 * 60,
    show_default=True,
    metavar="SECONDS",
    help="For one build, and for one pull.",
)
@click.option(
    "--evidence",
    envvar="CONTRIB_EVIDENCE_FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the evidence record, for `contrib pr --evidence` and `contrib diff --evidence`.",
)
@click.option(
    "--summary",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Add the table in Markdown to FILE (GITHUB_STEP_SUMMARY).",
)
@click.option(
    "--workflow",
    is_flag=True,
    help="Try nothing: write the workflow that does it on GitHub's Windows runners into this directory.",
)
@click.option(
    "--install",
    metavar="SPEC",
    help="With --workflow: what pip installs in it [default: this version of contrib].",
)
@report_options("text", "json", "markdown")
@terminal_options
def command(
    options: Options,
    from_: str | None,
    to: str | None,
    linux: bool,
    keep: bool,
    pull: bool,
    timeout: int,
    evidence: Path | None,
    summary: Path | None,
    workflow: bool,
    install: str | None,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Build the Windows variants of IMAGE with the local Docker engine and run the image's checks.

    The variants are those in the tree of --upstream; where it has none (or with --from, --to) those that
    `generate` would write. The checks are data: checks.toml in the image's folder. Nothing that was made
    stays behind. Exit codes: 0 all passed, 1 a check failed, 3 the host or the engine failed.

    \b
    contrib try redis --upstream ../redis --evidence evidence.json
    contrib try redis --upstream ../redis --linux
    contrib try redis --workflow
    """
    if workflow:
        _refuse_unused(linux=linux, keep=keep, pull=pull, evidence=evidence, summary=summary)
        return _write_workflow(options, install, output, terminal)
    if install is not None:
        raise click.UsageError("--install is for --workflow")
    from contrib.images.checks import load_checks
    from contrib.images.unfinished import unfinished
    from contrib.trial.choose import subjects

    with Job(options, terminal) as job:
        image = job.image
        for missing in unfinished(image.folder):
            terminal.warn(f"unfinished: {missing}")
        kinds = tuple(dict.fromkeys(variant.kind for variant in image.variants))
        checks = load_checks(image.folder, kinds)
        found = subjects(image, tuple(_series(job, from_, to)), wanted=options.variants, linux=linux)
        options.guards.settle()
        if not found:
            raise BadInput("there is nothing to try here")
        trial = _tried(found, checks, timeout, keep, pull, terminal)
    record = _record(image.name, trial)
    if evidence is not None:
        emit(record.text(), evidence)
    if summary is not None:
        _append(summary, record)
    emit(_report(record, format_, output, terminal), output)
    for problem in trial.problems[:-1]:
        terminal.warn(problem.message)
    if trial.problems:
        raise trial.problems[-1]
    return 1 if trial.failed else 0


def _tried(
    found: tuple[Subject, ...], checks: object, timeout: int, keep: bool, pull: bool, terminal: Terminal
) -> Trial:
    from contrib.clients.cache import default_cache_dir
    from contrib.clients.engine import Engine
    from contrib.images.checks import Checks
    from contrib.trial.choose import summary
    from contrib.trial.run import Options as How
    from contrib.trial.run import attempt
    from contrib.trial.subject import not_here

    assert isinstance(checks, Checks)
    run = secrets.token_hex(4)
    with Engine.connect(run) as engine:
        place = engine.place
        reason = summary(found, lambda each: not_here(each.kind, each.base, place))
        if reason is not None:
            raise OutsideError(
                f"nothing can be tried here: {reason}",
                kind="engine",
                hint="switch Docker to Windows containers, or use GitHub's runners: contrib try --workflow"
                if place.os == "linux"
                else None,
            )
        return attempt(
            engine,
            found,
            checks,
            run=run,
            options=How(pull=pull, keep=keep, seconds=float(timeout)),
            say=terminal.say,
            ledgers=default_cache_dir() / "try",
        )


def _series(job: Job, from_: str | None, to: str | None) -> Iterator[SeriesFiles]:
    """The series to be tried: those that have Windows variants in the tree, or what would be generated."""
    from contrib.cli.writing import target_of
    from contrib.trial.choose import SeriesFiles
    from contrib.upstream.layouts import recognise
    from contrib.values.tree import OverlayTree

    job.commit  # noqa: B018 (--upstream is judged first)
    tree = target_of(job).tree
    layout = recognise(job.image, tree, branch=job.branch, branches=job.branches, named=job.named)
    wanted = [name for name in job.options.series if name != "all"]
    there = [each for each in layout.series() if not wanted or each.name in wanted]
    for name in wanted:
        layout.find(name)
    present = {
        each.name: found
        for each in there
        if (found := _written(job, layout, each, _branch_tree(job, tree, each)))
    }
    if present and from_ is None and to is None and (not wanted or len(present) == len(there)):
        for series in there:
            if series.name in present:
                on = _branch_tree(job, tree, series)
                yield SeriesFiles(series.name, on, present[series.name], series.linux, series.version)
        return
    from contrib.cli.generate import plan

    job.terminal.say("no Windows variants are written there: what `generate` would write is tried")
    generated = plan(job, from_=from_, to=to)
    for each in generated.series:
        changes = generated.on(each.series.branch or job.branch, default=True)
        overlay = OverlayTree(job.tree_of(each.series), changes)
        paths = tuple((name, layout.dockerfile(each.series.name, name)) for name in each.variants)
        yield SeriesFiles(each.series.name, overlay, paths, each.series.linux, each.series.version)


def _branch_tree(job: Job, tree: Tree, series: Series) -> Tree:
    return tree if series.branch in (None, job.branch) else job.branches.tree(series.branch)


def _written(job: Job, layout: Layout, series: Series, tree: Tree) -> tuple[tuple[str, str], ...]:
    """The Windows variants that a series has, each with the path of its Dockerfile."""
    pin = layout.pin(series.name)
    names = dict.fromkeys([*(pin.variants if pin is not None else ()), *(v.name for v in job.image.variants)])
    paths = ((name, layout.dockerfile(series.name, name)) for name in names)
    return tuple((name, path) for name, path in paths if tree.read(path) is not None)


def _record(image: str, trial: Trial) -> Record:
    from contrib.values.evidence import Record

    run = None
    if os.environ.get("GITHUB_ACTIONS") == "true":
        server, repository = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
        number = os.environ.get("GITHUB_RUN_ID")
        if server and repository and number:
            run = f"{server}/{repository}/actions/runs/{number}"
    now = datetime.now(timezone.utc).replace(microsecond=0)
    return Record(image, now, f"contrib {__version__}", trial.place, tuple(trial.tried), run)


def _report(record: Record, format_: str, output: Path | None, terminal: Terminal) -> str:
    if format_ == "json":
        return record.text()
    if format_ == "markdown":
        from contrib.trial.table import summary

        return summary(record)
    from contrib.report.evidence import render

    return render(record, width=report_width(output), full=bool(terminal.verbose))


def _append(path: Path, record: Record) -> None:
    from contrib.clients.worktree import append
    from contrib.trial.table import summary

    append(path, summary(record).encode("utf-8"))


def _refuse_unused(**given: object) -> None:
    for name, value in given.items():
        if value:
            raise click.UsageError(f"--{name} has no effect with --workflow, which tries nothing")


def _write_workflow(options: Options, install: str | None, output: Path | None, terminal: Terminal) -> int:
    from contrib.cli.repositories import image_named
    from contrib.clients.worktree import save, write
    from contrib.images import load
    from contrib.images.checks import load_checks
    from contrib.trial.workflow import PATH, workflow
    from contrib.values.tree import FileChange

    image = load(image_named(options.image, options.templates, "image.toml"), options.templates)
    load_checks(image.folder, tuple(dict.fromkeys(variant.kind for variant in image.variants)))
    text = workflow(image.name, install or _installed())
    path = output if output is not None else Path(PATH)
    try:
        present = path.read_bytes() if path.exists() else None
        if present == text.encode():
            terminal.say(f"{path} is as it should be")
            return 0
        if present is not None:
            options.guards.stop("workflow-differs", f"{path} is there and differs")
        options.guards.settle()
        if output is None:  # below the directory that one stands in, through no link
            write(Path(), [FileChange(PATH, text.encode("utf-8"))])
        else:
            save(output, text.encode("utf-8"))
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", file=str(path)) from error
    emit(path.as_posix())
    terminal.say(
        "next: commit it to a repository of yours, start it by hand (Actions, Try the Windows variants), and give "
        f"the address of its run to `contrib pr {image.name} --evidence ADDRESS`"
    )
    return 0


def _installed() -> str:
    """What pip installs to have this version with what the workflow needs: from its repository where it came from one."""
    from contrib.cli.faults import DISTRIBUTION
    from contrib.cli.init_ci import _installed_from

    try:
        return f"{DISTRIBUTION}[loads,try] @ {_installed_from()}"
    except ContribError:
        version = re.sub(r"\+.*", "", __version__)
        return f"{DISTRIBUTION}[loads,try]=={version}"
