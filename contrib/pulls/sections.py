"""The text of a pull request as sections: ours are kept current, a person's words stay.

Each section stands between two comments that nobody sees::

    <!-- contrib: versions 0f3b… q83v… -->
    …
    <!-- contrib: end versions -->

The first carries a digest of what we wrote, and short digests of its lines. From them alone, on any machine, it
is known what a person did: added lines move along, a changed section is kept as it is, and everything outside the
sections is never touched.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

#: The section of a text that a person gave (``--body-file``).
OWN = "text"

#: Bytes of a line's digest; three are enough to tell a handful of lines apart.
_SHORT = 3

_BEGIN = re.compile(
    r"<!-- contrib: (?P<name>[a-z][a-z0-9-]*) (?P<digest>[0-9a-f]{16}) (?P<lines>[A-Za-z0-9+/=]*) ?-->"
)
_PIECE = re.compile(
    r"^<!-- contrib: (?P<name>(?!end )[a-z][a-z0-9-]*) (?P<digest>[0-9a-f]{16}) (?P<lines>[A-Za-z0-9+/=]*) ?-->\n"
    r"(?P<text>(?:(?!<!-- contrib: )[^\n]*\n)*)"
    r"<!-- contrib: end (?P=name) -->[ \t]*(?:\n|\Z)",
    re.MULTILINE,
)
_COMMENT = re.compile(r"^<!-- contrib: [^\n]* -->[ \t]*\n?", re.MULTILINE)

#: What a text states that can become untrue: checksums, addresses of release files, full versions.
_FACTS = re.compile(
    r"(?<![0-9a-fA-F])[0-9a-f]{64}(?![0-9a-fA-F])"
    r"|https?://[^\s)>\"'`|\]]{1,200}/releases/download/[^\s)>\"'`|\]]+"
    r"|(?<![\w.])\d+(?:\.\d+){2,}(?![\w])"
)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the text that is ours.

    :param name: lower case, digits and single hyphens; each at most once in a text.
    :param text: Markdown.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a text as it stands: one of our sections, or (``name`` None) a person's words."""

    name: str | None
    text: str
    digest: str = ""
    lines: str = ""

    @property
    def untouched(self) -> bool:
        return self.digest == digest(self.text)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A text brought up to date.

    :param text: what the pull request should say.
    :param kept: names of sections that a person changed, and that stay as they are.
    :param stale: lines of those that state what is no longer true, as ``section: line``.
    :param added: names of sections to which a person added lines; the lines are kept.
    :param whole: all of it is a person's.
    """

    text: str
    kept: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    whole: bool = False


def digest(text: str) -> str:
    """Short digest of a text; GitHub's own change of line endings does not count.

    >>> digest("a\\r\\nb ") == digest("a\\nb")
    True
    """
    return hashlib.sha256(text.replace("\r\n", "\n").strip().encode("utf-8")).hexdigest()[:16]


def joined(sections: Iterable[Section]) -> str:
    """The sections as text for a pull request, each between its comments.

    A person's own text (a single section :data:`OWN`) is written as it is.
    """
    parts = tuple(sections)
    if [part.name for part in parts] == [OWN]:
        return parts[0].text
    return "\n".join(
        _written(section.name, section.text, section.text) for section in parts if section.text.strip()
    )


def plain(text: str) -> str:
    """The text without our comments, as a reader sees it."""
    return re.sub(r"\n{3,}", "\n\n", _COMMENT.sub("", text.replace("\r\n", "\n"))).strip("\n") + "\n"


def facts(text: str) -> frozenset[str]:
    """What the text states that can become untrue: checksums, addresses of release files, full versions.

    >>> sorted(facts("Windows gets 7.2.4, Server 2022 is `10.0.20348.1`"))
    ['10.0.20348.1', '7.2.4']
    """
    return frozenset(found[0] for found in _FACTS.finditer(text))


def sections_in(text: str) -> tuple[str, ...]:
    """Names of our sections in a text."""
    return tuple(piece.name for piece in _pieces(text) if piece.name is not None)


def refresh(
    text: str,
    wanted: Sequence[Section],
    *,
    stated: frozenset[str] | None = None,
    before: frozenset[str] | None = None,
    rewrite: bool = False,
    keep: frozenset[str] = frozenset(),
) -> Refreshed:
    """The text as it stands, with our sections as they should be now.

    :param text: of the pull request, without the marker at its end.
    :param stated: short digests of what our text stated when it was last written
        (:func:`contrib.pulls.marker.states`); None where that is not known.
    :param before: names of the sections that were in it then: one of them that is gone was removed by a person,
        and is not put back. None where that is not known.
    :param keep: sections that stay where nothing takes their place.
    :param rewrite: sections that state what is no longer true are written anew (``--allow text-edited``).
    """
    pieces = _pieces(text)
    new = {section.name: section.text for section in wanted if section.text.strip()}
    true = facts("\n".join(new.values()))
    there = {piece.name for piece in pieces if piece.name is not None}
    done: list[_Piece] = []
    kept: list[str] = []
    stale: list[str] = []
    added: list[str] = []
    for piece in pieces:
        if piece.name is None:
            done.append(piece)
            continue
        name, now = piece.name, new.get(piece.name)
        if now is None and name in keep:
            done.append(_Piece(name, _kept(piece)))
            continue
        insertions = None if piece.untouched else _insertions(piece)
        if piece.untouched or insertions is not None:
            if insertions:
                added.append(name)
                now = _with_insertions(now or "", insertions)
            if now is not None:
                done.append(_Piece(name, _written(name, now, new.get(name, ""))))
            continue
        untrue = _untrue(piece.text, true, stated)
        if untrue and rewrite:
            if now is not None:
                done.append(_Piece(name, _written(name, now, now)))
            continue
        kept.append(name)
        stale += [f"{name}: {line}" for line in untrue]
        done.append(_Piece(name, _kept(piece)))
    _insert_missing(done, wanted, {n for n in new if n not in there and n not in (before or frozenset())})
    whole = "".join(piece.text if piece.text.endswith("\n") else f"{piece.text}\n" for piece in done)
    return Refreshed(whole.strip("\n"), tuple(kept), tuple(dict.fromkeys(stale)), tuple(added))


def _pieces(text: str) -> list[_Piece]:
    """A text in its stretches, in order; together they are the text."""
    text = text.replace("\r\n", "\n")
    found: list[_Piece] = []
    end = 0
    seen: set[str] = set()
    for match in _PIECE.finditer(text):
        if match["name"] in seen:
            continue  # copied by hand: the copy is a person's
        seen.add(match["name"])
        if match.start() > end:
            found.append(_Piece(None, text[end : match.start()]))
        found.append(_Piece(match["name"], match["text"], match["digest"], match["lines"]))
        end = match.end()
    if text[end:].strip():
        found.append(_Piece(None, text[end:]))
    return found


def _written(name: str, text: str, ours: str) -> str:
    """A section with its comments. :param ours: the part of it that we wrote: the digests are of that."""
    lines = base64.b64encode(b"".join(map(_short, ours.strip("\n").split("\n")))).decode("ascii")
    return f"<!-- contrib: {name} {digest(ours)} {lines} -->\n{text.strip(chr(10))}\n<!-- contrib: end {name} -->\n"


def _kept(piece: _Piece) -> str:
    return (
        f"<!-- contrib: {piece.name} {piece.digest} {piece.lines} -->\n{piece.text}"
        f"{'' if piece.text.endswith(chr(10)) else chr(10)}<!-- contrib: end {piece.name} -->\n"
    )


def _short(line: str) -> bytes:
    return hashlib.sha256(line.rstrip().encode("utf-8")).digest()[:_SHORT]


def _insertions(piece: _Piece) -> list[tuple[str | None, list[str]]] | None:
    """What a person added to a section, as ``(our last line with words before it, lines)``; None where a line of ours is changed."""
    try:
        data = base64.b64decode(piece.lines, validate=True)
    except ValueError:
        return None
    if not data or len(data) % _SHORT:
        return None
    ours = [data[at : at + _SHORT] for at in range(0, len(data), _SHORT)]
    found: list[tuple[str | None, list[str]]] = []
    at, place, anchor = 0, -1, None
    for line in piece.text.strip("\n").split("\n"):
        if at < len(ours) and _short(line) == ours[at]:
            at += 1
            anchor = line if line.strip() else anchor
        elif found and place == at:
            found[-1][1].append(line)
        else:
            found.append((anchor, [line]))
            place = at
    return found if at == len(ours) else None


def _with_insertions(text: str, insertions: Iterable[tuple[str | None, list[str]]]) -> str:
    """The new text with a person's lines after the same line of ours, at the end where that is gone."""
    lines = text.strip("\n").split("\n") if text else []
    for anchor, more in insertions:
        if anchor is None:
            at = 0
        else:
            same = [number for number, line in enumerate(lines) if line.rstrip() == anchor.rstrip()]
            at = same[-1] + 1 if same else len(lines)
        # A paragraph of theirs stays one: the blank line before it comes from ours.
        if more and more[0].strip() and not more[-1].strip() and at < len(lines) and not lines[at].strip():
            at += 1
        lines[at:at] = more
    return "\n".join(lines)


