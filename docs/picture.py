"""Draws the README's picture: ``python docs/picture.py`` writes ``docs/images/diff.svg``.

It is the first screen of ``contrib diff`` on the demo's stage, as a terminal shows it.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from pathlib import Path

TARGET = Path(__file__).parent / "images" / "diff.svg"
COMMAND = "contrib diff Dockerfile redis@HEAD:7.2/alpine/Dockerfile"
WIDTH = 96

#: rich's own, without the fonts that it fetches from a server.
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def draw() -> str:
    """The picture as SVG."""
    from rich.console import Console
    from rich.terminal_theme import DIMMED_MONOKAI
    from rich.text import Text

    from contrib.cli.main import run
    from contrib.sandbox.demo import stage

    out = io.StringIO()
    with stage(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        os.environ |= {"COLUMNS": str(WIDTH), "FORCE_COLOR": "1"}
        os.environ.pop("NO_COLOR", None)
        code = run([*COMMAND.split()[1:], "--fail-on", "never"])
        assert code == 0, out.getvalue()
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="standard"
    )
    console.print(Text(f"$ {COMMAND}", style="bold"))
    console.print(Text.from_ansi(out.getvalue().rstrip("\n")))
    svg = console.export_svg(title="contrib diff", theme=DIMMED_MONOKAI, unique_id="contrib")
    return _FONT.sub("", svg).replace("Fira Code, monospace", "ui-monospace, Consolas, monospace") + "\n"


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(draw(), encoding="utf-8", newline="\n")
