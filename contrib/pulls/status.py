"""Where a contribution stands: asked of GitHub alone, by our branches' names and the markers.

Nothing is generated or fetched for it, so it is quick and works from any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contrib.clients.github import Check, GitHubReads, Pull, Remark
from contrib.pulls import finding, marker
from contrib.pulls.going_on import going_on
from contrib.values.errors import BadInput, OutsideError


@dataclass(frozen=True, slots=True)
class Standing:
    """One pull request of the contribution, or the lack of one.

    :param key: place in the chain, by its marker; empty where it has none.
    :param pull: None where a branch of ours has no pull request.
    :param foreign: commits on the branch that we did not push, as text.
    :param unreachable: commits that it names and that are not on upstream's branch; None where it was not asked.
    :param of: pull requests (``owner/name#1``) that it was made of, as its marker says.
    :param options: what leads to it beside the options of this run.
    :param rehearsal: it is one, in a fork.
    """

    key: str
    repository: str
    branch: str
    pull: Pull | None
    checks: tuple[Check, ...] = ()
    remarks: tuple[Remark, ...] = ()
    foreign: tuple[str, ...] = ()
    unreachable: tuple[str, ...] | None = None
    of: tuple[str, ...] = ()
    options: str = ""
    rehearsal: bool = False

    @property
    def state(self) -> str:
        """``none``, ``draft``, ``open``, ``merged``, ``closed``."""
        if self.pull is None:
            return "none"
        if self.pull.merged:
            return "merged"
        return "draft" if self.pull.state == "open" and self.pull.draft else self.pull.state

    @property
    def reviews(self) -> dict[str, str]:
        """Reviewer to ``approved`` or ``changes_requested``: each one's last word."""
        latest: dict[str, str] = {}
        for remark in self.remarks:
            if remark.state in ("approved", "changes_requested"):
                latest[remark.author] = remark.state
            elif remark.state == "dismissed":
                latest.pop(remark.author, None)
        return latest

    @property
    def check_state(self) -> str:
        """``none``, ``failure``, ``action_required``, ``pending``, ``success``: the worst there is."""
        states = {check.state for check in self.checks}
        for state in ("failure", "action_required", "pending"):
            if state in states:
                return state
        return "success" if states else "none"

    @property
    def said(self) -> Remark | None:
        """The last thing said by somebody else."""
        author = "" if self.pull is None else self.pull.author
        return next((r for r in reversed(self.remarks) if r.author != author and r.body.strip()), None)

    @property
    def waits_for(self) -> str:
        """Who has to do what: one clause."""
        if self.pull is None:
            return "you: it has no pull request yet"
        if self.state == "merged":
            return "nobody: it is merged"
        if self.state == "closed":
            return "nobody: it was closed unmerged"
        if self.foreign:
            return f"you: its branch has commits that contrib did not make ({'; '.join(self.foreign[:3])})"
        if self.unreachable and self.state == "open":
            return f"you: it names commits that upstream does not have ({', '.join(c[:10] for c in self.unreachable)})"
        if self.check_state == "failure":
            names = ", ".join(check.name for check in self.checks if check.state == "failure")
            return f"you: checks failed ({names})"
        asked = [who for who, state in self.reviews.items() if state == "changes_requested"]
        if asked:
            return f"you: {', '.join(asked)} asked for changes"
        if self.pull.mergeable_state == "dirty":
            return "you: it conflicts with its base branch"
        if self.check_state == "action_required":
            return "a maintainer: to allow the workflows to run"
        if self.check_state == "pending":
            return "its checks: they still run"
        if self.state == "draft":
            return "what it is a draft for"
        if any(state == "approved" for state in self.reviews.values()):
            return "a maintainer: it is approved, and to be merged"
        return "a maintainer: to review it"

    @property
    def needs_you(self) -> bool:
        """Whether the person has to act."""
        return self.waits_for.startswith("you:") or self.state == "closed"

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        pull = self.pull
        said = self.said
        return {
            "key": self.key or None,
            "repo": self.repository,
            "branch": self.branch,
            "state": self.state,
            "number": None if pull is None else pull.number,
            "url": None if pull is None else pull.url,
            "title": None if pull is None else pull.title,
            "head_sha": None if pull is None else pull.head_sha,
            "checks": [{"name": c.name, "state": c.state, "url": c.url} for c in self.checks],
            "check_state": self.check_state,
            "reviews": self.reviews,
            "labels": [] if pull is None else list(pull.labels),
            "foreign": list(self.foreign),
            "unreachable": None if self.unreachable is None else list(self.unreachable),
            "rehearsal": self.rehearsal,
            "said": None if said is None else {"author": said.author, "body": said.body, "url": said.url},
            "waits_for": self.waits_for,
        }


@dataclass(frozen=True, slots=True)
class Status:
    """The whole contribution.

    :param listed: how many Windows entries official-images has for the image now; None where it is not known.
    """

    image: str
    standings: tuple[Standing, ...]
    command: str
    listed: int | None = None

    @property
    def lost(self) -> bool:
        """Whether official-images has dropped the Windows entries that it once took.

        Upstream's next release does that when its tools do not know them (January 2017).
        """
        taken = any(one.key == "B" and one.state == "merged" for one in self.standings)
        return taken and self.listed == 0

    @property
    def next(self) -> str:
        """What the person does next."""
        real = [one for one in self.standings if not one.rehearsal]
        image = [one for one in real if one.key != "B"]
        official = [one for one in real if one.key == "B"]
        options = next((one.options for one in real if one.options), "")
        command = going_on(self.command, options) if options else self.command
        if not real:
            rehearsed = [one for one in self.standings if one.pull is not None]
            if rehearsed:
                pages = ", ".join(one.pull.url for one in rehearsed if one.pull is not None)
                failed = any(one.check_state == "failure" for one in rehearsed)
                return (
                    f"look at the rehearsal ({pages}{'; checks failed' if failed else ''}), then: {command}"
                )
            return command
        if self.lost and all(one.state in ("merged", "closed") for one in real):
            return f"{command}: official-images has dropped the Windows entries since"
        for one in real:
            if one.pull is None:
                return going_on(command, "--continue")
            if one.state == "closed":
                return f"read what was said on {one.pull.url}; to propose it again: {going_on(command, '--allow closed-unmerged')}"
            if one.foreign:
                return f"look at {one.pull.url}/commits; to replace the commits there: {going_on(command, '--allow foreign-commits')}"
            if one.waits_for.startswith("you:"):
                return f"look at {one.pull.url} ({one.waits_for[5:]}), then: {command}"
        if all(one.state == "merged" for one in image) and (
            not official
            or any(one.state == "draft" for one in official)
            or _older(official, image)
            or any(one.state == "open" and _misses(one, image) for one in official)
        ):
            return going_on(command, "--continue")
        if official and all(one.state == "merged" for one in real):
            return "nothing: upstream has all of it"
        return "wait: " + "; ".join(
            f"{one.repository}#{one.pull.number} waits for {one.waits_for}"
            for one in real
            if one.pull is not None and one.state != "merged"
        )

    @property
    def settled(self) -> bool:
        """Whether watching on would show nothing new: all is merged, or the person has to act."""
        return any(one.needs_you for one in self.standings) or not self.next.startswith("wait:")

    def as_json(self) -> dict[str, Any]:
        """``{"image", "pulls": […], "next"}``."""
        return {
            "image": self.image,
            "pulls": [one.as_json() for one in self.standings],
            "listed": self.listed,
            "next": self.next,
        }


def _older(official: Sequence[Standing], image: Sequence[Standing]) -> bool:
    """Whether official-images' was merged before the image's own last one: a bump that it does not know yet."""
    listed = [
        one.pull.merged_at for one in official if one.pull is not None and one.pull.merged_at is not None
    ]
    made = [one.pull.merged_at for one in image if one.pull is not None and one.pull.merged_at is not None]
    return len(listed) == len(official) and bool(made) and max(listed) < max(made)


def _misses(official: Standing, image: Sequence[Standing]) -> bool:
    """Whether a pull request of the image's was merged that official-images' open one was not made of."""
    merged = {
        f"{one.repository}#{one.pull.number}"
        for one in image
        if one.pull is not None and one.state == "merged"
    }
    return bool(official.of) and not merged <= set(official.of)


def status(
    github: GitHubReads,
    image: str,
    repositories: Sequence[str],
    official: str,
    owner: str,
    command: str,
    *,
    listed: Callable[[], int | None] = lambda: None,
    accounts: Sequence[str] = (),
    manifest: str | None = None,
) -> Status:
    """Look at the pull requests of ours in these repositories and in official-images.

    :param repositories: the image's own, by any of their names.
    :param owner: account whose forks hold the branches. :param accounts: logins whose markers are ours.
    :param listed: counts the Windows entries that official-images has now; asked when it has taken some.
    :param manifest: path of the library file: the commits that an open pull request there names are looked up.
    """
    looking = _Looking(github, image, owner, frozenset(name.lower() for name in (*accounts, owner)))
    standings: list[Standing] = []
    for name in repositories:
        standings += [one for one in looking.standings(name, "") if one not in standings]
    standings = _once(standings)
    entries = looking.standings(official, "B")
    if manifest is not None:
        entries = [looking.with_commits(one, manifest) for one in entries]
    if not standings:
        standings = looking.unproposed(repositories)
    standings += entries
    standings.sort(key=lambda one: (one.rehearsal, one.key == "B", one.key, one.branch))
    taken = any(one.key == "B" and one.state == "merged" for one in standings)
    return Status(image, tuple(standings), command, listed() if taken else None)


def _once(standings: Iterable[Standing]) -> list[Standing]:
    """One for each pull request: a repository may be asked for by two names."""
    return list({(one.pull.url if one.pull is not None else one.branch): one for one in standings}.values())


@dataclass(frozen=True, slots=True)
class _Looking:
    github: GitHubReads
    image: str
    owner: str
    ours: frozenset[str]

    @property
    def prefix(self) -> str:
        return f"contrib/{self.image}-windows"

    def standings(self, repository: str, key: str) -> list[Standing]:
        """Our pull requests in a repository: the open ones, else the last closed ones."""
        try:
            there = self.github.open_pulls(repository)
        except OutsideError as error:
            if error.kind != "not-found":
                raise
            return []
        found = [pull for pull in there if self._mine(pull)]
        branches = {pull.head_branch for pull in found}
        if self.prefix not in branches:
            closed = self.github.pulls(repository, head=f"{self.owner}:{self.prefix}")
            found += list(closed[:1])
            if not found:
                mine = [
                    pull for pull in self.github.pulls_by(repository, sorted(self.ours)) if self._mine(pull)
                ]
                newest = {pull.head_branch: pull for pull in sorted(mine, key=lambda pull: pull.number)}
                found = list(newest.values())
        return [self._standing(repository, pull, key) for pull in found]

    def _mine(self, pull: Pull) -> bool:
        known = marker.read(pull.body)[1]
        by_marker = known is not None and known.image == self.image and pull.author.lower() in self.ours
        by_branch = (pull.head_owner or "").lower() == self.owner.lower() and pull.head_branch.startswith(
            self.prefix
        )
        return (by_marker or by_branch) and not pull.head_branch.endswith("-rehearsal")

    def _standing(self, repository: str, pull: Pull, key: str) -> Standing:
        known = marker.read(pull.body)[1]
        key = key or (known.key if known else "")
        of = known.of if known is not None else ()
        options = finding.options_for(pull)
        if pull.state != "open":
            remarks = () if pull.merged else self.github.remarks(repository, pull)
            return Standing(key, repository, pull.head_branch, pull, remarks=remarks, of=of, options=options)
        whole = self.github.pull(repository, pull.number)
        foreign: tuple[str, ...] = ()
        if known is not None and known.head != whole.head_sha:
            foreign = self._foreign(repository, whole, known.head)
        return Standing(
            key,
            repository,
            pull.head_branch,
            whole,
            self.github.checks(repository, whole.head_sha),
            self.github.remarks(repository, whole),
            foreign,
            of=of,
            options=options,
        )

    def _foreign(self, repository: str, pull: Pull, ours: str) -> tuple[str, ...]:
        commits = self.github.commits(repository, pull.number)
        names = [sha for sha, _ in commits]
        after = commits[names.index(ours) + 1 :] if ours in names else commits
        return tuple(f"{sha[:10]} {subject}" for sha, subject in after)

    def with_commits(self, one: Standing, manifest: str) -> Standing:
        """Official-images' open pull request, with whether upstream has the commits that it names."""
        if one.pull is None or one.pull.state != "open" or one.pull.head_repository is None:
            return one
        from contrib.library import parse

        data = self.github.file(one.pull.head_repository, manifest, ref=one.pull.head_sha)
        if data is None:
            return one
        named: dict[tuple[str, str], str] = {}
        try:
            for entry in parse(data, manifest).entries:
                where = self.github.where.owns(entry.git_repo)
                if "windows-amd64" in entry.architectures and where is not None:
                    named[where, entry.git_commit] = entry.git_fetch.removeprefix("refs/heads/")
        except BadInput:
            return one
        if not named:
            return one
        lost = []
        for (where, commit), branch in named.items():
            reachable = self.github.contains(where, branch, commit)
            if reachable is None:
                return one
            if not reachable:
                lost.append(commit)
        return replace(one, unreachable=tuple(lost))

    def unproposed(self, repositories: Sequence[str]) -> list[Standing]:
        """A branch of ours without a pull request, and rehearsals, where nothing is proposed yet."""
        for name in repositories:
            home = self.github.repository(name)
            if home is None:
                continue
            if self.owner.lower() == home.owner.lower():
                continue
            mine = self.github.fork_of(home, self.owner)
            if mine is None:
                continue
            refs = self.github.refs(mine.clone_url, f"refs/heads/{self.prefix}*")
            branches = sorted(ref.removeprefix("refs/heads/") for ref in refs)
            found = [
                Standing("", home.full_name, branch, None)
                for branch in branches
                if not branch.endswith("-rehearsal")
            ]
            if any(branch.endswith("-rehearsal") for branch in branches):
                found += [
                    replace(self._standing(mine.full_name, pull, "rehearsal"), rehearsal=True)
                    for pull in self.github.open_pulls(mine.full_name)
                    if pull.head_branch.startswith(self.prefix) and pull.head_branch.endswith("-rehearsal")
                ]
            if found:
                return found
        return []
