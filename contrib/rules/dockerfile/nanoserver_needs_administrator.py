"""nanoserver-needs-administrator: needs ContainerAdministrator."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build.rights import administrator
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """A RUN of a nanoserver stage that changes machine settings as ContainerUser."""
    for stage in context.stages:
        root = stage.base.root
        if not stage.is_modern_nanoserver or ("/" in root.repository and not root.microsoft):
            continue  # whom somebody's image runs as is not known
        user = context.final_user(stage.origin) or "ContainerUser"
        for instruction in stage.stage.instructions:
            if instruction.keyword == "USER":
                user = context.resolve(instruction, instruction.values[0]) if instruction.values else user
            if instruction.keyword != "RUN" or user.lower().endswith("containeradministrator"):
                continue
            reason = administrator(context.build, instruction)
            if reason is None:
                continue
            fix = context.fix(
                "run it as ContainerAdministrator",
                (
                    context.insert_line_before(instruction, "USER ContainerAdministrator"),
                    context.insert_line_after(instruction, f"USER {user}"),
                ),
                safe=True,
            )
            yield context.found(
                RULE,
                instruction.line,
                f"{reason} needs ContainerAdministrator, and the user here is `{user}`",
                fix=fix,
                instruction=instruction,
            )


RULE = Rule(
    id="nanoserver-needs-administrator",
    severity=Severity.ERROR,
    title="needs ContainerAdministrator",
    looks_for=(
        "In a nanoserver stage of release 1709 or later, a RUN needs administrator rights, "
        "but the user is not `ContainerAdministrator`: `setx /M`, `reg add HKLM…`, `icacls`, "
        "or writing below `C:\\Windows` or `C:\\Program Files`. The fix puts USER lines around "
        "the RUN."
    ),
    why=("The default user of nanoserver is `ContainerUser`, who may not change machine settings."),
    evidence=evidence("docker-library/golang#278", "nodejs/docker-node#720"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN setx /M PATH "C:\app;%PATH%"
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
USER ContainerAdministrator
RUN setx /M PATH "C:\app;%PATH%"
USER ContainerUser
"""
    ),
    check=check,
    fix="yes",
)
