"""PULLS.md, section 2: events on the stand-in, and what the next run does. Upstream is the truth."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from contrib.pulls import marker
from contrib.pulls.model import Plan, Proposal
from contrib.pulls.sections import Section
from contrib.sandbox.model import PullRequest
from contrib.values.guards import Stopped
from contrib.values.tree import FileChange

if TYPE_CHECKING:
    from .conftest import Bench

pytestmark = pytest.mark.usefixtures("without_git", "without_waiting")

PATH = "7.2/windows/Dockerfile"
TEMPLATE = "Dockerfile-windows.template"


def dockerfile(version: str = "7.2.4", *more: str) -> str:
    return "\n".join(
        ["FROM windows", f"ENV REDIS_VERSION {version}", "WORKDIR C:/data", "", *more, "EXPOSE 6379", ""]
    )


class Story:
    """A contribution of two files, told step by step."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.world = bench.stand_in.world
        self.maintainer = bench.account("maintainer")

    def wanted(self, version: str = "7.2.4", **changes: Any) -> Proposal:
        """What contrib would write now, from its own data: it knows of nobody's edits."""
        made = self.bench.first("x", **changes)
        head = self.bench.image.head("master")
        assert head is not None
        files = tuple(
            FileChange(path, dockerfile(version).encode())
            for path in (PATH, TEMPLATE)
            if self.upstream(path) != dockerfile(version)
        )
        from dataclasses import replace

        commits = (replace(made.commits[0], files=files),) if files else ()
        text = (Section("words", f"Adds Windows {version}."),)
        return replace(made, commits=commits, sections=text, title=f"Update to {version}")

    def run(self, version: str = "7.2.4", base_branch: str = "master", **options: Any) -> Plan:
        wanted = self.wanted(version, base_branch=base_branch)
        return self.bench.run(wanted, then=(self.bench.following(),), **options)

    def stopped(self, version: str = "7.2.4", **options: Any) -> Stopped:
        writes = self.bench.writes()
        with pytest.raises(Stopped) as raised:
            self.run(version, **options)
        assert self.bench.writes() == writes, "nothing was written"
        return raised.value

    def upstream(self, path: str, repo: Any = None) -> str | None:
        repo = repo or self.bench.image
        head = repo.head("master")
        assert head is not None
        with repo.git() as git:
            data = git.tree(head).read(path)
        return None if data is None else data.decode()

    def at(self, pull: PullRequest, path: str) -> str:
        with pull.repo.git() as git:
            data = git.tree(pull.head_sha).read(path)
        assert data is not None
        return data.decode()

    def edit(
        self,
        text: str | None,
        *paths: str,
        message: str = "Note the review",
        repo: Any = None,
        branch: str = "master",
    ) -> str:
        files = [
            FileChange(path, None if text is None else text.encode()) for path in paths or (PATH, TEMPLATE)
        ]
        return self.world.commit(repo or self.bench.image, branch, message, files, self.maintainer)

    def pull(self, number: int = 1) -> PullRequest:
        return self.bench.pull(self.bench.image, number)

    def pulls(self) -> int:
        return len(self.world.pulls[self.bench.image.id])

    @property
    def b(self) -> PullRequest:
        return self.bench.pull(self.bench.official, 1)

    def named(self) -> str:
        return self.at(self.b, "library/redis").split("GitCommit: ")[1].strip()


@pytest.fixture
def story(bench: Bench) -> Story:
    return Story(bench)


def operations(plan: Plan) -> list[str]:
    return [step.operation.value for step in plan]


REVIEWED = dockerfile("7.2.4", "# reviewed")


def test_s1_s2_the_first_run_and_the_second(story: Story) -> None:
    plan = story.run()
    assert operations(plan) == ["create", "none"] and plan.next.startswith(
        "when docker-library/redis#1 is merged"
    )
    assert [write.split(" ")[0] for write in story.bench.writes()] == ["POST", "PUSH", "POST"]
    writes = story.bench.writes()
    for _ in range(2):
        assert operations(story.run()) == ["none", "none"] and story.bench.writes() == writes


