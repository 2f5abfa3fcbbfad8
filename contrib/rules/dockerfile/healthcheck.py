"""healthcheck: HEALTHCHECK in an official image."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """HEALTHCHECK other than NONE."""
    for instruction in context.file.instructions:
        if instruction.keyword == "HEALTHCHECK" and instruction.body.strip().upper() != "NONE":
            yield context.found(
                RULE,
                instruction.line,
                "official images have no HEALTHCHECK: what healthy means is the user's to decide",
                fix=context.fix("remove HEALTHCHECK", context.remove_lines(instruction), safe=False),
                instruction=instruction,
            )


RULE = Rule(
    id="healthcheck",
    severity=Severity.WARNING,
    title="HEALTHCHECK in an official image",
    looks_for=("The file has a HEALTHCHECK other than NONE."),
    why=("Official images have none: what counts as healthy is for users and orchestrators to decide."),
    evidence=evidence('faq "HEALTHCHECK"'),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
HEALTHCHECK CMD app ping
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
CMD ["app"]
"""
    ),
    check=check,
    fix="ask",
)
