"""Where the program keeps what it can make again."""

from __future__ import annotations

from pathlib import Path


def default_cache_dir() -> Path:
    """The user's cache directory for ``contrib``."""
    from platformdirs import user_cache_path

    return user_cache_path("contrib", appauthor=False)
