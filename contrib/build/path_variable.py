"""PATH: what is put on it, apart from what is there by default."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.paths import Platform
from contrib.build.values import LINUX_VARIABLES, WINDOWS_VARIABLES
from contrib.dockerfile.model import Span
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Walk


def path_edit(walk: Walk, text: str, scope: str, at: Span | shell.Command, conditional: bool = False) -> None:
    """Add what ``text``, a whole new PATH, puts on it.

    :param at: the command that does it, or the instruction's place.
    :param scope: as :attr:`contrib.build.actions.PathEdit.scope`.
    """
    separator = ";" if walk.style == "windows" else ":"
    known = _default_path(walk.style)
    directories: list[str] = []
    literal = ""
    for piece in text.split(separator):
        piece = piece.strip().strip('"')
        if walk.style == "windows" and "$(" in piece:
            literal = piece  # PowerShell's, that no PowerShell reads
            continue
        if re.search(r"[%$]", piece):
            found = re.search(r"%\w+%|\$\{?(?:env:)?\w+\}?", piece)
            whole = found is not None and (found.group(0) == piece or piece.startswith("$("))
            if whole:
                literal = piece
                continue
        if piece and paths.key(piece, walk.style) not in known:
            directories.append(paths.clean(piece, walk.style))
    walk.add(
        act.PathEdit,
        at.span if isinstance(at, shell.Command) else at,
        node=at if isinstance(at, shell.Command) else None,
        directories=tuple(directories),
        scope=scope,
        literal=literal,
        conditional=conditional,
    )


@lru_cache(maxsize=2)
def _default_path(platform: Platform) -> frozenset[str]:
    """Directories that are on PATH before anything is done, as keys."""
    table, separator = (WINDOWS_VARIABLES, ";") if platform == "windows" else (LINUX_VARIABLES, ":")
    return frozenset(paths.key(path, platform) for path in table["PATH"].split(separator))
