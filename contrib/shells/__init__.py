"""Bodies of RUN, CMD, ENTRYPOINT, HEALTHCHECK as commands, each with its place in the file.

Which shell reads a body: the last SHELL before it in its stage, or in the stage of the same file that this one
starts from, else ``cmd /S /C`` on Windows and ``/bin/sh -c`` on Linux
(https://docs.docker.com/reference/dockerfile/, "SHELL"). A grammar is loaded with the first body that needs it.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache

from contrib.dockerfile.model import Dockerfile, Heredoc, Instruction, Offsets, Stage
from contrib.dockerfile.platform import Platform, StageBase, stage_bases
from contrib.shells import programs
from contrib.shells.model import Command, Node, Script, ShellName, Text, Unparsed, Word
from contrib.shells.source import Source
from contrib.values.patterns import lazy
from contrib.values.records import dataclass, replace


def _load_powershell() -> programs.Reader:
    from contrib.shells.powershell import read

    return lambda source, depth, outer, core: read(
        source, percent="env" if outer == "cmd" else "foreign", core=core, depth=depth
    )


def _load_cmd() -> programs.Reader:
    from contrib.shells.cmd import read

    return lambda source, depth, outer, core: read(source, depth=depth)


def _load_posix() -> programs.Reader:
    from contrib.shells.posix import read

    return lambda source, depth, outer, core: read(source, depth=depth)


programs.register("powershell", _load_powershell)
programs.register("cmd", _load_cmd)
programs.register("posix", _load_posix)

#: Longest body that is read, in characters; the longest of a real Windows Dockerfile is a fiftieth of it.
MAX_BODY = 262_144

#: Instructions whose body a shell reads.
WITH_SCRIPT = frozenset({"RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"})

_JSON_STRING = lazy(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_JSON_PIECE = lazy(
    r'[^\\"]+|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.'
)


@dataclass(frozen=True, slots=True)
class Shell:
    """What runs a body in shell form.

    :param words: as SHELL gives them, or the default.
    :param name: whose grammar reads the body.
    :param instruction: the SHELL instruction; None for the default, and for one that the base hands on.
    :param known: False where nobody knows what the base hands on; ``words`` are the platform's default then.
    :param inherited: the SHELL that the base hands on, as an instruction of a file of its own.
    """

    words: tuple[str, ...]
    name: ShellName
    instruction: Instruction | None = None
    known: bool = True
    inherited: Instruction | None = None

    @property
    def program(self) -> str:
        """``cmd``, ``powershell``, ``pwsh``, ``sh``, ``bash`` …."""
        return programs.program(self.words[0]) if self.words else ""

    @property
    def preamble(self) -> Script | None:
        """What SHELL's last word runs before each body (``$ErrorActionPreference = 'Stop'; …``); None without one."""
        instruction = self.instruction or self.inherited
        return preamble_of(instruction) if instruction is not None else None


DEFAULT_WINDOWS = Shell(("cmd", "/S", "/C"), "cmd")
DEFAULT_LINUX = Shell(("/bin/sh", "-c"), "posix")


def default_shell(platform: Platform) -> Shell:
    """The shell where no SHELL says otherwise."""
    return DEFAULT_WINDOWS if platform == "windows" else DEFAULT_LINUX


def shell_of(instruction: Instruction, platform: Platform) -> Shell:
    """The shell that a SHELL instruction sets.

    A program that is no shell of ours (``SHELL ["python", "-c"]``) is read as the platform's default.
    """
    words = instruction.values
    name = programs.shell_of(words[0]) if words else None
    return Shell(words, name or default_shell(platform).name, instruction)


def shell_in_force(stage: Stage, instruction: Instruction | None, platform: Platform) -> Shell:
    """The shell at ``instruction`` (None: at the stage's end), as far as the stage itself says.

    Where a stage starts from a stage of the same file, :func:`shells` knows what it inherits.
    """
    found = default_shell(platform)
    for each in stage.instructions:
        if each is instruction:
            break
        if each.keyword == "SHELL" and each.words:
            found = shell_of(each, platform)
    return found


def shell_of_base(base: StageBase) -> Shell:
    """The shell that the image at the bottom of a stage hands on."""
    default = default_shell(base.platform)
    configuration = base.configuration
    if configuration is None:
        # Microsoft's own bases set no SHELL, nor do Linux images, by custom; of others nothing can be said
        known = base.platform == "linux" or base.root.plain_windows
        return default if known else replace(default, known=False)
    if not configuration.knows("shell"):
        return replace(default, known=False)
    if not configuration.shell:
        return default
    instruction = _instruction_of(configuration.shell)
    return replace(shell_of(instruction, base.platform), instruction=None, inherited=instruction)


