"""env-path: PATH set by ENV."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.dockerfile.model import Instruction
from contrib.rules.context import Context, StageView
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Fix, Severity


def check(context: Context) -> Iterator[Finding]:
    """ENV PATH that refers to a PATH nobody set (error), or that is written out in full (warning)."""
    for stage in context.stages:
        if not stage.windows:
            continue
        known = _sets_path(stage.origin)
        for instruction in stage.stage.instructions:
            if instruction.keyword != "ENV":
                continue
            for name, value in zip(instruction.words[::2], instruction.words[1::2], strict=False):
                if name.text.upper() != "PATH":
                    continue
                lower = value.text.lower()
                refers = any(text in lower for text in ("%path%", "$path", "${path", "$env:path"))
                if refers and not known:
                    yield context.found(
                        RULE,
                        name.span.line,
                        f"`{value.text}` refers to a PATH that no ENV set: Windows bases keep it in the registry, "
                        "so `System32` is lost",
                        fix=_fix(context, instruction, value.text),
                        instruction=instruction,
                    )
                elif not refers:
                    yield context.found(
                        RULE,
                        name.span.line,
                        "ENV PATH written out overrides what the base and later installers set: set it for the machine",
                        severity=Severity.WARNING,
                        fix=_fix(context, instruction, value.text),
                        instruction=instruction,
                    )
                known = True


def _sets_path(stage: StageView | None) -> bool:
    while stage is not None:
        for instruction in stage.stage.instructions:
            if instruction.keyword == "ENV" and any(
                name.upper() == "PATH" for name in instruction.values[::2]
            ):
                return True
        stage = stage.origin
    return False


def _fix(context: Context, instruction: Instruction, value: str) -> Fix | None:
    if len(instruction.words) != 2:
        return None
    own = []
    for part in value.strip("\"'").replace("\\\\", "\\").split(";"):
        plain = part.strip()
        if plain and not any(
            t in plain.lower() for t in ("%path%", "$path", "${path", "$env:path", "system32", "c:\\windows")
        ):
            own.append(plain)
    if not own or any("$" in part or "'" in part for part in own):
        return None
    directories = ";".join(own)
    if context.shell_of(instruction) == "powershell":
        command = (
            f"RUN [Environment]::SetEnvironmentVariable('PATH', ('{directories};{{0}}' -f $env:PATH), "
            "[EnvironmentVariableTarget]::Machine)"
        )
    else:
        command = f'RUN setx /M PATH "{directories};%PATH%"'
    return context.fix("set PATH for the machine", context.replace(instruction.span, command), safe=False)


RULE = Rule(
    id="env-path",
    severity=Severity.ERROR,
    title="PATH set by ENV",
    looks_for=(
        "ENV sets PATH with a reference to `%PATH%`, `$PATH`, `${PATH}` or `$env:PATH` that no "
        "earlier ENV of this file defines. A PATH that is written out in full is a warning."
    ),
    why=(
        "Windows bases keep PATH in the registry and not in the image, so the reference is empty and "
        "`System32` is lost. A full list overrides what the base and later installers set."
    ),
    evidence=evidence(
        "moby/moby#30033", "moby/moby#22017", "PowerShell/PowerShell-Docker#164", "docker-library/mongo#470"
    ),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
ENV PATH C:\\app;$PATH
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
# PATH is not set in the base image's configuration, so it is set from within
RUN [Environment]::SetEnvironmentVariable('PATH', ('C:\app;{0}' -f $env:PATH), [EnvironmentVariableTarget]::Machine)
"""
    ),
    check=check,
    fix="ask",
)
