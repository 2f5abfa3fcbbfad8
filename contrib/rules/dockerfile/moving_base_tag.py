"""moving-base-tag: Windows base without a fixed tag."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.dockerfile.platform import release_in
from contrib.rules.context import Context
from contrib.rules.references import CURRENT_RELEASES, with_release
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """A base of Microsoft's without tag, or with ``latest``."""
    for use in context.images:
        if not use.reference.microsoft or not use.moving or not use.known:
            continue
        release = _meant(context)
        text = with_release(use.text, release)
        fix = None
        if use.span is not None and text is not None:
            fix = context.fix(f"name the release `{release}`", context.replace(use.span, text), safe=False)
        what = "with the tag `latest`" if use.reference.tag else "without a tag"
        yield context.found(
            RULE,
            use.line,
            f"`{use.text}` {what}: name the Windows release, which decides on which hosts the image runs",
            fix=fix,
            instruction=use.instruction,
        )


def _meant(context: Context) -> str:
    """The release that the directory, or another image of the file, names; the newest where none does."""
    directories = (context.path or "").split("/")[:-1]
    named = [*map(release_in, reversed(directories)), *(use.reference.release for use in context.images)]
    return next((release for release in named if release in CURRENT_RELEASES), CURRENT_RELEASES[-1])


RULE = Rule(
    id="moving-base-tag",
    severity=Severity.ERROR,
    title="Windows base without a fixed tag",
    looks_for=(
        "Your Windows base has no tag, or the tag `latest`. An official image with a series in its "
        "tag, such as `golang:1.26-windowsservercore-ltsc2022`, is fine."
    ),
    why=(
        "The tag decides on which hosts the image runs, and the library file's `Constraints` must say "
        "the same."
    ),
    evidence=evidence("docker-library/golang@4ae3bfb"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2025
"""
    ),
    check=check,
    fix="ask",
)
