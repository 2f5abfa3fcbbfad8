"""escape-directive: escape directive with the backtick."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """``# escape=`` with the backtick."""
    for directive in context.file.directives:
        if directive.name.lower() == "escape" and directive.value == "`":
            yield context.found(
                RULE,
                directive.span.line,
                "no accepted image keeps the escape directive: use the default escape and double the backslashes",
            )


RULE = Rule(
    id="escape-directive",
    severity=Severity.NOTE,
    title="escape directive with the backtick",
    looks_for=("The file begins with the directive that makes the backtick the escape character."),
    why=(
        "Accepted images do without it: maintainers compare variants line by line with the "
        "Linux file, where lines end in a backslash."
    ),
    evidence=evidence("docker-library/docker#75"),
    bad=Example(
        r"""
# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022
WORKDIR C:\app
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
WORKDIR C:\\app
"""
    ),
    check=check,
)
