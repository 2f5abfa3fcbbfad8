"""``base`` and ``base-pinned``: what the image stands on, and whether that can move."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build.account import Build
from contrib.dockerfile.platform import release_in
from contrib.facts.handed import from_of
from contrib.facts.kinds import Base, BasePinned, Fact
from contrib.facts.subject import Subject

_MOVING = frozenset(
    ("latest", "edge", "stable", "rolling", "testing", "unstable", "mainline", "devel", "insider")
)


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """The last stage's FROM, through stages down to an image."""
    base, stage = build.base, build.dockerfile.last_stage
    if base is None or stage is None:
        return
    root = base.root
    origin = from_of(build) or stage.from_
    span = origin.span
    tag = root.tag
    if root.repository == "scratch":
        pinned, how = True, "nothing below it"
    elif root.digest:
        pinned, how = True, "digest"
    elif tag is None:
        pinned, how = False, "no tag"
    elif tag.lower() in _MOVING:
        pinned, how = False, tag
    elif build.platform == "windows":
        named = root.release or release_in(tag)  # of a mirror, the tag is all that is known
        pinned, how = (named is not None, named or tag)
    elif not re.search(r"\d", tag) and tag.lower() in ("alpine", "slim", "musl"):
        pinned, how = False, tag
    else:
        pinned, how = True, tag
    release = root.release if build.platform == "windows" else None
    yield Base(
        "base", root.text, span.line, span.end_line,
        repository=root.repository, kind=base.kind, release=release, pinned=pinned,
        known=base.known,
    )  # fmt: skip
    if pinned:
        yield BasePinned("base-pinned", how, span.line, span.end_line)
