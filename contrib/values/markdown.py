"""Text of others in Markdown on GitHub: it says what it says, and does nothing.

In a pull request's body, a comment or a step summary, text from a Dockerfile, a commit or a release list could
call people (``@name``), close issues (``fixes #5``), leave links in other threads (``owner/repo#5``, a commit's
id), load an image or be HTML. Here it becomes one of two things:

- :func:`code`: a code span whose fence is longer than any run of backquotes in it; GitHub looks for nothing there;
- :func:`plain`: words, with the characters escaped that CommonMark or GitHub read, and with every word that GitHub
  would look up (a mention, a reference, an address, a commit's id) as a code span.

A backslash alone does not stop GitHub: it looks for mentions and references after Markdown has been read.
"""

from __future__ import annotations

import re

from contrib.values.patterns import lazy
from contrib.values.visible import line

#: Words that GitHub (emoji too), or the extension for bare addresses, makes something of.
_LOOKED_UP = lazy(
    r"""@
    | \#[0-9]
    | (?:^|\W)GH-[0-9]
    | ://
    | :[a-z0-9_+-]{1,40}:
    | \bwww\.
    | \b(?:mailto|xmpp|https?|ftp):
    | \b[0-9a-f]{7,64}\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: Read by CommonMark or by GitHub (mathematics, footnotes) wherever they are.
_READ = lazy(r"([\\`*_\[\]<>~$]|&(?=[#A-Za-z])|!(?=\[))")
#: At the start of a line: a list, a rule, a heading.
_AFTER_NUMBER = lazy(r"^([0-9]{1,9})[.)](?=\s|$)")
_BLOCK = lazy(r"[-+](?=\s|$)|--|=+\s*$|#{1,6}(?=\s|$)")
#: What may end a word without being part of it.
_ENDINGS = ".,;!?)'\""


def code(words: str, *, cell: bool = False) -> str:
    """Text as code, on one line; empty for an empty text.

    :param cell: it stands in a table, where a bar ends the cell even inside of code.
    """
    text = line(" ".join(words.split()))
    if not text:
        return ""
    if cell and "|" in text:
        # No backslash saves a bar that follows another backslash.
        return f"<code>{_entities(text)}</code>"
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def plain(words: str, *, cell: bool = False) -> str:
    """Text as words, on one line: no markup, mention, reference, address or HTML comes out of it.

    What stands between runs of backquotes of the same length becomes a code span, as Markdown has it, so that
    sentences of ours can name things as code.
    """
    text = line(" ".join(words.split()))
    parts: list[str] = []
    position = 0
    for opening, content, end in _spans(text):
        parts += [_words(text[position:opening], cell), code(content, cell=cell)]
        position = end
    parts.append(_words(text[position:], cell))
    out = ""
    for part in filter(None, parts):
        # A fence beside another would be one longer fence, and what is in it would no longer be code.
        out += f" {part}" if out.endswith("`") and part.startswith("`") else part
    return _start(out)


def _spans(text: str) -> list[tuple[int, str, int]]:
    """Code spans by CommonMark's rule: a run of backquotes and the next run of the same length."""
    runs = [(found.start(), len(found[0])) for found in re.finditer(r"`+", text)]
    by_length: dict[int, list[int]] = {}
    for start, length in reversed(runs):
        by_length.setdefault(length, []).append(start)
    found: list[tuple[int, str, int]] = []
    position = 0
    for start, length in runs:
        later = by_length[length]
        while later and later[-1] <= start:
            later.pop()
        if start < position or not later:
            continue
        close = later[-1]
        content = text[start + length : close]
        if content.strip("` "):
            found.append((start, content.strip(" "), close + length))
            position = close + length
    return found


def _words(text: str, cell: bool) -> str:
    return "".join(_word(piece, cell) for piece in re.split(r"(\s+)", text))


def _word(word: str, cell: bool) -> str:
    if _LOOKED_UP.search(word):
        core = word.rstrip(_ENDINGS)
        if _LOOKED_UP.search(core):
            # Parted from what stands before it: a backquote beside another would be one longer fence.
            return code(core, cell=cell) + _escaped(word[len(core) :])
    return _escaped(word)


def _escaped(text: str) -> str:
    # The bar as an entity: no backslash saves one that follows another backslash.
    return _READ.sub(r"\\\1", text).replace("|", "&#124;")


def _start(text: str) -> str:
    """Nothing at the start of a line is a list or a heading."""
    numbered = _AFTER_NUMBER.match(text)
    if numbered is not None:
        return f"{numbered[1]}\\{text[numbered.end(1) :]}"
    return f"\\{text}" if _BLOCK.match(text) else text


_CALLS = lazy(r"@(?=\w)|(?<=\bGH)-(?=[0-9])|\b[a-z][a-z0-9+.-]{0,20}://", re.IGNORECASE)


def message(words: str) -> str:
    """Text of others in a commit's message, where GitHub reads no Markdown and looks everything up: on one line.

    A pushed message would call people, close issues and leave links in their threads. What does that is taken out
    of the word: ``@``, the ``#`` before a number (``no. 5``), the scheme of an address.

    >>> message("Fix it (#12), fixes o/r#5, thanks @ann: https://github.com/o/r/issues/7")
    'Fix it (no. 12), fixes o/r no. 5, thanks ann: github.com/o/r/issues/7'
    """
    text = line(" ".join(words.split()))
    text = re.sub(r"(\w?)#(?=[0-9])", lambda found: f"{found[1]} no. " if found[1] else "no. ", text)
    return _CALLS.sub(lambda found: " " if found[0] == "-" else "", text)


def link(words: str, url: str) -> str:
    """A link of ours with a text of others; the address is one that was checked (https, no odd character).

    An address that is not plain is shown as code instead.
    """
    if re.fullmatch(r"https?://[A-Za-z0-9._~/?#@!$&'()*+,;=:%-]+", url) is None:
        return code(url)
    address = url.replace("(", "%28").replace(")", "%29")
    return f"[{_escaped(line(' '.join(words.split())))}]({address})"


def text(words: str) -> str:
    """Text of others as HTML inside of Markdown (``<summary>``): letters, digits and entities."""
    return _entities(line(" ".join(words.split())))


def _entities(words: str) -> str:
    """Every character that Markdown, HTML or GitHub could take for its own as an entity."""
    return re.sub(r"[^\w\s.,/()-]", lambda match: f"&#{ord(match[0])};", words).replace("_", "&#95;")
