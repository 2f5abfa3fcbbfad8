"""PEERS, table D: what goes wrong between us and GitHub, and what a person is told."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contrib.clients import commits
from contrib.clients.commits import ScratchStore
from contrib.clients.github import Addresses, GitHub, Token, connect
from contrib.pulls import marker
from contrib.pulls.carry_out import Patience, carry_out
from contrib.pulls.plan import make_plan
from contrib.sandbox.rest import Answer, Request
from contrib.values.errors import BadInput, OutsideError
from contrib.values.tree import FileChange
from tests.site import site

from .faults import SECONDARY, Fault, answering, every_write_stops, lost_answer, primary_limit

if TYPE_CHECKING:
    from .conftest import Bench

PULLS = "/repos/docker-library/redis/pulls"
FORKS = "/repos/docker-library/redis/forks"


def refused(bench: Bench, fault: object, **run: object) -> OutsideError:
    """Run with a fault and give what a person is told."""
    bench.stand_in.hooks.append(fault)  # type: ignore[arg-type]
    with pytest.raises(OutsideError) as raised:
        bench.run(bench.first(), **run)  # type: ignore[arg-type]
    assert bench.token not in str(raised.value) + str(raised.value.hint) + "".join(bench.said)
    return raised.value


def test_primary_limit_far_away_is_told_and_not_slept_through(bench: Bench) -> None:
    error = refused(bench, primary_limit(3000))
    assert error.kind == "rate-limit" and "starts anew at" in error.message
    assert bench.writes() == []


def test_primary_limit_that_ends_soon_is_waited_for(bench: Bench) -> None:
    bench.stand_in.hooks.append(primary_limit(0.2))
    assert bench.run(bench.first()).steps[0].number == 1
    assert any("slow down" in line for line in bench.said)


@pytest.mark.parametrize("headers", [{"Retry_After": "1"}, {}])
def test_secondary_limit_on_a_write(bench: Bench, headers: dict[str, str]) -> None:
    fault = Fault("POST", PULLS, answering(403, SECONDARY, **headers))
    bench.stand_in.hooks.append(fault)
    assert bench.run(bench.first()).steps[0].number == 1
    assert fault.fired == 1 and any("slow down" in line for line in bench.said)


def test_429_without_retry_after_is_no_failure(bench: Bench) -> None:
    fault = Fault("POST", FORKS, answering(429, "Too many requests"), times=2)
    bench.stand_in.hooks.append(fault)
    assert bench.run(bench.first()).steps[0].number == 1
    assert fault.fired == 2


def test_429_for_ever_ends(bench: Bench) -> None:
    error = refused(bench, Fault("POST", FORKS, answering(429, "Too many requests"), times=99))
    assert error.kind == "rate-limit"


def test_retry_after_an_hour_is_told(bench: Bench) -> None:
    error = refused(bench, Fault("POST", FORKS, answering(429, "Too many requests", Retry_After="3600")))
    assert error.kind == "rate-limit" and "3600 seconds" in error.message


def test_502_then_422(bench: Bench) -> None:
    fault = lost_answer(bench.stand_in, "POST", PULLS)
    bench.stand_in.hooks.append(fault)
    plan = bench.run(bench.first())
    assert (fault.fired, plan.steps[0].number) == (1, 1)
    assert len(bench.stand_in.world.pulls[bench.image.id]) == 1


def test_502_for_ever(bench: Bench) -> None:
    error = refused(bench, Fault("GET", "/repos/.*", answering(502, "Server Error"), times=99))
    assert error.kind == "github" and error.retry


def test_a_fork_that_git_finds_later_than_rest(bench: Bench) -> None:
    bench.stand_in.world.fork_delay = 0.4

    def early(request: Request) -> Answer | None:
        repo = bench.stand_in.world.repos.get("petra/redis")
        if repo is None or request.method != "GET" or request.path != "/repos/petra/redis":
            return None
        return Answer(200, bench.stand_in.shapes.repository(repo, request.viewer, whole=True))

    bench.stand_in.hooks.append(early)
    assert bench.run(bench.first()).steps[0].number == 1


def test_a_fork_that_takes_its_time(bench: Bench) -> None:
    bench.stand_in.world.fork_delay = 0.4
    assert bench.run(bench.first()).steps[0].number == 1
    assert "waiting for the fork petra/redis" in bench.said


def test_a_branch_that_rest_sees_late(bench: Bench) -> None:
    errors = [{"resource": "PullRequest", "field": "head", "code": "invalid"}]
    fault = Fault("POST", PULLS, answering(422, "Validation Failed", errors), times=2)
    bench.stand_in.hooks.append(fault)
    assert bench.run(bench.first()).steps[0].number == 1


def test_422_for_another_reason_is_told(bench: Bench) -> None:
    errors = [{"resource": "PullRequest", "code": "custom", "message": "was submitted too quickly"}]
    error = refused(bench, Fault("POST", PULLS, answering(422, "Validation Failed", errors), times=9))
    assert "was submitted too quickly" in error.message


def test_307_on_a_write_is_not_success(bench: Bench) -> None:
    address = f"{bench.stand_in.url}/api/v3/repositories/1/pulls"
    error = refused(
        bench, Fault("POST", PULLS, answering(307, "Temporary Redirect", Location=address), times=9)
    )
    assert "no pull request was opened" in error.message


def test_single_sign_on(bench: Bench) -> None:
    url = "https://github.com/orgs/docker-library/sso?authorization_request=x"
    fault = Fault(
        "POST", FORKS,
        answering(403, "Resource protected by organization SAML enforcement.", X_GitHub_SSO=f"required; url={url}"),
        times=9,
    )  # fmt: skip
    error = refused(bench, fault)
    assert error.kind == "single-sign-on" and error.hint == f"open {url}"


def test_a_fine_grained_token(bench: Bench) -> None:
    token = bench.stand_in.world.token("petra", None)
    with pytest.raises(OutsideError) as raised:
        bench.run(bench.first(), client=bench.client(token=token))
    assert raised.value.kind == "forbidden" and "fine-grained" in str(raised.value.hint)


def test_a_token_without_scopes(bench: Bench) -> None:
    token = bench.stand_in.world.token("petra", ())
    with pytest.raises(OutsideError) as raised:
        bench.run(bench.first(), client=bench.client(token=token))
    assert raised.value.kind == "not-found" and "public_repo" in str(raised.value.hint)


def test_a_wrong_token(bench: Bench) -> None:
    with pytest.raises(OutsideError) as raised:
        bench.run(bench.first(), client=bench.client(token="ghp_wrong"))
    assert raised.value.kind == "authentication" and "ghp_wrong" not in str(raised.value)


def test_no_connection(bench: Bench) -> None:
    github = GitHub(Addresses("http://127.0.0.1:9"), Token("ghp_x", "test"))
    with pytest.raises(OutsideError) as raised:
        bench.run(bench.first(), client=github)
    assert raised.value.kind == "network" and raised.value.exit_code == 3


def test_a_list_that_has_lost_its_filter(bench: Bench) -> None:
    """GitHub leaves out a filter that it does not understand and gives every pull request."""
    world = bench.stand_in.world
    other = world.account("otto")
    fork = world.fork(bench.image, other)
    world.commit(fork, "master", "Other", [FileChange("other", b"x")], other)
    world.open_pull(bench.image, other, head="otto:master", base="master", title="Not ours")

    def unfiltered(request: Request) -> Answer | None:
        request.query.pop("head", None)
        return None

    bench.stand_in.hooks.append(unfiltered)
    plan = bench.run(bench.first())
    assert plan.steps[0].operation.value == "create" and plan.steps[0].number == 2


def test_the_branch_changes_between_plan_and_push(bench: Bench) -> None:
    github = bench.client()
    proposal = bench.first()
    world = bench.stand_in.world
    fork = world.fork(bench.image, bench.account("petra"))
    with ScratchStore([proposal.objects]) as store:
        plan = make_plan([proposal], github, store, bench.settings())
        with fork.git() as git:
            git.run("update-ref", "refs/heads/contrib/redis", proposal.base_commit)
        with pytest.raises(OutsideError) as raised:
            carry_out(plan, github, store, patience=Patience(5, 0.05))
    assert raised.value.kind == "lease" and fork.head("contrib/redis") == proposal.base_commit


@pytest.mark.parametrize("had_effect", [True, False])
def test_a_push_whose_answer_is_cut(bench: Bench, monkeypatch: pytest.MonkeyPatch, had_effect: bool) -> None:
    """git waits for the rest of a cut answer without end: it is ended, and the branch is looked at."""
    monkeypatch.setitem(commits._NETWORK, "push", 0.7)
    cut = Answer(200, body=b"001e# service=git-rec", kind="text/plain")
    if had_effect:
        bench.stand_in.push_hooks.append(lambda path, service: cut)
    else:
        bench.stand_in.git_hooks.append(
            lambda path, service: cut if path.endswith("/git-receive-pack") else None
        )
    if had_effect:
        assert bench.run(bench.first()).steps[0].number == 1
        return
    with pytest.raises(OutsideError) as raised:
        bench.run(bench.first())
    assert raised.value.kind in ("deadline", "network") and raised.value.retry
    bench.stand_in.git_hooks.clear()
    assert bench.run(bench.first()).steps[0].number == 1


@pytest.mark.parametrize("limit", range(4))
def test_interrupted_anywhere_it_is_taken_up(bench: Bench, limit: int) -> None:
    hook = every_write_stops(limit)
    bench.stand_in.hooks.append(hook)
    try:
        bench.run(bench.first(), then=(bench.second(),), early=True)
    except OutsideError as error:
        assert error.kind == "network"
    bench.stand_in.hooks.clear()
    bench.run(bench.first(), then=(bench.second(),), early=True)
    world = bench.stand_in.world
    assert len(world.pulls[bench.image.id]) == len(world.pulls[bench.official.id]) == 1
    assert sorted(world.repos) == [
        "docker-library/official-images", "docker-library/redis", "petra/official-images", "petra/redis",
    ]  # fmt: skip
    before = bench.writes()
    bench.run(bench.first(), then=(bench.second(),), early=True)
    assert bench.writes() == before


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("[remote rejected] (refusing to allow an OAuth App to create or update workflow `.github/workflows/ci.yml` "
         "without `workflow` scope)", "workflow-scope"),
        ("[remote rejected] (protected branch hook declined)", "rejected"),
    ],
)  # fmt: skip
def test_a_push_that_github_refuses(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, said: str, kind: str
) -> None:
    run = ScratchStore._git

    def refusing(self: ScratchStore, *arguments: str, **more: object) -> tuple[int, bytes, bytes]:
        if arguments[0] == "push":
            line = f"!\tabc:refs/heads/contrib/redis\t{said}"
            return 1, f"To somewhere\n{line}\nDone\n".encode(), b"error: failed to push some refs"
        return run(self, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ScratchStore, "_git", refusing)
    with pytest.raises(OutsideError) as raised:
        bench.run(bench.first())
    assert raised.value.kind == kind
    assert len(bench.stand_in.world.pulls[bench.image.id]) == 0


@pytest.mark.parametrize("touched", [False, True])
def test_without_the_workflow_scope_it_builds_on_what_the_fork_has(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, touched: bool
) -> None:
    """Upstream has changed a workflow since the fork was made."""
    world = bench.stand_in.world
    world.fork(bench.image, bench.account("petra"))
    old = bench.image.head("master")
    path = "7.2/windows/Dockerfile" if touched else "README.md"
    changes = [FileChange(".github/workflows/ci.yml", b"new"), FileChange(path, b"other")]
    world.commit(bench.image, "master", "CI", changes, bench.account("maintainer"))
    run = ScratchStore._git

    def refusing(self: ScratchStore, *arguments: str, **more: object) -> tuple[int, bytes, bytes]:
        pushed = arguments[-1].split(":")[0]
        if arguments[0] == "push" and ".github/workflows/ci.yml" in self.entries(pushed):
            return (
                1,
                b"!\ta:b\t[remote rejected] (refusing to allow ... workflow ... without `workflow` scope)",
                b"",
            )
        return run(self, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ScratchStore, "_git", refusing)
    if touched:
        with pytest.raises(OutsideError) as raised:
            bench.run(bench.first())
        assert raised.value.kind == "workflow-scope"
        return
    plan = bench.run(bench.first())
    pull = bench.pull(bench.image, 1)
    assert plan.steps[0].head_sha == pull.head_sha
    with bench.image.git() as git:
        commit = git.commit(pull.head_sha)
        assert commit.parents == (old,) and commit.author.email == "petra@example.com"
        assert git.tree(pull.head_sha).read("7.2/windows/Dockerfile") == b"FROM windows\n"
    again = bench.run(bench.first())
    assert again.steps[0].operation.value == "none"


def test_a_text_that_is_too_long_is_cut(bench: Bench) -> None:
    body = (
        "# Report\n\n<details>\n<summary>x</summary>\n\n```\n"
        + "line of a very long report\n" * 5000
        + "```\n\n</details>\n"
    )
    bench.run(bench.first(body=body))
    written = bench.pull(bench.image, 1).body
    assert len(written) <= marker.LONGEST_BODY
    text, known = marker.read(written)
    assert known is not None and "Cut here" in text
    assert text.count("```") % 2 == 0 and text.count("<details>") == text.count("</details>")
    assert bench.run(bench.first(body=body)).steps[0].operation.value == "none"


def test_a_dry_run_reads_with_get_alone(bench: Bench) -> None:
    seen: list[str] = []
    bench.stand_in.hooks.append(lambda request: seen.append(request.method))  # type: ignore[arg-type, func-returns-value]
    bench.run(bench.first(), then=(bench.second(),), early=True, dry_run=True)
    assert set(seen) == {"GET"} and bench.writes() == []
    assert bench.stand_in.world.find("petra", "redis") is None


def test_the_token_is_nowhere(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    plan = bench.run(bench.first(), then=(bench.second(),))
    said = caplog.text + "".join(bench.said) + json.dumps(plan.as_json(outcome=True)) + repr(plan)
    assert bench.token not in said
    client = connect(bench.stand_in.url, Token(bench.token, "the test"), dry_run=False)
    assert bench.token not in repr(vars(client)) and bench.token not in repr(Token(bench.token, "x"))
    assert bench.token not in json.dumps(dict(os.environ))


def test_archived(bench: Bench) -> None:
    bench.image.archived = True
    with pytest.raises(BadInput, match="archived"):
        bench.run(bench.first())


def test_not_there(bench: Bench) -> None:
    with pytest.raises(OutsideError) as raised:
        bench.run(replace(bench.first(), repository="docker-library/nothing"))
    assert raised.value.kind == "not-found"


def test_a_fork_whose_parent_is_not_told(bench: Bench) -> None:
    bench.stand_in.world.fork(bench.image, bench.account("petra"))

    def untold(request: Request) -> Answer | None:
        answer = bench.stand_in.rest.answer(request) if request.path == "/repos/petra/redis" else None
        if answer is not None:
            for name in ("parent", "source"):
                answer.json.pop(name)
        return answer

    bench.stand_in.hooks.append(untold)
    dry = bench.run(bench.first(), dry_run=True)
    assert not dry.steps[0].needs_fork and dry.steps[0].head_repository == "petra/redis"


def test_a_github_that_tells_less(bench: Bench) -> None:
    """What is good to know and not told is no reason to stop."""
    from contrib.pulls.status import status

    less = re.compile(r".*/(issues|files|check-runs|status|reviews|comments|actions|permissions|forks)(/.*)?")

    def silent(request: Request) -> Answer | None:
        return (
            Answer(404, {"message": "Not Found"})
            if request.method == "GET" and less.match(request.path)
            else None
        )

    bench.stand_in.hooks.append(silent)
    bench.run(bench.first(), then=(bench.second(),))
    pull = bench.pull(bench.image, 1)
    found = status(
        bench.client(),
        "redis",
        ["docker-library/redis"],
        "docker-library/official-images",
        "petra",
        "contrib pr redis",
    )
    (one,) = found.standings  # found by its marker: the branch of these tests has another name
    assert one.pull is not None and one.checks == () and one.remarks == ()
    bench.stand_in.world.edit_pull(pull, pull.author, state="closed")
    with pytest.raises(BadInput, match="closed unmerged by somebody"):
        bench.run(bench.first())


@pytest.mark.parametrize("root", ["", "/api/v3"])
def test_a_server_with_its_interface_at_the_root(root: str) -> None:
    user = {f"{root}/user": b'{"login": "petra", "id": 1, "url": "x"}'}
    with site(user, missing=b'{"message": "Not Found"}') as address:
        viewer = connect(address, Token("ghx_1", "test"), dry_run=True).viewer()
    assert viewer is not None and (viewer.login, viewer.kind, viewer.scopes) == ("petra", "unknown", None)
