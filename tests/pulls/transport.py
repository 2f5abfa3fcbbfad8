"""git over the network without its processes: what ``ls-remote``, ``fetch`` and ``push`` do to the stand-in's repositories.

For tests that are about REST, or about what is decided: nothing there depends on how git talks. What does is tested
with git's own transport (``test_faults``, the tests of the commands, the git families of ``test_matrix``, ``benchmarks/faults``).
"""

from __future__ import annotations

import base64
import fnmatch
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from contrib.clients import commits
from contrib.sandbox.github import StandIn
from contrib.sandbox.model import Repo
from contrib.sandbox.objects import reference, references, transfer, write_reference

NETWORK = frozenset({"ls-remote", "fetch", "push"})
Ended = tuple[int, bytes, bytes]


def direct(monkeypatch: pytest.MonkeyPatch, stand_in: StandIn) -> None:
    """Let the client's git reach the stand-in's repositories directly, as long as the test runs."""
    run = commits._run
    here = _Transport(stand_in)

    def running(git_dir: Path | None, arguments: list[str], **named: Any) -> Ended:
        if arguments[0] not in NETWORK:
            return run(git_dir, arguments, **named)
        done = here.run(git_dir, arguments, named.get("environment") or {})
        return done if done is not None else run(git_dir, arguments, **named)

    monkeypatch.setattr(commits, "_run", running)


class _Transport:
    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in

    def run(self, git_dir: Path | None, arguments: list[str], environment: Mapping[str, str]) -> Ended | None:
        """What git would do; None for what only git can."""
        at = arguments.index("--end-of-options")
        url, *rest = arguments[at + 1 :]
        if not url.startswith(f"{self.stand_in.url}/"):
            return None
        repo = self._repository(url)
        if repo is None:
            return 128, b"", b"fatal: repository not found\n"
        if arguments[0] == "ls-remote":
            return self._listed(repo, rest)
        assert git_dir is not None
        if arguments[0] == "fetch":
            return self._fetched(repo, git_dir, rest)
        lease = next(word for word in arguments if word.startswith("--force-with-lease="))
        return self._pushed(repo, git_dir, rest[0], lease.rpartition(":")[2], _token(environment))

    def _repository(self, url: str) -> Repo | None:
        owner, name = urlsplit(url).path.removesuffix(".git").strip("/").split("/")
        world = self.stand_in.world
        moved = world.moved.get(f"{owner}/{name}".lower())
        return world.find(*(moved.split("/") if moved else (owner, name)))

    @staticmethod
    def _listed(repo: Repo, patterns: list[str]) -> Ended:
        refs = references(repo.path)
        refs["HEAD"] = repo.head(repo.default_branch) or ""
        shown = [
            f"{ident}\t{name}\n"
            for name, ident in refs.items()
            if ident and (not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns))
        ]
        return 0, "".join(shown).encode(), b""

    @staticmethod
    def _fetched(repo: Repo, git_dir: Path, specs: list[str]) -> Ended:
        transfer(repo.path, git_dir)
        for spec in specs:
            theirs, _, ours = spec.lstrip("+").partition(":")
            if theirs.endswith("*"):
                prefix = theirs[:-1]
                for name, ident in references(repo.path, prefix).items():
                    write_reference(git_dir, ours[:-1] + name.removeprefix(prefix), ident)
                continue
            if not theirs.startswith("refs/"):
                code, _, _ = commits._run(git_dir, ["cat-file", "-e", f"{theirs}^{{commit}}"])
                ident = theirs if code == 0 else None
            else:
                ident = reference(repo.path, theirs)
            if ident is None:
                return 128, b"", b"fatal: couldn't find remote ref\n"
            write_reference(git_dir, ours, ident)
        return 0, b"", b""

    def _pushed(self, repo: Repo, git_dir: Path, spec: str, expected: str, token: str) -> Ended:
        commit, _, name = spec.partition(":")
        world = self.stand_in.world
        grant = world.tokens.get(token)
        login = None if grant is None else grant.login
        scoped = (
            grant is not None and grant.scopes is not None and not {"repo", "public_repo"} & set(grant.scopes)
        )
        if repo.archived or scoped or not repo.may_push(login):
            return 128, b"", b"fatal: unable to access: The requested URL returned error: 403\n"
        with world.lock:
            if (reference(repo.path, name) or "") != expected:
                return 1, f"!\t{spec}\t[rejected] (stale info)\n".encode(), b""
            world.record("PUSH", f"/{repo.full_name}.git/git-receive-pack", login)
            # What it borrows may hold the commit too: then it has none of its own.
            borrowed = (git_dir / "objects" / "info" / "alternates").read_text("utf-8").splitlines()
            for objects in (git_dir / "objects", *map(Path, borrowed)):
                transfer(objects.parent, repo.path)
            write_reference(repo.path, name, commit)
            world.pushed(repo)
        return 0, f"*\t{spec}\t[new branch]\n".encode(), b""


def _token(environment: Mapping[str, str]) -> str:
    """The token that git would send, empty for none."""
    for value in environment.values():
        if value.startswith("Authorization: basic "):
            return base64.b64decode(value.rpartition(" ")[2]).decode().partition(":")[2]
    return ""
