"""`contrib generate`: the Windows directories, and what upstream's scripts need to keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from contrib.cli.common import Terminal, emit, report_options, terminal_options
from contrib.cli.job import Job, Options, job_options
from contrib.cli.options import check_option, diff_option, from_option, to_option
from contrib.cli.writing import Target, made, refuse_dirty, show_diff, target_of
from contrib.values.tree import FileChange

if TYPE_CHECKING:
    from contrib.generate.model import Generated, Overlay
    from contrib.upstream.prove import Proof


@click.command(name="generate")
@job_options
@from_option(": what is yours to decide is taken from it.")
@to_option("The port's full version to take (one series) [default: its newest].")
@diff_option()
@check_option()
@click.option(
    "--prove",
    is_flag=True,
    help="First run upstream's own scripts, and its next release, over a copy; write nothing when that fails.",
)
@report_options("text", "json")
@terminal_options
def command(
    options: Options,
    from_: str | None,
    to: str | None,
    diff: bool,
    check: bool,
    prove: bool,
    format_: str,
    output: Any,
    terminal: Terminal,
) -> int:
    """Write the Windows directories of IMAGE into the work tree of --upstream.

    Unasked it takes the newest series that upstream and the Windows port both have. It writes the
    Dockerfiles, and the templates, data and script edits without which upstream's own tools would
    delete them at the next release. It never commits.

    \b
    contrib generate redis --upstream redis --diff
    contrib generate redis --upstream redis --series 7.2 --series 7.0
    contrib generate redis --upstream redis --from Dockerfile
    """
    with Job(options, terminal) as job:
        from contrib.images.unfinished import unfinished

        for missing in unfinished(job.image.folder):
            terminal.warn(f"unfinished: {missing}")
        generated = plan(job, from_=from_, to=to)
        target = target_of(job)
        changes = generated.on(job.branch, default=_on_default(job, generated))
        proof = None
        if prove:
            from contrib.cli import proof as proving

            refuse_dirty(job, target, changes)
            proof = proving.prove(job, generated, generated.port, terminal)
            if not proof.ok:
                if format_ == "json":
                    import json

                    emit(
                        json.dumps(
                            {"image": generated.image, "written": False, "proof": proof.as_json()}, indent=2
                        ),
                        output,
                    )
                terminal.say("nothing was written: upstream's next release would not carry it")
                return 1
        return finish(job, terminal, generated, target, changes, diff, check, format_, output, proof=proof)


def plan(
    job: Job, *, from_: str | None = None, to: str | None = None, present_only: bool = False
) -> Generated:
    """What would be generated, for the options of a job.

    :param from_: a person's own Windows Dockerfile: a path, ``-``, ``REPO@REF:PATH`` or a GitHub URL.
    """
    from contrib.generate.plan import continued, plan_changes
    from contrib.work.known import known

    image = job.image
    job.commit  # noqa: B018 (--upstream is judged first)
    overlay = _overlay(job, from_) if from_ is not None else None
    releases = job.releases()
    layout = job.layout()
    if overlay is not None:
        overlay = continued(layout, overlay, job.options.series) if to is None else overlay
        layout = job.layout(overlay.port)
    return plan_changes(
        image,
        layout,
        job.tree_of,
        releases,
        job.verify,
        job.options.today,
        series=job.options.series,
        variants=job.options.variants,
        overlay=overlay,
        to=to,
        present_only=present_only,
        known=known(),
    )


def _overlay(job: Job, spec: str) -> Overlay:
    from contrib.cli.source import checked_dockerfile, read_source
    from contrib.dockerfile import parse
    from contrib.facts import extract
    from contrib.generate.overlay import take
    from contrib.images.bases import bases

    source = read_source(spec, offline=job.options.offline)
    sheet = extract(checked_dockerfile(parse(source.data, source.name)), bases=bases())
    return take(job.image, sheet, job.guards)


def _on_default(job: Job, generated: Generated) -> bool:
    """Whether the branch at hand is the one that changes without a branch are for."""
    return job.branch is None or job.branch not in {branch.branch for branch in generated.branches}


def finish(
    job: Job,
    terminal: Terminal,
    generated: Generated,
    target: Target,
    changes: tuple[FileChange, ...],
    diff: bool,
    check: bool,
    format_: str,
    output: Any,
    *,
    proof: Proof | None = None,
) -> int:
    """Show, tell or write; the exit code."""
    target, todo = made(job, terminal, target, changes, diff=diff, check=check)
    _say(terminal, generated, job)
    if format_ == "json":
        import json

        emit(
            json.dumps(
                as_json(generated, todo, written=not (check or diff))
                | ({"proof": proof.as_json()} if proof is not None else {}),
                indent=2,
                ensure_ascii=False,
            ),
            output,
        )
    elif diff:
        show_diff(terminal, target, todo)
    else:
        if todo:
            emit("\n".join(change.path for change in todo), output)
        if not todo:
            terminal.say("nothing to change: everything is there already")
        elif check:
            terminal.say(f"{len(todo)} files would change")
        else:
            terminal.say(f"{len(todo)} files written, nothing committed")
    return 1 if check and todo else 0


def _say(terminal: Terminal, generated: Generated, job: Job) -> None:
    """What a person should know beside the files, on stderr."""
    terminal.say(f"layout: {generated.layout_title}")
    for each in generated.series:
        terminal.say(f"{each.series.name}: {each.release.version} ({', '.join(each.variants)})")
    kept = [decision for decision in generated.decisions if decision.verdict == "kept"]
    if kept:
        terminal.say("kept of yours: " + ", ".join(f"{d.fact} ({_short(d.theirs)})" for d in kept))
    for decision in generated.decisions:
        if decision.verdict == "replaced":
            rule = f" [{decision.rule}]" if decision.rule else ""
            terminal.say(
                f"replaced: {decision.fact}: {_short(decision.theirs)} -> {_short(decision.ours)}: {decision.why}{rule}"
            )
    for note in generated.notes:
        terminal.say(f"- {note}")
    for edit in generated.edits:
        terminal.debug(f"- {edit}")
    if generated.edits and not terminal.verbose:
        terminal.say(
            f"- {len(generated.edits)} of upstream's own files are taught to keep this (-v says why)"
        )
    for later in generated.later:
        terminal.say(f"later: {later}")
    for branch in generated.branches:
        if branch.files and branch.branch is not None and branch.branch != job.branch:
            terminal.say(
                f"{len(branch.files)} files belong on the branch {branch.branch}, which is not the one checked out; "
                "`contrib pr` proposes them there"
            )


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


def as_json(generated: Generated, todo: tuple[FileChange, ...], *, written: bool) -> dict[str, Any]:
    """Plain data of what was generated."""
    return {
        "image": generated.image,
        "layout": generated.layout,
        "written": written,
        "files": [
            {"path": change.path, "mode": change.mode, "deleted": change.content is None} for change in todo
        ],
        "series": [
            {
                "series": each.series.name,
                "linux": each.series.version,
                "version": each.release.version.text,
                "url": each.release.url,
                "sha256": each.verified.sha256,
                "agreeing": list(each.verified.agreeing),
                "absent": list(each.verified.absent),
                "variants": list(each.variants),
                "before": each.before,
            }
            for each in generated.series
        ],
        "decisions": [decision.as_json() for decision in generated.decisions],
        "notes": list(generated.notes),
        "edits": list(generated.edits),
        "later": list(generated.later),
        "not_run_here": list(generated.unseen),
    }
