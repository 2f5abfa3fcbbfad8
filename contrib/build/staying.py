"""What CMD and ENTRYPOINT keep a container alive with in the program's stead, and what they start apart from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from contrib.build.account import Build
from contrib.shells import model as shell
from contrib.shells.programs import program
from contrib.values.records import dataclass

#: Commands that only wait.
_SLEEPERS = frozenset(
    (
        "start-sleep",
        "sleep",
        "timeout",
        "wait-event",
        "wait-process",
        "wait-job",
        "servicemonitor",
        "pause",
    )
)
_MOST = 5000


@dataclass(frozen=True, slots=True)
class Stay:
    """What outlives the program.

    :param kind: ``loop`` (endless), ``wait`` (a command that only waits), ``log`` (a file is followed), ``open`` (a
        shell that does not end with its script), ``service`` (a service is started, and nothing else keeps it).
    :param what: the command as people call it; "" for a loop.
    """

    node: shell.Node
    kind: Literal["loop", "wait", "log", "open", "service"]
    what: str = ""


@dataclass(frozen=True, slots=True)
class Apart:
    """A program that is started beside the main process.

    :param what: what starts it, as people call it.
    """

    command: shell.Command
    what: str


def stays(build: Build, script: shell.Script, *, services: bool = True) -> Stay | None:
    """The first thing that keeps a container alive in the program's stead; None when nothing does.

    :param services: a service that is started counts too.
    """
    for node in (*script.outer, *script.nodes):
        for command in shell.commands((node,)):
            found = _left_open(build, command)
            if found is not None:
                return found
    everything = list(_walked(script))
    last = max((n for n, (node, _) in enumerate(everything) if _acts(node)), default=-1)
    for count, (node, above) in enumerate(everything):
        if isinstance(node, shell.Loop):
            if node.endless:
                return Stay(node, "loop")
            continue
        if not isinstance(node, shell.Command):
            continue
        if services and (name := _service(build, node)):
            return Stay(node, "service", name)
        found = _waits(build, node)
        if found is None:
            continue
        loops = [each for each in above if isinstance(each, shell.Loop)]
        if any(_looks_for_a_process(loop) for loop in loops) or (not loops and count < last):
            continue  # it ends with the program, or is a delay before it
        return found
    return None


def _walked(script: shell.Script) -> Iterator[tuple[shell.Node, tuple[shell.Node, ...]]]:
    for count, pair in enumerate(shell.walk(script.nodes)):
        if count > _MOST:
            return
        yield pair


def _words(build: Build, command: shell.Command) -> list[str]:
    return [item.text.lower() for word in command.words for item in build.value(word).each]


def _left_open(build: Build, command: shell.Command) -> Stay | None:
    """``cmd /K``, ``powershell -NoExit``."""
    name = program(command.name)
    words = _words(build, command)
    if name == "cmd" and "/k" in words[:4]:
        return Stay(command, "open", f"{command.name} /K")
    if name in ("powershell", "pwsh") and any(w in ("-noexit", "/noexit", "-noe") for w in words[:8]):
        return Stay(command, "open", f"{command.name} -NoExit")
    return None


def _waits(build: Build, command: shell.Command) -> Stay | None:
    name = command.full_name.lower()
    words = _words(build, command)
    if name in _SLEEPERS or program(command.name) == "servicemonitor":
        return Stay(command, "wait", command.name)
    if name == "ping" and any(word in ("-t", "/t") for word in words):
        return Stay(command, "wait", "ping -t")
    if name == "get-content" and command.parameter("Wait") is not None:
        return Stay(command, "log", "Get-Content -Wait")
    if name == "tail" and "-f" in words:
        return Stay(command, "wait", "tail -f")
    if name == "goto" and words[:1] not in (["eof"], [":eof"]):
        return Stay(command, "loop")
    return None


def _acts(node: shell.Node) -> bool:
    """A program is run, not a cmdlet and nothing that only waits."""
    return (
        isinstance(node, shell.Command)
        and node.full_name[:1].islower()
        and node.full_name.lower() not in _SLEEPERS
        and node.full_name.lower() not in ("ping", "goto", "echo", "rem")
    )


def _looks_for_a_process(loop: shell.Loop) -> bool:
    """``while (Get-Process app) { … }`` ends with the program."""
    return loop.condition is not None and "get-process" in loop.condition.text.lower()


def _service(build: Build, command: shell.Command) -> str:
    name = command.full_name.lower()
    if name == "start-service" or (name in ("net", "sc") and _words(build, command)[:1] == ["start"]):
        return command.name
    return ""


def apart(build: Build, script: shell.Script) -> Apart | None:
    """The first program that is started in a console of its own, or as a service: it hears no stop."""
    for node, above in _walked(script):
        if not isinstance(node, shell.Command):
            continue
        inner = next(
            (n for n in reversed(above) if isinstance(n, shell.Command) and n.script is not None), None
        )
        grammar = inner.script.shell if inner is not None and inner.script is not None else script.shell
        name = node.full_name
        if name == "Start-Process" and node.parameter("NoNewWindow") is None:
            return Apart(node, "Start-Process")
        if node.name.lower() == "start" and grammar == "cmd" and "/b" not in _words(build, node):
            return Apart(node, "start")
        if _service(build, node):
            return Apart(node, node.name)
    return None
