"""state-lost-between-runs: RUN that leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import effects
from contrib.rules.bodies import Run
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Assignment, Function
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """A RUN all of whose commands change only the shell that runs them."""
    for run in context.runs:
        what = _state_only(run)
        if what is not None:
            yield context.found(
                RULE,
                run.instruction.line,
                f"`{what}` changes only the shell of this RUN, which ends with it: do it in the RUN that needs it",
                fix=context.fix("remove the RUN", context.remove_lines(run.instruction), safe=False),
                instruction=run.instruction,
            )


def _state_only(run: Run) -> str | None:
    what: str | None = None
    for step, command in run.acting:
        if any(isinstance(node, Function) for node in step.above):
            continue
        if not effects.changes_only_the_shell(command):
            return None
        what = what or command.name
    for step in run.steps:
        if isinstance(step.node, (Assignment, Function)):
            name = step.node.target if isinstance(step.node, Assignment) else step.node.name
            what = what or name
    return what


RULE = Rule(
    id="state-lost-between-runs",
    severity=Severity.WARNING,
    title="RUN that leaves nothing behind",
    looks_for=(
        "A RUN does nothing but change the shell that runs it: `Set-Location`, `$env:X = …`, "
        "`Set-Alias`, `Import-Module`, a function, a TLS setting."
    ),
    why=("Each RUN is a new process, so nothing of this is left for the next one."),
    evidence=evidence("caddyserver/caddy-docker#75"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN New-Alias app C:\app\app.ps1
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN [Environment]::SetEnvironmentVariable('PATH', ('C:\app;{0}' -f $env:PATH), [EnvironmentVariableTarget]::Machine)
"""
    ),
    check=check,
    fix="ask",
)
