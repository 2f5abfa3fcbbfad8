"""The stand-in as clients see it: PyGithub over a real socket, the real git, several at once."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import github as pygithub
import pytest

from contrib.sandbox.github import StandIn
from contrib.sandbox.model import Refused, Repo
from contrib.values.tree import FileChange

from ..pulls.conftest import git, make_repository


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[StandIn, Repo]]:
    source = make_repository(tmp_path / "redis", {"README.md": "# x\n", "a/b": "1\n"})
    with StandIn() as stand_in:
        repo = stand_in.world.repository("docker-library/redis", source)
        repo.collaborators.add("maintainer")
        yield stand_in, repo


def client(stand_in: StandIn, login: str) -> pygithub.Github:
    token = stand_in.world.token(login)
    return pygithub.Github(
        auth=pygithub.Auth.Token(token),
        base_url=f"{stand_in.url}/api/v3",
        seconds_between_writes=0,
        retry=None,
    )


def test_a_pull_request_through_pygithub(served: tuple[StandIn, Repo]) -> None:
    stand_in, _ = served
    petra = client(stand_in, "petra")
    theirs = petra.get_repo("docker-library/redis")
    fork = theirs.create_fork()
    assert (fork.full_name, fork.parent.full_name) == ("petra/redis", "docker-library/redis")
    world = stand_in.world
    world.commit(
        world.repos["petra/redis"], "master", "Change", [FileChange("a/b", b"2\n")], world.account("petra")
    )
    pull = theirs.create_pull(base="master", head="petra:master", title="T", body="B")
    assert [file.filename for file in pull.get_files()] == ["a/b"]
    assert pull.get_files()[0].patch == "@@ -1 +1 @@\n-1\n+2"
    assert [commit.commit.message for commit in pull.get_commits()] == ["Change"]
    assert pull.mergeable and pull.mergeable_state == "clean" and not pull.is_merged()
    pull.convert_to_draft()
    assert theirs.get_pull(1).draft
    pull.mark_ready_for_review()
    theirs.get_pull(1).create_issue_comment("hello")
    maintainer = client(stand_in, "maintainer").get_repo("docker-library/redis").get_pull(1)
    maintainer.create_review(body="fine", event="APPROVE")
    assert maintainer.merge(merge_method="squash").merged
    assert theirs.get_pull(1).merged and theirs.get_contents("a/b").decoded_content == b"2\n"  # type: ignore[union-attr]
    with pytest.raises(pygithub.GithubException) as raised:
        theirs.create_pull(base="master", head="petra:nothing", title="T")
    assert raised.value.status == 422


def test_lists_come_in_pages(served: tuple[StandIn, Repo]) -> None:
    stand_in, repo = served
    for number in range(45):
        stand_in.world.release(repo, f"v{number}", {"a.zip": b"%d" % number})
    found = client(stand_in, "petra").get_repo("docker-library/redis").get_releases()
    assert [release.tag_name for release in found] == [f"v{number}" for number in reversed(range(45))]
    asset = found[0].get_assets()[0]
    assert asset.digest == "sha256:" + __import__("hashlib").sha256(b"44").hexdigest()
    with urllib.request.urlopen(asset.browser_download_url) as answer:
        assert answer.read() == b"44"


def test_git_clones_pushes_and_is_refused(served: tuple[StandIn, Repo], tmp_path: Path) -> None:
    stand_in, repo = served
    token = stand_in.world.token("maintainer")
    url = f"{stand_in.url}/docker-library/redis.git"
    git(tmp_path, "clone", "-q", url, "clone")
    clone = tmp_path / "clone"
    (clone / "new").write_bytes(b"x" * 100_000)
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "More")
    with pytest.raises(Exception, match="returned non-zero"):
        git(clone, "push", "-q", "origin", "HEAD:master")
    git(clone, "-c", f"http.extraheader=Authorization: Bearer {token}", "push", "-q", "origin", "HEAD:master")
    assert repo.head("master") == git(clone, "rev-parse", "HEAD")
    git(clone, "-c", "protocol.version=0", "fetch", "-q")
    git(clone, "-c", "protocol.version=2", "fetch", "-q", "--depth=1", "origin", "master")
    stand_in.world.move("docker-library/redis", "redis/docker-library-redis")
    git(tmp_path, "clone", "-q", url, "moved")
    writes = [(write.method, write.login) for write in stand_in.world.writes]
    assert writes == [("PUSH", "maintainer")]


def test_a_push_moves_the_pull_request(served: tuple[StandIn, Repo]) -> None:
    stand_in, repo = served
    world = stand_in.world
    petra = world.account("petra")
    fork = world.fork(repo, petra)
    world.commit(fork, "master", "One", [FileChange("a/b", b"2")], petra)
    pull = world.open_pull(repo, petra, head="petra:master", base="master", title="T")
    second = world.commit(fork, "master", "Two", [FileChange("a/b", b"3")], petra)
    assert pull.head_sha == second
    with fork.git() as opened:
        opened.run("update-ref", "-d", "refs/heads/master")
    world.pushed(fork, "master")
    assert pull.state == "closed"


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_merges(served: tuple[StandIn, Repo], method: str) -> None:
    stand_in, repo = served
    world = stand_in.world
    petra, maintainer = world.account("petra", name="Petra"), world.account("maintainer", name="M")
    fork = world.fork(repo, petra)
    world.commit(fork, "master", "One", [FileChange("one", b"1")], petra)
    head = world.commit(fork, "master", "Two", [FileChange("two", b"2")], petra)
    pull = world.open_pull(repo, petra, head="petra:master", base="master", title="T")
    before = world.commit(repo, "master", "Meanwhile", [FileChange("c", b"x")], maintainer)
    made = world.merge(pull, maintainer, method)  # type: ignore[arg-type]
    with repo.git() as opened:
        info = opened.commit(made)
        assert set(opened.tree(made).paths()) == {"README.md", "a/b", "c", "one", "two"}
        assert opened.is_ancestor(before, made)
        assert opened.is_ancestor(head, made) is (method == "merge")
    subjects = {"merge": "Merge pull request #1 from petra/master", "squash": "T (#1)", "rebase": "Two"}
    assert info.subject == subjects[method]
    assert (info.author.name, info.committer.name) == ("M" if method == "merge" else "Petra", "M")
    assert pull.merge_commit_sha == made == repo.head("master")
    with pytest.raises(Refused):
        world.merge(pull, maintainer)


def test_a_conflict_is_not_merged(served: tuple[StandIn, Repo]) -> None:
    stand_in, repo = served
    world = stand_in.world
    petra, maintainer = world.account("petra"), world.account("maintainer")
    fork = world.fork(repo, petra)
    world.commit(fork, "master", "Ours", [FileChange("a/b", b"2")], petra)
    pull = world.open_pull(repo, petra, head="petra:master", base="master", title="T")
    world.commit(repo, "master", "Theirs", [FileChange("a/b", b"3")], maintainer)
    assert not world.mergeable(pull)
    for method in ("merge", "squash", "rebase"):
        with pytest.raises(Refused, match="not mergeable"):
            world.merge(pull, maintainer, method)  # type: ignore[arg-type]


def test_many_at_once(served: tuple[StandIn, Repo], tmp_path: Path) -> None:
    stand_in, repo = served
    problems: list[Exception] = []

    def work(number: int) -> None:
        try:
            login = f"user{number}"
            found = client(stand_in, login).get_repo("docker-library/redis")
            found.create_fork()
            world = stand_in.world
            fork = world.repos[f"{login}/redis"]
            world.commit(fork, "master", "C", [FileChange(f"f{number}", b"x")], world.account(login))
            found.create_pull(base="master", head=f"{login}:master", title=f"T{number}")
            git(tmp_path, "clone", "-q", f"{stand_in.url}/{login}/redis.git", login)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(stand_in.world.pulls[repo.id]) == [1, 2, 3, 4, 5, 6]


def test_what_is_asked_wrongly(served: tuple[StandIn, Repo]) -> None:
    stand_in, _ = served
    token = stand_in.world.token("petra")

    def ask(method: str, path: str, body: bytes | None = None, **headers: str) -> int:
        request = urllib.request.Request(
            f"{stand_in.url}{path}",
            method=method,
            data=body,
            headers={"Authorization": f"token {token}", **headers},
        )
        try:
            with urllib.request.urlopen(request) as answer:
                json.loads(answer.read() or b"null")
                return int(answer.status)
        except urllib.error.HTTPError as error:
            json.loads(error.read() or b"null")
            return error.code

    api = "/api/v3/repos/docker-library/redis"
    assert ask("POST", f"{api}/pulls", b"{") == 400
    assert ask("POST", f"{api}/pulls", b"[]") == 400
    assert ask("POST", f"{api}/pulls", b"{}") == 422
    assert ask("GET", f"{api}/nothing") == 404
    assert ask("GET", f"{api}/commits/--help") == 422
    assert ask("GET", f"{api}/contents/..%2F..%2Fetc%2Fpasswd") in (404, 422)
    assert ask("GET", f"{api}/pulls?per_page=-1&page=x") == 200
    assert ask("POST", f"{api}/pulls", b"{}", Authorization="token wrong") == 401
    assert ask("POST", "/docker-library/redis/pull/1") == 405


def test_it_is_gone_when_closed(tmp_path: Path) -> None:
    with StandIn() as stand_in:
        root = stand_in.world.root
        assert root.is_dir()
    assert not root.exists()
    with pytest.raises(OSError):
        urllib.request.urlopen(stand_in.url)
