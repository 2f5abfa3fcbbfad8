"""The contribution as values: what is declared, what is to be done about it, and in which order.

A :class:`Proposal` is declared: this pull request, with these commits, on that base. A
:class:`Step` is what GitHub's and git's present state make of it. A :class:`Plan` is the steps in
order; the same object is what a dry run prints, what ``--format json`` holds and what is carried
out (:mod:`contrib.pulls.carry_out`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contrib.pulls.going_on import asking_status, going_on
from contrib.pulls.marker import Marker, fitted
from contrib.pulls.sections import OWN, Refreshed, Section, digest, joined, refresh, sections_in, stale
from contrib.pulls.threeway import Kept
from contrib.values.characters import hidden
from contrib.values.errors import BadInput
from contrib.values.guards import Applied, allowing_options
from contrib.values.tree import FileChange

if TYPE_CHECKING:
    from contrib.pulls.gates import Gate


@dataclass(frozen=True, slots=True)
class CommitSpec:
    """One commit to be made on top of another.

    :param message: the whole message, subject first, LF, without a ``Signed-off-by`` (that is added
        where the commit is made, for only there the author is known).
    :param files: every path at most once; ``content`` None deletes.
    :param date: author's and committer's date, with its offset; taken from what the commit is made
        from (the newest of base commit and release), never from the clock, so that the same input
        is the same commit id.
    """

    message: str
    files: tuple[FileChange, ...]
    date: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pull request as it should be.

    :param key: place in the chain: ``A0`` (scripts or generator), ``A1`` … (one per base branch), ``B``.
    :param image: the image that it is for (``redis``).
    :param repository: ``owner/name`` on GitHub of the repository that it goes to.
    :param clone_url: where git reads that repository (http, https or a local path).
    :param objects: a local git directory that holds ``base_commit`` and what it reaches.
    :param base_branch: branch that it is to be merged into, without ``refs/heads/``.
    :param base_commit: full id of the commit that it is built on; one of upstream's, never the fork's.
    :param branch: name of our branch in the fork; fixed for an image, a key and a base.
    :param commits: oldest first; empty when the base already holds everything.
    :param title: at most 256 characters.
    :param sections: the text, without comments and marker (those are added where the pull request is made);
        ``{#A1}`` stands for the number of another of the chain (:func:`numbered`).
    :param waits_for: keys that must be merged before this one may be opened.
    :param draft: opened as a draft.
    :param source: digest of the person's own Dockerfile that it is made from (``--from``); empty without one.
    :param series: names of the series that it is about. :param variants: those that were asked for; empty for all.
    :param given: what a person gave in place of our words: ``title``, ``text``.
    :param gates: guards that its contents meet by themselves.
    :param of: pull requests of the image's own repository that it is made of.
    :param asked: series as they were asked for (``--series``, also ``all``). :param linux: ``--linux``.
    :raises BadInput: its title or its branch has characters that cannot be seen, or that turn the text.
    """

    key: str
    image: str
    repository: str
    clone_url: str
    objects: Path
    base_branch: str
    base_commit: str
    branch: str
    commits: tuple[CommitSpec, ...]
    title: str
    sections: tuple[Section, ...]
    waits_for: tuple[str, ...] = ()
    draft: bool = False
    source: str = ""
    series: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()
    of: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    linux: bool = False

    def __post_init__(self) -> None:
        for what, text in (("title", self.title), ("branch", self.branch)):
            found = next(hidden(text), None)
            if found is not None:
                raise BadInput(
                    f"the {what} of the pull request to {self.repository} has {found.name}, which {found.what}",
                    kind="hidden-characters",
                    hint="leave the character out",
                )

    @property
    def own(self) -> bool:
        """Whether it is made from a person's own Dockerfile."""
        return bool(self.source)

    @property
    def body(self) -> str:
        """The text as a reader sees it."""
        return "\n\n".join(part.text.strip("\n") for part in self.sections if part.text.strip()) + "\n"

    @property
    def files(self) -> tuple[str, ...]:
        """Paths that the commits touch, each once, in order of first appearance."""
        return tuple(dict.fromkeys(change.path for commit in self.commits for change in commit.files))


