"""maintainer-instruction: MAINTAINER instruction."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """MAINTAINER."""
    for instruction in context.file.instructions:
        if instruction.keyword == "MAINTAINER":
            yield context.found(
                RULE,
                instruction.line,
                "MAINTAINER is deprecated: maintainers are named in the library file",
                fix=context.fix("remove MAINTAINER", context.remove_lines(instruction), safe=True),
                instruction=instruction,
            )


RULE = Rule(
    id="maintainer-instruction",
    severity=Severity.WARNING,
    title="MAINTAINER instruction",
    looks_for=("The file has the instruction MAINTAINER."),
    why=("It is deprecated. Maintainers are named in the library file."),
    evidence=evidence("docker-library/redis#78", "moby/moby#25466"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
MAINTAINER someone@example.org
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
"""
    ),
    check=check,
    fix="yes",
)
