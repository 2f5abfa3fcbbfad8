"""opaque-install-script: the installation is in a script that the Dockerfile does not show."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity

_SCRIPTS = (".ps1", ".psm1", ".cmd", ".bat")


def check(context: Context) -> Iterator[Finding]:
    """A RUN that runs a script of the build context."""
    for run, script in scripts_run(context):
        yield context.found(
            RULE,
            run.line,
            f"`{script}` comes from the build context, and the Dockerfile does not show what it does: write its commands here",
            instruction=run.instruction,
        )


def scripts_run(context: Context) -> list[tuple[act.Run, str]]:
    """Scripts of the build context that RUNs run, each with the action."""
    build = context.build
    copies = [copy for copy in build.of(act.CopyIn) if copy.origin is None]
    found: list[tuple[act.Run, str]] = []
    for run in build.of(act.Run):
        for file in (run.path, *run.files):
            if not file.lower().endswith(_SCRIPTS):
                continue
            if any(
                copy.order < run.order
                and copy.stage == run.stage
                and paths.brings(copy.target, copy.sources, file)
                for copy in copies
            ):
                found.append((run, paths.name(file)))
                break
    return found


RULE = Rule(
    id="opaque-install-script",
    severity=Severity.WARNING,
    title="installation in a script",
    looks_for="A RUN runs a `.ps1`, `.cmd` or `.bat` that COPY or ADD brought in.",
    why=(
        "Reviewers have to see in the Dockerfile what is installed and where it comes from. A "
        "script hides both, and a change of the script does not show in the Dockerfile."
    ),
    evidence=evidence('guidelines "Clarity"'),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
COPY install.ps1 C:\\\\
RUN powershell -File C:\\install.ps1
CMD ["cmd"]
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
COPY --from=redis:7.2.5-windowsservercore-ltsc2022 C:\\\\redis C:\\\\redis
CMD ["cmd"]
"""
    ),
    check=check,
)
