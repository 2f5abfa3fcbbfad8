"""The bases that Windows variants are built on, beside those that official-images pins."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from contrib.generate.bump.routes import Line, Route
from contrib.values.windows import RELEASES, release_of

_FROM = re.compile(
    rb"^FROM[ \t]+(?:--platform=\S+[ \t]+)?(mcr\.microsoft\.com/windows/[a-z]+:[A-Za-z0-9._-]+)", re.MULTILINE
)

#: Days before the end of support from which a base is reported.
SOON = 365


def bases(
    route: Route, lines: Iterable[Line], pinned: Iterable[str], today: date
) -> dict[str, tuple[str, ...]]:
    """``gone``: used and no longer pinned; ``new``: pinned, newer than what is used; ``ending``: ending soon.

    :param pinned: references that official-images allows.
    """
    used: set[str] = set()
    for line in lines:
        tree = route.tree(line)
        for path in tree.paths(route.under(line)):
            if path.endswith("/Dockerfile") and "windows" in path.split("/"):
                used |= {found.decode() for found in _FROM.findall(tree.read(path) or b"")}
    if not used:
        return {}
    allowed = {one for one in pinned if "/windows/" in one}
    order = [release.name for release in RELEASES]

    def rank(reference: str) -> int:
        tag = reference.rpartition(":")[2]
        return order.index(tag) if tag in order else -1

    newest: dict[str, int] = {}
    for one in used:
        kind = one.rpartition(":")[0]
        newest[kind] = max(newest.get(kind, -1), rank(one))
    new = {one for one in allowed if (kind := one.rpartition(":")[0]) in newest and rank(one) > newest[kind]}
    ending = {
        one for one in used if (release := release_of(one)) is not None and release.ends_within(today, SOON)
    }
    return {
        "gone": tuple(sorted(used - allowed)),
        "new": tuple(sorted(new)),
        "ending": tuple(sorted(ending)),
    }
