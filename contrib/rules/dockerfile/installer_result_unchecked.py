"""installer-result-unchecked: installer whose result is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import effects, paths
from contrib.build.actions import Unpack
from contrib.build.comparing import ends_build
from contrib.rules.bodies import Run, Step, preference
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Command, If
from contrib.values.findings import Finding, Fix, Severity
from contrib.values.patterns import lazy

#: Conditions that look for what should be there now.
_ASKS = lazy(r"\b(?:test-path|get-command|get-item|where\.exe|gcm)\b", re.IGNORECASE)


def check(context: Context) -> Iterator[Finding]:
    """``Start-Process -Wait`` of an installer, and nobody looks whether it worked."""
    for action in context.installers:
        command = action.command
        found = context.step_of(command)
        if command is None or found is None:
            continue
        run, step = found
        if action.starter != "Start-Process" or not ("wait" in action.started_with or _waited_for(run, step)):
            continue
        if _looked_at(context, run, step.index):
            continue
        installer = paths.program(action.file) if action.tool == "installer" else action.tool
        yield context.found(
            RULE,
            command.span.line,
            f"Start-Process succeeds even when `{installer}` fails: check its exit code (`-PassThru`, `.ExitCode`)",
            fix=_fix(context, step, action, command),
            instruction=run.instruction,
        )


def _waited_for(run: Run, step: Step) -> bool:
    """``$p = Start-Process … -PassThru; $p.WaitForExit()``."""
    return any(later.index > step.index and effects.waits_for_another(c) for later, c in run.commands)


def _fix(context: Context, step: Step, action: Unpack, command: Command) -> Fix | None:
    """Keep the exit code and end the build with it."""
    if step.above or command.redirections or "wait" not in action.started_with:
        return None
    passed = "" if "passthru" in action.started_with else " -PassThru"
    edits = (
        context.insert(command.span.start, "$exitCode = ("),
        context.insert(command.name_span.end, passed),
        context.insert(command.span.end, ").ExitCode; if ($exitCode -ne 0) { exit $exitCode }"),
    )
    return context.fix("look at its exit code", edits, safe=False)


def _looked_at(context: Context, run: Run, started: int) -> bool:
    text = run.script.text.lower() or context.file.text_of(run.instruction.span).lower()
    if "exitcode" in text or "lastexitcode" in text:
        return True
    stop = preference(run, "ErrorActionPreference", ("stop", "1"))
    for step in run.steps:
        if step.index > started and isinstance(step.node, If):
            for condition, _ in step.node.arms:
                if condition is not None and _ASKS.search(condition.text):
                    return any(ends_build(body, stop, run.value) for _, body in step.node.arms)
    return False


RULE = Rule(
    id="installer-result-unchecked",
    severity=Severity.WARNING,
    title="installer whose result is unknown",
    looks_for=(
        "`Start-Process … -Wait` starts an installer, and nothing looks at its exit code (`-PassThru` "
        "and `ExitCode`) or tests for a file or program that it should have installed."
    ),
    why=(
        "`Start-Process` succeeds whatever the installer reports, so a failed installation "
        "goes unnoticed, and the log that would explain it is lost."
    ),
    evidence=evidence("docker-library/python@0573fe3"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN Start-Process msiexec -Wait -ArgumentList '/i', 'app.msi', '/qn'
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN $code = (Start-Process msiexec -Wait -PassThru -ArgumentList '/i', 'app.msi', '/qn').ExitCode; \
	if ($code -ne 0) { exit $code }
"""
    ),
    check=check,
    fix="ask",
)
