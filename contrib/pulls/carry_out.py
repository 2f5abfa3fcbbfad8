"""Carrying a plan out: fork, wait, push, open or change the pull request; then the next step.

The order makes every prefix harmless: a fork without a branch, a branch without a pull request. Run
again after an interruption, the plan finds what is there and does the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from contrib.clients.commits import ScratchStore
from contrib.clients.github import GitHub, Pull
from contrib.pulls import marker
from contrib.pulls.model import Operation, Plan, Step
from contrib.values.errors import OutsideError
from contrib.values.guards import Stopped


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for GitHub, seconds.

    :param fork: for a new fork to answer; GitHub's documentation says up to five minutes.
    :param between: between two looks, and between two pushes to a fork that is not ready.
    """

    fork: float = 300.0
    between: float = 2.0


def carry_out(
    plan: Plan,
    github: GitHub,
    store: ScratchStore,
    *,
    organization: str | None = None,
    maintainer_can_modify: bool = True,
    patience: Patience | None = None,
    notify: Callable[[str], None] = lambda message: None,
) -> Plan:
    """Do what the plan says, in its order; gives the plan with numbers, addresses and commits.

    :param store: the one the plan was made with: it holds the commits.
    :param organization: whose fork it is to be, where that is not the token's own account.
    :raises Stopped: where a guard stopped the plan; nothing is done then.
    :raises OutsideError: when GitHub or git fails; what is done until then stays and is found again.
    """
    if any(step.stop for step in plan):
        raise Stopped.by(plan.guards, plan.next)
    hands = _Hands(github, store, organization, maintainer_can_modify, patience or Patience(), notify)
    done: list[Step] = []
    for step in plan:
        done.append(hands.do(step, done))
    return replace(plan, steps=tuple(done))


def clean_up(plan: Plan, github: GitHub, notify: Callable[[str], None]) -> None:
    """Close the rehearsals that have done their work, and delete their branches."""
    from contrib.pulls.rehearse import left_over

    for pull in left_over(plan, github):
        github.edit_pull(pull.repository, pull.number, state="closed")
        github.delete_branch(pull.repository, pull.head_branch)
        notify(f"closed the rehearsal {pull.repository}#{pull.number}, and deleted its branch")


def _head_repo(step: Step) -> str | None:
    """The head's repository where its owner's name does not tell it: a fork inside upstream's organisation."""
    same_owner = step.head_owner.lower() == step.proposal.repository.split("/", 1)[0].lower()
    return (
        step.head_repository
        if same_owner and step.head_repository.lower() != step.proposal.repository.lower()
        else None
    )


