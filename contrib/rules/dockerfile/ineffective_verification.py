"""ineffective-verification: checksum that guards nothing."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build.downloads import Fetched
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Flow
from contrib.values.findings import Finding, Fix, Severity


def check(context: Context) -> Iterator[Finding]:
    """A hash that is computed or compared, and nothing comes of it."""
    for download in context.downloads:
        reason = problem(download)
        at = download.check or download.hashed
        if reason is None or at is None:
            continue
        yield context.found(
            RULE,
            at.line,
            f"the hash of `{download.shown}` {reason}",
            fix=_fix(context, download),
            instruction=download.instruction,
        )


def _fix(context: Context, download: Fetched) -> Fix | None:
    """``exit 1`` at the end of what is done on a mismatch, when that is all that is wrong."""
    check = download.check
    if check is None or check.acted_on or check.mismatch is None or not check.mismatch:
        return None
    if not download.before_use:
        return None
    last = check.mismatch[-1]
    if isinstance(last, Flow) and last.kind in ("throw", "return", "exit"):
        # nothing after it would run
        written = context.file.text_of(last.span)
        space = written[len(written.rstrip()) :]
        return context.fix("end the build there", context.replace(last.span, f"exit 1{space}"), safe=False)
    return context.fix("end the build there", context.insert(last.span.end, "; exit 1"), safe=False)


def problem(download: Fetched) -> str | None:
    """Why a check that is there counts for nothing; None where there is none, or a good one."""
    check = download.check
    if check is None:
        return "is computed and compared with nothing" if download.hashed is not None else None
    if not check.acted_on:
        return "is compared, but a mismatch does not end the build: `exit 1` or `throw` there"
    if not download.before_use:
        verb = "unpacked" if download.unpacked else "started"
        return f"is compared only after the file was {verb}: compare it first"
    return None


RULE = Rule(
    id="ineffective-verification",
    severity=Severity.ERROR,
    title="checksum that guards nothing",
    looks_for=(
        "A hash is computed or compared, but a mismatch does not end the build: there is no `exit` "
        "with a value other than zero, no `throw`, and no `Write-Error` under `Stop`. Or the "
        "comparison comes after the file was unpacked or started."
    ),
    why=(
        "A message alone does not fail the build, and a check that comes later guards against "
        "something that has run already."
    ),
    evidence=evidence("nodejs/docker-node#2136", 'guidelines "Security"'),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.zip -OutFile app.zip; \
	Expand-Archive app.zip -DestinationPath C:\app; \
	if ((Get-FileHash app.zip -Algorithm sha256).Hash -ne $env:APP_SHA256) { Write-Host 'bad' }; \
	Remove-Item app.zip
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.zip -OutFile app.zip; \
	if ((Get-FileHash app.zip -Algorithm sha256).Hash -ne $env:APP_SHA256) { Write-Host 'bad'; exit 1 }; \
	Expand-Archive app.zip -DestinationPath C:\app; \
	Remove-Item app.zip
"""
    ),
    check=check,
    fix="ask",
)
