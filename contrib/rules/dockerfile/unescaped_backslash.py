"""unescaped-backslash: single backslash that Docker eats."""

from __future__ import annotations

import json
from collections.abc import Iterator

from contrib.dockerfile.model import Instruction
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Edit, Finding, Severity
from contrib.values.patterns import lazy

_WORDS = ("ENV", "ARG", "WORKDIR", "VOLUME", "COPY", "ADD", "USER")
_JSON_FORMS = ("VOLUME", "COPY", "ADD", "RUN", "CMD", "ENTRYPOINT", "SHELL", "HEALTHCHECK")


def check(context: Context) -> Iterator[Finding]:
    """Backslashes that Docker takes for an escape, and those that spoil a JSON form."""
    for outer in context.file.instructions:
        instruction = outer.trigger or outer
        places: list[int] = []
        what = ""
        if instruction.keyword in _JSON_FORMS and instruction.body.lstrip().startswith("["):
            places, what = json_places(instruction)
        if (
            not places
            and instruction.keyword in _WORDS
            and not instruction.exec_form
            and context.file.escape == "\\"
        ):
            places = _eaten(instruction.body)
            what = "Docker takes a single backslash away"
        if not places:
            yield from _joined(context, outer)
            continue
        edits = [Edit(at, at, b"\\") for at in (instruction.offsets[index] for index in places)]
        start = instruction.span_of(places[0], places[0] + 1)
        yield context.found(
            RULE,
            start.line,
            f"{what}: double it, `{_piece(instruction.body, places)}`",
            fix=context.fix("double the backslash", edits, safe=True),
            instruction=outer,
        )


#: A path whose last backslash ends the line: ``C:\``, ``C:\app\``.
_ENDS = lazy(r"(?:^|[\s\"'=\[,])(?P<path>[A-Za-z]:(?:[\\/]+[^\s\"'\\/]+)*)\\[ \t]*$")
#: Characters at the end of a line in which such a path is looked for: Windows takes 260 for one.
_LONGEST = 400
_KEYWORD = lazy(
    r"[ \t]*(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|ONBUILD|RUN|SHELL|USER|VOLUME|WORKDIR)[ \t]"
)


def _joined(context: Context, instruction: Instruction) -> Iterator[Finding]:
    """A path's backslash at the end of the line, which makes the next instruction a part of this one."""
    if context.file.escape != "\\" or instruction.end_line == instruction.line:
        return
    lines = context.file.text_of(instruction.span).splitlines()
    for number, text in enumerate(lines[:-1]):
        ends = _ENDS.search(text[-_LONGEST:])
        if ends is None:
            continue
        after = next(
            (
                n
                for n in range(number + 1, len(lines))
                if lines[n].strip() and not lines[n].lstrip().startswith("#")
            ),
            None,
        )
        follows = _KEYWORD.match(lines[after]) if after is not None else None
        if after is None or follows is None:
            continue
        yield context.found(
            RULE,
            instruction.line + number,
            f"the backslash at the end joins this line with the next one: `{follows[1]}` at line "
            f"{instruction.line + after} becomes a part of it. Double it, `{ends['path']}\\\\`",
            instruction=instruction,
        )
        return


def json_places(instruction: Instruction) -> tuple[list[int], str]:
    """Single backslashes of a form that is meant to be JSON, and what they do; none when they do no harm."""
    body = instruction.body
    places = []
    index = body.find("[")
    controls = False
    while index < len(body):
        if body[index] == "\\":
            following = body[index + 1 : index + 2]
            if following in ("\\", '"'):
                index += 2
                continue
            controls = controls or (following != "" and following in "bfnrt")
            places.append(index)
        index += 1
    if not places:
        return [], ""
    if instruction.exec_form:
        return (
            (places, "JSON reads the backslash and the letter after it as a control character")
            if controls
            else ([], "")
        )
    wanted = set(places)
    doubled = "".join(char * 2 if at in wanted else char for at, char in enumerate(body))
    try:
        value = json.loads(doubled[doubled.find("[") :])
    except ValueError:
        return [], ""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return [], ""
    return places, "a single backslash makes this invalid JSON, so it silently becomes the shell form"


def _eaten(body: str) -> list[int]:
    places: list[int] = []
    if "\\" not in body:
        return places
    quote = ""
    index = 0
    while index < len(body):
        char = body[index]
        if char == "\\" and quote != "'":
            following = body[index + 1 : index + 2]
            if not quote and following and (following.isalnum() or following in "._-%~(){}*@"):
                places.append(index)
            index += 2
            continue
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        index += 1
    return places


def _piece(body: str, places: list[int]) -> str:
    """The word around the first place, as the fix writes it."""
    index = places[0]
    start = max(body.rfind(" ", 0, index), body.rfind("=", 0, index), body.rfind('"', 0, index)) + 1
    end = index
    while end < len(body) and body[end] not in ' ",;':
        end += 1
    doubled = set(places)
    return "".join(body[at] * (2 if at in doubled else 1) for at in range(start, end))


RULE = Rule(
    id="unescaped-backslash",
    severity=Severity.ERROR,
    title="single backslash that Docker eats",
    looks_for=(
        "A single backslash stands before an ordinary character in ENV, ARG, WORKDIR, VOLUME, "
        "COPY, ADD or USER, or makes a JSON form invalid, or ends a line with a path such as "
        "`C:\\`. In a RUN in shell form it is fine."
    ),
    why=(
        "Docker removes it: `C:\\data` becomes `C:data`. Invalid JSON silently turns the exec "
        "form into the shell form, and a backslash at the end of a line makes the next "
        "instruction a part of this one."
    ),
    evidence=evidence("docker-library/mongo#470"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
WORKDIR C:\data
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
WORKDIR C:\\data
"""
    ),
    check=check,
    fix="yes",
)
