"""The chain from a plan to merged pull requests, on the stand-in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contrib.clients.github import DryRunWrite
from contrib.pulls import marker
from contrib.pulls.carry_out import Patience
from contrib.pulls.model import Operation
from contrib.pulls.sections import OWN, Section, plain
from contrib.values.errors import BadInput, OutsideError
from contrib.values.guards import Stopped

if TYPE_CHECKING:
    from .conftest import Bench


pytestmark = pytest.mark.usefixtures("without_git", "without_waiting")


def operations(plan: object) -> list[str]:
    return [step.operation.value for step in plan]  # type: ignore[attr-defined]


def test_the_whole_chain(bench: Bench) -> None:
    plan = bench.run(bench.first(), then=(bench.second(),))
    assert operations(plan) == ["create", "none"]
    first, second = plan.steps
    assert first.url == f"{bench.stand_in.url}/docker-library/redis/pull/1"
    assert plan.reason(second) == "waits for docker-library/redis#1"
    assert plan.next == "when docker-library/redis#1 is merged: contrib pr redis --continue"
    pull = bench.pull(bench.image, 1)
    assert pull.head_sha == first.head_sha
    assert (pull.title, pull.author.login, pull.head_repo.full_name) == (
        "Add Windows variants",
        "petra",
        "petra/redis",
    )
    text, mark = marker.read(pull.body)
    assert plain(text) == "A body.\n" and mark is not None and mark.head == pull.head_sha

    writes = bench.writes()
    again = bench.run(bench.first(), then=(bench.second(),))
    assert operations(again) == ["none", "none"]
    assert "is open and up to date" in again.steps[0].reason
    assert bench.writes() == writes, "a second run changes nothing"

    bench.merge(bench.image, 1)
    after = bench.run(bench.first(), then=(bench.second(),))
    assert operations(after) == ["none", "create"]
    assert after.steps[0].merged and "merged: docker-library/redis#1" in after.steps[0].reason
    assert bench.pull(bench.official, 1).title == "Update redis"
    bench.merge(bench.official, 1)


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_b_names_the_commit_that_upstream_has(bench: Bench, method: str) -> None:
    bench.run(bench.first(), then=(bench.second(),))
    bench.stand_in.world.commit(
        bench.image, "master", "Meanwhile", [_change("other", b"x")], bench.account("maintainer")
    )
    bench.merge(bench.image, 1, method)
    bench.run(bench.first(), then=(bench.second(),))
    with bench.official.git() as git:
        content = git.tree(bench.pull(bench.official, 1).head_sha).read("library/redis") or b""
    commit = content.decode().split("GitCommit: ")[1].strip()
    with bench.image.git() as git:
        head = bench.image.head("master")
        assert head is not None and git.is_ancestor(commit, head)


def _change(path: str, content: bytes | None) -> Any:
    from contrib.values.tree import FileChange

    return FileChange(path, content)


def test_a_dry_run_writes_nothing(bench: Bench) -> None:
    plan = bench.run(bench.first(), then=(bench.second(),), dry_run=True)
    assert operations(plan) == ["create", "none"]
    assert plan.steps[0].needs_fork
    assert bench.writes() == []
    assert list(plan.as_json()) == ["plan", "next", "notes", "guards", "requests"]
    assert list(plan.as_json()["plan"][0]) == [
        "repo",
        "base",
        "branch",
        "commits",
        "title",
        "operation",
        "reason",
    ]
    with pytest.raises(DryRunWrite):
        bench.client(dry_run=True).create_fork("docker-library/redis")


def test_early_opens_b_as_a_draft_and_makes_it_ready_after_the_merge(bench: Bench) -> None:
    plan = bench.run(bench.first(), then=(bench.second(),), early=True)
    assert operations(plan) == ["create", "create"]
    assert bench.pull(bench.official, 1).draft
    # without --early, later: still waits, still a draft, nothing to do
    assert operations(bench.run(bench.first(), then=(bench.second(),))) == ["none", "none"]
    bench.merge(bench.image, 1, "squash")
    after = bench.run(bench.first(), then=(bench.second(),))
    assert operations(after) == ["none", "update"]
    assert set(after.steps[1].edits) >= {"ready"} and after.steps[1].push
    assert not bench.pull(bench.official, 1).draft
    assert operations(bench.run(bench.first(), then=(bench.second(),))) == ["none", "none"]


def test_new_contents_update_the_same_pull_request(bench: Bench) -> None:
    bench.run(bench.first())
    plan = bench.run(bench.first("FROM windows2\n", title="Other title", body="Other body"))
    assert operations(plan) == ["update"]
    pull = bench.pull(bench.image, 1)
    assert pull.title == "Other title" and plain(marker.read(pull.body)[0]) == "Other body\n"
    with bench.image.git() as git:
        assert git.tree(pull.head_sha).read("7.2/windows/Dockerfile") == b"FROM windows2\n"
    assert operations(bench.run(bench.first("FROM windows2\n", title="Other title", body="Other body"))) == [
        "none"
    ]


def test_what_a_person_has_edited_stays(bench: Bench) -> None:
    bench.run(bench.first())
    pull = bench.pull(bench.image, 1)
    bench.stand_in.world.edit_pull(
        pull, pull.author, title="[WIP] mine", body=pull.body.replace("A body.", "A better body.")
    )
    plan = bench.run(bench.first("FROM windows2\n", title="Other title", body="Other body"))
    assert plan.steps[0].operation is Operation.UPDATE and plan.steps[0].push
    assert pull.title == "[WIP] mine" and "A better body." in pull.body
    assert f'"head": "{pull.head_sha}"' in pull.body
    assert operations(bench.run(bench.first("FROM windows2\n", title="Other title", body="Other body"))) == [
        "none"
    ]


def test_a_whole_text_of_a_persons_own_stays(bench: Bench) -> None:
    mine = (Section(OWN, "All mine."),)
    bench.run(bench.first(sections=mine, given=("text",)))
    pull = bench.pull(bench.image, 1)
    assert pull.body.startswith("All mine.\n")
    assert operations(bench.run(bench.first(sections=mine, given=("text",)))) == ["none"]
    assert operations(bench.run(bench.first(body="Ours"))) == ["none"], "without the option it stays"
    changed = (Section(OWN, "All mine, again."),)
    assert operations(bench.run(bench.first(sections=changed, given=("text",)))) == ["update"]
    assert pull.body.startswith("All mine, again.\n")
    bench.stand_in.world.edit_pull(pull, pull.author, body="Edited on the web.\n" + pull.body)
    for _ in range(2):
        bench.run(bench.first("FROM windows2\n", sections=mine, given=("text",)))
        assert pull.body.startswith("Edited on the web.\nAll mine, again.\n")


def test_upstream_moving_on_is_no_reason_to_push(bench: Bench) -> None:
    bench.run(bench.first())
    bench.stand_in.world.commit(
        bench.image, "master", "Meanwhile", [_change("other", b"x")], bench.account("maintainer")
    )
    plan = bench.run(bench.first())
    assert operations(plan) == ["none"]


def test_a_conflict_with_upstream_is_a_reason(bench: Bench) -> None:
    bench.run(bench.first())
    bench.stand_in.world.commit(
        bench.image, "master", "The same file", [_change("7.2/windows/Dockerfile", b"theirs\n")],
        bench.account("maintainer"),
    )  # fmt: skip
    plan = bench.run(bench.first())
    assert operations(plan) == ["update"] and plan.steps[0].push
    assert bench.stand_in.world.mergeable(bench.pull(bench.image, 1))


def test_commits_of_others_in_our_branch_stop(bench: Bench) -> None:
    bench.run(bench.first())
    pull = bench.pull(bench.image, 1)
    theirs = bench.stand_in.world.commit(
        pull.head_repo,
        "contrib/redis",
        "Fix a typo",
        [_change("README.md", b"fixed")],
        bench.account("maintainer"),
    )
    writes = bench.writes()
    dry = bench.run(bench.first("FROM windows2\n"), dry_run=True)
    assert dry.steps[0].stop and "Fix a typo" in dry.steps[0].reason
    with pytest.raises(BadInput, match="did not make") as raised:
        bench.run(bench.first("FROM windows2\n"))
    assert raised.value.kind == "stopped" and "--allow foreign-commits" in str(raised.value.hint)
    assert bench.writes() == writes and pull.head_sha == theirs
    assert operations(bench.run(bench.first("FROM windows2\n"), allow="foreign-commits")) == ["update"]
    assert pull.head_sha != theirs


def test_a_pull_request_closed_by_a_maintainer_is_not_opened_again(bench: Bench) -> None:
    bench.run(bench.first())
    world = bench.stand_in.world
    pull = bench.pull(bench.image, 1)
    world.comment(pull, bench.account("maintainer"), "We do not want Windows here, sorry.")
    world.edit_pull(pull, bench.account("maintainer"), state="closed")
    with pytest.raises(BadInput, match=r"closed unmerged by maintainer, who wrote: We do not want"):
        bench.run(bench.first())
    assert operations(bench.run(bench.first(), allow="closed-unmerged")) == ["create"]


def test_a_pull_request_that_its_author_closed_may_be_opened_again(bench: Bench) -> None:
    bench.run(bench.first())
    pull = bench.pull(bench.image, 1)
    bench.stand_in.world.edit_pull(pull, pull.author, state="closed")
    assert operations(bench.run(bench.first())) == ["create"]


def test_it_is_closed_when_upstream_has_it_all(bench: Bench) -> None:
    bench.run(bench.first())
    bench.stand_in.world.commit(
        bench.image, "master", "Add Windows", [_change("7.2/windows/Dockerfile", b"FROM windows\n")],
        bench.account("maintainer"),
    )  # fmt: skip
    plan = bench.run(bench.first(), then=(bench.second(),))
    assert operations(plan) == ["close", "create"]
    assert bench.pull(bench.image, 1).state == "closed"


def test_merged_with_changes_is_merged(bench: Bench) -> None:
    bench.run(bench.first())
    bench.merge(bench.image, 1, "squash")
    bench.stand_in.world.commit(
        bench.image, "master", "Tidy", [_change("7.2/windows/Dockerfile", b"FROM windows # tidy\n")],
        bench.account("maintainer"),
    )  # fmt: skip
    plan = bench.run(bench.first(), then=(bench.second(),))
    assert operations(plan) == ["none", "create"]
    assert "merged with changes" in plan.steps[0].reason
    # Something new on the very line that they changed is theirs to decide.
    with pytest.raises(Stopped, match="maintainer-changes"):
        bench.run(bench.first("FROM windows3\n"))
    assert operations(bench.run(bench.first("FROM windows3\n"), allow="maintainer-changes")) == ["create"]
    assert "would take back what upstream changed" in bench.pull(bench.image, 2).body


def test_an_interrupted_run_is_taken_up(bench: Bench) -> None:
    class Stop(Exception):
        pass

    def stop(request: object) -> None:
        if request.method == "POST" and request.path.endswith("/pulls"):  # type: ignore[attr-defined]
            raise ConnectionError

    bench.stand_in.hooks.append(stop)
    with pytest.raises(OutsideError):
        bench.run(bench.first())
    bench.stand_in.hooks.clear()
    fork = bench.stand_in.world.find("petra", "redis")
    assert fork is not None and fork.head("contrib/redis") is not None
    pushes = [write for write in bench.writes() if write.startswith("PUSH")]
    plan = bench.run(bench.first())
    assert operations(plan) == ["create"] and not plan.steps[0].push
    assert [write for write in bench.writes() if write.startswith("PUSH")] == pushes


def test_a_fork_of_another_name_and_a_repository_of_the_same(bench: Bench) -> None:
    world = bench.stand_in.world
    world.repository("petra/redis", bench.official_source)
    world.fork(bench.image, bench.account("petra"))
    bench.run(bench.first())
    assert bench.pull(bench.image, 1).head_repo.full_name == "petra/redis-1"


def test_a_stale_fork_does_not_matter(bench: Bench) -> None:
    world = bench.stand_in.world
    world.fork(bench.image, bench.account("petra"))
    world.commit(bench.image, "master", "Meanwhile", [_change("other", b"x")], bench.account("maintainer"))
    bench.run(bench.first())
    pull = bench.pull(bench.image, 1)
    with bench.image.git() as git:
        count = git.run("rev-list", "--count", f"master..{pull.head_sha}").stdout
    assert count.strip() == b"1"


def test_no_fork(bench: Bench) -> None:
    with pytest.raises(BadInput, match="--no-fork"):
        bench.run(bench.first(), fork=False)
    bench.image.collaborators.add("petra")
    bench.run(bench.first(), fork=False)
    pull = bench.pull(bench.image, 1)
    assert pull.head_repo is bench.image
    assert not any("forks" in write for write in bench.writes())


def test_an_organisations_fork(bench: Bench) -> None:
    bench.stand_in.world.account("acme", kind="Organization", members=["petra"])
    bench.run(bench.first(), owner="acme", organization="acme")
    pull = bench.pull(bench.image, 1)
    assert pull.head_repo.full_name == "acme/redis" and not pull.maintainer_can_modify


def test_a_repository_that_has_moved(bench: Bench) -> None:
    bench.stand_in.world.move("docker-library/redis", "redis/docker-library-redis")
    plan = bench.run(replace(bench.first(), repository="docker-library/redis"))
    assert plan.steps[0].proposal.repository == "redis/docker-library-redis"
    assert any("is redis/docker-library-redis now" in note for note in plan.notes)
    assert bench.pull(bench.image, 1).head_repo.full_name == "petra/docker-library-redis"


@pytest.mark.parametrize("custom", [True, False])
def test_signed_off_where_that_is_the_custom(bench: Bench, custom: bool) -> None:
    for number in range(3):
        text = f"Change {number}" + ("\n\nSigned-off-by: The Maintainer <m@example.com>" if custom else "")
        bench.stand_in.world.commit(
            bench.image, "master", text, [_change("other", b"%d" % number)], bench.account("maintainer")
        )
    bench.run(bench.first(), signoff=None)
    with bench.image.git() as git:
        message = git.commit(bench.pull(bench.image, 1).head_sha).message
    assert ("Signed-off-by: Petra Porter <petra@example.com>" in message) is custom


def test_a_fork_that_never_comes(bench: Bench) -> None:
    bench.stand_in.world.fork_delay = 60
    with pytest.raises(OutsideError, match="is not there after"):
        bench.run(bench.first(), patience=Patience(fork=0.2, between=0.05))


def test_two_at_once(bench: Bench) -> None:
    import threading

    bench.stand_in.world.fork(bench.image, bench.account("petra"))
    results: list[object] = []

    def go() -> None:
        try:
            results.append(bench.run(bench.first()).steps[0].number)
        except OutsideError as error:
            results.append(error.kind)

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(results) <= {1, "lease", "rejected"} and 1 in results
    assert len(bench.stand_in.world.pulls[bench.image.id]) == 1


def test_what_upstream_has_lost_since_is_proposed_again(bench: Bench) -> None:
    """Upstream's own tools deleted the directory at a later release, as in January 2017."""
    bench.run(bench.first())
    bench.merge(bench.image, 1)
    bench.stand_in.world.commit(
        bench.image, "master", "Update", [_change("7.2/windows/Dockerfile", None)], bench.account("maintainer")
    )  # fmt: skip
    plan = bench.run(bench.first(), then=(bench.second(),))
    assert operations(plan) == ["create", "none"]
    assert "#1 was merged, and upstream has lost 7.2/windows/Dockerfile since" in plan.steps[0].reason


