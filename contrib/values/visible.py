"""Text of others on a terminal and in a log: shown as what it is, and never able to do anything.

What comes from a Dockerfile, a repository, a server or GitHub reaches messages and reports. On its way out each
text passes one filter, here, which knows three things:

- Characters that steer a terminal, turn the direction of reading or cannot be seen are written out (``\\x1b``).
- Colours are ours alone: :func:`paint` marks them in a way that no text from outside can (a number that each
  process draws anew), and :func:`shown` turns the marks into escapes after everything else has been written out.
- GitHub Actions reads commands from logs (``::error``, ``##[error]``): no line of ours is one by accident.
"""

from __future__ import annotations

import re

from contrib.values.patterns import lazy

TYPE_CHECKING = False  # typing is not imported for a type alone: this is imported by everything
if TYPE_CHECKING:
    from collections.abc import Iterable

#: Printable for Unicode and yet nothing to be seen: joiners, fillers, the blank of Braille, variation selectors.
UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U00016fe4\U0001d159"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
#: How a symbol is drawn; part of what is seen where it follows one.
_DRAWN_AS = "\ufe0e\ufe0f"
#: Marks above and below one letter, more than any language writes: they cover the lines around.
MARKS = 4
#: Tells our own colours from escapes in other people's text. Drawn when the first colour is asked for.
_mark = ""


def _drawn() -> str:
    global _mark  # noqa: PLW0603 (one number per process)
    if not _mark:
        import secrets

        _mark = f"\x1b[{secrets.randbits(64)};"
    return _mark


def paint(text: str, code: str) -> str:
    """``text`` in a colour, once it has passed :func:`shown` or :func:`passed`.

    :param code: as ``ESC [ … m`` takes it: ``1;31``.
    """
    mark = _drawn()
    return f"{mark}{code}m{text}{mark}0m"


def visible(text: str, *, keep: str = "\n\t") -> str:
    """``text`` with everything written out that is not to be seen as itself: ``\\x1b``, ``\\u202e``, ``\\udcff``.

    :param keep: characters that stay although they steer: line ends and tabs of a text of several lines.

    >>> visible("a\\x1b[8mb")
    'a\\\\x1b[8mb'
    """
    if text.isascii():
        if text.isprintable():
            return text
        return "".join([char if char.isprintable() or char in keep else _written(char) for char in text])
    from unicodedata import category

    out = []
    marks = 0
    before = ""
    for char in text:
        marks = marks + 1 if not char.isascii() and category(char) in ("Mn", "Me") else 0
        if char in keep:
            seen = True
        elif char in _DRAWN_AS:
            seen = not before.isascii() and category(before) == "So"
        else:
            seen = char.isprintable() and char not in UNSEEN and marks <= MARKS
        out.append(char if seen else _written(char))
        before = char
    return "".join(out)


def _written(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def line(text: str) -> str:
    """``text`` on one line: line ends and tabs are written out as well.

    For names and messages of others that are put into a sentence.
    """
    return visible(text, keep="")


def quoted(name: str) -> str:
    """A file's name as git quotes it: as it is, or in double quotes with everything odd written out.

    >>> quoted("a b"), quoted("a\\n::error::b")
    ('a b', '"a\\\\n::error::b"')
    """
    written = line(name)
    if written == name and not name.startswith((" ", "::", '"')) and not name.endswith(" ") and name:
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{line(escaped)}"'


#: Its runner ends a line at a carriage return, too.
_COMMAND = lazy(r"((?:\A|[\r\n])(?:[^\S\r\n]|\ufeff)*):(?=:)")


def harmless(text: str) -> str:
    """``text`` without lines that GitHub Actions takes for commands, wherever they come from.

    Its runner looks for ``::name::`` at the start of a line, leading whitespace ignored, and for ``##[name]``
    anywhere (actions/runner, ActionCommand.cs). A JSON text stays the same value.
    """
    if "::" in text:
        text = _COMMAND.sub(r"\1\\x3a", text)
    return text.replace("##[", "##\\u005b")


def shown(text: str, *, color: bool = True) -> str:
    """A text for a terminal: ours and others', with our colours where they are wanted."""
    mark = _mark
    if not mark or mark not in text:
        return visible(text)
    pieces = re.split(re.escape(mark) + r"([0-9;]{0,20})m", text)
    out = [visible(pieces[0])]
    for code, words in zip(pieces[1::2], pieces[2::2], strict=True):
        if color:
            out.append(f"\x1b[{code}m")
        out.append(visible(words))
    return "".join(out)


def passed(text: str, *, color: bool = False) -> str:
    """A text for a file or a pipe: as it is, with our colours resolved."""
    mark = _mark
    if not mark or mark not in text:
        return text
    return re.sub(re.escape(mark) + r"([0-9;]{0,20}m)", "\x1b[\\1" if color else "", text)


def joined(names: Iterable[str]) -> str:
    """Names of others in a sentence: each quoted, with commas between."""
    return ", ".join(quoted(name) for name in names)
