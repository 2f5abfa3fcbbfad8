"""The GitHub Action, the pre-commit hooks and CI's own workflow."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
WINDOWS = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN curl -o a.zip http://example.com/a-1.zip\n"
LIBRARY = "Maintainers: A (@a)\nGitRepo: https://github.com/a/b.git\n\nTags: 1\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with one commit; the second one adds files of both kinds."""
    here = tmp_path / "clone"
    (here / "library").mkdir(parents=True)
    git(here, "init", "-q", ".")
    (here / "Dockerfile").write_text("FROM alpine\n")
    (here / "old").mkdir()
    (here / "old" / "Dockerfile").write_text(WINDOWS)
    commit(here)
    (here / "windows").mkdir()
    (here / "windows" / "Dockerfile").write_text(WINDOWS)
    (here / "linux").mkdir()
    (here / "linux" / "Dockerfile").write_text("FROM debian\n")
    (here / "library" / "x").write_text(LIBRARY)
    commit(here)
    return here


def git(here: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=here, capture_output=True, text=True, check=True
    ).stdout.strip()


def commit(here: Path) -> None:
    git(here, "add", "-A")
    git(here, "commit", "-q", "-m", "x")


def act(clone: Path, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    temporary = tmp_path / "runner"
    temporary.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, str(ROOT / ".github" / "action.py")],
        cwd=clone,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "RUNNER_TEMP": str(temporary),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
            **environment,
        },
    )


def test_the_action_reviews_what_changed(clone: Path, tmp_path: Path) -> None:
    done = act(clone, tmp_path, BASE=git(clone, "rev-parse", "HEAD~1"))
    assert done.returncode == 1, done.stderr
    assert re.search(
        r"^::error file=windows/Dockerfile,line=2,.*title=plain-http-download::", done.stdout, re.M
    )
    assert re.search(r"^::\w+ file=library/x,", done.stdout, re.M)
    assert "old/Dockerfile" not in done.stdout
    assert "linux/Dockerfile" not in done.stdout
    summary = (tmp_path / "summary.md").read_text()
    assert "windows/Dockerfile" in summary and "library/x" in summary
    outputs = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    assert int(outputs["findings"]) > 3
    assert sorted(path.name for path in Path(outputs["sarif-file"]).iterdir()) == [
        "library.sarif",
        "review.sarif",
    ]


def test_its_inputs(clone: Path, tmp_path: Path) -> None:
    assert act(clone, tmp_path, FILES="old/Dockerfile", FAIL_ON="never").returncode == 0
    done = act(
        clone,
        tmp_path,
        FILES="old/Dockerfile\n",
        ARGS="--select plain-http-download --severity plain-http-download=note",
    )
    assert done.returncode == 0
    assert done.stdout.startswith("::notice file=old/Dockerfile,")


def test_a_branch_that_is_new_is_looked_at_whole(clone: Path, tmp_path: Path) -> None:
    done = act(clone, tmp_path, BASE="0" * 40)
    assert "file=old/Dockerfile" in done.stdout and "file=windows/Dockerfile" in done.stdout


def test_nothing_changed(clone: Path, tmp_path: Path) -> None:
    done = act(clone, tmp_path, BASE=git(clone, "rev-parse", "HEAD"))
    assert (done.returncode, done.stdout) == (
        0,
        "contrib: no Windows Dockerfile and no library file has changed\n",
    )


def workflows() -> list[Path]:
    return [ROOT / "action.yml", *sorted((ROOT / ".github" / "workflows").glob("*.yml"))]


def test_actions_are_pinned_by_commit() -> None:
    for path in workflows():
        for used in re.findall(r"uses: (\S+)(.*)", path.read_text("utf-8")):
            assert used[0] == "./" or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used[0]), (
                f"{path.name}: {used[0]}"
            )
            assert used[0] == "./" or re.fullmatch(r" # v[\d.]+", used[1]), (
                f"{path.name}: no version beside {used[0]}"
            )


def test_actionlint_and_the_shape_of_the_action() -> None:
    yaml = pytest.importorskip("yaml")
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    text = (ROOT / "action.yml").read_text("utf-8")
    for name, given in action["inputs"].items():
        assert given["description"].endswith(".")
        assert f"inputs.{name}" in text, f"the input {name} does nothing"
    for step in action["runs"]["steps"]:
        if "run" in step:
            assert "${{" not in step["run"], "what comes from outside goes through the environment"
    if shutil.which("actionlint") is None:
        pytest.skip("no actionlint on PATH")
    done = subprocess.run(
        ["actionlint", *map(str, sorted((ROOT / ".github" / "workflows").glob("*.yml")))],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_ci_runs_the_lines_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    lines = [
        line for line in readme.splitlines() if line.endswith("-m pytest") or line.endswith("-m pytest }")
    ]
    assert len(lines) == 2
    assert [line for line in lines if f"run: {line}\n" not in text] == []


# -- pre-commit --------------------------------------------------------------------------------------------


def hooks() -> list[dict[str, Any]]:
    yaml = pytest.importorskip("yaml")
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    return found


@pytest.mark.parametrize(
    ("path", "hook"),
    [
        ("Dockerfile", "contrib-review"),
        ("7.2/windows/windowsservercore-ltsc2022/Dockerfile", "contrib-review"),
        ("windows.Dockerfile", "contrib-review"),
        ("Dockerfile.windows", "contrib-review"),
        ("library/redis", "contrib-library-check"),
        ("sub/library/redis", None),
        ("docs/Dockerfiles.md", None),
    ],
)
def test_hooks_take_their_files(path: str, hook: str | None) -> None:
    assert [each["id"] for each in hooks() if re.search(each["files"], path)] == ([hook] if hook else [])


def test_the_real_pre_commit(clone: Path, tmp_path: Path) -> None:
    """Our hooks as a repository has them; their environment is the one that runs the suite."""
    program = shutil.which("pre-commit")
    if program is None:
        pytest.skip("no pre-commit on PATH")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "contrib").write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m contrib "$@"\n')
    (folder / "contrib").chmod(0o755)
    source = tmp_path / "hooks"
    source.mkdir()
    text = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    (source / ".pre-commit-hooks.yaml").write_text(text.replace("language: python", "language: system"))
    git(source, "init", "-q", ".")
    commit(source)
    (clone / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {source}\n  rev: {git(source, 'rev-parse', 'HEAD')}\n"
        "  hooks: [{id: contrib-review}, {id: contrib-library-check}]\n"
    )
    commit(clone)
    environment = {
        **os.environ,
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
    }
    done = subprocess.run(
        [program, "run", "--all-files", "--color=never"],
        cwd=clone,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"contrib review\.+Failed", done.stdout)
    assert re.search(r"contrib library check\.+Failed", done.stdout)
    assert "windows/Dockerfile:2:" in done.stdout
    assert re.search(r"library/x:\d+:\d+: ", done.stdout)
    for name in ("old", "windows"):
        (clone / name / "Dockerfile").unlink()
    (clone / "library" / "x").unlink()
    commit(clone)
    done = subprocess.run(
        [program, "run", "--all-files", "--color=never"],
        cwd=clone,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"contrib review\.+Passed", done.stdout)
