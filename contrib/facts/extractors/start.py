"""``entrypoint``, ``command``, ``foreground``, ``arguments-as-program``: what ``docker run`` starts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from contrib.build import paths
from contrib.build.account import Build
from contrib.dockerfile.model import Instruction
from contrib.facts.extractors.user import stepper
from contrib.facts.model import Fact
from contrib.facts.subject import Subject, is_script
from contrib.shells import model as shell

_SLEEPERS = frozenset(
    ("start-sleep", "sleep", "timeout", "ping", "wait-event", "wait-process", "servicemonitor", "tail")
)
_SERVICES = frozenset(("start-service", "net", "sc", "get-service"))


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """See the module."""
    start = subject.start
    if start.entrypoint is not None and (start.entrypoint.exec_form or start.entrypoint.body.strip()):
        yield _entrypoint(build, start.entrypoint)
    if start.command is not None:
        yield _command(build, subject, start.command)
    elif start.entrypoint is not None and start.program and not start.script:
        instruction = start.entrypoint
        yield Fact(
            "command", shown(instruction), instruction.line, instruction.end_line,
            {"form": "exec", "program": start.program, "words": list(start.words), "arguments": list(start.words[1:])},
        )  # fmt: skip
    yield from _foreground(build, subject)
    yield from _arguments(build, subject)


def shown(instruction: Instruction) -> str:
    """An instruction's words as people write them: JSON for the exec form."""
    if instruction.exec_form:
        return json.dumps(list(instruction.values), ensure_ascii=False)
    return " ".join(instruction.body.split())


def _entrypoint(build: Build, instruction: Instruction) -> Fact:
    words = instruction.values
    script = bool(words) and is_script(words[0])
    steps = []
    if script and build.entry is not None:
        if prefixes(build):
            steps.append("prefixes")
        if stepper(build)[0]:
            steps.append("steps-down")
    return Fact(
        "entrypoint", shown(instruction), instruction.line, instruction.end_line,
        {
            "form": "exec" if instruction.exec_form else "shell",
            "script": script,
            "program": paths.program(words[0]) if words else "",
            "does": steps,
            "read": build.entry is not None,
        },
    )  # fmt: skip


def _command(build: Build, subject: Subject, instruction: Instruction) -> Fact:
    words = list(instruction.values) if instruction.exec_form else []
    whole = list(subject.start.words) if instruction.exec_form else []
    program, arguments = "", []
    if whole:
        at = 1 if subject.start.script and is_script(whole[0]) else 0
        if at < len(whole):
            program, arguments = paths.program(whole[at]), whole[at + 1 :]
    else:
        program = subject.start.program
        commands = build.commands(instruction)
        if commands:
            first = next((c for c in commands if paths.program(c.name) == program), commands[0])
            arguments = [word.literal if word.literal is not None else word.text for word in first.words]
    return Fact(
        "command", shown(instruction), instruction.line, instruction.end_line,
        {
            "form": "exec" if instruction.exec_form else "shell",
            "program": program,
            "arguments": arguments,
            "words": words,
        },
    )  # fmt: skip


