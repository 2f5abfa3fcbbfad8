"""A GitHub that we did not write: npm's `emulate`, which answers REST from memory (it has no git over HTTP).

``CONTRIB_TEST_EMULATE`` names a directory where ``npm install node@24 emulate@0.12`` was run, as ``.ci/run`` does.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import requests.adapters

from contrib.clients.github import GitHub, Token, connect

TOKENS = {"petra": "petra-token", "maintainer": "maintainer-token"}
SEED = {
    "tokens": {token: {"login": login, "scopes": ["public_repo"]} for login, token in TOKENS.items()},
    "github": {
        "users": [{"login": "petra", "name": "Petra Porter"}, {"login": "maintainer"}],
        "orgs": [{"login": "docker-library", "members": [{"login": "maintainer", "role": "admin"}]}],
        "repos": [{"owner": "docker-library", "name": "redis", "auto_init": True}],
    },
}
UPSTREAM = "docker-library/redis"


class Emulate:
    """The server, and what others do on it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def client(self, login: str = "petra") -> GitHub:
        github = connect(self.url, Token(TOKENS[login], "the test"), dry_run=False)
        viewer = github.viewer()  # the first question of every command: it finds where the interface is
        assert viewer is not None and viewer.login == login
        return github

    def ask(self, method: str, path: str, login: str = "petra", **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {TOKENS[login]}"}
        answer = requests.request(
            method, f"{self.url}{path}", json=None if method == "GET" else body, headers=headers, timeout=20
        )
        assert answer.status_code < 300, (method, path, answer.text)
        return answer.json()

    def branch(self, repository: str, name: str) -> None:
        """A branch with one file more than its base."""
        head = self.ask("GET", f"/repos/{repository}/git/ref/heads/main")["object"]["sha"]
        self.ask("POST", f"/repos/{repository}/git/refs", ref=f"refs/heads/{name}", sha=head)
        content = base64.b64encode(b"FROM windows\n").decode("ascii")
        path = f"/repos/{repository}/contents/7.2/windows/Dockerfile"
        self.ask("PUT", path, message="Add Windows", content=content, branch=name)


@pytest.fixture(scope="module")
def emulate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulate]:
    named = os.environ.get("CONTRIB_TEST_EMULATE")
    if not named:
        pytest.skip("CONTRIB_TEST_EMULATE names no directory with npm's emulate")
    modules = Path(named) / "node_modules"
    node, program = modules / ".bin" / "node", modules / "emulate" / "dist" / "index.js"
    if not node.exists() or not program.is_file():
        pytest.skip(f"npm has installed no node and no emulate in {named}")
    seed = tmp_path_factory.mktemp("emulate") / "seed.json"
    seed.write_text(json.dumps(SEED), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [
        node,
        program,
        "start",
        "--service",
        "github",
        "--port",
        port,
        "--seed",
        seed,
        "--base-url",
        url,
    ]
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            here = Emulate(url)
            for _ in range(200):
                try:
                    requests.get(f"{here.url}/rate_limit", timeout=5)
                    break
                except requests.RequestException:
                    assert server.poll() is None, "emulate has ended"
                    time.sleep(0.1)
            yield here
        finally:
            server.terminate()


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The first answer to each POST is lost; what was sent has had its effect."""
    seen: list[str] = []
    send = requests.adapters.HTTPAdapter.send

    def losing(adapter: Any, request: requests.PreparedRequest, *arguments: Any, **named: Any) -> Any:
        answer = send(adapter, request, *arguments, **named)
        if request.method == "POST" and request.url not in seen:
            seen.append(str(request.url))
            raise requests.ConnectionError("lost on purpose")
        return answer

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", losing)
    yield seen


def test_a_contribution_and_everything_twice(emulate: Emulate) -> None:
    github = emulate.client()
    home = github.repository(UPSTREAM)
    assert home is not None and not home.archived and home.default_branch == "main"
    fork = github.create_fork(UPSTREAM, owner="petra")
    assert github.create_fork(UPSTREAM, owner="petra") == fork, "one fork"
    found = github.fork_of(home, "petra")
    assert found is not None and found.full_name == fork == "petra/redis"

    emulate.branch(fork, "contrib/redis-windows")
    pull = _open(github, "contrib/redis-windows")
    assert pull.author == "petra" and pull.state == "open"
    assert [pull.number for pull in github.open_pulls(UPSTREAM)] == [pull.number]
    head = "petra:contrib/redis-windows"
    assert [pull.number for pull in github.pulls(UPSTREAM, head=head)] == [pull.number]
    assert github.pulls(UPSTREAM, head="petra:another") == ()
    edited = github.edit_pull(UPSTREAM, pull.number, title="Another title", body="Another text")
    assert (edited.title, edited.body) == ("Another title", "Another text")
    for _ in range(2):
        github.comment(UPSTREAM, pull.number, "Closing this.", mark="closing")
    comments = emulate.ask("GET", f"/repos/{UPSTREAM}/issues/{pull.number}/comments")
    assert len(comments) == 1 and "<!-- contrib: comment closing -->" in comments[0]["body"]

    emulate.ask("PUT", f"/repos/{UPSTREAM}/pulls/{pull.number}/merge", "maintainer")
    (merged,) = github.pulls(UPSTREAM, head=head)
    assert merged.merged and merged.merge_commit_sha and github.open_pulls(UPSTREAM) == ()


def test_an_issue(emulate: Emulate) -> None:
    github = emulate.client()
    urls = [github.open_issue(UPSTREAM, "Windows variants of Redis?", "The case.") for _ in range(2)]
    assert urls[0] == urls[1]
    number = int(urls[0].rpartition("/")[2])
    issue = github.issue(UPSTREAM, number)
    assert issue is not None and issue.state == "open" and not issue.pull and issue.url == urls[0]
    assert github.issue(UPSTREAM, 9999) is None


def test_lost_answers_double_nothing(emulate: Emulate, lost: list[str]) -> None:
    github = emulate.client()
    fork = github.create_fork(UPSTREAM, owner="petra")
    assert fork == "petra/redis"
    lost.append(f"{emulate.url}/repos/{fork}/git/refs")
    emulate.branch(fork, "contrib/redis-lost")
    pull = _open(github, "contrib/redis-lost")
    same = [each for each in github.open_pulls(UPSTREAM) if each.head_branch == "contrib/redis-lost"]
    assert [each.number for each in same] == [pull.number]
    github.comment(UPSTREAM, pull.number, "Once.", mark="once")
    assert len(emulate.ask("GET", f"/repos/{UPSTREAM}/issues/{pull.number}/comments")) == 1
    github.open_issue(UPSTREAM, "Lost?", "x")
    issues = [each for each in emulate.ask("GET", f"/repos/{UPSTREAM}/issues") if each["title"] == "Lost?"]
    assert len(issues) == 1 and len(lost) >= 5


def _open(github: GitHub, branch: str) -> Any:
    return github.create_pull(
        UPSTREAM, head=f"petra:{branch}", base="main", title="Add Windows variants", body="A text.", draft=False,
        maintainer_can_modify=True,
    )  # fmt: skip
