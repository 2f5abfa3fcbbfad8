"""official-images' own tests: the lines of ``test/config.sh`` without which its CI fails for Windows variants.

Its CI tests every entry of a changed library file with ``imageTests`` of that file; tests that need Linux
are left out by ``globalExcludeTests``, one line per image, kind of Windows base and test, as mongo has them.
Which tests, and why, is said in the image's folder. The edit adds the lines that are not there, in one block
at the end of the list, and changes nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from contrib.upstream.edits import text_of
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, Tree

if TYPE_CHECKING:
    from contrib.images.model import Image, TestExclusion

_OPENS = re.compile(r"^globalExcludeTests\+=\($")
_LINE = re.compile(r"^\s*\[(?P<key>[^\]]+)\]=1\b")


def tests_change(
    image: Image, official_images: Tree, kinds: Collection[str] | None = None
) -> FileChange | None:
    """The tests' configuration with the image's exclusions; None where it has them all.

    :param kinds: of the variants that the library file lists; None for all that the image has.
    :raises BadInput: the file or its list of exclusions is not there, or is there twice.
    """
    path = image.official_images.tests
    data = official_images.read(path)
    if data is None:
        raise BadInput(
            "there is no such file in official-images, whose tests must be told about Windows", file=path
        )
    text = text_of(data, path)
    new = with_exclusions(text, image, path, kinds)
    if new == text:
        return None
    return FileChange(path, new.encode("utf-8", "surrogateescape"), official_images.mode(path) or "100644")


def with_exclusions(text: str, image: Image, path: str, kinds: Collection[str] | None = None) -> str:
    """``text`` with the image's exclusions in it.

    :param path: for messages. :param kinds: as for :func:`tests_change`.
    :raises BadInput: see :func:`tests_change`.
    """
    wanted = [each for each in image.test_exclusions if kinds is None or each.variant in kinds]
    lines = text.split("\n")
    opens = [number for number, line in enumerate(lines) if _OPENS.match(line)]
    if len(opens) != 1:
        where = f"is there {len(opens)} times" if opens else "is not there"
        raise BadInput(
            f"the list globalExcludeTests+=( {where}",
            file=path,
            line=opens[1] + 1 if len(opens) > 1 else None,
            hint="a person would add to the exclusions:\n" + "\n".join(_block(image, wanted)),
            kind="anchor",
        )
    start = opens[0]
    end = next((number for number in range(start + 1, len(lines)) if lines[number] == ")"), None)
    if end is None:
        raise BadInput("the list globalExcludeTests+=( is never closed", file=path, line=start + 1)
    there = {found["key"] for line in lines[start:end] if (found := _LINE.match(line))}
    missing = [each for each in wanted if key_of(image, each) not in there]
    if not missing:
        return text
    last = _last_of(image, lines, start, end)
    if last is not None:
        # Some of ours are there: the others belong beside them, under the same comment.
        added = [f"\t[{key_of(image, each)}]=1" for each in missing]
        return "\n".join([*lines[: last + 1], *added, *lines[last + 1 :]])
    block = _block(image, missing)
    blank = [""] if lines[end - 1].strip() and end - 1 > start else []
    return "\n".join([*lines[:end], *blank, *block, *lines[end:]])


def key_of(image: Image, exclusion: TestExclusion) -> str:
    """The key of ``globalExcludeTests``: ``redis:nanoserver_redis-basics``."""
    return f"{image.name}:{exclusion.variant}_{exclusion.test}"


def _block(image: Image, exclusions: Sequence[TestExclusion]) -> list[str]:
    """The comment, which says why once per test, and the lines."""
    reasons = dict.fromkeys((each.test, each.why) for each in exclusions)
    comment = [f"\t# {image.name} on Windows:"]
    comment += [f"\t# - {test} {why}" for test, why in reasons]
    return comment + [f"\t[{key_of(image, each)}]=1" for each in exclusions]


def _last_of(image: Image, lines: list[str], start: int, end: int) -> int | None:
    ours = {key_of(image, each) for each in image.test_exclusions}
    places = [n for n in range(start, end) if (found := _LINE.match(lines[n])) and found["key"] in ours]
    return places[-1] if places else None
