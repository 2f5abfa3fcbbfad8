"""installer-leftovers: installer leaves copies or logs."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build.actions import Unpack
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity
from contrib.values.patterns import lazy

_PLAIN = lazy(r"[A-Za-z]:[\\/][\w.\\/-]+")


def check(context: Context) -> Iterator[Finding]:
    """The copy that Windows keeps of an MSI, and the log that was asked for."""
    for action in context.installers:
        command = action.command
        if action.stage not in context.build.own or command is None:
            continue
        left = []
        if action.msi and not _removed(context, action, r"C:\Windows\Installer\0.msi"):
            left.append(r"`C:\Windows\Installer\*.msi`")
        if action.log and not _removed(context, action, action.log):
            left.append(f"the log `{action.log}`")
        if not left:
            continue
        found = context.step_of(command)
        fix = None
        if found is not None and "Installer" in left[0]:
            log = f", '{action.log}'" if len(left) > 1 and _PLAIN.fullmatch(action.log) else ""
            fix = context.append_statement(found[0], f"Remove-Item C:\\Windows\\Installer\\*.msi{log} -Force")
        yield context.found(
            RULE,
            command.span.line,
            f"the installer leaves {' and '.join(left)} in the layer",
            fix=fix,
            instruction=action.instruction,
        )


def _removed(context: Context, action: Unpack, file: str) -> bool:
    removal = context.removals.after(file, action.order)
    return removal is not None and removal.instruction is action.instruction


RULE = Rule(
    id="installer-leftovers",
    severity=Severity.NOTE,
    title="installer leaves copies or logs",
    looks_for=(
        "An MSI is installed, and `C:\\Windows\\Installer\\*.msi` or a log of the installer is not removed."
    ),
    why=("Windows keeps a second copy of the package in the layer."),
    evidence=evidence("docker-library/mongo@a51b641"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN $code = (Start-Process msiexec -Wait -PassThru -ArgumentList '/i', 'app.msi', '/qn').ExitCode; \
	if ($code -ne 0) { exit $code }; \
	Remove-Item app.msi
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN $code = (Start-Process msiexec -Wait -PassThru -ArgumentList '/i', 'app.msi', '/qn').ExitCode; \
	if ($code -ne 0) { exit $code }; \
	Remove-Item C:\Windows\Installer\*.msi -Force; \
	Remove-Item app.msi
"""
    ),
    check=check,
    fix="ask",
)
