"""Numbers in text of others. ``str.isdigit`` is true of ``²``, and ``int`` refuses that, and 5000 digits, too."""

from __future__ import annotations

#: Digits of the longest number that is read.
MOST = 15


def whole(text: str) -> int | None:
    """A whole number in ASCII digits, None for anything else.

    >>> whole("007"), whole("²"), whole("-1"), whole("9" * 16)
    (7, None, None, None)
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST else None
