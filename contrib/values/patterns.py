"""``lazy``: :func:`re.compile` that compiles when the pattern is first used, for the modules that a short command
imports. Compiling all of them took a third of the time of ``contrib review``, which uses half of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from re import compile as lazy
else:

    def lazy(pattern, flags=0):
        """As :func:`re.compile`, whose methods and attributes the result has."""
        return Lazy(pattern, flags)


__all__ = ["Lazy", "given", "lazy"]


def given(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern that stands in somebody's data or Dockerfile.

    :raises re.error: whatever is wrong with it, numbers too large and brackets too deep included.
    """
    import warnings

    try:
        with warnings.catch_warnings():
            # What will mean something else in a later Python is nothing for its author to be told here.
            warnings.simplefilter("ignore")
            return re.compile(pattern, flags)
    except (OverflowError, RecursionError, MemoryError, ValueError) as error:
        raise re.error(f"it is too large ({error})", pattern) from error


_METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer", "scanner")


class Lazy:
    """A pattern that is compiled by the first use of one of its attributes."""

    def __init__(self, pattern: Any, flags: int) -> None:
        self._given = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = re.compile(*self._given)
        # From now on they are found without coming here.
        self.__dict__.update({method: getattr(made, method) for method in _METHODS})
        self.__dict__.update(
            pattern=made.pattern, flags=made.flags, groups=made.groups, groupindex=made.groupindex
        )
        return getattr(made, name)

    def __repr__(self) -> str:
        return f"lazy{self._given!r}"
