"""PowerShell to the tree of :mod:`contrib.shells.model`.

A reader of our own for the language of about_Parsing, about_Operators and about_Language_Keywords
(https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/). tree-sitter-powershell 0.26
was the first choice; it has error nodes for ``Remove-Item $env:TEMP\\x``, ``--version=1.2``, ``a,b`` as an argument
and ``"\\""``, and then loses where the command ends. The suite holds this reader to it wherever it has none.

Nothing is refused: what is not understood is an :class:`Unparsed` and reading goes on after it. Time is linear,
nesting is bounded.
"""

from __future__ import annotations

from typing import Literal

from contrib.shells.model import Script, Unparsed
from contrib.shells.powershell.statements import Statements
from contrib.shells.source import Source

#: Brackets of each kind in a body that is read; a real one has a few dozen.
MAX_SIGNS = 400


def read(
    source: Source,
    *,
    percent: Literal["foreign", "env"] = "foreign",
    core: bool = False,
    depth: int = 0,
) -> Script:
    """Read a script.

    :param percent: what ``%X%`` is: text of another shell, or a variable that cmd has expanded before.
    :param core: PowerShell 6 or later (``pwsh``): ``curl``, ``wget`` and ``sc`` are no aliases there.
    :param depth: how many shells are around this one.
    """
    if any(source.text.count(char) > MAX_SIGNS for char in "([{"):
        whole = Unparsed(source.text, source.span(0, len(source.text)))
        return Script("powershell", (whole,), (whole,), text=source.text)
    reader = Statements(source, percent, core, depth)
    nodes = reader.statements("")
    return Script("powershell", nodes, tuple(reader.unparsed), text=source.text)
