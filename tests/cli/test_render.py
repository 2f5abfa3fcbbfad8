from __future__ import annotations

import json
from pathlib import Path

import pytest

from contrib.cli.main import run
from tests.upstream.repos import Commit, git, make
from tests.upstream.test_render import RULES, SCRIPT, WARNING, tree


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "images" / "demo"
    folder.mkdir(parents=True)
    (folder / "render.toml").write_text(RULES)
    return folder.parent


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    the_tree = tree()
    files = {path: (the_tree.read(path) or b"", the_tree.mode(path) or "100644") for path in the_tree.paths()}
    make(tmp_path / "up", [Commit([], files)])
    return tmp_path / "up"


def snapshot(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def test_writes_what_the_script_writes_and_nothing_twice(
    templates: Path, upstream: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["render", "demo", "--upstream", str(upstream), "--templates", str(templates)]
    assert run([*arguments, "--check"]) == 1
    shown = capfd.readouterr()
    assert "+ENV V 1.0" in shown.out and "deleted file mode" in shown.out
    assert git(upstream, "status", "--porcelain") == ""
    assert run([*arguments, "--diff"]) == 0
    assert capfd.readouterr().out == shown.out
    assert run(arguments) == 0
    assert capfd.readouterr().out.splitlines() == [
        "removed 0.9/Dockerfile",
        "1.0-rc/Dockerfile",
        "1.0-rc/docker-entrypoint.sh",
        "removed 1.0-rc/old/Dockerfile",
        "1.0-rc/other.sh",
        "1.0-rc/windows/windowsservercore-ltsc2025/Dockerfile",
    ]
    assert (upstream / "1.0-rc" / "Dockerfile").read_bytes() == WARNING + b"FROM x:1.0-rc1\nENV V 1.0 \n"
    assert not (upstream / "0.9").exists()
    before = snapshot(upstream)
    assert run([*arguments, "--check"]) == 0
    assert run(arguments) == 0
    assert snapshot(upstream) == before
    assert capfd.readouterr().out == ""


def test_the_diff_is_one_that_git_applies(
    templates: Path, upstream: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = ["render", "demo", "--upstream", str(upstream), "--templates", str(templates)]
    assert run([*arguments, "--diff", "-o", str(tmp_path / "patch"), "-q"]) == 0
    git(upstream, "apply", str(tmp_path / "patch"))
    assert run([*arguments, "--check"]) == 0
    assert capfd.readouterr().out == ""


def test_uncommitted_work_is_not_lost(
    templates: Path, upstream: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    by_hand = upstream / "1.0-rc" / "windows" / "by-hand" / "Dockerfile"
    by_hand.parent.mkdir(parents=True)
    by_hand.write_text("mine")
    arguments = ["render", "demo", "--upstream", str(upstream), "--templates", str(templates)]
    before = snapshot(upstream)
    assert run(arguments) == 2
    assert "1.0-rc/windows/by-hand/Dockerfile" in capfd.readouterr().err
    assert snapshot(upstream) == before
    # Templates and versions.json may be changed: that is what the command is for.
    git(upstream, "add", "--all")
    git(upstream, "-c", "user.name=T", "-c", "user.email=t@e", "commit", "-qm", "x")
    (upstream / "Dockerfile.template").write_text("FROM y\n")
    assert run(arguments) == 0
    assert (upstream / "1.0-rc" / "Dockerfile").read_bytes() == WARNING + b"FROM y\n"
    by_hand.parent.mkdir(parents=True)
    by_hand.write_text("mine again")
    assert run([*arguments, "--allow", "uncommitted-work"]) == 0
    assert not by_hand.exists()


def test_a_commit_and_a_bare_repository_are_read_and_never_written(
    templates: Path, upstream: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(upstream)
    for spec in (f"{upstream}@HEAD", str(upstream / ".git")):
        arguments = ["render", "demo", "--upstream", spec, "--templates", str(templates)]
        assert run([*arguments, "--check"]) == 1
        assert run(arguments) == 2
        assert "no work tree" in capfd.readouterr().err
    assert (
        run(["render", "demo", "--upstream", str(upstream), "--ref", "HEAD", "--templates", str(templates)])
        == 2
    )
    assert snapshot(upstream) == before


def test_json(templates: Path, upstream: Path, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "render",
        "demo",
        "--upstream",
        str(upstream),
        "--templates",
        str(templates),
        "--format",
        "json",
    ]
    assert run([*arguments, "--check", "--series", "0.9"]) == 1
    assert json.loads(capfd.readouterr().out) == {
        "image": "demo",
        "rendered": 0,
        "written": False,
        "files": [{"path": "0.9/Dockerfile", "mode": "100644", "deleted": True}],
    }


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"Dockerfile.template": "a\n {{ .x | | }}\n"}, r"Dockerfile.template:2: column 10: syntax error"),
        ({"Dockerfile.template": '{{ include "../../x" -}}\n'}, "would leave the tree"),
        ({"versions.json": '{"../../x": {}}'}, "would leave the tree"),
        ({"versions.json": "nothing"}, "versions.json:1: is not JSON: expecting value (column 1)"),
        ({"apply-templates.sh": "x"}, "generated_warning"),
    ],
)
def test_bad_input_writes_nothing(
    templates: Path, upstream: Path, capfd: pytest.CaptureFixture[str], files: dict[str, str], message: str
) -> None:
    for path, text in files.items():
        (upstream / path).write_text(text)
    before = snapshot(upstream)
    assert run(["render", "demo", "--upstream", str(upstream), "--templates", str(templates)]) == 2
    error = capfd.readouterr().err
    assert message in error and "Traceback" not in error
    assert snapshot(upstream) == before


def test_links_are_not_written_through(
    templates: Path, upstream: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    git(upstream, "rm", "-rq", "1.0-rc")
    (upstream / "1.0-rc").symlink_to(outside)
    assert run(["render", "demo", "--upstream", str(upstream), "--templates", str(templates)]) == 2
    assert "symbolic link" in capfd.readouterr().err
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nosuch"], 2, "is not known"),
        (["demo", "--upstream", "/no/such"], 2, "no such directory"),
        (["demo", "--upstream", "UP@nosuch"], 2, "no commit"),
        (["demo", "--upstream", "UP@--x"], 2, "not a name"),
        (["demo", "--upstream", "UP@HEAD", "--ref", "main"], 2, "two commits"),
        (["demo", "--upstream", "UP", "--series", "9"], 2, "no version '9'"),
        (["demo", "--upstream", "https://example.invalid/x.git", "--offline"], 3, "offline"),
    ],
)
def test_bad_arguments(
    templates: Path,
    upstream: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    given = [one.replace("UP", str(upstream)) for one in arguments]
    assert run(["render", *given, "--templates", str(templates)]) == code
    assert message in capfd.readouterr().err


def test_which_image_is_asked(templates: Path, upstream: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["render", "--upstream", str(upstream), "--templates", str(templates)]) == 2
    assert "which image?" in capfd.readouterr().err
    assert SCRIPT
