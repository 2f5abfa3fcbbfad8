"""Whether a regular expression can cost a time that grows with the square of the text, and on which words.

The pattern becomes an automaton. It is quadratic where a text w·w·w…w that fails in the end can be read in as many ways
as it has words (Weber and Seidl, "On the degree of ambiguity of finite automata", 1991: the criterion IDA):

- by a loop p and a loop q behind it: w leads from p to p, from p to q and from q to q (``\\s*#?\\s*x``);
- where the pattern may begin anywhere (``search``, ``finditer``, ``sub``, ``split``, a ``match`` from a place on): w
  leads from the beginning to a loop q, and from q to q (``a[^x]*x``: each ``a`` reads to the end, and finds nothing).

Nothing fails behind a loop after which the pattern is over. What is checked by looking around (``$``, ``(?=…)``) can
fail; ``^`` of lines, ``\\b`` and looking back at one character are followed exactly, since they keep many patterns from
beginning within a loop. A repetition of at most :data:`FEW` times counts as none.
"""

from __future__ import annotations

import itertools
import re
import string
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

if sys.version_info >= (3, 11):
    from re import _constants as sre
    from re import _parser as parser
else:
    import sre_constants as sre
    import sre_parse as parser

#: Times that something may be repeated for it to cost the same as once.
FEW = 300
#: The characters that words are made of here: ASCII, and one of each kind beyond it.
ALPHABET = [*map(chr, range(128)), "é", "Ж", "１", "\u2003", "\x85", "\u202e", "\U0001f600"]
ALL = (1 << len(ALPHABET)) - 1
_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_NOT_DIGIT: r"\D", sre.CATEGORY_SPACE: r"\s", sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w", sre.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _mask(characters: Iterable[str]) -> int:
    wanted = set(characters)
    return sum(1 << number for number, each in enumerate(ALPHABET) if each in wanted)


_CLASSES = {
    (name, ascii_): _mask(c for c in ALPHABET if re.match(text, c, re.A if ascii_ else 0))
    for name, text in _CATEGORIES.items()
    for ascii_ in (True, False)
}
NEWLINE = _mask("\n")
WORD = _CLASSES[sre.CATEGORY_WORD, False]


@dataclass
class State:
    """``steps``: by a character of a set. ``free``: by none; what must hold then, and whether that can fail."""

    steps: list[tuple[int, int]] = field(default_factory=list)
    free: list[tuple[int, tuple[str, int] | None, bool]] = field(default_factory=list)


