"""A failing msiexec with its own log: the Dockerfile of a second build, made only to find the cause.

msiexec says 1603 and nothing else; with ``/L*v FILE`` it writes why. The file is printed in the same RUN, before
anything after it can end the build.
"""

from __future__ import annotations

import re

from contrib.dockerfile import Instruction, parse

#: Where the log goes, in the container of the second build.
LOG = "C:\\contrib-msi.log"

_PROGRAM = re.compile(r"(?i)\bmsiexec(?:\.exe)?\b")
_LISTED = re.compile(r"(?i)('/(?:i|package|a)'|\"/(?:i|package|a)\")\s*,")
_PLAIN = re.compile(r"(?i)\s/(?:i|package|a)\s+\S+")
_WANTED = (
    "Get-Content {log} | Select-String -Pattern ' -- |Return value 3|returning [0-9]+|Error [0-9]+\\.' | "
    "Select-Object -Last 60 | ForEach-Object {{ Write-Host $_.Line }}"
)


def with_log(dockerfile: bytes) -> bytes | None:
    """The Dockerfile with every msiexec writing and printing its log; None when it starts none that is understood.

    Edits are made in the bytes of the RUN that has it; nothing else changes.
    """
    parsed = parse(dockerfile, "Dockerfile")
    shell = "cmd"
    text = dockerfile
    edits: list[tuple[int, bytes]] = []
    for instruction in parsed.instructions:
        if instruction.keyword == "FROM":
            shell = "cmd"
        elif instruction.keyword == "SHELL":
            shell = "powershell" if re.search(r"(?i)powershell|pwsh", instruction.body) else "cmd"
        elif instruction.keyword == "RUN" and not instruction.exec_form:
            edits += _edits(instruction, shell)
    if not edits:
        return None
    for offset, added in sorted(edits, reverse=True):
        text = text[:offset] + added + text[offset:]
    return text


def _edits(instruction: Instruction, shell: str) -> list[tuple[int, bytes]]:
    body = instruction.body
    powershell = shell == "powershell" or re.match(r"(?i)\s*powershell", body) is not None
    log = LOG
    edits: list[tuple[int, bytes]] = []
    for found in _PROGRAM.finditer(body):
        end = _statement_end(body, found.end(), powershell)
        statement = body[found.end() : end]
        if re.search(r"(?i)/l[*a-z]*\b", statement):
            continue
        if listed := _LISTED.search(statement):
            at = found.end() + listed.start()
            quote = listed[1][0]
            added = f"{quote}/L*v{quote}, {quote}{log}{quote}, "
        elif plain := _PLAIN.search(statement):
            at = found.end() + plain.start()
            added = f" /L*v {log}"
        else:
            continue
        edits.append((instruction.offsets.at(at), added.encode()))
        shown = _WANTED.format(log=log) if powershell else f"type {log}"
        joined = f"; {shown}" if powershell else f" & {shown}"
        edits.append((instruction.offsets.at(end), joined.encode()))
    return edits


def _statement_end(body: str, start: int, powershell: bool) -> int:
    """Where the statement that begins before ``start`` ends: at ``;`` (or ``&``, ``|``) outside quotes and brackets."""
    depth, quote = 0, ""
    for at in range(start, len(body)):
        char = body[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            if depth == 0:
                return at
            depth -= 1
        elif depth == 0 and (char == ";" or (not powershell and char in "&|")):
            return at
    return len(body.rstrip())
