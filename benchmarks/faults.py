"""The fault matrix with whole processes: a kill, or a fault, at every request of a first run.

    python -m benchmarks.faults [--family kill-before] [--at 7]

Requests are REST and git over HTTP, counted together in the order in which they come. Each point begins with a GitHub
of its own. The run is killed (SIGKILL, its whole process group) before the request has its effect, when it has it and
the answer is not sent, or after the answer; or the request meets one of eleven faults, once. Then the same command runs
again until a run ends with 0, and once more, which must write nothing. What counts: one fork, one branch, one pull
request, no traceback, no temporary directory left.

A run begins with what is at the forge, and with nothing else: of points that leave the same there, the next runs are
looked at once. `--every` looks at all of them. The processes are forked from one that has imported contrib
(:mod:`benchmarks.stage.zygote`).
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import measuring
from benchmarks.stage import Stage, Upstreams
from contrib.sandbox.github import StandIn
from contrib.sandbox.objects import references
from contrib.sandbox.rest import Answer, Request

KILLS = ("kill-before", "kill-during", "kill-after")
RATE_LIMIT = "API rate limit exceeded for user ID 1."
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


def _refused(status: int, message: str, **headers: str) -> Callable[[], Answer]:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return lambda: Answer(status, {"message": message}, headers=dict(named))


def _dropped() -> Answer:
    raise ConnectionError("dropped on purpose")


@dataclass(frozen=True)
class Fault:
    """What a request meets.

    :param answer: in place of GitHub's. :param effect: the request has its effect all the same.
    :param alters: changes the true answer, for REST; git gets half of it.
    """

    answer: Callable[[], Answer] | None = None
    effect: bool = False
    alters: Callable[[bytes], bytes] | None = None


FAULTS: dict[str, Fault] = {
    "reset": Fault(_dropped),
    "lost-answer": Fault(_dropped, effect=True),
    "500": Fault(_refused(500, "Server Error")),
    "502": Fault(_refused(502, "Server Error")),
    "502-after-effect": Fault(_refused(502, "Server Error"), effect=True),
    "429": Fault(_refused(429, "Too many requests")),
    "429-retry-after": Fault(_refused(429, "Too many requests", Retry_After="1")),
    "403-primary": Fault(_refused(403, RATE_LIMIT, X_RateLimit_Remaining="0", X_RateLimit_Reset="1")),
    "403-secondary": Fault(_refused(403, SECONDARY, Retry_After="1")),
    "cut-body": Fault(alters=lambda body: body[: len(body) // 2]),
    "short-json": Fault(alters=lambda body: b'{"id": 1, "na'),
}


@dataclass
class Point:
    """One request of one run, and what befalls it.

    :param family: a kill or a fault. :param at: number of the request, from 0; -1 lets everything through.
    """

    stage: Stage
    family: str
    at: int
    seen: list[str] = field(default_factory=list)
    pid: int = 0
    _push: bool = False
    _ready: threading.Event = field(default_factory=threading.Event)

    def rest(self, request: Request) -> Answer | None:
        """The hook for REST."""
        if not self._mine(f"{request.method} {request.path}"):
            return None
        if self.family in KILLS:
            return self._killed(lambda: self.stage.stand_in.rest.answer(request))
        fault = FAULTS[self.family]
        if fault.effect:
            self.stage.stand_in.rest.answer(request)
        if fault.alters is not None:
            true = self.stage.stand_in.rest.answer(request)
            return Answer(true.status, body=fault.alters(true.content()))
        assert fault.answer is not None
        return fault.answer()

    def git(self, path: str, service: str) -> Answer | None:
        """The hook for git; only a push has an effect, and :meth:`pushed` comes after that."""
        mine = self._mine(f"git {path} {service}")
        self._push = mine and path.endswith("/git-receive-pack")
        late = self.family == "kill-during" or (self.family in FAULTS and FAULTS[self.family].effect)
        if not mine or (self._push and late):
            return None
        if self.family in KILLS:
            return self._killed(None)
        return self._faulty(FAULTS[self.family])

    def pushed(self, path: str, service: str) -> Answer | None:
        """The hook for a push that has had its effect."""
        if not self._push:
            return None
        if self.family == "kill-during":
            return self._killed(None)
        if self.family in FAULTS and FAULTS[self.family].effect:
            return self._faulty(FAULTS[self.family])
        return None

    @staticmethod
    def _faulty(fault: Fault) -> Answer:
        """For git: what alters an answer gives it the beginning of one."""
        if fault.alters is not None:
            return Answer(200, body=fault.alters(b"001e# service=git-upload-pack\n"), kind="text/plain")
        assert fault.answer is not None
        return fault.answer()

    def _mine(self, what: str) -> bool:
        number = len(self.seen)
        self.seen.append(what)
        return number == self.at

    def _killed(self, effect: Callable[[], object] | None) -> Answer | None:
        if self.family == "kill-after":
            self._kill_later(0.02)
            return None
        if effect is not None and self.family == "kill-during":
            effect()
        self._kill()
        raise ConnectionError("killed on purpose")

    def _kill(self) -> None:
        self._ready.wait(10)
        os.killpg(self.pid, signal.SIGKILL)

    def _kill_later(self, seconds: float) -> None:
        def kill() -> None:
            time.sleep(seconds)
            with suppress(ProcessLookupError):
                self._kill()

        threading.Thread(target=kill, daemon=True).start()

    def run(self, processes: Processes) -> tuple[int, str]:
        """The first run: exit code and what it said."""
        self.pid = processes.start(self.stage, "pr", "--yes")
        self._ready.set()
        return processes.ended()


class Processes:
    """Starts commands from one process that has imported what they import."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._zygote: subprocess.Popen[str] | None = None
        self._modules: list[str] = []

    def start(self, stage: Stage, command: str, *words: str) -> int:
        """Start ``contrib COMMAND redis WORDS``; gives its process id."""
        if self._zygote is None:
            self._zygote = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.stage.zygote", *self._modules],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        asked = {
            "argv": stage.arguments(command, *words),
            "environment": stage.environment,
            "out": str(self._root / "out"),
            "err": str(self._root / "err"),
            "modules": "" if self._modules else str(self._root / "modules"),
        }
        assert self._zygote.stdin is not None and self._zygote.stdout is not None
        self._zygote.stdin.write(json.dumps(asked) + "\n")
        self._zygote.stdin.flush()
        return int(self._zygote.stdout.readline())

    def ended(self) -> tuple[int, str]:
        """Wait for the command; exit code and what it said."""
        assert self._zygote is not None and self._zygote.stdout is not None
        code = int(self._zygote.stdout.readline())
        said = "".join((self._root / name).read_text("utf-8", "replace") for name in ("out", "err"))
        if not self._modules:
            # From now on they are imported before.
            self._modules = (self._root / "modules").read_text("utf-8").split()
            self.close()
        return code, said

    def run(self, stage: Stage, command: str, *words: str) -> tuple[int, str]:
        """Start it and wait."""
        self.start(stage, command, *words)
        return self.ended()

    def close(self) -> None:
        """End the process that the others come from."""
        if self._zygote is not None:
            self._zygote.communicate()
            self._zygote = None


