"""unpinned-package: package without a version."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """A package manager that is given names and no exact version; one finding per instruction."""
    by_instruction: dict[int, list[act.Packages]] = {}
    for action in context.acting(act.Packages):
        if action.verb == "add" and action.loose:
            by_instruction.setdefault(id(action.instruction), []).append(action)
    for actions in by_instruction.values():
        names = list(dict.fromkeys(name for action in actions for name in action.loose))
        tools = list(dict.fromkeys(f"`{a.command.name if a.command else a.manager}`" for a in actions))
        yield context.found(
            RULE,
            actions[0].line,
            f"{' and '.join(tools)} {'installs' if len(tools) == 1 else 'install'} {', '.join(f'`{name}`' for name in names)} without an exact version",
            instruction=actions[0].instruction,
        )


RULE = Rule(
    id="unpinned-package",
    severity=Severity.WARNING,
    title="package without a version",
    looks_for=(
        "`choco`, `scoop`, `winget`, `Install-Module`, `Install-Package`, `pip`, `npm` or the package "
        "manager of another language installs a package without an exact version."
    ),
    why=("A new version of the package can break images that nobody has changed."),
    evidence=evidence("docker-library/python@bb68424"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN pip install wheel
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
ENV WHEEL_VERSION=0.43.0
RUN pip install ('wheel=={0}' -f $env:WHEEL_VERSION)
"""
    ),
    check=check,
)