def test_s3_upstream_gets_a_commit_on_other_files(story: Story) -> None:
    story.run()
    writes = story.bench.writes()
    story.edit("more", "README.md", message="Say more")
    assert operations(story.run()) == ["none", "none"] and story.bench.writes() == writes


def test_s4_upstream_changes_a_file_that_a1_touches(story: Story) -> None:
    story.run()
    story.edit("FROM something else\n", PATH, message="The same file")
    head = story.bench.image.head("master")
    writes = story.bench.writes()
    assert operations(story.run()) == ["update", "none"]
    assert [write.split(" ")[0] for write in story.bench.writes()[len(writes) :]] == ["PUSH", "PATCH"]
    with story.bench.image.git() as git:
        assert git.commit(story.pull().head_sha).parents == (head,), "it is on upstream's own commit"
    writes = story.bench.writes()
    for _ in range(3):
        assert operations(story.run()) == ["none", "none"] and story.bench.writes() == writes


def test_s5_a_release_while_a1_is_open(story: Story) -> None:
    story.run()
    assert operations(story.run("7.2.5")) == ["update", "none"] and story.pulls() == 1
    pull = story.pull()
    assert pull.title == "Update to 7.2.5" and "Adds Windows 7.2.5." in pull.body and "7.2.4" not in pull.body
    assert story.at(pull, PATH) == story.at(pull, TEMPLATE) == dockerfile("7.2.5")
    assert operations(story.run("7.2.5")) == ["none", "none"]


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_s7_b_is_opened_with_upstreams_own_commit(story: Story, method: Any) -> None:
    story.run()
    story.edit("more", "README.md", message="Meanwhile")
    merged = story.bench.merge(story.bench.image, 1, method)
    assert operations(story.run()) == ["none", "create"] and story.named() == merged
    assert "differs from what was proposed" not in story.b.body
    assert operations(story.run()) == ["none", "none"]
    story.bench.merge(story.bench.official, 1)
    writes = story.bench.writes()
    plan = story.run()  # S31
    assert plan.next == "nothing: upstream has all of it" and story.bench.writes() == writes


def test_s8_b_shows_where_the_merge_differs_from_what_was_proposed(story: Story) -> None:
    story.run()
    story.edit(REVIEWED, TEMPLATE, repo=story.pull().head_repo, branch="contrib/redis")
    story.edit(None, PATH, repo=story.pull().head_repo, branch="contrib/redis", message="Not this one")
    story.bench.merge(story.bench.image, 1, "squash")
    plan = story.run()
    for said in (story.b.body, " ".join(plan.notes), str(plan.as_json()["notes"])):
        assert "+# reviewed" in said and f"upstream removed {PATH}" in said
    assert "### Where what was merged differs from what was proposed" in story.b.body
    assert operations(story.run()) == ["none", "none"], "and it stays, without being computed again"


def test_s15_the_fork_is_deleted(story: Story) -> None:
    story.run()
    story.world.delete(story.pull().head_repo)
    assert story.pull().state == "closed"
    assert operations(story.run())[0] == "create" and story.pulls() == 2
    assert story.pull(2).head_repo.full_name == "petra/redis" and operations(story.run())[0] == "none"


def test_s15_the_fork_is_deleted_after_the_merge(story: Story) -> None:
    story.run()
    story.bench.merge(story.bench.image, 1, "squash")
    story.world.delete(story.pull().head_repo)
    assert operations(story.run()) == ["none", "create"]
    story.run("7.2.5")
    assert story.at(story.pull(2), PATH) == dockerfile("7.2.5")


