"""What handlers of programs share: the registry, words, paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.actions import Value
from contrib.build.transfers import looks_like_address
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk

Handler = Callable[["Walk", shell.Command, "Place"], None]

#: Programs and cmdlets by their lower-case names, with what reads their command line.
HANDLERS: dict[str, Handler] = {}

PRINTERS = frozenset(("echo", "printf", "write-output", "write-host"))


def program(*names: str) -> Callable[[Handler], Handler]:
    """Register what reads the command lines of the programs of these names."""

    def register(handler: Handler) -> Handler:
        for name in names:
            HANDLERS[name] = handler
        return handler

    return register


def arguments(walk: Walk, command: shell.Command) -> list[tuple[shell.Word, Value]]:
    """What a program is given, one by one: a list (``& curl.exe @options URL``) is as many arguments as it has items."""
    if walk.shell != "powershell":
        return [(word, walk.value(word)) for word in command.words]
    return [(word, item) for word in command.words for item in walk.value(word).each]


def texts(walk: Walk, command: shell.Command) -> list[str]:
    """The texts of :func:`arguments`."""
    return [value.text for _, value in arguments(walk, command)]


def named(command: shell.Command, *names: str) -> shell.Word | None:
    for name in names:
        parameter = command.parameter(name)
        if parameter is not None and parameter.value is not None:
            return parameter.value
    return None


def path_values(walk: Walk, word: shell.Word | None) -> list[str]:
    if word is None:
        return []
    value = walk.value(word)
    return [walk.absolute(item.text) for item in value.each]


def add(walk: Walk, what: type[act.Action], command: shell.Command, place: Place, /, **fields: Any) -> None:
    walk.add(what, command.span, node=walk.as_written(command), conditional=place.conditional, **fields)


def run_program(walk: Walk, command: shell.Command, place: Place) -> None:
    """Any other program."""
    path = command.name
    if not path and command.words:
        return
    if "$" in path or "%" in path:
        path = walk.expr(path).text if walk.shell == "powershell" else shell_text(walk, path)
    add_run(walk, command, place, paths.program(path) or command.full_name, path, texts(walk, command))


def add_run(
    walk: Walk, command: shell.Command, place: Place, name: str, path: str, arguments: Sequence[str]
) -> None:
    """A program run; :attr:`contrib.build.actions.Run.files` holds the arguments that could be files."""
    extension = path.rpartition(".")[2] if "." in path else ""
    placed = "/" in path or "\\" in path or (2 <= len(extension) <= 4 and extension.isalnum())
    files = [walk.absolute(path)] if placed else []
    files += [walk.absolute(a) for a in arguments[:50] if a[:1] not in ("-", "") and _could_be_file(a)]
    add(
        walk, act.Run, command, place, name=name, path=path, arguments=tuple(arguments), files=tuple(files),
        quiet=place.quiet,
    )  # fmt: skip


def _could_be_file(word: str) -> bool:
    return "=" not in word and word.split() == [word] and any(sign in word for sign in "./\\")


def shell_text(walk: Walk, text: str) -> str:
    def put(match: re.Match[str]) -> str:
        name = next(group for group in match.groups() if group)
        found = walk.scope.get(name) if walk.scope is not None else None
        return found.text if found is not None else match.group(0)

    return re.sub(r"\$\{(\w+)\}|\$(\w+)|%(\w+)%", put, text)


def add_download(
    walk: Walk, command: shell.Command, place: Place, url: Value, file: str, tool: str, word: shell.Word | None,
    revision: str = "", target: shell.Word | None = None,
) -> None:  # fmt: skip
    """A download; the same file from another mirror, in a later turn of a loop, is no download of its own."""
    if url.known and re.search(r"\s", url.text) and not looks_like_address(url.text):
        # a text where an address is to be given at build time ("Provided by …")
        url = Value(word.text if word is not None else "", False, url.via)
    if file and file != "-":
        walk.fetched.add(file)
    if _another_mirror(walk, command, url, file):
        return
    add(
        walk,
        act.Download,
        command,
        place,
        url=url,
        file=file,
        tool=tool,
        revision=revision,
        word=word,
        target=target,
        directory=walk.directory,
    )


def _another_mirror(walk: Walk, command: shell.Command, url: Value, file: str) -> bool:
    """Whether an earlier turn of the loop fetched the same file, which is still there unused."""
    found = False
    for earlier in walk.in_loop():
        if isinstance(earlier, act.Download):
            same = earlier.node is walk.as_written(command) and earlier.file == file
            found = found or (same and bool(file or earlier.url.text == url.text))
        elif file and found:
            used = earlier.paths if isinstance(earlier, act.Remove) else ()
            if isinstance(earlier, act.Unpack):
                used = (earlier.file,)
            found = file not in used
    return found


def fetch_operand(walk: Walk, command: shell.Command, place: Place, text: str, tool: str) -> None:
    """An operand that is an address, which the program fetches and uses at once."""
    found = next(((word, value) for word, value in arguments(walk, command) if value.text == text), None)
    word, url = found if found is not None else (None, Value(text))
    add_download(walk, command, place, url, "", tool, word)


def url_words(walk: Walk, command: shell.Command) -> list[shell.Word]:
    """Words that hold an address."""
    return [
        word for word in command.words if looks_like_address(walk.text(word)) or looks_like_address(word.text)
    ]


def last_part(url: Value) -> str:
    return paths.name(url.text.split("?")[0].split("#")[0])


def stdout_target(walk: Walk, command: shell.Command) -> str:
    for redirection in command.redirections:
        if redirection.operator in (">", "1>", ">|"):
            return walk.absolute(walk.text(redirection.target))
    return "-"
