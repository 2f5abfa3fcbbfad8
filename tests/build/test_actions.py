"""The table of bodies (``actions.txt``): what each does, as the one account of a build tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from contrib.build import actions as act
from contrib.build import read
from contrib.dockerfile import parse

SHA = "24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d"
WINDOWS = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
HEADS = {
    "cmd": WINDOWS,
    "powershell": WINDOWS + 'SHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]\n',
    "posix": 'FROM alpine:3.20\nSHELL ["/bin/sh", "-ec"]\n',
}


def table() -> list[tuple[str, str, list[str]]]:
    """Shell, body, and the actions in order."""
    blocks = (Path(__file__).parent / "actions.txt").read_text("utf-8").strip().split("\n\n")
    found = []
    for block in blocks:
        head, *told = block.split("\n")
        shell, _, body = head.partition(": ")
        found.append((shell, body, [line.strip() for line in told]))
    return found


def told(action: act.Action) -> str:
    """An action in one line."""
    match action:
        case act.Download():
            at = f" at {action.revision}" if action.revision else ""
            return f"download {action.url.text} -> {action.file}{at}"
        case act.Hash():
            return f"hash {action.file} {action.algorithm}"
        case act.Verify():
            acted = "acted on" if action.acted_on else "not acted on"
            return f"verify {action.file} {action.algorithm} {action.where} {acted}"
        case act.Unpack():
            verb = "install" if action.installer else "unpack"
            apart, log = " apart" if action.apart else "", f" log {action.log}" if action.log else ""
            return f"{verb} {action.file} -> {action.directory} by {action.tool}{apart}{log}"
        case act.Remove():
            return f"remove {', '.join(action.paths)}{'' if action.known else ' (unknown)'}"
        case act.Move():
            return f"{action.kind} {action.source} -> {action.target}"
        case act.Run():
            return f"run {action.name} {' '.join(action.arguments)}"
        case act.Packages():
            version = f" version {action.version}" if action.version else ""
            loose = f" loose {' '.join(action.loose)}" if action.loose else ""
            return f"{action.verb} {action.manager} {' '.join(action.names)}{version}{loose}"
        case act.PathEdit():
            return f"path {action.scope} {' '.join(action.directories)}"
        case act.Variable():
            return f"variable {action.scope} {action.name}={action.value.text}"
        case act.Edit():
            what = f"{action.pattern} by {action.text}" if action.kind == "replace" else action.text
            return f"{action.kind} {action.file} {what or action.pattern}".replace("\n", "\\n")
        case act.Service():
            return f"service {action.reason}"
        case act.Account():
            return f"{action.kind} {action.text}"
        case act.Directory():
            return f"make {', '.join(action.paths)}"
        case act.Check():
            return f"check {action.file} {action.pattern}"
        case act.Compile():
            return f"compile {action.tool}{' install' if action.install else ''}"
    return type(action).__name__


def account(shell: str, body: str) -> list[str]:
    text = f"{HEADS[shell]}ENV SHA={SHA} V=1.0\nRUN {body}\n"
    return [told(action).strip() for action in read(parse(text.encode())).actions]


@pytest.mark.parametrize(("shell", "body", "expected"), table())
def test_what_a_body_does(shell: str, body: str, expected: list[str]) -> None:
    assert account(shell, body) == expected


def test_the_table_is_large_enough() -> None:
    # at least 200 bodies are asked for, of all three shells
    bodies = table()
    assert len(bodies) >= 200 and {shell for shell, _, _ in bodies} == set(HEADS)
    assert len({(shell, body) for shell, body, _ in bodies}) == len(bodies)
