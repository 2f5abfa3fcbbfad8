"""windows-service: Windows service in a container."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.rules.bodies import Run
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Command
from contrib.values.findings import Finding, Severity

_VERBS = frozenset(("--service-install", "--service-start", "--install-service", "--installservice"))
#: Programs whose own `install` installs something else than a service.
#: Programs that make a service of themselves with ``--install``.
_INSTALLS_ITSELF = frozenset(
    ("mongod", "mongos", "mysqld", "mysqld-nt", "mariadbd", "redis-server", "cloudbase-init")
)
#: Programs whose verb ``install`` makes a service.
_INSTALLS_SERVICES = frozenset(
    ("nssm", "winsw", "filebeat", "consul", "telegraf", "prunsrv", "srvany", "tomcat9", "tomcat10")
)


def check(context: Context) -> Iterator[Finding]:
    """Commands and archives that install or start a service."""
    for run in context.bodies:
        for _, command in run.commands:
            reason = _service(run, command)
            if reason is not None:
                yield context.found(
                    RULE,
                    command.span.line,
                    f"{reason}: a service would run beside the foreground process",
                    instruction=run.instruction,
                )
    for download in context.downloads:
        if re.search(r"-with-service\b", download.url, re.IGNORECASE):
            yield context.found(
                RULE,
                download.line,
                f"`{download.url.rpartition('/')[2]}` is the archive with the service: take the one without",
                instruction=download.instruction,
            )


def _service(run: Run, command: Command) -> str | None:
    name = command.full_name
    texts = run.texts(command)
    lowered = [text.lower() for text in texts]
    if name in ("New-Service", "Start-Service"):
        return f"`{name}`"
    if name == "Set-Service":
        return None if "disabled" in lowered else "`Set-Service`"
    if name == "sc" and "create" in lowered[:2]:
        return "`sc create`"
    if name == "net" and lowered[:1] == ["start"] and len(lowered) > 1:
        return f"`net start {texts[1]}`"
    for text in texts:
        match = re.search(r"\bADDLOCAL=([^\s;\"']+)", text, re.IGNORECASE)
        if match:
            features = match[1].split(",")
            if any(feature.lower() == "all" for feature in features):
                return "`ADDLOCAL=ALL` installs the service too"
            service = next((f for f in features if re.search(r"(?<!No)Service$", f)), None)
            if service is not None:
                return f"the feature `{service}` installs a service"
    verb = next((text for text in texts if text.lower() in _VERBS), None)
    if verb is not None:
        return f"`{verb}`"
    if not command.name or ("-" in name and name[:1].isupper()):
        return None
    if "--install" in lowered and name in _INSTALLS_ITSELF:
        return f"`{command.name} --install`"
    if lowered[:1] == ["install"] and name in _INSTALLS_SERVICES:
        return f"`{command.name} install`"
    if name == "httpd" and lowered[:2] == ["-k", "install"]:
        return f"`{command.name} -k install`"
    return None


RULE = Rule(
    id="windows-service",
    severity=Severity.ERROR,
    title="Windows service in a container",
    looks_for=(
        "A Windows service is installed or started: `New-Service`, `sc create`, `Start-Service`, `net "
        "start`, `msiexec` with `ADDLOCAL=ALL` or a service feature, a program with its own service "
        "verb, or an archive `…-with-Service`."
    ),
    why=(
        "The service runs beside the program that CMD starts: two servers, one data directory, and a "
        "container that does not end when the real one does."
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
