"""Paths of two worlds: joined, normalised and told apart, without a file system.

Both styles are kept as they are written, but for what makes two spellings of one place differ:
doubled separators, ``.`` parts, the slash on Windows (``/data`` there is ``C:\\data``), case there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from contrib.values.patterns import lazy

Platform = Literal["linux", "windows"]

_DRIVE = lazy(r"^[A-Za-z]:")
_CYGDRIVE = lazy(r"^/(?:cygdrive/)?([a-zA-Z])(?:/|$)")


def clean(path: str, platform: Platform) -> str:
    """``path`` without surrounding quotes, doubled separators, ``.`` parts and a separator at its end.

    >>> clean("'C:\\\\\\\\Redis\\\\.\\\\'", "windows")
    'C:\\\\Redis'
    >>> clean("/usr//local/bin/", "linux")
    '/usr/local/bin'
    """
    text = path.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].strip()
    if platform == "windows":
        text = text.replace("/", "\\")
        lead = "\\\\" if text.startswith("\\\\") and not text.startswith("\\\\\\") else ""
        drive = ""
        if _DRIVE.match(text):
            drive, text = text[0].upper() + ":", text[2:]
            lead = ""
        rooted = text.startswith("\\")
        parts = [part for part in text.split("\\") if part not in ("", ".")]
        joined = "\\".join(_fold(parts, rooted))
        if drive and not joined:
            return drive + "\\"
        return drive + (lead if lead else "\\" if rooted else "") + joined
    rooted = text.startswith("/")
    joined = "/".join(_fold([part for part in text.split("/") if part not in ("", ".")], rooted))
    return "/" + joined if rooted else joined


def _fold(parts: list[str], rooted: bool) -> list[str]:
    out: list[str] = []
    for part in parts:
        if part == ".." and out and out[-1] != "..":
            out.pop()
        elif part == ".." and rooted:
            continue
        else:
            out.append(part)
    return out


def absolute(path: str, platform: Platform) -> bool:
    """Whether ``path`` names a place whatever the working directory is."""
    if platform == "windows":
        return bool(_DRIVE.match(path)) or path[:1] in ("\\", "/")
    return path.startswith("/")


def join(directory: str, path: str, platform: Platform) -> str:
    """``path`` seen from ``directory``; an absolute one stays. On Windows ``/data`` gets the drive ``C:``.

    >>> join("C:\\\\app", "x.zip", "windows")
    'C:\\\\app\\\\x.zip'
    """
    tidy = clean(path, platform)
    if platform == "windows":
        if _DRIVE.match(tidy) or tidy.startswith("\\\\"):
            return tidy
        if tidy.startswith("\\"):
            return "C:" + tidy
        base = clean(directory, platform)
        return clean(base + "\\" + tidy, platform) if base else tidy
    if tidy.startswith("/"):
        return tidy
    base = clean(directory, platform)
    return clean((base if base != "/" else "") + "/" + tidy, platform) if base else tidy


def name(path: str) -> str:
    """Last part, whichever separator.

    >>> name("C:\\\\Redis\\\\redis-server.exe")
    'redis-server.exe'
    """
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1]


def parent(path: str) -> str:
    """The directory of ``path``; "" when it has none."""
    bare = path.rstrip("\\/")
    last = max(bare.rfind("/"), bare.rfind("\\"))
    if last < 0:
        return ""
    head = bare[:last]
    if _DRIVE.fullmatch(head):
        return head + "\\"
    return head or path[:1]


def program(word: str) -> str:
    """A program's name as people say it: without directory and ``.exe``, lower case.

    >>> program(".\\\\redis-server.EXE")
    'redis-server'
    """
    bare = name(word.strip("'\"")).lower()
    return bare[:-4] if bare.endswith((".exe", ".cmd", ".bat", ".com")) else bare


def same(one: str, other: str, platform: Platform) -> bool:
    """Whether two spellings name one place."""
    return key(one, platform) == key(other, platform)


@lru_cache(maxsize=4096)
def key(path: str, platform: Platform) -> str:
    """What two spellings of one place have in common; case counts on Linux only."""
    tidy = clean(path, platform)
    if platform == "windows":
        if tidy.startswith("\\") and not tidy.startswith("\\\\"):
            tidy = "C:" + tidy
        return tidy.lower()
    return tidy


def under(path: str, directory: str, platform: Platform) -> bool:
    """Whether ``path`` is ``directory`` or below it."""
    inner, outer = key(path, platform), key(directory, platform)
    separator = "\\" if platform == "windows" else "/"
    return inner == outer or inner.startswith(outer.rstrip(separator) + separator)


def brings(target: str, sources: Sequence[str], file: str) -> bool:
    """Whether COPY of ``sources`` to ``target`` (absolute, on Windows) puts ``file`` in place, or may.

    A source that names a file is known by its name; what is in a directory is not known.
    """
    for source in sources:
        last = name(source)
        if (
            "." in last.strip(".")
            and "*" not in last
            and not last.strip("."[:1]).isdigit()
            and _EXTENSION.search(last)
        ):
            if same(file, target, "windows") or same(file, join(target, last, "windows"), "windows"):
                return True
        elif under(file, target, "windows") and (
            not _ROOT.fullmatch(clean(target, "windows")) or same(parent(file), target, "windows")
        ):
            return True  # which directories a directory brings to the root is anybody's guess
    return False


_ROOT = lazy(r"(?:[A-Za-z]:)?[\\/]?")
_EXTENSION = lazy(r"\.[A-Za-z][A-Za-z0-9]{0,4}$")


def posix_of_windows(path: str) -> str:
    """``/cygdrive/c/x``, ``/c/x`` and ``C:/x`` as ``C:\\x``; anything else as it is."""
    match = _CYGDRIVE.match(path)
    if match is not None:
        return clean(match.group(1).upper() + ":\\" + path[match.end() :], "windows")
    return path
