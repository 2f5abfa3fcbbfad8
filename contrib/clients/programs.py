"""Where another program is."""

from __future__ import annotations

import os
from pathlib import Path

from contrib.values.errors import OutsideError


def find_program(name: str) -> str | None:
    """The program's absolute path, from the absolute directories of PATH; None where there is none.

    Never one of the current directory, which is other people's: up to Python 3.11 ``shutil.which`` looks there
    first on Windows, whatever PATH says. No batch files there either: they read arguments as commands.
    """
    file = f"{name}.exe" if os.name == "nt" else name
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        place = Path(folder.strip('"')) / file
        if place.is_absolute() and place.is_file() and os.access(place, os.X_OK):
            return str(place)
    return None


def no_git() -> OutsideError:
    """The error for a system without git, of kind ``no-git``."""
    return OutsideError(
        "git is not installed, or not on PATH",
        kind="no-git",
        hint="install git 2.31 or newer from https://git-scm.com/downloads",
    )