@dataclass(frozen=True, slots=True)
class _Hands:
    github: GitHub
    store: ScratchStore
    organization: str | None
    maintainer_can_modify: bool
    patience: Patience
    notify: Callable[[str], None]

    def do(self, step: Step, before: Sequence[Step]) -> Step:
        """One step. :param before: those of the chain that are done: their numbers are known."""
        if step.operation is Operation.NONE:
            return step
        if step.operation is Operation.CLOSE:
            return self._close(step)
        step, fresh = self._with_fork(step)
        if step.push:
            step = self._pushed(step, fresh)
        if step.operation is Operation.CREATE:
            pull = self._create(step, fresh, before)
        else:
            pull = self._update(step, before)
        return step.done(number=pull.number, url=pull.url)

    def _close(self, step: Step) -> Step:
        assert step.number is not None
        repository = step.proposal.repository
        # The mark makes it one comment, however often the run is broken off between the two.
        self.github.comment(
            repository, step.number, f"Closing this: {step.reason}.", mark=f"closing-{step.number}"
        )
        self.github.edit_pull(repository, step.number, state="closed")
        self.notify(f"closed {repository}#{step.number}")
        return step

    def _with_fork(self, step: Step) -> tuple[Step, bool]:
        """The step with a head repository that is there; whether it was made just now."""
        if not step.needs_fork:
            return step, False
        parent = step.parent or step.proposal.repository
        self.notify(f"forking {parent}")
        name = self.github.create_fork(parent, organization=self.organization, owner=step.head_owner)
        deadline = time.monotonic() + self.patience.fork
        told = False
        while True:
            self.github.forget(name)
            if self.github.repository(name) is not None and self._answers(name):
                break
            if time.monotonic() > deadline:
                raise OutsideError(
                    f"the fork {name} was asked for and is not there after {self.patience.fork:.0f} seconds",
                    retry=True,
                    hint="GitHub makes forks in the background; run the same command again in a few minutes",
                )
            if not told:
                self.notify(f"waiting for the fork {name}")
                told = True
            time.sleep(self.patience.between)
        if step.parent is not None:
            step = replace(step, proposal=replace(step.proposal, repository=name))
        return replace(step, head_repository=name), True

    def _answers(self, name: str) -> bool:
        """Whether git finds the repository too; REST may be ahead of it."""
        try:
            self.github.refs(self._clone_url(name), "HEAD")
        except OutsideError as error:
            if error.kind in ("not-found", "network"):
                return False
            raise
        return True

    def _clone_url(self, name: str) -> str:
        found = self.github.repository(name)
        return self.github.where.clone_url(name) if found is None else found.clone_url

    def _pushed(self, step: Step, fresh: bool) -> Step:
        """The step with its commits on the branch.

        A token without the scope ``workflow`` may not bring workflow files that upstream has changed since the
        fork was made. Where upstream's newest commit in the fork has our files as they are now, ours go on that
        one: they are the same change, and nothing of upstream's travels with them.
        """
        try:
            self._push(step, fresh)
        except OutsideError as error:
            onto = self._older_base(step) if error.kind == "workflow-scope" else None
            if onto is None or step.head_sha is None:
                raise
            moved = self.store.transplant(step.proposal.base_commit, step.head_sha, onto)
            self.notify(
                f"the token may not bring upstream's workflow files along; building on {onto[:10]} instead"
            )
            step = replace(step, head_sha=moved)
            self._push(step, fresh)
        return step

    def _older_base(self, step: Step) -> str | None:
        """Upstream's newest commit that the fork has, if our files are there as they are in the base."""
        base = step.proposal.base_commit
        assert step.head_sha is not None
        held = set(self.github.refs(self._clone_url(step.head_repository), "refs/heads/*").values())
        known = [
            sha for sha in held if sha != base and self.store.has(sha) and self.store.is_ancestor(sha, base)
        ]
        if not known:
            return None
        newest = max(known, key=self.store.count)
        touched = self.store.after(base, step.head_sha)
        before, now = self.store.entries(newest), self.store.entries(base)
        return newest if all(before.get(path) == now.get(path) for path in touched) else None

    def _push(self, step: Step, fresh: bool) -> None:
        assert step.head_sha is not None
        branch = step.proposal.branch
        self.notify(f"pushing {step.head_sha[:10]} to {step.head_repository}:{branch}")
        url = self._clone_url(step.head_repository)
        attempts = 3 if fresh else 1
        for attempt in range(1, attempts + 1):
            try:
                self.github.push(self.store, url, branch, step.head_sha, expected=step.expected)
                return
            except OutsideError as error:
                if attempt == attempts or error.kind not in (
                    "not-found",
                    "network",
                    "authentication",
                    "rejected",
                ):
                    raise
                time.sleep(self.patience.between)

    @staticmethod
    def _body(step: Step, before: Sequence[Step]) -> str:
        refreshed = step.text(before)
        return marker.write(refreshed.text, marker.made(step.marker, refreshed.text, kept=refreshed.whole))

    def _create(self, step: Step, fresh: bool, before: Sequence[Step]) -> Pull:
        proposal = step.proposal
        self.notify(f"opening a pull request on {proposal.repository}")
        attempts = 4 if fresh else 2
        for attempt in range(1, attempts + 1):
            try:
                pull = self.github.create_pull(
                    proposal.repository,
                    head=f"{step.head_owner}:{proposal.branch}",
                    base=proposal.base_branch,
                    title=proposal.title,
                    body=self._body(step, before),
                    draft=proposal.draft,
                    maintainer_can_modify=self.maintainer_can_modify,
                    head_repo=_head_repo(step),
                )
                break
            except OutsideError as error:
                # What git took a moment ago, REST may not see yet.
                if error.kind != "invalid-head" or attempt == attempts:
                    raise
                time.sleep(self.patience.between)
        self.notify(f"opened {proposal.repository}#{pull.number}")
        return pull

    def _update(self, step: Step, before: Sequence[Step]) -> Pull:
        proposal = step.proposal
        assert step.number is not None
        writes_body = step.push or {"body", "marker"} & set(step.edits)
        pull = self.github.edit_pull(
            proposal.repository,
            step.number,
            title=proposal.title if "title" in step.edits else None,
            body=self._body(step, before) if writes_body else None,
            base=proposal.base_branch if "base" in step.edits else None,
        )
        if "ready" in step.edits:
            self.github.set_draft(proposal.repository, step.number, False)
        self.notify(f"updated {proposal.repository}#{step.number}")
        return pull
