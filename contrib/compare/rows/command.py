"""``entrypoint``, ``command``, ``foreground``, ``arguments-as-program``: what ``docker run`` starts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from contrib.build import paths
from contrib.compare import platform
from contrib.compare.model import ParityRow
from contrib.compare.rows.configuration import quoted, setting_of
from contrib.compare.rows.pair import (
    Pair,
    Sides,
    bare_program,
    because,
    different,
    extra,
    justified,
    missing,
    not_alike,
    only_here,
    same,
    unknown,
)
from contrib.facts.kinds import ArgumentsAsProgram, Command, Entrypoint, Foreground, Survives
from contrib.values.findings import Verdict

_IN_A_FILE = platform.Reason("the changed defaults are in a configuration file here, which CMD names")


def entrypoint(sides: Sides, of: Pair[Entrypoint]) -> ParityRow | None:
    """A script on Linux has no equal on Windows."""
    linux, windows = of.linux, of.windows
    reason = platform.REASONS["entrypoint"]
    if windows is None:
        left_open = sides.windows.open.handed("entrypoint")
        if left_open:
            return unknown(of, left_open)
        if linux is not None and linux.script:
            return because(of, sides.own_reason(of.name) or reason)
        return missing(of, f"Linux starts {linux.program if linux is not None else ''} with any arguments")
    if linux is None:
        left_open = sides.linux.open.handed("entrypoint")
        if left_open:
            return unknown(of, left_open)
        if windows.script:
            return extra(of, "a script stays between Docker and the program", evidence=reason.evidence)
        return extra(of, "Linux has none: docker run IMAGE PROGRAM works there and not here")
    if linux.script and windows.script:
        return different(of, reason.why, evidence=reason.evidence)
    if linux.script:
        program = windows.program
        why = (
            f"here every argument goes to {program}, and docker run IMAGE PROGRAM starts {program} with it; on Linux it "
            "starts PROGRAM"
        )
        return different(of, why, f"CMD {windows.value}", platform.OVERRIDE)
    if bare_program(linux.program) != bare_program(windows.program):
        return not_alike(of)
    if linux.form != windows.form:
        return different(of, f"{windows.form} form here, {linux.form} form on Linux")
    return same(of)


def command(sides: Sides, of: Pair[Command]) -> ParityRow | None:
    """By program and arguments, ``.exe`` and case ignored; the form counts."""
    linux, windows = of.linux, of.windows
    if _neither_has_one(sides, of):
        return None
    if linux is None:
        if windows is not None and windows.program in platform.SHELLS:
            return justified(of, "each starts the shell of its base")
        return only_here(sides, of, "Linux names no command", "command")
    if windows is None:
        if any(word in platform.SHELLS for word in (linux.program, *linux.words[:1])):
            return justified(of, "each starts the shell of its base")
        left_open = sides.windows.open.handed("command")
        if left_open:
            return unknown(of, left_open)
        return missing(of, f"Linux starts {linux.value}", f"CMD {linux.value}")
    if _given_to_scripts(sides, linux, windows):
        return same(of)
    entry = sides.linux.first(Entrypoint)
    first = linux.words[0] if linux.words and not linux.program else ""
    if first and first not in platform.SHELLS and entry is not None and entry.script:
        if windows.words == linux.words:
            return same(of)
        return unknown(
            of, f"what Linux’s {paths.name(entry.program) or 'entrypoint'} makes of its words was not read"
        )
    problems = []
    if linux.form != windows.form:
        problems.append(f"{windows.form} form: a shell becomes the main process")
    elif windows.around:
        problems.append(f"{windows.around} becomes the main process")
    # Of a script it is not known what it starts; its name is.
    script = windows.words[0] if windows.words and not windows.program else ""
    one, other = bare_program(linux.program), bare_program(windows.program or paths.name(script))
    if one != other:
        there = one or bare_program(linux.words[0] if linux.words else linux.value)
        problems.append(
            f"starts {other}, Linux {there}"
            if other
            else f"what it starts is not known; Linux starts {there}"
        )
    if problems:
        return different(of, "; ".join(problems), _in_exec_form(windows))
    arguments = windows.words[1:] if script else windows.arguments
    found = _arguments(sides, of, linux.arguments, arguments)
    if script and found.verdict is Verdict.SAME:
        return justified(of, f"the program's own script for Windows, {paths.name(script)}; see foreground")
    return found


def _given_to_scripts(sides: Sides, linux: Command, windows: Command) -> bool:
    """Whether CMD is the same and goes to an entrypoint script on both sides: the rows of these say the rest."""
    there, here = sides.linux.first(Entrypoint), sides.windows.first(Entrypoint)
    scripts = there is not None and here is not None and there.script and here.script
    return scripts and bool(windows.words) and windows.words == linux.words


def _neither_has_one(sides: Sides, of: Pair[Command]) -> bool:
    """Whether neither side has a CMD, and one has an ENTRYPOINT that names the program: its row says the rest."""
    if of.linux is None:
        return of.windows is not None and of.windows.by_entrypoint and bool(sides.linux.first(Entrypoint))
    return of.windows is None and of.linux.by_entrypoint and bool(sides.windows.first(Entrypoint))


def _arguments(sides: Sides, of: Pair[Command], theirs: Sequence[str], mine: Sequence[str]) -> ParityRow:
    """Two command lines of one program."""
    if len(theirs) == len(mine) and all(map(lambda a, b: _alike(sides, a, b), theirs, mine)):
        return same(of)
    survives = sides.windows.first(Survives)
    file = paths.name(survives.file).lower() if survives is not None and survives.file else ""
    if file and [a for a in mine if paths.name(a).lower() != file] == list(theirs):
        return because(of, _IN_A_FILE)
    configured = sides.image.configured.lower() if sides.image is not None else ""
    if sides.copied_from and len(mine) == len(theirs) + 1 and paths.name(mine[-1]).lower() == configured:
        return because(of, _IN_A_FILE)
    if mine[: len(theirs)] == theirs and _set_on_linux(sides, mine[len(theirs) :]):
        return justified(of, "what Linux’s entrypoint adds, or compiles in, stands in CMD here")
    more = [a for a in mine if a not in theirs]
    less = [a for a in theirs if a not in mine]
    parts = ["only here: " + " ".join(more)] if more else []
    parts += ["only on Linux: " + " ".join(less)] if less else []
    return different(of, "; ".join(parts) or "the arguments stand in another order")


def _alike(sides: Sides, linux: str, windows: str) -> bool:
    """Two arguments: equal, or a path that is mapped, or a file of the same name."""
    if linux == windows:
        return True
    if paths.name(linux).lower() == paths.name(windows).lower() and re.search(r"[/\\.]", linux + windows):
        return True
    mapped = sides.windows_path(paths.clean(linux, "linux"))
    return linux.startswith("/") and paths.same(mapped, windows, "windows")


def _set_on_linux(sides: Sides, arguments: Sequence[str]) -> bool:
    """Whether every flag sets what Linux sets by other means."""
    flags = [a.lstrip("-").partition("=")[0] for a in arguments if a.startswith("-")]
    found = [setting_of(sides, flag, copied=True) for flag in flags]
    return bool(found) and all(each is not None and each.means != "command" for each in found)


def _in_exec_form(windows: Command) -> str:
    """The instruction that a shell form should be."""
    if windows.form != "shell" or not windows.program:
        return ""
    given = [re.sub(r"\\{2,}", r"\\", argument) for argument in windows.arguments]
    return f"CMD {json.dumps([f'{windows.program}.exe', *given])}"


def foreground(sides: Sides, of: Pair[Foreground]) -> ParityRow | None:
    """Different when something else keeps the container alive."""
    linux, windows = of.linux, of.windows
    if windows is None:
        return None
    if not windows.ok:
        return different(of, f"{windows.why}: docker stop and the exit code do not reach the program")
    if linux is None:
        return None
    if not linux.ok:
        return same(of, "better than on Linux")
    alike = bare_program(linux.program) == bare_program(windows.program)
    return same(of) if alike else not_alike(of)


def arguments_as_program(sides: Sides, of: Pair[ArgumentsAsProgram]) -> ParityRow | None:
    """Justified; what a person types instead is the hint."""
    linux, windows = of.linux, of.windows
    if linux is None:
        if sides.linux.first(Entrypoint) is not None or sides.linux.open.handed("entrypoint"):
            return None
        return extra(of, "every argument goes to the program here; on Linux the first one is the program")
    if windows is not None:
        if linux.program != windows.program:
            return not_alike(of)
        alike = linux.value == windows.value
        return same(of) if alike else same(of, f"flags go to {linux.program} on both sides")
    survives = sides.windows.first(Survives)
    words = [linux.program]
    if survives is not None and survives.file and not survives.ok:
        words.extend(survives.command[1:])
    typed = " ".join(quoted(word) for word in words)
    return because(
        of, sides.own_reason(of.name) or platform.REASONS[of.name], f"docker run IMAGE {typed} --flag"
    )
