"""Where a contribution stands: derived from GitHub alone, by our branches' names and the markers.

Nothing is generated or fetched for it, so it is quick and works from any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from contrib.clients.github import Check, GitHubReads, Pull, Remark, RepositoryInfo
from contrib.pulls import marker


@dataclass(frozen=True, slots=True)
class Standing:
    """One pull request of the contribution, or the lack of one.

    :param key: place in the chain, by its marker; empty where it has none.
    :param pull: None where a branch of ours has no pull request.
    """

    key: str
    repository: str
    branch: str
    pull: Pull | None
    checks: tuple[Check, ...] = ()
    remarks: tuple[Remark, ...] = ()

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
        image = [one for one in self.standings if one.key != "B"]
        official = [one for one in self.standings if one.key == "B"]
        if not self.standings:
            return self.command
        if self.lost and all(one.state in ("merged", "closed") for one in self.standings):
            return f"{self.command}: official-images has dropped the Windows entries since"
        for one in self.standings:
            if one.pull is None:
                return f"{self.command} --continue"
            if one.state == "closed":
                return f"read what was said on {one.pull.url}; to propose it again: {self.command} --allow closed-unmerged"
            if one.waits_for.startswith("you:"):
                return f"look at {one.pull.url} ({one.waits_for[5:]}), then: {self.command}"
        if all(one.state == "merged" for one in image) and (
            not official or any(one.state == "draft" for one in official) or _older(official, image)
        ):
            return f"{self.command} --continue"
        if official and all(one.state == "merged" for one in self.standings):
            return "nothing: upstream has all of it"
        return "wait: " + "; ".join(
            f"{one.repository}#{one.pull.number} waits for {one.waits_for}"
            for one in self.standings
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


def status(
    github: GitHubReads,
    image: str,
    repositories: Sequence[str],
    official: str,
    owner: str,
    command: str,
    *,
    listed: Callable[[], int | None] = lambda: None,
) -> Status:
    """Look at the branches and pull requests of ours in these repositories and in official-images.

    :param repositories: the image's own, by any of their names.
    :param owner: account whose forks hold the branches.
    :param listed: counts the Windows entries that official-images has now; asked when it has taken some.
    """
    found: dict[str, RepositoryInfo] = {}
    for name in (*repositories, official):
        home = github.repository(name)
        if home is not None:
            found.setdefault(home.full_name.lower(), home)
    official_home = github.repository(official)
    standings: list[Standing] = []
    for home in found.values():
        is_official = official_home is not None and home.full_name == official_home.full_name
        standings += _standings(github, home, image, owner, key="B" if is_official else "")
    standings.sort(key=lambda one: (one.key == "B", one.key, one.branch))
    taken = any(one.key == "B" and one.state == "merged" for one in standings)
    return Status(image, tuple(standings), command, listed() if taken else None)


def _standings(
    github: GitHubReads, home: RepositoryInfo, image: str, owner: str, *, key: str
) -> Iterable[Standing]:
    prefix = f"contrib/{image}-windows"
    branches = {prefix}
    mine = home if owner.lower() == home.owner.lower() else github.fork_of(home, owner)
    there: set[str] = set()
    if mine is not None:
        refs = github.refs(mine.clone_url, f"refs/heads/{prefix}*")
        there = {name.removeprefix("refs/heads/") for name in refs}
        branches |= {name for name in there if not name.endswith("-rehearsal")}
    for branch in sorted(branches):
        pulls = github.pulls(home.full_name, head=f"{owner}:{branch}")
        pull = next((p for p in pulls if p.state == "open"), None) or next(iter(pulls), None)
        if pull is None:
            if branch in there:
                yield Standing(key, home.full_name, branch, None)
            continue
        known = marker.read(pull.body)[1]
        if pull.state != "open":
            yield Standing(
                key or (known.key if known else ""), home.full_name, branch, pull,
                remarks=() if pull.merged else github.remarks(home.full_name, pull.number),
            )  # fmt: skip
            continue
        whole = github.pull(home.full_name, pull.number)
        yield Standing(
            key or (known.key if known else ""),
            home.full_name,
            branch,
            whole,
            github.checks(home.full_name, whole.head_sha),
            github.remarks(home.full_name, whole.number),
        )