@pytest.mark.parametrize("what", ["upstream", "fork", "fork of an open pull request"])
def test_s24_an_archived_repository_stops_before_any_write(story: Story, what: str) -> None:
    from contrib.values.errors import BadInput

    if what == "upstream":
        story.bench.image.archived = True
    elif what == "fork":
        story.world.fork(story.bench.image, story.bench.account("petra")).archived = True
    else:
        story.run()
        story.pull().head_repo.archived = True
    writes = story.bench.writes()
    with pytest.raises(BadInput, match="is archived"):
        story.run("7.2.5")
    assert story.bench.writes() == writes


def test_s25_upstream_moves_the_fork_is_renamed_and_its_old_name_is_taken(story: Story) -> None:
    story.run()
    story.world.move("petra/redis", "petra/redis-for-windows")
    del story.world.moved["petra/redis"]
    story.world.repository("petra/redis", story.bench.official_source)
    story.world.move("docker-library/redis", "redis/docker-library-redis")
    plan = story.run("7.2.5")
    assert operations(plan) == ["update", "none"] and story.pulls() == 1
    assert story.at(story.pull(), PATH) == dockerfile("7.2.5")
    assert len(story.world.forks(story.bench.image)) == 1
    story.bench.merge(story.bench.image, 1)
    story.run("7.2.6")
    assert story.pull(2).head_repo.full_name == "petra/redis-for-windows"


def test_s26_a_fork_that_is_behind_and_has_commits_of_its_own(story: Story) -> None:
    petra = story.bench.account("petra")
    fork = story.world.fork(story.bench.image, petra)
    story.world.commit(fork, "master", "Mine", [FileChange("mine.txt", b"x")], petra)
    for number in range(3):
        story.edit(f"{number}", "README.md", message="Upstream goes on")
    head = story.bench.image.head("master")
    story.run()
    with story.bench.image.git() as git:
        assert git.commit(story.pull().head_sha).parents == (head,)
        assert git.tree(story.pull().head_sha).read("mine.txt") is None
    assert fork.head("master") != head, "the fork's own branch is left alone"


def test_s27_three_runs_at_once(story: Story) -> None:
    import threading

    from contrib.values.errors import OutsideError

    ended: list[object] = []

    def go() -> None:
        try:
            ended.append(story.run().steps[0].number)
        except OutsideError as error:
            ended.append(error.kind)

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 in ended and set(ended) <= {1, "lease", "rejected"}
    assert story.pulls() == 1 and len(story.world.forks(story.bench.image)) == 1
    assert operations(story.run()) == ["none", "none"]


def test_s28_a_run_that_ends_after_each_write(story: Story) -> None:
    from contrib.values.errors import OutsideError

    from .faults import every_write_stops

    for limit in range(3):
        story.bench.stand_in.hooks[:] = [every_write_stops(limit)]
        with suppress(OutsideError):
            story.run()
    story.bench.stand_in.hooks.clear()
    story.run()
    assert story.pulls() == 1 and len(story.world.forks(story.bench.image)) == 1
    writes = story.bench.writes()
    assert operations(story.run()) == ["none", "none"] and story.bench.writes() == writes


def test_upstream_renames_its_default_branch(story: Story) -> None:
    story.run()
    head = story.bench.image.head("master")
    with story.bench.image.git() as git:
        git.run("update-ref", "refs/heads/main", head)
    story.bench.image.default_branch = "main"
    plan = story.run(base_branch="main")
    assert plan.steps[0].edits == ("base",) and story.pull().base_branch == "main" and story.pulls() == 1
    assert operations(story.run(base_branch="main"))[0] == "none"


def test_two_accounts_are_two_people(story: Story) -> None:
    """The token is another account's now: the first one's pull request is somebody else's."""
    story.run()
    second = story.world.token("petra-at-work")
    client = story.bench.client(token=second)
    error = story.stopped(client=client, owner="petra-at-work", accounts=("petra-at-work",))
    assert [each.name for each in error.applied] == ["others-pull"]


