"""Comments in a porter's own Dockerfile that accept a finding: ``# contrib: ignore=RULE[,RULE] reason``.

Such a comment is a whole line directly above the instruction that it is about (other comment lines may stand
between), after the first FROM. Anywhere else it accepts nothing, and the review says so. What is generated for
upstream never holds one.
"""

from __future__ import annotations

import re

from contrib.dockerfile.model import Dockerfile, Instruction
from contrib.rules.engine import Suppression
from contrib.values.patterns import lazy

_OURS = lazy(r"\s*#\s*contrib\s*:(.*)", re.IGNORECASE | re.DOTALL)
_IGNORE = lazy(r"\s*ignore\s*=\s*([A-Za-z0-9_-]+(?:\s*,\s*[A-Za-z0-9_-]+)*)(.*)", re.IGNORECASE | re.DOTALL)


def suppressions(dockerfile: Dockerfile) -> tuple[Suppression, ...]:
    """The file's comments of this kind, in order; one that cannot accept anything covers no line."""
    found = []
    comments = {comment.span.line: comment.text for comment in dockerfile.comments}
    begins = {instruction.line: instruction for instruction in dockerfile.instructions}
    first = next((each.line for each in dockerfile.instructions if each.keyword == "FROM"), None)
    for line, text in comments.items():
        ours = _OURS.fullmatch(text.rstrip())
        if ours is None:
            continue
        named = _IGNORE.match(ours.group(1))
        rules: tuple[str, ...] = ()
        reason = ours.group(1).strip()
        if named is not None:
            rules = tuple(dict.fromkeys(rule.strip().lower() for rule in named.group(1).split(",")))
            reason = named.group(2).strip().lstrip("-:–— ").strip()
        below = _below(line, comments, begins)
        if below is None or first is None or line < first or not rules:
            found.append(Suppression(line, 0, -1, rules, reason))
        else:
            found.append(Suppression(line, below.line, below.end_line, rules, reason))
    found += [
        Suppression(comment.span.line, 0, -1, _named(comment.text), "inside an instruction")
        for instruction in dockerfile.instructions
        for comment in instruction.comments
        if _OURS.fullmatch(comment.text.rstrip())
    ]
    return tuple(sorted(found, key=lambda each: each.line))


def _below(line: int, comments: dict[int, str], begins: dict[int, Instruction]) -> Instruction | None:
    line += 1
    while line in comments:
        line += 1
    return begins.get(line)


def _named(text: str) -> tuple[str, ...]:
    ours = _OURS.fullmatch(text.rstrip())
    named = _IGNORE.match(ours.group(1)) if ours is not None else None
    return tuple(rule.strip().lower() for rule in named.group(1).split(",")) if named is not None else ()
