"""New values in a Dockerfile as it stands: ENV and ARG values, and the tag of the image it copies from.

For layouts without templates, where the files themselves hold the values: everything else that somebody
wrote there stays, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from contrib.dockerfile import Instruction, parse
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.findings import Edit, apply_edits


@dataclass(frozen=True, slots=True)
class Renamed:
    """A version that stands in the tag of an image that is copied from (``redis:OLD-windowsservercore-…``)."""

    image: str
    old: str
    new: str


@bounded("path")
def rewrite(data: bytes, path: str, values: Mapping[str, str], renamed: Renamed | None = None) -> bytes:
    """The file with new values for the variables named.

    A value that is made of other variables and comes out as wanted stays (``…/v${X_VERSION}.zip``).

    :param values: variable to value. :param renamed: the image's own tag in COPY --from and FROM.
    :raises BadInput: a variable is set in no stage, or set twice to different values.
    """
    dockerfile = parse(data, path)
    edits: list[Edit] = []
    found: dict[str, str] = {}
    for instruction in dockerfile.instructions:
        if instruction.keyword in ("ENV", "ARG"):
            edits += _values(instruction, values, found, path)
        elif renamed is not None and instruction.keyword in ("COPY", "FROM", "ADD"):
            edits += _references(data, instruction, renamed)
    missing = [name for name in values if name not in found]
    if missing:
        raise BadInput(f"sets no {missing[0]}, so that its new value has no place", file=path)
    return apply_edits(data, edits)


def _values(
    instruction: Instruction, values: Mapping[str, str], found: dict[str, str], path: str
) -> list[Edit]:
    edits = []
    for name, value in instruction.pairs:
        if name.text not in values or value is None:
            continue
        if found.setdefault(name.text, value.text) != value.text:
            raise BadInput(f"sets {name.text} twice, to different values", file=path, line=value.span.line)
        wanted = values[name.text]
        if _filled(value.text, values) != wanted:
            text = value.text
            quote = text[0] if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0] else ""
            edits.append(Edit(value.span.start, value.span.end, f"{quote}{wanted}{quote}".encode()))
    return edits


def _filled(value: str, values: Mapping[str, str]) -> str:
    """The value with ``$NAME`` and ``${NAME}`` of the variables named put in, quotes off."""
    plain = value.strip("'\"")
    return re.sub(r"\$\{(\w+)\}|\$(\w+)", lambda m: values.get(m.group(1) or m.group(2), m.group(0)), plain)


def _references(data: bytes, instruction: Instruction, renamed: Renamed) -> list[Edit]:
    """The version in ``IMAGE:VERSION-…`` and ``IMAGE:VERSION`` of a flag ``--from`` or of FROM."""
    spans = [flag.span for flag in instruction.flags if flag.name == "from"]
    if instruction.keyword == "FROM" and instruction.words:
        spans.append(instruction.words[0].span)
    pattern = re.compile(
        rb"(?<![\w./-])"
        + re.escape(f"{renamed.image}:".encode())
        + re.escape(renamed.old.encode())
        + rb"(?=-|$)"
    )
    edits = []
    for span in spans:
        for match in pattern.finditer(data[span.start : span.end]):
            end = span.start + match.end()
            edits.append(Edit(end - len(renamed.old.encode()), end, renamed.new.encode()))
    return edits