def test_a_marker_in_a_comment_is_nothing(story: Story) -> None:
    story.run()
    body = story.pull().body
    story.world.comment(story.pull(), story.bench.account("otto"), body.replace("7.2.4", "9.9.9"))
    writes = story.bench.writes()
    assert operations(story.run()) == ["none", "none"] and story.bench.writes() == writes


def test_the_branch_is_forced_back_by_its_owner(story: Story) -> None:
    story.run()
    fork = story.pull().head_repo
    story.edit("x", "README.md", repo=fork, branch="master", message="Mine")
    with fork.git() as git:
        git.run("update-ref", "refs/heads/contrib/redis", str(fork.head("master")))
    story.world.pushed(fork)
    error = story.stopped()
    assert [each.name for each in error.applied] == ["foreign-commits"] and "Mine" in error.message


def test_an_edit_between_the_merge_and_b(story: Story) -> None:
    story.run()
    story.bench.merge(story.bench.image, 1)
    story.edit(REVIEWED, message="Say that it is reviewed")
    assert operations(story.run()) == ["none", "create"]
    assert "Say that it is reviewed" in story.b.body and story.named() == story.bench.image.head("master")


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_s8_a_maintainers_commit_on_the_branch_is_merged_with_it(story: Story, method: Any) -> None:
    story.run()
    story.edit(REVIEWED, repo=story.pull().head_repo, branch="contrib/redis")
    merged = story.bench.merge(story.bench.image, 1, method)
    plan = story.run()
    assert operations(plan) == ["none", "create"] and story.pulls() == 1
    assert "merged with changes" in plan.steps[0].reason
    assert any(
        "+# reviewed" in note and ("Note the review" in note or method == "squash") for note in plan.notes
    )
    assert story.named() == merged
    assert operations(story.run()) == ["none", "none"]


def test_s8_a_branch_that_the_maintainer_replaced(story: Story) -> None:
    story.run()
    fork = story.pull().head_repo
    with fork.git() as git:
        git.run("update-ref", "refs/heads/contrib/redis", story.wanted().base_commit)
    story.edit(REVIEWED, repo=fork, branch="contrib/redis", message="Add Windows, reviewed")
    story.bench.merge(story.bench.image, 1, "squash")
    assert operations(story.run()) == ["none", "create"] and story.pulls() == 1
    story.run("7.2.5")
    assert story.at(story.pull(2), PATH) == dockerfile("7.2.5", "# reviewed")


@pytest.mark.parametrize("paths", [(PATH, TEMPLATE), (TEMPLATE,), (PATH,)])
def test_s9_an_edit_after_the_merge_goes_along_with_the_next_release(
    story: Story, paths: tuple[str, ...]
) -> None:
    story.run()
    story.bench.merge(story.bench.image, 1)
    story.run()
    story.bench.merge(story.bench.official, 1)
    assert operations(story.run()) == ["none", "none"]
    story.edit(REVIEWED, *paths, message="Say that it is reviewed")
    plan = story.run()
    assert story.pulls() == 1 and "taken" not in plan.steps[0].reason, (
        "their edit alone is nothing to propose"
    )
    story.run("7.2.5")
    second = story.pull(2)
    for path in (PATH, TEMPLATE):
        assert story.at(second, path) == dockerfile("7.2.5", *(["# reviewed"] if path in paths else []))
    assert "Say that it is reviewed" in second.body and "+# reviewed" in second.body
    assert operations(story.run("7.2.5"))[0] == "none"


def test_a_file_that_was_removed_before_the_merge_is_not_proposed_again(story: Story) -> None:
    story.run()
    story.edit(None, TEMPLATE, repo=story.pull().head_repo, branch="contrib/redis", message="Not this one")
    story.bench.merge(story.bench.image, 1, "squash")
    assert operations(story.run()) == ["none", "create"] and story.pulls() == 1
    story.run("7.2.5")
    with story.bench.image.git() as git:
        assert git.tree(story.pull(2).head_sha).read(TEMPLATE) is None
    assert story.at(story.pull(2), PATH) == dockerfile("7.2.5")


