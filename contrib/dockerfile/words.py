"""Docker's own words: quotes, escapes and ``$X`` in ENV, COPY, WORKDIR and the rest.

The rules are those of BuildKit's ``frontend/dockerfile/shell`` (https://docs.docker.com/reference/dockerfile/,
"Environment replacement"): ``$X``, ``${X}``, ``${X:-word}``, ``${X-word}``, ``${X:+word}``, ``${X+word}``,
``${X:?word}``, ``${X?word}``, ``${X#pattern}``, ``${X##pattern}``, ``${X%pattern}``, ``${X%%pattern}``,
``${X/pattern/word}``, ``${X//pattern/word}``. Where Docker knows a value and we do not (ENV of the base
image, ARG given at build time), the variable stays in the text as it was written and the result is
not ``known``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from contrib.values.patterns import lazy
from contrib.values.records import dataclass

#: What Go's ``unicode.IsSpace`` calls a space; Python's ``str.isspace`` has four control characters more.
SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

#: The same and the opposite as regular expressions: those compile in a twentieth of the time of a class of them all.
SPACE, NO_SPACE = r"[^\S\x1c-\x1f]", r"[\S\x1c-\x1f]"

#: A text that grows past this is kept as it was written: ``ENV A=$A$A`` doubles with every line.
MAX_TEXT = 65_536
_MAX_DEPTH = 64
#: A blank, or all up to the next.
_RUNS = lazy(rf"{SPACE}|{NO_SPACE}+")
_MAX_MATCH = 1_000_000

_SPECIAL = "@*#?-$!0"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A text with its variables replaced.

    :param text: unknown variables stay visible, as written.
    :param known: nothing in it is unknown.
    :param unknown: names of the variables that were not found, in order.
    :param problem: why Docker would refuse the text (unclosed quote, bad substitution); then ``text`` is
        as written.
    """

    text: str
    known: bool = True
    unknown: tuple[str, ...] = ()
    problem: str | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is known of a name.

    :param value: its text, or None when it is not set as far as the file tells.
    :param known: the text has no unknown part.
    :param settled: for a name without value: it is unset unless the person who builds gives it, so
        ``${X:-word}`` is ``word``. False where a base image may set it.
    """

    value: str | None
    known: bool = True
    settled: bool = False


_UNSET = Lookup(None)


class _Refused(Exception):
    pass


class Lexer:
    """Expands one text after another with the same escape character and the same variables.

    :param escape: the file's escape character.
    :param lookup: what is known of a name; without it no name is known.
    :param raw_quotes: keep quotes in the result.
    :param raw_escapes: keep escape characters.
    """

    def __init__(
        self,
        escape: str = "\\",
        lookup: Callable[[str], Lookup] | None = None,
        *,
        raw_quotes: bool = False,
        raw_escapes: bool = False,
    ) -> None:
        self._escape = escape
        self._lookup = lookup
        self._raw_quotes = raw_quotes
        self._raw_escapes_always = raw_escapes
        self._raw_escapes = raw_escapes
        self._text = ""
        self._at = 0
        self._depth = 0
        self._unknown: list[str] = []
        self._known = True
        self._words: list[str] = []
        self._word: list[str] = []

    def resolve(self, text: str) -> Resolved:
        """The whole text as one word, as Docker takes it for ENV, ARG, WORKDIR, COPY, USER …."""
        if not any(char in text for char in ("$", "'", '"', self._escape)):
            return Resolved(text)
        try:
            result = self._start(text)
        except _Refused as refused:
            return Resolved(text, False, tuple(self._unknown), str(refused))
        if len(result) > MAX_TEXT:
            return Resolved(text[:MAX_TEXT], False, tuple(self._unknown))
        return Resolved(result, self._known, tuple(self._unknown))

    def split(self, text: str) -> tuple[str, ...] | None:
        """The text's words, split at blanks outside quotes; None where Docker refuses it."""
        try:
            self._start(text)
        except _Refused:
            return None
        return tuple(self._words)

    def _start(self, text: str) -> str:
        self._text = text
        self._at = 0
        self._depth = 0
        self._unknown = []
        self._known = True
        self._words = []
        self._word = []
        self._raw_escapes = self._raw_escapes_always
        result = self._until("", top=True)
        if self._word:
            self._words.append("".join(self._word))
        return result

    # Words are built only at the top: what stands in ``${X:-here}`` belongs to the word around it.
    def _until(self, stop: str, *, top: bool = False) -> str:
        out: list[str] = []
        text, escape = self._text, self._escape
        word = self._word
        size = 0
        while self._at < len(text):
            char = text[self._at]
            if char == stop:
                self._at += 1
                return "".join(out)
            if char == "$":
                piece = self._dollar()
                if top:
                    for each in _RUNS.findall(piece):
                        self._blank() if each in SPACES else word.append(each)
            elif char == "'":
                piece = self._single()
                if top:
                    word.append(piece)
            elif char == '"':
                piece = self._double()
                if top:
                    word.append(piece)
            elif char == "<" and text.startswith("<<", self._at):
                # "<< EOF" is one word, as a here-document may be written
                start = self._at
                self._at += 2
                while self._at < len(text) and text[self._at] in "\t\r ":
                    self._at += 1
                piece = text[start : self._at]
                if top:
                    word.append(piece)
            else:
                self._at += 1
                piece = char
                if char == escape:
                    piece = escape if self._raw_escapes else ""
                    if self._at < len(text):
                        piece += text[self._at]
                        self._at += 1
                    if top:
                        word.append(piece)
                elif top:
                    self._blank() if char in SPACES else word.append(char)
            out.append(piece)
            size += len(piece)
            if size > MAX_TEXT and self._lookup is not None:
                raise _Refused("the text grows without bound")
        if stop:
            raise _Refused(f"the {stop} that closes it is missing")
        return "".join(out)

    def _blank(self) -> None:
        if self._word:
            self._words.append("".join(self._word))
            self._word.clear()

    def _single(self) -> str:
        end = self._text.find("'", self._at + 1)
        if end < 0:
            raise _Refused("a single quote is never closed")
        inside = self._text[self._at + 1 : end]
        self._at = end + 1
        return f"'{inside}'" if self._raw_quotes else inside

    def _double(self) -> str:
        out = ['"'] if self._raw_quotes else []
        text, escape = self._text, self._escape
        self._at += 1
        while self._at < len(text):
            char = text[self._at]
            if char == '"':
                self._at += 1
                if self._raw_quotes:
                    out.append('"')
                return "".join(out)
            if char == "$":
                out.append(self._dollar())
                continue
            self._at += 1
            if char == escape:
                if self._raw_escapes:
                    out.append(char)
                if self._at >= len(text):
                    break
                if text[self._at] in ('"', "$", escape):
                    char = text[self._at]
                    self._at += 1
            out.append(char)
        raise _Refused("a double quote is never closed")

    def _name(self) -> str:
        text, start = self._text, self._at
        if start >= len(text):
            return ""
        if text[start].isdigit():
            while self._at < len(text) and text[self._at].isdigit():
                self._at += 1
        elif text[start] in _SPECIAL:
            self._at += 1
        else:
            while self._at < len(text) and (text[self._at].isalnum() or text[self._at] == "_"):
                self._at += 1
        return text[start : self._at]

    def _find(self, name: str) -> Lookup:
        found = self._lookup(name) if self._lookup is not None else _UNSET
        if found.value is None:
            self._unknown.append(name)
        return found

    def _dollar(self) -> str:
        text, start = self._text, self._at
        self._at += 1
        if not text.startswith("{", self._at):
            name = self._name()
            if not name:
                return "$"
            found = self._find(name)
            if found.value is None:
                self._known = False
                return "$" + name
            self._known = self._known and found.known
            return found.value
        self._at += 1
        if self._at >= len(text) or text[self._at] in "{}:":
            raise _Refused("a ${…} has no name")
        name = self._name()
        operator = text[self._at : self._at + 1]
        self._at += 1
        if operator == "}":
            found = self._find(name)
            if found.value is None:
                self._known = False
                return text[start : self._at]
            self._known = self._known and found.known
            return found.value
        empty_counts = operator == ":"
        if empty_counts:
            operator = text[self._at : self._at + 1]
            self._at += 1
        if operator == "" or operator not in "-+?#%/" or (empty_counts and operator in "#%/"):
            raise _Refused(f"${{{name}… is followed by something that is no operator")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _Refused("variables are nested too deeply")
        known_before, unknown_before = self._known, len(self._unknown)
        outer_escapes = self._raw_escapes
        self._raw_escapes = operator in "#%/"
        pattern = ""
        if operator == "/":
            operator = "//" if text.startswith("/", self._at) else "/"
            self._at += len(operator) - 1
            pattern = self._until("/")
        word = self._until("}")
        self._raw_escapes = outer_escapes
        self._depth -= 1
        known_word, unknown_word = self._known, self._unknown[unknown_before:]
        self._known = known_before
        del self._unknown[unknown_before:]
        found = self._find(name)
        value = found.value

        def take_word() -> str:
            self._known = self._known and known_word
            self._unknown.extend(unknown_word)
            return word

        if self._lookup is None:
            return text[start : self._at]
        if operator in ("-", "+"):
            is_set = value is not None and not (empty_counts and value == "")
            if value is None:
                if not found.settled:
                    self._known = False
                else:
                    self._unknown.pop()
            if operator == "-":
                if is_set:
                    self._known = self._known and found.known
                    return value or ""
                return take_word()
            return take_word() if is_set else ""
        if value is None or (operator == "?" and empty_counts and value == ""):
            # for "?" Docker stops the build here, or the base image sets it
            self._known = False
            return text[start : self._at]
        self._known = self._known and found.known and (operator == "?" or known_word)
        if operator == "?":
            return value
        if operator in ("#", "%"):
            longest = word.startswith(operator)
            return _trim(value, word[1:] if longest else word, longest, suffix=operator == "%")
        return _substitute(value, pattern, word, every=operator == "//")


