"""chown-on-windows: COPY --chown on Windows."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """``--chown`` of COPY and ADD."""
    for instruction in context.file.instructions:
        if instruction.keyword not in ("COPY", "ADD"):
            continue
        for flag in instruction.flags:
            if flag.name == "chown":
                yield context.found(
                    RULE,
                    flag.span.line,
                    f"`--chown={flag.value}` does nothing on Windows, without a word",
                    fix=context.fix("remove the flag", context.remove_flag(flag), safe=False),
                    instruction=instruction,
                )


RULE = Rule(
    id="chown-on-windows",
    severity=Severity.WARNING,
    title="COPY --chown on Windows",
    looks_for=("A Windows file has `COPY --chown` or `ADD --chown`."),
    why=("On Windows the owner is not set, and nothing says so."),
    evidence=evidence("moby/moby#35507"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
COPY --chown=ContainerUser app.conf C:\\app\\
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
COPY app.conf C:\\app\\
RUN icacls C:\app /grant ContainerUser:(OI)(CI)F
"""
    ),
    check=check,
    fix="ask",
)
