"""Words to values: what a shell passes on, as far as the Dockerfile tells.

Windows images are built for amd64, so a question for the architecture (``apk --print-arch``) is
answered for amd64 on both sides: the download that is compared is the one a Windows user would get
the like of.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable

from contrib.build import expression, paths
from contrib.build.actions import Digest, Source, Value
from contrib.build.paths import Platform
from contrib.dockerfile.expand import Environment
from contrib.dockerfile.model import Span
from contrib.shells import model as shell
from contrib.values.patterns import lazy
from contrib.values.records import dataclass, field, replace

_LIMIT = 16_384
_NOWHERE = Span(0, 0, 0, 0)

#: What Windows sets in every container.
WINDOWS_VARIABLES = {
    "PATH": r"C:\Windows\system32;C:\Windows;C:\Windows\System32\WindowsPowerShell\v1.0",
    "PROGRAMFILES": r"C:\Program Files",
    "PROGRAMFILES(X86)": r"C:\Program Files (x86)",
    "PROGRAMDATA": r"C:\ProgramData",
    "SYSTEMROOT": r"C:\Windows",
    "WINDIR": r"C:\Windows",
    "SYSTEMDRIVE": "C:",
    "HOMEDRIVE": "C:",
    "TEMP": r"C:\Users\ContainerAdministrator\AppData\Local\Temp",
    "TMP": r"C:\Users\ContainerAdministrator\AppData\Local\Temp",
    "USERPROFILE": r"C:\Users\ContainerAdministrator",
    "PROCESSOR_ARCHITECTURE": "AMD64",
    "COMSPEC": r"C:\Windows\system32\cmd.exe",
}
LINUX_VARIABLES = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}

_ARCHITECTURE = {
    "apk": "x86_64",
    "uname": "x86_64",
    "arch": "x86_64",
    "dpkg": "amd64",
    "rpm": "x86_64",
    "dpkg-architecture": "x86_64-linux-gnu",
    "gcc": "x86_64-linux-gnu",
}
#: Programs that print a file's digest, and the algorithm.
HASHERS = {
    "sha256sum": "sha256",
    "sha512sum": "sha512",
    "sha1sum": "sha1",
    "sha384sum": "sha384",
    "sha224sum": "sha224",
    "md5sum": "md5",
    "b2sum": "blake2",
}
_FETCHERS = frozenset(("wget", "curl", "invoke-webrequest", "invoke-restmethod"))


@dataclass(slots=True)
class Scope:
    """Variables while a RUN is walked: the Dockerfile's below, the shell's own above."""

    environment: Environment
    platform: Platform
    ignore_case: bool
    shell: shell.ShellName = "posix"
    own: dict[str, Value] = field(default_factory=dict)
    fetched_files: set[str] = field(default_factory=set)
    absolute: Callable[[str], str] = lambda path: path
    arguments: tuple[Value, ...] = ()
    structured: bool = False  # a variable holds a list or a table

    def _key(self, name: str) -> str:
        if self.shell == "powershell" and name.lower() == "psitem":
            return "_"  # its other name
        return name.upper() if self.ignore_case else name

    def put(self, name: str, value: Value) -> None:
        """Set a variable of the shell."""
        if len(self.own) < 2000:
            self.own[self._key(name)] = value
            self.structured = self.structured or bool(value.items or value.fields)

    def get(self, name: str) -> Value | None:
        """The variable, None when it is not known."""
        found = self.own.get(self._key(name))
        if found is not None:
            return found
        variable = self.environment.variable(name)
        if variable is not None and variable.value is not None:
            kind = "ENV" if variable.kind == "env" else "ARG"
            source = Source(variable.name, "ENV" if kind == "ENV" else "ARG", variable.instruction.line)
            return Value(variable.value[:_LIMIT], variable.known, (source,))
        if name.upper() == ("CD" if self.shell == "cmd" else "PWD"):
            return Value(self.absolute("."), True, (Source("PWD", "platform"),))
        table = WINDOWS_VARIABLES if self.platform == "windows" else LINUX_VARIABLES
        default = table.get(name.upper() if self.platform == "windows" else name)
        if default is not None:
            return Value(default, True, (Source(name.upper(), "platform"),))
        return None


def word_value(word: shell.Word, scope: Scope) -> Value:
    """What ``word`` comes to."""
    if len(word.parts) == 1:
        return _part(word.parts[0], scope)
    pieces = [_part(part, scope) for part in word.parts]
    via: tuple[Source, ...] = ()
    for piece in pieces:
        via += piece.via
    return Value(
        "".join(piece.text for piece in pieces)[:_LIMIT],
        all(piece.known for piece in pieces),
        via[:50],
        fetched=any(piece.fetched for piece in pieces),
        digest=next((piece.digest for piece in pieces if piece.digest is not None), None),
    )


_DELAYED = lazy(r"!(\w+)!")


def delayed(text: str, scope: Scope) -> Value:
    """A text of cmd with ``!NAME!`` in it, for variables that the script has set (``cmd /v:on``)."""
    via: list[Source] = []
    known = True

    def put(match: re.Match[str]) -> str:
        nonlocal known
        found = scope.own.get(match[1].upper())
        if found is None:
            return match[0]
        via.extend(found.via or (Source(match[1], "local"),))
        known = known and found.known
        return found.text

    return Value((_DELAYED.sub(put, text) if "!" in text else text)[:_LIMIT], known, tuple(via))


def _part(part: shell.Part, scope: Scope) -> Value:
    if isinstance(part, shell.Text):
        return delayed(part.value, scope) if scope.shell == "cmd" else Value(part.value[:_LIMIT])
    if isinstance(part, shell.Variable):
        return _variable(part, scope)
    if isinstance(part, shell.Substitution):
        found = substitution(part.nodes, scope)
        if found is None:
            if len(part.nodes) == 1 and isinstance(part.nodes[0], shell.Expression):
                return word_value(part.nodes[0].word, scope)
            called = _called(part.nodes[0], scope) if len(part.nodes) == 1 else None
            if called is not None:
                return called
            return Value(part.text[:_LIMIT], False)
        if not found.text:
            return replace(found, text=part.text[:_LIMIT])
        return found
    if part.operator == "," and any(digest_of(_nodes(each), scope) for each in part.operands[:20]):
        # `$want, $got = $env:SHA, (Get-FileHash f).Hash`: the digest is one item's
        items = tuple(word_value(each, scope) for each in part.operands[:200])
        return Value(part.text[:_LIMIT], False, items=items)
    digest = digest_of(part.nodes, scope) or _dotnet_digest(part.text)
    if digest is not None:
        return Value(part.text[:_LIMIT], False, digest=digest)
    if fetches(part.nodes, scope):
        return Value(part.text[:_LIMIT], False, fetched=True)
    if part.operator is None and scope.shell != "powershell":
        return Value(part.text[:_LIMIT], False)
    return expression_value(expression.of_word(shell.Word(part.text, (part,), _NOWHERE)), part.text, scope)


def _called(node: shell.Node, scope: Scope) -> Value | None:
    """What a method call gives (``[string]::Format(…)``); None where that is not known."""
    parsed = expression.of_call(node) if isinstance(node, shell.Command) else None
    found = expression_value(parsed, "", scope) if parsed is not None else None
    return found if found is not None and found.known and found.text else None


def _nodes(word: shell.Word) -> tuple[shell.Node, ...]:
    """What runs in a word."""
    return tuple(
        node
        for part in word.parts
        if isinstance(part, (shell.Substitution, shell.Opaque))
        for node in part.nodes
    )


def _variable(variable: shell.Variable, scope: Scope) -> Value:
    if variable.scope == "foreign":
        return Value(variable.text, False)
    name = variable.name
    found = scope.get(name)
    operator = ""
    if variable.text.startswith("${") and variable.text.endswith("}"):
        body = variable.text[2:-1]
        operator = (
            body[len(name) :] if body.startswith(name) else ("" if body.lower().startswith("env:") else body)
        )
    elif variable.text.startswith("%") and ":" in variable.text:
        operator = variable.text[1:-1].partition(":")[2]
        if operator:
            return _cmd_operator(variable, found, operator)
    if operator and not operator.startswith("env:"):
        return _operator(variable, found, operator)
    if found is None:
        return Value(variable.text, False)
    return found


def _cmd_operator(variable: shell.Variable, found: Value | None, operator: str) -> Value:
    """``%X:a=b%`` of cmd, and ``%X:~0,3%``."""
    if found is None or not found.known:
        return Value(variable.text, False)
    cut = re.fullmatch(r"~(-?\d+)(?:,(-?\d+))?", operator)
    if cut is not None:
        start = int(cut[1])
        rest = found.text[start:]
        if cut[2] is not None:
            rest = rest[: int(cut[2])]
        return replace(found, text=rest)
    old, equals, new = operator.partition("=")
    if not equals or not old or old.startswith("*"):
        return Value(variable.text, False)
    return replace(
        found, text=re.sub(re.escape(old), lambda _: new, found.text, flags=re.IGNORECASE)[:_LIMIT]
    )


def _operator(variable: shell.Variable, found: Value | None, operator: str) -> Value:
    """``${x%y}``, ``${x:-y}`` and their like."""
    if operator.startswith((":-", "-")):
        if found is not None and (found.text or operator.startswith("-")):
            return found
        rest = operator.lstrip(":")[1:]
        return Value(rest, "$" not in rest)
    if operator.startswith((":+", "+")):
        rest = operator.lstrip(":")[1:]
        return Value(rest if found is not None and found.text else "", "$" not in rest)
    if operator.startswith((":?", "?")):
        return found if found is not None else Value(variable.text, False)
    if found is None or not found.known:
        return Value(variable.text, False, via=found.via if found else ())
    text = found.text
    match = re.match(r"(##?|%%?)(.*)$", operator, re.DOTALL)
    if match is not None:
        pattern = match.group(2).strip("'\"")
        if "$" in pattern or len(pattern) > 60 or len(text) > 1000:
            return Value(variable.text, False, found.via)
        return replace(found, text=_trim(text, match.group(1), pattern))
    match = re.match(r"(//?)([^/]*)/?(.*)", operator, re.DOTALL)
    if match is not None and not re.search(r"[*?\[$]", match.group(2)) and match.group(2):
        count = -1 if match.group(1) == "//" else 1
        return replace(found, text=text.replace(match.group(2), match.group(3).strip("'\""), count)[:_LIMIT])
    return Value(variable.text, False, found.via)


def _trim(text: str, operator: str, pattern: str) -> str:
    """The POSIX trims: shortest or longest prefix or suffix that matches a glob."""
    spots: Iterable[int] = range(len(text) + 1)
    if operator in ("%", "##"):
        spots = reversed(range(len(text) + 1))
    for spot in spots:
        piece = text[spot:] if operator.startswith("%") else text[:spot]
        if fnmatch.fnmatchcase(piece, pattern.replace("[!", "[!")):
            return text[:spot] if operator.startswith("%") else text[spot:]
    return text


def substitution(nodes: tuple[shell.Node, ...], scope: Scope) -> Value | None:
    """Output of the commands in ``$( … )``; None when nothing is known of it."""
    commands = list(_limited(shell.commands(nodes)))
    if not commands:
        return None
    first = commands[0]
    name = first.full_name.lower()
    arguments = [word.literal or "" for word in first.words]
    if name in _ARCHITECTURE and (
        any("arch" in argument or "multiarch" in argument for argument in arguments)
        or "--query" in arguments
        or name == "arch"
        or "-m" in arguments
        or "--machine" in arguments
    ):
        value = _ARCHITECTURE[name]
        if name == "dpkg-architecture" and any(argument.endswith("_ARCH") for argument in arguments):
            value = "amd64"
        return Value(value)
    digest = digest_of(nodes, scope)
    if digest is not None:
        return Value("", False, digest=digest)
    if fetches(nodes, scope):
        return Value("", False, fetched=True)
    if len(commands) == 1:
        if name == "dirname" and first.words:
            value_ = word_value(first.words[-1], scope)
            return replace(value_, text=re.sub(r"/[^/]*$", "", value_.text) or "/")
        if name == "basename" and first.words:
            value_ = word_value(first.words[0], scope)
            text = value_.text.rsplit("/", 1)[-1]
            if len(first.words) > 1:
                text = text.removesuffix(first.words[1].literal or "\0")
            return replace(value_, text=text)
        if name in ("echo", "printf", "write-output") and len(first.words) == 1:
            return word_value(first.words[0], scope)
        if name == "mktemp":
            return Value("/tmp/temporary", False)  # noqa: S108 - a name for people, nothing is opened
        if name in ("pwd", "get-location") and not first.words:
            return scope.get("PWD")
        if name == "join-path":
            return _joined_path(first, scope)
        if name == "split-path":
            return _split_path(first, scope)
    return None


def _given(command: shell.Command, scope: Scope, *names: str) -> list[Value]:
    """Values of a cmdlet's parameters of these names, then of the words without a name."""
    found = [
        word_value(parameter.value, scope)
        for parameter in (command.parameter(name) for name in names)
        if parameter is not None and parameter.value is not None
    ]
    return [*found, *(word_value(word, scope) for word in command.positional)]