class Automaton:
    """Thompson's construction; :attr:`start` and :attr:`accept` are numbers of states."""

    def __init__(self, pattern: str, flags: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = parser.parse(pattern, flags & ~re.DEBUG)
        self.flags = parsed.state.flags
        self.states: list[State] = []
        self.loops = False
        self.looks = False
        self.dead = self._new()
        self.accept = self._new()
        self.start = self._sequence(list(parsed), self.accept, self.flags)

    def _new(self) -> int:
        self.states.append(State())
        return len(self.states) - 1

    def _free(self, *targets: int, guard: tuple[str, int] | None = None, fails: bool = False) -> int:
        made = self._new()
        self.states[made].free = [(target, guard, fails) for target in targets]
        return made

    def _step(self, mask: int, target: int) -> int:
        made = self._new()
        self.states[made].steps = [(mask, target)]
        return made

    def _sequence(self, items: list[Any], after: int, flags: int) -> int:
        for kind, value in reversed(items):
            after = self._item(kind, value, after, flags)
        return after

    def _item(self, kind: Any, value: Any, after: int, flags: int) -> int:
        if kind in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN):
            return self._step(_set(kind, value, flags), after)
        if kind is sre.BRANCH:
            return self._free(*(self._sequence(list(each), after, flags) for each in value[1]))
        if kind is sre.SUBPATTERN:
            return self._sequence(list(value[3]), after, (flags | value[1]) & ~value[2])
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            return self._repeated(*value, after, flags)
        if kind is sre.AT:
            return self._at(value, after, flags)
        if kind in (sre.ASSERT, sre.ASSERT_NOT):
            return self._look(kind is sre.ASSERT, *value, after, flags)
        if kind is sre.GROUPREF_EXISTS:
            _, yes, no = value
            return self._free(
                *(self._sequence(list(each or []), after, flags) for each in (yes, no)), fails=True
            )
        if kind is getattr(sre, "ATOMIC_GROUP", None):
            return self._sequence(list(value), after, flags)
        assert kind is sre.GROUPREF, kind
        return self._free(after, fails=True)

    def _repeated(self, least: int, most: Any, items: Any, after: int, flags: int) -> int:
        if most is sre.MAXREPEAT or most > FEW:
            self.loops = True
            again = self._new()
            body = self._sequence(list(items), again, flags)
            self.states[again].free = [(body, None, False), (after, None, False)]
            for _ in range(min(least, 3)):
                again = self._sequence(list(items), again, flags)
            return again
        for _ in range(min(least, 3)):
            after = self._sequence(list(items), after, flags)
        return after if least else self._free(self._sequence(list(items), after, flags), after)

    def _at(self, value: Any, after: int, flags: int) -> int:
        if value is sre.AT_BEGINNING and flags & re.M:
            self.looks = True
            return self._free(after, guard=("behind", NEWLINE), fails=True)
        if value in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING):
            return self._free(after, guard=("behind", 0), fails=True)
        if value is sre.AT_BOUNDARY:
            self.looks = True
            return self._free(after, guard=("boundary", WORD), fails=True)
        return self._free(after, fails=True)

    def _look(self, positive: bool, direction: int, items: Any, after: int, flags: int) -> int:
        inner = list(items)
        if direction < 0:
            if len(inner) == 1 and inner[0][0] in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN):
                self.looks = True
                mask = _set(*inner[0], flags)
                return self._free(after, guard=("behind", mask if positive else ALL & ~mask), fails=True)
            return self._free(after, fails=True)
        if len(inner) == 1 and inner[0][0] in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN):
            self.looks = True
            mask = _set(*inner[0], flags)
            return self._free(after, guard=("ahead", mask if positive else ALL & ~mask), fails=True)
        made = self._free(after, fails=True)
        self.states[made].free.append((self._sequence(inner, self.dead, flags), None, True))
        return made

    def closure(self, state: int, behind: int) -> dict[int, int]:
        """States that are reached without a character, with the set of characters that may come next then."""
        found = {state: ALL}
        todo = [state]
        while todo:
            current = todo.pop()
            allowed = found[current]
            for target, guard, _ in self.states[current].free:
                ahead = allowed
                if guard is not None:
                    kind, mask = guard
                    if kind == "behind" and not behind & mask:
                        continue
                    if kind == "boundary":
                        ahead &= ALL & ~WORD if behind & mask else WORD
                    if kind == "ahead":
                        ahead &= mask
                if ahead & ~found.get(target, 0):
                    found[target] = found.get(target, 0) | ahead
                    todo.append(target)
        return found

    def ends(self, state: int) -> bool:
        """Whether the pattern is over here, whatever follows."""
        seen, todo = {state}, [state]
        while todo:
            current = todo.pop()
            if current == self.accept:
                return True
            for target, _, fails in self.states[current].free:
                if not fails and target not in seen:
                    seen.add(target)
                    todo.append(target)
        return False


def _set(kind: Any, value: Any, flags: int) -> int:
    ascii_ = bool(flags & re.A)
    if kind is sre.ANY:
        return ALL if flags & re.S else ALL & ~NEWLINE
    if kind is sre.IN:
        negated = bool(value) and value[0][0] is sre.NEGATE
        mask = 0
        for inner, what in value:
            if inner is sre.CATEGORY:
                mask |= _CLASSES[what, ascii_]
            elif inner is sre.RANGE:
                mask |= _cased((c for c in ALPHABET if what[0] <= ord(c) <= what[1]), flags)
                if what[1] > 127 and not mask >> 128:
                    mask |= _mask("Ж")
            elif inner is sre.LITERAL:
                mask |= _cased([chr(what)], flags)
        return ALL & ~mask if negated else mask
    mask = _cased([chr(value)], flags)
    return ALL & ~mask if kind is sre.NOT_LITERAL else mask


def _cased(characters: Iterable[str], flags: int) -> int:
    found = set(characters)
    if flags & re.I:
        found |= {each.swapcase() for each in found}
    return _mask(found)


def _representatives(automaton: Automaton) -> list[int]:
    """One character for each set of characters that the pattern tells apart, as bits."""
    masks = {mask for state in automaton.states for mask, _ in state.steps}
    masks |= {guard[1] for state in automaton.states for _, guard, _ in state.free if guard is not None}
    seen: dict[tuple[bool, ...], int] = {}
    order = sorted(masks)
    for number in _ORDER:
        bit = 1 << number
        seen.setdefault(tuple(bool(mask & bit) for mask in order), bit)
    return list(seen.values())


#: Letters first: words that people can read.
_ORDER = sorted(range(len(ALPHABET)), key=lambda n: (ALPHABET[n] not in string.ascii_lowercase, n))


