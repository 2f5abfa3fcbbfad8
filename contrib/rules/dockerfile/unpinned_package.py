"""unpinned-package: package without a version."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.rules.bodies import Run
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Command
from contrib.values.findings import Finding, Severity

_WITH_VALUE = frozenset(
    [
        "-s",
        "--source",
        "-r",
        "--requirement",
        "-c",
        "--constraint",
        "-i",
        "--index-url",
        "--extra-index-url",
        "-t",
        "--target",
        "--params",
        "--package-parameters",
        "--install-arguments",
        "--ia",
        "-f",
        "--find-links",
        "--prefix",
        "--registry",
        "--root",
        "--cache-dir",
        "-e",
        "--editable",
        "-a",
        "--architecture",
        "--scope",
        "-h",
        "--timeout",
        "--trusted-host",
    ]
)


def check(context: Context) -> Iterator[Finding]:
    """A package manager that is given names and no exact version; one finding per body."""
    for run in context.runs:
        found: list[tuple[Command, list[str]]] = []
        for _, command in run.commands:
            loose = unpinned(run, command)
            if loose:
                found.append((command, loose))
        if not found:
            continue
        names = list(dict.fromkeys(name for _, loose in found for name in loose))
        tools = list(dict.fromkeys(f"`{command.name}`" for command, _ in found))
        yield context.found(
            RULE,
            found[0][0].span.line,
            f"{' and '.join(tools)} installs {', '.join(f'`{name}`' for name in names)} without an exact version",
            instruction=run.instruction,
        )


def unpinned(run: Run, command: Command) -> list[str]:
    """Packages that the command installs without a version."""
    name = command.full_name
    if name in ("Install-Module", "Install-Package", "Install-Script"):
        if command.parameter("RequiredVersion") is not None:
            return []
        word = run.argument(command, "Name", position=0)
        return list(run.values(word)) if word is not None else []
    packages = pip_packages(run, command)
    if packages is not None:
        return [p for p in packages if "==" not in p and "@" not in p and not _is_path(p)]
    texts = list(run.texts(command))
    if name in ("choco", "chocolatey", "cinst"):
        rest = _arguments(texts, "install", "upgrade") if name != "cinst" else texts
        if rest is None or any(t.lower().startswith(("--version", "-version")) for t in rest):
            return []
        return [p for p in _plain(rest) if not p.lower().endswith((".config", ".nupkg"))]
    if name == "winget":
        rest = _arguments(texts, "install", "add")
        if rest is None or any(t.lower().startswith(("--version", "-v")) for t in rest):
            return []
        return _plain([t for t in rest if t not in ("--id", "-e", "--exact", "--name")])
    if name == "scoop":
        rest = _arguments(texts, "install")
        return [p for p in _plain(rest or []) if "@" not in p]
    if name == "npm":
        rest = _arguments(texts, "install", "i", "add")
        if rest is None or not any(t in ("-g", "--global") for t in texts):
            return []
        return [p for p in _plain(rest) if "@" not in p[1:] and not _is_path(p)]
    return []


def pip_packages(run: Run, command: Command) -> list[str] | None:
    """What ``pip install`` is given; None when the command is no such thing."""
    texts = list(run.texts(command))
    name = command.full_name
    if re.fullmatch(r"python\d*(\.\d+)?|py", name):
        lowered = [t.lower() for t in texts]
        if "-m" not in lowered or lowered[lowered.index("-m") + 1 : lowered.index("-m") + 2] != ["pip"]:
            return None
        texts = texts[lowered.index("-m") + 2 :]
    elif not re.fullmatch(r"pip\d*(\.\d+)?", name):
        return None
    rest = _arguments(texts, "install")
    return None if rest is None else _plain(rest)


def _arguments(texts: list[str], *verbs: str) -> list[str] | None:
    for position, text in enumerate(texts):
        if text.lower() in verbs:
            return texts[position + 1 :]
    return None


def _plain(texts: list[str]) -> list[str]:
    kept = []
    skip = False
    for text in texts:
        if skip:
            skip = False
        elif text.startswith(("-", "/")):
            skip = text.lower() in _WITH_VALUE
        elif text:
            kept.append(text)
    return kept


def _is_path(text: str) -> bool:
    return (
        text.startswith((".", "http:", "https:", "git+"))
        or text.endswith((".whl", ".tgz", ".zip", ".gz"))
        or ":\\" in text
    )


RULE = Rule(
    id="unpinned-package",
    severity=Severity.WARNING,
    title="package without a version",
    looks_for=(
        "`choco`, `scoop`, `winget`, `Install-Module`, `Install-Package`, `pip` or `npm` installs a "
        "package without an exact version."
    ),
    why=("A package that moves breaks images that nobody changed."),
    evidence=evidence("docker-library/python@bb68424"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN pip install wheel
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
ENV WHEEL_VERSION=0.43.0
RUN pip install ('wheel=={0}' -f $env:WHEEL_VERSION)
"""
    ),
    check=check,
)
