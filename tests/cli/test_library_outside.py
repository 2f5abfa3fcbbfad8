"""The repository, folder and network that rules ask: real git, and answers of a network that is not there."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from contrib.cli.library_git import Clones, GitView
from contrib.cli.library_network import Internet
from contrib.cli.library_place import Library, OnDisk
from contrib.clients.git import Repository
from contrib.values.errors import BadInput, OutsideError
from tests.cli.test_library import git


def commit(top: Path, files: dict[str, bytes], day: int) -> str:
    for name, data in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        git(top, "add", name)
    git(top, "commit", "-q", "-m", f"day {day}", day=day)
    return git(top, "rev-parse", "HEAD")


def link(top: Path, name: str, target: str) -> None:
    """A symbolic link as git has it, where the file system may have none."""
    scratch = top / "target"
    scratch.write_bytes(target.encode())
    blob = git(top, "hash-object", "-w", "target")
    scratch.unlink()
    git(top, "update-index", "--add", "--cacheinfo", f"120000,{blob},{name}")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    path = tmp_path / "repo"
    path.mkdir()
    git(path, "init", "-q", "-b", "main")
    return path


def test_links_are_followed_inside_the_tree(top: Path) -> None:
    commit(top, {"a/Dockerfile": b"FROM x\n"}, 1)
    for name, target in (
        ("b", "a"),
        ("c/Dockerfile", "../a/Dockerfile"),
        ("out", "../../x"),
        ("loop", "loop"),
        ("d", "b"),
    ):
        link(top, name, target)
    git(top, "commit", "-q", "-m", "links", day=2)
    sha = git(top, "rev-parse", "HEAD")
    with Repository.open(top) as repository:
        view = GitView(repository)
        for path in ("a/Dockerfile", "b/Dockerfile", "c/Dockerfile", "d/Dockerfile"):
            assert view.read(sha, path) == b"FROM x\n", path
        for path in ("out", "out/Dockerfile", "loop", "loop/x", "../a", "/a", "a", "none"):
            assert view.read(sha, path) is None, path
        assert view.read("0" * 40, "a/Dockerfile") is None
        assert not view.has("0" * 40)


def test_history(top: Path) -> None:
    first = commit(top, {"a/Dockerfile": b"1", "b/Dockerfile": b"1"}, 1)
    second = commit(top, {"a/Dockerfile": b"2"}, 2)
    git(top, "checkout", "-q", "-b", "side", first)
    side = commit(top, {"c": b"1"}, 3)
    git(top, "tag", "-a", "-m", "t", "v1")
    git(top, "checkout", "-q", "main")
    with Repository.open(top) as repository:
        view = GitView(repository)
        assert view.refs() == {"refs/heads/main": second, "refs/heads/side": side, "refs/tags/v1": side}
        assert view.ref("refs/heads/none") is None
        assert view.reachable(first, second)
        assert view.reachable(side, second) is False
        assert set(view.holding(first)) == {"refs/heads/main", "refs/heads/side", "refs/tags/v1"}
        assert view.last_touching(second, ["a", "b", ".", "../x", "none"]) == {
            "a": second,
            "b": first,
            ".": second,
        }
        assert list(view.paths(second)) == ["a/Dockerfile", "b/Dockerfile"]


def test_a_branch_that_is_not_pushed_yet_counts(top: Path, tmp_path: Path) -> None:
    first = commit(top, {"a": b"1"}, 1)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(top), str(clone))
    second = commit(clone, {"a": b"2"}, 2)
    with Repository.open(clone) as repository:
        assert GitView(repository).ref("refs/heads/main") == second
    git(clone, "checkout", "-q", "-b", "old", first)
    git(clone, "branch", "-q", "-f", "main", first)
    third = commit(top, {"a": b"3"}, 3)
    git(clone, "fetch", "-q", "origin")
    with Repository.open(clone) as repository:
        assert GitView(repository).ref("refs/heads/main") == third


def test_archives_that_were_modified(top: Path) -> None:
    import os

    commit(top, {"x/rootfs.tar.xz": os.urandom(4 << 20), "small.tar.gz": b"\0\1", "text.tar": b"text\n"}, 1)
    changed = {"x/rootfs.tar.xz": os.urandom(5 << 20), "small.tar.gz": b"\0\2", "text.tar": b"more\n"}
    second = commit(top, changed, 2)
    third = commit(top, {"other": b"1"}, 3)
    with Repository.open(top) as repository:
        view = GitView(repository)
        assert sorted(view.modified_archives([third])) == [
            (second, "small.tar.gz", 2),
            (second, "x/rootfs.tar.xz", 5 << 20),
        ]
        assert view.modified_archives([git(top, "rev-parse", "HEAD~2")]) == []
        assert view.modified_archives([]) == []


def test_clones(top: Path) -> None:
    commit(top, {"a": b"1"}, 1)
    said: list[str] = []
    clones = Clones([f"https://example.org/r.git={top}"], online=False, say=said.append)
    view = clones.of("https://example.org/r.git")
    assert view is not None
    assert clones.of("https://example.org/r.git") is view
    assert clones.of("https://example.org/other.git") is None
    clones.close()
    with pytest.raises(BadInput, match="one image each"):
        Clones([str(top), str(top)], online=False, say=said.append)
    offline = Clones(["https://example.invalid/r.git"], online=False, say=said.append)
    assert offline.of("any") is None
    assert list(offline.problems) == ["https://example.invalid/r.git"]


def test_folder(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    good = b"Maintainers: A (@a)\nGitRepo: https://example.org/r\nGitCommit: " + b"1" * 40 + b"\n\nTags: 1\n"
    (library / "good").write_bytes(good)
    (library / "bad").write_bytes(b"nothing")
    folder = Library(OnDisk(library))
    assert folder.file("good") is not None
    assert folder.file("bad") is None
    assert folder.file("none") is None
    assert folder.file("../good") is None
    assert list(folder.users("https://example.org/r")) == ["good"]
    assert folder.pins() is None  # not known, and nothing stands in for it
    pins = tmp_path / ".external-pins" / "example"
    pins.mkdir(parents=True)
    (pins / "base___1___2").write_text("sha256:0")
    assert Library(OnDisk(library)).pins() == {"example/base:1___2"}


def test_network(monkeypatch: pytest.MonkeyPatch) -> None:
    index = {"manifests": [{"platform": {"os": "windows", "architecture": "amd64"}}, {"platform": {"os": "linux", "architecture": "arm", "variant": "v7"}}, {}]}  # fmt: skip
    cycles = [
        {"cycle": "1.0", "eol": "2020-01-01", "latest": "1.0.9"},
        {"cycle": "2", "eol": False, "latest": "2.5"},
    ]
    asked: list[str] = []

    def get(self: object, url: str, **_: object) -> SimpleNamespace:
        asked.append(url)
        if "away" in url:
            raise OutsideError("no network")
        if "none" in url:
            raise BadInput("there is nothing (404)")
        shape: object = (
            index if "/manifests/" in url else {"token": "t"} if "auth.docker.io" in url else cycles
        )
        return SimpleNamespace(content=b"5" if "odd" in url else json.dumps(shape).encode(), url=url)

    def ls_remote(url: str, *patterns: str, token: str | None = None) -> dict[str, str]:
        if "away" in url:
            raise OutsideError("no network")
        if "none" in url:
            raise OutsideError("there is no such repository", kind="not-found")
        return {"HEAD": "1", "refs/tags/v1": "2", "refs/tags/v1^{}": "3", "refs/tags/v2": "4"}

    monkeypatch.setattr("contrib.clients.http.Http.get", get)
    monkeypatch.setattr("contrib.clients.commits.ls_remote", ls_remote)
    net = Internet()
    assert net.architectures("mcr.microsoft.com/windows/servercore:ltsc2025") == {"windows-amd64", "arm32v7"}
    assert net.architectures("redhat/ubi9:latest") == {"windows-amd64", "arm32v7"}
    assert asked[-1] == "https://registry-1.docker.io/v2/redhat/ubi9/manifests/latest"
    assert net.architectures("example.org/none:1") == frozenset()
    assert net.architectures("away.example.org/x:1") is None
    assert net.architectures("odd.example.org/x:1") is None and net.newest("odd", "1") is None
    assert (
        net.answers("https://github.com/o/r"),
        net.answers("https://github.com/o/none"),
        net.answers("https://github.com/away/r"),
    ) == (
        True,
        False,
        None,
    )
    assert (
        net.tag_commit("https://github.com/o/r", "v1"),
        net.tag_commit("https://github.com/o/r", "v2"),
    ) == ("3", "4")
    assert (
        net.tag_commit("https://github.com/o/r", "v9"),
        net.tag_commit("https://github.com/away/r", "v1"),
    ) == ("", None)
    assert (net.ended("demo", "1.0"), net.ended("demo", "2.4"), net.ended("demo", "3.0")) == (
        "2020-01-01",
        "",
        "",
    )
    assert (net.newest("demo", "1.0"), net.newest("none", "1.0"), net.newest("away", "1.0")) == (
        "1.0.9",
        "",
        None,
    )
    count = len(asked)
    net.ended("demo", "1.0")
    assert len(asked) == count
