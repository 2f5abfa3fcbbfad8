"""What a variable of PowerShell brought over the network, and the file that it is written to later.

``$b = $client.GetByteArrayAsync(URL).Result; [IO.File]::WriteAllBytes(FILE, $b)`` downloads FILE.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build import expression
from contrib.build.values import expression_value
from contrib.shells import model as shell
from contrib.values.records import dataclass, field, replace

if TYPE_CHECKING:
    from contrib.build.walk import Walk

_OPENS = ("io.file::create", "io.file::openwrite", "io.file::open", "io.filestream::new")
_MOST = 20


@dataclass(slots=True)
class Streams:
    """Variables by their lower-case names.

    :param brought: with the positions of the downloads that they hold.
    :param opened: with the file that they write.
    """

    brought: dict[str, tuple[int, ...]] = field(default_factory=dict)
    opened: dict[str, str] = field(default_factory=dict)

    def assigned(self, walk: Walk, name: str, value: shell.Word | shell.Node | None, added: int) -> None:
        """A variable is set.

        :param added: how many actions there were before its value was walked.
        """
        key = name.lower()
        self.brought.pop(key, None)
        self.opened.pop(key, None)
        if value is None or walk.shell != "powershell":
            return
        found = [
            position
            for position, action in enumerate(walk.actions[added:], start=added)
            if isinstance(action, act.Download) and action.file == "-"
        ]
        for variable in _variables(value):
            found.extend(self.brought.get(variable, ()))
        if found:
            self.brought[key] = tuple(dict.fromkeys(found))[:_MOST]
        file = _opened(walk, value)
        if file:
            self.opened[key] = file

    def written(self, walk: Walk, words: tuple[shell.Word, ...], target: str) -> None:
        """What the words hold is written to ``target``."""
        for word in words:
            for variable in _variables(word):
                for position in self.brought.get(variable, ()):
                    put(walk, position, target)

    def copied(self, walk: Walk, command: shell.Command) -> None:
        """``$stream.CopyTo($file)``."""
        if not command.words or not command.positional:
            return
        for variable in _variables(command.positional[0]):
            target = self.opened.get(variable)
            if target:
                self.written(walk, command.words[:1], target)


def put(walk: Walk, position: int, target: str) -> None:
    """Say of a download to a stream that it is that file."""
    action = walk.actions[position]
    if isinstance(action, act.Download) and action.file == "-":
        walk.actions[position] = replace(action, file=target)
        walk.fetched.add(target)


def _variables(value: shell.Word | shell.Node) -> Iterator[str]:
    """Names of the variables that a value is made of, lower case."""
    words: tuple[shell.Word, ...] = ()
    if isinstance(value, shell.Word):
        words = (value,)
    elif isinstance(value, shell.Expression):
        words = (value.word,)
    elif isinstance(value, shell.Command) and value.method is not None:
        words = value.words[:1]
    for word in words:
        for variable in word.variables:
            yield variable.name.lower()


def _opened(walk: Walk, value: shell.Word | shell.Node) -> str:
    """The file that ``[IO.File]::Create(FILE)`` or ``New-Object IO.FileStream FILE, …`` opens."""
    if isinstance(value, shell.Word) and len(value.parts) == 1:
        part = value.parts[0]
        nodes = part.nodes if isinstance(part, (shell.Opaque, shell.Substitution)) else ()
        if len(nodes) == 1:
            value = nodes[0]
    if not isinstance(value, shell.Command):
        return ""
    method = (value.method or "").lower().removeprefix("system.")
    if method in _OPENS and value.positional:
        return walk.absolute(walk.text(value.positional[0]))
    kind = value.parameter("TypeName")
    words = list(value.positional)
    name = kind.value if kind is not None and kind.value is not None else (words.pop(0) if words else None)
    if value.full_name.lower() != "new-object" or name is None:
        return ""
    if walk.text(name).lower().removeprefix("system.") != "io.filestream":
        return ""
    given = value.parameter("ArgumentList")
    word = given.value if given is not None and given.value is not None else (words[0] if words else None)
    return walk.absolute(walk.value(word).each[0].text) if word is not None else ""


def unpacked_by_shell(walk: Walk, command: shell.Command) -> tuple[str, str] | None:
    """Archive and directory of ``$shell.NameSpace(DIR).CopyHere($shell.NameSpace(FILE).Items())``."""
    if not command.words or not command.positional:
        return None
    directory, archive = (
        _namespace(expression.of_word(w)) for w in (command.words[0], command.positional[0])
    )
    if directory is None or archive is None:
        return None
    assert walk.scope is not None
    names = [expression_value(each, "", walk.scope).text for each in (archive, directory)]
    return walk.absolute(names[0]), walk.absolute(names[1])


def _namespace(parsed: expression.Expr) -> expression.Expr | None:
    while isinstance(parsed, expression.Access):
        if parsed.member.lower() == "namespace" and parsed.args:
            return parsed.args[0]
        parsed = parsed.target
    return None
