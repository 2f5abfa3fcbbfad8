"""The hidden marker in a pull request's body: what the contribution is, so that any machine can continue it.

``<!-- contrib: {"v": 2, "image": "redis", "key": "A1", "head": "…", "owner": "petra", …} -->``

With the branch's fixed name it is all the state there is. What a marker says counts only where the pull request
is by the person's own account, or from the fork that they name (:mod:`contrib.pulls.finding`): anybody can write one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from contrib.pulls.sections import Section, digest, facts, joined, sections_in
from contrib.values import jsontext
from contrib.values.errors import BadInput

__all__ = ["LONGEST_BODY", "LONGEST_TITLE", "Marker", "digest", "read", "shorten", "states", "write"]

#: GitHub's limits, in characters.
LONGEST_BODY = 65_536
LONGEST_TITLE = 256

_MARKER = re.compile(r"^<!-- contrib: (\{[^\n]*\}) -->[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Marker:
    """What a marker says.

    :param head: the commit that we pushed last.
    :param title: digest of the title as we wrote it.
    :param owner: account whose fork holds the branch. :param fork: ``owner/name`` of that repository.
    :param branch: name of the branch.
    :param series: series that it proposes. :param variants: those that were asked for; empty for all.
    :param source: digest of the person's own Dockerfile (``--from``); empty without one.
    :param early: the pull request was opened before what it waits for was merged.
    :param states: short digests of what the text stated (:func:`states`); None where that is not known.
    :param sections: names of the sections in it; None where that is not known.
    :param of: pull requests (``owner/name#1``) of the image's own repository that it was made of.
    :param given: what a person gave in place of our words: ``title``, ``text``.
    :param body: digest of the whole text as we wrote it, where it has no sections.
    :param asked: series that were asked for (``--series``, also ``all``); empty where contrib chose them.
    :param linux: the Linux variants are proposed too (``--linux``).
    """

    image: str
    key: str
    head: str
    title: str
    owner: str = ""
    fork: str = ""
    branch: str = ""
    series: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    source: str = ""
    early: bool = False
    states: frozenset[str] | None = None
    sections: frozenset[str] | None = None
    given: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    body: str = ""
    asked: tuple[str, ...] = ()
    linux: bool = False

    @property
    def own(self) -> bool:
        """Whether it was made from a person's own Dockerfile (``--from``)."""
        return bool(self.source)

    def as_json(self) -> dict[str, Any]:
        """What stands in the comment; what is empty is left out."""
        shape: dict[str, Any] = {
            "v": 2,
            "image": self.image,
            "key": self.key,
            "head": self.head,
            "title": self.title,
        }
        for name in ("owner", "fork", "branch", "source", "body"):
            if getattr(self, name):
                shape[name] = getattr(self, name)
        for name in ("series", "variants", "given", "of", "asked"):
            if getattr(self, name):
                shape[name] = list(getattr(self, name))
        for name in ("early", "linux"):
            if getattr(self, name):
                shape[name] = True
        for name in ("states", "sections"):
            if getattr(self, name) is not None:
                shape[name] = sorted(getattr(self, name))
        return shape


def states(text: str) -> frozenset[str]:
    """Short digests of what a text states that can become untrue."""
    return frozenset(digest(fact)[:8] for fact in facts(text))


def write(text: str, marker: Marker) -> str:
    """The text with the marker at its end, within GitHub's limit.

    :param text: with its sections (:func:`contrib.pulls.sections.joined`).
    """
    comment = _comment(marker.as_json())
    return f"{shorten(text, LONGEST_BODY - len(comment) - 2).rstrip()}\n\n{comment}"


def fitted(sections: tuple[Section, ...], most: int = LONGEST_BODY - 4096) -> tuple[Section, ...]:
    """The sections, the longest of them cut, so that together they fit into GitHub's limit."""
    cut = list(sections)
    while len(joined(cut)) > most:
        longest = max(range(len(cut)), key=lambda at: len(cut[at].text))
        over = len(joined(cut)) - most
        # A cut text loses lines, and with them their digests: what is over is more than made up for.
        cut[longest] = Section(
            cut[longest].name, shorten(cut[longest].text, max(200, len(cut[longest].text) - over))
        )
        if len(cut[longest].text) <= 200:
            break
    return tuple(cut)


def made(marker: Marker, text: str, *, kept: bool = False) -> Marker:
    """The marker for a text: with what it states, and its sections.

    :param kept: it is a person's text as a whole: what we wrote is what the marker had before.
    """
    names = frozenset(sections_in(text))
    return replace(
        marker,
        states=states(text),
        sections=names,
        body="" if names else marker.body or "-" if kept else digest(text),
    )


def _comment(shape: Mapping[str, object]) -> str:
    # No "--" may stand inside an HTML comment; in our values there is none but by an odd image name.
    return (
        f"<!-- contrib: {json.dumps(shape, ensure_ascii=True)} -->".replace("--", "-\\u002d")
        .replace("<!-\\u002d", "<!--", 1)
        .replace(" -\\u002d>", " -->")
    )


def read(body: str) -> tuple[str, Marker | None]:
    """``(text without the marker, the marker)``; None where there is none or it is not ours to read.

    A person may have written below it: their words are part of the text.
    """
    body = body.replace("\r\n", "\n")
    every = list(_MARKER.finditer(body))
    if not every:
        return body, None
    found = every[-1]
    before, after = body[: found.start()].rstrip("\n"), body[found.end() :].strip("\n")
    text = f"{before}\n\n{after}" if after else before
    try:
        shape = jsontext.read(found[1], "the marker")
    except BadInput:
        return text, None
    return text, _marker(shape)


def _marker(shape: object) -> Marker | None:
    if not isinstance(shape, dict) or shape.get("v") not in (1, 2):
        return None
    words = [shape.get(name) for name in ("image", "key", "head", "title")]
    texts = [shape.get(name, "") for name in ("owner", "fork", "branch", "source", "body")]
    lists = [shape.get(name, []) for name in ("series", "variants", "given", "of", "asked")]
    known = [shape.get(name) for name in ("states", "sections")]
    if not all(isinstance(word, str) for word in (*words, *texts)):
        return None
    if not all(_is_texts(each) for each in lists) or not all(
        each is None or _is_texts(each) for each in known
    ):
        return None
    owner, fork, branch, source, body = texts
    if shape["v"] == 1 and shape.get("own") is True:
        source = source or "?"
    image, key, head, title = (str(word) for word in words)
    stated, sections = (None if each is None else frozenset(each) for each in known)
    return Marker(
        image, key, head, title, owner, fork, branch, tuple(lists[0]), tuple(lists[1]), source,
        shape.get("early") is True, stated, sections, tuple(lists[2]),
        tuple(lists[3]), body, tuple(lists[4]), shape.get("linux") is True,
    )  # fmt: skip


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def shorten(text: str, most: int) -> str:
    """``text`` in at most ``most`` characters, cut at a line, saying so; an open code fence is closed.

    A ``<details>`` block that is cut through is closed as well, so that nothing after it is swallowed.
    """
    if len(text) <= most:
        return text
    notice = "\n\n*(Cut here: GitHub takes no longer text. `contrib diff` prints the rest.)*\n"
    closing = "\n```\n</details>\n"
    kept = text[: most - len(notice) - len(closing)]
    kept = kept[: kept.rfind("\n") + 1] if "\n" in kept else kept
    if len(re.findall(r"^```", kept, re.MULTILINE)) % 2:
        kept += "```\n"
    if kept.count("<details") > kept.count("</details>"):
        kept += "</details>\n"
    return kept.rstrip("\n") + notice
