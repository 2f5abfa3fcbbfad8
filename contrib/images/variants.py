"""A Windows release put into an ``image.toml``, or taken out: its ``[[variant]]`` tables as text, the rest untouched."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

_TABLE = re.compile(r"^\[", re.MULTILINE)
_RELEASE = re.compile(r"^release[ \t]*=[ \t]*[\"'](?P<release>[^\"']+)[\"']", re.MULTILINE)
_KIND = re.compile(r"^kind[ \t]*=[ \t]*[\"'](?P<kind>[^\"']+)[\"']", re.MULTILINE)
_HEAD = "[[variant]]"


def _blocks(text: str) -> list[tuple[int, int]]:
    """First and last character of each ``[[variant]]`` table, comments and space after it left out."""
    found = []
    starts = [match.start() for match in _TABLE.finditer(text)] + [len(text)]
    for start, end in itertools.pairwise(starts):
        if not text.startswith(_HEAD, start):
            continue
        lines = text[start:end].split("\n")
        while len(lines) > 1 and (not lines[-1].strip() or lines[-1].startswith("#")):
            lines.pop()
        found.append((start, start + len("\n".join(lines))))
    return found


def _said(pattern: re.Pattern[str], block: str) -> str:
    match = pattern.search(block)
    return match[1] if match is not None else ""


def with_release(text: str, release: str, kinds: Sequence[str], older: Callable[[str, str], bool]) -> str:
    """The file with one variant more for each kind, before the newest older one; unchanged where it is there.

    :param older: whether a release is older than another.
    """
    blocks = [(start, end, text[start:end]) for start, end in _blocks(text)]
    there = {(_said(_KIND, block), _said(_RELEASE, block)) for _, _, block in blocks}
    inserts: list[tuple[int, str]] = []
    done: set[str] = set()
    for number, (start, end, block) in enumerate(blocks):
        kind, has = _said(_KIND, block), _said(_RELEASE, block)
        if kind not in kinds or kind in done or (kind, release) in there or not has:
            continue
        mine = re.sub(rf"(?<![0-9A-Za-z]){re.escape(has)}(?![0-9A-Za-z])", release, block)
        if older(has, release):
            inserts.append((start, f"{mine}\n\n"))
        elif kind not in [_said(_KIND, later) for _, _, later in blocks[number + 1 :]]:
            inserts.append((end, f"\n\n{mine}"))
        else:
            continue
        done.add(kind)
    for at, more in sorted(inserts, reverse=True):
        text = text[:at] + more + text[at:]
    return text


def without_release(text: str, release: str, kinds: Sequence[str]) -> str:
    """The file without the variants of a release."""
    for start, end in reversed(_blocks(text)):
        block = text[start:end]
        if _said(_RELEASE, block) == release and _said(_KIND, block) in kinds:
            rest = text[end:]
            text = text[:start] + rest.removeprefix("\n").removeprefix("\n")
    return text
