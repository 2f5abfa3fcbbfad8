"""``contrib library check`` of a change: --against, --changed, --base, REPO@REF, and what the report says first."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from contrib.cli.main import run
from tests.cli.test_library import git

HEAD = "Maintainers: A Person (@aperson)\nGitRepo: https://github.com/example/{name}.git\nGitCommit: {commit}\n\n"
ENTRIES = "Tags: 4.3.3, 4.3, 4, latest\nDirectory: 4.3\n\nTags: 4.2.3, 4.2\nDirectory: 4.2\n\nTags: 4.1.3, 4.1\nDirectory: 4.1\n"
WINDOWS = "Tags: 1.2-windowsservercore-{r}\nArchitectures: windows-amd64\nConstraints: windowsservercore-{r}\nDirectory: w\n"


def library(name: str, entries: str, commit: str = "a" * 40) -> str:
    return HEAD.format(name=name, commit=commit) + entries


class Official:
    """A clone of official-images with a remote, on a branch that changes a file, adds one and deletes one."""

    def __init__(self, root: Path) -> None:
        self.remote = root / "remote"
        self.remote.mkdir()
        git(self.remote, "init", "-q", "-b", "master")
        self.write(self.remote, "library/acme", library("acme", ENTRIES))
        self.write(self.remote, "library/old", library("old", "Tags: 1\n"))
        self.write(self.remote, "library/same", library("same", "Tags: 1.2-latest\n"))
        self.write(self.remote, ".external-pins/mcr.microsoft.com/windows/servercore___1809", "sha256:0\n")
        self.commit(self.remote, 1)
        self.top = root / "official-images"
        git(root, "clone", "-q", str(self.remote), str(self.top))
        git(self.top, "checkout", "-q", "-b", "bump")
        self.write(
            self.top, "library/acme", library("acme", ENTRIES.replace("4.3.3, 4.3", "4.4.0, 4.4"), "b" * 40)
        )
        self.write(self.top, "library/fresh", library("fresh", WINDOWS.format(r="1809")))
        git(self.top, "rm", "-q", "library/old")
        self.commit(self.top, 2)
        # what the default branch does meanwhile is not of this branch
        self.write(self.remote, "library/other", library("other", "Tags: 1\n"))
        self.commit(self.remote, 3)
        git(self.top, "fetch", "-q")

    @staticmethod
    def write(top: Path, path: str, text: str) -> None:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text, encoding="utf-8", newline="\n")

    @staticmethod
    def commit(top: Path, day: int) -> str:
        git(top, "add", "-A")
        git(top, "commit", "-q", "-m", f"day {day}", day=day)
        return git(top, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("changed")
    Official(root)
    return root


@pytest.fixture
def top(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made, tmp_path / "copy", symlinks=True)
    path = tmp_path / "copy" / "official-images"
    monkeypatch.chdir(path)
    for name in ("BASHBREW_LIBRARY", "CONTRIB_LIBRARY"):
        monkeypatch.delenv(name, raising=False)
    return path


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    code = run(["library", "check", *arguments, "--format", "json"])
    captured = capsys.readouterr()
    return code, json.loads(captured.out) if captured.out.strip().startswith("{") else {"err": captured.err}


def rules(shape: dict[str, object]) -> set[tuple[str, str]]:
    findings = shape["findings"]
    assert isinstance(findings, list)
    return {(Path(each["file"]).name, each["rule"]) for each in findings if not each.get("older")}


def test_changed_files_of_a_branch(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, shape = check(capsys, "--changed")
    assert ("acme", "entry-dropped") in rules(shape)
    assert {name for name, _ in rules(shape)} <= {
        "acme",
        "fresh",
    }  # neither what is the same nor the remote's own
    assert ("fresh", "windows-retired-base") not in rules(shape)  # the pins are those of this tree
    assert code == 0
    assert run(["library", "check", "--changed", "--fail-on", "warning"]) == 1


def test_the_work_tree_counts(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Official.write(top, "library/acme", library("acme", ENTRIES.replace("4.3.3", "4.3.4"), "b" * 40))
    Official.write(top, "library/new", library("new", "Tags: 1.2-latest\n"))
    code, shape = check(capsys, "--changed")
    assert ("acme", "entry-dropped") not in rules(shape)
    assert ("new", "latest-in-tag") in rules(shape)
    assert code == 1


def test_only_some_of_them_and_another_base(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, shape = check(capsys, "--changed", "fresh")
    assert {name for name, _ in rules(shape)} <= {"fresh"}
    _, shape = check(capsys, "--changed", "--base", "HEAD~1", "acme")
    assert ("acme", "entry-dropped") in rules(shape)
    for arguments in (["same"], ["--base", "nowhere"]):
        code = run(["library", "check", "--changed", *arguments])
        assert code == 2
    capsys.readouterr()


def test_a_base_that_cannot_be_told(top: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    git(top, "remote", "remove", "origin")
    assert run(["library", "check", "--changed"]) == 2
    assert "--base" in capsys.readouterr().err
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-single-branch", top.as_uri(), str(shallow))
    git(shallow, "checkout", "-q", "-b", "mine", "origin/master")  # its default branch is bump
    assert run(["library", "check", "--changed", "--library", str(shallow / "library")]) == 2
    assert "shallow" in capsys.readouterr().err


def test_a_branch_of_any_repository(top: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    _, shape = check(capsys, "--changed", "--base", "origin/master", "--library", f"{top}@bump")
    assert ("acme", "entry-dropped") in rules(shape)


def test_files_of_a_commit(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, shape = check(capsys, f"{top}@HEAD:library/acme", "--against", f"{top}@HEAD~1:library/acme")
    assert [rule for _, rule in rules(shape)].count("entry-dropped") == 1
    _, shape = check(capsys, "acme", "--library", f"{top}@HEAD~1")
    assert not rules(shape)
    _, shape = check(capsys, "--all", "--library", f"{top}@HEAD~1")
    assert ("same", "latest-in-tag") in rules(shape)
    _, shape = check(
        capsys,
        f"{top}@HEAD:library/acme",
        "--against",
        f"{top}@HEAD~1:library/acme",
        "--library",
        f"{top}@HEAD~1",
    )  # a file of one commit, beside the files of another
    assert [rule for _, rule in rules(shape)].count("entry-dropped") == 1
    for wrong in (["nowhere", "--library", f"{top}@HEAD"], [f"{top}@HEAD:library/nowhere"], [f"{top}@HEAD:library/nowhere", "--library", f"{top}@HEAD"], ["acme", "--library", f"{top}@nowhere"]):  # fmt: skip
        assert run(["library", "check", *wrong]) == 2
    capsys.readouterr()


def test_pins_are_those_of_the_commit(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, shape = check(capsys, "fresh")
    assert ("fresh", "windows-retired-base") not in rules(shape)
    (top / ".external-pins/mcr.microsoft.com/windows/servercore___1809").rename(
        top / ".external-pins/mcr.microsoft.com/windows/servercore___ltsc2022"
    )
    _, shape = check(capsys, "fresh")
    assert ("fresh", "windows-retired-base") in rules(shape)
    _, shape = check(capsys, f"{top}@HEAD:library/fresh")
    assert ("fresh", "windows-retired-base") not in rules(shape)
    shutil.rmtree(top / ".external-pins")
    _, shape = check(capsys, "fresh")
    assert ("fresh", "windows-retired-base") not in rules(shape)
    questions = shape["not_checked"]["questions"]  # type: ignore[index]
    assert any("were pinned" in line for line in questions["others"])


def test_what_was_there_before_is_one_line(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (top / "library/same").read_text(encoding="utf-8")
    Official.write(top, "library/same", text.replace("a" * 40, "c" * 40))
    assert run(["library", "check", "same", "--against", f"{top}@HEAD:library"]) == 0
    out = capsys.readouterr().out
    assert "1 finding was there before; -v" in out
    assert "latest-in-tag" not in out
    assert "1 commit moved: the version in its Dockerfile was not compared (--upstream)" in out
    assert "whether the images build" in out
    assert out.index("library/same:") < out.index("there before")
    assert run(["library", "check", "same", "--against", f"{top}@HEAD:library", "-v"]) == 0
    assert "latest-in-tag" in capsys.readouterr().out
    assert run(["library", "check", "same"]) == 1  # as a whole it is wrong


def test_every_format_of_a_change(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for format_ in ("text", "concise", "markdown", "sarif", "github"):
        run(["library", "check", "--changed", "--format", format_])
        out = capsys.readouterr().out
        assert "entry-dropped" in out, format_
        if format_ == "github":
            assert "::warning file=library/acme,line=3," in out  # the first line that the branch changed


@pytest.mark.parametrize(
    "arguments",
    [
        ["--changed", "--all"],
        ["--changed", "--against", "x"],
        ["--base", "x", "acme"],
        ["--changed", "--fix", "--ask"],
    ],
)
def test_options_that_do_not_go_together(
    top: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["library", "check", *arguments]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_repository_that_is_not_there_is_not_checked(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, shape = check(capsys, "acme", "--upstream", f"https://github.com/example/else.git={top}")
    questions = shape["not_checked"]["questions"]  # type: ignore[index]
    assert any("acme.git is not at hand" in line for line in questions["repository"])
