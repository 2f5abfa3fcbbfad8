"""plain-http-download: download over plain http."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import products
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """A URL that is fetched over http."""
    for download in context.downloads:
        if products.scheme(download.url) != "http" or products.host(download.url).startswith(
            ("localhost", "127.")
        ):
            continue
        span = context.addresses.written_at(download, "http://")
        fix = None
        if span is not None:
            fix = context.fix("use https", context.replace(span, "https://"), safe=False)
        yield context.found(
            RULE,
            download.line,
            f"`{download.url}` is fetched over plain http: use https",
            fix=fix,
            instruction=download.instruction,
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
