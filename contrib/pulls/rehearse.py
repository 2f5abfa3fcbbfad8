"""A rehearsal: the same pull requests, but inside the person's own forks.

Workflows of official-images and of the images' repositories run there as they do upstream, on GitHub's
Windows runners too, before any maintainer is asked to look at anything (Actions must be switched on in
the fork). Nothing is opened upstream.
"""

from __future__ import annotations

from dataclasses import replace

from contrib.clients.commits import ScratchStore
from contrib.clients.github import GitHubReads
from contrib.pulls.model import Operation, Plan, Proposal, Step, numbered
from contrib.pulls.plan import Settings, make_plan
from contrib.pulls.sections import Section
from contrib.values.errors import BadInput


def rehearsal(plan: Plan, github: GitHubReads, store: ScratchStore, settings: Settings) -> Plan:
    """The plan of the rehearsal of a plan.

    :raises BadInput: there is nothing to rehearse.
    """
    steps: list[Step] = []
    notes: list[str] = []
    inside = replace(settings, fork=False, early=False)
    for step in plan:
        if not step.proposal.commits or step.merged:
            continue
        fork = step.head_repository
        sections = tuple(
            replace(part, text=numbered(part.text, plan.steps, final=True)) for part in step.proposal.sections
        )
        proposal = _inside(replace(step.proposal, sections=sections), fork)
        if step.needs_fork:
            steps.append(
                replace(
                    step, proposal=proposal, parent=step.proposal.repository, operation=Operation.CREATE, push=True,
                    reason=f"needs a fork, {fork}", waiting=(), expected=None, number=None, url=None, early=False,
                )
            )  # fmt: skip
            notes.append(_switch(github, fork))
            continue
        if github.actions_enabled(fork) is False:
            notes.append(_switch(github, fork))
        inner = make_plan([proposal], github, store, inside)
        steps += inner.steps
        notes += [note for note in inner.notes if note not in notes]
    if not steps:
        raise BadInput("there is nothing to rehearse: upstream has all of it")
    return Plan(
        tuple(steps),
        f"{plan.command} --rehearse",
        (*plan.notes, *notes),
        after="look at their checks, then: " + plan.command,
    )


def _inside(proposal: Proposal, fork: str) -> Proposal:
    lead = Section(
        "rehearsal",
        "A rehearsal in a fork: this is what will be proposed to "
        f"{proposal.repository}, opened here first so that its workflows run.",
    )
    return replace(
        proposal,
        repository=fork,
        branch=f"{proposal.branch}-rehearsal",
        title=f"Rehearsal: {proposal.title}"[:256],
        sections=(lead, *proposal.sections),
        waits_for=(),
        draft=False,
    )


def _switch(github: GitHubReads, fork: str) -> str:
    return f"workflows do not run in a new fork until they are switched on: {github.where.web}/{fork}/actions"
