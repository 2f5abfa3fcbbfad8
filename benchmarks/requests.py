"""Requests and seconds of `contrib pr`, `status` and `doctor` against the stand-in, with latency.

    python -m benchmarks.requests [--latency 0.1]

Whole processes, one after the other: a dry run, the first run, the second run, a refresh after a release, status,
the run that opens official-images' pull request, and a run when all is merged. REST and git over HTTP are counted apart.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks import measuring
from benchmarks.stage import Stage, Upstreams
from contrib.sandbox.github import StandIn
from contrib.sandbox.rest import Answer, Request


def main() -> None:
    """Measure and print one line per run."""
    parser = measuring.parser(__doc__)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds before each answer")
    parser.add_argument("--list", action="store_true", help="print every request")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, StandIn() as stand_in:
        root = Path(directory)
        stage = Stage(root, stand_in, Upstreams.build(root))
        measure(stage, arguments.latency, list_=arguments.list)


def measure(stage: Stage, latency: float, *, list_: bool) -> None:
    """The runs, in the order of a contribution's life."""
    seen: list[str] = []

    def rest(request: Request) -> Answer | None:
        seen.append(f"{request.method} {request.path}")
        time.sleep(latency)
        return None

    def git(path: str, service: str) -> Answer | None:
        seen.append(f"git {path} {service}")
        time.sleep(latency)
        return None

    stage.stand_in.hooks.append(rest)
    stage.stand_in.git_hooks.append(git)

    def run(name: str, *words: str) -> None:
        seen.clear()
        before = time.monotonic()
        code, _, err = stage.run(*words)
        seconds = time.monotonic() - before
        kinds = Counter("git" if each.startswith("git ") else "rest" for each in seen)
        writes = sum(not each.startswith(("git ", "GET ")) for each in seen)
        print(
            f"{name:24} rc {code}  REST {kinds['rest']:3} ({writes} writes)  git {kinds['git']:3}  {seconds:5.1f} s",
            flush=True,
        )
        if list_:
            print("\n".join(f"    {each}" for each in seen))
        if code not in (0, 1):
            print(err, file=sys.stderr)

    run("dry run, nothing there", "pr", "--dry-run")
    run("first", "pr", "--yes")
    run("second", "pr", "--yes")
    run("status, A1 open", "status")
    run("doctor", "doctor")
    stage.merge(stage.image, 1)
    run("opens B", "pr", "--yes", "--continue")
    run("B open, nothing new", "pr", "--yes")
    run("status, B open", "status")
    stage.merge(stage.official, 1)
    run("all merged", "pr", "--yes")
    run("status, all merged", "status")
    stage.release(later=True)
    run("refresh: a release", "pr", "--yes")


if __name__ == "__main__":
    main()
