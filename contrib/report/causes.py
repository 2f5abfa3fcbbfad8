"""Why a build failed, for a terminal and as JSON."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contrib.trial.causes import Cause


def render(cause: Cause | None, width: int = 80) -> str:
    """The cause, the lines that show it, what to do."""
    if cause is None:
        return "No cause that is known: the log shows none of the failures that are recognised.\n"
    lines = [*textwrap.wrap(f"{cause.kind}: {cause.title}", width), ""]
    lines += [
        f"  {line.number:>6}  {line.text}" for line in sorted(cause.lines, key=lambda line: line.number)
    ]
    lines += ["", *textwrap.wrap(f"What to do: {cause.advice}.".replace("..", "."), width)]
    if cause.host:
        lines += textwrap.wrap("This is the host's failure: it says nothing about the variant.", width)
    if cause.evidence:
        lines.append(f"Seen before: {cause.evidence}")
    return "\n".join(lines) + "\n"


def as_json(cause: Cause | None, log: str) -> str:
    """``{"log", "cause": {"kind", "title", "lines": [{"line", "text"}], "advice", "host", "evidence"} or null}``."""
    found = None
    if cause is not None:
        found = {
            "kind": cause.kind,
            "title": cause.title,
            "lines": [{"line": line.number, "text": line.text} for line in cause.lines],
            "advice": cause.advice,
            "host": cause.host,
            "evidence": cause.evidence or None,
        }
    return json.dumps({"log": log, "cause": found}, indent=2, ensure_ascii=False) + "\n"
