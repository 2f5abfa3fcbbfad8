"""What a build does, read once: facts, rules, fixes and ``--from`` look at this account and never at commands.

:func:`read` walks a Dockerfile and gives a :class:`Build`: the actions of its stages in the order in which
they happen, each with its place in the file and with values that are known, or unknown.
"""

from __future__ import annotations

from contrib.build.account import Build as Build
from contrib.build.reading import read as read
from contrib.build.reading import says_windows as says_windows
