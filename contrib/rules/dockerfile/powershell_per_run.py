"""powershell-per-run: PowerShell started by each RUN."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """Once a stage without SHELL, at the first RUN that starts PowerShell itself."""
    for stage in context.stages:
        if stage.is_modern_nanoserver or any(i.keyword == "SHELL" for i in stage.stage.instructions):
            continue
        runs = [run for run in context.runs_of(stage) if run.starts_powershell]
        if runs:
            first = runs[0].instruction
            count = len({id(run.instruction) for run in runs})
            more = f" ({count} RUNs do)" if count > 1 else ""
            yield context.found(
                RULE,
                first.line,
                f"starts PowerShell inside another shell{more}: two shells quote and expand, say SHELL once instead",
                instruction=first,
            )


RULE = Rule(
    id="powershell-per-run",
    severity=Severity.WARNING,
    title="PowerShell started by each RUN",
    looks_for=("There is no SHELL, and each RUN starts `powershell` itself."),
    why=(
        "Two shells quote and expand the same line, one after the other, and each RUN has to "
        "set the preferences again."
    ),
    evidence=evidence("docker-library/golang@be25599"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
RUN powershell -Command "New-Item -ItemType Directory C:\app"
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
RUN New-Item -ItemType Directory C:\app
"""
    ),
    check=check,
    fix="ask",
)
