"""What the stand-in knows: accounts, repositories with real git behind them, pull requests.

All of it lives in memory and in one temporary directory of bare repositories. Every method that
changes something takes the world's lock; dates come from the world's clock, so that a demo of
repositories from 2024 does not need to have happened today.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

from contrib.clients.commits import Change, Identity, ScratchStore
from contrib.clients.git import Repository as Git
from contrib.clients.scratch import remove_tree
from contrib.sandbox.merging import merged_tree

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
    kind: Literal["User", "Organization"]
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
    releases: list[Release] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, list[Status]] = field(default_factory=dict)
    checks: dict[str, list[CheckRun]] = field(default_factory=dict)
    waiting_workflows: dict[str, list[str]] = field(default_factory=dict)  # sha -> names

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
        with self.git() as git:
            done = git.run(
                "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}", accept=(0, 1, 128)
            )
        return done.stdout.decode().strip() or None

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


class World:
    """All the state, and what can be done to it."""

    def __init__(self, root: Path | None = None, *, fork_delay: float = 0.0) -> None:
        self._temporary = root is None
        self.root = Path(tempfile.mkdtemp(prefix="contrib-github-")) if root is None else root
        self.lock = threading.RLock()
        self.fork_delay = fork_delay
        self.accounts: dict[str, Account] = {}
        self.tokens: dict[str, TokenGrant] = {}
        self.repos: dict[str, Repo] = {}
        self.moved: dict[str, str] = {}  # old owner/name, lower case -> new
        self.pulls: dict[int, dict[int, PullRequest]] = {}  # repo id -> number
        self.issues: dict[int, list[Issue]] = {}
        self.writes: list[Write] = []
        self._ids = itertools.count(1001)
        self.clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)

    def close(self) -> None:
        """Remove the repositories, if the world made their directory."""
        if self._temporary:
            remove_tree(self.root)

    def now(self) -> datetime:
        """The world's time, whole seconds."""
        return self.clock().replace(microsecond=0)

    def record(self, method: str, path: str, login: str | None) -> None:
        """Note a request that writes."""
        with self.lock:
            self.writes.append(Write(method, path, login))

    # -- accounts --

    def account(
        self,
        login: str,
        *,
        name: str | None = None,
        email: str | None = None,
        kind: Literal["User", "Organization"] = "User",
        members: Iterable[str] = (),
    ) -> Account:
        """An account, made where there is none."""
        with self.lock:
            found = self.accounts.get(login.lower())
            if found is None:
                found = Account(next(self._ids), login, name, email, kind)
                self.accounts[login.lower()] = found
            found.members |= set(members)
            return found

    def token(
        self,
        login: str,
        scopes: tuple[str, ...] | None = ("public_repo", "workflow"),
        *,
        value: str | None = None,
    ) -> str:
        """A token for an account; ``scopes`` None makes a fine-grained one."""
        with self.lock:
            self.account(login)
            prefix = "github_pat_" if scopes is None else "ghp_"
            made = value or prefix + secrets.token_hex(18)
            self.tokens[made] = TokenGrant(login, scopes)
            return made

    # -- repositories --

    def repository(
        self,
        full_name: str,
        source: Path | None = None,
        *,
        default_branch: str = "master",
        description: str = "",
        owner_kind: Literal["User", "Organization"] = "Organization",
    ) -> Repo:
        """A repository, filled from a local git repository (its branches and tags).

        :param source: a work tree or bare repository; None makes an empty one.
        """
        owner_name, name = full_name.split("/", 1)
        with self.lock:
            if full_name.lower() in self.repos:
                raise ValueError(f"there is a repository {full_name} already")
            owner = self.account(owner_name, kind=owner_kind)
            number = next(self._ids)
            path = self._bare(number)
            if source is not None:
                with Git.open(path) as git:
                    fetch(git, source.resolve(), "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
            made = Repo(number, owner, name, path, description, default_branch, self.now())
            if source is not None and made.head(default_branch) is None:
                with Git.open(source) as git:
                    made.default_branch = (git.head_ref or f"refs/heads/{default_branch}").removeprefix(
                        "refs/heads/"
                    )
            (path / "HEAD").write_bytes(f"ref: refs/heads/{made.default_branch}\n".encode())
            self.repos[full_name.lower()] = made
            self.pulls[number] = {}
            return made

    def _bare(self, number: int, alternate: Path | None = None) -> Path:
        path = self.root / f"{number}.git"
        for part in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
            (path / part).mkdir(parents=True)
        (path / "HEAD").write_bytes(b"ref: refs/heads/master\n")
        (path / "config").write_bytes(
            b"[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tfilemode = true\n\tlogAllRefUpdates = false\n"
            b"[http]\n\treceivepack = true\n"
            b"[uploadpack]\n\tallowReachableSHA1InWant = true\n\tallowAnySHA1InWant = true\n"
            b"[receive]\n\tdenyDeleteCurrent = ignore\n\tautogc = false\n[gc]\n\tauto = 0\n"
        )
        if alternate is not None:
            (path / "objects" / "info" / "alternates").write_bytes(
                f"{(alternate / 'objects').as_posix()}\n".encode()
            )
        return path

    def find(self, owner: str, name: str) -> Repo | None:
        """A repository that is there by now (a fork that is being made is not)."""
        with self.lock:
            found = self.repos.get(f"{owner}/{name}".lower())
            if found is None or time.monotonic() < found.ready_at:
                return None
            return found

    def move(self, old: str, new: str) -> None:
        """Rename or transfer a repository; the old address redirects."""
        with self.lock:
            repo = self.repos.pop(old.lower())
            owner, repo.name = new.split("/", 1)
            repo.owner = self.account(owner)
            self.repos[new.lower()] = repo
            self.moved[old.lower()] = new

    def fork(self, parent: Repo, owner: Account, name: str | None = None) -> Repo:
        """The owner's fork: the one that is there, whatever its name, or a new one that is ready after a while."""
        with self.lock:
            for repo in self.repos.values():
                if repo.owner is owner and repo.source is parent.source and repo.parent is not None:
                    return repo
            if parent.owner is owner:
                return parent
            wanted = name or parent.name
            free = wanted
            for number in itertools.count(1):
                if f"{owner.login}/{free}".lower() not in self.repos:
                    break
                free = f"{wanted}-{number}"
            number = next(self._ids)
            path = self._bare(number, parent.path)
            refs = parent.git().refs("refs/heads/")
            (path / "packed-refs").write_bytes(
                "".join(f"{sha} {ref}\n" for ref, sha in refs.items()).encode()
            )
            (path / "HEAD").write_bytes(f"ref: refs/heads/{parent.default_branch}\n".encode())
            made = Repo(
                number, owner, free, path, parent.description, parent.default_branch, self.now(), parent,
                ready_at=time.monotonic() + self.fork_delay, actions_enabled=False,
            )  # fmt: skip
            self.repos[made.full_name.lower()] = made
            self.pulls[number] = {}
            return made

    def forks(self, parent: Repo) -> list[Repo]:
        """Its forks, newest first."""
        with self.lock:
            return sorted((r for r in self.repos.values() if r.parent is parent), key=lambda r: -r.id)

    def commit(
        self,
        repo: Repo,
        branch: str,
        message: str,
        files: Iterable[Change],
        author: Account,
        *,
        at: datetime | None = None,
    ) -> str:
        """Put a commit on a branch, as somebody who pushes would."""
        parent = repo.head(branch)
        if parent is None:
            raise ValueError(f"{repo.full_name} has no branch {branch}")
        who = Identity(
            author.name or author.login, author.email or f"{author.login}@users.noreply.github.example"
        )
        with ScratchStore([repo.path]) as store:
            made = store.commit(parent, message, files, date=at or self.now(), author=who)
            with Git.open(repo.path) as git:
                fetch(git, store.path, made)
                git.run("update-ref", f"refs/heads/{branch}", made, parent)
        self.pushed(repo, branch)
        return made

    def release(
        self,
        repo: Repo,
        tag: str,
        assets: dict[str, bytes],
        *,
        at: datetime | None = None,
        prerelease: bool = False,
        digest: bool = True,
        body: str = "",
    ) -> Release:
        """A release with its files; older ones have no digest on GitHub either."""
        with self.lock:
            made = Release(
                next(self._ids), tag, tag, body, prerelease, at or self.now(),
                [Asset(next(self._ids), name, content, digest) for name, content in assets.items()],
            )  # fmt: skip
            repo.releases.insert(0, made)
            return made

    # -- pull requests --

    def pull(self, repo: Repo, number: int) -> PullRequest:
        """A pull request by number."""
        with self.lock:
            found = self.pulls[repo.id].get(number)
        if found is None:
            raise Refused(404, "Not Found")
        return found

    def open_pull(
        self,
        repo: Repo,
        author: Account,
        *,
        head: str,
        base: str,
        title: str,
        body: str = "",
        draft: bool = False,
        maintainer_can_modify: bool = True,
        head_repo: str | None = None,
    ) -> PullRequest:
        """Open a pull request; ``head`` is ``branch`` or ``owner:branch``."""
        owner, _, branch = head.rpartition(":")
        with self.lock:
            origin = self._head_repository(repo, owner, head_repo)
            sha = None if origin is None else origin.head(branch)
            if origin is None or sha is None:
                raise Refused(422, "Validation Failed", (_error("PullRequest", "head", "invalid"),))
            base_sha = repo.head(base)
            if base_sha is None:
                raise Refused(422, "Validation Failed", (_error("PullRequest", "base", "invalid"),))
            if not title.strip() or len(title) > 256:
                raise Refused(422, "Validation Failed", (_error("PullRequest", "title", "invalid"),))
            if len(body) > 65536:
                raise Refused(422, "Validation Failed", (_error("PullRequest", "body", "too_long"),))
            for other in self.pulls[repo.id].values():
                if (other.state, other.head_repo, other.head_branch, other.base_branch) == (
                    "open", origin, branch, base,
                ):  # fmt: skip
                    message = f"A pull request already exists for {origin.owner.login}:{branch}."
                    raise Refused(
                        422,
                        "Validation Failed",
                        ({"resource": "PullRequest", "code": "custom", "message": message},),
                    )
            if maintainer_can_modify and origin.owner.kind == "Organization" and origin is not repo:
                raise Refused(
                    422,
                    "Validation Failed",
                    (
                        {
                            "resource": "PullRequest", "code": "custom", "field": "fork_collab",
                            "message": "Fork collab can't be granted by someone without permission",
                        },
                    ),
                )  # fmt: skip
            with repo.git() as git:
                self._borrow(git, origin, sha)
                if git.is_ancestor(sha, base_sha):
                    message = f"No commits between {base} and {head}"
                    raise Refused(
                        422,
                        "Validation Failed",
                        ({"resource": "PullRequest", "code": "custom", "message": message},),
                    )
                number = self.next_number(repo)
                git.run("update-ref", f"refs/pull/{number}/head", sha)
            now = self.now()
            made = PullRequest(
                next(self._ids), number, repo, author, title, body, origin, branch, sha, base, base_sha,
                draft, maintainer_can_modify, now, now,
            )  # fmt: skip
            self.pulls[repo.id][number] = made
            return made

    def _head_repository(self, repo: Repo, owner: str, named: str | None) -> Repo | None:
        if named and "/" in named:
            return self.find(*named.split("/", 1))
        if not owner or owner.lower() == repo.owner.login.lower():
            return repo
        for other in self.repos.values():
            if other.owner.login.lower() == owner.lower() and other.source is repo.source:
                return self.find(other.owner.login, other.name)
        return None

    @staticmethod
    def _borrow(git: Git, origin: Repo, sha: str) -> None:
        """Get the head's objects into the base repository."""
        fetch(git, origin.path, sha)

    def pushed(self, repo: Repo, branch: str | None = None) -> None:
        """Bring open pull requests up to what their branches hold now."""
        with self.lock:
            for pulls in self.pulls.values():
                for pull in pulls.values():
                    if pull.state != "open" or (
                        branch is not None and branch not in (pull.head_branch, pull.base_branch)
                    ):
                        continue
                    if pull.head_repo is repo:
                        sha = repo.head(pull.head_branch)
                        if sha is None:
                            pull.state, pull.closed_at, pull.closed_by = "closed", self.now(), pull.author
                        elif sha != pull.head_sha:
                            with pull.repo.git() as git:
                                self._borrow(git, repo, sha)
                                git.run("update-ref", f"refs/pull/{pull.number}/head", sha)
                            pull.head_sha, pull.updated_at = sha, self.now()

    def edit_pull(
        self,
        pull: PullRequest,
        editor: Account,
        *,
        title: str | None = None,
        body: str | None = None,
        base: str | None = None,
        state: str | None = None,
    ) -> None:
        """Change what a PATCH may change."""
        with self.lock:
            if title is not None and (not title.strip() or len(title) > 256):
                raise Refused(422, "Validation Failed", (_error("PullRequest", "title", "invalid"),))
            if body is not None and len(body) > 65536:
                raise Refused(422, "Validation Failed", (_error("PullRequest", "body", "too_long"),))
            if base is not None:
                sha = pull.repo.head(base)
                if sha is None:
                    raise Refused(422, "Validation Failed", (_error("PullRequest", "base", "invalid"),))
                pull.base_branch, pull.base_sha = base, sha
            if title is not None:
                pull.title = title
            if body is not None:
                pull.body = body
            if state == "closed" and pull.state == "open":
                pull.state, pull.closed_at, pull.closed_by = "closed", self.now(), editor
            elif state == "open" and pull.state == "closed":
                if pull.merged_at is not None or pull.head_repo.head(pull.head_branch) is None:
                    raise Refused(422, "Validation Failed", (_error("PullRequest", "state", "invalid"),))
                pull.state, pull.closed_at, pull.closed_by = "open", None, None
            pull.updated_at = self.now()

    def mergeable(self, pull: PullRequest) -> bool:
        """Whether git can merge it without a conflict."""
        base = pull.repo.head(pull.base_branch)
        if base is None:
            return False
        return self._merged_tree(pull, base) is not None

    @staticmethod
    def _merged_tree(pull: PullRequest, base: str) -> str | None:
        """Tree of the merge, None for a conflict."""
        with pull.repo.git() as git:
            if git.is_ancestor(base, pull.head_sha):
                return git.run("rev-parse", f"{pull.head_sha}^{{tree}}").stdout.decode().strip()
            done = git.run("merge-base", base, pull.head_sha, accept=(0, 1))
            common = done.stdout.decode().split("\n", 1)[0]
            return merged_tree(git, common, base, pull.head_sha) if common else None

    def merge(self, pull: PullRequest, by: Account, method: MergeMethod = "merge") -> str:
        """Merge it as a maintainer does; gives the commit that the base branch holds then."""
        with self.lock:
            if pull.state != "open":
                raise Refused(405, "Pull Request is not mergeable")
            if pull.draft:
                raise Refused(405, "Pull Request is still a draft")
            base = pull.repo.head(pull.base_branch)
            tree = None if base is None else self._merged_tree(pull, base)
            if base is None or tree is None:
                raise Refused(405, "Pull Request is not mergeable")
            title = f"{pull.title} (#{pull.number})"
            with pull.repo.git() as git:
                if method == "merge":
                    message = f"Merge pull request #{pull.number} from {pull.head_repo.owner.login}/{pull.head_branch}\n\n{pull.title}"
                    made = self._commit_tree(git, tree, [base, pull.head_sha], message, by, by)
                elif method == "squash":
                    made = self._commit_tree(git, tree, [base], title, pull.author, by)
                else:
                    made = self._rebased(git, pull, base, by)
                git.run("update-ref", f"refs/heads/{pull.base_branch}", made, base)
            now = self.now()
            pull.state, pull.closed_at, pull.closed_by = "closed", now, by
            pull.merged_at, pull.merged_by, pull.merge_commit_sha, pull.updated_at = now, by, made, now
            self.pushed(pull.repo, pull.base_branch)
            return made

    def _commit_tree(
        self, git: Git, tree: str, parents: list[str], message: str, author: Account, committer: Account
    ) -> str:
        when = f"{int(self.now().timestamp())} +0000"
        variables = {}
        for role, who in (("AUTHOR", author), ("COMMITTER", committer)):
            variables[f"GIT_{role}_NAME"] = who.name or who.login
            variables[f"GIT_{role}_EMAIL"] = who.email or f"{who.login}@users.noreply.github.example"
            variables[f"GIT_{role}_DATE"] = when
        options = [option for parent in parents for option in ("-p", parent)]
        done = git.run("commit-tree", tree, *options, stdin=f"{message}\n".encode(), env=variables)
        return done.stdout.decode().strip()

    def _rebased(self, git: Git, pull: PullRequest, base: str, by: Account) -> str:
        fork_point = git.run("merge-base", base, pull.head_sha).stdout.decode().strip()
        commits = git.run("rev-list", "--reverse", f"{fork_point}..{pull.head_sha}").stdout.decode().split()
        onto = base
        for commit in commits:
            if git.run("rev-parse", f"{commit}^").stdout.decode().strip() == onto:
                tree = git.run("rev-parse", f"{commit}^{{tree}}").stdout.decode().strip()
            else:
                # The commit's own change on the new parent: a three-way merge with the commit's parent as base.
                changed = merged_tree(git, f"{commit}^", onto, commit)
                if changed is None:
                    raise Refused(405, "Pull Request is not mergeable")
                tree = changed
            message = git.run("log", "-1", "--format=%B", commit).stdout.decode().strip()
            onto = self._commit_tree(git, tree, [onto], message, pull.author, by)
        return onto

    def comment(self, pull: PullRequest, author: Account, body: str) -> Comment:
        """Write a comment."""
        with self.lock:
            made = Comment(next(self._ids), author, body, self.now())
            pull.comments.append(made)
            pull.updated_at = made.at
            return made

    def review(self, pull: PullRequest, author: Account, state: str, body: str = "") -> Review:
        """Review it: ``APPROVED``, ``CHANGES_REQUESTED``, ``COMMENTED``."""
        with self.lock:
            made = Review(next(self._ids), author, state, body, pull.head_sha, self.now())
            pull.reviews.append(made)
            pull.updated_at = made.at
            return made

    def status(
        self,
        repo: Repo,
        sha: str,
        context: str,
        state: str,
        creator: Account,
        description: str = "",
        url: str | None = None,
    ) -> Status:
        """Set a commit status."""
        with self.lock:
            made = Status(next(self._ids), context, state, description, url, creator, self.now())
            repo.statuses.setdefault(sha, []).insert(0, made)
            return made

    def check(self, repo: Repo, sha: str, name: str, conclusion: str | None) -> CheckRun:
        """Report a check run; ``conclusion`` None is one that still runs, ``action_required`` a workflow that waits."""
        with self.lock:
            if conclusion == "action_required":
                repo.waiting_workflows.setdefault(sha, []).append(name)
            done = conclusion is not None
            made = CheckRun(
                next(self._ids), name, "completed" if done else "in_progress", conclusion, self.now()
            )
            runs = repo.checks.setdefault(sha, [])
            runs[:] = [run for run in runs if run.name != name]
            if conclusion != "action_required":
                runs.append(made)
            return made

    def open_issue(self, repo: Repo, author: Account, title: str, body: str) -> Issue:
        """Open an issue; it takes the next number of the repository's pull requests and issues."""
        with self.lock:
            issues = self.issues.setdefault(repo.id, [])
            number = self.next_number(repo)
            made = Issue(next(self._ids), number, author, title, body, self.now())
            issues.append(made)
            return made

    def next_number(self, repo: Repo) -> int:
        """The number of a repository's next pull request or issue."""
        return 1 + max([0, *self.pulls[repo.id], *(issue.number for issue in self.issues.get(repo.id, []))])

    def label(self, pull: PullRequest, name: str) -> None:
        """Label a pull request."""
        with self.lock:
            pull.repo.labels.setdefault(name, next(self._ids))
            if name not in pull.labels:
                pull.labels.append(name)


def _error(resource: str, field_name: str, code: str) -> dict[str, str]:
    return {"resource": resource, "field": field_name, "code": code}


def fetch(git: Git, source: Path, *references: str) -> None:
    """Get references (or commits) of a repository on this disk into another."""
    git.run("fetch", "--quiet", "--no-write-fetch-head", str(source), *references, protocols="file")


def looks_like_sha(text: str) -> bool:
    """Whether it is the full id of an object."""
    return re.fullmatch(r"[0-9a-f]{40}", text) is not None
