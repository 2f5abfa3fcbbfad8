"""installer-not-waited: installer that is not waited for."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import paths
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
        if step.shell == "cmd" and command.full_name == "start":
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
        if command.full_name == "Start-Process":
            if _waits(run, step, command):
                continue
            fix: Fix | None = context.fix(
                "wait for it", context.insert(command.name_span.end, " -Wait"), safe=True
            )
            what = "Start-Process without `-Wait`"
        else:
            fix = _start_process(context, command)
            what = f"`{command.name or paths.program(action.file)}` called directly"
        yield context.found(
            RULE,
            command.span.line,
            f"{what} returns at once: the layer is closed in mid-installation",
            fix=fix,
            instruction=run.instruction,
        )


def _waits(run: Run, step: Step, command: Command) -> bool:
    if command.parameter("Wait") is not None:
        return True
    return any(
        later.index > step.index
        and (other.full_name == "Wait-Process" or (other.method or "").lower().endswith("waitforexit"))
        for later, other in run.commands
    )


def _start_process(context: Context, command: Command) -> Fix | None:
    words = []
    for word in command.words:
        written = context.file.text_of(word.span)
        if "\n" in written:
            return None
        if word.literal is not None and not written.startswith(("'", '"', "(")):
            written = "'" + written.replace("'", "''") + "'"
        words.append(written)
    name = context.file.text_of(command.name_span)
    text = f"Start-Process {name} -Wait"
    if words:
        text += f" -ArgumentList {', '.join(words)}"
    if command.redirections:
        return None
    return context.fix("start it and wait", context.replace(command.span, text), safe=True)


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
