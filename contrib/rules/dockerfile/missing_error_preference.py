"""missing-error-preference: PowerShell goes on after errors."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.bodies import Run, preference
from contrib.rules.context import Context
from contrib.rules.fixes import in_body, in_shell
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity

_SETTING = "$ErrorActionPreference = 'Stop';"


def check(context: Context) -> Iterator[Finding]:
    """Once a stage: at its SHELL, else at the first RUN that is left open."""
    for stage in context.stages:
        runs = [run for run in context.runs_of(stage) if _open(context, run)]
        if not runs:
            continue
        shells = {id(run.shell_instruction): run.shell_instruction for run in runs if not run.inner}
        for shell in shells.values():
            under = [run for run in runs if not run.inner and run.shell_instruction is shell]
            line = shell.line if shell is not None else under[0].instruction.line
            fix = in_shell(context, shell, _SETTING, first=True) if shell is not None else None
            yield context.found(
                RULE,
                line,
                f"PowerShell goes on after an error: set `$ErrorActionPreference = 'Stop'` {_left(under)}",
                fix=fix,
                instruction=shell or under[0].instruction,
            )
        inner = [run for run in runs if run.inner]
        if inner:
            edits = [in_body(context, run, _SETTING) for run in inner]
            present = [edit for edit in edits if edit is not None]
            fix = (
                context.fix("stop at the first error", present, safe=True)
                if len(present) == len(edits)
                else None
            )
            yield context.found(
                RULE,
                inner[0].instruction.line,
                f"PowerShell goes on after an error: set `$ErrorActionPreference = 'Stop'` {_left(inner)}",
                fix=fix,
                instruction=inner[0].instruction,
            )


def _left(runs: list[Run]) -> str:
    lines = list(dict.fromkeys(str(run.instruction.line) for run in runs))
    return f"(left open: the RUN{'s' if len(lines) > 1 else ''} at line {', '.join(lines)})"


def _open(context: Context, run: Run) -> bool:
    if run.shell != "powershell" or not run.script.nodes or not run.sure:
        return False
    if preference(run, "ErrorActionPreference", ("stop", "1"), first=True):
        return False
    # The failure of a single command ends the process anyway, a download's is worth more.
    if len(run.acting) > 1:
        return True
    own = {id(step.node) for step in run.steps}
    return any(id(download.download.node) in own for download in context.downloads)


RULE = Rule(
    id="missing-error-preference",
    severity=Severity.ERROR,
    title="PowerShell goes on after errors",
    looks_for=(
        "A PowerShell RUN has more than one command, or downloads something, and nothing sets "
        "`$ErrorActionPreference = 'Stop'` for it: neither SHELL, nor its own command line, "
        "nor its first statements. Setting it in one RUN does not cover the next one."
    ),
    why=(
        "Without it PowerShell goes on after a failed download, and the build succeeds with a broken "
        "image. This is the first thing that maintainers look for."
    ),
    evidence=evidence("docker-library/redis#78"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell"]
RUN New-Item -ItemType Directory C:\app; Copy-Item C:\Windows\win.ini C:\app
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
RUN New-Item -ItemType Directory C:\app; Copy-Item C:\Windows\win.ini C:\app
"""
    ),
    check=check,
    fix="yes",
)