def test_what_upstream_has_taken_back_is_not_proposed_again(bench: Bench) -> None:
    bench.run(bench.first())
    bench.merge(bench.image, 1)
    bench.stand_in.world.commit(
        bench.image, "master", 'Revert "Add Windows variants"', [_change("7.2/windows/Dockerfile", None)],
        bench.account("maintainer"),
    )  # fmt: skip
    with pytest.raises(BadInput, match="upstream has taken it back"):
        bench.run(bench.first())
    assert operations(bench.run(bench.first(), allow="reverted")) == ["create"]


def test_it_does_not_become_less_by_an_option_forgotten(bench: Bench) -> None:
    first = bench.first()
    more = _change("7.0/windows/Dockerfile", b"x")
    both = replace(first, commits=(replace(first.commits[0], files=(*first.commits[0].files, more)),))
    bench.run(both)
    with pytest.raises(BadInput, match=r"7\.0/windows/Dockerfile: name the same --series") as raised:
        bench.run(bench.first("FROM windows2\n"))
    assert raised.value.kind == "stopped"
    assert operations(bench.run(bench.first("FROM windows2\n"), allow="smaller")) == ["update"]


def test_a_persons_own_file_is_not_replaced_by_ours(bench: Bench) -> None:
    bench.run(bench.first("FROM theirs\n", source="abc", body="What was kept"))
    assert operations(bench.run(bench.first("FROM theirs\n", source="", body="Ours"))) == ["none"]
    with pytest.raises(BadInput, match="name it again with --from"):
        bench.run(bench.first("FROM ours\n"))
    assert operations(bench.run(bench.first("FROM theirs 2\n", source="abc", body="What was kept"))) == [
        "update"
    ]
    known = marker.read(bench.pull(bench.image, 1).body)[1]
    assert known is not None and known.own
