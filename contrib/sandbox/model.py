"""What the stand-in knows, as values: accounts, repositories with real git behind them, pull requests, releases."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from contrib.clients.git import Repository as Git
from contrib.sandbox.objects import reference

MergeMethod = Literal["merge", "squash", "rebase"]


class Refused(Exception):
    """A request that GitHub would refuse: status, message, and the list of errors of a 422."""

    def __init__(self, status: int, message: str, errors: tuple[dict[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


@dataclass(slots=True)
class Account:
    """A user or an organisation."""

    id: int
    login: str
    name: str | None
    email: str | None
    kind: Literal["User", "Organization", "Bot"]
    members: set[str] = field(default_factory=set)  # logins, for an organisation


@dataclass(slots=True)
class Issue:
    """An issue that is not a pull request."""

    id: int
    number: int
    author: Account
    title: str
    body: str
    at: datetime
    state: Literal["open", "closed"] = "open"
    reason: str | None = None  # why it was closed


@dataclass(slots=True)
class TokenGrant:
    """What a token may do."""

    login: str
    scopes: tuple[str, ...] | None  # None: a fine-grained token, which does not tell


@dataclass(slots=True)
class Asset:
    """A release's file."""

    id: int
    name: str
    content: bytes
    digest: bool

    @property
    def sha256(self) -> str:
        """As GitHub writes it: ``sha256:…``."""
        return "sha256:" + hashlib.sha256(self.content).hexdigest()


@dataclass(slots=True)
class Release:
    """A release of a repository."""

    id: int
    tag: str
    name: str
    body: str
    prerelease: bool
    at: datetime
    assets: list[Asset]


@dataclass(frozen=True, slots=True)
class Size:
    """How much changes between two commits: commits, files, lines."""

    commits: int
    files: int
    additions: int
    deletions: int


@dataclass(slots=True)
class Repo:
    """A repository; ``path`` is the bare repository behind it."""

    id: int
    owner: Account
    name: str
    path: Path
    description: str
    default_branch: str
    created_at: datetime
    parent: Repo | None = None
    ready_at: float = 0.0  # time.monotonic() from which on it answers
    collaborators: set[str] = field(default_factory=set)
    actions_enabled: bool = True
    archived: bool = False
    deleted: bool = False
    releases: list[Release] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, list[Status]] = field(default_factory=dict)
    checks: dict[str, list[CheckRun]] = field(default_factory=dict)
    waiting_workflows: dict[str, list[str]] = field(default_factory=dict)  # sha -> names
    #: What git was asked of two commits, which never changes.
    _bases: dict[tuple[str, str], str | None] = field(default_factory=dict)
    _sizes: dict[tuple[str, str], Size] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """``owner/name``."""
        return f"{self.owner.login}/{self.name}"

    @property
    def source(self) -> Repo:
        """The root of the fork network."""
        return self if self.parent is None else self.parent.source

    def git(self) -> Git:
        """The git repository, opened."""
        return Git.open(self.path)

    def head(self, branch: str) -> str | None:
        """What a branch holds."""
        return reference(self.path, f"refs/heads/{branch}")

    def merge_base(self, one: str, other: str) -> str | None:
        """The commit that two histories have in common last; None for unrelated ones."""
        if (one, other) not in self._bases:
            with self.git() as git:
                done = git.run("merge-base", one, other, accept=(0, 1))
            self._bases[one, other] = done.stdout.decode().split("\n", 1)[0] or None
        return self._bases[one, other]

    def size(self, before: str, after: str) -> Size:
        """How much changes between two commits."""
        if (before, after) not in self._sizes:
            with self.git() as git:
                commits = int(git.run("rev-list", "--count", f"{before}..{after}").stdout)
                done = git.run("diff-tree", "-r", "-M", "--numstat", before, after)
            lines = [line.split("\t", 2) for line in done.stdout.decode("utf-8", "replace").splitlines()]
            added, deleted = (
                sum(int(line[column]) for line in lines if line[column] != "-") for column in (0, 1)
            )
            self._sizes[before, after] = Size(commits, len(lines), added, deleted)
        return self._sizes[before, after]

    def may_push(self, login: str | None) -> bool:
        """Whether an account may push to it."""
        if login is None:
            return False
        return login == self.owner.login or login in self.collaborators or login in self.owner.members


@dataclass(slots=True)
class Status:
    """A commit status."""

    id: int
    context: str
    state: str
    description: str
    target_url: str | None
    creator: Account
    at: datetime


@dataclass(slots=True)
class CheckRun:
    """A check run."""

    id: int
    name: str
    status: str
    conclusion: str | None
    at: datetime


@dataclass(slots=True)
class Comment:
    """A comment on a pull request."""

    id: int
    author: Account
    body: str
    at: datetime


@dataclass(slots=True)
class Review:
    """A review of a pull request."""

    id: int
    author: Account
    state: str  # APPROVED, CHANGES_REQUESTED, COMMENTED
    body: str
    commit: str
    at: datetime


@dataclass(slots=True)
class PullRequest:
    """A pull request."""

    id: int
    number: int
    repo: Repo
    author: Account
    title: str
    body: str
    head_repo: Repo
    head_branch: str
    head_sha: str
    base_branch: str
    base_sha: str
    draft: bool
    maintainer_can_modify: bool
    created_at: datetime
    updated_at: datetime
    state: Literal["open", "closed"] = "open"
    merged_at: datetime | None = None
    merged_by: Account | None = None
    merge_commit_sha: str | None = None
    closed_at: datetime | None = None
    closed_by: Account | None = None
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)

    @property
    def node_id(self) -> str:
        """GraphQL's id."""
        return f"PR_{self.id}"


@dataclass(frozen=True, slots=True)
class Write:
    """Something that changed, or would have: for tests, and for the demo's claim that a dry run writes nothing."""

    method: str
    path: str
    login: str | None
