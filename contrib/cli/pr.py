"""`contrib pr`: plan, confirm, fork, branch, commit, push, pull request; then the next of the chain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from contrib.cli import output as output_
from contrib.cli.common import Terminal, emit, report_options, terminal_options
from contrib.cli.continuing import continuing, typed
from contrib.cli.github import Account, author_of, connect, github_options
from contrib.cli.job import Job, Options, job_options
from contrib.cli.options import from_option, to_option, web_option
from contrib.cli.proposing import carried_out, show, stats_of, tell
from contrib.values.errors import BadInput, OutsideError

if TYPE_CHECKING:
    from contrib.cli.contribution import Workshop
    from contrib.clients.github import GitHubReads, Viewer
    from contrib.images.model import Image
    from contrib.pulls.model import Plan
    from contrib.pulls.plan import Settings
    from contrib.pulls.readiness import Problem
    from contrib.values.evidence import Record


@click.command(name="pr")
@job_options
@from_option(": what is yours to decide is taken from it.")
@to_option("The port's full version to take (one series) [default: its newest].")
@click.option("--linux", is_flag=True, help="The Linux variants too.")
@click.option("-n", "--dry-run", is_flag=True, help="Show the whole plan; change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("-d", "--draft", is_flag=True, help="Open drafts.")
@click.option(
    "--only",
    type=click.Choice(["image", "official-images"]),
    help="Only the pull requests to the image's repository, or only the one to official-images.",
)
@click.option("--continue", "continue_", is_flag=True, help="Go on with what was begun.")
@click.option(
    "--early",
    is_flag=True,
    help="Open official-images' pull request at once, as a draft that says what it waits for.",
)
@click.option(
    "--rehearse",
    is_flag=True,
    help="Open the pull requests inside your own forks, where their CI runs before a maintainer sees anything.",
)
@click.option("-t", "--title", metavar="TEXT", help="Title of the pull request.")
@click.option(
    "-F",
    "--body-file",
    type=click.File("rb"),
    metavar="FILE",
    help="Take the pull request's text from FILE (- for stdin).",
)
@click.option("--message", metavar="TEXT", help="Message of the commit.")
@click.option(
    "--signoff/--no-signoff",
    "--sign-off/--no-sign-off",
    default=None,
    help="Add Signed-off-by [default: where most of the repository's recent commits have it].",
)
@click.option("--no-fork", is_flag=True, help="Push to the repositories themselves.")
@click.option(
    "--no-maintainer-edit",
    is_flag=True,
    help="Do not let maintainers push to your branch.",
)
@click.option(
    "--plan-out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the plan to FILE, to be reviewed and carried out with --plan.",
)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Carry out the plan in FILE, if nothing has moved since it was made.",
)
@click.option(
    "--propose",
    is_flag=True,
    help="Write the issue that asks upstream first; open it when you say so.",
)
@click.option(
    "--agreed", metavar="URL", help="The issue in which upstream agreed; the pull requests link it."
)
@click.option(
    "--evidence",
    multiple=True,
    metavar="FILE|RUN_URL",
    help="A record of `contrib try`, or the run that made one; repeatable, one per host.",
)
@click.option(
    "--require-evidence",
    is_flag=True,
    help="Refuse a variant that no record shows to have been built and run, as it is proposed.",
)
@web_option
@github_options
@report_options("text", "json")
@terminal_options
def command(
    options: Options,
    from_: str | None,
    to: str | None,
    linux: bool,
    dry_run: bool,
    yes: bool,
    draft: bool,
    only: str | None,
    continue_: bool,
    early: bool,
    rehearse: bool,
    title: str | None,
    body_file: BinaryIO | None,
    message: str | None,
    signoff: bool | None,
    no_fork: bool,
    no_maintainer_edit: bool,
    plan_out: Path | None,
    plan_file: Path | None,
    propose: bool,
    agreed: str | None,
    evidence: tuple[str, ...],
    require_evidence: bool,
    web: bool,
    account: Account,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Propose the Windows variants of IMAGE upstream.

    Shows the plan and asks; then forks, pushes and opens the pull request to the image's own
    repository. The one to official-images follows when that is merged: run the command again. A second
    run finds what is open and brings it up to date.

    \b
    contrib pr redis --dry-run
    contrib pr redis --from Dockerfile
    contrib pr redis --continue
    """
    from contrib.cli.contribution import Workshop
    from contrib.clients.github import UnaskedGitHub, addresses
    from contrib.pulls.contribution import Wording
    from contrib.pulls.plan import Settings

    _refuse_contradictions(options, dry_run, only, early, rehearse, no_fork)
    if propose and (rehearse or plan_file is not None or plan_out is not None):
        raise BadInput(
            "--propose opens an issue; it goes with neither a rehearsal nor a plan file", kind="usage"
        )
    context = click.get_current_context()
    reviewed = None
    if plan_file is not None:
        reviewed = context.meta.get(_REVIEWED)
        if reviewed is None:
            return _replayed(context, plan_file, options.image)
    wording = Wording(title, _text_of(body_file), message)
    with ExitStack() as stack:
        job = stack.enter_context(Job(options, terminal))
        job.commit  # noqa: B018 (--upstream is judged first)
        if not rehearse:
            _refuse_unfinished(job.image)
        github: GitHubReads
        if options.offline:
            github, viewer = UnaskedGitHub(addresses(account.github_url)), None
        else:
            owners = [each.name.split("/", 1)[0] for each in job.image.repositories[:1]]
            github, viewer = connect(account, terminal, dry_run=dry_run, guards=options.guards, owners=owners)
            _check_git()
        login = None if viewer is None else viewer.login or None
        if not dry_run and login is None and account.fork_owner is None and not no_fork:
            raise BadInput(
                "this token belongs to no account that could have a fork",
                kind="authentication",
                hint="a classic token with public_repo in CONTRIB_GITHUB_TOKEN; a workflow's own token cannot do it",
            )
        settings = Settings(
            owner=account.fork_owner or login,
            author=author_of(None, terminal, dry_run=dry_run),
            signoff=signoff,
            fork=not no_fork,
            early=early or rehearse,
            guards=options.guards,
            command=continuing("pr", job.image.name),
            accounts=tuple(name for name in (login, account.fork_owner) if name),
        )
        shop = stack.enter_context(
            Workshop(
                job,
                github,
                options.offline,
                from_,
                to,
                wording if only != "official-images" else Wording(),
                draft,
                point_at_forks=early or rehearse,
                early=early,
                records=_records(evidence, account, login),
                require_evidence=require_evidence,
                linux=linux,
            )
        )
        if agreed is not None:
            from contrib.pulls.asking import agreed as linked

            names = [shop.home.full_name, *(each.name for each in job.image.repositories)]
            shop.agreed, doubt = linked(agreed, github, names)
            shop.warnings += [doubt] if doubt else []
        if propose:
            return _propose(
                shop, github, terminal, yes=yes, dry_run=dry_run, output=output, command=settings.command
            )
        plan = plan_of(shop, settings, only=only, wording=wording)
        if rehearse:
            from contrib.pulls.rehearse import rehearsal

            for missing in _unfinished(job.image):
                terminal.warn(f"unfinished: {missing}")
            plan = rehearsal(plan, github, shop.store, settings, official=shop.rehearsed)
        else:
            from contrib.pulls.rehearse import judged

            plan = judged(plan, github, shop.store, settings)
        plan = replace(
            plan,
            notes=tuple(dict.fromkeys([*plan.notes, *shop.warnings, *_about_commits(plan)])),
            met=options.guards.applied,
        )
        for applied in plan.guards:
            options.guards.record(applied)
        if continue_ and not any(step.number is not None or step.landed or step.guards for step in plan):
            raise BadInput(
                "there is nothing to continue: no pull request of this contribution is there yet",
                kind="usage",
                hint=settings.command,
            )
        stats = stats_of(plan, shop.store)
        if plan_out is not None or reviewed is not None:
            from contrib.pulls import plan_file as files

            shaped = files.shape(plan, job.image.name, typed(context, also=_PLANNED))
            if reviewed is not None and plan_file is not None:
                shaped["arguments"] = reviewed["arguments"]
                files.check(reviewed, shaped, plan_file)
            if plan_out is not None:
                files.write(plan_out, shaped)
                terminal.say(
                    f"the plan is in {plan_out}; to carry it out: contrib pr {job.image.name} --plan {plan_out}"
                )
        if dry_run:
            problem = options.guards.problem(settings.command, preview=True)
            if problem is not None:
                raise problem
            show(plan, stats, format_, output)
            return 0
        if plan_out is not None and not yes and not terminal.interactive:
            show(plan, stats, format_, output)
            return 0
        if options.guards.force or not any(step.stop for step in plan):
            options.guards.settle(settings.command)
        forks = any(step.needs_fork and step.operation.value == "create" for step in plan)
        stops = [*_owner_problems(github, viewer, account.fork_owner)] if forks else []
        if stops:
            raise BadInput(stops[0].text, kind="fork-owner", hint=stops[0].fix)
        plan = carried_out(
            plan, stats, shop.github, shop.store, settings, terminal,
            yes=yes, organization=account.fork_owner if account.fork_owner != login else None,
            maintainer_can_modify=not no_maintainer_edit, json_=format_ == "json",
        )  # fmt: skip
        if not rehearse and not options.offline:
            from contrib.clients.github import GitHub
            from contrib.pulls.carry_out import clean_up

            assert isinstance(github, GitHub)
            clean_up(plan, github, terminal.say)
    tell(plan, format_, output, terminal, web=web)
    return 0


