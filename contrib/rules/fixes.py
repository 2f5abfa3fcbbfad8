"""Edits that several rules share: settings in SHELL, at the head of a body."""

from __future__ import annotations

import json

from contrib.dockerfile.model import Instruction
from contrib.rules.bodies import Run
from contrib.rules.context import Context
from contrib.shells.model import Assignment
from contrib.shells.programs import script_start
from contrib.values.findings import Edit, Fix


def in_shell(context: Context, shell: Instruction, setting: str, *, first: bool = False) -> Fix | None:
    """Put a PowerShell statement into SHELL, after (or before) what its command line says already."""
    if not shell.exec_form or not shell.words:
        return None
    program = context.program_of(shell.values[0])
    if program not in ("powershell", "pwsh"):
        return None
    title = f"set `{setting.partition(' ')[0]}` in SHELL"
    found = script_start(program, list(shell.values[1:]))
    last = shell.words[-1]
    if found is not None:
        # There is a prelude: the setting goes in front of it, inside the JSON string.
        word = shell.words[1 + found[0]]
        written = context.file.text_of(word.span)
        if not written.startswith('"'):
            return None
        if first or not last.text.strip():
            rest = "" if word.text.startswith((" ", ";")) or not word.text else " "
            edit = context.insert(word.span.start + 1, _inner(setting) + rest)
        else:
            joint = " " if last.text.rstrip().endswith(";") else "; "
            edit = context.insert(last.span.end - 1, joint + _inner(setting))
        return context.fix(title, edit, safe=True)
    if last.text.lower() in ("-file", "-f"):
        return None
    words = [setting] if last.text.lower().lstrip("-/") in ("command", "c") else ["-Command", setting]
    text = "".join(", " + json.dumps(word, ensure_ascii=False) for word in words)
    end = last.span.end
    return context.fix(title, context.insert(end, text), safe=True)


def _inner(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def in_body(context: Context, run: Run, setting: str) -> Edit | None:
    """Put a statement at the head of a PowerShell body, after the preferences that stand there."""
    if context.expanded_before(run):
        return None
    for node in run.script.nodes:
        if not (isinstance(node, Assignment) and node.name.lower().endswith("preference")):
            return context.insert(node.span.start, setting + " ")
    return None
