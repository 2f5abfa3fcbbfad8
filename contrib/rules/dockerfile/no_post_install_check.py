"""no-post-install-check: installed program is not tried."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import effects
from contrib.dockerfile.model import Instruction
from contrib.rules.context import Context
from contrib.rules.dockerfile.copied_binary import brings_program
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Command
from contrib.shells.programs import program
from contrib.values.findings import Finding, Severity

_MANAGERS = frozenset(("choco", "scoop", "winget"))
_NO_PROGRAM = (".dll", ".conf", ".txt", ".json", ".ini", ".md", ".yml", ".yaml", ".html", ".pem", ".crt")


def check(context: Context) -> Iterator[Finding]:
    """An image that installs something and never asks it for its version."""
    if context.last is None:
        return
    installed = _installed(context)
    if installed is None:
        return
    # A stage that starts from the image's own asks it just as well.
    own = set(context.build.own)
    for stage in context.stages:
        if stage.origin is not None and stage.origin.index in own:
            own.add(stage.index)
    # what such a command does is known: `gem install app -v 1.2` asks nothing
    known = {id(action.node) for action in context.build.actions if effects.installs(action)}
    # the shell that the image starts, run with a script: where it runs, it is there
    shells = tuple(program(word) for word in context.start.words[:1] if program(word) == "pwsh")
    for run in context.runs:
        if run.stage_index not in own:
            continue
        outer = [node for node in run.script.outer if isinstance(node, Command)]
        for command in (*outer, *(command for _, command in run.acting)):
            if id(command) in known:
                continue
            if effects.runs_shell(command, shells) or effects.asks_for_version(context.build, command):
                return
    instruction, line = installed
    yield context.found(
        RULE,
        line,
        "no RUN asks an installed program for its version: end with `PROGRAM --version`",
        instruction=instruction,
    )


def _installed(context: Context) -> tuple[Instruction, int] | None:
    places: list[tuple[Instruction, int]] = []
    triggered = set(map(id, context.build.triggered))
    for download in context.downloads:
        if id(download.download) in triggered:
            continue  # of another build
        if (
            download.download.stage in context.build.own
            and not download.looked_at
            and (download.is_archive or download.is_installer or download.is_program)
        ):
            places.append((download.instruction, download.line))
    build = context.build
    for action in build.actions:
        if action.stage not in build.own:
            continue
        if (
            (isinstance(action, act.Packages) and action.manager in _MANAGERS and action.verb == "add")
            or (isinstance(action, act.Unpack) and action.installer)
            or (isinstance(action, act.CopyIn) and action.origin is None and brings_program(context, action))
        ):
            places.append((action.instruction, action.line))
    for copy in (copy for stage in context.stages if stage.index in build.own for copy in stage.copies):
        sources = [context.resolve(copy.instruction, text).lower() for text in copy.instruction.values[:-1]]
        if any(not source.strip("\"'").endswith(_NO_PROGRAM) for source in sources):
            places.append((copy.instruction, copy.line))
    return max(places, key=lambda place: place[1]) if places else None


RULE = Rule(
    id="no-post-install-check",
    severity=Severity.WARNING,
    title="installed program is not tried",
    looks_for=("The last stage installs a program, and no RUN asks it for its version or its help."),
    why=("A missing library or a wrong PATH should show up during the build, not on a user's machine."),
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