#: Options for one run that a plan is made with, and carried out with.
_PLANNED = ("--allow", "--early", "--only", "--rehearse", "--continue")
#: Where the plan that was read is kept while its own options are used.
_REVIEWED = "contrib.cli.pr.reviewed"


def _replayed(context: click.Context, path: Path, image: str | None) -> int:
    """Run the command again with the options that the plan was made with."""
    from contrib.pulls import plan_file as files

    reviewed = files.read(path, image)
    here = typed(
        context,
        also=("--yes", "--dry-run", "--plan", "--format", "--output", "--quiet", "--verbose", "--web"),
    )
    arguments = [reviewed["image"], *reviewed["arguments"], *here]
    try:
        again = context.command.make_context(context.info_name, arguments, parent=context.parent)
    except click.ClickException as error:
        raise BadInput(
            f"its options cannot be used: {error.format_message()}", file=str(path), kind="plan-moved"
        ) from error
    with again:
        again.meta[_REVIEWED] = reviewed
        return int(context.command.invoke(again) or 0)


def _owner_problems(github: GitHubReads, viewer: Viewer | None, owner: str | None) -> Iterator[Problem]:
    from contrib.pulls import readiness

    yield from readiness.of_owner(github, viewer, owner, None)


def _check_git() -> None:
    """Refuse a git that is too old."""
    from contrib.clients.commits import git_version
    from contrib.pulls import readiness

    old = readiness.of_git(git_version())
    if old is not None:
        raise OutsideError(f"git {old.text}", kind="git", hint=old.fix)


