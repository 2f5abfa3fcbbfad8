"""setx-without-machine: variable set for the user only."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Command
from contrib.values.findings import Finding, Fix, Severity


def check(context: Context) -> Iterator[Finding]:
    """A variable set by ``setx``, ``reg`` or ``SetEnvironmentVariable`` for the user, or for this process alone."""
    settings: list[act.Variable | act.PathEdit] = [
        *context.acting(act.Variable),
        *context.acting(act.PathEdit),
    ]
    for action in settings:
        command = action.command
        if command is None or action.scope not in ("user", "process"):
            continue
        name = action.name if isinstance(action, act.Variable) else "PATH"
        if command.method is not None:
            problem = _method(context, action, command, name)
        else:
            problem = _program(context, action, command, name)
        if problem is not None:
            message, fix = problem
            yield context.found(RULE, command.span.line, message, fix=fix, instruction=action.instruction)


def _program(context: Context, action: act.Action, command: Command, name: str) -> tuple[str, Fix | None]:
    if action.by == "setx":
        fix = context.fix("set it for the machine", context.insert(command.name_span.end, " /M"), safe=False)
        return f"`setx {name}` without `/M` sets it for the building user only", fix
    return f"`{command.name}` sets `{name}` below HKCU, for the building user only: use HKLM", None


def _method(
    context: Context, action: act.Variable | act.PathEdit, command: Command, name: str
) -> tuple[str, Fix | None] | None:
    arguments = command.positional
    if len(arguments) == 2:
        if not context.readers.needed_later(action.instruction, name):
            return None
        fix = context.fix(
            "set it for the machine",
            context.insert(arguments[1].span.end, ", [EnvironmentVariableTarget]::Machine"),
            safe=False,
        )
        return f"`SetEnvironmentVariable('{name}', …)` lasts for this RUN only: name the target Machine", fix
    if action.scope != "user":
        return None
    target = arguments[2]
    written = context.file.text_of(target.span)
    text = written.replace("User", "Machine").replace("user", "Machine")
    fix = context.fix("set it for the machine", context.replace(target.span, text), safe=False)
    return f"`{name}` is set for the building user only: name the target Machine", fix


RULE = Rule(
    id="setx-without-machine",
    severity=Severity.ERROR,
    title="variable set for the user only",
    looks_for=(
        "`setx` is used without `/M`, or `SetEnvironmentVariable` with the target User or without a "
        "target, for a variable that is needed later."
    ),
    why=(
        "This sets the variable for the building user only. Another user does not see it, and on some "
        "releases the container itself does not either."
    ),
    evidence=evidence("docker-library/redis@709e6a8", "moby/moby#22017"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
RUN setx APP_HOME C:\app
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
RUN setx /M APP_HOME C:\app
"""
    ),
    check=check,
    fix="ask",
)