_Token = tuple[str, str]  # ("*", ""), ("?", ""), ("=", char)


def _glob(pattern: str) -> list[_Token]:
    """``*`` and ``?`` and escapes of these; there are no brackets in Docker's patterns."""
    tokens: list[_Token] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char in "*?":
            tokens.append((char, ""))
        elif char == "\\":
            following = pattern[at : at + 1]
            if following not in ("}", "/", "*", "?", "\\") or not following:
                raise _Refused(f"the pattern {pattern} has an escape that is none")
            tokens.append(("=", following))
            at += 1
        else:
            tokens.append(("=", char))
    return tokens


def _matches(tokens: list[_Token], value: str, start: int) -> tuple[int, int] | None:
    """Ends of the shortest and the longest match at ``start``; time is length times length."""
    last = len(tokens)

    def closure(states: set[int]) -> set[int]:
        for state in sorted(states):
            while state < last and tokens[state][0] == "*":
                state += 1
                states.add(state)
        return states

    states = closure({0})
    shortest: int | None = None
    longest: int | None = None
    at = start
    while True:
        if last in states:
            shortest = at if shortest is None else shortest
            longest = at
        if at >= len(value) or not states:
            break
        char = value[at]
        following: set[int] = set()
        for state in states:
            if state < last:
                kind, wanted = tokens[state]
                if kind == "*":
                    following.add(state)
                elif kind == "?" or wanted == char:
                    following.add(state + 1)
        states = closure(following)
        at += 1
    return None if shortest is None or longest is None else (shortest, longest)