def _unfinished(image: Image) -> tuple[str, ...]:
    from contrib.images.unfinished import unfinished

    return tuple(str(missing) for missing in unfinished(image.folder))


def _refuse_unfinished(image: Image) -> None:
    """An image's folder that is not finished is not proposed with, and nothing lifts that."""
    missing = _unfinished(image)
    if missing:
        raise BadInput(
            f"the folder of {image.name} is not finished: " + "; ".join(missing),
            kind="unfinished-image",
            hint="contrib generate, contrib try and --rehearse work with it as it is",
        )


def _about_commits(plan: Plan) -> tuple[str, ...]:
    from contrib.clients.commits import signs_commits

    if any(step.push for step in plan) and signs_commits():
        return (
            "commit.gpgsign is set, and these commits are not signed: they are made without a work tree, so that the "
            "same input is the same commit everywhere",
        )
    return ()


def _propose(
    shop: Workshop,
    github: GitHubReads,
    terminal: Terminal,
    *,
    yes: bool,
    dry_run: bool,
    output: Path | None,
    command: str,
) -> int:
    """Write the issue that asks upstream first, and open it when the person says so."""
    from contrib.clients.github import GitHub
    from contrib.pulls import asking

    shop.options.guards.settle(command)
    title = asking.title(shop.job.image.title)
    sections = [part for proposal in shop.proposals for part in proposal.sections]
    text = asking.text(shop.job.image.title, sections)
    where = shop.home.full_name
    if not dry_run and not yes and terminal.interactive:
        output_.aside(f"{title}\n\n{text}")
        yes = output_.confirmed(f"Open this issue on {where}?")
    if dry_run or not yes:
        emit(f"{title}\n\n{text.rstrip()}", output)
        terminal.say(f"nothing was opened; --yes opens it on {where}")
        return 0
    assert isinstance(github, GitHub)
    url = github.open_issue(where, title, text)
    emit(url, output)
    terminal.say(f"next: when it is agreed: {command} --agreed {url}")
    return 0


