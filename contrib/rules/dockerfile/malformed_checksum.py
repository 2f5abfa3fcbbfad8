"""malformed-checksum: digest that can never match."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity

_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}


def check(context: Context) -> Iterator[Finding]:
    """The expected digest that a comparison reads, where it is written in the file."""
    for download in context.downloads:
        verification = download.check
        if verification is None or not verification.digest or verification.algorithm not in _LENGTHS:
            continue
        digest = verification.digest
        length = _LENGTHS[verification.algorithm]
        if re.fullmatch(rf"[0-9a-fA-F]{{{length}}}", digest):
            continue
        if not verification.exact and re.fullmatch(rf"\*?[0-9a-fA-F]{{1,{length}}}\*?", digest):
            continue  # a part of the digest is looked for, and found
        where = f"`{verification.variable}`" if verification.variable else "the digest"
        if re.fullmatch(r"[0-9a-fA-F]+", digest):
            reason = f"has {len(digest)} hex digits, {verification.algorithm} has {length}"
        else:
            reason = f"is not the {length} hex digits of {verification.algorithm} alone"
        yield context.found(
            RULE,
            context.addresses.line_of_variable(verification.variable, download) or verification.line,
            f"{where} {reason}: it can never match",
            instruction=download.instruction,
        )


RULE = Rule(
    id="malformed-checksum",
    severity=Severity.ERROR,
    title="digest that can never match",
    looks_for=(
        "A digest in the file is not plain hex of its algorithm's length: 40 characters for sha1, 64 "
        "for sha256, 128 for sha512."
    ),
    why=("It can never match, so the build is broken for everyone."),
    evidence=evidence("caddyserver/caddy-docker@5713f0a"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.exe -OutFile C:\app.exe; \
	if ((Get-FileHash C:\app.exe -Algorithm sha256).Hash -ne '24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d  app.exe') { exit 1 }
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.exe -OutFile C:\app.exe; \
	if ((Get-FileHash C:\app.exe -Algorithm sha256).Hash -ne '24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d') { exit 1 }
"""
    ),
    check=check,
)
