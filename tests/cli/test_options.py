"""All options of all commands: what the environment sets and what it must not, and that one name means one thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.core import ParameterSource

from contrib.cli.main import COMMANDS, cli, run
from contrib.cli.options import variables

#: `library`, and `review` of a pull request, have an --upstream of their own: repeatable, and by URL.
OWN = {
    "library from --upstream",
    "review --upstream",
    "library check --upstream",
    "library check --base",
    "loads --base",
    "try --evidence",
}


def walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from walk(below, (*path, name))
    else:
        yield " ".join(path), command


OPTIONS = [
    (f"{path} {next(each for each in parameter.opts if each.startswith('--'))}", command, parameter)
    for path, command in walk(cli)
    for parameter in command.params
    if isinstance(parameter, click.Option)
]


def source(command: click.Command, option: click.Option) -> ParameterSource:
    return option.consume_value(click.Context(command), {})[1]


def test_all_commands_are_walked() -> None:
    assert {name.split()[0] for name, _, _ in OPTIONS} == set(COMMANDS) - {"completion"}
    assert {"library cat --format", "render --allow", "pr --signoff"} <= {name for name, _, _ in OPTIONS}


@pytest.mark.parametrize(("name", "command", "option"), OPTIONS, ids=[name for name, _, _ in OPTIONS])
def test_the_environment_sets_it(
    name: str, command: click.Command, option: click.Option, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("BASHBREW_LIBRARY", "BASHBREW_NAMESPACE", "BASHBREW_ARCH", "BASHBREW_CONSTRAINTS"):
        monkeypatch.delenv(variable, raising=False)
    path, _, long = name.rpartition(" ")
    whole = "CONTRIB_" + f"{path}{long[1:]}".upper().replace(" ", "_").replace("-", "_")
    short = "CONTRIB_" + long[2:].upper().replace("-", "_")
    assert source(command, option) is not ParameterSource.ENVIRONMENT
    for variable in (whole, short):
        guard = long in ("--yes", "--allow", "--force", "--prove")
        sets = not guard and (variable == whole or name not in OWN)
        with monkeypatch.context() as environment:
            environment.setenv(variable, "1")
            assert (source(command, option) is ParameterSource.ENVIRONMENT) == sets, variable


def test_one_name_is_one_thing() -> None:
    meanings = defaultdict(lambda: defaultdict(list))
    for name, _, option in OPTIONS:
        if name not in OWN:
            meaning = (option.name, tuple(option.opts), type(option.type), option.multiple, option.metavar)
            meanings[name.rpartition(" ")[2]][meaning].append(name)
    assert {long: dict(seen) for long, seen in meanings.items() if len(seen) > 1} == {}


def test_the_commands_own_variable_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text("FROM alpine:3.20\n")
    monkeypatch.setenv("CONTRIB_FORMAT", "text")
    monkeypatch.setenv("CONTRIB_REVIEW_FORMAT", "json")
    run(["review", str(file)])
    assert capfd.readouterr().out.startswith("{")
    run(["review", str(file), "--format", "markdown"])
    assert not capfd.readouterr().out.startswith("{")


def test_a_command_may_be_asked_for_again() -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        before = [each.envvar for each in command.params]
        assert cli.get_command(context, name) is command
        assert [each.envvar for each in command.params] == before


def test_an_option_with_variables_of_its_own_keeps_them() -> None:
    option = click.Option(["--arch"], envvar=["CONTRIB_ARCH", "BASHBREW_ARCH"])
    assert variables(("library", "list"), option) == [
        "CONTRIB_LIBRARY_LIST_ARCH",
        "CONTRIB_ARCH",
        "BASHBREW_ARCH",
    ]
    assert variables(("init-ci",), click.Option(["--allow"], multiple=True)) == []
    assert variables(("init-ci",), click.Option(["--dry-run", "-n"], is_flag=True)) == [
        "CONTRIB_INIT_CI_DRY_RUN",
        "CONTRIB_DRY_RUN",
    ]
