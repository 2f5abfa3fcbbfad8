"""copied-binary: binary from the build context."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity

_BINARY = (".exe", ".dll", ".msi", ".zip", ".7z", ".nupkg")


def check(context: Context) -> Iterator[Finding]:
    """COPY or ADD of programs and archives from the build context."""
    for instruction in context.file.instructions:
        if instruction.keyword not in ("COPY", "ADD") or instruction.flag("from") is not None:
            continue
        for word in instruction.words[:-1]:
            source = context.resolve(instruction, word.text).strip("\"'")
            if "://" not in source and source.lower().endswith(_BINARY):
                yield context.found(
                    RULE,
                    word.span.line,
                    f"`{source}` comes from the build context: download and verify it, or copy it from an official image",
                    instruction=instruction,
                )


RULE = Rule(
    id="copied-binary",
    severity=Severity.WARNING,
    title="binary from the build context",
    looks_for=("COPY or ADD from the build context (no `--from`) of `.exe .dll .msi .zip .7z .nupkg`."),
    why=(
        "A binary kept in Git cannot be reviewed and has no source; reviewers asked for a verified download."
    ),
    evidence=evidence("docker-library/official-images#6766"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
COPY server.exe C:\\app\\
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\app\\server.exe C:\\app\\
"""
    ),
    check=check,
)
