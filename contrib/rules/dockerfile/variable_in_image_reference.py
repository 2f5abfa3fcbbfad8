"""variable-in-image-reference: variable in an image reference."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """``$NAME`` in ``COPY --from`` (error) or in FROM (warning)."""
    for use in context.images:
        if "$" not in use.written:
            continue
        fix = None
        if use.known and use.written_span is not None and use.text != use.written:
            fix = context.fix("write the value out", context.replace(use.written_span, use.text), safe=False)
        if use.via == "FROM":
            message = f"`FROM {use.written}`: the programme's tools read FROM literally, write the image out"
            severity = Severity.WARNING
        else:
            message = (
                f"`--from={use.written}`: Docker expands no variable there, let the template write it out"
            )
            severity = Severity.ERROR
        yield context.found(RULE, use.line, message, severity=severity, fix=fix, instruction=use.instruction)


RULE = Rule(
    id="variable-in-image-reference",
    severity=Severity.ERROR,
    title="variable in an image reference",
    looks_for=("A variable is part of the image in `COPY --from=`, or (as a warning) in FROM."),
    why=(
        "Docker does not expand variables in `--from`, and the tools of official images read FROM "
        "literally to work out parents and constraints."
    ),
    evidence=evidence("nats-io/nats-docker#120", "docker-library/mongo#470"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ENV APP_VERSION=1.2.3
COPY --from=app:${APP_VERSION}-windowsservercore-ltsc2022 C:\\app C:\\app
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ENV APP_VERSION=1.2.3
COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\app C:\\app
"""
    ),
    check=check,
    fix="ask",
)
