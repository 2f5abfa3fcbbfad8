"""``user``, ``environment``, ``workdir``, ``ports``, ``volumes``: what surrounds the running program."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from contrib.build import paths
from contrib.compare import platform
from contrib.compare.model import ParityRow
from contrib.compare.rows.pair import (
    F,
    Pair,
    Sides,
    because,
    by_text,
    different,
    doubled,
    extra,
    justified,
    missing,
    not_alike,
    only_here,
    same,
    unknown,
)
from contrib.facts.kinds import Base, Entrypoint, Environment, InstallLocation, Ports, User, Volumes, Workdir
from contrib.values.patterns import lazy

#: Directories of Linux that nobody makes on Windows.
_OF_PROGRAMS = lazy(r"/(usr|opt|var|etc|srv)(/|$)")
EMPTY: Mapping[str, str] = {}


def user(sides: Sides, of: Pair[User]) -> ParityRow | None:
    """Justified on servercore; different when nanoserver is left with the administrator."""
    linux, windows = of.linux, of.windows
    if windows is None:
        return None
    if not windows.explicit and sides.windows.open.base:
        return unknown(Pair(of.name, linux, None), sides.windows.open.base)
    if linux is None:
        return by_text(of)
    if windows.nanoserver:
        if windows.administrator and windows.explicit:
            why = "nanoserver is switched to the administrator and left there"
            return different(of, why, "USER ContainerUser after what needs it")
        if windows.administrator:
            return justified(of, "the base’s own user")
        if windows.user.lower() == "containeruser":
            return justified(of, "nanoserver’s own user, without rights")
    if windows.explicit and linux.user.lower() == windows.user.lower() and not windows.administrator:
        return same(of)
    if windows.administrator and windows.explicit and not windows.user.lower().endswith("administrator"):
        return justified(
            of, f"{windows.user} is an administrator here, as the user of accepted servercore images is"
        )
    if windows.administrator:
        base = sides.windows.first(Base)
        if base is not None and base.kind == "nanoserver":
            return justified(of, "Nano Server 2016 has no user without rights")
        return because(of, sides.own_reason(of.name) or platform.REASONS["user"])
    if windows.user.lower() == "containeruser":
        return justified(of, "ContainerUser, the user without rights that the bases have")
    return justified(of, "a user of the file’s own")


def environment(sides: Sides, of: Pair[Environment]) -> ParityRow | None:
    """Missing or different by name; paths are mapped."""
    linux, windows = of.linux, of.windows
    if windows is None:
        return _not_set(sides, of)
    if linux is None:
        # what the base sets is no news
        return None if windows.inherited else only_here(sides, of, "only Windows sets it", of.about.upper())
    if not (linux.known and windows.known):
        return unknown(of, "its value is given at build time")
    if linux.value == windows.value:
        return same(of)
    if linux.value.startswith("/") and paths.same(sides.windows_path(linux.value), windows.value, "windows"):
        return same(of, f"{linux.value} is {windows.value} on Windows")
    if sides.both_install(linux.value, windows.value):
        return same(of, "where the program is, on both sides")
    return not_alike(of)


def _not_set(sides: Sides, of: Pair[Environment]) -> ParityRow | None:
    linux, variable = of.linux, of.about
    if linux is None:
        return None
    if linux.entry and sides.windows.first(Entrypoint) is None:
        return justified(of, "only the Linux entrypoint script reads it; Windows has none")
    if variable.upper().endswith("_SETCAP"):
        return justified(of, "capabilities of files are Linux’s")
    for beginning, why in platform.LINUX_VARIABLES.items():
        whole = variable.upper() == beginning
        if whole or (beginning.endswith("_") and variable.upper().startswith(beginning)):
            return justified(of, why)
    left_open = sides.windows.open.handed(variable.upper()) or sides.windows.open.may_set(variable)
    if left_open:
        return unknown(of, left_open)
    if not linux.known:
        return missing(of, f"Linux sets {variable}, to what is given at build time")
    hint = f"ENV {variable}={_mapped(sides, linux.value)}"
    return missing(of, f"Linux sets {variable}={linux.value}", hint)


def _mapped(sides: Sides, value: str) -> str:
    """A value of Linux as a Windows Dockerfile would write it."""
    here, there = sides.windows.first(InstallLocation), sides.linux.first(InstallLocation)
    if here is not None and there is not None and paths.same(there.value, value, "linux"):
        return doubled(here.value)
    return doubled(sides.windows_path(value)) if re.match(r"^/[\w/.-]*$", value) else value


def ports(sides: Sides, of: Pair[Ports]) -> ParityRow | None:
    """Missing and extra by number and protocol."""
    settled = _handed(sides, of, "exposed")
    if settled is not None:
        return settled
    theirs = of.linux.ports if of.linux is not None else ()
    mine = of.windows.ports if of.windows is not None else ()
    return _listed(of, theirs, mine, "EXPOSE", left_open=sides.windows.open.handed("exposed"))


def _handed(sides: Sides, of: Pair[F], setting: str) -> ParityRow | None:
    """The row where one side has a value, and the base of the other may have one; None where that is not so."""
    if of.windows is None and sides.windows.open.handed(setting):
        return unknown(of, sides.windows.open.handed(setting))
    if of.linux is None and sides.linux.open.handed(setting):
        return unknown(of, sides.linux.open.handed(setting))
    return None


def volumes(sides: Sides, of: Pair[Volumes]) -> ParityRow | None:
    """Missing; the paths are mapped."""
    linux, windows = of.linux, of.windows
    settled = _handed(sides, of, "volumes")
    if settled is not None:
        return settled
    mine = windows.volumes if windows is not None else ()
    written = {paths.key(path, "windows"): path for path in mine}
    mapped = [sides.windows_path(path) for path in (linux.volumes if linux is not None else ())]
    theirs = [written.get(paths.key(path, "windows"), path) for path in mapped]
    verb = "is" if len(mine) == 1 else "are"
    why_same = f"{', '.join(linux.volumes)} {verb} {', '.join(mine)} on Windows" if linux and windows else ""
    why_missing = "data lands in the container’s layer" if windows is None else ""
    left_open = sides.windows.open.handed("volumes")
    shown = dict(zip(theirs, linux.volumes if linux is not None else (), strict=True))
    return _listed(of, theirs, mine, "VOLUME", why_same, why_missing, left_open, shown)


def _listed(
    of: Pair[F],
    theirs: Sequence[str],
    mine: Sequence[str],
    word: str,
    why_same: str = "",
    why_missing: str = "",
    left_open: str = "",
    shown: Mapping[str, str] = EMPTY,
) -> ParityRow:
    """By the items of a list.

    :param theirs: of Linux, as they would be on Windows. :param shown: what Linux calls them, where that differs.
    :param left_open: why Windows may have more of them than its file says.
    """
    lacking = [item for item in theirs if item not in mine]
    more = [item for item in mine if item not in theirs]
    if lacking and left_open:
        return unknown(of, left_open)
    named = ", ".join(shown.get(item, item) for item in lacking)
    if lacking and more:
        return different(of, f"only on Linux: {named}; only here: {', '.join(more)}")
    if lacking:
        hint = f"{word} {' '.join(doubled(item) for item in lacking)}"
        return missing(of, why_missing or f"Linux has {named}", hint)
    if more:
        return extra(of, f"only here: {', '.join(more)}")
    return same(of, why_same)


def workdir(sides: Sides, of: Pair[Workdir]) -> ParityRow | None:
    """The same mapping."""
    linux, windows = of.linux, of.windows
    settled = _handed(sides, of, "workdir")
    if settled is not None:
        return settled
    if linux is None:
        if windows is not None and windows.inherited:
            return None
        return extra(of, "Linux leaves the base’s working directory")
    wanted = sides.windows_path(linux.value)
    hint = f"WORKDIR {doubled(wanted)}"
    if windows is None:
        return missing(of, f"Linux starts in {linux.value}", hint)
    if paths.same(wanted, windows.value, "windows"):
        return same(of, f"{linux.value} is {windows.value} on Windows")
    if sides.both_install(linux.value, windows.value):
        return same(of, "where the program is, on both sides")
    location = sides.windows.first(InstallLocation)
    beside = location is not None and paths.same(location.value, windows.value, "windows")
    if beside and linux.value == "/data":
        return different(of, "data is written beside the program", hint)
    own = _OF_PROGRAMS.match(linux.value) is not None and wanted == paths.join("C:\\", linux.value, "windows")
    return different(of, f"{windows.value} here, {linux.value} on Linux", "" if own else hint)
