"""``cleaned-up``: what the build fetched or installed for itself, removed in the layer that made it."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from contrib.facts import actions as act
from contrib.facts import paths, products
from contrib.facts.model import Fact
from contrib.facts.reading import Reading
from contrib.facts.subject import Subject


def extract(reading: Reading, subject: Subject) -> Iterator[Fact]:
    """One fact: what is removed, and what is left behind."""
    removed: list[str] = []
    left: list[tuple[str, act.Action]] = []
    line: int | None = None
    end_line: int | None = None
    removals = list(reading.of(act.Remove))
    for download in reading.of(act.Download, own=True):
        if download.file in ("", "-"):
            continue
        use = _consumed(reading, download)
        if use is None:
            continue
        removal = _removal(reading, download.file, use, removals)
        name = paths.name(download.file) or products.product(download.url.text)
        if removal is not None and removal.instruction is download.instruction:
            removed.append(name)
            line = removal.line if line is None else line
            end_line = removal.end_line
        elif removal is not None:
            left.append((f"{name} (removed in a later layer)", download))
        else:
            left.append((name, download))
    for name, action in _packages_left(reading):
        left.append((name, action))
    for name, action in _packages_removed(reading):
        removed.append(name)
        line = action.line if line is None else line
        end_line = action.end_line
    if not removed and not left:
        return
    text = "yes" if not left else "leaves " + ", ".join(dict.fromkeys(name for name, _ in left))
    if left:
        line, end_line = left[0][1].line, left[0][1].end_line
    yield Fact(
        "cleaned-up", text, line, end_line,
        {"ok": not left, "removed": list(dict.fromkeys(removed)), "left": [name for name, _ in left]},
    )  # fmt: skip


def _consumed(reading: Reading, download: act.Download) -> act.Action | None:
    """The unpacking or installing that makes the file needless."""
    for action in reading.of(act.Unpack):
        if action.order > download.order and paths.same(action.file, download.file, reading.platform):
            return action
    return None


def _removal(reading: Reading, file: str, use: act.Action, removals: list[act.Remove]) -> act.Remove | None:
    key = paths.key(file, reading.platform)
    for removal in removals:
        if removal.order < use.order:
            continue
        for path in removal.paths:
            pattern = paths.key(path, reading.platform)
            if key == pattern or paths.under(key, pattern, reading.platform):
                return removal
            if (
                any(char in pattern for char in "*?")
                and len(pattern) < 300
                and fnmatch.fnmatchcase(key, pattern)
            ):
                return removal
    return None


def _packages_removed(reading: Reading) -> Iterator[tuple[str, act.Packages]]:
    for action in reading.of(act.Packages, own=True):
        if action.verb == "remove":
            yield "build packages", action


def _packages_left(reading: Reading) -> Iterator[tuple[str, act.Packages]]:
    """apk's virtual packages that nothing removes in the same RUN."""
    for action in reading.of(act.Packages, own=True):
        if action.verb != "add" or not action.virtual:
            continue
        if "rundeps" in action.virtual or "run-deps" in action.virtual or "runtime" in action.virtual:
            continue
        gone = any(
            other.verb == "remove"
            and action.virtual in other.names
            and other.instruction is action.instruction
            for other in reading.of(act.Packages, own=True)
        )
        if not gone:
            yield action.virtual, action
