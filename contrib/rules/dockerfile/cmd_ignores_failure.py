"""cmd-ignores-failure: cmd goes on after a command that failed."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build.comparing import ends_build
from contrib.rules.bodies import Run
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import AndOr, Assignment, Command, Flow, Group, If, Node, commands
from contrib.values.findings import Edit, Finding, Severity

#: Commands whose failure matters to nobody, or that say more than failure with their exit code.
_HARMLESS = frozenset(
    (
        "echo",
        "echo.",
        "rem",
        "set",
        "title",
        "setlocal",
        "endlocal",
        "robocopy",
        "ver",
        "type",
        "dir",
        "@echo",
    )
)


def check(context: Context) -> Iterator[Finding]:
    """``&`` between commands, and ``||`` that hides a failure, in a RUN of cmd."""
    for run in context.runs:
        if run.shell != "cmd" or not run.sure:
            continue
        if run.instruction.exec_form and not run.inner:
            continue
        reason = _swallowed(run) or _unheard(run.script.nodes, run)
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


def _swallowed(run: Run) -> tuple[Node, str] | None:
    """A command whose failure ``||`` turns into success."""
    for step in run.steps:
        node = step.node
        if not isinstance(node, AndOr) or step.shell != "cmd":
            continue
        chain = [("", node.first), *node.rest]
        for position, (operator, member) in enumerate(chain):
            if operator != "||" or ends_build((member,), False, run.value):
                continue
            tried = chain[position - 1][1]
            if _matters(tried) and not _second_try(member):
                return tried, "||"
    return None


def _second_try(member: Node) -> bool:
    """Another attempt at the same (a mirror), whose own failure counts."""
    names = {command.full_name.lower() for command in commands((member,))}
    return bool(names - _HARMLESS) and "exit" not in names


def _unheard(nodes: tuple[Node, ...], run: Run) -> tuple[Node, str] | None:
    """A command before ``&`` whose failure nothing looks at."""
    for position, node in enumerate(nodes[:-1]):
        if not _looked_at(nodes[position + 1]) and _matters(node):
            return node, "&"
    for node in nodes:
        if isinstance(node, Group):
            found = _unheard(node.body, run)
            if found is not None:
                return found
    return None


def _looked_at(following: Node) -> bool:
    """``if errorlevel 1 exit /b 1`` comes next."""
    return isinstance(following, If) and any(
        condition is not None and "errorlevel" in condition.text.lower() for condition, _ in following.arms
    )


def _matters(node: Node) -> bool:
    if isinstance(node, (Assignment, Flow)):
        return False
    return any(
        command.full_name.lower() not in _HARMLESS
        for command in commands((node,))
        if isinstance(command, Command) and (command.name or command.words)
    )


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
        "A RUN of cmd joins commands with `&`, or with `||` and something that succeeds. `&&` "
        "throughout is fine, and so is a look at the result with `if errorlevel`."
    ),
    why=(
        "The RUN has the exit code of its last command. A download or an installation that failed "
        "goes unseen, and the build succeeds."
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
