"""tls12-not-set: TLS 1.2 not set on an old base."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.bodies import Run, Step
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.rules.since import retired
from contrib.values.findings import Finding, Severity

_SETTING = "[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12;"


def check(context: Context) -> Iterator[Finding]:
    """An https download by PowerShell on a base older than 1809, in a RUN that has not set Tls12 before."""
    for download in context.downloads:
        found = context.step_of(download.download.node)
        if found is None or not download.by_powershell or not download.url.lower().startswith("https:"):
            continue
        run, step = found
        stage = context.stages[run.stage_index]
        if retired(stage.release, context.date) and stage.base.root.tag is not None:
            continue  # `eol-base`: the newer base needs no such line
        if stage.build is None or stage.build >= 17763 or _set_before(context, run, step):
            continue
        edit = context.insert_statement(run, step, _SETTING)
        yield context.found(
            RULE,
            download.line,
            f"Windows `{stage.release or 'ltsc2016'}` offers TLS 1.0 first: set `SecurityProtocol` to Tls12 in this RUN",
            fix=context.fix("set TLS 1.2 before the download", edit, safe=True) if edit is not None else None,
            instruction=download.instruction,
        )


def _set_before(context: Context, run: Run, step: Step) -> bool:
    for at, assignment in run.assignments:
        if at.index >= step.index or "securityprotocol" not in assignment.target.lower():
            continue
        text = context.file.text_of(assignment.span).lower()
        if "tls12" in text or "3072" in text or "tls13" in text:
            return True
    return run.prelude is not None and "tls12" in run.prelude.text.lower()


RULE = Rule(
    id="tls12-not-set",
    severity=Severity.WARNING,
    title="TLS 1.2 not set on an old base",
    looks_for=(
        "PowerShell or WebClient downloads over https on a Windows release older than 1809, "
        "and the same RUN has not set `SecurityProtocol` to `Tls12` before. Later releases "
        "use TLS 1.2 by default."
    ),
    why=(
        "These releases offer TLS 1.0 first, which GitHub, python.org and others refuse. The setting "
        "lasts for one RUN only."
    ),
    evidence=evidence(
        "docker-library/python#228", "caddyserver/caddy-docker#75", "caddyserver/caddy-docker#76"
    ),
    bad=Example(
        r"""
FROM microsoft/windowsservercore
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.exe -OutFile C:\app.exe; \
	if ((Get-FileHash C:\app.exe -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
"""
    ),
    good=Example(
        r"""
FROM microsoft/windowsservercore
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12; \
	Invoke-WebRequest -Uri https://example.org/app-1.2.3.exe -OutFile C:\app.exe; \
	if ((Get-FileHash C:\app.exe -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
"""
    ),
    check=check,
    fix="yes",
)
