"""directory-mismatch: directory names another base."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.dockerfile.platform import release_in
from contrib.rules.context import Context
from contrib.rules.references import same_release
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Fix, Severity


def check(context: Context) -> Iterator[Finding]:
    """Variant and release of the nearest directory that names one, against the last stage's base."""
    last = context.last
    if context.path is None or last is None or last.root is None:
        return
    directories = context.path.split("/")[:-1]
    named_release = next((r for r in map(release_in, reversed(directories)) if r is not None), None)
    named_kind = next((k for k in map(_kind_in, reversed(directories)) if k is not None), None)
    reasons = []
    fix: Fix | None = None
    if named_kind is not None and last.kind in ("servercore", "nanoserver") and named_kind != last.kind:
        reasons.append(f"names {named_kind}, the base is {last.kind}")
    if (
        named_release is not None
        and last.release is not None
        and not same_release(named_release, last.release)
    ):
        reasons.append(f"names `{named_release}`, the base is `{last.release}`")
        span = last.root.span
        gone = last.root.reference.repository.lower().startswith("microsoft/")  # it has no newer tags
        if span is not None and not gone and last.root.text.count(last.release) == 1 and not reasons[:-1]:
            text = last.root.text.replace(last.release, named_release)
            fix = context.fix(f"use `{text}`", context.replace(span, text), safe=False)
    if reasons:
        shown = "/".join(directories)
        yield context.found(
            RULE,
            last.root.line,
            f"the directory `{shown}` {' and '.join(reasons)}: the tag and its Constraints would be wrong",
            fix=fix,
            instruction=last.root.instruction,
        )


def _kind_in(directory: str) -> str | None:
    name = directory.lower()
    if "nanoserver" in name:
        return "nanoserver"
    return "servercore" if "servercore" in name else None


RULE = Rule(
    id="directory-mismatch",
    severity=Severity.ERROR,
    title="directory names another base",
    looks_for=("The directory names another variant or release than the base of the last stage."),
    why=("The generated tag and constraint would be wrong."),
    evidence=evidence("caddyserver/caddy-docker#380"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
""",
        path="1.2/windows/windowsservercore-ltsc2025/Dockerfile",
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2025
""",
        path="1.2/windows/windowsservercore-ltsc2025/Dockerfile",
    ),
    check=check,
    fix="ask",
    needs=frozenset({"text", "path"}),
)
