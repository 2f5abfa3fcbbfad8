"""plain-http-download: download over plain http."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import products
from contrib.build.downloads import Fetched
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """URLs that are fetched over http, those of one instruction together."""
    groups: dict[int, list[Fetched]] = {}
    for download in context.downloads:
        local = products.host(download.url).startswith(("localhost", "127."))
        if products.scheme(download.url) == "http" and not local:
            groups.setdefault(id(download.instruction), []).append(download)
    for downloads in groups.values():
        spans = list(dict.fromkeys(context.addresses.written_at(each, "http://") for each in downloads))
        fix = None
        edits = [context.replace(span, "https://") for span in spans if span is not None]
        if len(edits) == len(spans):
            fix = context.fix("use https", edits, safe=False)
        names = list(dict.fromkeys(f"`{each.url}`" for each in downloads))
        verb = "is" if len(names) == 1 else "are"
        yield context.found(
            RULE,
            downloads[0].line,
            f"{' and '.join(names)} {verb} fetched over plain http: use https",
            fix=fix,
            instruction=downloads[0].instruction,
        )


RULE = Rule(
    id="plain-http-download",
    severity=Severity.ERROR,
    title="download over plain http",
    looks_for=("A file is downloaded over `http://`."),
    why=("Use https wherever the site has it. A checksum alone is the last resort."),
    evidence=evidence('guidelines "Security"'),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_URL=http://example.org/app-1.2.3.exe
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri $env:APP_URL -OutFile C:\app.exe; \
	if ((Get-FileHash C:\app.exe -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_URL=https://example.org/app-1.2.3.exe
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri $env:APP_URL -OutFile C:\app.exe; \
	if ((Get-FileHash C:\app.exe -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
"""
    ),
    check=check,
    fix="ask",
)
