"""A rehearsal: the same pull requests, but inside the person's own forks.

Workflows of official-images and of the images' repositories run there as they do upstream, on GitHub's Windows
runners too, before any maintainer is asked to look at anything. It holds Windows entries only, whose ``GitFetch`` is
the branch that is pushed; it is based on upstream's commits; and nothing in it calls anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from contrib.clients.commits import ScratchStore
from contrib.clients.github import Check, GitHubReads, Pull
from contrib.pulls.going_on import asking_status, going_on
from contrib.pulls.model import Operation, Plan, Proposal, Step, numbered
from contrib.pulls.plan import Settings, build, make_plan
from contrib.pulls.sections import Section
from contrib.values.errors import BadInput, OutsideError
from contrib.values.guards import Applied

SUFFIX = "-rehearsal"

#: Sections that call people, or that upstream would show as a mention of it.
_NOT_HERE = frozenset({"cc", "agreed"})


def rehearsal(
    plan: Plan,
    github: GitHubReads,
    store: ScratchStore,
    settings: Settings,
    *,
    official: Callable[[Sequence[Step]], Proposal] | None = None,
) -> Plan:
    """The plan of the rehearsal of a plan.

    :param official: gives pull request B with Windows entries only, of the commits and branches of these steps.
    :raises BadInput: there is nothing to rehearse.
    """
    steps: list[Step] = []
    notes: list[str] = []
    inside = replace(settings, fork=False, early=False)
    real = [step for step in plan if not step.merged and step.proposal.commits]
    for step in real:
        if step.proposal.key != "B":
            steps.append(_one(step, step.proposal, plan, github, store, inside, notes))
    for step in real:
        if step.proposal.key == "B" and official is not None:
            proposal = replace(official(steps), repository=step.proposal.repository)
            steps.append(_one(step, proposal, plan, github, store, inside, notes))
    if not steps:
        raise BadInput("there is nothing to rehearse: upstream has all of it")
    return Plan(
        tuple(steps),
        going_on(plan.command, "--rehearse"),
        (*plan.notes, *notes),
        after=f"{going_on(asking_status(plan.command), '--watch')}; then: {plan.command}",
    )


def _one(
    step: Step,
    proposal: Proposal,
    plan: Plan,
    github: GitHubReads,
    store: ScratchStore,
    settings: Settings,
    notes: list[str],
) -> Step:
    fork = step.head_repository
    sections = tuple(
        replace(part, text=_silent(numbered(part.text, plan.steps, final=True)))
        for part in proposal.sections
        if part.name not in _NOT_HERE
    )
    made = _inside(replace(proposal, sections=sections), fork, step.proposal.repository)
    page = f"{github.where.web}/{fork}/actions"
    if step.needs_fork:
        sha = build(store, made, settings)
        applied = settings.guards.judge(
            "actions-off",
            f"{fork} is not there yet, and workflows do not run in a new fork until they are switched on: {page}",
            (page,),
        )
        new = replace(
            step, proposal=made, parent=step.proposal.repository, operation=Operation.CREATE, push=True, head_sha=sha,
            reason=f"needs a fork, {fork}", waiting=(), expected=None, number=None, url=None, early=False,
            guards=(applied,), was=None,
        )  # fmt: skip
        return (
            new
            if applied.lifted
            else replace(new, stop=True, operation=Operation.NONE, push=False, reason=applied.message)
        )
    inner = make_plan([made], github, store, settings)
    notes += [note for note in inner.notes if note not in notes]
    done = inner.steps[0]
    # An own fork is where a rehearsal belongs, and nobody else's pull request there matters.
    guards = tuple(one for one in done.guards if one.name not in ("others-pull", "upstream-branch"))
    done = replace(done, guards=guards)
    if done.operation is Operation.NONE:
        return done
    state = github.actions_enabled(fork)
    if state is not True:
        why = "are switched off" if state is False else "may be switched off: GitHub does not say"
        applied = settings.guards.judge("actions-off", f"the workflows of {fork} {why}: {page}", (page,))
        done = replace(done, guards=(*done.guards, applied))
        if not applied.lifted:
            return replace(done, stop=True, operation=Operation.NONE, push=False, reason=applied.message)
    return done


def _inside(proposal: Proposal, fork: str, upstream: str) -> Proposal:
    lead = Section(
        "rehearsal",
        f"A rehearsal in a fork: what will be proposed to `{upstream}`, opened here first so that its workflows run.",
    )
    return replace(
        proposal,
        repository=fork,
        branch=f"{proposal.branch}{SUFFIX}",
        title=f"Rehearsal: {proposal.title}"[:256],
        sections=(lead, *proposal.sections),
        waits_for=(),
        draft=False,
        gates=(),
    )


#: What is code already, or a comment: GitHub looks for nothing there.
_QUIET = re.compile(r"(`+)(?:(?!\1)[^\n])+\1|<!--[^\n]*-->")
#: A link to a commit, an issue or a pull request: GitHub makes a reference back of its address, behind any words.
_LINK = re.compile(
    r"\[(`?)([^\[\]`\n]*)\1\]\(https?://(?:[^\s()\[/]+/){3}(?:commit|pull|issues)/[0-9a-f][^\s()\[]*\)"
)
_CALL = re.compile(
    r"(?<![\w`])@[A-Za-z0-9][\w/-]*|(?<![`\w.-])[\w.-]+/[\w.-]+[#@][0-9a-f]+\b"
    r"|https?://(?:[^\s)>/]{1,100}/){3}(?:commit|pull|issues)/[0-9a-f][^\s)>]*"
)


def _silent(text: str) -> str:
    """Text that calls nobody and links back to nothing upstream: mentions, references and addresses as code."""
    text = _LINK.sub(lambda found: f"`{found[2]}`", text)
    out, end = [], 0
    for quiet in _QUIET.finditer(text):
        out += [_CALL.sub(lambda found: f"`{found[0]}`", text[end : quiet.start()]), quiet[0]]
        end = quiet.end()
    return "".join([*out, _CALL.sub(lambda found: f"`{found[0]}`", text[end:])])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rehearsal of these very files gave.

    :param pull: it. :param tree: the tree that it was of.
    """

    pull: Pull
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.state == "failure")

    @property
    def finished(self) -> bool:
        """Whether every check has ended."""
        return bool(self.checks) and all(
            check.state not in ("pending", "action_required") for check in self.checks
        )


