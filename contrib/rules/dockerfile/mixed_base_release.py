"""mixed-base-release: stages of different releases."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.references import same_release
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """The release of the last stage against that of everything it copies from."""
    last = context.last
    if last is None or last.release is None:
        return
    for copy in last.copies:
        release = copy.release
        if release is None or same_release(release, last.release):
            continue
        yield context.found(
            RULE,
            copy.line,
            f"copies from Windows `{release}` into a stage on `{last.release}`: no machine can build both",
            instruction=copy.instruction,
            related=((context.name, last.stage.from_.line, f"the stage on `{last.release}`"),),
        )


RULE = Rule(
    id="mixed-base-release",
    severity=Severity.ERROR,
    title="stages of different releases",
    looks_for=(
        "The last stage and the stages and images that it copies from are not all on the same "
        "Windows release."
    ),
    why=(
        "Host and container must have the same kernel, so no single machine can build the "
        "file, and the constraints that the library entry needs contradict each other."
    ),
    evidence=evidence("docker-library/official-images#6766", "caddyserver/caddy-docker#421"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2025
COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\app C:\\app
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2025
COPY --from=app:1.2.3-windowsservercore-ltsc2025 C:\\app C:\\app
"""
    ),
    check=check,
)
