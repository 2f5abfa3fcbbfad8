"""``cleaned-up``: what the build fetched or installed for itself, removed in the layer that made it."""

from __future__ import annotations

import fnmatch
from bisect import bisect_right
from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths, products
from contrib.build.account import Build
from contrib.build.files import Files
from contrib.facts.model import Fact
from contrib.facts.subject import Subject


class _Removals:
    """What is removed, by path; patterns apart."""

    def __init__(self, build: Build) -> None:
        self._platform = build.platform
        self._exact: dict[str, list[act.Remove]] = {}
        self._patterns: list[tuple[str, act.Remove]] = []
        for removal in build.of(act.Remove):
            for path in removal.paths:
                key = paths.key(path, build.platform)
                if any(char in key for char in "*?"):
                    self._patterns.append((key, removal))
                else:
                    self._exact.setdefault(key, []).append(removal)

    def after(self, file: str, use: act.Action) -> act.Remove | None:
        """The first removal of the file, or of a directory that it is in, that comes after ``use``."""
        key = paths.key(file, self._platform)
        found: list[act.Remove] = []
        here, depth = key, 0
        while here and depth < 40:
            later = self._exact.get(here, [])
            found += later[bisect_right(later, use.order, key=lambda removal: removal.order) :][:1]
            above = paths.parent(here)
            if above == here:
                break
            here, depth = paths.key(above, self._platform) if above else "", depth + 1
        for pattern, removal in self._patterns[:500]:
            if removal.order > use.order and len(pattern) < 300 and fnmatch.fnmatchcase(key, pattern):
                found.append(removal)
        return min(found, key=lambda removal: removal.order, default=None)


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """One fact: what is removed, and what is left behind."""
    removed: list[str] = []
    left: list[tuple[str, act.Action]] = []
    ends: list[act.Action] = []
    removals, files = _Removals(build), Files(build)
    for download in build.of(act.Download, own=True):
        use = _consumed(files, download)
        if use is None:
            continue
        removal = removals.after(download.file, use)
        name = paths.name(download.file) or products.product(download.url.text)
        if removal is not None and removal.instruction is download.instruction:
            removed.append(name)
            ends.append(removal)
        elif removal is not None:
            left.append((f"{name} (removed in a later layer)", download))
        else:
            left.append((name, download))
    taken_off = [a for a in build.of(act.Packages, own=True) if a.verb == "remove"]
    left.extend(_packages_left(build, taken_off))
    if taken_off:
        removed.append("build packages")
        ends += taken_off
    if not removed and not left:
        return
    shown = list(dict.fromkeys(name for name, _ in left))
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    place = [action for _, action in left] or ends
    yield Fact(
        "cleaned-up",
        "leaves " + ", ".join(shown[:3]) + more if left else "yes",
        place[0].line,
        place[0].end_line,
        {"ok": not left, "removed": list(dict.fromkeys(removed)), "left": shown},
    )


def _consumed(files: Files, download: act.Download) -> act.Action | None:
    """The unpacking or installing that makes the file needless."""
    later = files.touching([download.file], download.order, files.next_download(download))
    return next((action for action in later if isinstance(action, act.Unpack)), None)


def _packages_left(build: Build, taken_off: list[act.Packages]) -> Iterator[tuple[str, act.Packages]]:
    """apk's virtual packages that nothing removes in the same RUN."""
    gone = {(id(action.instruction), name) for action in taken_off for name in action.names}
    for action in build.of(act.Packages, own=True):
        if action.verb != "add" or not action.virtual:
            continue
        if "rundeps" in action.virtual or "run-deps" in action.virtual or "runtime" in action.virtual:
            continue
        if (id(action.instruction), action.virtual) not in gone:
            yield action.virtual, action