def _untrue(text: str, true: frozenset[str], stated: frozenset[str] | None) -> list[str]:
    """Lines that state what was true and is not any more.

    Where it is not known what we stated, checksums and addresses count, and versions of a series that we tell of.
    """
    series = {fact.rsplit(".", 1)[0] for fact in true if fact[0].isdigit() and len(fact) < 64}

    def counts(fact: str) -> bool:
        if fact in true:
            return False
        if stated is not None:
            return digest(fact)[:8] in stated
        return len(fact) == 64 or fact.startswith("http") or fact.rsplit(".", 1)[0] in series

    return [line.strip() for line in text.split("\n") if any(counts(fact) for fact in facts(line))]


def stale(text: str, wanted: Sequence[Section], stated: frozenset[str] | None = None) -> list[str]:
    """Lines of a text of a person's own that state what is not, or no longer, true."""
    return _untrue(text, facts("\n".join(section.text for section in wanted)), stated)


def _insert_missing(done: list[_Piece], wanted: Sequence[Section], missing: set[str]) -> None:
    """Put new sections after the one that they follow."""
    order = [section.name for section in wanted]
    for section in wanted:
        if section.name not in missing:
            continue
        before = order[: order.index(section.name)]
        at = 0
        for number, piece in enumerate(done):
            begin = _BEGIN.match(piece.text) if piece.name is not None else None
            if begin is not None and begin["name"] in before:
                at = number + 1
        if at == 0 and not any(piece.name is not None for piece in done):
            at = len(done)
        done.insert(
            at, replace(_Piece(section.name, ""), text=_written(section.name, section.text, section.text))
        )
