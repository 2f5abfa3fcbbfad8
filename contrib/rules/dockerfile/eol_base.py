"""eol-base: base release that is no longer built."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.references import CURRENT_RELEASES, with_release
from contrib.rules.registry import Example, Rule, evidence
from contrib.rules.since import retired
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """A release of Windows that official images have dropped."""
    for use in context.images:
        release = use.reference.release
        if not retired(release, context.date):
            continue
        current = " or ".join(f"`{name}`" for name in CURRENT_RELEASES)
        fix = None
        oldest = CURRENT_RELEASES[0]
        text = with_release(use.text, oldest) if use.reference.tag is not None else None
        if use.span is not None and text is not None:
            fix = context.fix(f"use `{oldest}`", context.replace(use.span, text), safe=False)
        yield context.found(
            RULE,
            use.line,
            f"Windows `{release}` gets no updates and is not built any more: use {current}",
            fix=fix,
            instruction=use.instruction,
        )


RULE = Rule(
    id="eol-base",
    severity=Severity.ERROR,
    title="base release that is no longer built",
    looks_for=(
        "A stage or a COPY --from is on a Windows release that official images no longer build: "
        "`sac2016`, `ltsc2016`, `1709`, `1803`, `1809`, `ltsc2019`, `1903`, `1909`, `2004`, `20H2`."
    ),
    why=("These releases get no security updates and have no build host. Upstream deletes such directories."),
    evidence=evidence("docker-library/official-images#19169"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:1809
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
"""
    ),
    check=check,
    fix="ask",
)
