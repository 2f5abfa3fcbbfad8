"""A plan of pull requests shown, confirmed and carried out: what `pr` and `base` share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contrib.cli import output as output_
from contrib.cli.common import Terminal, emit
from contrib.values.errors import BadInput

if TYPE_CHECKING:
    from contrib.clients.commits import ScratchStore
    from contrib.clients.github import GitHubReads
    from contrib.pulls.model import Plan
    from contrib.pulls.plan import Settings
    from contrib.report.plan import Stat


def show(
    plan: Plan,
    stats: dict[str, tuple[Stat, ...]],
    format_: str,
    output: Path | None,
    more: Mapping[str, Any] | None = None,
) -> None:
    """The plan of a dry run, whole even where guards would stop it. :param more: what its JSON has beside it."""
    from contrib.report.plan import text

    if format_ == "json":
        emit(json.dumps(plan.as_json() | dict(more or {}), indent=2, ensure_ascii=False), output)
    else:
        emit(text(plan, stats), output)


def stats_of(plan: Plan, store: ScratchStore) -> dict[str, tuple[Stat, ...]]:
    """The changes of each step's commits."""
    found = {}
    for step in plan:
        if step.proposal.commits and step.head_sha is not None and store.has(step.head_sha):
            base = store.merge_base(step.proposal.base_commit, step.head_sha) or step.proposal.base_commit
            found[step.proposal.key] = store.changed(base, step.head_sha)
    return found


def carried_out(
    plan: Plan,
    stats: dict[str, tuple[Stat, ...]],
    github: GitHubReads,
    store: ScratchStore,
    settings: Settings,
    terminal: Terminal,
    *,
    yes: bool,
    organization: str | None,
    maintainer_can_modify: bool,
    json_: bool,
) -> Plan:
    """Show the plan, ask, and carry it out.

    :param yes: do not ask. :param json_: stdout gets JSON: the plan is not shown beside it.
    :raises BadInput: nobody can be asked.
    """
    from contrib.clients.github import GitHub
    from contrib.pulls.carry_out import carry_out
    from contrib.report.plan import text

    assert isinstance(github, GitHub)
    stopped = any(step.stop for step in plan)
    if plan.writes and not stopped:
        if not yes:
            if not terminal.interactive:
                raise BadInput(
                    "nothing is opened without --yes where there is no terminal to ask on",
                    kind="confirmation",
                    hint=f"{settings.command} --dry-run shows the plan; --yes carries it out",
                )
            output_.aside(text(plan, stats, bodies=True))
            count = sum(step.operation.value != "none" for step in plan)
            if not output_.confirmed(f"Do {'this' if count == 1 else f'these {count} things'}?"):
                terminal.say("nothing was changed")
                raise click.exceptions.Exit(130)
        elif not json_:
            terminal.say(text(plan, stats, bodies=False))
    return carry_out(
        plan,
        github,
        store,
        organization=organization,
        maintainer_can_modify=maintainer_can_modify,
        notify=terminal.say,
    )


def tell(
    plan: Plan,
    format_: str,
    output: Path | None,
    terminal: Terminal,
    *,
    web: bool,
    more: Mapping[str, Any] | None = None,
) -> None:
    """What was done: on stdout the addresses alone, or JSON."""
    urls = [step.url for step in plan if step.url is not None]
    if format_ == "json":
        emit(json.dumps(plan.as_json(outcome=True) | dict(more or {}), indent=2, ensure_ascii=False), output)
    elif urls or output is not None:
        emit("\n".join(urls), output)
    for step in plan:
        if step.operation.value == "none":
            terminal.say(f"{step.proposal.repository}: {plan.reason(step)}")
    if terminal.quiet or format_ == "json" or not plan.writes:
        for note in plan.notes:
            terminal.warn(note)
    terminal.say(f"next: {plan.next}")
    if web:
        for url in urls:
            click.launch(url)
