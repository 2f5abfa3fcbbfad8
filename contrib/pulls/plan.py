"""The plan: declared proposals, held against what GitHub and git have now, give steps with reasons.

Nothing here changes anything on GitHub: it is given a :class:`~contrib.clients.github.GitHubReads`.
The commits are made in a scratch store, where they are the plan's own: their ids tell whether a branch
holds them already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from contrib.clients.commits import Identity, ScratchStore
from contrib.clients.github import GitHubReads, Pull, RepositoryInfo
from contrib.pulls import finding, marker, merged, readiness
from contrib.pulls.going_on import going_on
from contrib.pulls.model import KEPT, OVERRIDES, Operation, Plan, Proposal, Step
from contrib.pulls.sections import Section
from contrib.values.errors import BadInput, OutsideError
from contrib.values.guards import Applied, Guards

#: A fork that does not exist yet and whose owner is not known (no token) is shown under this name.
NOBODY = "YOUR-ACCOUNT"

#: From this share of signed-off commits in a repository's recent history on, ours are signed off too.
SIGNOFF_CUSTOM = 0.4


@dataclass(frozen=True, slots=True)
class Settings:
    """How the person wants it done.

    :param owner: account whose fork holds the branches; None where nobody is known (no token).
    :param author: of the commits.
    :param signoff: add ``Signed-off-by``; None does as most of the target's recent commits do.
    :param fork: False pushes to upstream itself (``--no-fork``).
    :param early: open what waits for others at once, as a draft (``--early``).
    :param guards: says which guards are lifted.
    :param command: what the person would type to go on: ``contrib pr redis``.
    :param accounts: logins whose markers are ours: the person's own, and the fork's owner.
    """

    owner: str | None
    author: Identity
    signoff: bool | None = None
    fork: bool = True
    early: bool = False
    guards: Guards = field(default_factory=Guards)
    draft: bool = False
    command: str = "contrib pr"
    accounts: tuple[str, ...] = ()

    @property
    def ours(self) -> frozenset[str]:
        """:attr:`accounts` and the owner, in lower case."""
        return frozenset(name.lower() for name in (*self.accounts, self.owner) if name)


@dataclass(frozen=True, slots=True)
class Following:
    """A proposal that is made once the steps before it are known.

    :param outline: it without commits and text: what it is found by, and waits for.
    :param build: gives it whole. A step of an earlier pull request that upstream has merged counts as merged in
        what it is given.
    :param listed: whether what it adds is there already, in an older form.
    """

    outline: Proposal
    build: Callable[[Sequence[Step]], Proposal | None]
    listed: Callable[[], bool] = lambda: False


Then = Callable[[Sequence[Step]], "Proposal | None"]


def make_plan(
    proposals: Sequence[Proposal],
    github: GitHubReads,
    store: ScratchStore,
    settings: Settings,
    *,
    then: Sequence[Then | Following] = (),
    notes: Sequence[str] = (),
    merging: merged.Rendering | None = None,
) -> Plan:
    """The steps for the proposals, in order, and for those that depend on how the first ones stand.

    :param store: borrows from every proposal's ``objects``.
    :param then: each gives a further proposal, once the steps before it are known (pull request B is
        made of upstream's commit when A is merged and of A's own commit before).
    :param merging: renders upstream's templates anew where a change of upstream's was kept.
    :raises OutsideError: when GitHub or git cannot be asked: what is not known is not assumed.
    """
    planner = _Planner(github, store, settings, merging)
    steps: list[Step] = []
    for proposal in proposals:
        steps.append(planner.step(proposal, steps))
    for following in then:
        later = planner.following(following, steps)
        if later is not None:
            steps.append(later)
    if any(step.operation is Operation.CREATE for step in steps) and then and isinstance(then[0], Following):
        steps = planner.with_rivals_downstream(steps, then[0].outline)
    return Plan(tuple(steps), settings.command, (*notes, *planner.notes))


class _Ground:
    """What a planner stands on: repositories, heads, branches, and the guards that they meet."""

    def __init__(
        self,
        github: GitHubReads,
        store: ScratchStore,
        settings: Settings,
        merging: merged.Rendering | None = None,
    ) -> None:
        self.github = github
        self.store = store
        self.settings = settings
        self.notes: list[str] = []
        self._merging = merging
        #: By key, the pull requests of ours that upstream has merged.
        self._merged: dict[str, Pull] = {}
        self._looking = finding.Looking(github, settings.ours)

    def _judge(self, name: str, message: str, details: Iterable[str] = ()) -> Applied:
        return self.settings.guards.judge(name, message, details)

    def _foreign(
        self, head: _Head, proposal: Proposal, foreign: Sequence[tuple[str, str, str]], *, with_pull: bool
    ) -> Applied:
        listed = [f"{ident[:10]} {subject} ({address})" for ident, address, subject in foreign]
        page = f"{self.github.where.web}/{head.name}/commits/{proposal.branch}"
        if with_pull:
            reason = "the branch has commits that contrib did not make, and would lose them: " + "; ".join(
                listed
            )
            applied = self._judge("foreign-commits", reason, [*listed, page])
        else:
            reason = (
                f"{head.name} has a branch {proposal.branch} without a pull request, with commits that contrib did not "
                "make: " + "; ".join(listed)
            )
            applied = self._judge("own-branch", reason, [*listed, page])
        self.notes.append(f"{head.name}:{proposal.branch} loses " + ", ".join(f[0] for f in foreign))
        return applied

    def _identity(self, step: Step, last: marker.Marker | None, mine: finding.Mine) -> list[Applied]:
        """Whether this run is about the contribution that is there."""
        applied = []
        proposal = step.proposal
        if last is not None and last.own and proposal.key != "B" and not _same_source(last, proposal):
            has = "another" if proposal.source else "none"
            applied.append(
                self._judge(
                    "own-dockerfile",
                    f"the contribution was made from a person's own Dockerfile ({last.source}), and this run has "
                    f"{has}: name it again with --from",
                )
            )
        for other in mine.elsewhere:
            options = finding.options_for(other)
            applied.append(
                self._judge(
                    "second-contribution",
                    f"{other.repository}#{other.number} is this contribution already, from "
                    f"{other.head_owner}:{other.head_branch}: go on with {going_on(self.settings.command, options)}",
                    (other.url,),
                )
            )
        return applied

    def _closed(self, home: RepositoryInfo, mine: finding.Mine) -> list[Applied]:
        closed = mine.closed
        if closed is None or (mine.merged is not None and mine.merged.number > closed.number):
            return []
        who, why = self.github.closed_by(home.full_name, closed.number)
        if who is not None and who.lower() in self.settings.ours:
            return []
        said = f", who wrote: {why}" if why else ""
        when = f" on {closed.closed_at:%Y-%m-%d}" if closed.closed_at is not None else ""
        reason = f"{home.full_name}#{closed.number} was closed unmerged by {who or 'somebody'}{said}"
        return [self._judge("closed-unmerged", reason, (f"{closed.url}{when}",))]

    def _rivals(self, proposal: Proposal) -> list[Applied]:
        """Other people's open pull requests for the same."""
        applied = []
        for rival in self._looking.rivals(proposal):
            applied.append(
                self._judge(
                    "others-pull",
                    f"{rival.pull.author} has an open pull request for it: {rival.pull.url} ({rival.pull.title})",
                    (f"{rival.pull.author}: {rival.pull.title}", rival.pull.url, rival.what),
                )
            )
        return applied

    # -- repositories ----------------------------------------------------------------------------------------

    def _home(self, proposal: Proposal) -> RepositoryInfo:
        home = self.github.repository(proposal.repository)
        if home is None:
            raise OutsideError(
                f"GitHub has no repository {proposal.repository}, or the token may not see it",
                kind="not-found",
            )
        if home.full_name.lower() != proposal.repository.lower():
            note = f"{proposal.repository} is {home.full_name} now; the pull request goes there"
            if note not in self.notes:
                self.notes.append(note)
        archived = readiness.of_home(home)
        if archived is not None:
            raise archived.refuse()
        return home

    def _head(self, home: RepositoryInfo, proposal: Proposal) -> tuple[_Head, Applied | None]:
        """Where our branch is, or will be; the guard that it must not be there."""
        settings = self.settings
        if not settings.fork:
            if home.can_push is False:
                raise BadInput(
                    f"--no-fork needs a token that may push to {home.full_name}", hint="leave --no-fork out"
                )
            return _Head(home.full_name, home.clone_url, exists=True, known=True), None
        name = home.full_name.split("/", 1)[1]
        if settings.owner is None:
            return _Head(f"{NOBODY}/{name}", "", exists=False, known=False), None
        inside = readiness.of_branch(home, settings.owner)
        if inside is not None:
            applied = self._judge(inside.guard, f"{inside.text}; {inside.fix}")
            return _Head(home.full_name, home.clone_url, exists=True, known=True), applied
        current = self._looking.open_one(replace(proposal, repository=home.full_name), settings.owner)
        if current is not None and current.head_repository is not None:
            # An open pull request says where its branch is.
            name = current.head_repository
            return _Head(name, self.github.where.clone_url(name), exists=True, known=True, told=True), None
        fork = self.github.fork_of(home, settings.owner)
        if fork is None:
            return _Head(f"{settings.owner}/{name}", "", exists=False, known=True), None
        archived = readiness.of_fork(fork)
        if archived is not None:
            raise archived.refuse()
        return _Head(fork.full_name, fork.clone_url, exists=True, known=True), None

    def _build(self, proposal: Proposal) -> str:
        """Make the commits in the scratch store; gives the last one's id."""
        return build(self.store, proposal, self.settings)

    def _look_at(
        self,
        head: _Head,
        proposal: Proposal,
        sha: str,
        held: str,
        known: marker.Marker | None,
        mine: finding.Mine,
    ) -> tuple[bool, tuple[tuple[str, str, str], ...]]:
        """``(the branch makes the same change, commits on it that we did not make)``.

        An equal author's address proves nothing: ours is what a marker names, or what we would make again.
        """
        self.github.fetch_into(self.store, head.clone_url, f"refs/heads/{proposal.branch}")
        fork_point = self.store.merge_base(proposal.base_commit, held)
        if fork_point is None:
            return False, ((held, "?", "an unrelated history"),)
        ours = [message.strip() for message in self.store.messages(proposal.base_commit, sha)]
        theirs = [message.strip() for message in self.store.messages(fork_point, held)]
        same = ours == theirs and self.store.after(proposal.base_commit, sha) == self.store.after(
            fork_point, held
        )
        if same or fork_point == held:
            return same, ()
        if any(one.head == held for one in mine.markers):
            return same, ()
        if mine.was_merged(held):
            return same, ()  # what was merged is in upstream; nothing is lost
        if known is not None and self.store.has(known.head) and self.store.is_ancestor(known.head, held):
            return same, self.store.authors(known.head, held)
        return same, self.store.authors(fork_point, held)

    def _less(
        self, proposal: Proposal, sha: str, held: str, known: marker.Marker | None
    ) -> Iterable[Applied]:
        """Whether the open pull request would become less than it is.

        Whoever runs the command again without the options of the first time would not notice.
        """
        if known is not None and self.store.has(known.head):
            held = known.head  # what others added on top is another guard's
        fork_point = self.store.merge_base(proposal.base_commit, held)
        if fork_point is None:
            return
        base = self.store.entries(proposal.base_commit)
        wanted = self.store.after(proposal.base_commit, sha)
        there = self.store.after(fork_point, held)
        gone = [path for path, entry in there.items() if path not in wanted and base.get(path) != entry]
        if gone:
            some = ", ".join(gone[:3]) + (" …" if len(gone) > 3 else "")
            yield self._judge(
                "smaller",
                f"the pull request has files that this plan has not, {some}: name the same --series and --variant again",
                gone,
            )


