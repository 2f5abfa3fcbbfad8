"""data-volume: fewer volumes than the Linux image."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.dockerfile.model import Dockerfile
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """The number of declared directories here against the twin's."""
    if context.twin is None or context.last is None:
        return
    theirs = _volumes(context.twin) if isinstance(context.twin, Dockerfile) else context.twin_volumes
    ours = _volumes(context.file)
    if len(ours) >= len(theirs):
        return
    last = context.last
    commands = [i for i in last.stage.instructions if i.keyword in ("CMD", "ENTRYPOINT")]
    anchor = commands[0] if commands else last.stage.from_
    fix = None
    if not ours:
        wanted = [f"C:{path}".replace("/", "\\\\") for path in theirs if path.startswith("/")]
        if wanted:
            line = f"VOLUME {' '.join(wanted)}"
            edit = (
                context.insert_line_before(anchor, line)
                if commands
                else context.insert_line_after(anchor, line)
            )
            fix = context.fix("declare the twin's volumes", edit, safe=False)
    have = "none" if not ours else f"only {', '.join(ours)}"
    yield context.found(
        RULE,
        anchor.line,
        f"the Linux image declares {', '.join(theirs)}, this one {have}: data lands in the container's layer",
        fix=fix,
        instruction=anchor,
    )


def _volumes(file: Dockerfile) -> list[str]:
    if file.last_stage is None:
        return []
    found: list[str] = []
    for instruction in file.last_stage.instructions:
        if instruction.keyword == "VOLUME":
            found.extend(instruction.values)
    return found


RULE = Rule(
    id="data-volume",
    severity=Severity.WARNING,
    title="fewer volumes than the Linux image",
    looks_for=("The Linux image declares a VOLUME, and this file declares none, or fewer."),
    why=(
        "Data is then written into the container's own layer, while users mount the "
        "directories that the Linux image documents."
    ),
    evidence=evidence("docker-library/redis@709e6a8"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
CMD ["app"]
""",
        twin="""
FROM alpine:3.20
VOLUME /data
CMD ["app"]
""",
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
VOLUME C:\\data
WORKDIR C:\\data
CMD ["app"]
""",
        twin="""
FROM alpine:3.20
VOLUME /data
CMD ["app"]
""",
    ),
    check=check,
    fix="ask",
    needs=frozenset({"text", "twin"}),
)
