"""Which Linux Dockerfile a Windows one is compared with, by the paths of a repository alone.

Alpine first, then slim, then the directory's own Dockerfile, then others; a directory that says what the
Windows one says less ``windows-`` (``windows-builder`` and ``builder``) before all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_WINDOWS = re.compile(r"windows|nanoserver|servercore", re.IGNORECASE)
_RELEASE = re.compile(r"-?(ltsc\d{4}|sac\d{4}|\d{4})$")


def is_windows(path: str) -> bool:
    """Whether a Dockerfile's path says that it builds a Windows image.

    >>> is_windows("7.2/windows/windowsservercore-ltsc2022/Dockerfile"), is_windows("7.2/alpine/Dockerfile")
    (True, False)
    """
    *directories, file = path.split("/")
    return file == "Dockerfile" and any(_WINDOWS.search(part) for part in directories)


def variants(paths: Iterable[str]) -> tuple[str, ...]:
    """The Windows Dockerfiles among ``paths``, in their order."""
    return tuple(path for path in paths if is_windows(path))


def twin_of(path: str, paths: Iterable[str]) -> str | None:
    """The Linux Dockerfile of the same image; None when there is none.

    >>> twin_of("3.14/windows/x-ltsc2022/Dockerfile", ["3.14/alpine3.9/Dockerfile", "3.14/alpine3.20/Dockerfile"])
    '3.14/alpine3.20/Dockerfile'
    """
    *directories, _ = path.split("/")
    spots = [i for i, part in enumerate(directories) if _WINDOWS.search(part)]
    if not spots:
        return None
    prefix = directories[: spots[0]]
    label = _RELEASE.sub("", re.sub(r"(?i)^windows-?", "", directories[spots[0]]))
    start = "/".join(prefix) + "/" if prefix else ""
    found: list[tuple[tuple[int, tuple[int, ...], int, str], str]] = []
    for candidate in paths:
        if not candidate.startswith(start) or is_windows(candidate):
            continue
        rest = candidate[len(start) :].split("/")
        if rest[-1] != "Dockerfile":
            continue
        found.append(((*_rank(rest[:-1], label), candidate), candidate))
    return min(found)[1] if found else None


def _rank(directories: list[str], label: str) -> tuple[int, tuple[int, ...], int]:
    name = directories[0] if directories else ""
    number = tuple(-int(digits) for digits in re.findall(r"\d+", name)[:3]) or (-1_000_000,)
    if label and name == label:
        return 0, number, len(directories)
    if name.startswith("alpine") or (len(directories) > 1 and directories[-1].startswith("alpine")):
        return 1, number, len(directories)
    if "slim" in name:
        return 2, number, len(directories)
    if not directories:
        return 3, (0,), 0
    if name in ("debian", "cli") or len(directories) == 1:
        return (4 if name in ("debian", "cli") else 5), number, 1
    return 6, number, len(directories)


def copied_sibling(path: str, reference: str, paths: Iterable[str]) -> str | None:
    """The Dockerfile of the servercore image that a nanoserver one copies from, beside it in the repository.

    >>> twins = ["1/windows/windowsservercore-ltsc2022/Dockerfile"]
    >>> copied_sibling("1/windows/nanoserver-ltsc2022/Dockerfile", "app:1.0-windowsservercore-ltsc2022", twins)
    '1/windows/windowsservercore-ltsc2022/Dockerfile'
    """
    wanted = re.search(r"windowsservercore-?\w*", reference)
    if wanted is None or "nanoserver" not in path:
        return None
    there = set(paths)
    for old, new in (("nanoserver", "windowsservercore"), ("windows-nanoserver", "windows")):
        candidate = path.replace(old, new)
        if candidate in there and candidate != path:
            return candidate
    return None