def _foreground(build: Build, subject: Subject) -> Iterator[Fact]:
    start = subject.start
    instruction = start.command or start.entrypoint
    if instruction is None:
        return
    program = start.program
    for candidate in (start.command, start.entrypoint):
        if candidate is None:
            continue
        script = build.script(candidate)
        if script is None:
            continue
        trouble = _trouble(script)
        if trouble:
            yield Fact(
                "foreground", f"no: {trouble}", candidate.line, candidate.end_line,
                {"ok": False, "why": trouble, "program": program},
            )  # fmt: skip
            return
    if not instruction.exec_form and instruction is start.command:
        script = build.script(instruction)
        name = {"posix": "sh", "powershell": "PowerShell", "cmd": "cmd"}[script.shell if script else "posix"]
        nodes = script.nodes if script is not None else ()
        first = nodes[0] if len(nodes) == 1 else None
        if isinstance(first, shell.Command) and first.name == "exec":
            yield Fact(
                "foreground",
                program or "yes",
                instruction.line,
                instruction.end_line,
                {"ok": True, "program": program},
            )
            return
        yield Fact(
            "foreground", f"no: {name} is the main process", instruction.line, instruction.end_line,
            {"ok": False, "why": f"{name} is the main process, {program or 'the program'} its child", "program": program},
        )  # fmt: skip
        return
    if start.script and build.entry is not None and build.entry.shell == "posix":
        if not any(command.name == "exec" for command in shell.commands(build.entry.nodes)):
            yield Fact(
                "foreground", f"no: {start.script} stays the main process", instruction.line, instruction.end_line,
                {"ok": False, "why": f"{start.script} does not exec", "program": program},
            )  # fmt: skip
            return
    elif start.script and start.script.lower().endswith((".ps1", ".cmd", ".bat")):
        yield Fact(
            "foreground", f"no: {start.script} stays the main process", instruction.line, instruction.end_line,
            {"ok": False, "why": f"{start.script} stays the main process; Windows has no exec", "program": program},
        )  # fmt: skip
        return
    shells = ("sh", "bash", "powershell", "pwsh", "cmd")
    first_word = paths.program(start.words[0]) if start.words else ""
    name = program or (first_word if first_word in shells else "")
    if name:
        yield Fact("foreground", name, instruction.line, instruction.end_line, {"ok": True, "program": name})


def _trouble(script: shell.Script) -> str:
    """What keeps the container alive in the program's stead."""
    for count, (node, _) in enumerate(shell.walk(script.nodes)):
        if count > 5000:
            break
        if isinstance(node, shell.Loop) and node.endless:
            return "an endless loop"
        if isinstance(node, shell.Command):
            name = node.full_name.lower()
            words = " ".join(word.text for word in node.words).lower()
            if name in _SERVICES and name != "get-service":
                return "starts a service"
            if name == "get-content" and node.parameter("Wait") is not None:
                return "follows a log file"
            if name == "tail" and "-f" not in words.split():
                continue
            if name == "ping" and "-t" not in words.split():
                continue
            if name in _SLEEPERS:
                return f"{node.name} keeps it alive"
            if name == "goto" and script.shell == "cmd":
                return "an endless loop"
    return ""


def prefixes(build: Build) -> tuple[str, str] | None:
    """Program that the entry script puts before flags, and what it does so for (``flags``, ``*.conf``)."""
    if build.entry is None:
        return None
    for count, (node, _) in enumerate(shell.walk(build.entry.nodes)):
        if count > 20_000:
            return None
        if not isinstance(node, shell.If):
            continue
        for condition, body in node.arms:
            if condition is None:
                continue
            for command in shell.commands(body):
                if command.full_name != "set" or len(command.words) < 2:
                    continue
                words = [word.literal if word.literal is not None else word.text for word in command.words]
                if words[0] != "--":
                    continue
                program = words[1]
                if program.startswith(("-", "$", '"')) or len(words) < 3:
                    continue
                kinds = []
                if re.search(r"#-|:0:1|= ?['\"]?-", condition.text):
                    kinds.append("flags")
                match = re.search(r"%(\.\w+)", condition.text)
                if match is not None:
                    kinds.append(f"*{match.group(1)}")
                if kinds:
                    return program, " and ".join(kinds)
    return None


def _arguments(build: Build, subject: Subject) -> Iterator[Fact]:
    start = subject.start
    entry = start.entrypoint
    if entry is None:
        return
    found = prefixes(build)
    if found is not None:
        yield Fact(
            "arguments-as-program", f"{found[1]} start {found[0]}", entry.line, entry.end_line,
            {"program": found[0], "for": found[1]},
        )  # fmt: skip
    elif entry.exec_form and entry.values and not is_script(entry.values[0]):
        name = paths.program(entry.values[0])
        if name not in ("sh", "bash", "powershell", "pwsh", "cmd"):
            yield Fact(
                "arguments-as-program", f"everything goes to {name}", entry.line, entry.end_line,
                {"program": name, "for": "everything"},
            )  # fmt: skip
