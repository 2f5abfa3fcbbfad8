"""The front door: no arguments, no git, a library that does not load, a fault of our own; as text and as JSON."""

from __future__ import annotations

import email.message
import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from contrib.cli import faults, main
from contrib.cli.faults import fault, wants_json, wants_traceback, where_to_report
from contrib.cli.main import run
from contrib.cli.streams import wants_color

ROOT = Path(__file__).parents[2]
WINDOWS = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN curl -o a.zip https://example.com/a.zip\n"


def program(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **dict(more.pop("env", {}))}  # type: ignore[call-overload]
    return subprocess.run(
        [sys.executable, "-m", "contrib", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("arguments", [[], ["library"]])
def test_without_arguments_there_is_help(arguments: list[str]) -> None:
    done = program(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: contrib")
    assert "Commands:" in done.stdout or "check" in done.stdout


def test_click_handles_the_arguments_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """None reaches click, which expands patterns where no shell does (Windows) only then."""
    seen: list[object] = []
    monkeypatch.setattr(main.cli, "main", lambda **given: seen.append(given["args"]))
    monkeypatch.setattr(sys, "argv", ["contrib", "rules"])
    assert run() == 0
    assert seen == [None]


def test_patterns_are_expanded_where_no_shell_does_it(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "Dockerfile").write_text(WINDOWS)
    code = (
        "import os, sys, click.core; from contrib.cli import main\n"
        "class Nt:\n"
        "    name = 'nt'\n"
        "    def __getattr__(self, name): return getattr(os, name)\n"
        "click.core.os = Nt()\n"
        "sys.argv = ['contrib', 'review', 'redis/Dock*', '--fail-on', 'never']\n"
        "sys.exit(main.run())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "redis/Dockerfile" in done.stdout


# -- faults ------------------------------------------------------------------------------------------


@click.command()
@click.option("-v", "verbose", count=True)
@click.option("--format", "format_")
def failing(verbose: int, format_: str | None) -> None:
    raise KeyError("nobody\x1b[2J expected this")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    # click resolves "review" to a command that fails as none should
    monkeypatch.setattr(main.LazyGroup, "get_command", lambda self, ctx, name: failing)


@pytest.mark.usefixtures("broken")
def test_a_fault_of_our_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    error, hint = said.err.splitlines()
    assert error.startswith("error: internal error: KeyError: 'nobody")
    assert "\x1b" not in said.err
    assert where_to_report() in hint and "-vv" in hint


@pytest.mark.parametrize(
    ("urls", "said"),
    [
        (["Issues, https://forge.example/contrib/issues"], "at https://forge.example/contrib/issues"),
        (["Source, https://forge.example/contrib"], "to the people from whom you have contrib"),
        (["Issues, javascript:alert(1)"], "to the people from whom you have contrib"),
        ([], "to the people from whom you have contrib"),
    ],
)
def test_where_to_report_is_what_the_distribution_names(
    urls: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = email.message.Message()
    for url in urls:
        named["Project-URL"] = url
    monkeypatch.setattr(importlib.metadata, "metadata", lambda name: named)
    assert faults.where_to_report() == said


def test_where_to_report_without_a_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "DISTRIBUTION", "no-such-distribution")
    assert faults.where_to_report() == "to the people from whom you have contrib"


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("words", [["-vv"], ["-v", "-v"]])
def test_its_traceback(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", *words]) == 3
    said = capsys.readouterr().err
    assert "Traceback (most recent call last)" in said
    assert "in failing" in said


@pytest.mark.usefixtures("broken")
def test_a_fault_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", "--format", "json"]) == 3
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["kind"] == "internal"
    assert set(error) == {"kind", "message", "file", "line", "hint"}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RecursionError("maximum recursion depth exceeded"), "internal"),
        (MemoryError(), "out-of-memory"),
        (ModuleNotFoundError("No module named 'jq'", name="jq"), "broken-installation"),
        (ImportError("DLL load failed while importing _binding", name="tree_sitter"), "broken-installation"),
        (AssertionError("x" * 5000 + "\nand more"), "internal"),
    ],
)
def test_kinds(error: Exception, kind: str) -> None:
    found = fault(error)
    assert (found.kind, found.exit_code) == (kind, 3)
    assert "\n" not in found.message
    assert len(found.message) <= 300


@pytest.mark.parametrize("library", ["click", "rich", "jq", "git", "tree_sitter"])
def test_a_library_that_does_not_load(library: str, tmp_path: Path) -> None:
    (tmp_path / f"{library}.py").write_text(f"raise ImportError('DLL load failed', name={library!r})\n")
    commands = {
        "click": ["--version"],
        "rich": ["diff", "w", "l"],
        "jq": ["render", "redis", "--upstream", "repo"],
        "git": ["diff", "https://127.0.0.1:1/x.git@HEAD:Dockerfile"],
        "tree_sitter": ["diff", "w", "l"],
    }
    (tmp_path / "w").write_text(WINDOWS)
    (tmp_path / "l").write_text("FROM alpine:3.20\nRUN set -eux; apk add redis\n")
    if library == "jq":
        pytest.importorskip("jq")
        code = "from contrib.cli.faults import fault\ntry:\n    import jq\nexcept ImportError as e:\n    print(fault(e))"
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        )
        assert done.stdout == "the library jq cannot be loaded: DLL load failed\n"
        return
    done = program(*commands[library], env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}, cwd=tmp_path)
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"error: the library {library} cannot be loaded: DLL load failed\nhint: " in done.stderr
    assert "Traceback" not in done.stderr


