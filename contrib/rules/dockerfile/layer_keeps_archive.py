"""layer-keeps-archive: archive left in the layer."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """A downloaded archive or installer of the last stage that its own RUN does not remove."""
    for download in context.downloads:
        if not (download.is_archive or download.is_installer) or download.removed or download.output is None:
            continue
        if not context.in_last_stage(download.instruction):
            continue
        fix = None
        if download.run is not None and download.used is not None:
            name = download.output
            quoted = f"'{name}'" if " " in name else name
            if download.run.shell == "powershell" and "$" not in name:
                fix = context.append_statement(download.run, f"Remove-Item {quoted} -Force")
        yield context.found(
            RULE,
            download.line,
            f"`{download.output}` stays in this layer: remove it in the same instruction",
            fix=fix,
            instruction=download.instruction,
        )


RULE = Rule(
    id="layer-keeps-archive",
    severity=Severity.WARNING,
    title="archive left in the layer",
    looks_for=(
        "A downloaded archive or installer of the last stage that the same RUN does not remove "
        "(`Remove-Item`, `del`, also through wildcards and arrays). Not programs and "
        "configuration files in their final place."
    ),
    why=("Removing it in a later RUN saves nothing."),
    evidence=evidence("docker-library/redis#78"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.zip -OutFile app.zip; \
	if ((Get-FileHash app.zip -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
RUN Expand-Archive app.zip -DestinationPath C:\app; Remove-Item app.zip
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.zip -OutFile app.zip; \
	if ((Get-FileHash app.zip -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }; \
	Expand-Archive app.zip -DestinationPath C:\app; \
	Remove-Item app.zip
"""
    ),
    check=check,
    fix="ask",
)
