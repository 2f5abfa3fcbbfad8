"""base-not-allowed: base that is not allowed."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context, ImageUse
from contrib.rules.references import PINS, RETIRED_RELEASES
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity
from contrib.values.patterns import lazy

_VARIABLE = lazy(r"[${}\s]")


def check(context: Context) -> Iterator[Finding]:
    """Anything that is no official image, no stage of the file and no external pin."""
    allowed = " and ".join(f"`{repository}`" for repository in PINS)
    for use in context.images:
        reference = use.reference
        if use.official or reference.repository == "scratch" or not _repository_known(use):
            continue
        repository = reference.repository.lower()
        if repository in PINS:
            if not use.known:
                continue  # the tag is given at build time
            # A missing tag is `moving-base-tag`, a retired release `eol-base`.
            if use.moving or reference.release in RETIRED_RELEASES or reference.tag in PINS[repository]:
                continue
            tags = ", ".join(f"`{tag}`" for tag in PINS[repository])
            yield context.found(
                RULE,
                use.line,
                f"`{use.text}` is not an external pin: official images use {tags}",
                instruction=use.instruction,
            )
        elif repository.startswith("microsoft/") or use.retired:
            continue  # `retired-base-repository`
        else:
            yield context.found(
                RULE,
                use.line,
                f"`{use.text}` is neither an official image nor an external pin ({allowed})",
                instruction=use.instruction,
            )


def _repository_known(use: ImageUse) -> bool:
    """Nothing in the repository is left to be given at build time; the tag may be."""
    return use.known or (bool(use.reference.repository) and not _VARIABLE.search(use.reference.repository))


RULE = Rule(
    id="base-not-allowed",
    severity=Severity.ERROR,
    title="base that is not allowed",
    looks_for=(
        "Your FROM or COPY --from names a repository that is neither an official image, nor a stage "
        "of this file, nor one of the two Microsoft bases that official images may use: "
        "`mcr.microsoft.com/windows/servercore` and `mcr.microsoft.com/windows/nanoserver`, each as "
        "`ltsc2022` or `ltsc2025`."
    ),
    why=(
        "Official images may depend only on official images and on those bases. CI refuses everything "
        "else, such as `windows`, `powershell`, `dotnet` and insider previews."
    ),
    evidence=evidence(
        'guidelines "Repeatability"',
        "docker-library/golang#277",
        "docker-library/golang#280",
        "docker-library/redis#135",
    ),
    bad=Example(
        """
FROM mcr.microsoft.com/powershell:lts-nanoserver-ltsc2022
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
"""
    ),
    check=check,
)
