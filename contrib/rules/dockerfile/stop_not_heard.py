"""stop-not-heard: the program is started apart, and what stops the container does not reach it."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build.staying import apart
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """``Start-Process``, ``start`` or a service in CMD or ENTRYPOINT."""
    for run in context.bodies:
        instruction = run.instruction.trigger or run.instruction
        if instruction.keyword not in ("CMD", "ENTRYPOINT") or not context.in_last_stage(run.instruction):
            continue
        found = apart(context.build, run.script)
        if found is not None:
            yield context.found(
                RULE,
                found.command.span.line,
                f"`{found.what}` starts the program apart from the main process: it does not hear `docker stop`, and its "
                "exit code is lost",
                instruction=run.instruction,
            )


RULE = Rule(
    id="stop-not-heard",
    severity=Severity.WARNING,
    title="the program does not hear the stop",
    looks_for=(
        "CMD or ENTRYPOINT starts the program in a console of its own (`Start-Process`, "
        "`start`) or as a service."
    ),
    why=(
        "`docker stop` sends its event to the main process. A program beside it is killed "
        "without a chance to save its data."
    ),
    evidence=evidence(
        "moby/moby#25982 <https://github.com/moby/moby/issues/25982>", "docker-library/redis#78"
    ),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
CMD ["powershell", "-Command", "Start-Process C:/app/app.exe; Wait-Event"]
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
CMD ["C:\\\\app\\\\app.exe"]
"""
    ),
    check=check,
)
