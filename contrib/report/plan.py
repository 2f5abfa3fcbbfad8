"""A plan as text: what would be done where, with commits, files, titles and bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contrib.pulls.model import Plan, Step
    from contrib.values.guards import Applied

#: ``(path, lines added, lines deleted)``; None for a binary file.
Stat = tuple[str, "int | None", "int | None"]


def text(plan: Plan, stats: Mapping[str, Sequence[Stat]], *, bodies: bool = True) -> str:
    """The plan for people.

    :param stats: key of the step to the changes of its commits.
    :param bodies: the pull requests' texts too.
    """
    parts = [_step(plan, step, stats.get(step.proposal.key, ()), bodies) for step in plan]
    if plan.guards:
        parts.append("\n".join(_guard(each) for each in plan.guards))
    if plan.notes:
        parts.append("\n".join(f"! {note}" for note in plan.notes))
    parts.append(f"next: {plan.next}")
    return "\n\n".join(parts) + "\n"


def _guard(each: Applied) -> str:
    """A guard that applies: its name first, that is what ``--allow`` takes."""
    state = "lifted" if each.lifted else "stops" if each.stops else "applies"
    more = [f"    {detail}" for detail in each.details if detail not in each.message]
    return "\n".join([f"guard {each.name} ({state}): {each.message}", *more])


def _step(plan: Plan, step: Step, stats: Sequence[Stat], bodies: bool) -> str:
    from contrib.pulls.sections import plain

    proposal = step.proposal
    body = plain(step.text(plan.steps).text) if proposal.sections else ""
    word = "stop" if step.stop else step.operation.value
    lines = [
        f"{proposal.key}  {proposal.repository}  {proposal.base_branch} <- {step.head_repository}:{proposal.branch}",
        f"    {word}: {plan.reason(step)}",
    ]
    if step.url is not None:
        lines.append(f"    {step.url}")
    for commit in proposal.commits:
        subject, _, rest = commit.message.partition("\n")
        shown = "" if step.head_sha is None else f"{step.head_sha[:10]} "
        lines.append(f"    commit {shown}{subject}")
        lines += [f"        {line}".rstrip() for line in rest.strip().split("\n") if rest.strip()]
    lines += _stat_lines(stats)
    if proposal.commits:
        lines.append(f"    title: {proposal.title}" + (" (draft)" if proposal.draft else ""))
        if bodies:
            lines.append("    body:")
            lines += [f"      | {line}".rstrip() for line in body.rstrip("\n").split("\n")]
    return "\n".join(lines)


def _stat_lines(stats: Sequence[Stat]) -> list[str]:
    if not stats:
        return []
    width = max(len(path) for path, _, _ in stats)
    lines = []
    for path, added, deleted in stats:
        if added is None or deleted is None:
            lines.append(f"      {path:<{width}}  binary")
        else:
            lines.append(f"      {path:<{width}}  +{added} -{deleted}")
    plus = sum(added or 0 for _, added, _ in stats)
    minus = sum(deleted or 0 for _, _, deleted in stats)
    lines.append(f"      {len(stats)} file{'' if len(stats) == 1 else 's'}, +{plus} -{minus}")
    return lines