@lru_cache(maxsize=64)
def _instruction_of(words: tuple[str, ...]) -> Instruction:
    """A SHELL instruction of those words, in a file of its own."""
    from contrib.dockerfile import parse

    text = "FROM scratch\nSHELL " + json.dumps(list(words)) + "\n"
    stage = parse(text.encode()).stages[0]
    return stage.instructions[0]


class Shells:
    """The shell before each instruction of a file, and at each stage's end."""

    def __init__(self, dockerfile: Dockerfile, stages: Sequence[StageBase] | None = None) -> None:
        self._before: dict[int, Shell] = {}
        self._ends: list[Shell] = []
        for stage, base in zip(dockerfile.stages, stages or stage_bases(dockerfile), strict=True):
            shell = self._ends[base.origin] if base.origin is not None else shell_of_base(base)
            for instruction in stage.instructions:
                self._before[id(instruction)] = shell
                if instruction.trigger is not None:
                    self._before[id(instruction.trigger)] = shell
                if instruction.keyword == "SHELL" and instruction.words:
                    shell = shell_of(instruction, base.platform)
            self._ends.append(shell)

    def before(self, instruction: Instruction) -> Shell:
        """What would run ``instruction``'s body; Linux's default for one that stands in no stage."""
        return self._before.get(id(instruction), DEFAULT_LINUX)

    def after(self, stage: Stage) -> Shell:
        """What is in force at the end of ``stage``: CMD and ENTRYPOINT in shell form use it."""
        return self._ends[stage.index]


def shells(dockerfile: Dockerfile) -> Shells:
    """The shell in force at each instruction."""
    return Shells(dockerfile)


# -- scripts -----------------------------------------------------------------------------------------

# Facts and rules ask for the same body again and again; an instruction is kept alive with its script.
_CACHE: OrderedDict[tuple[int, ShellName, str], tuple[Instruction, Script | None]] = OrderedDict()
_CACHE_SIZE = 512


def script_of(instruction: Instruction, stage_shell: Shell) -> Script | None:
    """What the body of RUN, CMD, ENTRYPOINT or HEALTHCHECK CMD runs; None for other instructions and empty ones.

    ``RUN powershell -Command "…"`` under cmd (or any shell whose one command is another shell) gives the inner
    script, with :attr:`Script.inner` and :attr:`Script.outer` set. Exec form gives the program as a command
    (:attr:`Script.exec_form`), or the script of a shell that it calls. A here-document that is the whole
    body is the script.
    """
    key = (id(instruction), stage_shell.name, stage_shell.program)
    found = _CACHE.get(key)
    if found is not None and found[0] is instruction:
        _CACHE.move_to_end(key)
        return found[1]
    script = _script(instruction, stage_shell)
    _CACHE[key] = (instruction, script)
    if len(_CACHE) > _CACHE_SIZE:
        _CACHE.popitem(last=False)
    return script


def _script(instruction: Instruction, shell: Shell) -> Script | None:
    if instruction.keyword not in WITH_SCRIPT:
        return None
    begin = 0
    if instruction.keyword == "HEALTHCHECK":
        if not instruction.words or instruction.words[0].text.upper() != "CMD":
            return None
        begin = len(instruction.words[0].text)
        while begin < len(instruction.body) and instruction.body[begin].isspace():
            begin += 1
    if instruction.exec_form:
        return _exec_form(instruction, shell)
    source = Source.of_body(instruction, begin)
    if not source.text.strip():
        return None
    if instruction.heredocs and instruction.keyword == "RUN":
        script = _of_heredocs(instruction, source, shell)
        if script is not None:
            return script
    return _unwrapped(_read(shell, source))


def _read(shell: Shell, source: Source) -> Script:
    if len(source.text) > MAX_BODY:
        whole = Unparsed(source.text, source.span(0, len(source.text)))
        return Script(shell.name, (whole,), (whole,), text=source.text)
    core = shell.program == "pwsh"
    if shell.name != "powershell" or '\\"' not in source.text:
        return programs.read(shell.name, source, core=core)
    # The body passes through a Windows command line, where \" is a quote and a bare one is gone. Few authors
    # mean the second: bare quotes are taken at their word, unless PowerShell could not read that.
    unquoted = programs.unquoted(source)
    if not re.search(r'(?<!\\)"', source.text):
        return programs.read("powershell", unquoted, core=core)
    script = programs.read("powershell", source, core=core)
    if script.unparsed:
        other = programs.read("powershell", unquoted, core=core)
        if not other.unparsed:
            return other
    return script


