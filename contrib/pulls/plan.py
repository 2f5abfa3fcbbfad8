"""The plan: declared proposals, held against what GitHub and git have now, give steps with reasons.

Nothing here changes anything on GitHub: it is given a :class:`~contrib.clients.github.GitHubReads`.
The commits are made in a scratch store, where they are the plan's own: their ids tell whether a branch
holds them already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from contrib.clients.commits import Identity, ScratchStore
from contrib.clients.github import GitHubReads, Pull, RepositoryInfo
from contrib.pulls import marker
from contrib.pulls.model import Operation, Plan, Proposal, Step
from contrib.values.errors import BadInput, OutsideError
from contrib.values.guards import Guards

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
    :param guards: told of every guard that applies; says which are lifted.
    :param command: what the person would type to go on: ``contrib pr redis``.
    """

    owner: str | None
    author: Identity
    signoff: bool | None = None
    fork: bool = True
    early: bool = False
    guards: Guards = field(default_factory=Guards)
    draft: bool = False
    command: str = "contrib pr"


Then = Callable[[Sequence[Step]], "Proposal | None"]


def make_plan(
    proposals: Sequence[Proposal],
    github: GitHubReads,
    store: ScratchStore,
    settings: Settings,
    *,
    then: Sequence[Then] = (),
    notes: Sequence[str] = (),
) -> Plan:
    """The steps for the proposals, in order, and for those that depend on how the first ones stand.

    :param store: borrows from every proposal's ``objects``.
    :param then: each gives a further proposal, once the steps before it are known (pull request B is
        made of upstream's commit when A is merged and of A's own commit before).
    :raises OutsideError: when GitHub or git cannot be asked.
    """
    planner = _Planner(github, store, settings)
    steps: list[Step] = []
    for proposal in proposals:
        steps.append(planner.step(proposal, steps))
    for following in then:
        later = following(tuple(steps))
        if later is not None:
            steps.append(planner.step(later, steps))
    return Plan(tuple(steps), settings.command, (*notes, *planner.notes), guards=settings.guards.applied)


