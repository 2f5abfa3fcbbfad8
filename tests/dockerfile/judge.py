"""BuildKit's own parser (PyPI ``dockerfile``, which wraps moby/buildkit v0.12.5) beside ours.

``agree`` says whether both read a file alike: same refusal, or the same instructions with the same
values, lines, flags, JSON-ness and here-documents. Some things are newer in BuildKit than in the
wheel, or are faults of the wheel's wrapper; :func:`newer` names the one that a file has.
"""

from __future__ import annotations

import json
import re
from typing import Any

from contrib.dockerfile import Dockerfile, Instruction

try:
    import dockerfile as buildkit
except ImportError:  # pragma: no cover - no wheel for this platform
    buildkit = None

#: Whether the wheel is here.
PRESENT = buildkit is not None
MISSING = "PyPI dockerfile (BuildKit's parser) has no wheel for this platform"

Row = tuple[
    str, str | None, bool, int, int, tuple[str, ...], tuple[str, ...], tuple[tuple[str, int, str], ...]
]


def theirs(data: bytes) -> list[Row] | None:
    """What BuildKit reads; None when it refuses the file."""
    try:
        commands = buildkit.parse_string(data.decode("utf-8"))
    except buildkit.GoParseError:
        return None
    return [
        (
            (command.cmd or "").upper(),
            command.sub_cmd.upper() if command.sub_cmd else None,
            command.json,
            command.start_line,
            command.end_line,
            tuple(command.flags),
            tuple(command.value),
            tuple((each.name, each.file_descriptor, each.content) for each in command.heredocs),
        )
        for command in commands
    ]


def values(instruction: Instruction) -> tuple[str, ...]:
    """The values as BuildKit's nodes have them."""
    keyword = instruction.keyword
    if keyword in ("RUN", "CMD", "ENTRYPOINT", "SHELL"):
        if instruction.exec_form:
            return instruction.values
        return (instruction.body,) if instruction.body else ()
    if keyword == "HEALTHCHECK":
        if instruction.exec_form or not instruction.words:
            return instruction.values
        kind = instruction.words[0].text
        rest = re.sub(r"^[\t\n\v\f\r ]+", "", instruction.body[len(kind) :])
        return (kind, rest) if rest else (kind,)
    if keyword in KNOWN:
        return instruction.values
    return ("",)


KNOWN = frozenset(
    [
        "ADD",
        "ARG",
        "COPY",
        "ENV",
        "EXPOSE",
        "FROM",
        "LABEL",
        "MAINTAINER",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    ]
)


def ours(parsed: Dockerfile) -> list[Row] | None:
    """The same of our reader."""
    if any(problem.level == "parser" for problem in parsed.problems):
        return None
    rows: list[Row] = []
    for instruction in parsed.instructions:
        target, sub = instruction, None
        if instruction.keyword == "ONBUILD":
            if instruction.trigger is None:
                rows.append(
                    (
                        "ONBUILD",
                        None,
                        False,
                        instruction.line,
                        instruction.end_line,
                        flags(instruction),
                        (),
                        (),
                    )
                )
                continue
            target, sub = instruction.trigger, instruction.trigger.keyword
        rows.append(
            (
                instruction.keyword,
                sub,
                target.exec_form,
                instruction.line,
                instruction.end_line,
                flags(instruction),
                values(target),
                # the wheel's wrapper loses those of ONBUILD
                ()
                if sub
                else tuple(
                    (each.delimiter, each.file_descriptor, each.content) for each in instruction.heredocs
                ),
            )
        )
    return rows


def flags(instruction: Instruction) -> tuple[str, ...]:
    return tuple(f"--{f.name}" + ("" if f.value is None else f"={f.value}") for f in instruction.flags)


def newer(parsed: Dockerfile) -> str | None:
    """Why this file is no test: something in it is read differently since v0.12.5."""
    for directive in parsed.directives:
        if directive.name == "check":
            return "# check= is newer"
    for instruction in parsed.instructions:
        for each in (instruction, instruction.trigger):
            if each is None:
                continue
            if each.keyword == "ONBUILD" and each is not instruction:
                return "the wheel's wrapper does not unfold ONBUILD ONBUILD"
            if re.search(r"<<-?[\t\r ]", parsed.text_of(each.span)):
                return "a blank after << is newer"
            if re.search(r"<<", parsed.text_of(each.span)) and re.search(
                r"\$\{[^}]*?[#%/]", parsed.text_of(each.span)
            ):
                return "${X#pattern} beside a here-document is newer"
            if any("\0" in value for value in each.values):
                return "the wheel cuts a value at \\u0000"
            body = each.body
            if each.keyword == "HEALTHCHECK" and each.words:
                body = body[len(each.words[0].text) :].lstrip()
            if body.startswith("[") and not each.exec_form:
                try:
                    _, end = json.JSONDecoder().raw_decode(body)
                    if body[end:].strip(" \t\r\n"):
                        return "text after a JSON list makes it a shell form now"
                except ValueError:
                    pass
            if parsed.escape != "\\" and each.flags and re.search(r"[\\`]", parsed.text_of(each.span)):
                return "flags follow the escape directive now"
    return None


def difference(data: bytes, parsed: Dockerfile) -> Any:
    """None when both agree, else the two first rows that differ."""
    left, right = theirs(data), ours(parsed)
    if left == right:
        return None
    if left is None or right is None:
        return {"buildkit": left and "reads it", "ours": right and "reads it", "problems": parsed.problems}
    for one, other in zip(left, right, strict=False):
        if one != other:
            return {"buildkit": one, "ours": other}
    return {"buildkit": left[len(right) :], "ours": right[len(left) :]}
