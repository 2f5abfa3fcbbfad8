"""``build-fails-loudly``: whether a step that fails ends the build."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build.account import Body, Build
from contrib.facts.kinds import Fact, FailsLoudly
from contrib.facts.subject import Subject


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """One fact for all RUNs; a RUN of one command fails with it."""
    bodies = [body for body in build.bodies if body.stage in build.contributing]
    several = [body for body in bodies if body.statements > 1 or (body.by and body.statements == 1)]
    if not bodies:
        return
    open_ = [body for body in several if not body.guarded]
    if open_:
        first = open_[0].instruction
        lines = tuple(body.instruction.line for body in open_)
        text = "not in RUN :" + ",".join(str(line) for line in lines)
        yield FailsLoudly("build-fails-loudly", text, first.line, first.end_line, ok=False, unguarded=lines)
        return
    first = (several or bodies)[0].instruction
    yield FailsLoudly("build-fails-loudly", _means(several), first.line, first.end_line, ok=True)


def _means(bodies: list[Body]) -> str:
    """What most of the RUNs are guarded by."""
    means = [body.by for body in bodies if body.by]
    if not means:
        return "one command per RUN"
    # set -e is what maintainers look for: && comes first only where nothing else is used
    return max(sorted(set(means)), key=lambda by: (by != "&&", means.count(by)))
