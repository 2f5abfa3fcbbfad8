"""Completion: the candidates, and the scripts in the shells that are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contrib.cli.completing import SHELLS

ROOT = Path(__file__).parents[2]


def candidates(tmp_path: Path, *words: str) -> list[str]:
    """What is offered for the last word, by the protocol of PowerShell, which every system has here."""
    done = subprocess.run(
        [sys.executable, "-m", "contrib"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "_CONTRIB_COMPLETE": "powershell_complete",
            "COMP_WORDS": "\n".join(["contrib", *words]),
        },
    )
    assert done.stderr == ""
    return [
        line.split("\t")[1] if line.startswith("plain\t") else f"<{line.split()[0]}>"
        for line in done.stdout.splitlines()
    ]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["re"], ["review", "render"]),
        (["library", "c"], ["cat", "check"]),
        (["review", "--stat"], ["--statistics"]),
        (["review", "--format", "c"], ["concise"]),
        (["review", ""], ["<file>"]),
        (["diff", "Docker"], ["<file>"]),
        (["rules", "unverified"], ["unverified-download"]),
        (["review", "--select", "eol-base,unverified"], ["eol-base,unverified-download"]),
        (["review", "--severity", "eol-base=w"], ["eol-base=warning"]),
        (["generate", "red"], ["redis"]),
        (["diff", "--image", "rabbit"], ["rabbitmq"]),
        (["generate", "--series", "7."], ["7.0", "7.2"]),
        (["generate", "redis", "--variant", "windowsservercore-ltsc2022"], ["windowsservercore-ltsc2022"]),
        (["generate", "--upstream", "re"], ["<dir>"]),
        (["generate", "--from", ""], ["<file>"]),
        (["pr", "--allow", "stale"], ["stale-port"]),
        (["completion", "p"], ["powershell"]),
    ],
    ids=" ".join,
)
def test_candidates(words: list[str], offered: list[str], tmp_path: Path) -> None:
    for series in ("7.0", "7.2", "other"):
        (tmp_path / series).mkdir()
    assert candidates(tmp_path, *words) == offered


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``contrib`` on a PATH of its own."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "contrib"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m contrib "$@"\n')
    script.chmod(0o755)
    return folder


def in_shell(program: Path, tmp_path: Path, shell: str, *arguments: str) -> str:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} on PATH")
    done = subprocess.run(
        [shell, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        env={
            **os.environ,
            "PATH": f"{program}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "TERM": "xterm",
        },
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(os.name == "nt", reason="shells of POSIX systems")
def test_bash(program: Path, tmp_path: Path) -> None:
    code = (
        'eval "$(contrib completion bash)"; COMP_WORDS=(contrib rules unverified-d); COMP_CWORD=2; '
        '_contrib_completion contrib unverified-d rules; echo "${COMPREPLY[@]}"'
    )
    assert in_shell(program, tmp_path, "bash", "--norc", "-c", code).split() == ["unverified-download"]


@pytest.mark.skipif(os.name == "nt", reason="shells of POSIX systems")
def test_zsh(program: Path, tmp_path: Path) -> None:
    code = (
        "autoload -U compinit; compinit -u -D; "
        'eval "$(contrib completion zsh)"; '
        # outside of a completion widget they cannot be called: print what they are given
        "_describe() { print -l -- ${(P)3}; }; compadd() { print -l -- ${(P)argv[-1]}; }; "
        "words=(contrib gen); CURRENT=2; _contrib_completion"
    )
    assert "generate" in in_shell(program, tmp_path, "zsh", "-f", "-c", code)


@pytest.mark.skipif(os.name == "nt", reason="shells of POSIX systems")
def test_fish(program: Path, tmp_path: Path) -> None:
    code = "contrib completion fish | source; complete --do-complete 'contrib generate red'"
    assert in_shell(program, tmp_path, "fish", "--no-config", "-c", code).split() == ["redis"]


def test_powershell_script_parses() -> None:
    tree_sitter = pytest.importorskip("tree_sitter")
    grammar = pytest.importorskip("tree_sitter_powershell")
    done = subprocess.run(
        [sys.executable, "-m", "contrib", "completion", "powershell"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.startswith("Register-ArgumentCompleter -Native -CommandName contrib ")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    assert not parser.parse(done.stdout.encode()).root_node.has_error
    if shutil.which("pwsh"):
        code = (
            done.stdout + "\n(TabExpansion2 'contrib rules unverified-d' 26).CompletionMatches.CompletionText"
        )
        shown = subprocess.run(["pwsh", "-NoProfile", "-Command", code], capture_output=True, text=True)
        assert shown.stdout.split() == ["unverified-download"]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_script_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    from contrib.cli.main import run

    assert run(["completion", shell]) == 0
    assert "_CONTRIB_COMPLETE" in capsys.readouterr().out
