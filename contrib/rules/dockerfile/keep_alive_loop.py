"""keep-alive-loop: loop that outlives the program."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.bodies import Run, Step
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Command, Loop
from contrib.shells.programs import program
from contrib.values.findings import Finding, Severity

_WAITING = frozenset(
    (
        "Start-Sleep",
        "sleep",
        "timeout",
        "Wait-Event",
        "Wait-Process",
        "Wait-Job",
        "ServiceMonitor",
        "servicemonitor",
        "goto",
        "pause",
    )
)


def check(context: Context) -> Iterator[Finding]:
    """In CMD or ENTRYPOINT: an endless loop, or a command that only waits."""
    for run in context.bodies:
        keyword = (run.instruction.trigger or run.instruction).keyword
        if keyword not in ("CMD", "ENTRYPOINT"):
            continue
        stays = _stays_open(run)
        if stays is not None:
            yield context.found(
                RULE,
                run.instruction.line,
                f"{stays} stays open: the container lives on when its program has died",
                instruction=run.instruction,
            )
            continue
        for step in run.steps:
            reason = _reason(run, step)
            if reason is not None and not (isinstance(step.node, Command) and _goes_on(run, step)):
                yield context.found(
                    RULE,
                    step.node.span.line,
                    f"{reason}: the container lives on when its program has died",
                    instruction=run.instruction,
                )
                break


def _stays_open(run: Run) -> str | None:
    """A shell that is told not to end with its script."""
    nodes = [*run.script.outer, *(command for _, command in run.commands)]
    for node in nodes:
        if not isinstance(node, Command):
            continue
        words = [text.lower() for text in run.texts(node)]
        name = program(node.name)
        if name == "cmd" and "/k" in words[:4]:
            return f"`{node.name} /K`"
        if name in ("powershell", "pwsh") and any(
            word in ("-noexit", "/noexit", "-noe") for word in words[:8]
        ):
            return f"`{node.name} -NoExit`"
    return None


def _goes_on(run: Run, step: Step) -> bool:
    """Whether a program is run after a command that waits: then it is a delay."""
    loops = [node for node in step.above if isinstance(node, Loop)]
    if loops:
        # a loop that looks for the program's process ends with it
        return any(
            loop.condition is not None and "get-process" in loop.condition.text.lower() for loop in loops
        )
    return any(
        later.index > step.index and command.full_name not in _WAITING and command.full_name[:1].islower()
        for later, command in run.acting
    )


def _reason(run: Run, step: Step) -> str | None:
    node = step.node
    if isinstance(node, Loop):
        return "an endless loop" if node.endless else None
    if not isinstance(node, Command):
        return None
    texts = [text.lower() for text in run.texts(node)]
    if node.full_name in _WAITING or node.name.lower().endswith("servicemonitor.exe"):
        return f"`{node.name}` only waits"
    if node.full_name == "ping" and any(text in ("-t", "/t") for text in texts):
        return "`ping -t` only waits"
    if node.full_name == "Get-Content" and node.parameter("Wait") is not None:
        return "`Get-Content -Wait` never ends"
    return None


RULE = Rule(
    id="keep-alive-loop",
    severity=Severity.ERROR,
    title="loop that outlives the program",
    looks_for=(
        "CMD or ENTRYPOINT has something that never ends after or beside the program: an endless "
        "loop, `Start-Sleep`, `timeout`, `ping -t`, `Wait-Event`, `Get-Content -Wait`, "
        "`ServiceMonitor`, or a shell that stays open (`cmd /K`, `powershell -NoExit`)."
    ),
    why=("The container lives on when its program has died."),
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