def left_at(stage: Stage) -> str:
    """All that a run has left at the forge."""
    world = stage.world
    refs = {name: references(repo.path) for name, repo in sorted(world.repos.items())}
    pulls = [
        (repo, pull.number, pull.head_sha, pull.title, pull.body, pull.state, pull.draft, len(pull.comments))
        for repo, found in world.pulls.items()
        for pull in found.values()
    ]
    return re.sub(r"http://127\.0\.0\.1:\d+", "", repr((refs, pulls)))


def judge(
    stage: Stage, first: tuple[int, str], processes: Processes, known: set[tuple[str, bool]] | None
) -> tuple[str, list[str]]:
    """``(how the first run ended, what is wrong)``; runs again until all is done, and once more.

    :param known: what runs have left from which the next ones are known to do it; None looks at all of them.
    """
    wrong: list[str] = []
    code, said = first
    begins = left_at(stage), code == 0
    ended = {0: "healed", 2: "refused", 3: "one sentence"}.get(code, "killed" if code < 0 else f"exit {code}")
    if "Traceback" in said:
        wrong.append("a traceback")
    if known is not None and begins in known:
        return ended, wrong
    runs = 1
    while code != 0 and runs < 4:
        code, more = processes.run(stage, "pr", "--yes")
        said += more
        runs += 1
    if code != 0:
        wrong.append(f"not healed after {runs} runs: {said[-300:]}")
    writes = len(stage.world.writes)
    code, more = processes.run(stage, "pr", "--yes")
    said += more
    if code != 0 or len(stage.world.writes) != writes:
        wrong.append(f"one more run: exit {code}, {len(stage.world.writes) - writes} writes")
    if "Traceback" in said:
        wrong.append("a traceback")
    world = stage.world
    forks = sorted(name for name in world.repos if name.startswith("petra/"))
    if forks != ["petra/redis"]:
        wrong.append(f"forks: {forks}")
    else:
        with world.repos["petra/redis"].git() as git:
            branches = [name for name in git.refs("refs/heads/") if "contrib" in name]
        if branches != ["refs/heads/contrib/redis-windows"]:
            wrong.append(f"branches: {branches}")
    pulls = len(world.pulls[stage.image.id]), len(world.pulls[stage.official.id])
    if pulls != (1, 0):
        wrong.append(f"pull requests: {pulls}")
    left = sorted(path.name for path in stage.temporary.iterdir())
    if left:
        wrong.append(f"left: {left}")
    if known is not None and not wrong:
        known |= {begins, (left_at(stage), True)}
    return ended, wrong


