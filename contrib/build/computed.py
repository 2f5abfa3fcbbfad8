"""Commands that are made of values: a shell, a script or a program whose name or arguments are computed.

``& $env:ComSpec /c "…"``, ``Invoke-Expression '…'`` and ``Start-Process curl.exe -ArgumentList …`` do what the
command that they come to would do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from contrib.build.actions import Value
from contrib.dockerfile.model import Offsets, Span
from contrib.shells import cmdlets, programs
from contrib.shells import model as shell
from contrib.shells.source import Source
from contrib.values.records import replace

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk

#: Computed scripts of a file that are read, all together: characters.
_MAX_TEXT = 200_000
_MAX_DEPTH = 3


def run_script(walk: Walk, language: shell.ShellName, text: str, span: Span, place: Place) -> bool:
    """Walk a script that is a value; False where it is not read.

    :param span: of the command that runs it, which is where all that it does is said to stand.
    """
    walk.computed += len(text)
    if not text.strip() or walk.computed > _MAX_TEXT or walk.nested >= _MAX_DEPTH:
        return False
    source = Source(text, Offsets((0,), (span.start,), (0,), len(text)), span.line, ())
    script = programs.read(language, source)
    if script.unparsed or not script.nodes:
        return False
    walk.nested += 1
    walk.inner(script, place)
    walk.nested -= 1
    return True


def run_shell(walk: Walk, command: shell.Command, place: Place, name: str, given: Sequence[Value]) -> bool:
    """Walk what a shell is given on a command line of values; False where it is given no script.

    :param name: of the shell, as :func:`contrib.shells.programs.program` gives it.
    """
    language = programs.shell_of(name)
    texts = [value.text for value in given]
    found = programs.script_start(name, texts) if language is not None else None
    if language is None or found is None:
        return False
    start, extent = found
    script = given[start:] if extent == "rest" else given[start : start + 1]
    if any(not value.known and not value.text for value in script):
        return False
    return run_script(walk, language, " ".join(value.text for value in script), command.span, place)


def called(walk: Walk, command: shell.Command, name: str, given: Sequence[Value]) -> shell.Command:
    """The command that a program and its arguments, given as values, come to."""
    words = tuple(_word(walk, value, command.span) for value in given)
    found = replace(
        command, name=name, full_name=programs.program(name), words=words, positional=words, parameters=(),
        redirections=(), method=None, script=None,
    )  # fmt: skip
    walk.take_for(found, command)
    return found


def renamed(walk: Walk, command: shell.Command, name: str) -> shell.Command:
    """A command under an alias that the script made (``Set-Alias get Invoke-WebRequest``), under its own name.

    The words after an unknown name are read as a program's: names of parameters and values are told apart again.
    """
    full = cmdlets.canonical(cmdlets.ALIASES.get(name.lower(), name))
    if full is None:
        found = replace(command, name=name, full_name=programs.program(name))
        walk.take_for(found, command)
        return found
    parameters: list[shell.Parameter] = []
    positional: list[shell.Word] = []
    words = list(command.words)
    while words:
        word = words.pop(0)
        written = word.literal or ""
        if not written.startswith("-") or len(written) < 2:
            positional.append(word)
            continue
        given, switch = cmdlets.parameter(full, written[1:])
        value = None if switch or not words else words.pop(0)
        parameters.append(shell.Parameter(written[1:], given, value, word.span))
    found = replace(
        command, name=name, full_name=full, parameters=tuple(parameters), positional=tuple(positional)
    )
    walk.take_for(found, command)
    return found


def _word(walk: Walk, value: Value, span: Span) -> shell.Word:
    if value.known and not value.via and value.digest is None and not value.fetched:
        return shell.Word(value.text, (shell.Text(value.text),), span)
    word = shell.Word(value.text, (shell.Opaque(value.text),), span)
    walk.here[id(word)] = walk.values[id(word)] = value
    return word
