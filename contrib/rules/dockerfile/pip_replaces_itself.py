"""pip-replaces-itself: pip that replaces itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import actions as act
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """``pip install`` of ``pip`` by ``pip.exe``."""
    for action in context.acting(act.Packages):
        command = action.command
        if action.manager != "pip" or command is None or not action.by.startswith("pip"):
            continue
        if any(re.match(r"pip\s*([=<>~!\[]|$)", name) for name in action.names):
            yield context.found(
                RULE,
                command.span.line,
                "Windows cannot replace a running `pip.exe`: `python -m pip install`",
                fix=context.fix(
                    "let python run pip", context.replace(command.name_span, "python -m pip"), safe=True
                ),
                instruction=action.instruction,
            )


RULE = Rule(
    id="pip-replaces-itself",
    severity=Severity.WARNING,
    title="pip that replaces itself",
    looks_for=("`pip install` names `pip` itself. `python -m pip install` is fine."),
    why=("Windows cannot replace `pip.exe` while it is running."),
    evidence=evidence("docker-library/python@60d03bd"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN pip install --upgrade 'pip==9.0.1'
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN python -m pip install --upgrade 'pip==9.0.1'
"""
    ),
    check=check,
    fix="yes",
)
