"""Names of programs, their options, and programs that are shells themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from contrib.shells.model import Parameter, Script, ShellName, Text, Word
from contrib.values.patterns import lazy

if TYPE_CHECKING:
    from contrib.shells.source import Source

#: Shells inside shells that are read.
MAX_SHELLS = 3
#: Longer scripts inside a script are not read.
MAX_INNER = 131_072

_SHELLS: dict[str, ShellName] = {
    "powershell": "powershell",
    "pwsh": "powershell",
    "cmd": "cmd",
    "sh": "posix",
    "bash": "posix",
    "ash": "posix",
    "dash": "posix",
    "zsh": "posix",
    "ksh": "posix",
}

#: A piece of an outer text: what is read, and where it stands.
Piece = tuple[str, int, int]


def program(name: str) -> str:
    """A program's name without directory and ``.exe``, lower case.

    >>> program("C:\\\\Windows\\\\System32\\\\cmd.EXE"), program("/usr/bin/env")
    ('cmd', 'env')
    """
    bare = re.split(r"[\\/]", name.strip().strip("\"'"))[-1].lower()
    return bare[:-4] if bare.endswith(".exe") and len(bare) > 4 else bare


_CMDLET = lazy(
    r"(Add|Clear|Compress|Copy|Disable|Enable|Expand|Export|Find|Get|Import|Install|Invoke|Move|New|Out|Register|Remove|"
    r"Rename|Resolve|Save|Select|Set|Start|Stop|Test|Uninstall|Update|Wait|Write)-[A-Z]\w+",
    re.IGNORECASE,
)


def is_cmdlet(name: str) -> bool:
    """Whether a command's name is a cmdlet's: ``Expand-Archive``.

    >>> is_cmdlet("Expand-Archive"), is_cmdlet("expand")
    (True, False)
    """
    return _CMDLET.fullmatch(name) is not None


def is_powershell(name: str) -> bool:
    """Whether a program's name, with directory and ``.exe`` or without, is PowerShell's."""
    return program(name) in ("powershell", "pwsh")


def is_shell(name: str) -> bool:
    """Whether a program's name (as :func:`program` gives it) is a shell's."""
    return name in _SHELLS


def shell_of(name: str) -> ShellName | None:
    """The grammar of the shell that ``name`` is; None when it is none."""
    return _SHELLS.get(program(name))


def option(word: Word) -> Parameter:
    """An option word of a program: ``-x``, ``--name``, ``--name=value``."""
    bare = word.text.lstrip("-")
    name, equals, _ = bare.partition("=")
    value: Word | None = None
    if equals:
        first = word.parts[0] if word.parts else None
        if isinstance(first, Text) and "=" in first.value:
            rest = first.value.partition("=")[2]
            parts = ((Text(rest),) if rest else ()) + word.parts[1:]
            value = Word(bare.partition("=")[2], parts or (Text(""),), word.span)
    return Parameter(name, name, value, word.span)


_POWERSHELL_VALUES = (
    "executionpolicy", "ep", "ex", "version", "inputformat", "outputformat", "windowstyle", "configurationname",
    "psconsolefile", "custompipename", "settingsfile", "workingdirectory", "wd", "encodedcommand", "ec", "e", "enc",
)  # fmt: skip
_POWERSHELL_SWITCHES = (
    "noprofile", "nologo", "noninteractive", "noexit", "sta", "mta", "login", "l", "nop", "noni", "interactive", "i",
)  # fmt: skip


def script_start(name: str, values: list[str]) -> tuple[int, Literal["rest", "one"]] | None:
    """Where the script begins in the words after a shell's name, and whether all the rest belongs to it.

    None when the shell is given no script on its command line (a file, standard input, nothing).
    """
    kind = _SHELLS.get(name)
    at = 0
    if kind == "posix":
        while at < len(values):
            value = values[at]
            if re.fullmatch(r"-[abd-zA-Z]*c[a-zA-Z]*", value):
                at += 1
                # options may stand after -c as well: sh -c -e "…"
                while at < len(values) and re.fullmatch(r"[-+][a-zA-Z]+", values[at]):
                    at += 1
                return (at, "one") if at < len(values) else None
            if value in ("-o", "+o", "-O", "+O"):
                at += 2
            elif value.startswith(("-", "+")) and len(value) > 1:
                at += 1
            else:
                return None
        return None
    if kind == "cmd":
        while at < len(values):
            value = values[at].lower()
            if value[:2] in ("/c", "/k", "/r"):
                return (at + 1, "rest") if len(value) == 2 and at + 1 < len(values) else None
            if value.startswith("/"):
                at += 1
            else:
                return None
        return None
    while at < len(values):
        value = values[at]
        if not value.startswith(("-", "/")):
            # Windows PowerShell takes what is no option for a command; pwsh takes it for a file
            return (at, "rest") if name == "powershell" else None
        option_ = value[1:].lower().lstrip("-")
        if option_ == "" or option_ in ("file", "f", "fi", "fil"):
            return None
        if "command".startswith(option_) or option_ in ("cwa", "commandwithargs"):
            at += 1
            return (at, "rest") if at < len(values) and values[at] != "-" else None
        if any(full.startswith(option_) for full in _POWERSHELL_SWITCHES):
            at += 1
        elif any(full.startswith(option_) for full in _POWERSHELL_VALUES):
            if "encodedcommand".startswith(option_) or option_ in ("ec", "enc"):
                return None
            at += 2
        else:
            at += 1
    return None


def unquoted(source: Source) -> Source:
    """A command line as the program that is started gets it: quotes gone, ``\\"`` a quote.

    The rules are those of C programs on Windows: backslashes before a quote count in pairs.
    """
    text = source.text
    pieces: list[Piece] = []
    at = 0
    for match in re.finditer(r'(?<!\\)(\\*)"', text):
        slashes = len(match.group(1))
        pieces.append((text[at : match.start()], at, match.start()))
        kept = slashes // 2
        pieces.append((text[match.start() : match.start() + kept], match.start(), match.start() + kept))
        at = match.end()
        if slashes % 2:
            pieces.append(('"', at - 1, at))
    pieces.append((text[at:], at, len(text)))
    return source.rebuilt(pieces)


def inner_script(
    name: str,
    words: list[tuple[str, list[Piece]]],
    source: Source,
    depth: int,
    *,
    outer: ShellName,
) -> Script | None:
    """The script that a shell called ``name`` is given, read by its own grammar.

    :param words: value and pieces (of ``source``) of each word after the name.
    """
    found = script_start(name, [value for value, _ in words])
    if found is None:
        return None
    start, extent = found
    pieces: list[Piece] = []
    for index, (_, each) in enumerate(words[start:] if extent == "rest" else words[start : start + 1]):
        if index:
            place = each[0][1] if each else pieces[-1][2]
            pieces.append((" ", place, place))
        pieces.extend(each)
    if sum(len(text) for text, _, _ in pieces) > MAX_INNER:
        return None
    inner = source.rebuilt(pieces)
    if not inner.text.strip():
        return None
    return read(_SHELLS[name], inner, depth=depth, outer=outer, core=name == "pwsh")


#: A reader of one grammar: ``(source, depth, outer, core) -> Script``.
Reader = Callable[["Source", int, "ShellName | None", bool], Script]

_LOADERS: dict[ShellName, Callable[[], Reader]] = {}


def register(shell: ShellName, load: Callable[[], Reader]) -> None:
    """Say how the reader of a grammar is loaded; it is, when the first body wants it.

    The grammars meet here and not in each other: a script of one may hold a script of any other.
    """
    _LOADERS[shell] = load


def read(
    shell: ShellName, source: Source, *, depth: int = 0, outer: ShellName | None = None, core: bool = False
) -> Script:
    """Read a text with a shell's grammar.

    :param outer: the shell whose script holds this one.
    :param core: PowerShell 6 or later.
    """
    script = _LOADERS[shell]()(source, depth, outer, core)
    if outer is None:
        return script
    return Script(script.shell, script.nodes, script.unparsed, outer, script.text)
