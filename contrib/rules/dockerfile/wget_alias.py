"""wget-alias: alias of a cmdlet."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import transfers
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Command
from contrib.values.findings import Finding, Fix, Severity


def check(context: Context) -> Iterator[Finding]:
    """``wget``, ``curl``, ``iwr``, ``irm`` under PowerShell."""
    for run in context.bodies:
        if run.shell != "powershell" or not run.sure:
            continue
        for step, command in run.commands:
            if step.shell != "powershell":
                continue
            cmdlet = transfers.alias_of(command, run.program)
            if cmdlet is None:
                continue
            name = command.name.lower()
            yield context.found(
                RULE,
                command.name_span.line,
                f"`{command.name}` is an alias of `{cmdlet}` with other options than the tool: write "
                + (
                    "`curl.exe`"
                    if name == "curl" and transfers.written_for_the_tool(command)
                    else "the cmdlet"
                ),
                fix=_fix(context, command, cmdlet),
                instruction=run.instruction,
            )


def _fix(context: Context, command: Command, cmdlet: str) -> Fix | None:
    """The cmdlet where the options are the cmdlet's, ``curl.exe`` where they are curl's."""
    name = command.name.lower()
    if name in ("curl", "wget") and transfers.written_for_the_tool(command):
        if name == "wget":
            return None  # Windows has no wget
        return context.fix("call the program", context.replace(command.name_span, "curl.exe"), safe=True)
    return context.fix("use the full cmdlet name", context.replace(command.name_span, cmdlet), safe=True)


RULE = Rule(
    id="wget-alias",
    severity=Severity.WARNING,
    title="alias of a cmdlet",
    looks_for=(
        "A PowerShell command is called `wget`, `curl`, `iwr` or `irm`. `curl.exe` is the "
        "real curl and is fine, and so is everything under cmd."
    ),
    why=(
        "In Windows PowerShell these names are aliases of cmdlets, with other options than the tools "
        "they are named after."
    ),
    evidence=evidence("docker-library/redis@709e6a8", "docker-library/redis#78"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_URL=https://example.org/app-1.2.3.zip
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN wget $env:APP_URL -OutFile app.zip; \
	if ((Get-FileHash app.zip -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_URL=https://example.org/app-1.2.3.zip
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri $env:APP_URL -OutFile app.zip; \
	if ((Get-FileHash app.zip -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
"""
    ),
    check=check,
    fix="yes",
)
