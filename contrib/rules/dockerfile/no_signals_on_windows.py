"""no-signals-on-windows: STOPSIGNAL on Windows."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """STOPSIGNAL."""
    for instruction in context.file.instructions:
        if instruction.keyword == "STOPSIGNAL":
            yield context.found(
                RULE,
                instruction.line,
                "Windows containers get no signals: STOPSIGNAL is refused or ignored",
                fix=context.fix("remove STOPSIGNAL", context.remove_lines(instruction), safe=True),
                instruction=instruction,
            )


RULE = Rule(
    id="no-signals-on-windows",
    severity=Severity.WARNING,
    title="STOPSIGNAL on Windows",
    looks_for=("A Windows file has STOPSIGNAL. The fix removes the line."),
    why=("Windows containers get no signals, and Docker ignores or refuses the instruction there."),
    evidence=evidence("moby/moby#16240"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
STOPSIGNAL SIGQUIT
CMD ["app"]
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
CMD ["app"]
"""
    ),
    check=check,
    fix="yes",
)
