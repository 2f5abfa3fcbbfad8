"""Who writes to a stream: nobody but the writers that filter, and what they do to other people's text."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest

from contrib.cli import output
from contrib.cli.common import Terminal, emit
from contrib.cli.main import run

ROOT = Path(output.__file__).parents[1]
#: Module -> what it may call. Everything else prints through contrib.cli.output.
WRITERS = {
    "cli/output.py": {"click.echo", "click.confirm", "click.prompt"},
    "cli/faults.py": {"sys.stderr.write", "sys.stdout.write"},  # before click is there; filtered by hand
    "cli/start.py": {"sys.stderr.write"},  # before anything is imported
    "work/base_images.py": {"sys.stdout.buffer.write", "sys.stderr.write"},  # for who keeps its data, by hand
    "cli/library_files.py": {"sys.stdout.buffer.write"},  # held to bashbrew's time
    "cli/main.py": {"click.echo"},  # click's own help and "interrupted"
    "upstream/prove_tools.py": {
        "sys.stdout.write",
        "sys.stderr.write",
        "sys.stdout.buffer.write",
    },  # of scripts
    "clients/launcher.py": {"sys.stderr.write"},  # read by contrib.clients.contained
}
WRITES = re.compile(
    r"click\.(echo|secho|echo_via_pager|pager|confirm|prompt|progressbar|style)|print|"
    r"sys\.(stdout|stderr|__stdout__|__stderr__)(\.buffer)?\.write(lines)?|os\.write"
)


def test_every_writer_is_known() -> None:
    found: dict[str, set[str]] = {}
    for path in ROOT.rglob("*.py"):
        if "upstreams" in path.relative_to(ROOT).parts[:-1]:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and WRITES.fullmatch(ast.unparse(node.func)):
                found.setdefault(path.relative_to(ROOT).as_posix(), set()).add(ast.unparse(node.func))
    found = {name: calls - {"click.style"} for name, calls in found.items()}
    assert {name: calls for name, calls in found.items() if calls - WRITERS.get(name, set())} == {}


STEERING = "a\x1b]0;t\x07\x1b[8m\x9b2J\r\x08\u202e\u200b b"
WRITTEN = "a\\x1b]0;t\\x07\\x1b[8m\\x9b2J\\r\\x08\\u202e\\u200b b"


def test_nothing_steers_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    asked: list[str] = []
    monkeypatch.setattr(click, "confirm", lambda text, **more: bool(asked.append(text)))
    monkeypatch.setattr(click, "prompt", lambda text, **more: asked.append(text))
    output.message(STEERING, prefix="error:")
    output.aside(STEERING)
    output.result(STEERING)
    output.content(STEERING)
    output.confirmed(STEERING)
    output.answered(STEERING, None)
    Terminal().say(STEERING)
    Terminal().warn(STEERING)
    emit(STEERING)
    shown = capsys.readouterr()
    assert (shown.out.count(WRITTEN), shown.err.count(WRITTEN), asked) == (3, 4, [WRITTEN, WRITTEN])
    assert not re.search("[^\n -~]", shown.out + shown.err)


@pytest.mark.parametrize(
    "forged",
    [
        "a\n::error file=x::forged",
        "a\r::error::x",
        "a\x85::error::x",
        "a\u2028::error::x",
        "a\nerror: x",
        "##[error]x",
    ],
)
def test_no_line_is_forged(capsys: pytest.CaptureFixture[str], forged: str) -> None:
    output.message(f"the file {forged} is odd")
    Terminal().warn(f"the file {forged} is odd")
    assert run(["review", forged]) == 2
    for line in capsys.readouterr().err.splitlines():
        assert line.startswith(("the file a", "the file #", "warning: ", "error: ", "hint: ", "  | "))
        assert not line.lstrip(" |").startswith("::") or line.startswith("  | ")
        assert "##[" not in line and not line.lstrip().startswith("::")


def test_a_report_in_the_log_of_actions_is_no_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "ok\n ::error::x ##[error]y\n"
    emit(text)
    assert capsys.readouterr().out == text, "elsewhere a pipe gets what is there"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    emit(text)
    assert capsys.readouterr().out == "ok\n \\x3a:error::x ##\\u005berror]y\n"
    emit(text, exact=True)
    assert capsys.readouterr().out == text


def test_a_dockerfile_that_steers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each form of the review, of the comparison and of the questions."""
    file = tmp_path / "Dockerfile"
    steer = "\x1b]0;TITLE\x07\x1b[2J\u202e\x1b[8m"
    file.write_text(
        f"FROM mcr.microsoft.com/windows/servercore:ltsc2022\nENV A {steer}\nENV {steer} x\nRUN {steer}\n"
        f"RUN curl -o {steer} http://a/{steer}\nCMD {steer}\n"
    )
    for arguments in (["review"], ["review", "--format=concise"], ["review", "--format=markdown"], ["diff"]):
        run([*arguments, str(file), *([str(file)] if arguments == ["diff"] else [])])
        shown = capsys.readouterr()
        assert "\x1b" not in shown.out + shown.err and "\x07" not in shown.out and "\u202e" not in shown.out
