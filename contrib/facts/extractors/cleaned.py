"""``cleaned-up``: what the build fetched or installed for itself, removed in the layer that made it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths, products
from contrib.build.account import Build
from contrib.build.downloads import fetched
from contrib.facts.kinds import CleanedUp, Fact
from contrib.facts.subject import Subject


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """One fact: what is removed, and what is left behind."""
    removed: list[str] = []
    left: list[tuple[str, act.Action]] = []
    ends: list[act.Action] = []
    for each in fetched(build, build.own):
        consumed = isinstance(each.use, act.Unpack)
        left_over = build.platform == "windows" and each.kept
        if not (consumed or left_over) or each.removed is None:
            continue
        name = paths.name(each.download.file) or products.product(each.url)
        if each.removed and each.removal is not None:
            removed.append(name)
            ends.append(each.removal)
        elif not each.removed:
            later = " (removed in a later layer)" if each.removal is not None else ""
            left.append((name + later, each.download))
    if build.platform == "windows":
        left.extend(_added(build))
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
    yield CleanedUp(
        "cleaned-up",
        "leaves " + ", ".join(shown[:3]) + more if left else "yes",
        place[0].line,
        place[0].end_line,
        ok=not left,
        left=tuple(shown),
    )


def _added(build: Build) -> Iterator[tuple[str, act.Action]]:
    """Installers and archives that COPY or ADD brings in: their layer keeps them."""
    for copy in build.of(act.CopyIn, own=True):
        if copy.origin is not None:
            continue
        for action in build.of(act.Unpack, own=True):
            if action.order > copy.order and paths.brings(copy.target, copy.sources, action.file):
                yield f"{paths.name(action.file)} (in the layer of {copy.instruction.keyword})", copy


def stays(virtual: str) -> bool:
    """Whether a virtual package is one of run-time dependencies, by its name."""
    return re.search(r"run-?(time-?)?deps|so-deps|runtime", virtual) is not None


def _packages_left(build: Build, taken_off: list[act.Packages]) -> Iterator[tuple[str, act.Packages]]:
    """apk's virtual packages that nothing removes in the same RUN."""
    gone = {(id(action.instruction), name) for action in taken_off for name in action.names}
    for action in build.of(act.Packages, own=True):
        if action.verb != "add" or not action.virtual:
            continue
        if stays(action.virtual):
            continue
        if (id(action.instruction), action.virtual) not in gone:
            yield action.virtual, action
