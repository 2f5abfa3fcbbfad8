"""The fault matrix: a kill or a fault at every request and git operation of a run, and what the next run makes of it.

Enumerated, not sampled; one process for each family. What a run leaves at the forge is all that the next one begins
with: of the many points that leave the same, the next run is looked at once. `benchmarks/faults.py` does the same with
whole processes, and every next run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import requests.adapters

from contrib.clients import commits
from contrib.sandbox.objects import references
from contrib.sandbox.rest import Answer, Request
from contrib.values.errors import BadInput, OutsideError

from .faults import RATE_LIMIT, SECONDARY

if TYPE_CHECKING:
    from .conftest import Bench

Make = Callable[[], Any]


class Killed(BaseException):
    """SIGKILL: nothing of the program runs after it but what holds its files."""


class Operations:
    """Counts what goes over the network, and kills the run at one of them.

    :param at: number of the operation, from 0. :param when: ``before`` it, ``during`` (its effect is there and its
        answer is not), ``after``.
    """

    def __init__(self, at: int | None = None, when: str = "") -> None:
        self.at, self.when, self.seen = at, when, 0

    @contextmanager
    def installed(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operations]:
        send, run = requests.adapters.HTTPAdapter.send, commits._run
        network = {"ls-remote", "fetch", "push"}

        def sending(adapter: Any, *arguments: Any, **named: Any) -> Any:
            return self.one(lambda: send(adapter, *arguments, **named))

        def running(git_dir: Any, arguments: list[str], **named: Any) -> Any:
            if not network & set(arguments[:1]):
                return run(git_dir, arguments, **named)
            return self.one(lambda: run(git_dir, arguments, **named))

        with monkeypatch.context() as patch:
            patch.setattr(requests.adapters.HTTPAdapter, "send", sending)
            patch.setattr(commits, "_run", running)
            yield self

    def one(self, operation: Callable[[], Any]) -> Any:
        number, self.seen = self.seen, self.seen + 1
        if number != self.at:
            return operation()
        if self.when == "before":
            raise Killed
        answer = operation()
        if self.when == "during":
            del answer
        raise Killed


def whole(bench: Bench, *, early: bool) -> None:
    bench.run(bench.first(), then=(bench.following(),), early=early)


def left_at(bench: Bench) -> str:
    """All that a run has left at the forge."""
    world = bench.stand_in.world
    refs = {name: references(repo.path) for name, repo in sorted(world.repos.items())}
    pulls = [
        (
            repo,
            pull.number,
            pull.head_sha,
            pull.title,
            pull.body,
            pull.state,
            pull.draft,
            [c.body for c in pull.comments],
        )
        for repo in (bench.image.id, bench.official.id)
        for pull in world.pulls[repo].values()
    ]
    issues = {repo: len(found) for repo, found in world.issues.items()}
    return repr((refs, pulls, issues))


#: What a run has left, and whether it was with ``--early``: of these it is known that the next run heals them.
Known = set[tuple[str, bool]]


@pytest.fixture(scope="module")
def known() -> Known:
    return set()


def healed(bench: Bench, known: Known, *, early: bool, complete: bool = False) -> None:
    """The next run does the rest, once; the one after that writes nothing.

    :param complete: the run came to its end in spite of the fault: already the next one writes nothing.
    """
    left = left_at(bench), early
    if left not in known:
        if not complete:
            whole(bench, early=early)
        writes = bench.writes()
        whole(bench, early=early)
        assert bench.writes() == writes
        once(bench, early=early)
        known |= {left, (left_at(bench), early)}
    if complete:
        once(bench, early=early)


def once(bench: Bench, *, early: bool) -> None:
    """One fork, one branch, one pull request of each."""
    world = bench.stand_in.world
    wanted = 1 if early else 0
    assert len(world.pulls[bench.image.id]) == 1 and len(world.pulls[bench.official.id]) == wanted
    forks = sorted(name for name in world.repos if name.startswith("petra/"))
    assert forks == (["petra/official-images", "petra/redis"] if early else ["petra/redis"])
    for name in forks:
        heads = [ref for ref in references(world.repos[name].path, "refs/heads/") if "contrib" in ref]
        assert heads == ["refs/heads/contrib/redis"]


def count(benches: Make, monkeypatch: pytest.MonkeyPatch, *, early: bool) -> int:
    bench = benches()
    with Operations().installed(monkeypatch) as operations:
        whole(bench, early=early)
    return operations.seen


@pytest.mark.usefixtures("without_git")
@pytest.mark.parametrize(
    ("when", "early"), [("before", True), ("during", True), ("after", True), ("during", False)]
)
def test_killed_at_every_operation(
    benches: Make, known: Known, monkeypatch: pytest.MonkeyPatch, when: str, early: bool
) -> None:
    """With --early both pull requests are made: every operation of a run without it is among those."""
    total = count(benches, monkeypatch, early=early)
    assert total >= 10
    for at in range(total):
        bench = benches()
        with Operations(at, when).installed(monkeypatch), pytest.raises(Killed):
            whole(bench, early=early)
        healed(bench, known, early=early)


def _refusing(status: int, message: str, **headers: str) -> Callable[[Bench, Request], Answer]:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return lambda bench, request: Answer(status, {"message": message}, headers=dict(named))


def _lost(bench: Bench, request: Request) -> Answer:
    bench.stand_in.rest.answer(request)
    raise ConnectionError("dropped after the effect")


def _reset(bench: Bench, request: Request) -> Answer:
    raise ConnectionError("dropped before the effect")


def _bad_gateway_after(bench: Bench, request: Request) -> Answer:
    bench.stand_in.rest.answer(request)
    return Answer(502, {"message": "Server Error"})


def _cut(bench: Bench, request: Request) -> Answer:
    answer = bench.stand_in.rest.answer(request)
    return Answer(answer.status, body=answer.content()[:40], headers={"X-Cut": "1"})


def _shape(value: bytes) -> Callable[[Bench, Request], Answer]:
    def answer(bench: Bench, request: Request) -> Answer:
        done = bench.stand_in.rest.answer(request)
        return Answer(done.status, body=value)

    return answer


FAULTS: dict[str, Callable[[Bench, Request], Answer]] = {
    "reset": _reset,
    "lost-answer": _lost,
    "500": _refusing(500, "Server Error"),
    "502": _refusing(502, "Server Error"),
    "502-after-effect": _bad_gateway_after,
    "429": _refusing(429, "Too many requests"),
    "429-retry-after": _refusing(429, "Too many requests", Retry_After="1"),
    "403-primary": _refusing(403, RATE_LIMIT, X_RateLimit_Remaining="0", X_RateLimit_Reset="1"),
    "403-secondary": _refusing(403, SECONDARY, Retry_After="1"),
    "cut-body": _cut,
    "short-json": _shape(b'{"id": 1, "na'),
}
#: JSON of another shape, one after the other: a request meets another one each time.
SHAPES = [b"null", b"[]", b'"x"', b"<html>Sign in</html>", b"{}", b"[null]", b"[1]", b"true"]


@pytest.mark.usefixtures("without_git", "without_waiting")
@pytest.mark.parametrize("name", [*FAULTS, "odd-shapes"])
def test_a_fault_at_every_rest_request(benches: Make, known: Known, name: str) -> None:
    at, fired = 0, True
    while fired:
        fired = False
        bench = benches()
        seen = 0

        def hook(request: Request, bench: Bench = bench, at: int = at) -> Answer | None:
            nonlocal seen, fired
            seen += 1
            if seen - 1 != at:
                return None
            fired = True
            if name == "odd-shapes":
                return _shape(SHAPES[at % len(SHAPES)])(bench, request)
            return FAULTS[name](bench, request)

        bench.stand_in.hooks.append(hook)
        complete = False
        try:
            whole(bench, early=False)
            complete = True
        except (OutsideError, BadInput) as error:
            assert error.exit_code in (2, 3) and "\n" not in error.message and len(error.message) < 400
        bench.stand_in.hooks.clear()
        healed(bench, known, early=False, complete=complete)
        at += 1
    assert at > 8


GIT_FAULTS = {"reset": None, "500": 500, "502": 502, "403": 403, "429": 429}


@pytest.mark.parametrize("name", [*GIT_FAULTS, "lost-answer"])
def test_a_fault_at_every_git_request(benches: Make, known: Known, name: str) -> None:
    """One failure of git's transport heals by itself: it is tried again, as REST is."""
    at, fired = 0, True
    while fired:
        fired = False
        bench = benches()
        seen = 0

        def faulty() -> Answer:
            status = GIT_FAULTS.get(name)
            if status is None:
                raise ConnectionError("dropped")
            text = SECONDARY if name in ("403", "429") else "error"
            return Answer(status, body=text.encode(), kind="text/plain")

        def hook(path: str, service: str, at: int = at) -> Answer | None:
            nonlocal seen, fired
            seen += 1
            if seen - 1 != at:
                return None
            fired = True
            return None if name == "lost-answer" and path.endswith("/git-receive-pack") else faulty()

        bench.stand_in.git_hooks.append(hook)
        if name == "lost-answer":
            bench.stand_in.push_hooks.append(lambda path, service: faulty() if fired else None)  # noqa: B023
        complete = False
        try:
            whole(bench, early=False)
            complete = True
        except OutsideError as error:
            assert name in ("403", "429"), error
            assert error.kind in ("rate-limit", "authentication")
        bench.stand_in.git_hooks.clear()
        bench.stand_in.push_hooks.clear()
        healed(bench, known, early=False, complete=complete)
        at += 1
    assert at > 3