def _unwrapped(script: Script) -> Script:
    """The inner script where the one command of ``script`` is a shell with a script."""
    if len(script.nodes) == 1 and isinstance(script.nodes[0], Command):
        inner = script.nodes[0].script
        if inner is not None and not script.nodes[0].redirections:
            return Script(
                inner.shell,
                inner.nodes,
                (*script.unparsed, *inner.unparsed),
                script.shell,
                inner.text,
                script.nodes,
            )
    return script


def _of_heredocs(instruction: Instruction, source: Source, shell: Shell) -> Script | None:
    """The script where the body is nothing but ``<<EOF``; else the command with its here-documents as words."""
    text = source.text.strip()
    first = instruction.heredocs[0]
    if len(instruction.heredocs) == 1 and re.fullmatch(r"\d*<<-?\s*\S+", text):
        content, inner = _heredoc_source(instruction, first)
        line = content.partition("\n")[0].strip()
        if line.startswith("#!"):
            words = line[2:].split()
            name = programs.program(words[0]) if words else ""
            if name == "env":
                name = next((programs.program(w) for w in words[1:] if not w.startswith("-")), "")
            grammar = programs.shell_of(name)
            if grammar is None:
                # another language's program: a note of it, no commands
                span = inner.span(0, len(inner.text))
                command = Command(line[2:].strip(), name, (), span, span)
                return Script(shell.name, (command,), text=content)
            return programs.read(grammar, inner, core=name == "pwsh")
        return programs.read(shell.name, inner, core=shell.program == "pwsh")
    if shell.name != "posix":
        return None
    # the shell gets the line and, below it, the here-documents: read as it reads them
    pieces = [source]
    for heredoc in instruction.heredocs:
        pieces.append(_heredoc_source(instruction, heredoc)[1])
    return programs.read("posix", _stacked(instruction, pieces))


def _heredoc_source(instruction: Instruction, heredoc: Heredoc) -> tuple[str, Source]:
    """The content as the builder passes it on, with its places."""
    raw = heredoc.content
    offsets = _offsets_of(raw, heredoc.span.start)
    source = Source(raw, offsets, instruction.span.line, instruction.line_starts)
    if heredoc.strip_tabs:
        pieces: list[programs.Piece] = []
        at = 0
        for line in raw.splitlines(keepends=True):
            bare = line.lstrip("\t")
            begin = at + len(line) - len(bare)
            pieces.append((bare, begin, begin + len(bare)))
            at += len(line)
        source = source.rebuilt(pieces)
    return source.text, source


def _offsets_of(text: str, start: int) -> Offsets:
    starts: list[int] = []
    offsets: list[int] = []
    widths: list[int] = []
    if text.isascii():
        return Offsets((0,), (start,), (1,), len(text))
    for index, char in enumerate(text):
        width = 1 if "\udc80" <= char <= "\udcff" else len(char.encode("utf-8", "surrogatepass"))
        if not widths or widths[-1] != width:
            starts.append(index)
            offsets.append(start)
            widths.append(width)
        start += width
    return Offsets(starts or (0,), offsets or (start,), widths or (1,), len(text))


def _stacked(instruction: Instruction, sources: Sequence[Source]) -> Source:
    """The line, and below it each here-document's content and its delimiter."""
    text: list[str] = []
    starts: list[int] = []
    offsets: list[int] = []
    length = 0

    def add(piece: str, places: Sequence[int]) -> None:
        nonlocal length
        for index in range(len(piece)):
            starts.append(length + index)
            offsets.append(places[min(index, len(places) - 1)])
        text.append(piece)
        length += len(piece)

    for index, source in enumerate(sources):
        place = [source.offsets.at(i) for i in range(len(source.text))] or [source.offsets.at(0)]
        add(source.text, place)
        end = [source.offsets.end(len(source.text))]
        if index == 0:
            add("\n", end)
        else:
            add(instruction.heredocs[index - 1].delimiter + "\n", end)
    widths = [1] * len(starts)
    return Source(
        "".join(text),
        Offsets(starts, offsets, widths, length),
        instruction.span.line,
        instruction.line_starts,
    )


