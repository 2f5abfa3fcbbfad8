"""windows-service: Windows service in a container."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import products
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.rules.scripts import Run, Step
from contrib.shells.model import Command
from contrib.values.findings import Finding, Severity

_VERBS = frozenset(("--service-install", "--service-start", "--install-service", "--installservice"))
#: Programs whose own `install` installs something else than a service.
_INSTALLERS = re.compile(
    r"(choco(latey)?|cinst|scoop|winget|pip\d*|python\d*|py|npm|yarn|gem|go|cargo|git|msiexec|dism|tar|dotnet|nuget|corepack|"
    r"conda|vcpkg|cmd|powershell|pwsh|.*setup.*|.*installer.*|vs_.*)(\.\w+)?"
)


def check(context: Context) -> Iterator[Finding]:
    """Commands and archives that install or start a service."""
    programs = {products.product(download.url) for download in context.downloads} - {""}
    for run in context.bodies:
        for step, command in run.commands:
            reason = _service(run, step, command, programs)
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


def _service(run: Run, step: Step, command: Command, programs: set[str]) -> str | None:
    name = command.full_name
    texts = run.texts(step, command)
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
    if "--install" in lowered and not _INSTALLERS.fullmatch(name):
        return f"`{command.name} --install`"
    if lowered[:1] == ["install"] and (name in ("nssm", "winsw") or name in programs):
        return f"`{command.name} install`"
    return None


RULE = Rule(
    id="windows-service",
    severity=Severity.ERROR,
    title="Windows service in a container",
    looks_for=(
        "`msiexec` with `ADDLOCAL=ALL` or a feature that ends in `Service` but not `NoService`; "
        "`New-Service`, `sc create`, `Start-Service`, `net start`, `Set-Service`, "
        "`--service-install`, `--service-start`, `--install`/`install` given to the program as a "
        "service verb; a `…-with-Service` archive."
    ),
    why=(
        "The service runs beside the foreground process: two servers, one data directory, and the "
        "container does not end when the real one does. A reviewer's question from the first pull "
        "request on."
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
