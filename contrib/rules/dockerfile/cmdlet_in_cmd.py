"""cmdlet-in-cmd: a cmdlet of PowerShell in a body that cmd runs."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.programs import is_cmdlet
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """Once per RUN: the first cmdlet."""
    for run in context.bodies:
        stage = context.stages[run.stage_index]
        if run.shell != "cmd" or not run.sure or stage.is_modern_nanoserver:
            continue  # on nanoserver: `powershell-in-nanoserver`
        for step, command in run.commands:
            if step.shell == "cmd" and command.script is None and is_cmdlet(command.name):
                yield context.found(
                    RULE,
                    command.span.line,
                    f"`{command.name}` is a cmdlet of PowerShell, and cmd runs this: it does not exist there. Set SHELL",
                    instruction=run.instruction,
                )
                break


RULE = Rule(
    id="cmdlet-in-cmd",
    severity=Severity.ERROR,
    title="cmdlet in cmd",
    looks_for=(
        "A PowerShell cmdlet is used in a RUN that cmd runs, because there is no SHELL and "
        "the base sets none."
    ),
    why="cmd looks for a program of that name and does not find it: the build fails.",
    evidence=evidence("docker-library/redis#78"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
RUN New-Item -ItemType Directory C:\\app
CMD ["cmd"]
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN New-Item -ItemType Directory C:\\app
CMD ["cmd"]
"""
    ),
    check=check,
)
