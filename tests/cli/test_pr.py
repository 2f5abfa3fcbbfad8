"""`contrib pr`, `status` and `doctor` from the outside: the demo's repositories on the stand-in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contrib.cli.main import run
from contrib.images import load
from contrib.library import parse
from contrib.sandbox import upstreams
from contrib.sandbox.github import StandIn
from contrib.sandbox.model import PullRequest, Repo
from contrib.sandbox.rest import Answer, Request
from contrib.values.tree import FileChange

HEADERS = ["repo", "base", "branch", "commits", "title", "operation", "reason"]


@dataclass
class Done:
    """What a run gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Place:
    """The stand-in with the demo's upstream and official-images, local clones of both, and version sources."""

    root: Path
    stand_in: StandIn
    image: Repo
    official: Repo
    capsys: pytest.CaptureFixture[str]

    def contrib(self, command: str, *arguments: str, sources: bool = True) -> Done:
        """Run the program in this process."""
        given = [command, "redis", *arguments]
        if command not in ("doctor", "status") and sources:
            given += [
                "--source",
                f"port={self.root / 'port.json'}",
                "--source",
                f"hashes={self.root / 'hashes'}",
            ]
        code = run(given)
        captured = self.capsys.readouterr()
        return Done(code, captured.out, captured.err)

    def port(self, *, later: bool = False) -> None:
        """The port's releases, and Linux's."""
        releases = upstreams.releases_json(
            upstreams.port_releases(later=later), lambda tag, name: f"https://x/{name}"
        )
        (self.root / "port.json").write_text(json.dumps(releases))
        (self.root / "hashes").write_bytes(upstreams.redis_hashes(later=later))

    def writes(self) -> list[str]:
        return [f"{write.method} {write.path}" for write in self.stand_in.world.writes]

    def pull(self, repo: Repo, number: int = 1) -> PullRequest:
        return self.stand_in.world.pull(repo, number)

    def merge(self, repo: Repo, number: int = 1, method: Any = "merge") -> str:
        return self.stand_in.world.merge(
            self.pull(repo, number), self.stand_in.world.account("maintainer"), method
        )

    def file(self, repo: Repo, commit: str, path: str) -> str:
        with repo.git() as git:
            data = git.tree(commit).read(path)
        assert data is not None, path
        return data.decode()


@pytest.fixture(scope="session")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("upstreams")
    ids = upstreams.build(upstreams.templated(), root / "redis.git")
    upstreams.build(upstreams.official_images(ids), root / "official.git")
    return root / "redis.git", root / "official.git"


