"""``contrib review PULL_REQUEST`` against the stand-in: real git, real HTTP."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from contrib.cli.main import run
from contrib.clients.pull_files import pull_address
from contrib.report.comment import MARKER, MOST_LINES, comment
from contrib.sandbox.github import StandIn
from contrib.sandbox.model import PullRequest
from contrib.values.findings import Finding, Severity
from contrib.values.tree import FileChange

WINDOWS = b"""\
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
MAINTAINER somebody
ENV ACME_VERSION 1.2.3
CMD ["acme.exe"]
"""
HEAD = (
    b"Maintainers: A Person (@aperson)\nGitRepo: https://example.org/acme.git\nGitCommit: "
    + b"a" * 40
    + b"\n"
)
LIBRARY = (
    HEAD
    + b"""
Tags: 4.3.3, 4.3, 4, latest
Directory: 4.3

Tags: 4.2.3, 4.2
Directory: 4.2

Tags: 4.1.3, 4.1
Directory: 4.1
"""
)


@dataclass
class Place:
    """A repository on the stand-in with a pull request against it."""

    stand_in: StandIn
    pull: PullRequest
    capsys: pytest.CaptureFixture[str]

    @property
    def url(self) -> str:
        return f"{self.stand_in.url}/docker-library/acme/pull/{self.pull.number}"

    def review(self, *arguments: str) -> tuple[int, str, str]:
        code = run(["review", self.url, *arguments])
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err


def git(top: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(top), *arguments], check=True, capture_output=True)


@pytest.fixture
def place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    for name in list(os.environ):
        if name.startswith(("CONTRIB_", "GIT_")) or name in ("GH_TOKEN", "GITHUB_TOKEN"):
            monkeypatch.delenv(name)
    for name, value in {
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "P", "GIT_AUTHOR_EMAIL": "p@example.com",
        "GIT_COMMITTER_NAME": "P", "GIT_COMMITTER_EMAIL": "p@example.com",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    top = tmp_path / "acme"
    for path, data in {
        "1.2/windows/Dockerfile": WINDOWS,
        "1.2/alpine/Dockerfile": b"FROM alpine:3.22\n",
        "library/acme": LIBRARY,
        ".external-pins/mcr.microsoft.com/windows/servercore___ltsc2022": b"sha256:0\n",
    }.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(data)
    git(top, "init", "-q", "-b", "master")
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "first")
    with StandIn() as stand_in:
        world = stand_in.world
        repo = world.repository("docker-library/acme", top)
        petra = world.account("petra")
        monkeypatch.setenv("CONTRIB_GITHUB_TOKEN", world.token("petra"))
        fork = world.fork(repo, petra)
        with fork.git() as store:
            store.run("update-ref", "refs/heads/bump", "refs/heads/master")
        changed = WINDOWS.replace(
            b"ENV ACME_VERSION 1.2.3\n", b"ENV ACME_VERSION 1.2.4\nRUN setx PATH C:\\acme\n"
        )
        world.commit(
            fork,
            "bump",
            "Bump",
            [
                FileChange("1.2/windows/Dockerfile", changed),
                FileChange("1.2/alpine/Dockerfile", b"FROM alpine:3.23\n"),
                FileChange("library/acme", LIBRARY.replace(b"4.3.3, 4.3", b"4.4.0, 4.4")),
                FileChange("README.md", b"hello\n"),
            ],
            petra,
        )
        pull = world.open_pull(repo, petra, head="petra:bump", base="master", title="Bump to 4.4.0")
        yield Place(stand_in, pull, capsys)


def test_a_pull_request_is_reviewed_as_a_change(place: Place) -> None:
    code, out, _ = place.review("--format", "json")
    shape = json.loads(out)
    found = {(each["rule"], each["file"]) for each in shape["findings"]}
    assert ("entry-dropped", "library/acme") in found
    assert ("setx-without-machine", "1.2/windows/Dockerfile") in found
    assert not [
        rule for rule, _ in found if rule in ("maintainer-instruction", "not-windows")
    ]  # not of this change
    assert set(shape["files"]) == {"1.2/windows/Dockerfile", "1.2/alpine/Dockerfile", "library/acme"}
    assert any("1 Dockerfile of Linux images" in line for line in shape["not_checked"])
    assert code == (1 if shape["summary"]["error"] else 0)
    lines = {each["rule"]: each["line"] for each in shape["findings"]}
    assert lines["entry-dropped"] == 5  # the changed line, where GitHub shows an annotation


def test_every_format(place: Place) -> None:
    for format_ in ("text", "markdown", "concise", "github", "sarif"):
        code, out, _ = place.review("--format", format_)
        assert code in (0, 1)
        assert "entry-dropped" in out, format_
    assert place.stand_in.world.writes == []


def test_one_comment_is_written_and_changed_in_place(place: Place) -> None:
    code, _, err = place.review("--comment")
    assert code == 2  # not asked, not written
    assert "--yes" in err
    assert place.pull.comments == []
    _, _, err = place.review("--comment", "--yes")
    (written,) = place.pull.comments
    assert written.body.startswith(MARKER)
    assert written.body in err.replace("\r\n", "\n")
    assert len(written.body.split("\n")) <= MOST_LINES
    written.body = f"{MARKER}\nan older review"
    place.review("--comment", "--yes")
    assert len(place.pull.comments) == 1
    assert "entry-dropped" in place.pull.comments[0].body


def test_somebody_elses_comment_is_left_alone(place: Place) -> None:
    world = place.stand_in.world
    world.comment(place.pull, world.account("maintainer"), f"{MARKER}\nmine")
    place.review("--comment", "--yes")
    assert place.pull.comments[0].body.endswith("mine")
    assert len(place.pull.comments) == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["review", "http://127.0.0.1:1/a/b/pull/x"], 2),
        (["review", "Dockerfile", "--comment"], 2),
        (["review", "https://github.com/a/b/pull/1", "Dockerfile"], 2),
        (["review", "https://github.com/a/b/pull/1", "--fix"], 2),
        (["review", "https://github.com/a/b/pull/1", "--yes"], 2),
    ],
)
def test_bad_input(arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == code
    assert "Traceback" not in capsys.readouterr().err


def test_a_pull_request_that_is_not_there(place: Place) -> None:
    place.pull.number = 999
    code, _, err = place.review()
    assert code == 3
    assert "999" in err


def test_addresses() -> None:
    found = pull_address("https://github.com/docker-library/redis/pull/78#issuecomment-1")
    assert found is not None
    assert (found.web, found.repository, found.number) == ("https://github.com", "docker-library/redis", 78)
    assert pull_address("https://github.com/docker-library/redis") is None
    assert pull_address("Dockerfile") is None


def test_a_comment_never_has_more_lines() -> None:
    many = [Finding("r", Severity.WARNING, "f", n, f"@somebody <b> `x{n}`") for n in range(1, 40)]
    for count in range(40):
        for notes in ([], ["a", "b"]):
            text = comment(many[:count], "https://github.com/a/b/pull/1", "c" * 40, notes)
            assert len(text.split("\n")) <= MOST_LINES
            assert "@somebody" not in text
    assert "and 29 more" in comment(many, "https://github.com/a/b/pull/1", "c" * 40, ["n"]) or "more" in text