def outcome(github: GitHubReads, store: ScratchStore, step: Step) -> Outcome | None:
    """The rehearsal of a step's very tree, where there is one in its fork.

    It counts only if the files that it proposes are the same, to the byte.
    """
    if not step.rehearsal or step.head_sha is None:
        return None
    branch = f"{step.proposal.branch}{SUFFIX}"
    pull = next((p for p in github.open_pulls(step.head_repository) if p.head_branch == branch), None)
    if pull is None:
        return None
    try:
        sha = github.fetch_into(store, github.where.clone_url(step.head_repository), f"refs/heads/{branch}")
    except OutsideError as error:
        if error.kind != "not-found":
            raise
        return None
    if sha != pull.head_sha or store.tree(sha) != store.tree(step.head_sha):
        return None
    return Outcome(pull, github.checks(step.head_repository, sha))


def judged(plan: Plan, github: GitHubReads, store: ScratchStore, settings: Settings) -> Plan:
    """The plan with what the rehearsal of its steps gave: a link in the text, a guard where a check failed."""
    steps = []
    for step in plan:
        found = outcome(github, store, step) if step.operation is Operation.CREATE else None
        if found is not None:
            step = _with_outcome(step, found, settings)
        steps.append(step)
    return replace(plan, steps=tuple(steps))


def _with_outcome(step: Step, found: Outcome, settings: Settings) -> Step:
    if found.failed:
        names = ", ".join(check.name for check in found.failed)
        lines = [f"{check.name}: {check.url or found.pull.url}" for check in found.failed]
        applied: Applied = settings.guards.judge(
            "rehearsal-failed",
            f"the rehearsal of these files has failed checks ({names}): {found.pull.url}",
            lines,
        )
        step = replace(step, guards=(*step.guards, applied))
        if not applied.lifted:
            return replace(step, stop=True, operation=Operation.NONE, push=False, reason=applied.message)
        said = f"Its rehearsal has failed checks: {names} ({found.pull.url})."
    elif found.finished:
        said = f"Its rehearsal, of the same files, passed {len(found.checks)} checks: {found.pull.url}."
    else:
        return step
    sections = (*step.proposal.sections, Section("rehearsed", said))
    return replace(step, proposal=replace(step.proposal, sections=sections))


def left_over(plan: Plan, github: GitHubReads) -> tuple[Pull, ...]:
    """Open rehearsals of steps that are open upstream and green, or merged: they have done their work."""
    found = []
    for step in plan:
        if not step.rehearsal or not (step.merged or step.number is not None):
            continue
        if step.head_repository.lower() == step.proposal.repository.lower():
            continue
        if not step.merged and step.head_sha is not None:
            states = {check.state for check in github.checks(step.proposal.repository, step.head_sha)}
            if not states or not states <= {"success", "neutral"}:
                continue
        found += [
            pull
            for pull in github.open_pulls(step.head_repository)
            if pull.head_branch == f"{step.proposal.branch}{SUFFIX}"
        ]
    return tuple(found)