class _Planner(_Ground):
    """Makes the steps."""

    # -- one proposal ----------------------------------------------------------------------------------------

    def step(self, proposal: Proposal, before: Sequence[Step]) -> Step:
        """What is to be done about one proposal."""
        home = self._home(proposal)
        proposal = replace(proposal, repository=home.full_name)
        settled = self._waiting(proposal, before)
        if settled is not None:
            return settled
        head, stopped = self._head(home, proposal)
        step = Step(proposal, Operation.NONE, "", head.name, needs_fork=not head.exists)
        if stopped is not None:
            return self._stopped(step, [stopped])
        mine = self._looking.mine(home.full_name, proposal, head.owner if head.known else None)
        if mine.merged is not None:
            self._merged[proposal.key] = mine.merged
        if mine.current is not None:
            step = replace(step, number=mine.current.number, url=mine.current.url)
        if not proposal.commits:
            reference = f"refs/heads/{proposal.branch}-rehearsal"
            if head.exists and self.settings.fork and self.github.refs(head.clone_url, reference):
                step = replace(step, rehearsal=True)
            return self._all_there(step, mine)
        if mine.merged is not None and proposal.key != "B":
            step, done = self._with_upstream(step, mine.merged, again=mine.current is not None)
            if done:
                return step
            proposal = step.proposal
        step = replace(step, head_sha=self._build(proposal))
        waits = [other for other in before if other.proposal.key in proposal.waits_for and not other.merged]
        early = bool(waits) and self.settings.early
        if early:
            step = replace(step, proposal=replace(proposal, draft=True), early=True)
        waiting = tuple(other.proposal.key for other in waits)
        if waits and not early and mine.current is None:
            return replace(step, waiting=waiting)
        held = None
        if head.exists:
            reference = f"refs/heads/{proposal.branch}"
            there = self.github.refs(head.clone_url, reference, f"{reference}-rehearsal")
            held = there.get(reference)
            step = replace(step, expected=held, rehearsal=f"{reference}-rehearsal" in there)
        return self._compare(step, home, head, mine, held, before, waiting=bool(waits))

    def _waiting(self, proposal: Proposal, before: Sequence[Step]) -> Step | None:
        """The step of what is not open and has to wait: nothing more has to be asked about it.

        None where there is more to decide.
        """
        settings = self.settings
        waits = [step for step in before if step.proposal.key in proposal.waits_for and not step.merged]
        if not waits or settings.early or not proposal.commits:
            return None
        owner = settings.owner if settings.fork else proposal.repository.split("/", 1)[0]
        if self._looking.open_one(proposal, owner) is not None:
            return None
        head = f"{owner or NOBODY}/{proposal.repository.split('/', 1)[1]}"
        keys = tuple(step.proposal.key for step in waits)
        return Step(proposal, Operation.NONE, "", head, head_sha=self._build(proposal), waiting=keys)

    def following(self, wanted: Then | Following, steps: Sequence[Step]) -> Step | None:
        """The step of a proposal that depends on others."""
        if not isinstance(wanted, Following):
            made = wanted(tuple(steps))
            return None if made is None else self.step(made, steps)
        outline = wanted.outline
        waits = [step for step in steps if step.proposal.key in outline.waits_for and not step.merged]
        if not waits:
            made = wanted.build(tuple(steps))
            return None if made is None else self.step(made, steps)
        # As long as it waits, the list of open pull requests tells all that matters of it.
        owner = self.settings.owner if self.settings.fork else outline.repository.split("/", 1)[0]
        current = self._looking.open_one(outline, owner)
        known = None if current is None else marker.read(current.body)[1]
        keys = tuple(step.proposal.key for step in waits)
        head = f"{owner or NOBODY}/{outline.repository.split('/', 1)[1]}"
        if current is not None and not (
            (known is not None and known.early and current.draft) or (self.settings.early and current.draft)
        ):
            if known is not None and known.early:
                self.notes.append(
                    f"{current.repository}#{current.number} is ready for review and names commits that "
                    "upstream does not have yet: make it a draft again"
                )
            return Step(
                replace(outline, title=current.title, base_branch=current.base_branch),
                Operation.NONE,
                "",
                current.head_repository or head,
                number=current.number,
                url=current.url,
                waiting=keys,
                stays=True,
            )
        if self.settings.early or current is not None:
            made = wanted.build(tuple(steps))
            return None if made is None else self.step(made, steps)
        if all(step.landed for step in waits) and not wanted.listed():
            # Upstream has an older form of all of it: that can be listed now.
            settled = tuple(replace(step, merged=True) if step in waits else step for step in steps)
            made = wanted.build(settled)
            return None if made is None else self.step(made, settled)
        if all(step.operation is Operation.CREATE and not step.landed for step in waits):
            made = wanted.build(tuple(steps))  # the first time, all of the contribution is shown
            return None if made is None else self.step(made, steps)
        return Step(outline, Operation.NONE, "", head, waiting=keys)

    def with_rivals_downstream(self, steps: Sequence[Step], outline: Proposal) -> list[Step]:
        """Where something is to be opened: other people's pull requests to official-images count from the start."""
        done = list(steps)
        first = next(at for at, step in enumerate(done) if step.operation is Operation.CREATE)
        if done[first].proposal.key == "B":
            return done
        home = self._home(outline)
        rivals = self._rivals(replace(outline, repository=home.full_name))
        if rivals:
            done[first] = self._stopped(done[first], rivals)
        return done

    # -- what upstream has -----------------------------------------------------------------------------------

    def _all_there(self, step: Step, mine: finding.Mine) -> Step:
        """There is nothing to propose: upstream's branch holds it all."""
        base = step.proposal.base_branch
        if mine.current is not None:
            return replace(
                step, operation=Operation.CLOSE, merged=True, reason=f"{base} holds all of it already"
            )
        if mine.merged is not None:
            return replace(
                step, merged=True, number=mine.merged.number, url=mine.merged.url,
                merge_commit=mine.merged.merge_commit_sha,
                reason=f"merged: {mine.merged.repository}#{mine.merged.number}",
            )  # fmt: skip
        return replace(step, merged=True, reason=f"{base} holds all of it already")

    def _with_upstream(self, step: Step, pull: Pull, *, again: bool) -> tuple[Step, bool]:
        """The step with upstream's changes since our last push kept; whether that is all there is to it.

        :param again: it is proposed again already: that was decided when the pull request was opened.
        """
        where = f"{pull.repository}#{pull.number}"
        proposal = replace(step.proposal, of=(where,))
        step = replace(step, proposal=proposal)
        found = merged.look(self.github, self.store, pull, proposal, render=self._merging)
        if found is None:
            return replace(step, landed=True), False
        step = replace(step, kept=found.kept, landed=not found.lost)
        if found.taken_back is not None and not again:
            reason = f"{where} was merged, and upstream has taken it back: {found.taken_back}"
            applied = self._judge("reverted", reason, (pull.url, found.taken_back))
            step = replace(
                step, guards=(*step.guards, applied), number=pull.number, url=pull.url, reason=reason
            )
            if not applied.lifted:
                return replace(step, stop=True), True
            step = replace(step, number=None, url=None, reason="")
        elif found.lost:
            some = ", ".join(found.lost[:3]) + (" …" if len(found.lost) > 3 else "")
            step = replace(step, lead=f"{where} was merged, and upstream has lost {some} since; ")
        files = found.files
        if not files:
            reason = f"{where} proposed it and was merged with changes; they stay"
            self.notes += [f"{where}: {each.sentence}" for each in found.kept]
            return replace(
                step, merged=True, number=pull.number, url=pull.url, merge_commit=pull.merge_commit_sha, reason=reason
            ), True  # fmt: skip
        if found.conflicts:
            lines = [f"{each.path}: {line}" for each in found.conflicts for line in each.lines[:6]]
            told = ", ".join(f"{each.path} ({each.commit})" for each in found.conflicts)
            applied = self._judge(
                "maintainer-changes", f"it would take back what upstream changed in {told}", lines
            )
            step = replace(step, guards=(*step.guards, applied), stop=not applied.lifted)
        self.notes += [each.sentence for each in found.kept]
        sections = proposal.sections
        if found.kept:
            told = "\n".join(f"- {_code(each.sentence)}" for each in found.kept)
            kept = Section(KEPT, f"### Upstream's own changes, which stay\n\n{told}")
            sections = (*sections[:1], kept, *sections[1:])
        commits = proposal.commits
        if not found.lost and tuple(commits[0].files) != files:
            commits = (replace(commits[0], files=files), *commits[1:])
        return replace(step, proposal=replace(proposal, commits=commits, sections=sections)), False

    # -- what our branch and pull request have ---------------------------------------------------------------

    def _compare(
        self,
        step: Step,
        home: RepositoryInfo,
        head: _Head,
        mine: finding.Mine,
        held: str | None,
        before: Sequence[Step],
        *,
        waiting: bool,
    ) -> Step:
        proposal, sha = step.proposal, step.head_sha
        assert sha is not None
        current = mine.current
        known = marker.read(current.body)[1] if current is not None else None
        last = known if known is not None else mine.last_marker
        push = held != sha
        applied: list[Applied] = []
        if push and held is not None:
            same, foreign = self._look_at(head, proposal, sha, held, last, mine)
            if same:
                # Upstream has moved on, our change is the same: a rebase would only wake people up.
                dirty = current is not None and (
                    self.github.pull(home.full_name, current.number).mergeable_state == "dirty"
                )
                push = dirty
                if not push:
                    sha = held
                    step = replace(step, head_sha=sha)
            if push and foreign:
                applied.append(self._foreign(head, proposal, foreign, with_pull=current is not None))
        if push and head.told:
            fork = self.github.repository(head.name)
            archived = None if fork is None else readiness.of_fork(fork)
            if archived is not None:
                raise archived.refuse()
        if push or current is None:
            applied += self._identity(step, last, mine)
        if push and held is not None and current is not None:
            applied += self._less(proposal, sha, held, known)
        if push or current is None:
            applied += [self._judge(gate.guard, gate.message, gate.details) for gate in proposal.gates]
            step = self._with_difference(step, before)
        if current is not None:
            step = self._stopped(step, applied)
            return (
                step
                if step.stop
                else self._update(replace(step, push=push), current, before, waiting=waiting)
            )
        applied += self._closed(home, mine)
        applied += self._rivals(proposal)
        if not head.exists:
            reason = f"needs a fork, {head.name}, and the branch {proposal.branch}"
        elif held is None:
            reason = f"{head.name} has no branch {proposal.branch} yet"
        elif push:
            reason = f"the branch {proposal.branch} is behind, and has no open pull request"
        else:
            reason = f"the branch {proposal.branch} is there, and has no open pull request"
        step = replace(step, operation=Operation.CREATE, push=push, reason=step.lead + reason)
        if any(not one.lifted for one in applied) and mine.closed is not None:
            step = replace(step, number=mine.closed.number, url=mine.closed.url)
        return self._stopped(step, applied)

    def _with_difference(self, step: Step, before: Sequence[Step]) -> Step:
        """Official-images' pull request, with where what was merged differs from what we had proposed."""
        proposal = step.proposal
        if proposal.key != "B" or not proposal.sections:
            return step
        told = []
        for other in before:
            pull = self._merged.get(other.proposal.key)
            if pull is None or not other.merged:
                continue
            for each in merged.difference(self.github, self.store, pull, other.proposal.base_commit):
                line = f"{pull.repository}#{pull.number}: {each.sentence}"
                told.append(line)
                if line not in self.notes:
                    self.notes.append(line)
        if not told:
            return step
        lines = "\n".join(f"- {_code(line)}" for line in told)
        words = Section(KEPT, f"### Where what was merged differs from what was proposed\n\n{lines}")
        sections = (*proposal.sections[:1], words, *proposal.sections[1:])
        return replace(step, proposal=replace(proposal, sections=sections))

    def _stopped(self, step: Step, applied: Iterable[Applied]) -> Step:
        """The step with guards that apply: one that is not lifted stops it, one that is shows in the text."""
        every = tuple(dict.fromkeys((*step.guards, *applied)))
        stops = [one for one in every if one.stops and not one.lifted]
        proposal = step.proposal
        lifted = [one for one in every if one.lifted]
        if lifted and proposal.sections:
            told = [f"- {_code(one.message)}" for one in lifted if one.name not in _SILENT]
            details = [
                f"  - {_code(line)}" for one in lifted if one.name in _DETAILED for line in one.details
            ]
            if told:
                words = Section(OVERRIDES, "**Please note:**\n\n" + "\n".join([*told, *details]))
                rest = tuple(part for part in proposal.sections if part.name != OVERRIDES)
                proposal = replace(proposal, sections=(words, *rest))
        if any(one.name in _DRAFT for one in lifted):
            proposal = replace(proposal, draft=True)
        step = replace(step, proposal=proposal, guards=every)
        if not stops:
            return step
        return replace(
            step,
            operation=Operation.NONE,
            stop=True,
            push=False,
            reason="; ".join(one.message for one in stops),
        )

    def _update(self, step: Step, current: Pull, before: Sequence[Step], *, waiting: bool) -> Step:
        """What an open pull request needs."""
        proposal = step.proposal
        assert step.head_sha is not None
        where = f"{current.repository}#{current.number}"
        text, known = marker.read(current.body)
        step = replace(
            step, was=(text, known), early=waiting and (step.early or (known is not None and known.early))
        )
        edits: list[str] = []
        # What a person has changed by hand stays as it is; an own file that this run does not know is theirs too.
        unknown = known is not None and known.own and not proposal.own and proposal.key != "B"
        title_is_ours = known is not None and known.title == marker.digest(current.title) and not unknown
        if known is not None and "title" in known.given and "title" not in proposal.given:
            title_is_ours = False  # it was given on the command line, and this run has another
        if title_is_ours and current.title != proposal.title:
            edits.append("title")
        if not unknown:
            step = self._with_text(step, before, where, "" if title_is_ours else current.title)
            if step.stop:
                return step
            if marker.digest(step.text(before).text) != marker.digest(text):
                edits.append("body")
        if known is None:
            self.notes.append(f"{where} has lost its marker; it is written again")
        if "body" not in edits and (known is None or known.head != step.head_sha):
            edits.append("marker")
        if current.base_branch != proposal.base_branch:
            edits.append("base")
        if current.draft and known is not None and known.early and not waiting and not proposal.draft:
            edits.append("ready")
        if not step.push and not edits:
            return replace(step, edits=(), reason=f"{where} is open and up to date")
        visible = [edit for edit in edits if edit != "marker"]
        what = [*(["commits"] if step.push else []), *visible] or ["marker"]
        return replace(
            step,
            operation=Operation.UPDATE,
            edits=tuple(edits),
            reason=f"{where} is open; changes: {', '.join(what)}",
        )

    def _with_text(self, step: Step, before: Sequence[Step], where: str, title: str) -> Step:
        """The step, with what a person did to its text judged. :param title: one that is a person's."""
        refreshed = step.text(before)
        stale = [*refreshed.stale, *step.stale_title(title)]
        if stale:
            reason = f"{where}: a person edited the text, and it states what is no longer true: " + "; ".join(
                stale
            )
            applied = self._judge("text-edited", reason, stale)
            step = self._stopped(step, [applied])
            if step.stop:
                return step
            return replace(step, rewrite=True)
        if refreshed.kept:
            self.notes.append(f"{where}: kept as a person edited it: {', '.join(refreshed.kept)}")
        return step