def _joined_path(command: shell.Command, scope: Scope) -> Value | None:
    values = _given(command, scope, "Path", "ChildPath", "AdditionalChildPath")
    if len(values) < 2:
        return None
    pieces = [
        value.text.strip("\\/") if index else value.text.rstrip("\\/") for index, value in enumerate(values)
    ]
    via = tuple(source for value in values for source in value.via)
    return Value("\\".join(pieces)[:_LIMIT], all(value.known for value in values), via)


def _split_path(command: shell.Command, scope: Scope) -> Value | None:
    """A part of a path or of an address: ``-Leaf``, ``-LeafBase``, ``-Extension``, ``-Parent`` (without any)."""
    values = _given(command, scope, "Path", "LiteralPath")
    if not values or not values[0].known:
        return None
    whole, leaf = values[0].text.rstrip("\\/"), paths.name(values[0].text.rstrip("\\/"))
    stem, dot, extension = leaf.rpartition(".")
    if command.parameter("Leaf") is not None:
        text = leaf
    elif command.parameter("LeafBase") is not None:
        text = stem or leaf
    elif command.parameter("Extension") is not None:
        text = dot + extension if stem else ""
    elif command.parameter("Qualifier") is not None:
        text = whole[:2] if whole[1:2] == ":" else ""
    elif command.parameter("NoQualifier") is not None:
        text = whole[2:] if whole[1:2] == ":" else whole
    else:
        text = whole[: len(whole) - len(leaf)].rstrip("\\/")
    return replace(values[0], text=text)