def test_the_other_package_of_that_name(tmp_path: Path) -> None:
    """PyPI's ``contrib`` has an ``__init__.py`` of its own, which replaces ours when it is installed later."""
    import shutil

    shutil.copytree(ROOT / "contrib", tmp_path / "contrib", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "contrib" / "__init__.py").write_text("")
    done = program("--version", env={"PYTHONPATH": str(tmp_path)}, cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.startswith("error: another package named contrib is installed over this one\nhint: ")


def test_no_git(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    for command in (
        ["demo"],
        ["pr", "redis", "--dry-run", "--upstream", "https://127.0.0.1:1/x.git"],
        ["manifest", "redis", "--upstream", "https://127.0.0.1:1/x.git"],
        ["diff", "https://127.0.0.1:1/x.git@HEAD:Dockerfile"],
    ):
        done = program(*command, env=environment)
        assert (done.returncode, done.stdout) == (3, ""), command
        assert "error: git is not installed, or not on PATH\nhint: install git 2.31 or newer" in done.stderr


# -- what the arguments say ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        (["review", "--format", "json"], {}, True),
        (["review", "--format=json"], {}, True),
        (["review", "--format", "json", "--format", "text"], {}, False),
        (["review", "--", "--format", "json"], {}, False),
        (["review", "--format"], {}, False),
        ([], {}, False),
        (["review"], {"CONTRIB_FORMAT": "json"}, True),
        (["review"], {"CONTRIB_REVIEW_FORMAT": "json"}, True),
        (["library", "check"], {"CONTRIB_LIBRARY_CHECK_FORMAT": "json"}, True),
        (["review"], {"CONTRIB_DIFF_FORMAT": "json"}, False),
        (["review", "--format", "text"], {"CONTRIB_FORMAT": "json"}, False),
        (["review"], {"CONTRIB_REVIEW_FORMAT": "text", "CONTRIB_FORMAT": "json"}, False),
    ],
)
def test_wants_json(
    arguments: list[str], environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in os.environ:
        if name.endswith("FORMAT"):
            monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_json(arguments) is expected


def test_wants_traceback() -> None:
    assert wants_traceback(["review", "-qvv"])
    assert wants_traceback(["review", "--verbose", "-v"])
    assert not wants_traceback(["review", "-v"])
    assert not wants_traceback(["review", "--", "-vv"])


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour(environment: dict[str, str], expected: bool, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(WINDOWS)
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("FORCE_COLOR", "NO_COLOR", "CLICOLOR_FORCE")
    }
    for command in (["review", "Dockerfile"], ["rules"], ["review", "nowhere"]):
        done = subprocess.run(
            [sys.executable, "-m", "contrib", *command],
            capture_output=True,
            text=True,
            env={**kept, **environment, "PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
        )
        assert ("\x1b[" in done.stdout + done.stderr) is expected, command


def test_no_color_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert not wants_color(sys.stdout, no_color=True)


# -- forms ---------------------------------------------------------------------------------------------


def test_concise_and_github(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "7.2" / "windows" / "windowsservercore-ltsc2022"
    folder.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    file = folder / "Dockerfile"
    file.write_text(WINDOWS)
    assert run(["review", str(file), "--format", "concise"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"{file}:2:") and " error unverified-download " in line for line in lines)
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert run(["review", str(file), "--format", "github"]) == 1
    lines = capsys.readouterr().out.splitlines()
    wanted = "::error file=7.2/windows/windowsservercore-ltsc2022/Dockerfile,line=2,endLine=2,"
    assert any(line.startswith(wanted) and "title=unverified-download::" in line for line in lines)
    assert "unverified-download" in summary.read_text()


def test_a_form_without_findings_is_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text("FROM alpine\n")
    assert run(["review", str(file), "--format", "concise"]) == 0
    assert capsys.readouterr().out == (
        f"{file}:1:1: note not-windows not a Windows Dockerfile (it starts from `alpine`): "
        "rules for Windows do not apply\n"
    )


def test_diff_has_a_line_for_each_fact_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "w").write_text(WINDOWS)
    (tmp_path / "l").write_text('FROM alpine:3.20\nVOLUME /data\nCMD ["redis-server"]\n')
    arguments = ["diff", str(tmp_path / "w"), str(tmp_path / "l"), "--fail-on", "never", "--format"]
    assert run([*arguments, "concise"]) == 0
    assert f"{tmp_path / 'w'}:1:1: missing volumes " in capsys.readouterr().out
    assert run([*arguments, "github"]) == 0
    assert "title=missing%3A volumes::" in capsys.readouterr().out


def test_verbose_shows_the_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(WINDOWS)
    run(["review", str(file), "-v"])
    out = capsys.readouterr().out
    assert "       2 | RUN curl -o a.zip https://example.com/a.zip\n" in out
    assert "^^^" in out
    run(["review", str(file)])
    assert "^^^" not in capsys.readouterr().out


@pytest.mark.parametrize("form", ["concise", "github"])
def test_library_files_have_these_forms_too(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "x").write_text(
        "Maintainers: A (@a)\nGitRepo: https://github.com/a/b.git\n\nTags: 1\n"
    )
    assert run(["library", "check", "x", "--library", str(tmp_path / "library"), "--format", form]) == 1
    out = capsys.readouterr().out
    assert out.splitlines()
    for line in out.splitlines():
        pattern = (
            r".*/x:\d+:\d+: (error|warning|note) [a-z-]+ ." if form == "concise" else r"::\w+ file=.*::."
        )
        assert __import__("re").match(pattern, line), line


# -- small things ----------------------------------------------------------------------------------------


def test_doctor_without_a_network_answers_soon() -> None:
    """A host that swallows what is sent to it: the longest that a person may have to wait."""
    import socket
    import time

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        before = time.monotonic()
        done = program("doctor", "redis", "--github-url", address, env={"NO_PROXY": "127.0.0.1"})
        assert time.monotonic() - before < 15  # 5 seconds on a machine that is not loaded
    assert done.returncode == 1
    assert f"GitHub: {address}: cannot be reached: " in done.stdout


@pytest.mark.parametrize(
    "option", ["--upstream", "--series", "--source", "--variant", "--no-download", "--allow"]
)
def test_doctor_takes_only_what_it_uses(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "redis", "--offline", option, "x"]) == 2
    assert f"No such option '{option}'" in capsys.readouterr().err.replace(": ", " '", 1).replace(
        "option '--", "option '--"
    )


def test_upstream_is_judged_before_anything_is_fetched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["manifest", "redis", "--upstream", "."]) == 2
    assert "is not a git repository" in capsys.readouterr().err
    for command in (["init", "-q", "."], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *command], check=True, cwd=tmp_path
        )
    assert run(["manifest", "redis", "--upstream", "."]) == 2
    said = capsys.readouterr().err
    assert "has no generate-stackbrew-library.sh" in said
    assert "official-images" not in said


def test_own_templates_come_before_the_packages(tmp_path: Path) -> None:
    from contrib.images import load, names
    from contrib.values.tables import templates_directory

    own = tmp_path / "kiwi"
    own.mkdir()
    data = (templates_directory() / "redis" / "image.toml").read_text("utf-8")
    (own / "image.toml").write_text(data.replace('name = "redis"', 'name = "kiwi"', 1))
    assert set(names(tmp_path)) == {*names(), "kiwi"}
    assert load("redis", tmp_path).folder == templates_directory() / "redis"
    assert load("kiwi", tmp_path).folder == own
    mine = tmp_path / "redis"
    mine.mkdir()
    (mine / "image.toml").write_text(data)
    assert load("redis", tmp_path).folder == mine