@pytest.fixture
def place(
    repositories: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    for name in list(os.environ):
        if name.startswith(("CONTRIB_", "GIT_")) or name in ("GH_TOKEN", "GITHUB_TOKEN", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    with StandIn() as stand_in:
        world = stand_in.world
        image = world.repository("docker-library/redis", repositories[0])
        official = world.repository("docker-library/official-images", repositories[1])
        for repo in (image, official):
            repo.collaborators.add("maintainer")
        values = {
            "CONTRIB_GITHUB_URL": stand_in.url,
            "CONTRIB_GITHUB_TOKEN": world.token("petra"),
            "CONTRIB_UPSTREAM": str(repositories[0]),
            "CONTRIB_OFFICIAL_IMAGES": str(repositories[1]),
            "CONTRIB_NO_DOWNLOAD": "1",
            "CONTRIB_TODAY": "2024-06-05",
            "GIT_AUTHOR_NAME": "Petra Porter",
            "GIT_AUTHOR_EMAIL": "petra@example.com",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        made = Place(tmp_path, stand_in, image, official, capsys)
        made.port()
        yield made


def test_a_dry_run_shows_the_whole_plan_and_writes_nothing(place: Place) -> None:
    done = place.contrib("pr", "--dry-run")
    assert done.code == 0, done.err
    for wanted in (
        "docker-library/redis  master <- petra/redis:contrib/redis-windows",
        "create: needs a fork",
        "7.2/windows/windowsservercore-ltsc2022/Dockerfile",
        "title: Add Windows variants for 7.2",
        "### What to know first",
        "removed in [`docker-library/redis#99`]",
        "**Not built and not run on Windows:** `windowsservercore-ltsc2025`, `windowsservercore-ltsc2022`.",
        "`nanoserver-ltsc2025` is left out: it has not been built and run on Windows.",
        "- stop-signal (different): ",
        "! Do not open a pull request yet: ",
        "waits for A1 (docker-library/redis)",
        "library/redis",
        "test/config.sh",
        "next: when A1",
    ):
        assert wanted in done.out, wanted
    shown = place.contrib("pr", "-n", "--format", "json").json
    assert list(shown) == ["plan", "next", "notes", "guards", "requests"]
    assert [list(step) for step in shown["plan"]] == [HEADERS, HEADERS]
    assert [step["operation"] for step in shown["plan"]] == ["create", "none"]
    assert place.writes() == []


def test_the_whole_job(place: Place) -> None:
    first = place.contrib("pr", "--yes")
    assert first.code == 0, first.err
    assert first.out == f"{place.stand_in.url}/docker-library/redis/pull/1\n"
    pull = place.pull(place.image)
    assert len(pull.body) < 65536 and "Add Windows variants" in pull.title
    with place.image.git() as git:
        tree = git.tree(pull.head_sha)
        assert tree.mode("apply-templates.sh") == "100755"
        left_out = b"\t# left out:\n\t# - nanoserver-ltsc2025: it has not been built and run on Windows\n"
        assert left_out in (tree.read("versions.sh") or b"")
        assert b"\r" not in (tree.read("7.2/windows/windowsservercore-ltsc2022/Dockerfile") or b"\r")

    writes = place.writes()
    again = place.contrib("pr", "--yes")
    assert again.out == first.out and "is open and up to date" in again.err
    assert place.writes() == writes

    merged = place.merge(place.image, method="squash")
    third = place.contrib("pr", "--yes", "--continue", "--format", "json")
    assert third.code == 0, third.err
    assert [step["operation"] for step in third.json["plan"]] == ["none", "create"]
    assert list(third.json["plan"][1]) == [*HEADERS, "number", "url", "head_sha"]
    official = place.pull(place.official)
    library = parse(place.file(place.official, official.head_sha, "library/redis").encode(), "library/redis")
    windows = [entry for entry in library.entries if "windows-amd64" in entry.architectures]
    assert len(windows) == 2  # an untried nanoserver is left out
    assert {entry.git_commit for entry in windows} == {merged}
    tests = place.file(place.official, official.head_sha, "test/config.sh")
    assert "[redis:windowsservercore_redis-basics]=1" in tests and "redis:nanoserver" not in tests
    assert "docker-library/redis#1, merged" in official.body and "@demo-maintainer" in official.body
    assert official.title == "Update redis"

    place.merge(place.official)
    assert "official-images lists 2 Windows entries of redis\nnext: nothing" in place.contrib("status").out
    last = place.contrib("pr")
    assert last.code == 0 and "next: nothing: upstream has all of it" in last.err


def test_the_next_release_is_proposed(place: Place) -> None:
    place.contrib("pr", "--yes")
    place.merge(place.image)
    place.contrib("pr", "--yes")
    place.merge(place.official)
    place.port(later=True)
    done = place.contrib("pr", "--yes")
    assert done.code == 0 and "pull/2" in done.out, done.err
    pull = place.pull(place.image, 2)
    assert pull.title.startswith("Update 7.2 for Windows to")
    status = place.contrib("status", "--format", "json").json
    assert [one["state"] for one in status["pulls"]] == ["open", "merged"]
    place.merge(place.image, 2)
    assert place.contrib("status").out.endswith("next: contrib pr redis --continue\n")
    listed = place.contrib("pr", "--yes")
    assert listed.code == 0 and "pull/2" in listed.out, listed.err
    assert place.pull(place.official, 2).state == "open"


def test_early_entries_point_into_the_fork(place: Place) -> None:
    done = place.contrib("pr", "--yes", "--early")
    assert done.code == 0, done.err
    official = place.pull(place.official)
    assert official.draft and "It waits for docker-library/redis#1" in official.body
    library = parse(place.file(place.official, official.head_sha, "library/redis").encode(), "library/redis")
    for entry in library.entries:
        ours = "windows-amd64" in entry.architectures
        assert (entry.git_repo == f"{place.stand_in.url}/petra/redis.git") is ours
        assert (entry.git_fetch == "refs/heads/contrib/redis-windows") is ours
    place.merge(place.image)
    place.contrib("pr", "--yes")
    assert not official.draft
    assert "petra/redis" not in place.file(place.official, official.head_sha, "library/redis")


def test_a_rehearsal_stays_in_the_forks(place: Place) -> None:
    done = place.contrib("pr", "--yes", "--rehearse", "--allow", "actions-off")
    assert done.code == 0, done.err
    world = place.stand_in.world
    assert not world.pulls[place.image.id] and not world.pulls[place.official.id]
    assert [line.split("/", 3)[3] for line in done.out.split()] == [
        "petra/redis/pull/1",
        "petra/official-images/pull/1",
    ]
    assert "until they are switched on" in done.err
    assert place.contrib("pr", "--yes", "--rehearse").err.count("is open and up to date") == 2
    assert place.contrib("status").out.count("rehearsal, open") == 1


@pytest.mark.parametrize(("only", "repos"), [("image", 1), ("official-images", 1)])
def test_only(place: Place, only: str, repos: int) -> None:
    shown = place.contrib("pr", "-n", "--only", only, "--format", "json").json
    assert len(shown["plan"]) == repos
    assert (shown["plan"][0]["repo"] == "docker-library/official-images") is (only == "official-images")


def test_words_of_ones_own(place: Place) -> None:
    text = place.root / "body.md"
    text.write_text("My own words.\n")
    done = place.contrib(
        "pr", "--yes", "--draft", "-t", "Mine", "-F", str(text), "--message", "My commit", "--signoff",
        "--no-maintainer-edit",
    )  # fmt: skip
    assert done.code == 0, done.err
    pull = place.pull(place.image)
    assert (pull.title, pull.draft, pull.maintainer_can_modify) == ("Mine", True, False)
    assert pull.body.startswith("My own words.")
    with place.image.git() as git:
        message = git.commit(pull.head_sha).message
    assert message == "My commit\n\nSigned-off-by: Petra Porter <petra@example.com>\n"


def test_the_same_commit_from_a_stale_clone_and_from_a_url(place: Place, tmp_path: Path) -> None:
    def planned(*options: str) -> str:
        return place.contrib("pr", "-n", *options).out.rsplit("next: ", 1)[0]

    shown = planned()
    clone = tmp_path / "clone"
    subprocess.run(
        ["git", "clone", "-q", "-c", "core.autocrlf=true", os.environ["CONTRIB_UPSTREAM"], str(clone)],
        check=True,
    )
    subprocess.run(["git", "reset", "-q", "--hard", "HEAD~1"], cwd=clone, check=True)
    assert planned("--upstream", str(clone)) == shown
    url = f"{place.stand_in.url}/docker-library/redis.git"
    official = f"{place.stand_in.url}/docker-library/official-images.git"
    assert planned("--upstream", url, "--official-images", official) == shown


def test_without_a_terminal_it_wants_yes(place: Place) -> None:
    done = place.contrib("pr")
    assert done.code == 2 and "--yes" in done.err and done.out == ""
    assert place.writes() == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--upstream", "/nowhere", "-n"], 2, "no such directory"),
        (["--offline"], 2, "needs the network"),
        (["--continue", "--yes"], 2, "nothing to continue"),
        (["--early", "--only", "image", "-n"], 2, "--early"),
        (["--rehearse", "--no-fork", "-n"], 2, "--rehearse"),
        (["--no-fork", "-n"], 2, "may push"),
        (["-t", " ", "-n"], 2, "title is empty"),
        (["-t", "x" * 300, "-n"], 2, "300 characters"),
        (["-F", "/nowhere", "-n"], 2, "nowhere"),
        (["--series", "9.9", "-n"], 2, "9.9"),
        (["--github-url", "http://example.com", "-n"], 2, "plain http"),
        (["--github-url", "ftp://x", "-n"], 2, "not the address"),
        (["--github-url", "http://127.0.0.1:9", "-n"], 3, "no connection"),
        (["--token-file", "/nowhere", "-n"], 2, "token file"),
    ],
)
def test_bad_input(place: Place, arguments: list[str], code: int, words: str) -> None:
    done = place.contrib("pr", *arguments)
    assert (done.code, words in done.err) == (code, True), done.err
    assert done.out == "" and place.writes() == []
    as_json = place.contrib("pr", *arguments, "--format", "json")
    assert as_json.code == code and set(as_json.json["error"]) == {"kind", "message", "file", "line", "hint"}


def test_no_token(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONTRIB_GITHUB_TOKEN")
    monkeypatch.setattr("contrib.clients.github.find_program", lambda name: None)
    assert place.contrib("pr", "--yes").code == 2
    dry = place.contrib("pr", "-n")
    assert dry.code == 0 and "YOUR-ACCOUNT/redis:contrib/redis-windows" in dry.out
    status = place.contrib("status")
    assert status.code == 2 and "whose contribution" in status.err
    assert place.contrib("status", "--fork-owner", "petra").code == 0
    doctor = place.contrib("doctor")
    assert doctor.code == 1 and "there is none" in doctor.out


@pytest.mark.parametrize(
    ("scopes", "words"), [((), "public_repo"), (("gist",), "has: gist"), (None, "fine-grained")]
)
def test_tokens_that_cannot(place: Place, monkeypatch: pytest.MonkeyPatch, scopes: Any, words: str) -> None:
    monkeypatch.setenv("CONTRIB_GITHUB_TOKEN", place.stand_in.world.token("petra", scopes))
    done = place.contrib("pr", "--yes")
    assert done.code != 0 and words in done.err
    assert [write for write in place.writes() if write.startswith("PUSH")] == []
    assert words in place.contrib("doctor").out


def test_offline_it_plans_without_asking(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRIB_GITHUB_URL", "http://127.0.0.1:9")
    done = place.contrib("pr", "-n", "--offline", "--format", "json")
    assert done.code == 0, done.err
    assert [step["operation"] for step in done.json["plan"]] == ["create", "none"]


def test_a_maintainers_no_stops(place: Place) -> None:
    place.contrib("pr", "--yes")
    world = place.stand_in.world
    pull = place.pull(place.image)
    world.comment(pull, world.account("maintainer"), "Not now.")
    world.edit_pull(pull, world.account("maintainer"), state="closed")
    dry = place.contrib("pr", "-n")
    assert dry.code == 0 and "stop:" in dry.out and "Not now." in dry.out
    done = place.contrib("pr", "--yes")
    assert (
        done.code == 2
        and "closed unmerged by maintainer" in done.err
        and "--allow closed-unmerged" in done.err
    )
    assert "Not now." in place.contrib("status").out
    assert place.contrib("pr", "--yes", "--allow", "closed-unmerged").out.endswith("/pull/2\n")


def test_status_says_who_has_to_act(place: Place) -> None:
    assert place.contrib("status").out == "no pull request for redis yet\nnext: contrib pr redis\n"
    place.contrib("pr", "--yes")
    world, pull = place.stand_in.world, place.pull(place.image)
    maintainer = world.account("maintainer")

    def next_line() -> str:
        done = place.contrib("status")
        assert done.code == 0, done.err
        return done.out.splitlines()[-1]

    assert "waits for a maintainer: to review it" in next_line()
    world.check(place.image, pull.head_sha, "build", "action_required")
    assert "a maintainer: to allow the workflows to run" in next_line()
    place.image.waiting_workflows.clear()
    world.check(place.image, pull.head_sha, "build", None)
    assert "its checks: they still run" in next_line()
    world.check(place.image, pull.head_sha, "build", "failure")
    assert "checks failed (build)" in next_line()
    world.check(place.image, pull.head_sha, "build", "success")
    world.review(pull, maintainer, "CHANGES_REQUESTED", "Please quote it.")
    assert "maintainer asked for changes" in next_line()
    assert "maintainer said: Please quote it." in place.contrib("status").out
    world.review(pull, maintainer, "APPROVED")
    assert "it is approved, and to be merged" in next_line()
    shown = place.contrib("status", "--format", "json").json
    assert shown["pulls"][0]["reviews"] == {"maintainer": "approved"}
    assert shown["pulls"][0]["check_state"] == "success"


def test_watch_ends_when_the_person_has_to_act(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.contrib("pr", "--yes")
    looks = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 2:
            place.merge(place.image)

    monkeypatch.setattr("contrib.cli.status.sleep", sleep)
    done = place.contrib("status", "--watch", "--interval", "7")
    assert looks == [7, 7] and done.out.endswith("next: contrib pr redis --continue\n")


def test_doctor(place: Place) -> None:
    done = place.contrib("doctor", "--format", "json")
    assert done.code == 0, done.out
    states = {check["name"]: check["state"] for check in done.json["checks"]}
    assert (
        states["git"] == states["git identity"] == states["token"] == states["docker-library/redis"] == "ok"
    )
    place.contrib("pr", "--yes")
    text = place.contrib("doctor").out
    assert "fork of docker-library/redis: petra/redis" in text and "Actions in petra/redis: off" in text
    assert os.environ["CONTRIB_GITHUB_TOKEN"] not in text
    writes = place.writes()
    place.contrib("doctor")
    assert place.writes() == writes


def test_doctor_without_an_identity_or_a_connection(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIT_AUTHOR_NAME")
    monkeypatch.delenv("GIT_AUTHOR_EMAIL")
    monkeypatch.setenv("HOME", str(place.root))  # git 2.31 does not know GIT_CONFIG_GLOBAL
    monkeypatch.setenv("CONTRIB_GITHUB_URL", "http://127.0.0.1:9")
    done = place.contrib("doctor")
    assert done.code == 1
    assert "git does not know who you are" in done.out and "git config --global user.name" in done.out
    assert "cannot be reached: Connection refused" in done.out
    assert "GitHub: not asked" in place.contrib("doctor", "--offline").out


def test_a_persons_own_file(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    own = place.root / "Dockerfile"
    own.write_bytes((Path(upstreams.__file__).parents[1] / "visitor" / "Dockerfile").read_bytes())
    done = place.contrib("pr", "--yes", "--from", str(own))
    assert done.code == 0, done.err
    body = place.pull(place.image).body
    assert "What was kept of the contributor's Dockerfile (" in body
    assert "is open and up to date" in place.contrib("pr", "--yes", "--from", str(own)).err


@pytest.mark.parametrize("answer", [True, False])
def test_it_asks_on_a_terminal(place: Place, monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
    asked: list[str] = []

    def confirm(text: str, **options: Any) -> bool:
        asked.append(text)
        assert options["err"] and place.writes() == []
        return answer

    monkeypatch.setattr("contrib.cli.common.Terminal.interactive", True)
    monkeypatch.setattr("contrib.cli.pr.click.confirm", confirm)
    done = place.contrib("pr")
    assert asked == ["Do this?"] and "title: Add Windows variants for 7.2" in done.err
    if answer:
        assert done.code == 0 and done.out.endswith("/pull/1\n")
    else:
        assert (done.code, done.out, place.writes()) == (130, "", [])
        assert "nothing was changed" in done.err


def test_the_chain_of_release_branches(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A0 to the default branch, A1 to a release branch, then B, each when the one before is merged."""
    commits = upstreams.release_branches()
    ids = upstreams.build(commits, place.root / "branches.git", default_branch="main")
    upstreams.build(upstreams.release_official_images(commits, ids), place.root / "listed.git")
    world = place.stand_in.world
    image = world.repository("redis/docker-library-redis", place.root / "branches.git", default_branch="main")
    listed = world.repository("elsewhere/official-images", place.root / "listed.git")
    for repo in (image, listed):
        repo.collaborators.add("maintainer")
    port = load("redis").port
    digest = "ab" * 32
    name = port.asset_name("8.10.0")
    release = {
        "tag_name": "8.10.0", "draft": False, "prerelease": False, "published_at": "2026-07-20T00:00:00Z", "body": "",
        "assets": [{"name": name, "state": "uploaded", "digest": f"sha256:{digest}", "browser_download_url": port.url("8.10.0")}],
    }  # fmt: skip
    (place.root / "port.json").write_text(json.dumps([release]))
    monkeypatch.setenv("CONTRIB_TODAY", "2026-08-01")
    monkeypatch.setenv("CONTRIB_UPSTREAM", str(place.root / "branches.git"))
    monkeypatch.setenv("CONTRIB_OFFICIAL_IMAGES", f"{place.stand_in.url}/elsewhere/official-images.git")
    monkeypatch.setenv("XDG_CACHE_HOME", str(place.root / "cache"))

    shown = place.contrib("pr", "-n", "--format", "json").json
    assert [(step["repo"], step["base"], step["operation"]) for step in shown["plan"]] == [
        ("redis/docker-library-redis", "main", "create"),
        ("redis/docker-library-redis", "release/8.10", "none"),
        ("elsewhere/official-images", "master", "none"),
    ]
    for number in (1, 2):
        done = place.contrib("pr", "--yes")
        assert done.code == 0, done.err
        assert place.pull(image, number).state == "open" and not world.pulls[listed.id]
        merged = place.merge(image, number, "squash")
    assert image.head("release/8.10") == merged
    assert place.contrib("pr", "--yes", "--continue").code == 0
    official = place.pull(listed)
    library = parse(place.file(listed, official.head_sha, "library/redis").encode(), "library/redis")
    windows = [entry for entry in library.entries if "windows-amd64" in entry.architectures]
    assert windows and {(entry.git_commit, entry.git_fetch) for entry in windows} == {
        (merged, "refs/heads/release/8.10")
    }
    assert not any(
        tag in ("8.10.0", "latest") for entry in windows for tag in (*entry.tags, *entry.shared_tags)
    )
    states = [(one["key"], one["state"]) for one in place.contrib("status", "--format", "json").json["pulls"]]
    assert states == [("A0", "merged"), ("A1", "merged"), ("B", "open")]


def test_a_workflows_own_token(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    token = place.stand_in.world.token("github-actions", None, value="ghs_abcdefghijklmnop")
    monkeypatch.setenv("CONTRIB_GITHUB_TOKEN", token)

    def integration(request: Request) -> Answer | None:
        if request.path != "/user":
            return None
        return Answer(403, {"message": "Resource not accessible by integration"})

    place.stand_in.hooks.append(integration)
    assert place.contrib("pr", "-n").code == 0
    done = place.contrib("pr", "--yes")
    assert done.code == 2 and "belongs to no account" in done.err and place.writes() == []
    assert "belongs to an app" in place.contrib("doctor").out


def test_status_tells_when_the_entries_were_dropped(place: Place) -> None:
    """Upstream's next release drops what its tools do not know."""
    world, maintainer = place.stand_in.world, place.stand_in.world.account("maintainer")
    place.contrib("pr", "--yes")
    place.merge(place.image)
    before = place.official.head("master")
    assert before is not None
    place.contrib("pr", "--yes")
    place.merge(place.official)
    text = place.file(place.official, before, "library/redis").encode()
    world.commit(place.official, "master", "Update redis", [FileChange("library/redis", text)], maintainer)
    done = place.contrib("status")
    assert "lists 0 Windows entries" in done.out and "has dropped the Windows entries since" in done.out
    again = place.contrib("pr", "--yes")
    assert again.code == 0 and again.out.endswith("official-images/pull/2\n"), again.err


def test_what_was_asked_for_once_is_not_lost(place: Place) -> None:
    first = place.contrib("pr", "--yes", "--series", "all")
    assert "contrib pr redis --series all --continue" in first.err
    forgotten = place.contrib("pr", "--yes")
    assert forgotten.code == 2 and "name the same --series" in forgotten.err
    assert place.contrib("pr", "--yes", "--series", "all").err.count("is open and up to date") == 1


def test_a_shallow_clone_is_named_in_the_message(place: Place) -> None:
    subprocess.run(
        ["git", "clone", "--quiet", "--depth=1", f"file://{place.image.path}", str(place.root / "shallow")],
        check=True,
    )
    done = place.contrib("pr", "--upstream", str(place.root / "shallow"), "--no-download", "--dry-run")
    assert done.code == 2 and "shallow" in done.err and "unshallow" in done.err
    assert str(place.root / "shallow") in done.err and "scratch" not in done.err


# -- evidence ------------------------------------------------------------------------------------------------


def record_of(place: Place, *, result: str = "passed", change: str = "", **more: object) -> Path:
    """A record of what `pr` proposes, as a Windows host would write it."""
    from contrib.values.evidence import dockerfile_sha256

    generated = place.root / "generated"
    if not generated.exists():
        url = f"{place.stand_in.url}/docker-library/redis.git"
        subprocess.run(["git", "clone", "--quiet", url, str(generated)], check=True)
        args = [
            "generate",
            "redis",
            "--upstream",
            str(generated),
            "--offline",
            "--source",
            f"port={place.root / 'port.json'}",
        ]
        assert run(args) == 0
        place.capsys.readouterr()
    variants = []
    ids = {
        "windowsservercore-ltsc2025": "sha256:" + "1" * 64,
        "windowsservercore-ltsc2022": "sha256:" + "2" * 64,
    }
    for name in (*ids, "nanoserver-ltsc2025"):
        kind, _, release = name.partition("-")
        path = f"7.2/windows/{name}/Dockerfile"
        data = (generated / path).read_bytes() + change.encode()
        bad = result == "failed" and name == "windowsservercore-ltsc2022"
        checks = [
            {"check": "build", "result": "passed", "seconds": 90.0, "said": "9 steps", "why": ""},
            {
                "check": "default-command/stop", "result": "failed" if bad else "passed", "seconds": 1.0,
                "said": "10.1 s | exit code 137 @octocat" if bad else "0.5 s", "why": "it was killed" if bad else "",
            },
        ]  # fmt: skip
        variants.append(
            {
                "variant": name, "kind": kind, "version": "7.2.4", "path": path,
                "dockerfile_sha256": dockerfile_sha256(data), "context_sha256": None,
                "copied_from": ids["windowsservercore-ltsc2025"] if kind == "nanoserver" else None,
                "base": {"name": f"mcr.microsoft.com/windows/servercore:{release}", "digest": "sha256:" + "a" * 64},
                "image_id": ids.get(name, "sha256:" + "3" * 64), "size": 1, "layers": 2, "steps": [],
                "checks": checks, "result": "failed" if bad else "passed",
            }
        )  # fmt: skip
    plain = {
        "schema": 1, "image": "redis", "when": "2026-11-28T16:05:47Z", "tool": "contrib 0.2.0",
        "place": {"engine": "27.5", "api": "1.47", "os": "windows", "os_version": "10.0.26100.1",
                  "isolation": "process", "builder": "classic", "runner": "windows-2025"},
        "run": None, "variants": variants,
    } | more  # fmt: skip
    path = place.root / "evidence.json"
    path.write_text(json.dumps(plain))
    return path


def test_what_was_built_and_run_is_said_of_the_bytes_that_were_tried(place: Place) -> None:
    record = record_of(place)
    done = place.contrib("pr", "--dry-run", "--evidence", str(record))
    assert done.code == 0, done.err
    assert (
        "Built and run: `windowsservercore-ltsc2025`, `windowsservercore-ltsc2022`, `nanoserver-ltsc2025`, with "
        "Docker 27.5 on Windows 10.0.26100.1 (windows-2025, process isolation)." in done.out
    )
    assert "7.2/windows/nanoserver-ltsc2025/Dockerfile" in done.out  # it was tried, so it is proposed
    assert "`nanoserver-ltsc2022` is left out: it has not been built and run on Windows." in done.out
    assert "| default-command/stop | yes (1 s) | yes (1 s) | yes (1 s) |" in done.out
    assert place.contrib("pr", "--dry-run", "--evidence", str(record), "--require-evidence").code == 0


def test_a_byte_that_changed_takes_the_claim_back(place: Place) -> None:
    record = record_of(place, change="\n")
    done = place.contrib("pr", "--dry-run", "--evidence", str(record))
    assert done.code == 0 and "Built and run" not in done.out
    assert "**Not built and not run on Windows:** `windowsservercore-ltsc2025`" in done.out
    assert "its Dockerfile has changed since it was tried" in done.err
    required = place.contrib("pr", "--dry-run", "--evidence", str(record), "--require-evidence")
    assert required.code == 2 and "has changed since it was tried" in required.err


def test_a_variant_that_failed_is_left_out(place: Place) -> None:
    record = record_of(place, result="failed")
    done = place.contrib("pr", "--dry-run", "--evidence", str(record))
    assert done.code == 0, done.err
    assert "7.2/windows/windowsservercore-ltsc2022/Dockerfile" not in done.out
    assert (
        "`windowsservercore-ltsc2022` is left out: it failed on 2026-11-28, at default-command/stop: it was killed."
        in done.out
    )
    allowed = place.contrib("pr", "--dry-run", "--evidence", str(record), "--allow", "failed-variant")
    assert "**`windowsservercore-ltsc2022` fails:** default-command/stop: it was killed." in allowed.out
    # Nobody is called by what a container prints: it is code, where GitHub looks for no names.
    assert "`@octocat`" in allowed.out and "@octocat" not in allowed.out.replace("`@octocat`", "")
    unused = place.contrib("pr", "--dry-run", "--allow", "failed-variant")
    assert unused.code == 2 and "does not apply" in unused.err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"image": "mongo"}, "is a record of mongo, and this is redis"),
        ({"schema": 7}, "has schema 7"),
        ({"variants": []}, "none of the proposed files is among them"),
        ({"when": "today"}, "when: expected a time"),
    ],
)
def test_a_record_of_something_else_is_refused(place: Place, more: dict[str, object], says: str) -> None:
    record = record_of(place, **more)
    done = place.contrib("pr", "--dry-run", "--evidence", str(record))
    assert done.code == 2 and says in done.err and "evidence.json" in done.err


@pytest.mark.parametrize(
    ("entry", "key", "what"),
    [
        (
            '[[justified]]\nfact = "healthcheck"\nreason = "x"\n',
            "justified[5].fact",
            "'healthcheck' has no effect",
        ),
        ('[[loss]]\nfact = "ports"\nreason = "x"\n', "loss[3].fact", "'ports' has no effect"),
        ('[[accept]]\nrule = "wget-alias"\nreason = "x"\n', "accept[2].rule", "'wget-alias' has no effect"),
        ('[[accept]]\nrule = "no-such"\nreason = "x"\n', "accept[2].rule", "there is no rule 'no-such'"),
    ],
)
def test_data_without_effect_is_refused(place: Place, entry: str, key: str, what: str) -> None:
    shutil.copytree(load("redis").folder.parent, place.root / "templates")
    file = place.root / "templates" / "redis" / "image.toml"
    file.write_text(file.read_text() + "\n" + entry)
    done = place.contrib("pr", "--dry-run", f"--templates={place.root / 'templates'}", "--format", "json")
    error = done.json["error"]
    assert (done.code, error["file"]) == (2, str(file)), error
    assert error["message"].startswith(f"{key}: {what}"), error
    assert file.read_text().splitlines()[error["line"] - 1].startswith(key.partition(".")[2])
