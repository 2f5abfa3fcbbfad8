"""The replay tools tell what is the same from what is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import replay_manifests, replay_renders
from contrib.cli.main import run
from tests.upstream.repos import Commit, git, make
from tests.upstream.test_manifest import LIBRARY, PROFILE, files
from tests.upstream.test_render import RULES, tree


def test_states_of_a_library_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "images" / "demo"
    folder.mkdir(parents=True)
    (folder / "manifest.toml").write_text(PROFILE)
    first = files()
    second = {**first, "2.0/alpine/docker-entrypoint.sh": "2"}
    third = {**second, "versions.json": str(first["versions.json"]).replace("1.0.9", "1.0.10")}
    make(tmp_path / "up", [Commit([], first), Commit([0], second), Commit([1], third)])
    library = {path: LIBRARY.read(path) or b"" for path in LIBRARY.paths()}
    make(tmp_path / "parents", [Commit([], library)])

    def printed(ref: str, *more: str) -> bytes:
        out = tmp_path / "out"
        where = ["--upstream", f"{tmp_path / 'up'}@{ref}", "--official-images", str(tmp_path / "parents")]
        assert (
            run(["manifest", "demo", *where, "--templates", str(folder.parent), "-o", str(out), *more]) == 0
        )
        return out.read_bytes()

    newer = {**library, "library/debian": library["library/debian"].replace(b"s390x, arm64v8, ", b"")}
    merged = [
        (library, b"by hand: " + b"0" * 40 + b"\n"),
        (library, printed("HEAD~2")),
        (library, printed("HEAD~1")),
        (library, printed("HEAD~1").replace(b"1.0.9", b"1.0.8")),
        (library, printed("HEAD~1", "--series", "2.0")),
        (library, printed("HEAD")),
        (newer, printed("HEAD")),
        (newer, printed("HEAD~1")),
    ]
    commits = [Commit([], {**library, "library/demo": "old"})]
    for number, (parents, text) in enumerate(merged):
        commits.append(Commit([number], {**parents, "library/demo": text}, f"change {number}"))
    make(tmp_path / "oi", commits)
    monkeypatch.setattr(
        sys,
        "argv",
        [
            "replay",
            "demo",
            "--upstream",
            str(tmp_path / "up"),
            "--official-images",
            str(tmp_path / "oi"),
            "--templates",
            str(folder.parent),
            "--last",
            "8",
        ],
    )
    assert replay_manifests.main() == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[-1].startswith("demo: 5 of 8 reproduced byte for byte (")
    assert sorted(lines[-1].partition("(")[2].rstrip(")").split(", ")) == [
        *("choice 1", "differs 1", "later 1", "no-commit 2", "parents 1", "same 2")
    ]
    verdicts = [line.split()[2] for line in lines if line[:4] == "2023" and " at " in line]
    assert verdicts == ["parents", "later", "choice", "differs", "no-commit", "no-commit"]
    assert any("1.0.8" in line and line.strip().startswith("-") for line in lines)


def test_commits_of_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "images" / "demo"
    folder.mkdir(parents=True)
    (folder / "render.toml").write_text(RULES)
    the_tree = tree()
    before = {
        path: (the_tree.read(path) or b"", the_tree.mode(path) or "100644") for path in the_tree.paths()
    }
    make(tmp_path / "up", [Commit([], before)])
    assert (
        run(["render", "demo", "--upstream", str(tmp_path / "up"), "--templates", str(folder.parent), "-q"])
        == 0
    )
    git(tmp_path / "up", "add", "--all")
    git(tmp_path / "up", "-c", "user.name=T", "-c", "user.email=t@e", "commit", "-qm", "x")
    capfd.readouterr()
    monkeypatch.setattr(
        sys, "argv", ["replay", "demo", "--upstream", str(tmp_path / "up"), "--templates", str(folder.parent)]
    )
    assert replay_renders.main() == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[-1] == "demo: 1 of 2 commits as committed, 8 files rendered"
    assert "6 files differ from what was committed, 0.9/Dockerfile first" in lines[0]


@pytest.mark.parametrize(
    ("image", "repository", "since", "until"),
    [
        ("golang", "docker-library+golang", "2025-02-01", "2025-03-01"),  # the script's last two changes
        ("mongo", "docker-library+mongo", "2025-01-20", "2025-03-01"),  # two candidates without Windows
        ("python", "docker-library+python", "2025-03-20", "2025-05-20"),  # three lists of architectures
        ("docker", "docker-library+docker", "2023-09-01", "2023-10-10"),  # candidates that are null
        ("nats", "nats-io+nats-docker", "2023-01-01", "2026-09-01"),  # further aliases kept by hand
        ("redis", "docker-library+redis", "2016-06-10", "2018-07-30"),  # five states of the script, Windows
        ("redis", "docker-library+redis", "2020-04-01", "2024-06-01"),
    ],
)
def test_merged_states_of_real_images(
    clones: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    image: str,
    repository: str,
    since: str,
    until: str,
) -> None:
    where = ["--upstream", str(clones / repository / "repo")]
    where += ["--official-images", str(clones / "docker-library+official-images" / "repo")]
    given = ["replay", image, *where, "--last", "0", "--since", since, "--until", until]
    monkeypatch.setattr(sys, "argv", given)
    assert replay_manifests.main() == 0
    printed = capfd.readouterr().out
    assert not {"differs", "cannot", "no-commit"} & set(printed.replace("(", " ").split()), printed
    assert " 0 of 0 " not in printed
