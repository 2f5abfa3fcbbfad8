"""powershell-in-nanoserver: PowerShell where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.dockerfile.model import Instruction
from contrib.rules.context import Context, Copy, StageView
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.programs import is_cmdlet, is_powershell
from contrib.values.findings import Finding, Severity
from contrib.values.patterns import lazy

_POWERSHELL = lazy(r"powershell|pwsh", re.IGNORECASE)


def check(context: Context) -> Iterator[Finding]:
    """SHELL, or a body, of a nanoserver stage that needs ``powershell`` or ``pwsh``."""
    for stage in context.stages:
        if not stage.is_modern_nanoserver or "powershell" in stage.base.root.repository.lower():
            continue
        root = stage.base.root
        if "/" in root.repository and not root.microsoft:
            continue  # somebody's image: what it has is not known
        if any(_brings(context, copy) for view in _line_of(stage) for copy in view.copies):
            continue  # brought along
        in_shell = False
        for outer in stage.stage.instructions:
            instruction = outer.trigger or outer
            if instruction.keyword == "SHELL":
                in_shell = bool(instruction.values) and is_powershell(instruction.values[0])
                reason: str | None = "SHELL starts PowerShell" if in_shell else None
            elif instruction.keyword in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"):
                # Under such a SHELL every shell form fails, and the SHELL is the mistake.
                reason = (
                    None if in_shell and not instruction.exec_form else _reason(context, outer, instruction)
                )
            else:
                continue
            if reason is not None:
                yield context.found(
                    RULE,
                    outer.line,
                    f"{reason}, and nanoserver has had none since 1709: copy from the servercore image, use cmd",
                    instruction=outer,
                )


def _line_of(stage: StageView) -> Iterator[StageView]:
    """The stage and those that it starts from."""
    view: StageView | None = stage
    while view is not None:
        yield view
        view = view.origin


def _brings(context: Context, copy: Copy) -> bool:
    """PowerShell is copied: from its own image, or by the name of a directory."""
    source = copy.stage.base.root if copy.stage is not None else copy.image.reference if copy.image else None
    if source is not None and "powershell" in source.repository.lower():
        return True
    values = copy.instruction.values
    return any(_POWERSHELL.search(context.resolve(copy.instruction, value)) for value in values)


def _reason(context: Context, outer: Instruction, instruction: Instruction) -> str | None:
    if instruction.exec_form:
        words = [word for word in instruction.values if word not in ("CMD",)]
        if words and is_powershell(words[0]):
            return f"{instruction.keyword} starts `{words[0]}`"
    run = context.run_of(outer)
    if run is None or (instruction.exec_form and not run.script.outer):
        return None  # SHELL plays no part in the exec form
    if run.starts_powershell:
        return f"{instruction.keyword} starts PowerShell"
    for _, command in run.commands:
        if is_powershell(command.name):
            return f"`{command.name}` is called"
        if run.shell == "cmd" and is_cmdlet(command.name):
            return f"`{command.name}` is a cmdlet"
    return None


RULE = Rule(
    id="powershell-in-nanoserver",
    severity=Severity.ERROR,
    title="PowerShell where there is none",
    looks_for=(
        "In a nanoserver stage, a SHELL, RUN, CMD, ENTRYPOINT or HEALTHCHECK uses `powershell`, "
        "`pwsh` or a cmdlet."
    ),
    why=(
        "Since release 1709 nanoserver has no PowerShell: the build fails, or the container does when "
        "it starts."
    ),
    evidence=evidence(
        "docker-library/docker#75",
        "docker-library/golang#278",
        "docker-library/golang@88b5e2b",
        "docker-library/mongo#746",
    ),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN New-Item -ItemType Directory C:\app
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
SHELL ["cmd", "/S", "/C"]
COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\app C:\\app
"""
    ),
    check=check,
)
