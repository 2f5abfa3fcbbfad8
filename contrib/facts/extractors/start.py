"""``entrypoint``, ``command``, ``foreground``, ``arguments-as-program``: what ``docker run`` starts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from contrib.build import paths
from contrib.build.account import Build
from contrib.build.entry import lines
from contrib.build.start import Start, is_script, shown
from contrib.build.staying import Stay, stays
from contrib.dockerfile.model import Instruction
from contrib.facts.handed import configuration_of, from_of
from contrib.facts.kinds import ArgumentsAsProgram, Command, Entrypoint, Fact, Foreground, Form
from contrib.facts.subject import Subject
from contrib.shells import model as shell
from contrib.shells.programs import is_shell


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """See the module."""
    start = subject.start
    yield from _handed_on(build, subject)
    if start.entrypoint is not None:
        yield _entrypoint(subject, start.entrypoint)
    if start.command is not None:
        yield _command(subject, start.command)
    elif start.entrypoint is not None and start.program and not start.script:
        instruction = start.entrypoint
        yield Command(
            "command", shown(instruction), instruction.line, instruction.end_line,
            form="exec" if instruction.exec_form else "shell", program=start.program,
            words=start.words, arguments=start.arguments, around=start.around if not start.shell_form else "",
            by_entrypoint=True,
        )  # fmt: skip
    yield from _foreground(build, subject)
    yield from _arguments(build, subject)


def _handed_on(build: Build, subject: Subject) -> Iterator[Fact]:
    """ENTRYPOINT and CMD of the base, where this file has none; a shell that every base starts is not one."""
    configuration, origin = configuration_of(build), from_of(build)
    if configuration is None or origin is None or build.last("ENTRYPOINT") is not None:
        return
    start, lines = subject.start, (origin.line, origin.end_line)

    def text(words: tuple[str, ...]) -> str:
        return json.dumps(list(words), ensure_ascii=False) + " (the base's)"

    def form(keyword: str) -> Form:
        return "shell" if keyword in configuration.shell_form else "exec"

    entry, command = configuration.entrypoint, configuration.command
    if entry:
        script = is_script(entry[0])
        program = start.program if start.by_entrypoint and not script else paths.program(entry[0])
        yield Entrypoint(
            "entrypoint", text(entry), *lines, form=form("entrypoint"), program=program, script=script,
            inherited=True,
        )  # fmt: skip
    if build.last("CMD") is None and command and not is_shell(paths.program(command[0])):
        yield Command(
            "command", text(command), *lines, form=form("command"), program=start.program,
            arguments=start.arguments, words=command, inherited=True,
        )  # fmt: skip
        if start.program and not start.around:
            yield Foreground("foreground", start.program, *lines, ok=True, program=start.program)


def _entrypoint(subject: Subject, instruction: Instruction) -> Entrypoint:
    first = _started(instruction)
    start = subject.start
    script, program = is_script(first), ""
    if start.around and start.around_by == "ENTRYPOINT" and start.script:
        script, program = True, start.script  # a shell that runs it
    elif not script and start.by_entrypoint:
        program = start.program
    return Entrypoint(
        "entrypoint", shown(instruction), instruction.line, instruction.end_line, script=script,
        form="exec" if instruction.exec_form else "shell", program=program or paths.program(first),
    )  # fmt: skip


def _command(subject: Subject, instruction: Instruction) -> Command:
    start = subject.start
    return Command(
        "command", shown(instruction), instruction.line, instruction.end_line,
        form="exec" if instruction.exec_form else "shell", program=start.program or _own_shell(start),
        arguments=start.arguments, words=instruction.values if instruction.exec_form else (),
        around=start.around if not start.shell_form else "",
    )  # fmt: skip


def _started(entrypoint: Instruction) -> str:
    """The first word of ENTRYPOINT that counts: an init (tini, dumb-init) only starts what comes after it."""
    words = entrypoint.values
    return next((word for word in words if word[:1] != "-" and paths.program(word) not in _INITS), "")


_INITS = frozenset(("tini", "dumb-init", "catatonit", "docker-init"))


def _own_shell(start: Start) -> str:
    """The shell where it is all that starts."""
    name = paths.program(start.words[0]) if start.words else ""
    return name if is_shell(name) and not start.around else ""


_NAMES = {"powershell": "PowerShell", "pwsh": "PowerShell", "cmd": "cmd"}


def _trouble(stay: Stay) -> str:
    """What keeps the container alive, for people."""
    match stay.kind:
        case "loop":
            return "an endless loop"
        case "log":
            return "follows a log file"
        case "service":
            return "starts a service"
        case "open":
            return f"{stay.what} stays open"
        case "wait":
            return f"{stay.what} keeps it alive"


def _foreground(build: Build, subject: Subject) -> Iterator[Fact]:
    start = subject.start
    instruction = start.instruction
    if instruction is None:
        return
    program = start.program

    def fact(at: Instruction, why: str, text: str) -> Foreground:
        return Foreground(
            "foreground", f"no: {text}", at.line, at.end_line, ok=False, why=why, program=program
        )

    for candidate in (start.command, start.entrypoint):
        script = build.script(candidate) if candidate is not None else None
        stay = stays(build, script) if script is not None else None
        if candidate is not None and stay is not None:
            yield fact(candidate, _trouble(stay), _trouble(stay))
            return
    if start.around:
        name = _NAMES.get(start.around, start.around)
        in_entry = start.around_by == "ENTRYPOINT" and start.entrypoint is not None
        at = start.entrypoint if in_entry and start.entrypoint is not None else instruction
        child = start.script or program or "the program"
        why = f"{name} is the main process, {child} its child"
        if start.script.lower().endswith((".ps1", ".psm1")) and name == "PowerShell":
            why = f"PowerShell is the main process and runs {child}; the program is its child"
        yield fact(at, why, f"{name} is the main process")
        return
    if start.script and build.entry is not None and build.entry.shell == "posix":
        if not any(line.name == "exec" for line in lines(build.entry.nodes)):
            yield fact(instruction, f"{start.script} does not exec", f"{start.script} stays the main process")
            return
    elif start.script and start.script.lower().endswith((".ps1", ".cmd", ".bat")):
        why = f"{start.script} stays the main process; Windows has no exec"
        yield fact(instruction, why, f"{start.script} stays the main process")
        return
    name = program or _own_shell(start)
    if name:
        by_entry = start.by_entrypoint and not start.script and start.entrypoint is not None
        at = start.entrypoint if by_entry and start.entrypoint is not None else instruction
        yield Foreground("foreground", name, at.line, at.end_line, ok=True, program=name)


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
            for command in lines(body):
                if command.name not in ("set", "exec") or len(command.words) < 2:
                    continue
                words = list(command.words)
                if command.name == "exec":
                    # exec PROGRAM "$@", without passing by the end of the script
                    words = ["--", *words] if words[1].strip('"') in ("$@", "${@}") else [""]
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
        text = f"{found[1]} start {found[0]}"
        yield ArgumentsAsProgram("arguments-as-program", text, entry.line, entry.end_line, program=found[0])
    elif entry.exec_form and _started(entry) and not is_script(_started(entry)):
        name = paths.program(_started(entry))
        if name not in ("sh", "bash", "powershell", "pwsh", "cmd"):
            text = f"everything goes to {name}"
            yield ArgumentsAsProgram("arguments-as-program", text, entry.line, entry.end_line, program=name)
            return
    if build.platform == "windows" and start.by_entrypoint and start.program and not start.script:
        # On Windows Docker adds the arguments to the shell's command line; sh -c of Linux would drop them.
        text = f"everything goes to {start.program}"
        yield ArgumentsAsProgram(
            "arguments-as-program", text, entry.line, entry.end_line, program=start.program
        )
