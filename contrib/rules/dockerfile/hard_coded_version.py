"""hard-coded-version: version that no ENV holds."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import products
from contrib.rules.context import Context
from contrib.rules.downloads import Download
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """A version in a download's address that no ENV or ARG of the file has as its value."""
    for download in context.downloads:
        version = _unheld(context, download)
        if version is None:
            continue
        name = products.product(download.url).upper().replace("-", "_")
        variable = f"{name}_VERSION" if name.isidentifier() else "APP_VERSION"
        fix = None
        if context.variable_names.isdisjoint({variable}):
            anchor = context.url_instruction(download) or download.instruction
            line = f"ENV {variable}={version}"
            fix = context.fix(
                f"add `{line}`",
                context.insert_line_before(anchor, line, above_comments=True),
                safe=products.whole(download.url, version),
            )
        yield context.found(
            RULE,
            download.line,
            f"`{version}` stands in the address only: users and scripts read it from the environment (`ENV {variable}`)",
            fix=fix,
            instruction=download.instruction,
        )


def _unheld(context: Context, download: Download) -> str | None:
    if products.pinned(download.url) is not None or download.kind == "signature":
        return None
    path = download.url.partition("://")[2].partition("/")[2]
    found = products.versions(path) or products.versions(download.output or "")
    first = products.version(download.url) if path else None
    candidates = tuple(dict.fromkeys(([first] if first else []) + list(found)))
    if not candidates:
        return None
    for version in candidates:
        # A directory drops a pre-release suffix, a tag adds one: any of the address's versions will do.
        if version in context.env_text:
            return None
    return candidates[0]


RULE = Rule(
    id="hard-coded-version",
    severity=Severity.WARNING,
    title="version that no ENV holds",
    looks_for=(
        "A version number (two or more dotted numbers) in the URL of a download, or in a file "
        "name, that no ENV or ARG of the file holds as its value (a leading `v` apart). A literal "
        "URL beside `ENV APP_VERSION` of the same value (golang, docker, caddy) is fine."
    ),
    why=("Users and the update scripts read the version from the environment."),
    evidence=evidence("docker-library/redis@709e6a8", "docker-library/redis#78"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
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
