"""cmd-ignores-failure: cmd goes on after a command that failed."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build.failures import ignored
from contrib.rules.bodies import Run
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Edit, Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """``&`` between commands, and ``||`` that hides a failure, in a RUN of cmd."""
    for run in context.runs:
        if run.shell != "cmd":
            continue
        if run.instruction.exec_form and not run.inner:
            continue
        reason = ignored(run.script.nodes, run.value)
        if reason is None:
            continue
        node, what = reason
        fix = None
        if what == "&" and not run.instruction.exec_form:
            edits = _joined(context, run)
            fix = context.fix("join the commands with `&&`", edits, safe=False) if edits else None
        message = (
            "`&` runs the next command whether or not this one failed: join them with `&&`"
            if what == "&"
            else "`||` hides the failure of the command before it: end the build there"
        )
        yield context.found(RULE, node.span.line, message, fix=fix, instruction=run.instruction)


def _joined(context: Context, run: Run) -> list[Edit]:
    """``&&`` for each ``&`` between the statements."""
    edits = []
    for one, other in zip(run.script.nodes, run.script.nodes[1:], strict=False):
        between = context.file.data[one.span.end : other.span.start]
        at = between.find(b"&")
        if at < 0 or between.count(b"&") != 1:
            return []
        edits.append(Edit(one.span.end + at, one.span.end + at, b"&"))
    return edits


RULE = Rule(
    id="cmd-ignores-failure",
    severity=Severity.WARNING,
    title="cmd goes on after a failure",
    looks_for=(
        "A cmd RUN joins commands with `&`, or has `||` before a command that succeeds "
        "anyway. `&&` throughout is fine, and so is checking the result with `if errorlevel`."
    ),
    why=(
        "The RUN has the exit code of its last command, so a failed download or installation "
        "goes unnoticed and the build succeeds."
    ),
    evidence=evidence("docker-library/redis#78", 'guidelines "Clarity"'),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
RUN msiexec /i C:\\app.msi /qn & del C:\\app.msi
CMD ["cmd"]
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
RUN msiexec /i C:\\app.msi /qn && del C:\\app.msi
CMD ["cmd"]
"""
    ),
    check=check,
    fix="ask",
)
