"""Which pull requests are ours, and which are other people's for the same thing.

Ours are found by branch and by marker: in the list of open pull requests, and by one search for closed ones. A
marker counts only where the author is the person's own account or the fork's owner; anybody can write one. Other
people's are recognised by what they change, in any layout.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from contrib.clients.github import ChangedFile, GitHubReads, Pull
from contrib.pulls import marker
from contrib.pulls.marker import Marker
from contrib.pulls.model import Proposal
from contrib.values.errors import OutsideError

#: How many of other people's open pull requests are looked into.
LOOKED_INTO = 30

_WINDOWS_PATH = re.compile(r"(?:^|[/._-])(?:windows|windowsservercore|servercore|nanoserver)", re.IGNORECASE)
_WINDOWS_BASE = re.compile(
    r"^\s*FROM\s.*(?:mcr\.microsoft\.com/windows|windowsservercore|nanoserver|servercore)", re.IGNORECASE
)
_WINDOWS_ENTRY = re.compile(r"^Architectures:.*\bwindows-amd64\b")
_WINDOWS_VARIANT = re.compile(r"windowsservercore|nanoserver|windows/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mine:
    """Our pull requests for one proposal.

    :param current: the open one of this branch. :param merged: the newest merged one.
    :param closed: the newest one that was closed unmerged.
    :param elsewhere: of the same contribution, from another owner, fork or branch; open or merged.
    """

    current: Pull | None = None
    merged: Pull | None = None
    closed: Pull | None = None
    elsewhere: tuple[Pull, ...] = ()
    pulls: tuple[Pull, ...] = ()

    @property
    def markers(self) -> tuple[Marker, ...]:
        """Of all of them that are from this branch, newest first."""
        return tuple(filter(None, (marker.read(pull.body)[1] for pull in self.pulls)))

    @property
    def last_marker(self) -> Marker | None:
        """The newest marker of this branch, else of the contribution."""
        mine = self.markers
        if mine:
            return mine[0]
        return next(filter(None, (marker.read(pull.body)[1] for pull in self.elsewhere)), None)

    def was_merged(self, commit: str) -> bool:
        """Whether a merged one ended at that commit."""
        return any(pull.merged and pull.head_sha == commit for pull in self.pulls)


@dataclass(frozen=True, slots=True)
class Rival:
    """Somebody else's pull request for the same. :param what: what of it overlaps."""

    pull: Pull
    what: str