#: Guards that no reviewer has to know of.
_SILENT = frozenset({"token", "foreign-commits", "own-branch", "actions-off", "text-edited"})
#: Guards whose details are told with them.
_DETAILED = frozenset(
    {"series-dropped", "tag-down", "linux-changed", "library-finding", "review-finding", "smaller"}
)
#: Guards that leave a draft when they are lifted.
_DRAFT = frozenset({"gitfetch", "unmerged-commit", "library-finding", "review-finding"})


def build(store: ScratchStore, proposal: Proposal, settings: Settings) -> str:
    """Make a proposal's commits in the store; gives the last one's id."""
    signoff = settings.signoff
    if signoff is None:
        signoff = store.signed_share(proposal.base_commit) >= SIGNOFF_CUSTOM
    parent = proposal.base_commit
    for spec in proposal.commits:
        message = spec.message.rstrip()
        if signoff:
            message += f"\n\nSigned-off-by: {settings.author}"
        parent = store.commit(parent, message, spec.files, date=spec.date, author=settings.author)
    return parent


@dataclass(frozen=True, slots=True)
class _Head:
    name: str
    clone_url: str
    exists: bool
    known: bool
    #: It was told by an open pull request; whether it can be pushed to was not looked at.
    told: bool = False

    @property
    def owner(self) -> str:
        return self.name.split("/", 1)[0]


def _same_source(known: marker.Marker, proposal: Proposal) -> bool:
    """Whether both are made from one file: the same contents, or the same name edited since."""
    if known.source == proposal.source:
        return True
    names = [source.partition(" ")[2] for source in (known.source, proposal.source)]
    return bool(names[0]) and names[0] == names[1]


def _code(text: str) -> str:
    """Text inside a list of Markdown: no markup and no mention comes out of it."""
    from contrib.pulls.body import inline

    return inline(text)