class _Planner:
    def __init__(self, github: GitHubReads, store: ScratchStore, settings: Settings) -> None:
        self.github = github
        self.store = store
        self.settings = settings
        self.notes: list[str] = []

    def step(self, proposal: Proposal, before: Sequence[Step]) -> Step:
        """What is to be done about one proposal."""
        home = self._home(proposal)
        proposal = replace(proposal, repository=home.full_name)
        head = self._head(home)
        step = Step(proposal, Operation.NONE, "", head.name, needs_fork=not head.exists)
        pulls = (
            self.github.pulls(home.full_name, head=f"{head.owner}:{proposal.branch}") if head.known else ()
        )
        current = next((pull for pull in pulls if pull.state == "open"), None)
        merged = next(
            (pull for pull in pulls if pull.merged and pull.base_branch == proposal.base_branch), None
        )
        if current is not None:
            step = replace(step, number=current.number, url=current.url)
        if not proposal.commits:
            if current is not None:
                return replace(
                    step, operation=Operation.CLOSE, merged=True,
                    reason=f"{proposal.base_branch} holds all of it already",
                )  # fmt: skip
            if merged is not None:
                step = replace(
                    step, number=merged.number, url=merged.url, merge_commit=merged.merge_commit_sha
                )
                reason = f"merged: {merged.repository}#{merged.number}"
            else:
                reason = f"{proposal.base_branch} holds all of it already"
            return replace(step, merged=True, reason=reason)
        sha = self._build(proposal)
        step = replace(step, head_sha=sha)
        lost: tuple[str, ...] | None = None
        if current is None and merged is not None:
            lost = self._lost(merged, proposal, sha)
        if lost == () and merged is not None:
            return replace(
                step, merged=True, number=merged.number, url=merged.url, head_sha=None, merge_commit=merged.merge_commit_sha,
                reason=f"{merged.repository}#{merged.number} proposed it and was merged with changes; they stay",
            )  # fmt: skip
        if lost and merged is not None:
            subject = self.store.last_subject(proposal.base_commit, lost[0])
            if subject.startswith("Revert"):
                reason = f"{merged.repository}#{merged.number} was merged, and upstream has taken it back: {subject}"
                if not self.settings.guards.stop("reverted", reason, (merged.url,)):
                    return replace(step, stop=True, number=merged.number, url=merged.url, reason=reason)
        waits = [other for other in before if other.proposal.key in proposal.waits_for and not other.merged]
        early = bool(waits) and self.settings.early
        if early:
            proposal = replace(proposal, draft=True)
            step = replace(step, proposal=proposal, early=True)
        waiting = tuple(other.proposal.key for other in waits)
        if waits and not early and current is None:
            return replace(step, waiting=waiting)
        held = None
        if head.exists:
            reference = f"refs/heads/{proposal.branch}"
            held = self.github.refs(head.clone_url, reference).get(reference)
            step = replace(step, expected=held)
        self._look_for_others(proposal, current)
        made = self._compare(step, home, head, current, pulls, held, before, waiting=bool(waits))
        if lost and merged is not None and made.operation is Operation.CREATE:
            some = ", ".join(lost[:3]) + (" …" if len(lost) > 3 else "")
            gone = f"{merged.repository}#{merged.number} was merged, and upstream has lost {some} since; "
            made = replace(made, reason=gone + made.reason)
        return made

    def _compare(
        self,
        step: Step,
        home: RepositoryInfo,
        head: _Head,
        current: Pull | None,
        pulls: Sequence[Pull],
        held: str | None,
        before: Sequence[Step],
        *,
        waiting: bool,
    ) -> Step:
        proposal, sha = step.proposal, step.head_sha
        assert sha is not None
        known = marker.read(current.body)[1] if current is not None else None
        last = next(filter(None, (marker.read(pull.body)[1] for pull in pulls)), known)
        push = held != sha
        stopped: list[str] = []
        if push and held is not None:
            same, foreign = self._look_at(head, proposal, sha, held, last, pulls)
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
                listed = [f"{ident[:10]} {subject} ({address})" for ident, address, subject in foreign]
                reason = (
                    "the branch has commits that contrib did not make, and would lose them: "
                    + "; ".join(listed)
                )
                if not self.settings.guards.stop("foreign-commits", reason, listed):
                    stopped.append(reason)
                self.notes.append(
                    f"{head.name}:{proposal.branch} loses " + ", ".join(f[0][:10] for f in foreign)
                )
        if current is not None:
            name, less = ("", "") if held is None or not push else self._less(proposal, sha, held, known)
            if less and not self.settings.guards.stop(name, less):
                stopped.append(less)
            if stopped:
                return replace(step, stop=True, push=False, reason="; ".join(stopped))
            return self._update(replace(step, push=push), current, before, waiting=waiting)
        closed = next((p for p in pulls if not p.merged and p.base_branch == proposal.base_branch), None)
        newer_merge = closed is not None and any(p.merged and p.number > closed.number for p in pulls)
        if closed is not None and not newer_merge:
            who, why = self.github.closed_by(home.full_name, closed.number)
            if who is None or who.lower() != head.owner.lower():
                said = f", who wrote: {why}" if why else ""
                by = who or "somebody"
                reason = f"{home.full_name}#{closed.number} was closed unmerged by {by}{said}"
                if not self.settings.guards.stop("closed-unmerged", reason, (closed.url,)):
                    stopped.append(reason)
                    step = replace(step, number=closed.number, url=closed.url)
        if stopped:
            return replace(step, stop=True, push=False, reason="; ".join(stopped))
        if not head.exists:
            reason = f"needs a fork, {head.name}, and the branch {proposal.branch}"
        elif held is None:
            reason = f"{head.name} has no branch {proposal.branch} yet"
        elif push:
            reason = f"the branch {proposal.branch} is behind, and has no open pull request"
        else:
            reason = f"the branch {proposal.branch} is there, and has no open pull request"
        return replace(step, operation=Operation.CREATE, push=push, reason=reason)

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
            step = self._with_text(step, before, where)
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
        if current.draft and known is not None and known.early and not waiting:
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

    def _with_text(self, step: Step, before: Sequence[Step], where: str) -> Step:
        """The step, with what a person did to its text judged."""
        refreshed = step.text(before)
        if refreshed.stale:
            reason = f"{where}: a person edited the text, and it states what is no longer true: " + "; ".join(
                refreshed.stale
            )
            if not self.settings.guards.stop("text-edited", reason, refreshed.stale):
                return replace(step, stop=True, push=False, reason=reason)
            step = replace(step, rewrite=True)
        elif refreshed.kept:
            self.notes.append(f"{where}: kept as a person edited it: {', '.join(refreshed.kept)}")
        return step

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
        if home.archived:
            raise BadInput(f"{home.full_name} is archived and takes no pull requests")
        return home

    def _head(self, home: RepositoryInfo) -> _Head:
        """Where our branch is, or will be."""
        settings = self.settings
        if not settings.fork:
            if home.can_push is False:
                raise BadInput(
                    f"--no-fork needs a token that may push to {home.full_name}", hint="leave --no-fork out"
                )
            return _Head(home.full_name, home.clone_url, exists=True, known=True)
        name = home.full_name.split("/", 1)[1]
        if settings.owner is None:
            return _Head(f"{NOBODY}/{name}", "", exists=False, known=False)
        if settings.owner.lower() == home.owner.lower():
            return _Head(home.full_name, home.clone_url, exists=True, known=True)
        fork = self.github.fork_of(home, settings.owner)
        if fork is None:
            return _Head(f"{settings.owner}/{name}", "", exists=False, known=True)
        return _Head(fork.full_name, fork.clone_url, exists=True, known=True)

    def _build(self, proposal: Proposal) -> str:
        """Make the commits in the scratch store; gives the last one's id."""
        author = self.settings.author
        signoff = self.settings.signoff
        if signoff is None:
            signoff = self.store.signed_share(proposal.base_commit) >= SIGNOFF_CUSTOM
        parent = proposal.base_commit
        for spec in proposal.commits:
            message = spec.message.rstrip()
            if signoff:
                message += f"\n\nSigned-off-by: {author}"
            parent = self.store.commit(parent, message, spec.files, date=spec.date, author=author)
        return parent

    def _lost(self, pull: Pull, proposal: Proposal, sha: str) -> tuple[str, ...] | None:
        """What of a merged pull request is gone from upstream, where it held all that we would propose now.

        None: we have something new to propose. Empty: all is there, with changes that maintainers made. Paths:
        they are again as they were before it, or deleted: upstream's tools did that since (the accident that a
        contribution is to outlive).
        """
        try:
            theirs = self.github.fetch_into(
                self.store, self._clone_url(pull), f"refs/pull/{pull.number}/head"
            )
        except OutsideError as error:
            if error.kind not in ("not-found", "network"):
                raise
            return None
        proposed = self.store.entries(theirs)
        wanted = self.store.after(proposal.base_commit, sha)
        if any(proposed.get(path) != entry for path, entry in wanted.items()):
            return None
        there = self.store.entries(proposal.base_commit)
        before: dict[str, tuple[str, str]] = {}
        if pull.merge_commit_sha is not None and self.store.has(pull.merge_commit_sha):
            fork_point = self.store.merge_base(theirs, f"{pull.merge_commit_sha}^1")
            before = {} if fork_point is None else self.store.entries(fork_point)
        return tuple(path for path in wanted if there.get(path) == before.get(path))

    def _clone_url(self, pull: Pull) -> str:
        return self.github.where.clone_url(pull.repository)

    def _look_at(
        self,
        head: _Head,
        proposal: Proposal,
        sha: str,
        held: str,
        known: marker.Marker | None,
        pulls: Sequence[Pull],
    ) -> tuple[bool, tuple[tuple[str, str, str], ...]]:
        """``(the branch makes the same change, commits on it that are not ours)``."""
        self.github.fetch_into(self.store, head.clone_url, f"refs/heads/{proposal.branch}")
        fork_point = self.store.merge_base(proposal.base_commit, held)
        if fork_point is None:
            return False, ((held, "?", "an unrelated history"),)
        ours = [message.strip() for message in self.store.messages(proposal.base_commit, sha)]
        theirs = [message.strip() for message in self.store.messages(fork_point, held)]
        same = ours == theirs and self.store.after(proposal.base_commit, sha) == self.store.after(
            fork_point, held
        )
        commits = self.store.authors(fork_point, held)
        if known is not None and known.head == held:
            return same, ()
        if any(pull.merged and pull.head_sha == held for pull in pulls):
            return same, ()  # what was merged is in upstream; nothing is lost
        if known is not None and self.store.has(known.head) and self.store.is_ancestor(known.head, held):
            return same, self.store.authors(known.head, held)
        address = self.settings.author.email.lower()
        # Without a marker (interrupted between push and pull request) the author tells.
        return same, tuple(commit for commit in commits if commit[1].lower() != address)

    def _less(self, proposal: Proposal, sha: str, held: str, known: marker.Marker | None) -> tuple[str, str]:
        """The guard and why the open pull request would become less than it is; empty when it would not.

        Whoever runs the command again without the options of the first time would not notice.
        """
        if known is not None and known.own and not proposal.own and proposal.key != "B":
            return (
                "own-dockerfile",
                "the pull request was made from a person's own Dockerfile: name it again with --from",
            )
        if known is not None and self.store.has(known.head):
            held = known.head  # what others added on top is another guard's
        fork_point = self.store.merge_base(proposal.base_commit, held)
        if fork_point is None:
            return "", ""
        base = self.store.entries(proposal.base_commit)
        wanted = self.store.after(proposal.base_commit, sha)
        there = self.store.after(fork_point, held)
        gone = [path for path, entry in there.items() if path not in wanted and base.get(path) != entry]
        if not gone:
            return "", ""
        some = ", ".join(gone[:3]) + (" …" if len(gone) > 3 else "")
        return (
            "smaller",
            f"the pull request has files that this plan has not, {some}: name the same --series and --variant again",
        )

    def _look_for_others(self, proposal: Proposal, current: Pull | None) -> None:
        label = f"library/{proposal.image}" if proposal.key == "B" else None
        paths = tuple(path for path in proposal.files if not path.startswith("test/"))
        for pull in self.github.others(proposal.repository, paths, label=label):
            if current is not None and pull.number == current.number:
                continue
            owner = self.settings.owner
            if (
                owner is not None
                and pull.author.lower() == owner.lower()
                and pull.head_branch == proposal.branch
            ):
                continue
            self.notes.append(
                f"{pull.author} has an open pull request on the same files: {pull.url} ({pull.title})"
            )


@dataclass(frozen=True, slots=True)
class _Head:
    name: str
    clone_url: str
    exists: bool
    known: bool

    @property
    def owner(self) -> str:
        return self.name.split("/", 1)[0]
