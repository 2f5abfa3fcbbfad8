"""``configuration`` by setting and value, whatever the means; ``default-survives-arguments``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contrib.build import paths
from contrib.compare import platform
from contrib.compare.model import ParityRow
from contrib.compare.rows.pair import (
    Pair,
    Sides,
    because,
    decided_elsewhere,
    different,
    extra,
    justified,
    missing,
    not_alike,
    same,
    unknown,
)
from contrib.dockerfile.platform import Reference
from contrib.facts.kinds import Configuration, CopiedFile, Survives
from contrib.facts.subject import related
from contrib.values.patterns import lazy

if TYPE_CHECKING:
    from contrib.images.model import Setting

#: Addresses to listen on that mean all interfaces.
_ALL_INTERFACES = frozenset(("0.0.0.0", "::", "*", "::*", "*:"))  # noqa: S104
#: A value that names what only the kernel of Linux has, such as ``/proc/self/fd/1``.
_DEVICE = re.compile(r"""["']?/(?:proc|dev)/""")


#: A Unix socket, where packages of Linux put it.
_SOCKET = lazy(r"""["']?/(?:var/)?(?:run|tmp)/\S+\.sock\b""")
#: Accounts that servers of Linux change to.
_ACCOUNTS = frozenset(("www-data", "nobody", "nogroup", "daemon", "apache", "nginx", "httpd", "mysql", "www"))


def _is_account(sides: Sides, name: str) -> bool:
    """Whether a name is that of an account of the Linux image: a usual one, or one that its build makes."""
    made = sides.linux.get("users-and-groups")
    return name in _ACCOUNTS or (made is not None and name in made.value.split())


def configuration(sides: Sides, of: Pair[Configuration]) -> ParityRow | None:
    """Missing or different by setting."""
    linux, windows = of.linux, of.windows
    elsewhere = decided_elsewhere(sides, of)
    if elsewhere is not None:
        own = _own_image(sides)
        return elsewhere if own else unknown(of, f"what is in {sides.copied_from} is not known")
    known = None
    if sides.image is not None:
        known = next((each for each in sides.image.settings if each.name == of.about), None)
    if windows is None:
        if linux is None or (linux.copied and known is None):
            return None
        if sides.windows.open.configuration:
            return unknown(of, sides.windows.open.configuration)
        if linux is not None and _DEVICE.match(linux.to or ""):
            return justified(of, f"{linux.to} is a device of Linux, which Windows does not have")
        if linux is not None and _SOCKET.match(linux.to or ""):
            return justified(of, f"{linux.to} is a Unix socket of the Linux image")
        if linux is not None and of.about.lower() in ("user", "group") and _is_account(sides, linux.to or ""):
            return justified(of, "the account that the server’s processes change to; Windows has no setuid")
        left_open = sides.windows.open.programs or sides.windows.open.base
        if linux is not None and linux.means == "file" and known is None and left_open:
            return unknown(of, f"a configuration file may come with the program: {left_open}")
        return missing(of, f"Linux changes it to {linux.value}", f"{of.about} {linux.value}")
    if linux is None:
        # a line of a whole configuration file is as good as any other
        return None if windows.copied and known is None else _only_here(sides, of, windows.to, known)
    if _alike(linux.to, windows.to):
        return same(of)
    if of.about == "bind" and _everywhere(windows.to) and _everywhere(linux.to):
        return same(of, "all interfaces on both sides")
    there, here = linux.to or "", windows.to
    if there.startswith("/") and here is not None and paths.same(sides.windows_path(there), here, "windows"):
        return same(of)
    return not_alike(of)


def _own_image(sides: Sides) -> bool:
    """Whether the programs are copied from the image itself, in another variant."""
    repository = Reference.parse(sides.copied_from or "").repository.rpartition("/")[2]
    names = (sides.image.name if sides.image is not None else "", sides.linux.about, sides.windows.about)
    return any(name and (repository == name or related(name, repository)) for name in names)


def _only_here(sides: Sides, of: Pair[Configuration], value: str | None, known: Setting | None) -> ParityRow:
    """A setting that nothing on Linux is known to change."""
    unread = _unread(sides)
    if unread:
        return unknown(of, f"not read: Linux copies {unread}, which may set it as well")
    if known is not None and _alike(known.value, value):
        return because(of, platform.Reason(known.reason.why, known.reason.evidence))
    if value is None:
        return justified(of, "out of force, so that the built-in default holds, as on Linux")
    if of.about == "bind" and _everywhere(value):
        return same(of, "all interfaces, as the built-in default on Linux")
    if known is not None and known.value is None:
        default = f": {known.default}" if known.default else ""
        return different(of, f"set to {value}; Linux runs with the built-in default{default}")
    return extra(of, "Linux leaves the built-in default in force")


def _unread(sides: Sides) -> str:
    """The configuration files that Linux copies from its build context and whose settings are in no fact of it."""
    copied = (fact for fact in sides.linux.each(CopiedFile) if fact.purpose == "configuration")
    return ", ".join(fact.file for fact in copied if not fact.read)


_SWITCH = {"1": "yes", "0": "no"}


def _alike(one: str | None, other: str | None) -> bool:
    """Whether two values are one; a switch may be written ``1`` or ``yes``."""
    if one is None or other is None:
        return one is other
    return one == other or _SWITCH.get(one, one) == _SWITCH.get(other, other)


def _everywhere(value: str | None) -> bool:
    """An address to listen on that means all interfaces."""
    words = (value or "").split()
    return bool(words) and all(word.lstrip("-") in _ALL_INTERFACES for word in words)


def default_survives(sides: Sides, of: Pair[Survives]) -> ParityRow | None:
    """Never justified; the command that a person types is the hint."""
    linux, windows = of.linux, of.windows
    if windows is None:
        return None
    if windows.ok:
        if linux is None:
            return None
        return same(of) if linux.ok else same(of, "it does here, and not on Linux")
    settings = [*windows.settings, *(each for each in windows.copied if _is_told(sides, each))]
    if not settings:
        return None
    lost = ", ".join(settings)
    if linux is not None and not linux.ok and set(settings) <= {*linux.settings, *linux.copied}:
        return same(of, f"{lost} is lost with other arguments, on Linux too")
    program = paths.program(windows.command[0]) if windows.command and windows.command[0] else "PROGRAM"
    kept = " ".join(quoted(word) for word in (program, *windows.command[1:]))
    why = f"docker run IMAGE {program} --flag runs without the changed {lost}"
    return different(of, why, f"docker run IMAGE {kept} --flag")


def _is_told(sides: Sides, setting: str) -> bool:
    """Whether a setting of a copied configuration file is one that Linux changes, or that the image speaks of."""
    if sides.image is not None and any(each.name == setting for each in sides.image.settings):
        return True
    return setting_of(sides, setting, copied=False) is not None


def setting_of(sides: Sides, name: str, *, copied: bool) -> Configuration | None:
    """The setting of that name on Linux, however it is spelled.

    :param copied: also of configuration files that are copied as a whole.
    """
    wanted = name.lower().replace("_", "-")
    for fact in sides.linux.each(Configuration):
        if fact.about.lower().replace("_", "-") == wanted and (copied or not fact.copied):
            return fact
    return None


def quoted(word: str) -> str:
    """A word as a person types it."""
    tidy = re.sub(r"\\{2,}", r"\\", word)
    return f'"{tidy}"' if re.search(r"\s", tidy) else tidy
