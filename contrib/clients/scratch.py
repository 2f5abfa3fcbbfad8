"""Removing directories of ours, whatever git left in them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def remove_tree(directory: Path) -> None:
    """Remove a directory of git's: on Windows its objects are read-only, which stops a plain removal."""

    def writable(function: Callable[[str], object], path: str, error: object) -> None:
        with suppress(OSError):
            Path(path).chmod(0o700)
            function(path)

    if sys.version_info >= (3, 12):
        shutil.rmtree(directory, onexc=writable)
    else:
        shutil.rmtree(directory, onerror=writable)
