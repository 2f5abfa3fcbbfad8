"""install-path-with-spaces: path with a space in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import effects, paths
from contrib.build.actions import Value
from contrib.build.rights import SYSTEM_DIRECTORIES
from contrib.dockerfile.model import Instruction
from contrib.rules.bodies import Run, Step, all_words
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Command
from contrib.values.findings import Finding, Severity
from contrib.values.patterns import lazy

#: A path with a blank inside; `C:\a -x` is a path and an option.
#: Windows takes 260 characters, so that a text of many drives costs no more than its length.
_SPACED = lazy(r"(?<![A-Za-z])[A-Za-z]:[\\/][^;\"'<>|*?\s]{0,260} [A-Za-z0-9(][^;\"'<>|*?]{0,260}")
#: A path from the root of the drive that WORKDIR or VOLUME names.
_ROOTED = lazy(r"^[\"']?[\\/](?![\\/])")
#: A command line, not a path: `C:\app\app.exe --port 80`.
_COMMAND = lazy(r"^[^ ]*\.(exe|com|cmd|bat|ps1)\s", re.IGNORECASE)
_SAID = lazy(r"\b(default|installer|upstream)\b", re.IGNORECASE)
_SET = lazy(r"(?<!\w)\w+(?==)")
_DIRECTORY = lazy(r"INSTALL|TARGET|DIR", re.IGNORECASE)


def check(context: Context) -> Iterator[Finding]:
    """Docker's own words, and the places in RUN bodies where something is put or PATH is set; each path once."""
    said = any(
        _SAID.search(comment.text) and re.search("install|path|location", comment.text, re.I)
        for comment in context.comments
    )
    found: list[tuple[Severity, Instruction, int, str]] = []
    for instruction, line, path, by_variable in _places(context):
        own = "program files" in path.lower()
        if instruction.keyword == "ENV" and any(
            paths.same(path, each, "windows") for each in SYSTEM_DIRECTORIES
        ):
            continue  # `ENV ProgramFiles=…`: where something is put is said elsewhere
        # Where the software's own installer puts it, quoted and said so in a comment, or by %ProgramFiles%.
        excused = own and instruction.keyword == "RUN" and (said or by_variable)
        found.append((Severity.NOTE if excused else Severity.WARNING, instruction, line, path))
    reported: list[str] = []
    for severity, instruction, line, path in sorted(found, key=lambda each: (-each[0].rank, each[2])):
        place = _place_of(path)
        if any(paths.under(place, one, "windows") or paths.under(one, place, "windows") for one in reported):
            continue
        reported.append(place)
        yield context.found(
            RULE,
            line,
            f"`{_short(path)}` has a space in it: quoting differs in Docker, cmd and PowerShell",
            severity=severity,
            instruction=instruction,
        )


def _place_of(path: str) -> str:
    """The directory that has the space: where a program is installed, whatever is below it."""
    parts = re.split(r"[\\/]+", path)
    last = max((n for n, part in enumerate(parts) if " " in part), default=len(parts) - 1)
    if parts[last].lower().startswith("program files"):
        last += 1  # the program's own directory in it
    return "\\".join(parts[: last + 1])


def _places(context: Context) -> Iterator[tuple[Instruction, int, str, bool]]:
    """Instruction, line and path; and whether a variable of Windows (``%ProgramFiles%``) says it."""
    for instruction in context.file.instructions:
        if instruction.keyword in ("WORKDIR", "VOLUME"):
            texts = [
                (
                    word.span.line,
                    word.text if instruction.exec_form else context.resolve(instruction, word.text),
                )
                for word in instruction.words
            ]
            if instruction.keyword == "WORKDIR" and texts:
                texts = [(instruction.line, context.resolve(instruction, instruction.body.strip()))]
        elif instruction.keyword == "ENV":
            texts = [
                (v.span.line, context.resolve(instruction, v.text))
                for _, v in instruction.pairs
                if v is not None
            ]
        elif instruction.keyword in ("CMD", "ENTRYPOINT"):
            if instruction.exec_form:
                texts = [(word.span.line, word.text) for word in instruction.words]
            else:
                run = context.run_of(instruction)
                texts = [(w.span.line, w.text) for w in all_words(run)] if run is not None else []
        else:
            continue
        for line, text in texts:
            if " " not in text:
                continue
            rooted = instruction.keyword in ("WORKDIR", "VOLUME") and _ROOTED.search(text) is not None
            if rooted:
                text = "C:" + text.lstrip("\"'")
            match = _SPACED.search(text.replace("\\\\", "\\"))
            if match and "://" not in match[0] and _COMMAND.match(match[0]) is None:
                path = match[0].rstrip()
                yield instruction, line, path[2:] if rooted else path, False
                break
    for run in context.runs:
        for step, command in run.commands:
            found = _placed(run, step, command)
            if found is not None:
                path, by_variable = found
                yield run.instruction, command.span.line, path, by_variable
                break


def _placed(run: Run, step: Step, command: Command) -> tuple[str, bool] | None:
    """The path with a space that a command puts something at, or sets PATH to."""
    starting = effects.starts_another(command)
    words = (*command.words, *command.positional) if starting else effects.places(command)
    for word in words:
        for text in run.values(word):
            match = _SPACED.search(text)
            if match is None or (
                starting and not any(_DIRECTORY.search(name) for name in _SET.findall(text))
            ):
                continue
            path = match[0].rstrip()
            by_variable = "program files" in path.lower() and _by_windows(run.value(word))
            return path, by_variable
    return None


def _by_windows(value: Value) -> bool:
    """The directory comes out of a variable of Windows (``%ProgramFiles%``)."""
    sources = [*value.via, *(source for each in value.items for source in each.via)]
    return any(source.kind == "platform" and "PROGRAM" in source.name.upper() for source in sources)


def _short(path: str) -> str:
    return path if len(path) <= 50 else path[:47] + "..."


RULE = Rule(
    id="install-path-with-spaces",
    severity=Severity.WARNING,
    title="path with a space in it",
    looks_for=(
        "A path with a space appears in WORKDIR, ENV, VOLUME, CMD or ENTRYPOINT, is where "
        "something is unpacked, or is put on PATH. It is a note where the software's own "
        "installer puts it and everything is quoted."
    ),
    why=(
        "Docker, cmd and PowerShell quote differently. The maintainers moved redis to a path "
        "without spaces for this reason."
    ),
    evidence=evidence("docker-library/redis@709e6a8"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
WORKDIR "C:\\Program Files\\App"
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
WORKDIR C:\\app
"""
    ),
    check=check,
    fix="ask",
)