def _trim(value: str, pattern: str, longest: bool, *, suffix: bool) -> str:
    if suffix:
        # from the end: Docker turns the pattern round, escapes kept together, and matches from the start
        pattern = "".join(reversed(re.findall(r"\\.|.", pattern, re.DOTALL)))
    tokens = _glob(pattern)
    if len(tokens) * len(value) > _MAX_MATCH:
        raise _Refused("the pattern is too long")
    if suffix:
        value = value[::-1]
    found = _matches(tokens, value, 0)
    if found is not None:
        value = value[found[1] if longest else found[0] :]
    return value[::-1] if suffix else value


def _substitute(value: str, pattern: str, replacement: str, *, every: bool) -> str:
    tokens = _glob(pattern)
    if len(tokens) * len(value) * len(value) > _MAX_MATCH * 10:
        raise _Refused("the pattern is too long")
    out: list[str] = []
    at = 0
    matched_to = -1  # an empty match right after a match does not count
    while at <= len(value):
        found = _matches(tokens, value, at)
        if found is None or (found[1] == at and at == matched_to):
            out.append(value[at : at + 1])
            at += 1
            continue
        out.append(replacement)
        matched_to = found[1]
        if found[1] == at:
            out.append(value[at : at + 1])
            at += 1
        else:
            at = found[1]
        if not every:
            break
    return "".join(out) + value[at:]