@dataclass
class Looking:
    """Looks each repository up once.

    :param ours: logins whose markers are ours, in lower case.
    """

    github: GitHubReads
    ours: frozenset[str]
    _open: dict[str, tuple[Pull, ...]] = field(default_factory=dict)
    _searched: dict[str, tuple[Pull, ...]] = field(default_factory=dict)

    def open(self, repository: str) -> tuple[Pull, ...]:
        """All open pull requests."""
        if repository not in self._open:
            self._open[repository] = self.github.open_pulls(repository)
        return self._open[repository]

    def open_one(self, proposal: Proposal, owner: str | None) -> Pull | None:
        """Our open pull request for a proposal: one request for all that are open there."""
        for pull in self.open(proposal.repository):
            by_branch = pull.head_branch == proposal.branch and owner is not None
            if by_branch and (pull.head_owner or "").lower() == str(owner).lower():
                return pull
        return None

    def mine(self, repository: str, proposal: Proposal, owner: str | None) -> Mine:
        """Our pull requests for a proposal.

        :param owner: of the fork that holds the branch; None where nobody is known.
        :raises OutsideError: when GitHub cannot be asked: unknown is not none.
        """
        if owner is None:
            return Mine()

        def here(pull: Pull) -> bool:
            return (pull.head_owner or owner).lower() == owner.lower() and pull.head_branch == proposal.branch

        there = self.open(repository)
        current = next((p for p in there if here(p)), None)
        if current is not None:
            known = marker.read(current.body)[1]
            if proposal.key == "B" or (known is not None and not known.of and known.owner):
                # It is the first of its branch, or what was before does not matter: nothing more is asked.
                return Mine(current, pulls=(current,), elsewhere=self._elsewhere(there, proposal, here))
        pulls = self.github.pulls(repository, head=f"{owner}:{proposal.branch}")
        current = next((pull for pull in pulls if pull.state == "open"), None)
        on_base = [pull for pull in pulls if pull.base_branch == proposal.base_branch]
        merged = next((pull for pull in on_base if pull.merged), None)
        closed = next((pull for pull in on_base if not pull.merged and pull.state == "closed"), None)
        others = self._elsewhere(there, proposal, here)
        if current is None and merged is None:
            others = others or self._elsewhere(self._search(repository), proposal, here)
        return Mine(current, merged, closed, others, pulls)

    def _search(self, repository: str) -> tuple[Pull, ...]:
        if repository not in self._searched:
            self._searched[repository] = self.github.pulls_by(repository, sorted(self.ours))
        return self._searched[repository]

    def _elsewhere(self, pulls: Iterable[Pull], proposal: Proposal, here: object) -> tuple[Pull, ...]:
        assert callable(here)
        found = []
        for pull in pulls:
            known = marker.read(pull.body)[1]
            if (
                known is not None
                and pull.author.lower() in self.ours
                and (known.image, known.key) == (proposal.image, proposal.key)
                and pull.base_branch == proposal.base_branch
                and (pull.state == "open" or pull.merged)
                and not here(pull)
            ):
                found.append(pull)
        return tuple(found)

    def rivals(self, proposal: Proposal) -> Iterator[Rival]:
        """Other people's open pull requests that add Windows variants, or Windows entries, of the image."""
        looked = 0
        for pull in self.open(proposal.repository):
            if self._is_ours(pull, proposal):
                continue
            title = pull.title.lower()
            if "windows" in title and (proposal.image in title or proposal.key != "B"):
                named: str | None = f"its title: {pull.title}"
            else:
                named = None
            if proposal.key == "B" and named is None and not self._may_be_about(pull, proposal.image):
                continue
            what = named if named is not None and proposal.image in title else None
            if what is None and looked < LOOKED_INTO:
                looked += 1
                try:
                    what = overlap(self.github.changed_files(proposal.repository, pull.number), proposal)
                except OutsideError as error:
                    if error.kind != "not-found":
                        raise
                    what = named
            if what is not None:
                yield Rival(pull, what)

    def _is_ours(self, pull: Pull, proposal: Proposal) -> bool:
        if pull.author.lower() not in self.ours:
            return False
        known = marker.read(pull.body)[1]
        return known is not None or pull.head_branch.startswith(f"contrib/{proposal.image}-windows")

    @staticmethod
    def _may_be_about(pull: Pull, image: str) -> bool:
        """Whether a pull request to official-images may touch the image's file: there are hundreds of others."""
        words = f"{pull.title} {pull.head_branch} {pull.body[:500]} {' '.join(pull.labels)}".lower()
        return image in words or "windows" in words or not re.search(r"[a-z]", pull.title.lower())


def overlap(files: Iterable[ChangedFile], proposal: Proposal) -> str | None:
    """What of a pull request's files adds Windows to the image; None where nothing does.

    Files that upstream generates are no sign by themselves, and neither is a bump of versions.
    """
    for file in files:
        if file.status == "removed":
            continue
        added = [
            line[1:] for line in file.patch.split("\n") if line.startswith("+") and not line.startswith("+++")
        ]
        gone = [
            line[1:] for line in file.patch.split("\n") if line.startswith("-") and not line.startswith("---")
        ]
        if proposal.key == "B":
            entries = [sum(bool(_WINDOWS_ENTRY.match(line)) for line in lines) for lines in (added, gone)]
            if file.path == f"library/{proposal.image}" and entries[0] > entries[1]:
                return f"it adds windows-amd64 entries to {file.path}"
            continue
        if file.status in ("added", "renamed", "copied") and _WINDOWS_PATH.search(file.path):
            return f"it adds {file.path}"
        bases = [sum(bool(_WINDOWS_BASE.match(line)) for line in lines) for lines in (added, gone)]
        variants = [sum(bool(_WINDOWS_VARIANT.search(line)) for line in lines) for lines in (added, gone)]
        if bases[0] > bases[1]:
            return f"it adds a Windows base image in {file.path}"
        if variants[0] > variants[1] and not file.path.lower().endswith((".md", ".txt", ".rst")):
            return f"it adds Windows variants in {file.path}"
    return None


def options_for(pull: Pull) -> str:
    """The options that lead to a pull request of ours: with them the command continues it."""
    known = marker.read(pull.body)[1]
    words = []
    owner = pull.head_owner or (known.owner if known is not None else "")
    if owner and owner.lower() == pull.repository.split("/", 1)[0].lower():
        words.append("--no-fork")
    elif owner and owner.lower() != pull.author.lower():
        words += ["--fork-owner", owner]
    if known is not None and known.source:
        words += ["--from", known.source.partition(" ")[2] or "DOCKERFILE"]
    for name in known.asked if known is not None else ():
        words += ["--series", name]
    for name in known.variants if known is not None else ():
        words += ["--variant", name]
    if known is not None and known.linux:
        words.append("--linux")
    return shlex.join(words)