def test_a_renamed_file_is_bumped_where_it_is_now(story: Story) -> None:
    story.run()
    story.bench.merge(story.bench.image, 1)
    moved = "7.2/windows/servercore/Dockerfile"
    files = [FileChange(PATH, None), FileChange(moved, dockerfile().encode())]
    story.world.commit(story.bench.image, "master", "Move it", files, story.maintainer)
    story.run("7.2.5")
    with story.bench.image.git() as git:
        tree = git.tree(story.pull(2).head_sha)
        assert tree.read(PATH) is None and tree.read(moved) == dockerfile("7.2.5").encode()


def test_the_same_line_is_theirs_to_decide(story: Story) -> None:
    story.run()
    story.bench.merge(story.bench.image, 1)
    story.edit(dockerfile("7.2.4-patched"), PATH, message="Use the patched one")
    error = story.stopped("7.2.5")
    assert [each.name for each in error.applied] == ["maintainer-changes"]
    assert "Use the patched one" in error.message and "7.2.4-patched" in " ".join(error.applied[0].details)
    story.run("7.2.5", allow="maintainer-changes")
    assert story.at(story.pull(2), PATH) == dockerfile("7.2.5")
    assert "Use the patched one" in story.pull(2).body


@pytest.mark.parametrize("message", ['Revert "Add Windows 7.2"', "Remove the Windows variants"])
@pytest.mark.parametrize("version", ["7.2.4", "7.2.5"])
def test_s10_what_upstream_took_back_stops_whatever_is_released(
    story: Story, message: str, version: str
) -> None:
    story.run()
    story.bench.merge(story.bench.image, 1)
    story.edit(None, message=message)
    error = story.stopped(version)
    assert [each.name for each in error.applied] == ["reverted"] and message in error.message
    story.run(version, allow="reverted")
    assert message in story.pull(2).body


def test_s11_s12_b_stays_on_the_merge_until_the_next_one(story: Story) -> None:
    story.run()
    first = story.bench.merge(story.bench.image, 1)
    story.run()
    assert story.named() == first and not story.b.draft
    plan = story.run("7.2.5")
    assert operations(plan) == ["create", "none"] and story.named() == first
    assert "stays on what upstream has; waits for docker-library/redis#2" in plan.reason(plan.steps[1])
    assert operations(story.run("7.2.6")) == ["update", "none"], "two releases in a row"
    assert story.named() == first
    story.world.review(story.b, story.maintainer, "APPROVED")
    assert operations(story.run("7.2.6", early=True)) == ["none", "none"], (
        "--early does not undo what is ready"
    )
    assert story.named() == first and not story.b.draft
    second = story.bench.merge(story.bench.image, 2)
    assert operations(story.run("7.2.6")) == ["none", "update"] and story.named() == second
    assert operations(story.run("7.2.6")) == ["none", "none"]


def test_a_release_before_b_was_opened_lists_what_is_merged(story: Story) -> None:
    story.run()
    first = story.bench.merge(story.bench.image, 1)
    assert operations(story.run("7.2.5")) == ["create", "create"] and story.named() == first
    assert operations(story.run("7.2.5")) == ["none", "none"]


def test_s13_s14_each_guard_is_lifted_by_its_own_name(story: Story) -> None:
    story.run()
    pull = story.pull()
    theirs = story.edit("x", "README.md", message="Fix a typo", repo=pull.head_repo, branch="contrib/redis")
    story.world.comment(pull, story.maintainer, "Not now.")
    story.world.edit_pull(pull, story.maintainer, state="closed")
    error = story.stopped()
    assert {each.name for each in error.applied} == {"foreign-commits", "closed-unmerged"} or {
        each.name for each in error.applied
    } == {"own-branch", "closed-unmerged"}
    assert "Not now." in error.message and theirs[:10] in error.message
    names = [each.name for each in error.applied]
    for name in names:
        rest = story.stopped(allow=name)
        assert [each.name for each in rest.applied if not each.lifted] == [n for n in names if n != name]
    story.run(allow=" ".join(names))
    assert story.pulls() == 2 and "docker-library/redis#1" in story.pull(2).body