class Search:
    """Looks for a word that makes a pattern quadratic."""

    def __init__(self, pattern: str, flags: int, *, anywhere: bool, whole: bool = False) -> None:
        self.automaton = Automaton(pattern, flags)
        self.anywhere = anywhere
        self.whole = whole
        if not self.automaton.loops:
            return
        self.letters = _representatives(self.automaton)
        self._moves: dict[tuple[int, int], frozenset[int]] = {}
        self._readers: dict[tuple[int, int], frozenset[int]] = {}
        self._reach: dict[int, frozenset[int]] = {}

    def word(self) -> str | None:
        """Such a word; None where there is none."""
        if not self.automaton.loops:
            return None
        loops = [loop for loop in self._loops() if self.whole or not self._over(loop)]
        for loop in loops:
            found = self._from_anywhere(loop) if self.anywhere else None
            found = found or self._from_loops(loop, loops)
            if found is not None:
                return found
        return None

    def _over(self, loop: int) -> bool:
        """Whether the pattern is over, whatever follows, once the loop has read a character."""
        return any(self.automaton.ends(target) for _, target in self.automaton.states[loop].steps)

    def moves(self, state: int, letter: int) -> frozenset[int]:
        """States that read next, after ``state`` has read ``letter``."""
        key = (state, letter)
        if key not in self._moves:
            found: set[int] = set()
            for mask, target in self.automaton.states[state].steps:
                if mask & letter:
                    found |= self.readers(target, letter)
            self._moves[key] = frozenset(found)
        return self._moves[key]

    def readers(self, state: int, behind: int) -> frozenset[int]:
        """States that read a character and are reached from ``state`` without one."""
        key = (state, behind)
        if key not in self._readers:
            self._readers[key] = frozenset(
                each
                for each, ahead in self.automaton.closure(state, behind).items()
                if any(mask & ahead for mask, _ in self.automaton.states[each].steps)
            )
        return self._readers[key]

    def _loops(self) -> list[int]:
        """States that read a character and come back to themselves."""
        after = {
            state: frozenset().union(*(self.moves(state, letter) for letter in self.letters))
            for state, each in enumerate(self.automaton.states)
            if each.steps
        }
        for state in after:
            seen, todo = set(after[state]), list(after[state])
            while todo:
                for target in after[todo.pop()] - seen:
                    seen.add(target)
                    todo.append(target)
            self._reach[state] = frozenset(seen)
        return [state for state, reached in self._reach.items() if state in reached]

    def _meet(
        self, starts: Iterable[tuple[int, ...]], goals: tuple[int, ...], last: int | None = None
    ) -> str | None:
        """A word, not empty, that leads each state of one of ``starts`` to the goal in its place.

        :param last: its last letter, where that matters.
        """
        seen: set[tuple[int, ...]] = set()
        todo: list[tuple[tuple[int, ...], str]] = [(start, "") for start in starts]
        at = 0
        while at < len(todo):
            node, word = todo[at]
            at += 1
            for letter in self.letters:
                targets = [
                    [each for each in self.moves(state, letter) if each == goal or goal in self._reach[each]]
                    for state, goal in zip(node, goals, strict=True)
                ]
                if not all(targets):
                    continue
                text = word + ALPHABET[letter.bit_length() - 1]
                for made in itertools.product(*targets):
                    if made == goals and last in (None, letter):
                        return text
                    if made not in seen:
                        seen.add(made)
                        todo.append((made, text))
        return None

    def _from_anywhere(self, loop: int) -> str | None:
        """A word that leads from the beginning to the loop, and from the loop to itself."""
        # What stands before the word is the word itself: it has to end in what was behind.
        for behind in self.letters if self.automaton.looks else [None]:
            firsts = self.readers(self.automaton.start, self.letters[0] if behind is None else behind)
            starts = [(first, loop) for first in firsts if first == loop or loop in self._reach[first]]
            found = self._meet(starts, (loop, loop), behind)
            if found is not None:
                return found
        return None

    def _from_loops(self, loop: int, loops: Iterable[int]) -> str | None:
        """A word that leads from another loop to itself, from there to this one, and from this one to itself."""
        for other in loops:
            if other != loop and loop in self._reach[other]:
                found = self._meet([(other, other, loop)], (other, loop, loop))
                if found is not None:
                    return found
        return None


def quadratic(pattern: str, flags: int = 0, *, anywhere: bool = True, whole: bool = False) -> str | None:
    """A word whose repetition makes the pattern quadratic; None where there is none.

    :param anywhere: it may begin at any place of a text. :param whole: it must match to the end (``fullmatch``).
    """
    return Search(pattern, flags, anywhere=anywhere, whole=whole).word()
