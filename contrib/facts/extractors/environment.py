"""``environment``: the other variables that a running container sees, one fact a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import products
from contrib.build.account import Build
from contrib.facts.kinds import Environment, Fact
from contrib.facts.subject import Subject

_DIGEST = re.compile(r"[0-9a-fA-F]{32,128}")
#: Names that tell what was built, not how the container runs.
_BUILD = re.compile(
    r"(VERSION|_URL|_SHA\d*|_SHA\d+SUM|_CHECKSUM|_DIGEST|_MD5|_TAG|_COMMIT|_KEY|_KEYS|_MAJOR|_SRC|_SOURCE|_HASH|_PACKAGE|_REPO|_RELEASE|_PATCHES|_DEPS)$"
)


def _read_by_scripts(build: Build, name: str) -> bool:
    """Whether a script that the image copies (its entrypoint) reads the variable."""
    return any(name.encode("utf-8", "surrogatepass") in data for data in build.copied.values())


def _read_by_build(build: Build, name: str) -> bool:
    """Whether the file itself reads the variable after it is set: in a RUN, for PATH, for another variable."""
    read = re.compile(rf"\$\{{?{re.escape(name)}\b")
    stages = (build.dockerfile.stages[index] for index in build.own)
    return any(
        read.search(instruction.body) is not None for stage in stages for instruction in stage.instructions
    )


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """ENV of the image, versions, addresses and digests apart; and variables set for the machine."""
    if build.final is None:
        return
    versions = {variable.name.upper() for variable in subject.variables}
    for variable in build.final.variables():
        name = variable.name
        value = variable.value
        if variable.kind != "env" or value is None or name.upper() == "PATH":
            continue
        if variable.inherited and name.upper() in ("TEMP", "TMP"):
            continue
        if (
            name.upper() in versions
            or _DIGEST.fullmatch(value)
            or _BUILD.search(name.upper())
            or products.scheme(value) in ("http", "https")
        ):
            continue
        span = variable.instruction.span
        yield Environment(
            f"environment:{name}", value, span.line, span.end_line, variable=name,
            entry=_read_by_scripts(build, name) and not _read_by_build(build, name), inherited=variable.inherited,
            known=variable.known,
        )  # fmt: skip
    for action in build.of(act.Variable, own=True):
        if action.scope == "machine" and re.fullmatch(r"\w[\w.()-]*", action.name):
            yield Environment(
                f"environment:{action.name}",
                action.value.text if action.value.known else "not known from this file", action.line, action.end_line,
                variable=action.name, known=action.value.known,
            )  # fmt: skip
