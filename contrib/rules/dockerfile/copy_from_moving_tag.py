"""copy-from-moving-tag: copies from a tag that moves."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.dockerfile.unknown_stage import is_unknown_stage
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity
from contrib.values.patterns import lazy

#: ``1.2.3``, and Java's ``8u502``.
_FULL = lazy(r"v?\d+\.\d+\.\d+|\d+u\d+")
_PARTIAL = lazy(r"v?(\d+\.\d+(?:[a-z]+\d+)?)(?![.\d])")


def check(context: Context) -> Iterator[Finding]:
    """COPY --from an official image, or a stage that only serves copies, without a full version."""
    for use in context.images:
        if not use.official or not use.known or use.reference.digest is not None:
            continue
        if is_unknown_stage(use):
            continue
        if use.via == "FROM" and not use.stage.only_copied_from:
            continue
        tag = use.reference.tag or ""
        if _FULL.match(tag):
            continue
        partial = _PARTIAL.match(tag)
        # Go once had two-part versions: full is what the file's own ENV says.
        if partial and partial[1] in context.env_values:
            continue
        yield context.found(
            RULE,
            use.line,
            f"`{use.text}` is not a full version: what is copied depends on what was built last",
            instruction=use.instruction,
        )


RULE = Rule(
    id="copy-from-moving-tag",
    severity=Severity.WARNING,
    title="copies from a tag that moves",
    looks_for=(
        "You copy from an official image whose tag has no full version, such as "
        "`app:windowsservercore-ltsc2022` or `app:2-windowsservercore-ltsc2022`. A base that you "
        "build on, such as `FROM golang:1.26-…`, is meant to move and is not reported."
    ),
    why=(
        "What is copied then depends on the order of builds: the contents of an old servercore image "
        "can end up under a new nanoserver tag."
    ),
    evidence=evidence("docker-library/mongo#470"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=app:2-windowsservercore-ltsc2022 C:\\app C:\\app
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=app:2.3.4-windowsservercore-ltsc2022 C:\\app C:\\app
"""
    ),
    check=check,
)