class Operation(str, Enum):
    """What a step does to the pull request."""

    CREATE = "create"
    UPDATE = "update"
    NONE = "none"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done about one proposal, and why.

    :param operation: create, update, none or close.
    :param reason: one clause, for a person.
    :param head_repository: ``owner/name`` of the repository that holds our branch (the fork; upstream
        itself with ``--no-fork``); it may not exist yet.
    :param head_sha: the commit that our branch will hold; None where the proposal has no commits.
    :param expected: what the branch held when the plan was made, None when there was no such branch:
        the lease of the push.
    :param push: whether the branch must be pushed.
    :param edits: which of the pull request's ``title``, ``body``, ``base`` are to be changed.
    :param number: of the open (or merged, or closed) pull request that the step is about.
    :param url: its page.
    :param stop: a guard said no; nothing of the plan is carried out until it is lifted (``--allow``)
        or its cause is gone.
    :param merged: upstream has it: what waits for it may go on.
    :param needs_fork: :attr:`head_repository` is a fork that does not exist yet; its name is a guess until then.
    :param parent: what is to be forked where it is not the proposal's repository (a rehearsal inside the fork).
    :param waiting: keys of what must be merged before anything is done here; empty when nothing stands in the way.
    :param merge_commit: what the merge put on the base branch, where a pull request of ours was merged.
    :param early: opened, as a draft, before what it waits for was merged.
    :param was: text and marker of the open pull request, None where there is none.
    :param rewrite: sections that a person edited, and that state what is no longer true, are written anew.
    :param guards: those that apply to it, lifted or not.
    :param landed: an earlier pull request of it was merged, and upstream still has that.
    :param kept: changes of upstream's own that it leaves as they are.
    :param lead: what the reason begins with.
    :param rehearsal: its fork has the branch of a rehearsal.
    :param stays: the open pull request stays as it is until what it waits for is merged.
    """

    proposal: Proposal
    operation: Operation
    reason: str
    head_repository: str
    head_sha: str | None = None
    expected: str | None = None
    push: bool = False
    edits: tuple[str, ...] = ()
    number: int | None = None
    url: str | None = None
    stop: bool = False
    merged: bool = False
    merge_commit: str | None = None
    early: bool = False
    needs_fork: bool = False
    waiting: tuple[str, ...] = ()
    parent: str | None = None
    was: tuple[str, Marker | None] | None = None
    rewrite: bool = False
    guards: tuple[Applied, ...] = ()
    landed: bool = False
    kept: tuple[Kept, ...] = ()
    lead: str = ""
    rehearsal: bool = False
    stays: bool = False

    @property
    def head_owner(self) -> str:
        """Owner of :attr:`head_repository`."""
        return self.head_repository.split("/", 1)[0]

    @property
    def marker(self) -> Marker:
        """What the marker says once the step is carried out, less what depends on the text."""
        proposal = self.proposal
        assert self.head_sha is not None
        known = self.was[1] if self.was is not None else None
        # A title that a person changed stays theirs: its digest is still that of what we wrote.
        title = digest(proposal.title) if known is None or "title" in self.edits else known.title
        given = tuple(dict.fromkeys((*proposal.given, *(known.given if known is not None else ()))))
        return Marker(
            proposal.image, proposal.key, self.head_sha, title, self.head_owner, self.head_repository,
            proposal.branch, proposal.series, proposal.variants, proposal.source, self.early, given=given,
            of=proposal.of, asked=proposal.asked, linux=proposal.linux,
            body=known.body if known is not None else "",
        )  # fmt: skip

    def text(self, steps: Iterable[Step]) -> Refreshed:
        """The pull request's text once the step is carried out, without the marker.

        :param steps: the others of the chain, whose numbers it may name.
        """
        others = tuple(steps)
        wanted = fitted(
            tuple(
                replace(part, text=numbered(part.text, others, final=True)) for part in self.proposal.sections
            )
        )
        if self.was is None:
            return Refreshed(joined(wanted).strip("\n"))
        text, known = self.was
        if not sections_in(text):
            return _whole(text, known, wanted, rewrite=self.rewrite)
        stated = known.states if known is not None else None
        return refresh(
            text,
            wanted,
            stated=stated,
            before=known.sections if known is not None else None,
            rewrite=self.rewrite,
            # What was lifted for the commits that are there is said as long as they are there.
            keep=frozenset({"agreed"}) if self.push else frozenset({OVERRIDES, KEPT, "agreed", "rehearsed"}),
        )

    def stale_title(self, title: str) -> tuple[str, ...]:
        """A person's title, if it states what is no longer true."""
        known = self.was[1] if self.was is not None else None
        stated = known.states if known is not None else None
        lines = stale(title, (*self.proposal.sections, Section("title", self.proposal.title)), stated)
        return tuple(f"title: {line}" for line in lines)

    def done(self, **changes: Any) -> Step:
        """The step with what carrying it out has given (``number``, ``url``, ``head_sha``)."""
        return replace(self, **changes)

    def as_json(self, *, outcome: bool = False) -> dict[str, Any]:
        """One element of DESIGN's ``plan`` list; ``outcome`` adds ``number``, ``url``, ``head_sha``."""
        shape: dict[str, Any] = {
            "repo": self.proposal.repository,
            "base": self.proposal.base_branch,
            "branch": self.proposal.branch,
            "commits": [
                {"message": commit.message, "files": [change.path for change in commit.files]}
                for commit in self.proposal.commits
            ],
            "title": self.proposal.title,
            "operation": self.operation.value,
            "reason": self.reason,
        }
        if outcome:
            shape |= {"number": self.number, "url": self.url, "head_sha": self.head_sha}
        return shape


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in the order in which they are carried out, and the next command.

    :param steps: A0, A1 … An, B.
    :param command: what was typed, less options: ``contrib pr redis``.
    :param after: :attr:`next` of a plan whose next step does not follow from its steps.
    :param notes: what should be known first: other people's open pull requests, lagging versions.
    :param met: guards that apply to the run as a whole: of releases, of the token, of variants that failed.
    """

    steps: tuple[Step, ...]
    command: str
    notes: tuple[str, ...] = ()
    after: str | None = None
    met: tuple[Applied, ...] = ()

    @property
    def guards(self) -> tuple[Applied, ...]:
        """The guards that apply, lifted or not, each once."""
        return tuple(dict.fromkeys([*self.met, *(one for step in self.steps for one in step.guards)]))

    @property
    def stopping(self) -> tuple[Applied, ...]:
        """The guards of the run as a whole that stop it: then nothing of the plan is carried out."""
        return tuple(one for one in self.met if one.stops and not one.lifted)

    @property
    def requests(self) -> int:
        """How many requests carrying it out sends at most, by REST and by git, when nothing goes wrong."""
        count = 0
        for step in self.steps:
            if step.operation is Operation.NONE:
                continue
            count += 3 if step.operation is Operation.CLOSE else 1
            count += 4 if step.needs_fork else 0
            count += 2 if step.push else 0
            count += 1 if "ready" in step.edits else 0
        return count

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    @property
    def next(self) -> str:
        """What the person does next, one sentence or command."""
        stopped = next((step for step in self.steps if step.stop), None)
        if self.after is not None and stopped is None and not self.stopping:
            return self.after
        first = next(
            (one for one in self.guards if one.name == "second-contribution" and not one.lifted), None
        )
        if first is not None:
            return first.message.partition(": ")[2]
        if stopped is not None:
            where = stopped.url or f"the branch {stopped.proposal.branch} of {stopped.head_repository}"
            allowing = allowing_options((), self.guards)
            return f"look at {where}" + (
                f"; to go on all the same: {going_on(self.command, allowing)}" if allowing else ""
            )
        waiting = next(
            (step for step in self.steps if step.waiting and step.operation is Operation.NONE), None
        )
        if self.stopping:
            names = ", ".join(one.name for one in self.stopping)
            allowing = allowing_options((), self.guards)
            return f"look at what stops it ({names})" + (
                f"; to go on all the same: {going_on(self.command, allowing)}" if allowing else ""
            )
        if waiting is not None:
            return f"when {self.waited_for(waiting)} is merged: {going_on(self.command, '--continue')}"
        if all(step.merged for step in self.steps):
            return "nothing: upstream has all of it"
        # Where things stand is asked for an image; what decides what is proposed has no say there.
        return asking_status(self.command)

    def waited_for(self, step: Step) -> str:
        """What a step waits for, named as GitHub does where the pull request is open."""
        names = {
            other.proposal.key: f"{other.proposal.repository}#{other.number}"
            if other.number is not None
            else f"{other.proposal.key} ({other.proposal.repository})"
            for other in self.steps
        }
        return ", ".join(names.get(key, key) for key in step.waiting)

    def reason(self, step: Step) -> str:
        """The step's reason; of one that waits, with the numbers that are known by now."""
        if not step.waiting or step.reason:
            return step.reason
        waits = f"waits for {self.waited_for(step)}"
        if step.stays:
            return (
                f"{step.proposal.repository}#{step.number} is open, and stays on what upstream has; {waits}"
            )
        return waits

    @property
    def writes(self) -> bool:
        """Whether carrying it out would change anything."""
        return any(step.operation is not Operation.NONE for step in self.steps)

    def as_json(self, *, outcome: bool = False) -> dict[str, Any]:
        """DESIGN's object: ``{"plan": […], "next": "…"}``, with the notes and the guards that apply."""
        steps = [step.as_json(outcome=outcome) | {"reason": self.reason(step)} for step in self.steps]
        return {
            "plan": steps,
            "next": self.next,
            "notes": list(self.notes),
            "guards": [each.as_json() for each in self.guards],
            "requests": self.requests,
        }


