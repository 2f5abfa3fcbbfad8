"""multi-stage-build: stage that builds what is copied."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """An intermediate stage that runs anything."""
    for stage in context.stages[:-1]:
        if stage.index in context.build.own:
            continue  # the image starts from it: its layers are the image's
        works = [
            instruction
            for instruction in stage.stage.instructions
            if instruction.keyword == "RUN"
            or (instruction.keyword == "ADD" and context.added_urls(instruction))
        ]
        if works:
            name = stage.stage.name or str(stage.index)
            yield context.found(
                RULE,
                stage.stage.from_.line,
                f"stage `{name}` runs commands (line {works[0].line}): intermediate stages are not cached, "
                "copy from the tag of a servercore image instead",
                instruction=stage.stage.from_,
            )


RULE = Rule(
    id="multi-stage-build",
    severity=Severity.WARNING,
    title="stage that builds what is copied",
    looks_for=(
        "A stage that is not the last one runs something: a RUN, or an ADD of an address. A stage "
        "that only consists of FROM, and `COPY --from` an official image, are fine."
    ),
    why=(
        "Intermediate stages are not cached on the build servers, so every rebuild changes "
        "the result. The FAQ of official images accepts them sparingly; its example is a "
        "nanoserver image that copies from a servercore image."
    ),
    evidence=evidence(
        "docker-library/python#276",
        "docker-library/openjdk#291",
        "caddyserver/caddy-docker#421",
        "docker-library/official-images#5929",
        'faq "Multi-stage Builds"',
    ),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS fetch
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN Copy-Item C:\Windows\System32\where.exe C:\app\where.exe

FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=fetch C:\\app C:\\app
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\app C:\\app
"""
    ),
    check=check,
)
