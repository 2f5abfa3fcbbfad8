"""retired-base-repository: retired Microsoft base repository."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.dockerfile.platform import SUCCESSORS
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.rules.stages import ImageUse
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """FROM and COPY --from of ``microsoft/…`` and of the bare local names."""
    for use in context.images:
        repository = use.reference.repository.lower()
        if repository not in SUCCESSORS and not repository.startswith("microsoft/"):
            continue
        successor = SUCCESSORS.get(repository)
        fix = None
        message = f"`{use.reference.repository}` is gone: Microsoft's images moved to `mcr.microsoft.com`"
        if successor is not None:
            message += f", this one to `{successor}`"
            if use.span is not None:
                rest = use.text[len(use.text.partition("@")[0].partition(":")[0]) :]
                fix = context.fix(
                    f"take it from `{successor}`",
                    context.replace(use.span, successor + rest),
                    safe=not _needs_powershell(context, use),
                )
        yield context.found(RULE, use.line, message, fix=fix, instruction=use.instruction)


def _needs_powershell(context: Context, use: ImageUse) -> bool:
    """A stage of the old nanoserver that uses the PowerShell which its successor does not have."""
    if use.reference.kind != "nanoserver" or use.via != "FROM":
        return False
    return any(
        instruction.keyword in ("SHELL", "RUN", "CMD", "ENTRYPOINT")
        and "powershell" in instruction.body.lower()
        for instruction in use.stage.stage.instructions
    )


RULE = Rule(
    id="retired-base-repository",
    severity=Severity.ERROR,
    title="retired Microsoft base repository",
    looks_for=(
        "Your FROM or COPY --from names `microsoft/windowsservercore`, `microsoft/nanoserver`, "
        "another `microsoft/…` image of Docker Hub, or one of the bare names `windowsservercore` and "
        "`nanoserver`."
    ),
    why=(
        "Microsoft moved its images to its own registry. The names on Docker Hub are gone, and "
        "official images may not use them."
    ),
    evidence=evidence("docker-library/golang@b77b187"),
    bad=Example(
        """
FROM microsoft/nanoserver:1809
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
"""
    ),
    check=check,
    fix="yes",
)
