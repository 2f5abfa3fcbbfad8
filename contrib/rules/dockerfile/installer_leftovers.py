"""installer-leftovers: installer leaves copies or logs."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.downloads import removed
from contrib.rules.installers import installs_msi, log_of
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """The copy that Windows keeps of an MSI, and the log that was asked for."""
    for run in context.runs:
        for step, command in run.commands:
            if not installs_msi(run, step, command):
                continue
            left = []
            if not removed(run, step, r"C:\Windows\Installer\0.msi"):
                left.append(r"`C:\Windows\Installer\*.msi`")
            log = log_of(run, step, command)
            if log is not None and not removed(run, step, log):
                left.append(f"the log `{log}`")
            if left:
                yield context.found(
                    RULE,
                    command.span.line,
                    f"the installer leaves {' and '.join(left)} in the layer",
                    fix=context.append_statement(
                        run,
                        "Remove-Item C:\\Windows\\Installer\\*.msi -Force"
                        if "Installer" in left[0]
                        else None,
                    ),
                    instruction=run.instruction,
                )


RULE = Rule(
    id="installer-leftovers",
    severity=Severity.NOTE,
    title="installer leaves copies or logs",
    looks_for=(
        r"An MSI installed without removing `C:\Windows\Installer\*.msi`, or a log asked for "
        r"(`/l`) or known (`$env:TEMP\*.log`) that stays."
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
