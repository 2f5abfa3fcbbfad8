"""Characters that deceive: what a reviewer sees is not what the parser reads (CVE-2021-42574, Trojan Source).

Three kinds: controls that turn the direction of reading, characters that cannot be seen, and letters of another
script that look like ASCII where a name is expected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.values.patterns import lazy
from contrib.values.records import dataclass

#: Explicit directional formatting, isolates and marks (UAX #9).
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Nothing to be seen: zero-width spaces and joiners, invisible operators, fillers, annotation, tag characters,
#: deprecated format characters, variation selectors beyond those of emoji.
UNSEEN = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\u206a"
    "\u206b\u206c\u206d\u206e\u206f\u2800\u3164\ufeff\uffa0\ufff9\ufffa\ufffb\u2028\u2029"
    "\U00016fe4\U0001d159"
    + "".join(
        map(
            chr,
            (
                *range(0xFE00, 0xFE0E),
                *range(0xE0000, 0xE0080),
                *range(0xE0100, 0xE01F0),
                *range(0x1D173, 0x1D17B),
            ),
        )
    )
)
_CONTROLS = frozenset(map(chr, (*range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0))))
#: All three, as ranges: a class of single characters takes longer to compile than a review to run.
_DECEIVING = lazy(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u2064\u2066-\u206f\u2800\u3164\ufeff\uffa0\ufe00-\ufe0d\ufff9-\ufffb\U00016fe4\U0001d159\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
#: The first of them alone, for a text that is all ASCII.
_STEERING = lazy("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: What is not ASCII, one run.
_FOREIGN = lazy(r"[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class Deceiving:
    """One character, or a word that stands for others.

    :param offset: in the text, from 0. :param what: ``turns the direction of reading`` …
    """

    offset: int
    char: str
    what: str

    @property
    def name(self) -> str:
        """``U+202E (right-to-left override)``; of a word, the word."""
        if len(self.char) > 1:
            return f"`{self.char}`"
        import unicodedata

        called = unicodedata.name(self.char, "").lower() or _UNNAMED.get(self.char, "control")
        return f"U+{ord(self.char):04X} ({called})"


_UNNAMED = {
    "\x1b": "escape",
    "\x00": "null",
    "\x07": "bell",
    "\x08": "backspace",
    "\x7f": "delete",
    "\x85": "next line",
}


def hidden(text: str) -> Iterator[Deceiving]:
    """Characters that cannot be seen or that steer, in order. A byte order mark at the very start is none of them."""
    for found in _deceiving(text).finditer(text):
        char, offset = found[0], found.start()
        if char == "\ufeff" and offset == 0:
            continue
        # Joiners and selectors inside of an emoji are part of what is seen.
        if (
            char == "\u200d"
            and 0 < offset < len(text) - 1
            and _pictorial(text[offset - 1])
            and _pictorial(text[offset + 1])
        ):
            continue
        if char in TURNING:
            what = "turns the direction of reading"
        elif char in UNSEEN:
            what = "cannot be seen"
        else:
            what = "is a control character"
        yield Deceiving(offset, char, what)


def _deceiving(text: str) -> re.Pattern[str]:
    return _STEERING if text.isascii() else _DECEIVING


def _pictorial(char: str) -> bool:
    import unicodedata  # half a megabyte that most texts do not need

    return unicodedata.category(char) in ("So", "Sk") or char == "\ufe0f"


def lookalikes(text: str, start: int = 0) -> Iterator[Deceiving]:
    """Characters of a name (an image reference, a host, a tag, a variable) that are not ASCII, in order.

    Names of these kinds are ASCII; what looks like a letter or sign of it is another name.

    :param start: added to each offset.
    """
    for run in _FOREIGN.finditer(text):
        for place, char in enumerate(run[0], run.start()):
            if char not in TURNING and char not in UNSEEN and char not in _CONTROLS:
                yield Deceiving(start + place, char, "is not ASCII, in a name that looks as if it were")


_LABEL = lazy(r"(?i)(?<![a-z0-9-])xn--[a-z0-9-]{1,59}(?![a-z0-9-])")


def encoded(text: str) -> Iterator[Deceiving]:
    """Parts of host names in Punycode (RFC 3492), in order: what a browser shows for them is not ASCII."""
    if "xn--" not in text.lower():
        return
    for found in _LABEL.finditer(text):
        try:
            shown = found[0][4:].encode("ascii").decode("punycode")
        except (UnicodeError, ValueError, OverflowError):
            shown = ""
        spelled = "".join(char if " " < char <= "~" else f"<U+{ord(char):04X}>" for char in shown)
        what = f"stands for `{spelled}` in a host's name" if spelled else "is a host's name in Punycode"
        yield Deceiving(found.start(), found[0], what)


#: The host of an address: up to the path, the port or the end of the word.
_HOST = lazy(r"""(?i)\b(?:https?|ftp|git|ssh)://([^\s/'"`<>\\|;)}\]]{1,253})""")


def hosts(text: str) -> Iterator[tuple[int, str]]:
    """Hosts of the addresses in a text: offset and text, with a user name and port where they are there."""
    for found in _HOST.finditer(text):
        yield found.start(1), found[1]


def written(line: str, most: int = 120) -> str:
    """A line with such characters written out, ``<U+202E>``, cut to ``most`` characters."""
    line = line.strip(" \t\r\n")
    out = _deceiving(line).sub(lambda found: f"<U+{ord(found[0]):04X}>", line)
    out = _FOREIGN.sub(
        lambda found: "".join(
            char if char.isprintable() and char not in UNSEEN else f"<U+{ord(char):04X}>" for char in found[0]
        ),
        out,
    )
    return out if len(out) <= most else out[: most - 1] + "…"
