"""How a body deals with failure: what SHELL and the body itself ask for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contrib.build import programs
from contrib.build.account import Body
from contrib.build.failures import ignored
from contrib.dockerfile.model import Instruction
from contrib.shells import Shell
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Walk


def body_of(walk: Walk, instruction: Instruction, script: shell.Script, by_shell: bool) -> None:
    """Note how the body that was just walked deals with failure.

    :param by_shell: SHELL asks for it.
    """
    nodes = [n for n in script.nodes if not programs.is_preference(n)]
    statements = len(nodes)
    guarded, by = True, ""
    if script.shell == "posix":
        if walk.errexit:
            by = "SHELL with -e" if by_shell else "set -e"
        elif statements > 1:
            guarded = False
        elif statements == 1 and isinstance(nodes[0], shell.AndOr):
            by = "&&"
            guarded = True
    elif script.shell == "powershell":
        if walk.stop:
            by = "Stop in SHELL" if by_shell else "Stop in the RUN"
        elif statements > 1:
            guarded = False
    else:
        if statements > 1:
            guarded = False
        elif statements == 1 and isinstance(nodes[0], shell.AndOr):
            by = "&&" if all(op == "&&" for op, _ in nodes[0].rest) else "& and ||"
        guarded = ignored(script.nodes, walk.value) is None
    walk.bodies.append(
        Body(
            instruction=instruction,
            stage=walk.stage,
            shell=script.shell,
            statements=statements,
            guarded=guarded,
            by=by,
            pipefail=walk.pipefail,
        )
    )


def shell_options(in_force: Shell, script: shell.Script) -> tuple[bool, bool, bool]:
    """errexit, pipefail and Stop as SHELL (or a shell that the exec form calls) sets them."""
    if script.exec_form or script.inner is not None:
        words = [
            word.literal or ""
            for node in script.outer
            if isinstance(node, shell.Command)
            for word in node.words
        ]
    else:
        words = list(in_force.words[1:])
    if script.shell == "posix":
        errexit = any(re.fullmatch(r"-[a-df-zA-Z]*e[a-zA-Z]*", word) for word in words[:6])
        return errexit, "pipefail" in words[:6], False
    preamble = in_force.preamble if script.inner is None and not script.exec_form else None
    stop = False
    for node in preamble.nodes if preamble is not None else ():
        if isinstance(node, shell.Assignment) and node.name.lower() == "erroractionpreference":
            value = node.value.literal if isinstance(node.value, shell.Word) else None
            if value is None and isinstance(node.value, shell.Expression):
                value = node.value.word.literal
            stop = (value or "").lower() in ("stop", "1")
    return False, False, stop
