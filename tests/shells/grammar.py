"""tree-sitter-powershell beside our reader: the names of the commands that each finds."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from contrib.shells import cmdlets
from contrib.shells.model import Script, commands
from contrib.shells.programs import program

try:
    import tree_sitter
    import tree_sitter_powershell

    PRESENT = True
except ImportError:  # pragma: no cover
    PRESENT = False

MISSING = "tree-sitter-powershell is not installed"


@lru_cache(maxsize=1)
def _parser() -> Any:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def theirs(text: str) -> list[str] | None:
    """Names of the commands, sorted; None where the grammar has an error."""
    tree = _parser().parse(text.encode("utf-8", "replace"))
    if tree.root_node.has_error:
        return None
    names: list[str] = []
    stack = [tree.root_node]
    while stack:
        node = stack.pop()
        if node.type == "command":
            name = node.child_by_field_name("command_name")
            if name is None:
                name = next((child for child in node.children if child.type == "command_name"), None)
            written = name.text.decode() if name is not None else ""
            # `\\$env:X=1` is no name: PowerShell puts the variable's value into it when it runs
            if "$" not in written and not written.startswith(("(", "{")):
                names.append(canonical(written))
        stack.extend(node.children)
    return sorted(names)


def ours(script: Script) -> list[str]:
    """The same of our tree."""
    return sorted(canonical(c.name) for c in commands(script.nodes) if c.method is None and c.name)


def canonical(name: str) -> str:
    bare = name.strip("'\"")
    return cmdlets.ALIASES.get(bare.lower(), program(bare)).lower()
