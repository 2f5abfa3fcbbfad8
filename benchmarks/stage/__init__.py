"""What `requests` and `faults` share: the stand-in with the demo's repositories, and whole processes of contrib."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from contrib.sandbox import upstreams
from contrib.sandbox.github import StandIn
from contrib.sandbox.model import Repo


@dataclass(frozen=True)
class Upstreams:
    """The contents of the two repositories, made once."""

    image: Path
    official: Path

    @classmethod
    def build(cls, root: Path) -> Upstreams:
        """Make them."""
        made = cls(root / "redis.git", root / "official.git")
        ids = upstreams.build(upstreams.templated(), made.image)
        upstreams.build(upstreams.official_images(ids), made.official)
        return made


class Stage:
    """A stand-in with both repositories on it, and a person with a token.

    :param root: a directory of its own: version sources, cache, temporary files.
    """

    def __init__(self, root: Path, stand_in: StandIn, sources: Upstreams) -> None:
        self.root = root
        self.stand_in = stand_in
        self.world = stand_in.world
        self.image: Repo = self.world.repository("docker-library/redis", sources.image)
        self.official: Repo = self.world.repository("docker-library/official-images", sources.official)
        self.maintainer = self.world.account("maintainer")
        self.temporary = root / "tmp"
        self.temporary.mkdir(parents=True)
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("CONTRIB_", "GIT_", "GH_", "GITHUB_"))
            },
            "CONTRIB_GITHUB_URL": stand_in.url,
            "CONTRIB_GITHUB_TOKEN": self.world.token("petra"),
            "CONTRIB_UPSTREAM": str(sources.image),
            "CONTRIB_OFFICIAL_IMAGES": str(sources.official),
            "CONTRIB_NO_DOWNLOAD": "1",
            "CONTRIB_TODAY": "2024-06-05",
            "GIT_AUTHOR_NAME": "Petra Porter",
            "GIT_AUTHOR_EMAIL": "petra@example.com",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "XDG_CACHE_HOME": str(root / "cache"),
            "TMPDIR": str(self.temporary),
        }
        self.release(later=False)

    def release(self, *, later: bool) -> None:
        """The port's releases, and Linux's. :param later: with the next one."""
        releases = upstreams.releases_json(
            upstreams.port_releases(later=later), lambda tag, name: f"https://example.com/{name}"
        )
        (self.root / "port.json").write_text(json.dumps(releases), encoding="utf-8")
        (self.root / "hashes").write_bytes(upstreams.redis_hashes(later=later))

    def arguments(self, command: str, *words: str) -> list[str]:
        """``COMMAND redis WORDS`` with the version sources."""
        sources = [f"--source=port={self.root / 'port.json'}", f"--source=hashes={self.root / 'hashes'}"]
        return [command, "redis", *words, *([] if command == "doctor" else sources)]

    def run(self, command: str, *words: str) -> tuple[int, str, str]:
        """Run ``contrib COMMAND redis WORDS``; gives exit code, stdout, stderr."""
        done = subprocess.run(
            [sys.executable, "-m", "contrib", *self.arguments(command, *words)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def merge(self, repo: Repo, number: int) -> None:
        """What the maintainer does."""
        self.world.merge(self.world.pull(repo, number), self.maintainer)
