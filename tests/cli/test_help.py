"""Help: groups, defaults and variables of options, examples that work, and guesses at what was meant."""

from __future__ import annotations

import importlib
import os
import re
import shlex
from collections.abc import Iterator

import click
import pytest

from contrib.cli.helping import ELSEWHERE, GROUPS, LIBRARY_ELSEWHERE, meant
from contrib.cli.main import COMMANDS, cli, run
from contrib.cli.options import GUARDS
from contrib.sandbox.demo import Stage, stage


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its name in words; groups are left out."""
    context = click.Context(cli, info_name="contrib")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            for below, inner in command.commands.items():
                yield (name, below), inner
        else:
            yield (name,), command


EVERY = list(commands())
NAMES = [" ".join(name) for name, _ in EVERY]


def examples(command: click.Command) -> list[str]:
    found = re.findall(r"(?m)^ *(contrib .+)$", command.help or "")
    return [" ".join(line.split()) for line in found]


@pytest.mark.parametrize(("name", "command"), EVERY, ids=NAMES)
def test_help_has_examples(name: tuple[str, ...], command: click.Command) -> None:
    assert examples(command), f"contrib {' '.join(name)} --help has no example"


@pytest.mark.parametrize(("name", "command"), EVERY, ids=NAMES)
def test_examples_are_understood(name: tuple[str, ...], command: click.Command) -> None:
    for example in examples(command):
        words = shlex.split(example)[1:]
        assert tuple(words[: len(name)]) == name, example
        try:
            command.make_context(words[-1], words[len(name) :])
        except click.BadParameter as error:
            assert "does not exist" in error.message, example


@pytest.mark.parametrize(("name", "command"), EVERY, ids=NAMES)
def test_options_have_help_their_default_and_their_variable(
    name: tuple[str, ...], command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*name, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for option in command.params:
        if not isinstance(option, click.Option) or option.hidden:
            continue
        long = next(each for each in option.opts if each.startswith("--"))
        assert option.help, long
        assert long in shown
        if long not in GUARDS:
            assert option.envvar, long
            names = option.envvar if isinstance(option.envvar, list) else [option.envvar]
            assert (
                f"[env: {names[1] if len(names) > 1 else names[0]}" in shown or f"[env: {names[-1]}" in shown
            )
        if isinstance(option.type, click.Choice) and isinstance(option.default, str):
            assert f"[default: {option.default}]" in shown, long


def test_groups_name_what_there_is() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert len(grouped) == len(set(grouped))
    assert [name for name in COMMANDS if name not in grouped] == []


@pytest.mark.parametrize("typed", [*ELSEWHERE, "revieww", "generat", "manifst"])
def test_guesses_are_commands(typed: str) -> None:
    wanted = meant(typed, COMMANDS)
    if wanted is None:  # a command that is not here yet
        assert ELSEWHERE[typed].split()[0] not in COMMANDS
        return
    words = wanted.split()
    if words[0].startswith("-"):
        return
    assert words[0] in COMMANDS
    command = importlib.import_module(COMMANDS[words[0]][0]).command
    for word in words[1:]:
        if word.startswith("--"):
            assert any(word in option.opts for option in command.params), typed
        else:
            assert word in command.commands, typed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check"], "Did you mean 'contrib review'?"),
        (["lint", "Dockerfile"], "Did you mean 'contrib review'?"),
        (["compare"], "Did you mean 'contrib diff'?"),
        (["new-pr"], "Did you mean 'contrib pr'?"),
        (["reviw"], "Did you mean 'contrib review'?"),
        (["help"], "Did you mean 'contrib --help'?"),
        (["library", "lint"], "Did you mean 'contrib library check'?"),
        (["library", "chek"], "Did you mean 'contrib library check'?"),
        (["review", "--formt", "x"], "--format"),
        (["zzzzzz"], "No such command 'zzzzzz'.\n"),
    ],
)
def test_what_was_meant(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert said in capsys.readouterr().err


def test_library_guesses() -> None:
    command = importlib.import_module(COMMANDS["library"][0]).command
    assert set(LIBRARY_ELSEWHERE.values()) <= set(command.commands)


#: Commands whose examples run on the demo's stage, in order of what they need from each other.
STAGED = ("generate", "diff", "review", "rules", "render", "manifest", "library", "doctor", "init-ci")


@pytest.fixture(scope="module")
def desk() -> Iterator[Stage]:
    with stage() as opened:
        os.environ |= {
            "CONTRIB_UPSTREAM": "redis",
            "CONTRIB_SOURCE": "port=port.json",
            "CONTRIB_NO_DOWNLOAD": "1",
            "CONTRIB_FAIL_ON": "never",
        }
        yield opened


def test_examples_run(desk: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    seen = 0
    for name, command in sorted(
        EVERY, key=lambda each: STAGED.index(each[0][0]) if each[0][0] in STAGED else 99
    ):
        if name[0] not in STAGED:
            continue
        for example in examples(command):
            # another repository, or a pull request, which the stage does not have
            if "golang" in example or "/pull/" in example:
                continue
            words = shlex.split(example)[1:]
            if words[0] == "generate":  # each into a clean work tree
                desk.update_clones()
            os.chdir(desk.desk / "official-images" if "--changed" in words else desk.desk)
            code = run(words)
            out = capsys.readouterr()
            assert code in ((0, 1) if "--check" in words else (0,)), f"{example}: {out.err}{out.out}"
            seen += 1
    assert seen > 15