def _limited(commands: Iterable[shell.Command]) -> Iterable[shell.Command]:
    for count, command in enumerate(commands):
        if count > 200:
            return
        yield command


def digest_of(nodes: tuple[shell.Node, ...], scope: Scope) -> Digest | None:
    """The hash that the nodes compute, if they do: ``Get-FileHash``, ``sha256sum``, ``certutil -hashfile`` …."""
    for command in _limited(shell.commands(nodes)):
        name = command.full_name.lower()
        if name == "get-filehash":
            parameter = command.parameter("Path") or command.parameter("LiteralPath")
            word = parameter.value if parameter is not None else None
            if word is None and command.positional:
                word = command.positional[0]
            algorithm = command.parameter("Algorithm")
            kind = (
                word_value(algorithm.value, scope).text.lower() if algorithm and algorithm.value else "sha256"
            )
            return Digest(scope.absolute(word_value(word, scope).text) if word is not None else "", kind)
        if name == "get-authenticodesignature":
            word = next(
                (p.value for p in command.parameters if p.full_name in ("FilePath", "LiteralPath")), None
            )
            word = word or (command.positional[0] if command.positional else None)
            return Digest(
                scope.absolute(word_value(word, scope).text) if word is not None else "", "authenticode"
            )
        if name in HASHERS and not any(
            (w.literal or "").startswith(("-c", "--check")) for w in command.words
        ):
            files = [w for w in command.words if not (w.literal or "").startswith("-")]
            file = scope.absolute(word_value(files[-1], scope).text) if files else ""
            return Digest(file, HASHERS[name])
        if name == "certutil" and any(
            (w.literal or "").lower().lstrip("-/") == "hashfile" for w in command.words
        ):
            rest = [w for w in command.words if not re.match(r"[-/]", w.literal or "x")]
            algorithm_ = rest[1].literal if len(rest) > 1 and rest[1].literal else "sha1"
            file = scope.absolute(word_value(rest[0], scope).text) if rest else ""
            return Digest(file, algorithm_.lower())
        if (
            name == "openssl"
            and command.words
            and (command.words[0].literal or "") in ("dgst", "sha256", "sha512")
        ):
            options = " ".join(w.literal or "" for w in command.words)
            match = re.search(r"sha(?:512|256|1)|md5", options)
            file = scope.absolute(word_value(command.words[-1], scope).text)
            return Digest(file, match.group(0) if match else "sha256")
        if command.method and command.method.lower().endswith("computehash"):
            return Digest("", _dotnet_algorithm(command.method) or "sha256")
    return None


