"""installer-not-waited: installer that is not waited for."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import effects, paths
from contrib.build.actions import Unpack
from contrib.rules.bodies import Run, Step
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Command
from contrib.values.findings import Finding, Fix, Severity


def check(context: Context) -> Iterator[Finding]:
    """An installer that PowerShell, or cmd's ``start``, starts and does not wait for."""
    for action in context.installers:
        command = action.command
        found = context.step_of(command)
        if command is None or found is None or not action.apart:
            continue
        run, step = found
        if step.shell == "cmd" and action.starter == "start":
            yield context.found(
                RULE,
                command.span.line,
                "`start` without `/w` returns at once: the layer is closed in mid-installation",
                fix=context.fix("wait for it", context.insert(command.name_span.end, " /w"), safe=False),
                instruction=run.instruction,
            )
            continue
        if step.shell != "powershell":
            continue
        if action.starter == "Start-Process":
            if _waits(run, step, action):
                continue
            fix: Fix | None = _started(context, step, action, command)
            what = "Start-Process without `-Wait`"
        else:
            fix = _piped(context, command)
            what = f"`{command.name or paths.program(action.file)}` called directly"
        yield context.found(
            RULE,
            command.span.line,
            f"{what} returns at once: the layer is closed in mid-installation",
            fix=fix,
            instruction=run.instruction,
        )


def _waits(run: Run, step: Step, action: Unpack) -> bool:
    if "wait" in action.started_with:
        return True
    return any(later.index > step.index and effects.waits_for_another(other) for later, other in run.commands)


def _started(context: Context, step: Step, action: Unpack, command: Command) -> Fix:
    """Wait, and look at what came of it: 3010 asks for a restart, which a container has no use for."""
    if step.above or command.redirections:
        looked = "exitcode" in context.file.text_of(step.top.span).lower()
        return context.fix("wait for it", context.insert(command.name_span.end, " -Wait"), safe=looked)
    passed = "" if "passthru" in action.started_with else " -PassThru"
    return context.fix(
        "wait for it, and look at its exit code",
        (
            context.insert(command.span.start, "$exitCode = ("),
            context.insert(command.name_span.end, f" -Wait{passed}"),
            context.insert(command.span.end, ").ExitCode; if ($exitCode -notin 0, 3010) { exit $exitCode }"),
        ),
        safe=True,
    )


def _piped(context: Context, command: Command) -> Fix | None:
    """PowerShell waits for a program whose output it reads; the arguments stay as they are."""
    if command.redirections:
        return None
    return context.fix("wait for it", context.insert(command.span.end, " | Out-Null"), safe=True)


RULE = Rule(
    id="installer-not-waited",
    severity=Severity.ERROR,
    title="installer that is not waited for",
    looks_for=(
        "An installer is started by `Start-Process` without `-Wait`, or `msiexec` or a setup program "
        "is called in PowerShell without anything that waits for it."
    ),
    why=("These programs return at once, and the layer is closed in the middle of the installation."),
    evidence=evidence("docker/for-win#2047", "moby/moby#30395"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN msiexec /i app.msi /qn
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN Start-Process msiexec -Wait -ArgumentList '/i', 'app.msi', '/qn'
"""
    ),
    check=check,
    fix="yes",
)
