"""windows-service: Windows service in a container."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import actions as act
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """Commands and archives that install or start a service."""
    for action in (*context.acting(act.Service), *context.later(act.Service)):
        yield context.found(
            RULE,
            action.line,
            f"{action.reason}: a service would run beside the foreground process",
            instruction=action.instruction,
        )
    for download in context.downloads:
        if "-with-service" in download.url.lower() and re.search(r"(?i)-with-service\b", download.url):
            yield context.found(
                RULE,
                download.line,
                f"`{download.url.rpartition('/')[2]}` is the archive with the service: take the one without",
                instruction=download.instruction,
            )


RULE = Rule(
    id="windows-service",
    severity=Severity.ERROR,
    title="Windows service in a container",
    looks_for=(
        "A Windows service is installed or started: `New-Service`, `sc create`, "
        "`Start-Service`, `net start`, `msiexec` with `ADDLOCAL=ALL` or a service feature, a "
        "program that installs itself as a service, or an archive `…-with-Service`."
    ),
    why=(
        "The service runs beside the program that CMD starts: two servers use one data "
        "directory, and the container does not end when the real one does."
    ),
    evidence=evidence("docker-library/mongo#426", "docker-library/mongo#438", "docker-library/redis#78"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN Start-Process msiexec -Wait -ArgumentList @('/i', 'app.msi', '/qn', 'ADDLOCAL=all')
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN Start-Process msiexec -Wait -ArgumentList @('/i', 'app.msi', '/qn', 'ADDLOCAL=Router,ServerNoService')
"""
    ),
    check=check,
)
