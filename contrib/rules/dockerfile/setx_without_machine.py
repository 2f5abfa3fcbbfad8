"""setx-without-machine: variable set for the user only."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.bodies import Run, Step
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Command
from contrib.values.findings import Finding, Fix, Severity


def check(context: Context) -> Iterator[Finding]:
    """``setx`` without ``/M``, ``SetEnvironmentVariable`` for the user or for this process alone."""
    for run in context.runs:
        for step, command in run.commands:
            problem = _setx(context, run, step, command) or _method(context, run, step, command)
            if problem is not None:
                message, fix = problem
                yield context.found(RULE, command.span.line, message, fix=fix, instruction=run.instruction)


def _setx(context: Context, run: Run, step: Step, command: Command) -> tuple[str, Fix | None] | None:
    if command.full_name != "setx":
        return None
    texts = [text.lower() for text in run.texts(command)]
    if not texts or any(text in ("/m", "-m", "/?") for text in texts):
        return None
    name = run.texts(command)[0]
    fix = context.fix("set it for the machine", context.insert(command.name_span.end, " /M"), safe=False)
    return f"`setx {name}` without `/M` sets it for the building user only", fix


def _method(context: Context, run: Run, step: Step, command: Command) -> tuple[str, Fix | None] | None:
    if command.method is None or not command.method.lower().endswith("::setenvironmentvariable"):
        return None
    arguments = command.positional
    if len(arguments) < 2:
        return None
    name = run.text(arguments[0])
    if len(arguments) == 2:
        if not context.needed_later(run.instruction, name):
            return None
        fix = context.fix(
            "set it for the machine",
            context.insert(arguments[1].span.end, ", [EnvironmentVariableTarget]::Machine"),
            safe=False,
        )
        return f"`SetEnvironmentVariable('{name}', …)` lasts for this RUN only: name the target Machine", fix
    target = arguments[2]
    if "user" not in target.text.lower():
        return None
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
