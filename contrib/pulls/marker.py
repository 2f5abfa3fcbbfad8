"""The hidden marker in a pull request's body: what ``contrib`` wrote there, so that it knows its own again.

``<!-- contrib: {"v": 1, "image": "redis", "key": "A0", "head": "…", "title": "…", "body": "…"} -->``

With the branch's fixed name it is all the state there is: any machine can continue the work, and what
a person has changed by hand is told from what the program wrote.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass

#: GitHub's limits, in characters.
LONGEST_BODY = 65_536
LONGEST_TITLE = 256

_MARKER = re.compile(r"\n*<!-- contrib: (\{[^\n]*\}) -->\s*\Z")


@dataclass(frozen=True, slots=True)
class Marker:
    """What a marker says.

    :param head: the commit that we pushed last.
    :param title: digest of the title as we wrote it.
    :param body: digest of the body as we wrote it, without the marker.
    :param early: the pull request was opened before what it waits for was merged.
    :param own: it was made from a person's own Dockerfile (``--from``).
    """

    image: str
    key: str
    head: str
    title: str
    body: str
    early: bool = False
    own: bool = False


def digest(text: str) -> str:
    """Short digest of a text; GitHub's own change of line endings does not count.

    >>> digest("a\\r\\nb ") == digest("a\\nb")
    True
    """
    return hashlib.sha256(text.replace("\r\n", "\n").strip().encode("utf-8")).hexdigest()[:16]


def write(
    text: str,
    *,
    image: str,
    key: str,
    head: str,
    title: str,
    early: bool = False,
    own: bool = False,
    written: tuple[str, str] | None = None,
) -> str:
    """The body with its marker at the end, within GitHub's limit.

    :param written: digests of title and body to keep, where the text is not (or no longer) ours.
    """
    shape: dict[str, object] = {
        "v": 1,
        "image": image,
        "key": key,
        "head": head,
        "title": digest(title) if written is None else written[0],
        "body": "",
    }
    if early:
        shape["early"] = True
    if own:
        shape["own"] = True
    text = shorten(text, LONGEST_BODY - len(_comment(shape | {"body": "0" * 16})) - 2)
    return f"{text.rstrip()}\n\n{_comment(shape | {'body': digest(text) if written is None else written[1]})}"


def _comment(shape: dict[str, object]) -> str:
    # No "--" may stand inside an HTML comment; in our values there is none but by an odd image name.
    return (
        f"<!-- contrib: {json.dumps(shape, ensure_ascii=True)} -->".replace("--", "-\\u002d")
        .replace("<!-\\u002d", "<!--", 1)
        .replace(" -\\u002d>", " -->")
    )


def read(body: str) -> tuple[str, Marker | None]:
    """``(text without the marker, the marker)``; None where there is none or it is not ours to read."""
    body = body.replace("\r\n", "\n")
    found = _MARKER.search(body)
    if found is None:
        return body, None
    text = body[: found.start()]
    try:
        shape = json.loads(found[1])
        if not isinstance(shape, dict) or shape.get("v") != 1:
            return text, None
        words = [shape[name] for name in ("image", "key", "head", "title", "body")]
    except (ValueError, KeyError):
        return text, None
    if not all(isinstance(word, str) for word in words):
        return text, None
    image, key, head, title, written = words
    return text, Marker(
        image, key, head, title, written, shape.get("early") is True, shape.get("own") is True
    )


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
