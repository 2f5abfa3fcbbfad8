"""no-post-install-check: program never run in the build."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.dockerfile.model import Instruction
from contrib.rules.context import Context
from contrib.rules.dockerfile.copied_binary import brings_program
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity

_ASKS = frozenset(("version", "--version", "-version", "-v", "-V", "/?", "-?", "--help", "/version"))
_MANAGERS = frozenset(("choco", "chocolatey", "cinst", "scoop", "winget"))
_NO_PROGRAM = (".dll", ".conf", ".txt", ".json", ".ini", ".md", ".yml", ".yaml", ".html", ".pem", ".crt")


def check(context: Context) -> Iterator[Finding]:
    """A last stage that installs something and never asks it for its version."""
    last = context.last
    if last is None:
        return
    installed = _installed(context)
    if installed is None:
        return
    for run in context.runs:
        if run.stage_index != last.index:
            continue
        for _, command in run.acting:
            if command.full_name in _MANAGERS:
                continue  # `--version` there chooses a version
            native = command.name and not ("-" in command.full_name and command.full_name[:1].isupper())
            if native and any(text in _ASKS for text in run.texts(command)):
                return
    instruction, line = installed
    yield context.found(
        RULE,
        line,
        "what is installed is never run in the build: end with `PROGRAM --version`",
        instruction=instruction,
    )


def _installed(context: Context) -> tuple[Instruction, int] | None:
    places: list[tuple[Instruction, int]] = []
    assert context.last is not None
    for download in context.downloads:
        if (
            context.in_last_stage(download.instruction)
            and not download.looked_at
            and (download.is_archive or download.is_installer or download.is_program)
        ):
            places.append((download.instruction, download.line))
    build = context.build
    for action in build.actions:
        if action.stage != context.last.index:
            continue
        if (
            (isinstance(action, act.Packages) and action.manager in _MANAGERS and action.verb == "add")
            or (isinstance(action, act.Unpack) and action.installer)
            or (isinstance(action, act.CopyIn) and action.origin is None and brings_program(context, action))
        ):
            places.append((action.instruction, action.line))
    for copy in context.last.copies:
        sources = [context.resolve(copy.instruction, text).lower() for text in copy.instruction.values[:-1]]
        if any(not source.strip("\"'").endswith(_NO_PROGRAM) for source in sources):
            places.append((copy.instruction, copy.line))
    return max(places, key=lambda place: place[1]) if places else None


RULE = Rule(
    id="no-post-install-check",
    severity=Severity.WARNING,
    title="program never run in the build",
    looks_for=("The last stage installs a program and never runs it, not even with `--version`."),
    why=("A missing library or a wrong PATH should show while building, and not in users' hands."),
    evidence=evidence("docker-library/redis@709e6a8"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\app C:\\app
CMD ["app"]
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\app C:\\app
RUN app --version
CMD ["app"]
"""
    ),
    check=check,
)
