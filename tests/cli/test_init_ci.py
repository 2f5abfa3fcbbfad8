"""`contrib init-ci`: the workflow."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from contrib.cli.init_ci import workflow
from contrib.cli.main import run
from contrib.values.errors import BadInput

SPEC = "git+https://github.com/petra/contrib@0123456789abcdef"


def test_it_is_written_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["init-ci", "redis", "--directory", str(tmp_path), "--install", SPEC]
    assert run([*given, "--check"]) == 1 and not (tmp_path / ".github").exists()
    assert run(given) == 0
    path = tmp_path / ".github/workflows/contrib-redis.yml"
    assert capsys.readouterr().out == ".github/workflows/contrib-redis.yml\n"
    text = path.read_bytes()
    assert b"\r" not in text and SPEC.encode() in text
    for wanted in (
        b"contrib pr redis --yes",
        b"permissions: {}",
        b"${{ secrets.CONTRIB_GITHUB_TOKEN }}",
        b"contrib doctor redis",
    ):
        assert wanted in text
    assert run([*given, "--check"]) == 0 and run(given) == 0
    path.write_bytes(b"mine\n")
    assert run(given) == 2 and path.read_bytes() == b"mine\n"
    assert "--allow workflow-differs" in capsys.readouterr().err
    assert run([*given, "--diff"]) == 0 and "-mine" in capsys.readouterr().out
    assert run([*given, "--allow", "workflow-differs"]) == 0 and path.read_bytes() == text


def test_it_is_yaml_of_the_shape_that_github_wants() -> None:
    text = workflow("redis", SPEC)
    lines = [line for line in text.split("\n") if line and not line.lstrip().startswith("#")]
    assert all((len(line) - len(line.lstrip())) % 2 == 0 and "\t" not in line for line in lines)
    assert [line for line in lines if not line.startswith(" ")] == [
        "name: Windows variants of redis", "on:", "permissions: {}", "concurrency:", "jobs:",
    ]  # fmt: skip


def test_the_token_is_in_the_one_step_that_needs_it() -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    job = yaml.safe_load(workflow("redis", SPEC))["jobs"]["propose"]
    assert "env" not in job
    with_token = [step["name"] for step in job["steps"] if "secrets." in json.dumps(step)]
    assert with_token == ["Propose"]
    names = [step["name"] for step in job["steps"]]
    assert names.index("What is due") < names.index("Show the plan") < names.index("Propose")
    # bash with pipefail, so that tee hides no exit code
    assert all(step["shell"] == "bash" for step in job["steps"])


@pytest.mark.skipif(shutil.which("bash") is None, reason="the workflow's steps are bash")
def test_what_others_wrote_is_code_in_the_summary(tmp_path: Path) -> None:
    """A release's name is no image, no HTML and no link there; and no exit code is lost on the way."""
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    steps = yaml.safe_load(workflow("redis", SPEC))["jobs"]["propose"]["steps"]
    program = tmp_path / "bin" / "contrib"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\nprintf '%s\\n' '```' '![x](https://evil.example/)' '<img src=x>'\nexit 1\n"
    )
    program.chmod(0o755)
    environment = {
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "GITHUB_OUTPUT": str(tmp_path / "output"),
    }  # fmt: skip
    for name, code in (("What is due", 0), ("Show the plan", 1), ("Propose", 1)):
        (tmp_path / "summary").write_text("")
        script = next(step["run"] for step in steps if step["name"] == name)
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script], env=environment, capture_output=True, check=False
        )
        assert done.returncode == code, done.stderr
        lines = (tmp_path / "summary").read_text().splitlines()
        assert all(not line or line.startswith("    ") for line in lines)
        assert name != "What is due" or (
            "    <img src=x>" in lines and "code=1" in (tmp_path / "output").read_text()
        )


def test_a_wheel_needs_its_hash() -> None:
    wheel = "https://example.org/contrib-1-py3-none-any.whl"
    assert f"{wheel}#sha256={'a' * 64}" in workflow("redis", f"{wheel}#sha256={'a' * 64}")
    with pytest.raises(BadInput, match="hash"):
        workflow("redis", wheel)


@pytest.mark.parametrize("schedule", ["17 6 * * 1", "*/15 0-6,12 1 JAN-MAR MON", "0 0 31 12 6"])
def test_schedules(schedule: str) -> None:
    assert f'cron: "{schedule}"' in workflow("redis", SPEC, schedule)


@pytest.mark.parametrize(
    "schedule",
    ["", "* * *", "a b c d e;f", "1 2 3 4 '", "60 6 * * 1", "0 24 * * *", "0 0 0 * *", "0 0 * 13 *", "0 0 * * 7",
     "5-1 * * * *", "*/0 * * * *", "@daily"],
)  # fmt: skip
def test_schedules_that_are_none(schedule: str) -> None:
    with pytest.raises(BadInput):
        workflow("redis", SPEC, schedule)


@pytest.mark.parametrize("install", ["x'; rm -rf /", "a\nb", "$(x)", "`x`", "${{ secrets.X }}"])
def test_nothing_is_smuggled_into_the_shell(install: str) -> None:
    with pytest.raises(BadInput):
        workflow("redis", install)


def test_where_contrib_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Distribution:
        text: str | None = None

        def read_text(self, name: str) -> str | None:
            return self.text

    installed = Distribution()
    monkeypatch.setattr("contrib.cli.init_ci.metadata.distribution", lambda name: installed)
    assert run(["init-ci", "redis", "--directory", str(tmp_path)]) == 2
    assert "--install" in capsys.readouterr().err
    installed.text = json.dumps(
        {"url": "https://github.com/petra/contrib", "vcs_info": {"vcs": "git", "commit_id": "abc"}}
    )
    assert run(["init-ci", "redis", "--directory", str(tmp_path)]) == 0
    text = (tmp_path / ".github/workflows/contrib-redis.yml").read_text("utf-8")
    assert "'git+https://github.com/petra/contrib@abc'" in text


@pytest.mark.parametrize("arguments", [["nothing"], ["redis", "--directory", "/nowhere"], ["../redis"]])
def test_bad_input(arguments: list[str]) -> None:
    assert run(["init-ci", *arguments, "--install", SPEC]) == 2


def test_the_token_is_for_the_steps_that_need_it() -> None:
    """What pip installs runs code of its own: it gets no token."""
    text = workflow("redis", SPEC)
    assert "\n    environment: contrib\n" in text
    with_token = [step.partition("\n")[0] for step in text.split("- name: ") if "secrets." in step]
    assert with_token == ["Propose"]


@pytest.mark.parametrize("linked", [".github", ".github/workflows", ".github/workflows/contrib-redis.yml"])
def test_it_writes_through_no_link(tmp_path: Path, linked: str, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = tmp_path / "elsewhere"
    here = tmp_path / "here"
    (here / linked).parent.mkdir(parents=True)
    if linked.endswith(".yml"):
        elsewhere.write_text("mine\n")
    else:
        elsewhere.mkdir()
    try:
        (here / linked).symlink_to(elsewhere)
    except OSError:
        pytest.skip("symbolic links need rights here")
    given = ["init-ci", "redis", "--directory", str(here), "--install", SPEC]
    for more in ([], ["--allow", "workflow-differs"]):
        assert run([*given, *more]) == 2
    assert "symbolic link" in capsys.readouterr().err
    assert elsewhere.is_file() or list(elsewhere.iterdir()) == []
