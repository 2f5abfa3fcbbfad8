"""The main process: what Docker starts of ENTRYPOINT and CMD, and what stands around the program."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from contrib.build import paths
from contrib.build.account import Build
from contrib.dockerfile.model import Instruction
from contrib.shells import model as shell
from contrib.shells.programs import is_shell, script_start
from contrib.values.patterns import lazy
from contrib.values.records import dataclass

#: Wrappers that hand over to the program: they do not stay, or they are made to be the first process.
_WRAPPERS = frozenset(("exec", "env", "tini", "dumb-init", "--", "catatonit", "gosu", "su-exec", "setpriv"))
_SCRIPTS = (".sh", ".ps1", ".cmd", ".bat", ".psm1", ".vbs")

Where = Literal["ENTRYPOINT", "CMD"]


@dataclass(frozen=True, slots=True)
class Start:
    """How the image starts.

    :param entrypoint: the ENTRYPOINT of the file that is in force; None when the file has none, or takes the base's
        away with ``[]``.
    :param command: likewise the CMD.
    :param words: of both, one after the other, as Docker runs them; those of a shell form after the shell's.
    :param program: name of the program that is meant to run; "" when it is a shell, or unknown.
    :param path: the same as written.
    :param arguments: what the program is given.
    :param fixed: those of ``arguments`` that stand in ENTRYPOINT, which no argument of ``docker run`` takes away.
    :param around: the shell that is the main process with the program as its child; "" for none.
    :param around_by: the instruction that puts the shell there.
    :param shell_form: of ``around``: Docker puts the shell there, not the words.
    :param by_entrypoint: the program stands in ENTRYPOINT.
    :param script: name of a script that comes first, or is all there is.
    :param known: False where the base decides, and nobody knows what it hands on.
    :param inherited: nothing in this file says what starts; the base does.
    """

    entrypoint: Instruction | None
    command: Instruction | None
    words: tuple[str, ...] = ()
    program: str = ""
    path: str = ""
    arguments: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    around: str = ""
    around_by: Where | None = None
    shell_form: bool = False
    by_entrypoint: bool = False
    script: str = ""
    known: bool = True
    inherited: bool = False

    @property
    def instruction(self) -> Instruction | None:
        """Where a person looks first: CMD, else ENTRYPOINT."""
        return self.command or self.entrypoint


def is_script(word: str) -> bool:
    """A script by its name."""
    return word.lower().strip("'\"").endswith(_SCRIPTS)


def start_of(build: Build) -> Start:
    """What the image of ``build`` starts."""
    entrypoint, command = build.last("ENTRYPOINT"), build.last("CMD")
    base = build.base
    configuration = base.configuration if base is not None else None
    known = True
    entry_words, entry_shell = _words(build, entrypoint)
    command_words, command_shell = _words(build, command)
    inherited = entrypoint is None and command is None
    if entrypoint is None and base is not None:
        if configuration is not None and configuration.knows("entrypoint"):
            entry_words = configuration.entrypoint or ()
        elif base.platform == "windows" and not base.root.plain_windows:
            known = False
    if command is None and entrypoint is None:
        if configuration is not None and configuration.knows("command"):
            command_words = configuration.command or ()
        elif base is not None and base.platform == "windows" and not base.root.plain_windows:
            known = False
    elif command is not None and entrypoint is not None and _resets(build, entrypoint, command):
        # an ENTRYPOINT takes the CMD of the stage that it starts from away
        command, command_words, command_shell = None, (), False
    if entrypoint is not None and not entry_words:
        entrypoint = None
    words = (*entry_words, *command_words)
    found = _meant(words, len(entry_words))
    if re.search(r"[\[\]\"]", found.program):
        found = _Meant(shell=found.shell, at=found.at)  # of JSON that is broken
    around_by: Where | None = None
    if found.shell:
        around_by = (
            "ENTRYPOINT"
            if entry_words and (entry_shell or is_shell(paths.program(entry_words[0])))
            else "CMD"
        )
    script = next((paths.name(word) for word in words[:2] if is_script(word)), "")
    if not script and found.script:
        script = paths.name(found.script)
    return Start(
        entrypoint=entrypoint,
        command=command,
        words=tuple(words),
        program=found.program,
        path=found.path,
        arguments=found.arguments,
        fixed=found.fixed,
        around=found.shell,
        around_by=around_by,
        shell_form=entry_shell or (command_shell and not entry_words),
        by_entrypoint=found.at < len(entry_words) if found.program else bool(entry_words),
        script=script,
        known=known,
        inherited=inherited,
    )


def _resets(build: Build, entrypoint: Instruction, command: Instruction) -> bool:
    """Whether the ENTRYPOINT stands in a later stage than the CMD."""
    stages = build.dockerfile.stages
    place = {id(i): stage.index for stage in stages for i in stage.instructions}
    return place.get(id(entrypoint), 0) > place.get(id(command), 0)


def _words(build: Build, instruction: Instruction | None) -> tuple[tuple[str, ...], bool]:
    """Words of an instruction, and whether it is in shell form; Docker expands no variable in the exec form."""
    if instruction is None or not instruction.body.strip():
        return (), False
    if instruction.exec_form:
        return instruction.values, False
    in_force = build.shell_at.get(id(instruction))
    words = in_force.words if in_force is not None else ()
    return (*words, instruction.body.strip()), True


@dataclass(frozen=True, slots=True)
class _Meant:
    program: str = ""
    path: str = ""
    arguments: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    shell: str = ""
    script: str = ""
    at: int = 0


def _meant(words: Sequence[str], fixed: int) -> _Meant:
    """The program that a command line is there for, through wrappers and shells.

    :param fixed: how many of the words ENTRYPOINT gives.
    """
    at = 0
    while at < len(words):
        word = words[at]
        name = paths.program(word)
        if is_script(word):
            rest = words[at + 1 :]
            inner = _meant(rest, max(0, fixed - at - 1)) if rest else _Meant()
            return _Meant(inner.program, inner.path, inner.arguments, inner.fixed, "", word)
        if name in _WRAPPERS or (at and word.startswith("-") and paths.program(words[at - 1]) in _WRAPPERS):
            at += 1
            continue
        if is_shell(name):
            return _in_shell(name, words, at, fixed)
        return _Meant(name, word, tuple(words[at + 1 :]), tuple(words[at + 1 : max(at + 1, fixed)]), at=at)
    return _Meant()


#: Commands that cmd does itself, where nothing follows them.
_BUILT_IN = lazy(r"(?i)^\s*(type|dir|ver|vol|echo|set|title|date|time)\b[^&|]*$")


def _in_shell(name: str, words: Sequence[str], at: int, fixed: int) -> _Meant:
    rest = list(words[at + 1 :])
    found = script_start(name, rest)
    if found is None:
        file = next((word for word in rest if is_script(word)), "")
        return _Meant(shell=name if file else "", script=file)
    start, extent = found
    if extent == "rest" and len(rest) > start + 1 and is_shell(paths.program(rest[start])):
        # a shell that is started with words, not with a script: ENTRYPOINT ["powershell"], CMD in shell form
        inner = _in_shell(paths.program(rest[start]), words, at + 1 + start, fixed)
        return _Meant(
            inner.program,
            inner.path,
            inner.arguments,
            inner.fixed,
            name,
            inner.script,
            inner.at or at + 1 + start,
        )
    text = " ".join(rest[start:]) if extent == "rest" else rest[start]
    listed = _listed(text)
    if listed:
        inner = _meant(listed, 0)
        return _Meant(inner.program, inner.path, inner.arguments, (), name, inner.script, at + 1 + start)
    if name == "cmd" and _BUILT_IN.match(text):
        return _Meant(name, words[at], tuple(rest), at=at)  # it does that itself: nothing else is started
    program, arguments = _first_program(name, text)
    if not program:
        script = next((t for t in re.split(r"[\s'\"]+", text) if is_script(t)), "")
        return _Meant(shell=name if text.strip() else "", script=script)
    bare = paths.program(program)
    if is_shell(bare):
        inner = _in_shell(bare, [program, *arguments], 0, 0)
        return _Meant(
            inner.program, inner.path, inner.arguments, inner.fixed, name, inner.script, at + 1 + start
        )
    if is_script(program):
        return _Meant(shell=name, script=program, arguments=tuple(arguments))
    in_entry = at + 1 + start < fixed
    exec_ = name in ("sh", "bash", "ash", "dash") and re.match(r"\s*exec\s", text)
    return _Meant(
        bare,
        program,
        tuple(arguments),
        tuple(arguments) if in_entry else (),
        "" if exec_ else name,
        "",
        at + 1 + start,
    )


#: An element of what was meant as a JSON list: in either quotes, or bare.
_ELEMENT = lazy(r"\"([^\"]*)\"|'([^']*)'|([^\s,\[\]\"']+)")


def _listed(text: str) -> list[str]:
    """The words of a list that is no JSON (``['app.exe', '-x']``), which a shell gets as it is written; else none.

    The shell finds no program of that name: what is said of such an image is said of the program that was meant.
    """
    bare = text.strip()
    if not (bare.startswith("[") and bare.endswith("]")) or bare.startswith(("[ -", "[[")):
        return []
    return ["".join(found) for found in _ELEMENT.findall(bare[1:-1][:16_384])]


_QUIET = frozenset(
    (
        "write-host",
        "write-output",
        "echo",
        "echo.",
        "set-location",
        "cd",
        "chdir",
        "set",
        "exec",
        "call",
        "@echo",
    )
)


@lru_cache(maxsize=256)
def _first_program(name: str, text: str) -> tuple[str, tuple[str, ...]]:
    """The first program of a shell's script, with its arguments; "" when there is none that is known."""
    from contrib.dockerfile import parse
    from contrib.shells import Shell, script_of
    from contrib.shells.programs import shell_of

    grammar = shell_of(name)
    if grammar is None or len(text) > 16_384 or "\n" in text:
        return "", ()
    stage = parse(("FROM scratch\nCMD " + text + "\n").encode("utf-8", "surrogateescape")).stages[0]
    instruction = next((i for i in stage.instructions if i.keyword == "CMD"), None)
    if instruction is None:
        return "", ()
    script = script_of(instruction, Shell((name,), grammar))
    for command in shell.commands(script.nodes) if script is not None else ():
        program = command.name
        words = [word.literal if word.literal is not None else word.text for word in command.words]
        if (command.full_name.lower() == "exec" and words) or (not program and words):
            program, words = words[0], words[1:]
        elif grammar == "cmd" and command.full_name == "start" and words:
            program, words = _started(words, command.words[0].quoted)
        elif command.full_name == "Start-Process" and words:
            values = [w for w in words if not w.startswith("-")]
            program, words = (values[0], values[1:]) if values else ("", [])
        bare = paths.program(program)
        if not bare or bare in _QUIET or re.fullmatch(r"[A-Z][a-z]+-[A-Z]\w+", program):
            continue
        return program, tuple(words)
    return "", ()


def _started(words: list[str], titled: bool) -> tuple[str, list[str]]:
    """What cmd's ``start`` starts: ``start "title" /wait app.exe -x``."""
    rest = words[1:] if titled and len(words) > 1 else list(words)
    while rest and rest[0].startswith("/"):
        option = rest.pop(0).lower()
        if option in ("/d", "/node", "/affinity") and rest:
            rest.pop(0)
    return (rest[0], rest[1:]) if rest else ("", [])


def shown(instruction: Instruction) -> str:
    """An instruction's words as people write them: JSON for the exec form."""
    if instruction.exec_form:
        return json.dumps(list(instruction.values), ensure_ascii=False)
    return " ".join(instruction.body.split())
