"""A small upstream, an official-images and somebody's token on the stand-in; what a plan needs to run there."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
from urllib3.util import Retry

from contrib.clients.commits import Identity, ScratchStore
from contrib.clients.github import Addresses, DryRunGitHub, GitHub, Token
from contrib.pulls.carry_out import Patience, carry_out
from contrib.pulls.model import CommitSpec, Plan, Proposal, Step
from contrib.pulls.plan import Following, Settings, Then, make_plan
from contrib.pulls.sections import Section
from contrib.sandbox.github import StandIn
from contrib.sandbox.model import Account, PullRequest, Repo
from contrib.sandbox.rest import Rest
from contrib.sandbox.shapes import Shapes
from contrib.sandbox.world import World
from contrib.values.guards import Guards
from contrib.values.tree import FileChange

from .transport import direct

_NUMBERS = itertools.count()
WHEN = datetime(2024, 3, 1, 12, 0, tzinfo=timezone.utc)
PORTER = Identity("Petra Porter", "petra@example.com")


def git(directory: Path, *arguments: str) -> str:
    """Run git as nobody in particular."""
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Maintainer",
        "GIT_AUTHOR_EMAIL": "m@example.com",
        "GIT_COMMITTER_NAME": "Maintainer",
        "GIT_COMMITTER_EMAIL": "m@example.com",
        "GIT_AUTHOR_DATE": "1700000000 +0000",
        "GIT_COMMITTER_DATE": "1700000000 +0000",
    }
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env=environment, capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


def make_repository(directory: Path, files: dict[str, str], branch: str = "master") -> Path:
    """A repository with one commit."""
    directory.mkdir()
    git(directory, "init", "-q", f"--initial-branch={branch}")
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "-m", "First")
    return directory


@dataclass
class Bench:
    """The stand-in with two repositories, and the steps of a contribution against it."""

    stand_in: StandIn
    image: Repo
    official: Repo
    official_source: Path
    token: str
    said: list[str] = field(default_factory=list)

    def client(self, *, dry_run: bool = False, token: str | None = None, longest_wait: float = 2) -> GitHub:
        """A client, as the commands make it."""
        kind = DryRunGitHub if dry_run else GitHub
        return kind(
            Addresses(self.stand_in.url),
            Token(token or self.token, "the test"),
            notify=self.said.append,
            longest_wait=longest_wait,
        )

    def account(self, login: str) -> Account:
        """An account of the stand-in."""
        return self.stand_in.world.account(login)

    def first(self, content: str = "FROM windows\n", **changes: object) -> Proposal:
        """Pull request A: one directory in the image's repository, none when upstream has it."""
        base = self.image.head("master")
        assert base is not None
        path = "7.2/windows/Dockerfile"
        with self.image.git() as repository:
            present = repository.tree(base).read(path)
        change = FileChange(path, content.encode())
        commits = () if present == change.content else (CommitSpec("Add Windows 7.2", (change,), WHEN),)
        made = Proposal(
            "A0", "redis", self.image.full_name, "", self.image.path, "master", base, "contrib/redis",
            commits, "Add Windows variants", (Section("words", "A body."),),
        )  # fmt: skip
        if "body" in changes:
            changes["sections"] = (Section("words", str(changes.pop("body"))),)
        return replace(made, **changes)  # type: ignore[arg-type]

    def second(self, text: str = "Tags: 7.2-windows\n") -> Then:
        """Pull request B: names A's commit, upstream's own once that is merged."""

        def build(steps: object) -> Proposal:
            (first,) = steps  # type: ignore[misc]
            assert isinstance(first, Step)
            base = self.official.head("master")
            assert base is not None
            commit = self.image.head("master") if first.merged else first.head_sha
            content = f"{text}GitCommit: {commit}\n".encode()
            with self.official.git() as git:
                there = git.tree(base).read("library/redis") == content
            return Proposal(
                "B", "redis", self.official.full_name, "", self.official.path, "master", base, "contrib/redis",
                () if there else (CommitSpec("Update redis", (FileChange("library/redis", content),), WHEN),),
                "Update redis", (Section("words", "Another body."),), waits_for=("A0",),
            )  # fmt: skip

        return build

    def following(self, text: str = "Tags: 7.2-windows\n") -> Following:
        """Pull request B as the command declares it."""
        build = self.second(text)

        def listed() -> bool:
            head = self.official.head("master")
            assert head is not None
            with self.official.git() as git:
                return b"windows" in (git.tree(head).read("library/redis") or b"")

        outline = Proposal(
            "B", "redis", self.official.full_name, "", self.official.path, "master", "", "contrib/redis", (),
            "Update redis", (), waits_for=("A0",),
        )  # fmt: skip
        return Following(outline, build, listed)

    def settings(self, **changes: object) -> Settings:
        """Petra's."""
        made = Settings(owner="petra", author=PORTER, command="contrib pr redis", signoff=False)
        return replace(made, **changes)  # type: ignore[arg-type]

    def run(
        self,
        *proposals: Proposal,
        then: tuple[Then | Following, ...] = (),
        dry_run: bool = False,
        client: GitHub | None = None,
        patience: Patience | None = None,
        organization: str | None = None,
        maintainer_can_modify: bool = True,
        allow: str = "",
        **settings: object,
    ) -> Plan:
        """Plan and carry out, as the command does."""
        github = client or self.client(dry_run=dry_run)
        sources = [proposal.objects for proposal in proposals] + [self.official.path]
        with ScratchStore(sources) as store:
            plan = make_plan(
                proposals,
                github,
                store,
                self.settings(guards=Guards(tuple(allow.split())), **settings),
                then=then,
            )
            if dry_run:
                return plan
            return carry_out(
                plan, github, store, patience=patience or Patience(fork=5, between=0.05), organization=organization,
                maintainer_can_modify=maintainer_can_modify, notify=self.said.append,
            )  # fmt: skip

    def pull(self, repo: Repo, number: int) -> PullRequest:
        """A pull request as the stand-in has it."""
        return self.stand_in.world.pull(repo, number)

    def merge(self, repo: Repo, number: int, method: str = "merge") -> str:
        """What the maintainer does."""
        return self.stand_in.world.merge(self.pull(repo, number), self.account("maintainer"), method)  # type: ignore[arg-type]

    def writes(self) -> list[str]:
        """What was written, as ``METHOD path``."""
        return [f"{write.method} {write.path}" for write in self.stand_in.world.writes]


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The two repositories' contents, made once."""
    directory = tmp_path_factory.mktemp("sources")
    image = make_repository(
        directory / "redis", {"7.2/alpine/Dockerfile": "FROM alpine\n", "README.md": "# redis\n"}
    )
    official = make_repository(
        directory / "official-images", {"library/redis": "Tags: 7.2\n", "test/config.sh": "#\n"}
    )
    return image, official