def _dotnet_digest(text: str) -> Digest | None:
    if "computehash" in text.lower():
        return Digest("", _dotnet_algorithm(text) or "sha256")
    return None


def _dotnet_algorithm(text: str) -> str | None:
    match = re.search(r"(sha(?:512|384|256|1)|md5)", text, re.IGNORECASE)
    return match.group(1).lower() if match else None


def fetches(nodes: tuple[shell.Node, ...], scope: Scope) -> bool:
    """Whether the nodes' output comes over the network: a download to stdout, or a file that was downloaded."""
    for command in _limited(shell.commands(nodes)):
        name = command.full_name.lower()
        if name in _FETCHERS and command.parameter("OutFile") is None:
            return True
        if command.method and command.method.lower().endswith(("downloadstring", "downloaddata")):
            return True
        if name in ("get-content", "cat", "type", "grep", "awk", "cut", "select-string", "sed", "findstr"):
            for word in command.words:
                if scope.absolute(word_value(word, scope).text) in scope.fetched_files:
                    return True
    return False


def expression_value(parsed: expression.Expr, text: str, scope: Scope) -> Value:
    """What an expression that was read comes to; ``text`` stands for it where that is not known."""
    via: list[Source] = []
    state = {"known": True, "fetched": False}
    digests: list[Digest] = []

    def lookup(name: str, kind: str) -> str | None:
        if kind == "unknown":
            state["known"] = False
            return f"$({name})" if name and len(name) < 80 else None
        found = held.get(name) or scope.get(name)
        if kind == "list":
            if found is None or not found.items:
                return None
            via.extend(found.via)
            return "\0".join(item.text for item in found.items) if found.known else None
        if found is None:
            state["known"] = False
            return f"$env:{name}" if kind == "env" else f"${name}"
        via.extend(found.via or (Source(name, "local"),))
        if found.digest is not None:
            digests.append(found.digest)
        state["fetched"] = state["fetched"] or found.fetched
        state["known"] = state["known"] and found.known
        return found.text

    if isinstance(parsed, expression.Table):
        fields = tuple(
            (expression_value(name, "", scope).text, expression_value(value, "", scope))
            for name, value in parsed.fields[:200]
        )
        return Value(text[:_LIMIT], False, fields=fields)
    held: dict[str, Value] = {}
    if scope.structured:
        from contrib.build import tables

        parsed = tables.settled(parsed, scope.get, lambda each: expression_value(each, "", scope), held)
        if isinstance(parsed, expression.Name) and parsed.name in held:
            return held[parsed.name]
    if isinstance(parsed, expression.Binary) and parsed.op == "..":
        counted = _counted(parsed, scope)
        if counted is not None:
            return counted
    if isinstance(parsed, expression.Listing):
        items = tuple(expression_value(item, text, scope) for item in parsed.items)
        return Value(
            " ".join(item.text for item in items)[:_LIMIT],
            all(item.known for item in items),
            tuple(source for item in items for source in item.via),
            items=items,
            fetched=any(item.fetched for item in items),
        )
    result = expression.evaluate(parsed, lookup)
    digest = digests[0] if digests else None
    if digest is None:
        digest = _variable_digest(parsed, scope)
    if result is None:
        return Value(text[:_LIMIT], False, tuple(via), digest=digest, fetched=state["fetched"])
    return Value(result[:_LIMIT], state["known"], tuple(via), digest=digest, fetched=state["fetched"])


def _counted(parsed: expression.Binary, scope: Scope) -> Value | None:
    """``1..5``, where it is written out and short."""
    ends = [expression_value(side, "", scope) for side in (parsed.left, parsed.right)]
    if not all(end.known and re.fullmatch(r"-?\d{1,6}", end.text) for end in ends):
        return None
    first, last = (int(end.text) for end in ends)
    if abs(last - first) > 200:
        return None
    numbers = range(first, last + 1) if first <= last else range(first, last - 1, -1)
    items = tuple(Value(str(number)) for number in numbers)
    return Value(" ".join(item.text for item in items), items=items)


def _variable_digest(parsed: expression.Expr, scope: Scope) -> Digest | None:
    """``$hash.Hash`` where ``$hash`` is what ``Get-FileHash`` gave."""
    here = parsed
    while isinstance(here, expression.Access):
        here = here.target
    if isinstance(here, expression.Name):
        found = scope.get(here.name)
        return found.digest if found is not None else None
    return None
