"""missing-progress-preference: progress bar slows the download."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.rules.bodies import preference
from contrib.rules.context import Context
from contrib.rules.fixes import in_body, in_shell
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity

_SETTING = "$ProgressPreference = 'SilentlyContinue';"


def check(context: Context) -> Iterator[Finding]:
    """Invoke-WebRequest of Windows PowerShell with its progress bar on; once per SHELL, once per RUN without one."""
    seen: set[int] = set()
    fetching = {id(a.node) for a in context.acting(act.Download) if a.tool == "Invoke-WebRequest"}
    for run in context.runs:
        if run.shell != "powershell" or run.program == "pwsh" or not run.sure:
            continue
        for step, command in run.commands:
            if id(command) not in fetching:
                continue
            if preference(run, "ProgressPreference", ("silentlycontinue", "0", "ignore"), before=step.index):
                continue
            shell = run.shell_instruction if not run.inner else None
            if shell is not None:
                fix = in_shell(context, shell, _SETTING)
            else:
                edit = in_body(context, run, _SETTING)
                fix = context.fix("draw no progress bar", edit, safe=True) if edit is not None else None
            if shell is not None and id(shell) in seen:
                break
            if shell is not None:
                seen.add(id(shell))
            yield context.found(
                RULE,
                shell.line if shell is not None else command.name_span.line,
                f"`{command.name}` draws a progress bar, which makes it many times slower: "
                "set `$ProgressPreference = 'SilentlyContinue'`",
                fix=fix,
                instruction=shell or run.instruction,
            )
            break


RULE = Rule(
    id="missing-progress-preference",
    severity=Severity.WARNING,
    title="progress bar slows the download",
    looks_for=(
        "`Invoke-WebRequest` downloads something in Windows PowerShell, and "
        "`$ProgressPreference = 'SilentlyContinue'` is set neither in SHELL nor earlier in "
        "the RUN. curl and `WebClient.DownloadFile` draw no progress bar."
    ),
    why=("Drawing the progress bar makes a download many times slower and fills the build log."),
    evidence=evidence("PowerShell/PowerShell#2138"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
ENV APP_VERSION=1.2.3
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.exe -OutFile C:\app.exe; \
	if ((Get-FileHash C:\app.exe -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.exe -OutFile C:\app.exe; \
	if ((Get-FileHash C:\app.exe -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
"""
    ),
    check=check,
    fix="yes",
)
