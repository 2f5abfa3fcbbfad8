"""Where the program keeps what it can make again."""

from __future__ import annotations

import os
from pathlib import Path
from sys import platform


def default_cache_dir() -> Path:
    """The user's cache directory for ``contrib``."""
    if platform.startswith("linux"):
        # What platformdirs gives there, without the 6 ms of its import, which a review of one file would feel.
        named = os.environ.get("XDG_CACHE_HOME", "").strip()
        return (Path(named) if named else Path("~/.cache").expanduser()) / "contrib"
    from platformdirs import user_cache_path

    return user_cache_path("contrib", appauthor=False)
