"""base-without-windows-release: base tag without a Windows release."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """In a file whose path says Windows: a last stage from an official image's plain tag."""
    last = context.last
    if last is None or not context.path_says_windows:
        return
    use = last.image
    if use is None or not use.known or not use.official or use.reference.repository == "scratch":
        return
    if use.reference.kind is None:
        yield context.found(
            RULE,
            use.line,
            f"`{use.text}` names no Windows variant: the tag is shared with Linux, so the constraint is unknown",
            instruction=use.instruction,
        )
    elif use.reference.release is None and use.reference.kind in (use.reference.tag or "").lower():
        yield context.found(
            RULE,
            use.line,
            f"`{use.text}` names no Windows release: the tag is shared by all of them, so the constraint is unknown",
            severity=Severity.WARNING,
            instruction=use.instruction,
        )


RULE = Rule(
    id="base-without-windows-release",
    severity=Severity.ERROR,
    title="base tag without a Windows release",
    looks_for=(
        "The file's path names Windows, but the last FROM is an official image whose tag names no "
        "Windows variant such as `windowsservercore-ltsc2022`. It is a warning when the tag names the "
        "variant and no release."
    ),
    why=(
        "A plain tag is shared with Linux. CI cannot tell the constraint from it, and the build may "
        "pick the Linux image."
    ),
    evidence=evidence("docker-library/official-images#8735"),
    bad=Example(
        """
FROM golang:1.26
""",
        path="1.2/windows/windowsservercore-ltsc2022/Dockerfile",
    ),
    good=Example(
        """
FROM golang:1.26-windowsservercore-ltsc2022
""",
        path="1.2/windows/windowsservercore-ltsc2022/Dockerfile",
    ),
    check=check,
    needs=frozenset({"text", "path"}),
)
