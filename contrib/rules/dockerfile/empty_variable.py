"""empty-variable: variable without a value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.dockerfile.model import Instruction
from contrib.dockerfile.model import Word as DockerWord
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity
from contrib.values.patterns import lazy

_NAMES = lazy(
    r"(?:^|_)(URL|VERSION|SHA\d*|SHASUM|SHA\d+SUM|CHECKSUM|DIGEST|HASH|TAG|DOWNLOAD|COMMIT|MD5)$",
    re.IGNORECASE,
)


def check(context: Context) -> Iterator[Finding]:
    """ENV or ARG of a telling name, empty, and used without a test."""
    for instruction in context.file.instructions:
        if instruction.keyword not in ("ENV", "ARG"):
            continue
        for name, value in _pairs(instruction):
            if value.strip("\"'") or not _NAMES.search(name.text):
                continue
            if instruction.problem is None and not context.readers.uses(name.text, unguarded=True):
                continue
            reason = " (and the builder refuses ENV without a value)" if instruction.problem else ""
            yield context.found(
                RULE,
                name.span.line,
                f"`{name.text}` has no value: a look-up failed in the script that wrote it{reason}",
                instruction=instruction,
            )


def _pairs(instruction: Instruction) -> Iterator[tuple[DockerWord, str]]:
    """Names with their values; ``ARG NAME`` is meant to be given and left out."""
    for name, value in instruction.pairs:
        if instruction.keyword == "ARG" and value is None:
            continue
        yield name, value.text if value is not None else ""


RULE = Rule(
    id="empty-variable",
    severity=Severity.ERROR,
    title="variable without a value",
    looks_for=(
        "An ENV or ARG such as `…_URL`, `…_VERSION` or `…_SHA256` has no value, and a command "
        "of the file uses it without testing first whether it has one."
    ),
    why=(
        "A failed lookup in an update script leaves such a line behind, and it is easily committed unnoticed."
    ),
    evidence=evidence("docker-library/docker@6e14e9f"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV PLUGIN_URL
ENV PLUGIN_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri $env:PLUGIN_URL -OutFile C:\app\plugin.exe; \
	if ((Get-FileHash C:\app\plugin.exe -Algorithm sha256).Hash -ne $env:PLUGIN_SHA256) { exit 1 }
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV PLUGIN_URL=https://example.org/plugin-1.2.3.exe
ENV PLUGIN_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri $env:PLUGIN_URL -OutFile C:\app\plugin.exe; \
	if ((Get-FileHash C:\app\plugin.exe -Algorithm sha256).Hash -ne $env:PLUGIN_SHA256) { exit 1 }
"""
    ),
    check=check,
)
