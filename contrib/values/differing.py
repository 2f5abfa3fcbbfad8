"""Which lines of a text changed, at a cost that follows the text.

``difflib`` compares each line with all that equal it, which for texts that repeat a few lines is quadratic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher

#: Pairs of equal lines that are looked at; real Dockerfiles have a few thousand.
MOST_PAIRS = 300_000
#: Lines on both sides together.
MOST_LINES = 10_000


def opcodes(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[tuple[str, int, int, int, int]]:
    """As ``SequenceMatcher(None, before, after, autojunk=False).get_opcodes()``, without the equal ones.

    Texts that have too much in common to be compared pair by pair differ as a whole, but for what they begin and
    end with.

    >>> opcodes("abcd", "abXd"), opcodes("", "a"), opcodes("a", "a")
    ([('replace', 2, 3, 2, 3)], [('insert', 0, 0, 0, 1)], [])
    """
    start = 0
    most = min(len(before), len(after))
    while start < most and before[start] == after[start]:
        start += 1
    end = 0
    while end < most - start and before[-1 - end] == after[-1 - end]:
        end += 1
    ours, theirs = before[start : len(before) - end], after[start : len(after) - end]
    if not ours and not theirs:
        return []
    there = Counter(theirs)
    comparable = len(ours) + len(theirs) <= MOST_LINES and sum(there[line] for line in ours) <= MOST_PAIRS
    if ours and theirs and comparable:
        found: list[tuple[str, int, int, int, int]] = []
        found += SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    else:
        name = "replace" if ours and theirs else "delete" if ours else "insert"
        found = [(name, 0, len(ours), 0, len(theirs))]
    return [
        (name, one + start, two + start, three + start, four + start)
        for name, one, two, three, four in found
        if name != "equal"
    ]
