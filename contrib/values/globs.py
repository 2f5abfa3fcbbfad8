"""Patterns of paths, as ``per-file-ignores`` writes them."""

from __future__ import annotations

import re
from functools import lru_cache


def matches(path: str, pattern: str) -> bool:
    """Whether a path (``/`` between its parts) matches.

    ``*`` and ``?`` stay within one part, ``**`` takes any number of parts. A pattern without a slash matches at
    any depth, one with a slash from the root on; a directory stands for all that is below it.

    >>> matches("7.2/windows/x/Dockerfile", "7.2/**"), matches("7.2/a/Dockerfile", "Dockerfile")
    (True, True)
    >>> matches("7.2/windows/x/Dockerfile", "*/x/Dockerfile"), matches("a/b/c", "a")
    (False, True)
    """
    return _compiled(pattern).fullmatch(path.removeprefix("./").lstrip("/")) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    anchored = "/" in pattern.rstrip("/")
    parts = [part for part in pattern.removeprefix("./").split("/") if part]
    out = "" if anchored else "(?:[^/]+/)*"
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            out += ".*" if last else "(?:[^/]+/)*"
        else:
            out += _part(part) + ("" if last else "/")
    return re.compile(out + "(?:/.*)?", re.DOTALL)


def _part(part: str) -> str:
    # Stars side by side mean one: two would make the matching slow.
    return "".join(
        "[^/]*" if char == "*" else "[^/]" if char == "?" else re.escape(char)
        for char in re.sub(r"\*+", "*", part)
    )
