"""directory-name: directory without variant or release."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from contrib.dockerfile.platform import release_in
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity
from contrib.values.patterns import lazy

_VARIANT = lazy(r"([a-z0-9.]+-)*(windowsservercore|nanoserver)-[a-z0-9]+(H\d)?")
_FAMILY = lazy(r"windows(-[a-z0-9]+)*")


def check(context: Context) -> Iterator[Finding]:
    """The directories above the file against the forms that accepted repositories have."""
    if context.path is None or context.last is None:
        return
    *directories, name = context.path.split("/")
    if not directories:
        return
    problem = _problem(directories, name)
    if problem is None:
        return
    release = context.last.release or "ltsc2022"
    variant = "nanoserver" if context.last.kind == "nanoserver" else "windowsservercore"
    wanted = f"windows/{variant}-{release}/Dockerfile"
    yield context.found(
        RULE,
        context.last.stage.from_.line,
        f"{problem}: tags and Constraints come from the directory's name, as in `VERSION/{wanted}`",
    )


def _problem(directories: list[str], name: str) -> str | None:
    for directory in directories:
        lower = directory.lower()
        if (
            directory != lower
            and lower.startswith(("windows", "nanoserver", "servercore"))
            and not _accepted(directory)
        ):
            return f"`{directory}` is not lower case"
    if "windows" in name.lower() or "nanoserver" in name.lower():
        return f"`{name}` tells the variant in the file's name"
    if any(_accepted(directory) for directory in directories):
        return None
    for family, last in pairwise(directories):
        if not family.lower().startswith("windows"):
            continue
        if _FAMILY.fullmatch(family.lower()) and last != last.lower() and release_in(last) is not None:
            return f"`{last}` is not lower case"
        # caddy: windows/ltsc2022, windows-nanoserver/ltsc2022
        if _FAMILY.fullmatch(family) and release_in(last) == last:
            return None
    for directory in directories:
        if directory.startswith("servercore"):
            return f"`{directory}` lacks `windows` before `servercore`"
        rest = directory.removeprefix("windowsservercore").removeprefix("nanoserver")
        if rest != directory and (rest[:1].isalnum() or rest[:1] == "_"):
            return f"`{directory}` joins variant and release without a dash"
        if directory in ("windowsservercore", "nanoserver"):
            return f"`{directory}` names no Windows release"
    shown = "/".join(directories)
    return f"`{shown}` names neither variant nor release"


def _accepted(directory: str) -> bool:
    told = "windowsservercore-" in directory or "nanoserver-" in directory
    return told and _VARIANT.fullmatch(directory) is not None and release_in(directory) is not None


RULE = Rule(
    id="directory-name",
    severity=Severity.WARNING,
    title="directory without variant or release",
    looks_for=(
        "The file's directory does not name variant and release as official images do: "
        "`VERSION/windows/windowsservercore-RELEASE/`, the same with `nanoserver`, or one of the "
        "forms of nats and caddy."
    ),
    why=("Tags and `Constraints` are generated from the directory's name."),
    evidence=evidence("docker-library/redis@c6efdc4"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
""",
        path="1.2/Windows/Dockerfile",
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
""",
        path="1.2/windows/windowsservercore-ltsc2022/Dockerfile",
    ),
    check=check,
    needs=frozenset({"text", "path"}),
)