@pytest.mark.parametrize("author", ["petra", "maintainer"])
@pytest.mark.parametrize("official", [False, True])
def test_s16_work_of_ones_own_on_a_branch_without_a_pull_request(
    story: Story, author: str, official: bool
) -> None:
    repo = story.bench.official if official else story.bench.image
    if official:
        story.run()
        story.bench.merge(story.bench.image, 1)
    fork = story.world.fork(repo, story.bench.account("petra"))
    base = repo.head("master")
    with fork.git() as git:
        git.run("update-ref", "refs/heads/contrib/redis", base)
    account = story.bench.account(author)
    account.email, account.name = "petra@example.com", "Petra Porter"
    mine = story.world.commit(fork, "contrib/redis", "Notes", [FileChange("notes.txt", b"mine")], account)
    error = story.stopped()
    assert [each.name for each in error.applied] == ["own-branch"] and mine[:10] in error.message
    assert fork.head("contrib/redis") == mine
    plan = story.run(allow="own-branch")
    assert fork.head("contrib/redis") != mine and any(mine in note for note in plan.notes)


def test_s16_what_an_interrupted_run_pushed_is_ours(story: Story) -> None:
    plan = story.bench.run(story.wanted(), dry_run=True)
    story.run()
    story.world.pulls[story.bench.image.id].clear()  # pushed, and killed before the pull request
    assert operations(story.run())[0] == "create" and story.pull().head_sha == plan.steps[0].head_sha
    story.world.pulls[story.bench.image.id].clear()
    story.edit("more", "README.md", message="Upstream moves on")
    assert operations(story.run())[0] == "create"


def test_s17_ones_own_commit_on_the_open_branch(story: Story) -> None:
    story.run()
    mine = story.world.commit(
        story.pull().head_repo,
        "contrib/redis",
        "A fix",
        [FileChange("fix", b"x")],
        story.bench.account("petra"),
    )
    for version in ("7.2.4", "7.2.5"):
        error = story.stopped(version)
        assert [each.name for each in error.applied] == ["foreign-commits"] and mine[:10] in error.message


def test_s18_the_same_contribution_from_another_fork(story: Story) -> None:
    acme = story.world.account("acme", kind="Organization")
    acme.members.add("petra")
    story.run(owner="acme", organization="acme", accounts=("petra", "acme"))
    error = story.stopped(accounts=("petra",))
    assert [each.name for each in error.applied] == ["second-contribution"]
    assert "docker-library/redis#1" in error.message and "contrib pr redis --fork-owner acme" in str(
        error.hint
    )
    story.bench.merge(story.bench.image, 1)
    error = story.stopped("7.2.5", accounts=("petra",))
    assert [each.name for each in error.applied] == ["second-contribution"], "merged, it is found by a search"
    assert "petra/redis" not in story.world.repos
    story.run("7.2.5", owner="acme", organization="acme", accounts=("petra", "acme"))
    assert story.pulls() == 2 and story.pull(2).head_repo.full_name == "acme/redis"


def test_s18_a_forged_marker_counts_for_nobody(story: Story) -> None:
    story.run()
    body = story.pull().body
    story.world.pulls[story.bench.image.id].clear()
    story.world.repos.pop("petra/redis")
    otto = story.bench.account("otto")
    fork = story.world.fork(story.bench.image, otto)
    story.world.commit(fork, "master", "x", [FileChange("docs.txt", b"x")], otto)
    story.world.open_pull(story.bench.image, otto, head="otto:master", base="master", title="Docs", body=body)
    assert operations(story.run())[0] == "create" and story.pull(2).author.login == "petra"


