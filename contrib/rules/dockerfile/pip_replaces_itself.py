"""pip-replaces-itself: pip that replaces itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.dockerfile.unpinned_package import pip_packages
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """``pip install`` of ``pip`` by ``pip.exe``."""
    for run in context.runs:
        for _, command in run.commands:
            if not re.fullmatch(r"pip\d*(\.\d+)?", command.full_name):
                continue
            packages = pip_packages(run, command) or []
            if any(re.match(r"pip\s*([=<>~!\[]|$)", package) for package in packages):
                yield context.found(
                    RULE,
                    command.span.line,
                    "Windows cannot replace a running `pip.exe`: `python -m pip install`",
                    fix=context.fix(
                        "let python run pip", context.replace(command.name_span, "python -m pip"), safe=True
                    ),
                    instruction=run.instruction,
                )


RULE = Rule(
    id="pip-replaces-itself",
    severity=Severity.WARNING,
    title="pip that replaces itself",
    looks_for=("`pip install` names `pip` itself. `python -m pip install` is fine."),
    why=("Windows cannot replace a `pip.exe` that is running."),
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
