"""shell-form-cmd: CMD or ENTRYPOINT in shell form."""

from __future__ import annotations

import json
from collections.abc import Iterator

from contrib.build.staying import stays
from contrib.dockerfile.model import Instruction
from contrib.rules.context import Context
from contrib.rules.dockerfile.unescaped_backslash import json_places
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Command
from contrib.values.findings import Finding, Fix, Severity


def check(context: Context) -> Iterator[Finding]:
    """CMD and ENTRYPOINT that a shell runs, also because their JSON is invalid."""
    for outer in context.file.instructions:
        instruction = outer.trigger or outer
        if (
            instruction.keyword not in ("CMD", "ENTRYPOINT")
            or instruction.exec_form
            or not instruction.body.strip()
        ):
            continue
        shell = context.shell_of(outer) or "the shell"
        message = f"{instruction.keyword} in shell form makes `{shell}` the main process"
        if _meant_as_json(instruction):
            if json_places(instruction)[0]:
                continue  # `unescaped-backslash`
            message = (
                f"this is no valid JSON, so {instruction.keyword} is in shell form and `{shell}` runs it"
            )
        yield context.found(
            RULE, outer.line, message, fix=_fix(context, outer, instruction), instruction=outer
        )
    yield from _wrapped(context)


def _wrapped(context: Context) -> Iterator[Finding]:
    """An exec form whose program is a shell, with the program as its child."""
    start = context.start
    at = start.entrypoint if start.around_by == "ENTRYPOINT" else start.command
    if not start.around or start.shell_form or at is None or not at.exec_form or not start.program:
        return
    script = context.build.script(at)
    stay = stays(context.build, script) if script is not None else None
    if stay is not None and stay.kind != "open":
        return  # `keep-alive-loop`
    fix = None
    other = start.command if at is start.entrypoint else start.entrypoint
    simple = script is None or len(script.nodes) == 1
    if simple and other is None and not any(char in word for word in start.arguments for char in "%$\"'"):
        words = [start.path, *start.arguments]
        text = f"CMD {json.dumps(words, ensure_ascii=False)}"
        fix = context.fix("start the program itself", context.replace(at.span, text), safe=False)
    yield context.found(
        RULE,
        at.line,
        f"`{start.around}` is the main process, `{start.program}` its child: start the program itself",
        fix=fix,
        instruction=at,
    )


def _meant_as_json(instruction: Instruction) -> bool:
    return instruction.body.lstrip().startswith("[")


def _fix(context: Context, outer: Instruction, instruction: Instruction) -> Fix | None:
    script = context.script(outer)
    if (
        script is None
        or len(script.nodes) != 1
        or script.unparsed
        or instruction.comments
        or _meant_as_json(instruction)
    ):
        return None
    command = script.nodes[0]
    if not isinstance(command, Command) or not command.name or command.redirections or command.method:
        return None
    words = [command.name]
    for word in command.words:
        literal = word.literal
        if literal is None:
            return None
        words.append(literal)
    text = f"{instruction.keyword} {json.dumps(words, ensure_ascii=False)}"
    return context.fix("write the exec form", context.replace(instruction.span, text), safe=False)


RULE = Rule(
    id="shell-form-cmd",
    severity=Severity.WARNING,
    title="CMD or ENTRYPOINT in shell form",
    looks_for=("CMD or ENTRYPOINT is in shell form, or in an exec form that is not valid JSON."),
    why=(
        "PowerShell or cmd becomes the main process, and `docker stop`, arguments and exit codes pass "
        "through it."
    ),
    evidence=evidence("docker-library/redis@709e6a8", "docker-library/redis#78"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
CMD app.exe --port 80
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
CMD ["app.exe", "--port", "80"]
"""
    ),
    check=check,
    fix="ask",
)