@pytest.fixture(scope="session")
def served() -> Iterator[StandIn]:
    """A server for all tests; each begins with an empty world (:func:`made`)."""
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the worlds have their repositories, until the end of the session."""
    return tmp_path_factory.mktemp("worlds")


@pytest.fixture
def bench(served: StandIn, sources: tuple[Path, Path], worlds: Path) -> Bench:
    """The stand-in, with Petra's token and a maintainer."""
    return made(served, sources, worlds)


@pytest.fixture
def benches(served: StandIn, sources: tuple[Path, Path], worlds: Path) -> Callable[[], Bench]:
    """As many as are wanted, one after the other: each is the end of the one before."""
    return lambda: made(served, sources, worlds)


@pytest.fixture
def without_git(served: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client reaches the stand-in's repositories without git's transport (:mod:`tests.pulls.transport`)."""
    direct(monkeypatch, served)


@pytest.fixture
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What GitHub asks to be waited for is not slept; it counts all the same."""
    monkeypatch.setattr(Retry, "sleep_for_retry", lambda self, response: True)
    monkeypatch.setattr(Retry, "_sleep_backoff", lambda self: None)


def made(stand_in: StandIn, sources: tuple[Path, Path], worlds: Path) -> Bench:
    """A new world on a stand-in, with Petra's token and a maintainer."""
    world = World(worlds / str(next(_NUMBERS)))
    stand_in.world, stand_in.shapes = world, Shapes(world, stand_in.url)
    stand_in.rest = Rest(world, stand_in.shapes)
    for hooks in (stand_in.hooks, stand_in.git_hooks, stand_in.push_hooks):
        hooks.clear()
    image = world.repository("docker-library/redis", sources[0])
    official = world.repository("docker-library/official-images", sources[1])
    world.account("maintainer", name="The Maintainer")
    for repo in (image, official):
        repo.collaborators.add("maintainer")
    return Bench(stand_in, image, official, sources[1], token=world.token("petra"))
