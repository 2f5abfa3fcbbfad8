"""``base``, ``base-pinned``, ``version``, ``version-declared``."""

from __future__ import annotations

import re

from contrib.compare import platform
from contrib.compare.model import ParityRow
from contrib.compare.rows.pair import (
    Pair,
    Sides,
    because,
    by_text,
    different,
    extra,
    missing,
    numbers,
    same,
    unknown,
)
from contrib.dockerfile.platform import SUCCESSORS
from contrib.facts.kinds import Base, BasePinned, Download, Version, VersionDeclared

_GIVEN = "a part of FROM is given at build time"


def base(sides: Sides, of: Pair[Base]) -> ParityRow | None:
    """Justified for an allowed base; different when it is retired, untagged or moving."""
    linux, windows = of.linux, of.windows
    if windows is None or linux is None:
        return by_text(of)
    if linux.value == windows.value:
        return same(of)
    repository = windows.repository.lower()
    successor = SUCCESSORS.get(repository)
    if successor is not None:
        why = f"{repository} was given up for {successor}"
        return different(of, why, f"FROM {successor}:ltsc2025", (platform.BASES_EVIDENCE,))
    if not windows.known:
        return unknown(of, _GIVEN)
    if not windows.pinned:
        why = "names no Windows release: the base moves"
        return different(of, why, evidence=(platform.BASES_EVIDENCE,))
    if windows.release is not None and windows.release not in platform.ALLOWED_RELEASES:
        why = f"official images build on ltsc2022 and ltsc2025; {windows.release} is not among them"
        return different(of, why, evidence=(platform.lifecycle(), platform.BASES_EVIDENCE))
    external = "." in repository.split("/")[0]
    if repository not in platform.ALLOWED_BASES and (external or "/" in repository):
        why = "not a base that official images may build on"
        return different(of, why, evidence=(platform.BASES_EVIDENCE,))
    return because(of, sides.own_reason(of.name) or platform.REASONS["base"])


def base_pinned(sides: Sides, of: Pair[BasePinned]) -> ParityRow | None:
    """Missing when only Linux names a release."""
    if of.windows is None:
        here = sides.windows.first(Base)
        if here is not None and not here.known:
            return unknown(of, _GIVEN)
        return missing(of, "the tag names no Windows release", "FROM …:ltsc2025")
    if of.linux is None:
        return extra(of, "Windows pins its base, Linux does not")
    return same(of)


def behind(windows: str, linux: str) -> str:
    """How far one version is from another, in words.

    >>> behind("7.2.3", "7.2.5")
    '2 patch releases behind Linux'
    """
    one, other = numbers(windows), numbers(linux)
    size = max(len(one), len(other))
    one, other = one + (0,) * (size - len(one)), other + (0,) * (size - len(other))
    for index, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        if mine != theirs:
            level = ("major", "minor", "patch", "build")[min(index, 3)]
            count = abs(mine - theirs)
            plural = "release" if count == 1 else "releases"
            if mine < theirs and count > 50:
                return "far behind Linux"
            if mine < theirs:
                return f"{count} {level} {plural} behind Linux"
            if level == "patch" and count > 20:
                return "a higher number than Linux has: the port counts its own"
            return f"{count} {level} {plural} ahead of Linux"
    return "the same numbers, another suffix"


def _bare(version: str) -> str:
    """A version without the product's name and the word that says it is released: ``swift-5.10.1-RELEASE``."""
    return re.sub(
        r"^[A-Za-z]+-(?=\d)|-(?:RELEASE|FINAL|GA)$", "", version.replace("~", "-"), flags=re.IGNORECASE
    )


def version(sides: Sides, of: Pair[Version]) -> ParityRow | None:
    """Different, with how far; a version that the own download does not carry is said."""
    linux, windows = of.linux, of.windows
    if windows is None:
        left_open = sides.windows.open.version or sides.windows.open.programs
        return unknown(of, left_open) if left_open else missing(of, "no version can be read from it")
    if not windows.agrees:
        why = f"{windows.variable} says {windows.value}, the file that is fetched is {windows.download}"
        return different(of, why)
    if linux is None:
        left_open = sides.linux.open.version or sides.linux.open.script
        return unknown(of, left_open) if left_open else by_text(of)
    if _bare(linux.value) == _bare(windows.value):
        return same(of)
    hint = "plain tags are shared with Linux only when the full versions are equal"
    return different(of, behind(windows.value, linux.value), hint)


def version_declared(sides: Sides, of: Pair[VersionDeclared]) -> ParityRow | None:
    """Missing when the version stands in the RUN."""
    linux, windows = of.linux, of.windows
    if windows is None:
        return _not_declared(sides, of)
    if linux is None:
        return extra(of, "Linux declares no version")
    if not windows.used and sides.windows.of(Download, "") is not None:
        return different(of, f"{windows.value} is declared, the download does not use or repeat it")
    if linux.value.upper() != windows.value.upper():
        return different(of, f"{windows.value} here, {linux.value} on Linux: scripts look for one name")
    return same(of)


def _by_add(sides: Sides) -> bool:
    """Whether ADD fetches what the image is about."""
    fetched = sides.windows.of(Download, "")
    return fetched is not None and fetched.tool == "ADD"


def _not_declared(sides: Sides, of: Pair[VersionDeclared]) -> ParityRow:
    found = sides.windows.first(Version)
    variable = of.linux.value if of.linux is not None else "…_VERSION"
    left_open = sides.windows.open.handed(variable.upper())
    if left_open:
        return unknown(of, left_open)
    if variable.upper() in sides.windows.open.given:
        return unknown(of, f"{variable} is set, to what is given at build time")
    if found is None:
        return missing(of, "no ENV says which version this is")
    if found.origin in ("ENV", "ARG"):
        why = f"{found.variable} is set for the build alone: a container does not have it"
        return missing(of, why, f"ENV {found.variable}={found.value} in the last stage")
    where = {"copy": "COPY --from", "file": "the file’s name"}.get(found.origin, "the RUN")
    if found.origin == "download" and _by_add(sides):
        where = "the ADD"
    why = f"the version stands in {where} alone; users and scripts read it from the environment"
    return missing(of, why, f"ENV {variable}={found.value}")
