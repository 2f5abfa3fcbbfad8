"""keep-alive-loop: loop that outlives the program."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build.staying import Stay, stays
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """In CMD or ENTRYPOINT: an endless loop, or a command that only waits."""
    for run in context.bodies:
        keyword = (run.instruction.trigger or run.instruction).keyword
        if keyword not in ("CMD", "ENTRYPOINT"):
            continue
        stay = stays(context.build, run.script, services=False)
        if stay is not None:
            line = run.instruction.line if stay.kind == "open" else stay.node.span.line
            yield context.found(RULE, line, _message(stay), instruction=run.instruction)


def _message(stay: Stay) -> str:
    lives = "the container lives on when its program has died"
    match stay.kind:
        case "loop":
            return f"an endless loop: {lives}"
        case "open":
            return f"`{stay.what}` stays open: {lives}"
        case "log":
            return f"`{stay.what}` never ends: {lives}"
        case _:
            return f"`{stay.what}` only waits: {lives}"


RULE = Rule(
    id="keep-alive-loop",
    severity=Severity.ERROR,
    title="loop that outlives the program",
    looks_for=(
        "CMD or ENTRYPOINT has something that never ends after or beside the program: an endless "
        "loop, `Start-Sleep`, `timeout`, `ping -t`, `Wait-Event`, `Get-Content -Wait`, "
        "`ServiceMonitor`, or a shell that stays open (`cmd /K`, `powershell -NoExit`)."
    ),
    why=("The container keeps running after its program has died."),
    evidence=evidence(
        "docker-library/redis@709e6a8",
        "docker-library/redis#78",
        'faq "Why isn\'t there a Windows equivalent of `docker-entrypoint.sh`?"',
    ),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
CMD app.exe; while ($true) { Start-Sleep 60 }
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
CMD ["app.exe"]
"""
    ),
    check=check,
)