def _whole(text: str, known: Marker | None, wanted: tuple[Section, ...], *, rewrite: bool) -> Refreshed:
    """A text without sections: an older contrib's, or one that a person put in place of ours."""
    given = known is not None and OWN in known.given and [part.name for part in wanted] != [OWN]
    ours = known is not None and known.body == digest(text) and not given
    if ours or rewrite or not text.strip():
        return Refreshed(joined(wanted).strip("\n"))
    kept = () if given else (OWN,)
    lines = tuple(f"{OWN}: {line}" for line in stale(text, wanted))
    return Refreshed(text.strip("\n"), kept, lines, whole=True)


#: Section that says which guards were lifted.
OVERRIDES = "overrides"
#: Section that shows upstream's own changes.
KEPT = "kept"


_NUMBER = re.compile(r"\{#([A-Z]\d*)\}")


def numbered(text: str, steps: Iterable[Step], *, final: bool) -> str:
    """``text`` with the numbers of other pull requests of the chain in place of ``{#A1}``.

    A number is not known before the pull request is open.

    :param final: nothing more will be known: what is not goes.
    """
    known = {step.proposal.key: step.number for step in steps}

    def number(found: re.Match[str]) -> str:
        value = known.get(found[1])
        return f"#{value}" if value is not None else "" if final else found[0]

    return _NUMBER.sub(number, text)