def test_s19_made_from_a_file_of_ones_own(story: Story) -> None:
    own = story.wanted(source="abc Dockerfile")
    story.bench.run(own)
    story.bench.merge(story.bench.image, 1)
    error = story.stopped("7.2.5")
    assert [each.name for each in error.applied] == ["own-dockerfile"] and "abc Dockerfile" in error.message
    assert "--from" in error.message
    story.bench.run(story.wanted("7.2.5", source="def Dockerfile"))  # the same file, edited since
    assert story.pulls() == 2


RIVALS = {
    "the same paths": ("Add more variants", "7.2/windows/windowsservercore-ltsc2022/Dockerfile", "FROM x\n"),
    "other paths (S21)": ("Windows support", "windows/7.2/Dockerfile", "FROM x\n"),
    "a base image alone": (
        "More",
        "7.2/ltsc/Dockerfile",
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n",
    ),
    "generated data": ("More", "versions.json", '{"7.2": {"variants": ["windows/nanoserver-ltsc2022"]}}\n'),
    "the title": ("redis for Windows", "notes", "x"),
}


@pytest.mark.parametrize("name", RIVALS)
@pytest.mark.parametrize("draft", [False, True])
def test_s20_s21_other_peoples_work_stops_the_first_write(story: Story, name: str, draft: bool) -> None:
    title, path, text = RIVALS[name]
    otto = story.bench.account("otto")
    fork = story.world.fork(story.bench.image, otto)
    story.world.commit(fork, "master", title, [FileChange(path, text.encode())], otto)
    story.world.open_pull(
        story.bench.image, otto, head="otto:master", base="master", title=title, draft=draft
    )
    error = story.stopped()
    assert [each.name for each in error.applied] == ["others-pull"]
    assert "otto" in error.message and "redis/pull/1" in error.message
    assert "--allow others-pull" not in str(error.hint)
    story.run(allow="others-pull")
    assert "otto has an open pull request" in story.pull(2).body
    assert operations(story.run())[0] == "none", "what is open already is not stopped"


def test_s20_in_official_images_it_stops_before_anything_is_forked(story: Story) -> None:
    otto = story.bench.account("otto")
    fork = story.world.fork(story.bench.official, otto)
    text = "Tags: 7.2\n\nTags: 7.2-windowsservercore\nArchitectures: windows-amd64\n"
    story.world.commit(fork, "master", "x", [FileChange("library/redis", text.encode())], otto)
    story.world.open_pull(story.bench.official, otto, head="otto:master", base="master", title="Update redis")
    error = story.stopped()
    assert [each.name for each in error.applied] == [
        "others-pull"
    ] and "official-images/pull/1" in error.message
    assert "petra/redis" not in story.world.repos


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("versions.json", '{"7.0": "7.0.16"}\n'), ("README.md", "Now on windows too\n"), ("7.0/alpine/Dockerfile", "FROM alpine:3.20\n"),
    ],
)  # fmt: skip
def test_s22_a_plain_bump_is_not_the_same(story: Story, path: str, text: str) -> None:
    otto = story.bench.account("otto")
    fork = story.world.fork(story.bench.image, otto)
    story.world.commit(fork, "master", "Update 7.0", [FileChange(path, text.encode())], otto)
    story.world.open_pull(
        story.bench.image, otto, head="otto:master", base="master", title="Update 7.0 to 7.0.16"
    )
    plan = story.run()
    assert operations(plan)[0] == "create" and plan.guards == () and plan.notes == ()


def test_s22_a_bump_of_what_is_merged_is_not_the_same_either(story: Story) -> None:
    story.run()
    story.bench.merge(story.bench.image, 1)
    otto = story.bench.account("otto")
    fork = story.world.fork(story.bench.image, otto)
    story.world.commit(fork, "master", "Bump", [FileChange(PATH, dockerfile("7.2.5").encode())], otto)
    story.world.open_pull(story.bench.image, otto, head="otto:master", base="master", title="Update 7.2")
    assert operations(story.run("7.2.6"))[0] == "create"


