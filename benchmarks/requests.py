"""Requests and seconds of `contrib pr`, `status` and `doctor` against the stand-in, with latency.

    python -m benchmarks.requests [--latency 0.1]

Whole processes, one after the other: a dry run, the first run, the second run, a refresh after a release, status,
the run that opens official-images' pull request, and a run when all is merged. REST and git over HTTP are counted apart.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from contrib.sandbox import upstreams
from contrib.sandbox.github import StandIn
from contrib.sandbox.rest import Answer, Request


def main() -> None:
    """Measure and print one line per run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds before each answer")
    parser.add_argument("--list", action="store_true", help="print every request")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, StandIn() as stand_in:
        measure(Path(directory), stand_in, arguments.latency, list_=arguments.list)


def measure(root: Path, stand_in: StandIn, latency: float, *, list_: bool) -> None:
    """The runs, in the order of a contribution's life."""
    ids = upstreams.build(upstreams.templated(), root / "redis.git")
    upstreams.build(upstreams.official_images(ids), root / "official.git")
    world = stand_in.world
    image = world.repository("docker-library/redis", root / "redis.git")
    official = world.repository("docker-library/official-images", root / "official.git")
    maintainer = world.account("maintainer")
    seen: list[str] = []

    def rest(request: Request) -> Answer | None:
        seen.append(f"{request.method} {request.path}")
        time.sleep(latency)
        return None

    def git(path: str, service: str) -> Answer | None:
        seen.append(f"git {path} {service}")
        time.sleep(latency)
        return None

    stand_in.hooks.append(rest)
    stand_in.git_hooks.append(git)
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CONTRIB_", "GIT_", "GH_", "GITHUB_"))
        },
        "CONTRIB_GITHUB_URL": stand_in.url,
        "CONTRIB_GITHUB_TOKEN": world.token("petra"),
        "CONTRIB_UPSTREAM": str(root / "redis.git"),
        "CONTRIB_OFFICIAL_IMAGES": str(root / "official.git"),
        "CONTRIB_NO_DOWNLOAD": "1",
        "CONTRIB_TODAY": "2024-06-05",
        "GIT_AUTHOR_NAME": "Petra Porter",
        "GIT_AUTHOR_EMAIL": "petra@example.com",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "XDG_CACHE_HOME": str(root / "cache"),
    }

    def port(later: bool) -> None:
        releases = upstreams.releases_json(
            upstreams.port_releases(later=later), lambda tag, name: f"https://example.com/{name}"
        )
        (root / "port.json").write_text(json.dumps(releases), encoding="utf-8")
        (root / "hashes").write_bytes(upstreams.redis_hashes(later=later))

    def run(name: str, *words: str) -> None:
        seen.clear()
        sources = (
            []
            if words[0] == "doctor"
            else [f"--source=port={root / 'port.json'}", f"--source=hashes={root / 'hashes'}"]
        )
        before = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "contrib", *words[:1], "redis", *words[1:], *sources],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        seconds = time.monotonic() - before
        kinds = Counter("git" if each.startswith("git ") else "rest" for each in seen)
        writes = sum(not each.startswith(("git ", "GET ")) for each in seen)
        print(
            f"{name:24} rc {done.returncode}  REST {kinds['rest']:3} ({writes} writes)  git {kinds['git']:3}  {seconds:5.1f} s",
            flush=True,
        )
        if list_:
            print("\n".join(f"    {each}" for each in seen))
        if done.returncode not in (0, 1):
            print(done.stderr, file=sys.stderr)

    port(later=False)
    run("dry run, nothing there", "pr", "--dry-run")
    run("first", "pr", "--yes")
    run("second", "pr", "--yes")
    run("status, A1 open", "status")
    run("doctor", "doctor")
    world.merge(world.pull(image, 1), maintainer)
    run("opens B", "pr", "--yes", "--continue")
    run("B open, nothing new", "pr", "--yes")
    run("status, B open", "status")
    world.merge(world.pull(official, 1), maintainer)
    run("all merged", "pr", "--yes")
    run("status, all merged", "status")
    port(later=True)
    run("refresh: a release", "pr", "--yes")


if __name__ == "__main__":
    main()
