"""The demo's stage: the stand-in with an upstream and an official-images on it, and a visitor's desk.

What the demo shows are real commands run against it: real git repositories, real pushes over HTTP,
PyGithub on a real socket. Nothing of the person's own is used or touched: git gets an identity and an
empty configuration of the stage's, GitHub tokens of the environment are taken away while it is open.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.resources import files
from pathlib import Path

from contrib.clients.git import Repository, git_environment
from contrib.clients.programs import no_git
from contrib.clients.scratch import remove_tree
from contrib.sandbox import upstreams
from contrib.sandbox.github import StandIn
from contrib.sandbox.model import Repo
from contrib.values.errors import OutsideError

#: The image of the demo, and where its repositories are on the stand-in.
IMAGE = "redis"
UPSTREAM = "docker-library/redis"
OFFICIAL_IMAGES = "docker-library/official-images"

#: The day on which the demo plays: its repositories and releases are of the weeks before.
TODAY = datetime(2024, 6, 5, 12, 0, tzinfo=timezone.utc)
#: The day of the next release.
LATER = datetime(2024, 6, 12, 12, 0, tzinfo=timezone.utc)


@dataclass
class Stage:
    """An open stage.

    :param desk: the visitor's directory, the current one while a command runs: ``Dockerfile``, a clone of
        the upstream (``redis``) and one of ``official-images``, the list of the port's releases.
    """

    stand_in: StandIn
    desk: Path
    upstream: Repo
    official_images: Repo

    @property
    def releases(self) -> Path:
        """The port's releases, as the API of GitHub gives them."""
        return self.desk / "port.json"

    def merge(self, url: str) -> None:
        """The maintainer of a repository merges the pull request at ``url``."""
        owner, name, _, number = url.rstrip("/").split("/")[-4:]
        world = self.stand_in.world
        repo = world.find(owner, name)
        assert repo is not None
        world.merge(world.pull(repo, int(number)), world.account("demo-maintainer"))

    def next_release(self) -> None:
        """A week passes, and the port has a new release."""
        self.stand_in.world.clock = lambda: LATER
        os.environ["CONTRIB_TODAY"] = LATER.date().isoformat()
        _write_releases(self.releases, later=True)

    def update_clones(self) -> None:
        """``git pull`` in both clones."""
        for name, repo in ((IMAGE, self.upstream), ("official-images", self.official_images)):
            with Repository.open(self.desk / name) as clone:
                clone.run("fetch", "--quiet", "origin", protocols="http")
                clone.run("reset", "--quiet", "--hard", f"origin/{repo.default_branch}")
                clone.run("clean", "--quiet", "-d", "--force")


@contextlib.contextmanager
def stage(visitor: bytes | None = None, *, port: int = 0) -> Iterator[Stage]:
    """Set it up in a temporary directory, which goes when it is closed.

    :param visitor: the visitor's Windows Dockerfile; by default one that we wrote, as a first port looks.
    :param port: of the stand-in; 0 takes a free one.
    :raises OutsideError: no git, or no directory to write to.
    """
    if shutil.which("git") is None:
        raise no_git()
    with _directory() as desk, StandIn(port=port, fork_delay=0.6) as stand_in:
        world = stand_in.world
        world.clock = lambda: TODAY
        world.account("demo-maintainer", name="A Maintainer of the Demo", email="maintainer@example.org")
        world.account("visitor", name="A Visitor", email="visitor@example.org")
        sources = desk / ".sources"
        built = upstreams.build(upstreams.templated(), sources / "image")
        upstreams.build(upstreams.official_images(built), sources / "official-images")
        image = world.repository(UPSTREAM, sources / "image", description="the image's repository")
        official = world.repository(OFFICIAL_IMAGES, sources / "official-images", description="the list")
        for repo in (image, official):
            repo.collaborators.add("demo-maintainer")
        with _surroundings(desk, stand_in, world.token("visitor")):
            _clone(stand_in, UPSTREAM, desk / IMAGE)
            _clone(stand_in, OFFICIAL_IMAGES, desk / "official-images")
            (desk / "Dockerfile").write_bytes(default_visitor() if visitor is None else visitor)
            _write_releases(desk / "port.json", later=False)
            yield Stage(stand_in, desk, image, official)


@contextlib.contextmanager
def _directory() -> Iterator[Path]:
    # No TemporaryDirectory: up to Python 3.11 it never ends on Windows where a file is still open.
    made = Path(tempfile.mkdtemp(prefix="contrib-demo-")).resolve()
    try:
        yield made
    finally:
        gc.collect()  # a command that failed leaves its repositories, and so git processes, to the collector
        remove_tree(made)


def default_visitor() -> bytes:
    """The Windows Dockerfile of the demo: what one writes on a first day with Windows containers."""
    return (files("contrib.sandbox") / "visitor" / "Dockerfile").read_bytes()


def _write_releases(path: Path, *, later: bool) -> None:
    def download(tag: str, name: str) -> str:
        return f"https://github.com/redis-windows/redis-windows/releases/download/{tag}/{name}"

    shaped = upstreams.releases_json(upstreams.port_releases(later=later), download)
    path.write_bytes(json.dumps(shaped, indent=1).encode())


def _clone(stand_in: StandIn, name: str, target: Path) -> None:
    import subprocess  # one git before there is a repository to open

    done = subprocess.run(
        ["git", "clone", "--quiet", f"{stand_in.url}/{name}.git", str(target)],
        env=git_environment(),
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise OutsideError(
            f"git clone failed: {done.stderr.decode(errors='replace').strip()}", kind="git", retry=True
        )


@contextlib.contextmanager
def _surroundings(desk: Path, stand_in: StandIn, token: str) -> Iterator[None]:
    """The environment and the current directory of the demo's commands, put back afterwards."""
    before, where = dict(os.environ), Path.cwd()
    for name in list(os.environ):
        if name.startswith(("CONTRIB_", "GIT_", "GH_")) or name == "GITHUB_TOKEN":
            del os.environ[name]
    empty = desk / ".gitconfig"
    empty.write_bytes(b"[user]\n\tname = A Visitor\n\temail = visitor@example.org\n")
    os.environ |= {
        "CONTRIB_GITHUB_URL": stand_in.url,
        "CONTRIB_GITHUB_TOKEN": token,
        "CONTRIB_TODAY": TODAY.date().isoformat(),
        "GIT_CONFIG_GLOBAL": str(empty),
        # git 2.31 does not know GIT_CONFIG_GLOBAL yet, and looks here.
        "HOME": str(desk),
        "XDG_CONFIG_HOME": str(desk / ".config"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "NO_PROXY": "127.0.0.1",
    }
    os.chdir(desk)
    try:
        yield
    finally:
        os.chdir(where)
        os.environ.clear()
        os.environ |= before