def _records(named: tuple[str, ...], account: Account, login: str | None) -> tuple[tuple[str, Record], ...]:
    """The evidence records; a run counts when it is of the person's own repository."""
    if not named:
        return ()
    from contrib.cli.records import read_records

    owners = {each for each in (login, account.fork_owner) if each}
    return read_records(
        named, github_url=account.github_url, token_file=account.token_file, owners=owners or None
    )


def plan_of(shop: Workshop, settings: Settings, *, only: str | None, wording: object = None) -> Plan:
    """The plan of a contribution, less what ``--only`` leaves out."""
    from contrib.pulls.contribution import Wording
    from contrib.pulls.going_on import going_on
    from contrib.pulls.model import Proposal, Step
    from contrib.pulls.plan import Following, make_plan

    given = wording if isinstance(wording, Wording) else Wording()

    def official(steps: object) -> Proposal:
        known: tuple[Step, ...] = tuple(steps)  # type: ignore[arg-type]
        # What was given on the command line is for the pull request that this run is about.
        now = only == "official-images" or all(step.merged for step in known)
        return shop.official(given if now else Wording())(known)

    following = None if only == "image" else Following(shop.outline, official, shop.listed)
    plan = make_plan(
        shop.proposals,
        shop.github,
        shop.store,
        settings,
        then=() if following is None else (following,),
        notes=shop.notes,
        merging=shop.rendering,
    )
    if only == "official-images":
        plan = replace(plan, steps=tuple(step for step in plan if step.proposal.key == "B"))
    elif only == "image" and all(step.merged for step in plan):
        plan = replace(plan, after=going_on(settings.command, "--continue"))
    return plan


def _text_of(file: BinaryIO | None) -> str | None:
    if file is None:
        return None
    data = file.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("is not UTF-8 text", file=str(file.name)) from error
    if not text.strip():
        raise BadInput("is empty", file=str(file.name))
    return str(text)


def _refuse_contradictions(
    options: Options, dry_run: bool, only: str | None, early: bool, rehearse: bool, no_fork: bool
) -> None:
    def refuse(message: str, hint: str | None = None) -> None:
        raise BadInput(message, kind="usage", hint=hint)

    if options.offline and not dry_run:
        refuse("a pull request needs the network", "contrib pr --offline --dry-run shows the plan without it")
    if early and only == "image":
        refuse("--early is for official-images' pull request, and --only image leaves it out")
    if rehearse and (early or no_fork):
        refuse("--rehearse opens pull requests inside the forks; it goes with neither --early nor --no-fork")
