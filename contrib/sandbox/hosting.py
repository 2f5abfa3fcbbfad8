"""Accounts, and repositories with real git behind them: what a GitHub hosts, without its pull requests.

All of it lives in memory and in one temporary directory of bare repositories. Every method that
changes something takes the lock; dates come from the world's clock, so that a demo of
repositories from 2024 does not need to have happened today.
"""

from __future__ import annotations

import itertools
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

from contrib.clients.commits import Change, Identity, ScratchStore, git_directory
from contrib.clients.git import Repository as Git
from contrib.clients.scratch import remove_tree
from contrib.sandbox.model import (
    Account,
    Asset,
    Issue,
    PullRequest,
    Release,
    Repo,
    TokenGrant,
    Write,
)
from contrib.sandbox.objects import (
    copy_repository,
    make_bare,
    pack_references,
    references,
    set_head,
    transfer,
)


class Hosting:
    """Accounts, tokens, repositories, forks, commits and releases."""

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
        kind: Literal["User", "Organization", "Bot"] = "User",
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
            path = self.root / f"{number}.git"
            make_bare(path)
            if source is not None:
                copy_repository(git_directory(source), path)
            made = Repo(number, owner, name, path, description, default_branch, self.now())
            if source is not None and made.head(default_branch) is None:
                with Git.open(source) as git:
                    made.default_branch = (git.head_ref or f"refs/heads/{default_branch}").removeprefix(
                        "refs/heads/"
                    )
            set_head(path, made.default_branch)
            self.repos[full_name.lower()] = made
            self.pulls[number] = {}
            return made

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
            path = self.root / f"{number}.git"
            make_bare(path, alternate=parent.path)
            pack_references(path, references(parent.path, "refs/heads/"))
            set_head(path, parent.default_branch)
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
            transfer(store.path, repo.path)
        with repo.git() as git:
            git.run("update-ref", f"refs/heads/{branch}", made, parent)
        self.pushed(repo, branch)
        return made

    def pushed(self, repo: Repo, branch: str | None = None) -> None:
        """Told that a branch (None: some) holds something else now."""

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
