"""External images that official images may start from: official-images keeps the list in its ``.external-pins``.

The list is read from the tree that a library file is in (:mod:`contrib.cli.library_place`); without one nobody
knows what was pinned, and nothing is concluded.
"""

from __future__ import annotations


def pin_of(path: str) -> str:
    """The image that a file of ``.external-pins`` stands for: its first ``___`` is the colon.

    >>> pin_of("mcr.microsoft.com/windows/servercore___ltsc2025")
    'mcr.microsoft.com/windows/servercore:ltsc2025'
    """
    return path.replace("___", ":", 1)