# -- JSON forms --------------------------------------------------------------------------------------


def _json_sources(instruction: Instruction) -> list[Source]:
    """Each string of a JSON form, decoded, with its places."""
    begin = instruction.body.find("[")
    whole = Source.of_body(instruction)
    found: list[Source] = []
    for match in _JSON_STRING.finditer(instruction.body, begin):
        start, stop = match.start() + 1, match.end() - 1
        if "\\" not in match[0]:
            found.append(whole.rebuilt([(instruction.body[start:stop], start, stop)] if start < stop else []))
            continue
        pieces: list[programs.Piece] = []
        for piece in _JSON_PIECE.finditer(instruction.body, start, stop):
            written = piece.group()
            text = written
            if written[0] == "\\":
                text = json.loads(f'"{written}"')
                if "\ud800" <= text <= "\udfff":
                    text = "\ufffd"
            pieces.append((text, piece.start(), piece.end()))
        found.append(whole.rebuilt(pieces))
    return found


def _exec_form(instruction: Instruction, shell: Shell) -> Script | None:
    sources = _json_sources(instruction)
    skip = 1 if instruction.keyword == "HEALTHCHECK" else 0
    words = tuple(
        Word(source.text, (Text(source.text),), word.span, True)
        for source, word in zip(sources, instruction.words[skip:], strict=False)
    )
    if not words:
        return None
    name = words[0].text
    full = programs.program(name)
    script = None
    if programs.is_shell(full):
        script = _exec_script(instruction, full, sources[1:])
    rest = words[1:]
    options = tuple(programs.option(w) for w in rest if w.text.startswith("-") and len(w.text) > 1)
    command = Command(
        name=name,
        full_name=full,
        words=rest,
        span=instruction.span_of(0, len(instruction.body)),
        name_span=words[0].span,
        parameters=options,
        positional=tuple(w for w in rest if not (w.text.startswith("-") and len(w.text) > 1)),
        script=script,
    )
    nodes: tuple[Node, ...] = (command,)
    if script is not None:
        return Script(
            script.shell, script.nodes, script.unparsed, text=script.text, outer=nodes, exec_form=True
        )
    return Script(shell.name, nodes, text=" ".join(word.text for word in words), exec_form=True)


def _exec_script(instruction: Instruction, full: str, sources: list[Source]) -> Script | None:
    found = programs.script_start(full, [source.text for source in sources])
    if found is None:
        return None
    start, extent = found
    chosen = sources[start:] if extent == "rest" else sources[start : start + 1]
    return programs.read(
        programs.shell_of(full) or "posix", _side_by_side(instruction, chosen), depth=1, core=full == "pwsh"
    )


def _side_by_side(instruction: Instruction, sources: Sequence[Source]) -> Source:
    """Texts with a blank between them."""
    if len(sources) == 1:
        return sources[0]
    text: list[str] = []
    starts: list[int] = []
    offsets: list[int] = []
    widths: list[int] = []
    length = 0
    for index, source in enumerate(sources):
        if index:
            starts.append(length)
            offsets.append(source.offsets.at(0))
            widths.append(0)
            text.append(" ")
            length += 1
        for at in range(len(source.text)):
            starts.append(length + at)
            offsets.append(source.offsets.at(at))
            widths.append(source.offsets.end(at + 1) - source.offsets.at(at))
        text.append(source.text)
        length += len(source.text)
    if not starts:
        return sources[0]
    return Source(
        "".join(text),
        Offsets(starts, offsets, widths, length),
        instruction.span.line,
        instruction.line_starts,
    )


def preamble_of(instruction: Instruction) -> Script | None:
    """The script in a SHELL instruction: what its words after ``-Command`` or ``/C`` hold; None where nothing is."""
    if instruction.keyword != "SHELL" or not instruction.exec_form or not instruction.words:
        return None
    key: tuple[int, ShellName, str] = (id(instruction), "powershell", "preamble")
    cached = _CACHE.get(key)
    if cached is not None and cached[0] is instruction:
        return cached[1]
    sources = _json_sources(instruction)
    full = programs.program(sources[0].text)
    script = _exec_script(instruction, full, sources[1:]) if programs.is_shell(full) else None
    _CACHE[key] = (instruction, script)
    if len(_CACHE) > _CACHE_SIZE:
        _CACHE.popitem(last=False)
    return script
