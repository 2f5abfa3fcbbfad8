"""``contrib review PULL_REQUEST`` against the stand-in: real git, real HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import pytest

from contrib.cli.main import run
from contrib.cli.review_pull import is_reviewed
from contrib.clients.pull_files import PullAddress, pull_address
from contrib.report.comment import MARKER, MOST_LINES, comment
from contrib.sandbox.github import StandIn
from contrib.sandbox.model import PullRequest
from contrib.sandbox.rest import Answer, Request
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
    found = {(each["rule"], each["file"]) for each in shape["findings"] if not each.get("older")}
    assert ("entry-dropped", "library/acme") in found
    assert ("setx-without-machine", "1.2/windows/Dockerfile") in found
    assert not [
        rule for rule, _ in found if rule in ("maintainer-instruction", "not-windows")
    ]  # not of this change
    assert set(shape["files"]) == {"1.2/windows/Dockerfile", "1.2/alpine/Dockerfile", "library/acme"}
    assert any("1 Dockerfile of Linux images" in line for line in shape["not_checked"])
    assert code == (1 if shape["summary"]["error"] else 0)
    older = [each["rule"] for each in shape["findings"] if each.get("older")]
    assert "maintainer-instruction" in older and shape["older"] == len(older)
    lines = {each["rule"]: each["line"] for each in shape["findings"]}
    assert lines["entry-dropped"] == 5  # the changed line, where GitHub shows an annotation


def test_every_format(place: Place) -> None:
    for format_ in ("text", "markdown", "concise", "github", "sarif"):
        code, out, _ = place.review("--format", format_)
        assert code in (0, 1)
        assert "entry-dropped" in out, format_
    assert place.stand_in.world.writes == []


def test_what_was_there_before_is_one_line(place: Place) -> None:
    _, out, _ = place.review()
    assert "maintainer-instruction" not in out
    assert "there before the change; -v shows" in out
    _, out, _ = place.review("-v")
    assert "maintainer-instruction" in out
    assert "there before the change" not in out


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


def test_a_workflow_changes_its_own_comment(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    world = place.stand_in.world
    bot, other = (world.account(f"{name}[bot]", kind="Bot") for name in ("github-actions", "another"))
    world.comment(place.pull, other, f"{MARKER}\nanother bot's")
    world.comment(place.pull, world.account("maintainer"), f"{MARKER}\nmine")
    monkeypatch.setenv(
        "CONTRIB_GITHUB_TOKEN", world.token(bot.login, ("public_repo",), value="ghs_" + "a" * 36)
    )
    for _ in range(2):
        code, _, err = place.review("--comment", "--yes")
        assert code in (0, 1), err
        place.pull.comments[-1].body += " "  # as if it had another review
        assert "failed with" not in err  # nothing of a library's own log
    assert [each.body.partition("\n")[2] for each in place.pull.comments[:2]] == ["another bot's", "mine"]
    assert len(place.pull.comments) == 3
    assert place.pull.comments[2].author is bot


def test_paths_that_are_no_plain_files(place: Place) -> None:
    world = place.stand_in.world
    repo = place.pull.repo
    fork = place.pull.head_repo
    top = "1.2/windows"
    files: list[FileChange] = [
        FileChange(f"{top}/Dockerfile", None),
        FileChange("1.3/windows servercore#1/Dockerfile", WINDOWS),
        FileChange("big/Dockerfile", b"# x\n" * 400_000),
        FileChange("binary/Dockerfile", b"FROM scratch\n\0\xff\xfe\n"),
        FileChange("empty/Dockerfile", b""),
        FileChange("link/Dockerfile", b"../elsewhere", mode="120000"),
        FileChange("library/acme", None),
        FileChange("library/Ünï", LIBRARY),
    ]
    assert fork is not None
    world.commit(fork, "bump", "Odd files", files, place.pull.author)
    code, out, err = place.review("--format", "json")
    assert code in (0, 1), err
    shape = json.loads(out)
    assert set(shape["files"]) == {
        "1.2/alpine/Dockerfile", "1.3/windows servercore#1/Dockerfile", "binary/Dockerfile", "empty/Dockerfile",
        "library/Ünï",
    }  # fmt: skip
    notes = "\n".join(shape["not_checked"])
    assert "big/Dockerfile" in notes and "link/Dockerfile" in notes
    assert "library/acme is deleted" in notes
    # A file that moves has its history: what it had before is older.
    moved = {
        each["rule"]: each.get("older", False)
        for each in shape["findings"]
        if each["file"].startswith("1.3/")
    }
    assert moved["maintainer-instruction"] is True
    assert repo.full_name == "docker-library/acme"


def test_files_that_github_does_not_list(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contrib.clients.pull_files.MOST_FILES", 1)
    _, out, _ = place.review()
    assert "3 of the changed files: GitHub lists no more than 1" in out


def test_pull_requests_that_are_over(place: Place) -> None:
    world = place.stand_in.world
    _, before, _ = place.review("--format", "json")
    assert place.pull.head_repo is not None
    world.delete(place.pull.head_repo)
    assert place.pull.state == "closed"
    _, out, _ = place.review("--format", "json")
    assert json.loads(out)["findings"] == json.loads(before)["findings"]


def test_a_merged_pull_request(place: Place) -> None:
    _, before, _ = place.review("--format", "json")
    owner = place.stand_in.world.account("docker-library")
    place.stand_in.world.merge(place.pull, owner)
    _, out, _ = place.review("--format", "json")
    assert json.loads(out)["findings"] == json.loads(before)["findings"]


def test_with_the_repository_of_its_library_file(place: Place, tmp_path: Path) -> None:
    _, out, _ = place.review()
    assert "that need the image's repository" in out
    _, out, _ = place.review("-v", "--upstream", f"https://example.org/acme.git={tmp_path / 'acme'}")
    assert "that need the image's repository" not in out
    assert "is not in https://example.org/acme.git" in out


def test_a_pull_request_is_judged_as_of_its_day(place: Place) -> None:
    world = place.stand_in.world
    old = WINDOWS.replace(b"mcr.microsoft.com/windows/servercore:ltsc2022", b"microsoft/windowsservercore")
    assert place.pull.head_repo is not None
    found = {}
    for year in (2017, 2026):
        world.clock = lambda year=year: datetime(year, 3, 1, tzinfo=timezone.utc)  # type: ignore[misc]
        world.commit(
            place.pull.head_repo, "bump", "Old", [FileChange(f"{year}/windows/Dockerfile", old)], place.pull.author
        )  # fmt: skip
        _, out, _ = place.review("--format", "json")
        found[year] = {each["rule"] for each in json.loads(out)["findings"]}
    assert not {"retired-base-repository", "moving-base-tag", "directory-name", "eol-base"} & found[2017]
    assert {"retired-base-repository", "moving-base-tag"} <= found[2026]


def test_a_rate_limit_says_when_to_try_again(place: Place) -> None:
    def refuse(request: Request) -> Answer | None:
        if "/contents/" not in request.path:
            return None
        return Answer(
            403, {"message": "API rate limit exceeded for 203.0.113.7."},
            headers={"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 7200)},
        )  # fmt: skip

    place.stand_in.hooks.append(refuse)
    code, _, err = place.review()
    assert code == 3
    assert "it starts anew at" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["review", "http://127.0.0.1:1/a/b/pull/x"], 2),
        (["review", "Dockerfile", "--comment"], 2),
        (["review", "https://github.com/a/b/pull/1", "Dockerfile"], 2),
        (["review", "https://github.com/a/b/pull/1", "--fix"], 2),
        (["review", "https://github.com/a/b/pull/1", "--yes"], 2),
        (["review", "Dockerfile", "--upstream", "x"], 2),
        (["review", "a/b#1", "c/d#2"], 2),
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


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/docker-library/redis/pull/78",
        "https://github.com/docker-library/redis/pull/78/",
        "https://github.com/docker-library/redis/pull/78#issuecomment-1",
        "https://github.com/docker-library/redis/pull/78/files?w=1#diff-0",
        "https://github.com/docker-library/redis/pull/78/commits/0123456789abcdef",
        "https://github.com/docker-library/redis/pull/78.diff",
        "github.com/docker-library/redis/pull/78",
        "www.github.com/docker-library/redis/pull/78/checks",
        "docker-library/redis#78",
    ],
)
def test_addresses(text: str) -> None:
    assert pull_address(text) == PullAddress("https://github.com", "docker-library/redis", 78)


def test_addresses_of_another_github() -> None:
    found = pull_address("https://ghe.example.com:8443/o/r/pull/1/files")
    assert found == PullAddress("https://ghe.example.com:8443", "o/r", 1)
    short = pull_address("o/r#1", "https://ghe.example.com")
    assert str(short) == "https://ghe.example.com/o/r/pull/1"


@pytest.mark.parametrize(
    ("path", "reviewed"),
    [
        ("Dockerfile", True),
        ("3.2/windows/windowsservercore/Dockerfile", True),
        ("17/Dockerfile.releases.full", True),
        ("windows.Dockerfile", True),
        ("library/redis", True),
        ("Dockerfile.template", False),
        ("Dockerfile.windows.tmpl", False),
        ("alpine/Dockerfile.j2", False),
        ("tmpl/windows/tmplv2.Dockerfile", False),
        ("Dockerfile-windows.template", False),
        ("library/.hidden", False),
        ("library/redis/x", False),
        ("docs/library/redis", False),
        ("Dockerfiles.md", False),
    ],
)
def test_which_files_are_reviewed(path: str, reviewed: bool) -> None:
    assert is_reviewed(path) is reviewed


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/docker-library/redis",
        "https://github.com/docker-library/redis/issues/78",
        "https://github.com/docker-library/redis/pull/",
        "https://github.com/docker-library/redis/pull/78x",
        "https://github.com/redis/pull/78",
        "redis#78",
        "#78",
        "a/b/c#78",
        "Dockerfile",
        "docker-library/redis#78\n",
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert pull_address(text) is None


def test_the_short_form(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = f"docker-library/acme#{place.pull.number}"
    assert run(["review", short, "--github-url", place.stand_in.url + "/"]) in (0, 1)
    assert "entry-dropped" in place.capsys.readouterr().out
    # A file of that name is a file.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docker-library").mkdir()
    (tmp_path / short).write_bytes(WINDOWS)
    assert run(["review", short, "--github-url", place.stand_in.url]) in (0, 1)
    assert "maintainer-instruction" in place.capsys.readouterr().out


def test_a_comment_never_has_more_lines() -> None:
    many = [Finding("r", Severity.WARNING, "f", n, f"@somebody <b> `x{n}`") for n in range(1, 40)]
    for count in range(40):
        for notes in ([], ["a", "b"]):
            text = comment(many[:count], "https://github.com/a/b/pull/1", "c" * 40, notes)
            assert len(text.split("\n")) <= MOST_LINES
            assert "@somebody" not in text.replace("`@somebody`", "")
    assert "- and 30 more" in comment(many, "https://github.com/a/b/pull/1", "c" * 40, ["n"])


def test_a_comment_says_the_same_once() -> None:
    same = [Finding("r", Severity.ERROR, f"{n}/Dockerfile", 3, "wrong") for n in range(1, 311)]
    text = comment(
        [*same, Finding("s", Severity.NOTE, "1/Dockerfile", 1, "odd")],
        "https://github.com/a/b/pull/1",
        "c" * 40,
        [],
    )
    assert "310 errors, 1 note" in text
    assert text.count("wrong") == 1
    assert "#L3) and 309 more places: wrong (`r`)" in text
    assert "odd" in text