def main() -> None:
    """Play every point of the families, and count."""
    parser = measuring.parser(__doc__)
    families = (*KILLS, *FAULTS)
    parser.add_argument("--family", action="append", choices=families, help="only these; repeatable")
    parser.add_argument("--at", type=int, action="append", help="only these requests, from 0; repeatable")
    parser.add_argument("--every", action="store_true", help="look at the next runs of every point")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        raise SystemExit(
            play(Path(directory), arguments.family or families, arguments.at, every=arguments.every)
        )


def play(root: Path, families: Sequence[str], at: Sequence[int] | None, *, every: bool) -> int:
    """All points; gives the exit code: 1 where something was wrong."""
    sources = Upstreams.build(root)
    processes = Processes(root)
    known: set[tuple[str, bool]] | None = None if every else set()
    requests = point(root / "count", sources, "kill-before", -1, processes, known)[0].seen
    print(f"a first run sends {len(requests)} requests:")
    print("\n".join(f"  {number:2} {name}" for number, name in enumerate(requests)), flush=True)
    total: Counter[str] = Counter()
    failures = []
    for family in families:
        ends: Counter[str] = Counter()
        for number in at if at else range(len(requests)):
            here, ended, wrong = point(root / f"{family}-{number}", sources, family, number, processes, known)
            ends[ended] += 1
            if len(here.seen) <= number:
                wrong.append("the request did not come")
            if wrong:
                failures.append((family, number, wrong))
                print(f"  {family} at {number}: {'; '.join(wrong)}", flush=True)
        total += ends
        print(f"{family:18} {json.dumps(ends)}", flush=True)
    processes.close()
    print(f"{sum(total.values())} points: {json.dumps(total)}; {len(failures)} with something wrong")
    return 1 if failures else 0


def point(
    root: Path,
    sources: Upstreams,
    family: str,
    at: int,
    processes: Processes,
    known: set[tuple[str, bool]] | None,
) -> tuple[Point, str, list[str]]:
    """One point, in a world of its own."""
    with StandIn() as stand_in:
        stage = Stage(root, stand_in, sources)
        here = Point(stage, family, at)
        stand_in.hooks.append(here.rest)
        stand_in.git_hooks.append(here.git)
        stand_in.push_hooks.append(here.pushed)
        first = here.run(processes)
        stand_in.hooks.clear()
        stand_in.git_hooks.clear()
        stand_in.push_hooks.clear()
        if at < 0:
            if first[0] != 0:
                sys.exit(first[1])
            return here, "healed", []
        ended, wrong = judge(stage, first, processes, known)
    return here, ended, wrong


if __name__ == "__main__":
    main()
