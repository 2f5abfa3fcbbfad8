"""`contrib try` as people run it: on a repository, with a real engine, and its workflow."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from contrib.cli.main import run
from contrib.clients.engine import Engine
from contrib.trial.workflow import workflow
from contrib.values.errors import BadInput
from contrib.values.evidence import read_record

CHECKS = """
[expect]
exposed = ["6379/tcp"]
[[check]]
name = "another command"
run = { linux = ["echo", "it runs"], windows = ["cmd", "/C", "echo it runs"] }
says = '^it runs'
"""
WINDOWS = """FROM mcr.microsoft.com/windows/servercore:ltsc2022
ENV REDIS_VERSION 3.2.100
CMD ["redis-server"]
"""


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Redis' folder with short checks of its own; a cache of its own for what runs write down."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    from contrib.values.tables import templates_directory

    folder = tmp_path / "templates"
    shutil.copytree(templates_directory(), folder)
    (folder / "redis/checks.toml").write_text(CHECKS)
    return folder


def upstream(where: Path, twin: str) -> Path:
    """A repository in the plain layout with a Windows variant and a twin."""
    for path, text in {
        "3.2/alpine/Dockerfile": twin,
        "3.2/windows/windowsservercore-ltsc2022/Dockerfile": WINDOWS,
        "update.sh": "#!/bin/bash\n",
        "generate-stackbrew-library.sh": "#!/bin/bash\nversions=( */ )\n",
    }.items():
        (where / path).parent.mkdir(parents=True, exist_ok=True)
        (where / path).write_text(text)
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "init", "--quiet", "--initial-branch=master", "."], cwd=where, check=True)
    subprocess.run(["git", "add", "--all"], cwd=where, check=True)
    subprocess.run(["git", *identity, "commit", "--quiet", "--message", "one"], cwd=where, check=True)
    return where


@pytest.fixture
def address(engine_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DOCKER_HOST", engine_address)
    return engine_address


def test_the_twin_is_tried_and_windows_is_listed(
    tmp_path: Path, templates: Path, address: str, busybox: str, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = upstream(tmp_path / "redis", f"FROM {busybox}\nENV REDIS_VERSION 3.2.5\nEXPOSE 6379\n")
    record, summary = tmp_path / "e.json", tmp_path / "s.md"
    summary.write_text("before\n")
    given = [
        "try",
        "redis",
        "--upstream",
        str(repository),
        "--templates",
        str(templates),
        "--linux",
        "--offline",
    ]
    assert run([*given, "--evidence", str(record), "--summary", str(summary)]) == 0
    out, err = capsys.readouterr()
    assert "alpine 3.2.5: passed" in out and "windowsservercore-ltsc2022 3.2.100: not-run" in out
    assert "step 2 of" in err
    found = read_record(record.read_bytes(), "e.json")
    assert [(v.variant, v.kind, v.result) for v in found.variants] == [
        ("windowsservercore-ltsc2022", "windowsservercore", "not-run"),
        ("alpine", "linux", "passed"),
    ]
    assert summary.read_text().startswith("before\n## ") and "| another-command | yes" in summary.read_text()
    # a check that fails is exit code 1, and an uncommitted change is what is tried
    (repository / "3.2/alpine/Dockerfile").write_text(f"FROM {busybox}\nENV REDIS_VERSION 3.2.5\n")
    assert run([*given, "--format", "json"]) == 1
    out = json.loads(capsys.readouterr().out)
    assert [c["check"] for c in out["variants"][1]["checks"] if c["result"] == "failed"] == ["image/exposed"]


def test_windows_alone_cannot_be_tried_on_linux(
    tmp_path: Path, templates: Path, address: str, busybox: str, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = upstream(tmp_path / "redis", f"FROM {busybox}\nENV REDIS_VERSION 3.2.5\n")
    given = ["try", "redis", "--upstream", str(repository), "--templates", str(templates), "--offline"]
    assert run(given) == 3
    err = capsys.readouterr().err
    assert "nothing can be tried here: the engine here runs Linux containers" in err and "--workflow" in err


def test_without_an_engine(
    tmp_path: Path, templates: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    repository = upstream(tmp_path / "redis", "FROM alpine:3.4\nENV REDIS_VERSION 3.2.5\n")
    given = ["try", "redis", "--upstream", str(repository), "--templates", str(templates), "--offline"]
    assert run([*given, "--format", "json"]) == 3
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["kind"] == "engine" and "no Docker engine can be reached" in error["message"]
    assert run([*given, "--variant", "nanoserver-ltsc2022"]) == 2
    assert "there is no variant 'nanoserver-ltsc2022' here" in capsys.readouterr().err


def test_ctrl_c_leaves_nothing(tmp_path: Path, templates: Path, address: str, busybox: str) -> None:
    repository = upstream(tmp_path / "redis", f"FROM {busybox}\nENV REDIS_VERSION 3.2.5\nRUN sleep 50\n")
    command = [sys.executable, "-m", "contrib", "try", "redis", "--upstream", str(repository)]
    command += ["--templates", str(templates), "--linux", "--offline"]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "RUN sleep" in line:
                break
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    finally:
        process.kill()  # a failure above must not leave it behind
    with Engine.connect("x", address) as engine:
        made = [c for c in engine._api.containers(all=True) if "sleep 50" in c["Command"]]
    assert made == []


def test_the_workflow_is_written_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    given = ["try", "redis", "--workflow", "--install", "official-images-contrib[try]==1.0"]
    assert run(given) == 0
    assert capsys.readouterr().out == ".github/workflows/try-windows.yml\n"
    path = tmp_path / ".github/workflows/try-windows.yml"
    text = path.read_text()
    assert run(given) == 0 and path.read_text() == text
    path.write_text("mine\n")
    assert run(given) == 2 and path.read_text() == "mine\n"
    assert "--allow workflow-differs" in capsys.readouterr().err
    assert run([*given, "--allow", "workflow-differs"]) == 0 and path.read_text() == text
    assert run(["try", "redis", "--workflow", "--linux"]) == 2
    assert run(["try", "redis", "--install", "x"]) == 2


def test_the_workflow_asks_for_nothing_and_takes_no_input_into_the_shell(tmp_path: Path) -> None:
    text = workflow("redis", "official-images-contrib[try]==1.0")
    assert "permissions: {}\n" in text and "persist-credentials: false" in text
    assert "fail-fast: false" in text and "if: ${{ !cancelled() }}" in text
    for line in text.splitlines():
        if line.strip().startswith("run:"):
            assert "${{" not in line
        if "uses:" in line:
            assert len(line.split("@")[1].split(" ")[0]) == 40
    with pytest.raises(BadInput):
        workflow("redis", "x'; rm -rf /")


SHIM = """#!/bin/sh
# on Linux only the twins can be built; all else is as the workflow has it
[ "$1" = try ] && { shift; set -- try "$@" --linux --offline --templates "$TEMPLATES"; }
exec "$PYTHON" -m contrib "$@"
"""


def test_the_steps_run_one_after_the_other(
    tmp_path: Path, templates: Path, address: str, busybox: str
) -> None:
    """Every `run` of the workflow in bash, with the environment that its step gets, where GitHub would run it."""
    upstream(tmp_path / "upstream", f"FROM {busybox}\nENV REDIS_VERSION 3.2.5\nEXPOSE 6379\n")
    shims = tmp_path / "shims"
    shims.mkdir()
    pip = '#!/bin/sh\n[ "$1 $2 $3" = "-m pip install" ] || exit 9\nprintf "%s\\n" "$@" > "$PIP"\n'
    for name, text in (("contrib", SHIM), ("python", pip)):
        (shims / name).write_text(text)
        (shims / name).chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{shims}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHON": sys.executable,
        "TEMPLATES": str(templates),
        "PIP": str(tmp_path / "pip"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    given = {"inputs.image": "redis", "matrix.runner": "windows-2025"}
    yaml: Any = pytest.importorskip("yaml")
    job = yaml.safe_load(workflow("redis", "official-images-contrib[loads,try]==1.0"))["jobs"]["try"]
    for step in [each for each in job["steps"] if "run" in each]:
        own = {
            name: re.sub(r"\$\{\{ (\S+) \}\}", lambda found: given[found[1]], str(value))
            for name, value in {**job["env"], **step.get("env", {})}.items()
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=tmp_path, env={**environment, **own}, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, (step["name"], done.stderr)
    assert (tmp_path / "pip").read_text().splitlines()[-1] == "official-images-contrib[loads,try]==1.0"
    record = read_record((tmp_path / "evidence-windows-2025.json").read_bytes(), "e")
    assert [each.result for each in record.variants] == ["not-run", "passed"]
    assert "| another-command | yes" in (tmp_path / "summary.md").read_text()
    assert "no variant in that record was tried on a Windows base" in done.stderr
    uploads = {step["with"]["name"] for step in job["steps"] if "upload-artifact" in step.get("uses", "")}
    assert uploads == {"evidence-${{ matrix.runner }}", "inventories-${{ matrix.runner }}"}


def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    program = shutil.which("actionlint")
    if program is None:
        pytest.skip("there is no actionlint (go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12)")
    path = tmp_path / "w.yml"
    path.write_text(workflow("redis", "official-images-contrib[try]==1.0"))
    done = subprocess.run([program, str(path)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
