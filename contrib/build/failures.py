"""Failures that cmd goes on after: ``&`` between commands, ``||`` with something that succeeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from contrib.build.actions import Value
from contrib.build.comparing import ends_build
from contrib.shells import model as shell

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


def ignored(
    nodes: tuple[shell.Node, ...], value: Callable[[shell.Word], Value]
) -> tuple[shell.Node, Literal["&", "||"]] | None:
    """The first command of a cmd body whose failure nothing looks at, and what hides it; None without one."""
    return _swallowed(nodes, value) or _unheard(nodes)


def _swallowed(
    nodes: tuple[shell.Node, ...], value: Callable[[shell.Word], Value]
) -> tuple[shell.Node, Literal["&", "||"]] | None:
    for count, (node, above) in enumerate(shell.walk(nodes)):
        if count > 20_000:
            return None
        if any(isinstance(n, shell.Command) and n.script is not None for n in above):
            continue  # another shell's
        if not isinstance(node, shell.AndOr):
            continue
        chain = [("", node.first), *node.rest]
        for position, (operator, member) in enumerate(chain):
            if operator != "||" or ends_build((member,), False, value):
                continue
            tried = chain[position - 1][1]
            if _matters(tried) and not _second_try(member):
                return tried, "||"
    return None


def _second_try(member: shell.Node) -> bool:
    """Another attempt at the same (a mirror), whose own failure counts."""
    names = {command.full_name.lower() for command in shell.commands((member,))}
    return bool(names - _HARMLESS) and "exit" not in names


def _unheard(nodes: tuple[shell.Node, ...]) -> tuple[shell.Node, Literal["&", "||"]] | None:
    for position, node in enumerate(nodes[:-1]):
        if not _looked_at(nodes[position + 1]) and _matters(node):
            return node, "&"
    for node in nodes:
        if isinstance(node, shell.Group):
            found = _unheard(node.body)
            if found is not None:
                return found
    return None


def looked_at(nodes: tuple[shell.Node, ...], index: int) -> bool:
    """``a & if errorlevel 1 exit /b 1``: the failure of that node ends the build all the same."""
    following = nodes[index + 1] if index + 1 < len(nodes) else None
    return (
        isinstance(following, shell.If)
        and _looked_at(following)
        and ends_build((following,), False, lambda word: Value(word.literal or "", word.literal is not None))
    )


def _looked_at(following: shell.Node) -> bool:
    """``if errorlevel 1 exit /b 1`` comes next."""
    return isinstance(following, shell.If) and any(
        condition is not None and "errorlevel" in condition.text.lower() for condition, _ in following.arms
    )


def _matters(node: shell.Node) -> bool:
    if isinstance(node, (shell.Assignment, shell.Flow)):
        return False
    return any(
        command.full_name.lower() not in _HARMLESS
        for command in shell.commands((node,))
        if command.name or command.words
    )