def test_s29_a_closing_comment_is_written_once(story: Story) -> None:
    from .faults import Fault, answering

    story.run()
    story.edit(dockerfile(), message="Add Windows by hand")
    fault = Fault("PATCH", "/repos/docker-library/redis/pulls/1", answering(500, "x"), times=99)
    story.bench.stand_in.hooks.append(fault)
    from contrib.values.errors import OutsideError

    for _ in range(2):
        with pytest.raises(OutsideError):
            story.run()
    story.bench.stand_in.hooks.clear()
    story.run()
    assert story.pull().state == "closed" and len(story.pull().comments) == 1


def test_text_a_line_of_a_persons_own_and_the_next_release(story: Story) -> None:
    """S6, and a changed title, words below the marker, the web editor's line ends, a deleted marker."""
    story.run()
    pull = story.pull()
    body = pull.body.replace("Adds Windows 7.2.4.", "Adds Windows 7.2.4.\nBefore Monday, please.")
    story.world.edit_pull(pull, pull.author, body=(body + "\n\nBelow.").replace("\n", "\r\n"))
    plan = story.run("7.2.5")
    assert plan.steps[0].push and "Adds Windows 7.2.5.\nBefore Monday, please." in pull.body
    assert "Below." in pull.body and "7.2.4" not in pull.body and pull.title == "Update to 7.2.5"
    assert operations(story.run("7.2.5"))[0] == "none"
    gone = pull.body[: pull.body.index("<!-- contrib: {")]
    story.world.edit_pull(pull, pull.author, body=gone)
    assert any("lost its marker" in note for note in story.run("7.2.5").notes)
    assert marker.read(pull.body)[1] is not None and "Before Monday" in pull.body


def test_text_an_edited_sentence_that_is_no_longer_true(story: Story) -> None:
    story.run()
    pull = story.pull()
    story.world.edit_pull(pull, pull.author, body=pull.body.replace("Adds Windows 7.2.4.", "We bring 7.2.4!"))
    assert operations(story.run())[0] == "none", "as long as it is true"
    error = story.stopped("7.2.5")
    assert [each.name for each in error.applied] == ["text-edited"] and "We bring 7.2.4!" in error.message
    story.run("7.2.5", allow="text-edited")
    assert "We bring" not in pull.body and "7.2.5" in pull.body
    story.world.edit_pull(pull, pull.author, title="Windows 7.2.5, at last")
    error = story.stopped("7.2.6")
    assert "Windows 7.2.5, at last" in error.message


def test_a_lifted_guard_is_said_as_long_as_its_commits_are_there(story: Story) -> None:
    story.run()
    story.bench.merge(story.bench.image, 1)
    story.edit(None, message='Revert "x"')
    story.run(allow="reverted")
    assert "upstream has taken it back" in story.pull(2).body
    writes = story.bench.writes()
    story.run()
    assert story.bench.writes() == writes and "upstream has taken it back" in story.pull(2).body


def test_an_override_that_nothing_asked_for(story: Story) -> None:
    guards = story.bench.settings().guards
    assert guards.judge("smaller", "x").lifted is False


def test_when_github_cannot_be_asked_nothing_is_assumed(story: Story) -> None:
    from contrib.values.errors import OutsideError

    from .faults import Fault, answering

    story.run()
    writes = story.bench.writes()
    for path in ("/repos/docker-library/redis/pulls", "/search/issues"):
        if path == "/search/issues":
            story.world.pulls[story.bench.image.id].clear()
        story.bench.stand_in.hooks[:] = [Fault("GET", path, answering(500, "x"), times=99)]
        with pytest.raises(OutsideError):
            story.run("7.2.5")
        story.bench.stand_in.hooks[:] = [Fault("GET", path, answering(403, "no"), times=99)]
        with pytest.raises(OutsideError):
            story.run("7.2.5")
    assert story.bench.writes() == writes
