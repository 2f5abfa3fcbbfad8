"""`contrib status`: where the contribution stands, and what to do next."""

from __future__ import annotations

import json
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

import click

from contrib.cli.common import Terminal, emit, report_options, terminal_options
from contrib.cli.continuing import continuing
from contrib.cli.github import Account, connect, github_options
from contrib.cli.job import Job, Options, job_options
from contrib.cli.options import web_option
from contrib.values.errors import BadInput

if TYPE_CHECKING:
    from contrib.clients.github import GitHub
    from contrib.pulls.status import Status


@click.command(name="status")
@job_options
@click.option(
    "--watch",
    is_flag=True,
    help="Look again until you have to act, or all is merged.",
)
@click.option(
    "--interval",
    type=click.FloatRange(min=1),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="Time between two looks of --watch.",
)
@web_option
@github_options
@report_options("text", "json")
@terminal_options
def command(
    options: Options,
    watch: bool,
    interval: float,
    web: bool,
    account: Account,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Tell where the pull requests of IMAGE stand: state, checks, review, the next command.

    It asks GitHub and nothing else, so it works from any machine.

    \b
    contrib status redis
    contrib status redis --watch
    """
    from contrib.pulls.status import status

    options.guards.settle()
    if options.offline:
        raise BadInput(
            "where the pull requests stand is known to GitHub only", kind="usage", hint="leave --offline out"
        )
    github, viewer = connect(account, terminal, dry_run=True)
    owner = account.fork_owner or (viewer.login or None if viewer is not None else None)
    if owner is None:
        raise BadInput(
            "whose contribution? there is no token to tell",
            kind="authentication",
            hint="--fork-owner LOGIN names the account; gh auth login, or CONTRIB_GITHUB_TOKEN",
        )
    with Job(options, terminal) as job:
        image = job.image
        repositories, official = _repositories(job, github)
        name = continuing("pr", image.name)

        def look() -> Status:
            manifest = image.official_images.manifest
            return status(
                github, image.name, repositories, official, owner, name,
                listed=lambda: _listed(github, official, manifest),
                accounts=tuple(each for each in (viewer.login if viewer else "", account.fork_owner) if each),
                manifest=manifest,
            )  # fmt: skip

        found = look()
        while watch and not found.settled:
            terminal.say(found.next)
            sleep(interval)
            later = look()
            if later != found:
                terminal.say(_text(later))
            found = later
    if format_ == "json":
        emit(json.dumps(found.as_json(), indent=2, ensure_ascii=False), output)
    else:
        emit(_text(found), output)
    if web:
        for one in found.standings:
            if one.pull is not None:
                click.launch(one.pull.url)
    return 0


def _repositories(job: Job, github: GitHub) -> tuple[list[str], str]:
    """Names on GitHub of the image's repositories, and of official-images."""
    from contrib.clients.git import is_url, split_spec

    given = job.options.upstream
    named = github.where.owns(split_spec(given)[0]) if given is not None and is_url(given) else None
    if named is not None:
        repositories = [named]
    elif given is not None:
        repositories = [job.layout().facts.repository.name]
    else:
        repositories = [repository.name for repository in job.image.repositories]
    official = job.options.official_images
    listed = github.where.owns(split_spec(official)[0]) if official is not None and is_url(official) else None
    return repositories, listed or job.image.official_images.repository.name


def _listed(github: GitHub, official: str, manifest: str) -> int | None:
    """How many Windows entries official-images has for the image now; None where its file cannot be read."""
    from contrib.library import parse

    data = github.file(official, manifest)
    if data is None:
        return 0
    try:
        entries = parse(data, manifest).entries
    except BadInput:
        return None
    return sum(any(name.startswith("windows-") for name in entry.architectures) for entry in entries)


def _text(found: Status) -> str:
    lines = []
    for one in found.standings:
        head = f"{one.key or '?':<3} {one.repository}"
        if one.pull is not None:
            head += f"#{one.pull.number}"
        lines.append(
            f"{head}  {'rehearsal, ' if one.rehearsal else ''}{one.state}"
            + (f"  {one.pull.title}" if one.pull is not None else f"  {one.branch}")
        )
        if one.pull is not None:
            lines.append(f"    {one.pull.url}")
            if one.pull.labels:
                lines.append(f"    labels: {', '.join(one.pull.labels)}")
        for commit in one.foreign:
            lines.append(f"    not made by contrib: {commit}")
        for commit in one.unreachable or ():
            lines.append(f"    upstream does not have: {commit}")
        if one.unreachable == ():
            lines.append("    upstream has every commit that it names")
        for check in one.checks:
            lines.append(f"    check {check.state.replace('_', ' ')}: {check.name}")
        for who, state in one.reviews.items():
            lines.append(f"    {who}: {state.replace('_', ' ')}")
        said = one.said
        if said is not None and one.state != "merged":
            words = " ".join(said.body.split())
            lines.append(f"    {said.author} said: {words if len(words) <= 160 else words[:157] + '…'}")
        if one.state not in ("merged", "none"):
            lines.append(f"    waits for {one.waits_for}")
    if not found.standings:
        lines.append(f"no pull request for {found.image} yet")
    if found.listed is not None:
        lines.append(f"official-images lists {found.listed} Windows entries of {found.image}")
    lines.append(f"next: {found.next}")
    return "\n".join(lines)
