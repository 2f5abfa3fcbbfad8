"""What a shell body does, for rules: values of words, downloads, their verification, use and removal.

Everything stands on the parsed tree (:mod:`contrib.dockerfile.shells`). Values are followed through
Docker's ENV and ARG, ``$env:X``, ``%X%``, PowerShell's local variables and ``-f``; what cannot be known
stays visible as ``$env:X`` or ``$x`` in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache

from contrib.dockerfile.expand import Environment
from contrib.dockerfile.model import Instruction, Span
from contrib.dockerfile.model import Word as DockerWord
from contrib.dockerfile.shells.model import (
    Assignment,
    Command,
    Condition,
    Expression,
    Flow,
    Function,
    If,
    Node,
    Opaque,
    Pipeline,
    Script,
    ShellName,
    Substitution,
    Text,
    Variable,
    Word,
    walk,
)
from contrib.facts import expression as ps
from contrib.facts import products

#: Environment variables that every Windows image has.
_WINDOWS_ENVIRONMENT = {
    "programfiles": r"C:\Program Files",
    "programfiles(x86)": r"C:\Program Files (x86)",
    "programdata": r"C:\ProgramData",
    "systemroot": r"C:\Windows",
    "windir": r"C:\Windows",
    "systemdrive": "C:",
}

_HEX = re.compile(r"[0-9a-fA-F]{32,128}")
_PRINTING = frozenset({"Write-Host", "Write-Output", "Write-Verbose", "Write-Warning", "echo", "echo."})


@dataclass(frozen=True, slots=True)
class Value:
    """Text of a word as far as it can be known.

    :param known: no variable is left in it.
    """

    text: str
    known: bool


@dataclass(eq=False)
class Step:
    """A node of the script with its place in running order.

    :param shell: whose grammar it was read with: that of a shell started inside is its own.
    :param within: the command that started that shell.
    """

    index: int
    node: Node
    above: tuple[Node, ...]
    shell: ShellName
    within: Command | None = None

    @property
    def top(self) -> Node:
        """The statement of the script that it belongs to."""
        return self.above[0] if self.above else self.node


@dataclass(eq=False)
class Run:
    """A shell body of a RUN, CMD, ENTRYPOINT or HEALTHCHECK, and what is in force there.

    :param instruction: the one that stands in the file (ONBUILD for a triggered one).
    :param program: the shell's name, lower case, without ``.exe`` (``pwsh`` is not ``powershell``).
    :param shell_instruction: the SHELL in force; None for the platform's own, and for a shell started inside.
    :param prelude: what SHELL says before each body, read as PowerShell.
    :param inner: a shell that another one starts.
    """

    instruction: Instruction
    stage_index: int
    script: Script
    environment: Environment
    program: str
    shell_instruction: Instruction | None = None
    prelude: Script | None = None
    inner: bool = False

    @property
    def shell(self) -> ShellName:
        """The body's own shell."""
        return self.script.shell

    @property
    def starts_powershell(self) -> bool:
        """The instruction itself starts PowerShell."""
        return self.inner and self.shell == "powershell"

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every node in running order, those of shells started inside among them."""
        steps = []
        for number, (node, above) in enumerate(walk(self.script.nodes)):
            within = next(
                (n for n in reversed(above) if isinstance(n, Command) and n.script is not None), None
            )
            shell = (
                within.script.shell if within is not None and within.script is not None else self.script.shell
            )
            steps.append(Step(number, node, above, shell, within))
        return tuple(steps)

    @cached_property
    def nested(self) -> tuple[Run, ...]:
        """The shells that this one starts, each as a body of its own."""
        return tuple(
            Run(
                self.instruction, self.stage_index, command.script, self.environment,
                _program(command), inner=True,
            )
            for _, command in self.commands
            if command.script is not None
        )  # fmt: skip

    @cached_property
    def commands(self) -> tuple[tuple[Step, Command], ...]:
        """Every simple command in running order."""
        return tuple((step, step.node) for step in self.steps if isinstance(step.node, Command))

    @cached_property
    def acting(self) -> tuple[tuple[Step, Command], ...]:
        """Commands that do more than print."""
        return tuple((step, c) for step, c in self.commands if c.full_name not in _PRINTING)

    @cached_property
    def first_act(self) -> Step | None:
        """The first command that does anything a setting of the shell would matter to."""
        return next(
            (step for step, c in self.acting if c.full_name not in ("Set-StrictMode", "Set-PSDebug")), None
        )

    @cached_property
    def assignments(self) -> tuple[tuple[Step, Assignment], ...]:
        """Every assignment in running order."""
        return tuple((step, step.node) for step in self.steps if isinstance(step.node, Assignment))

    # -- values ------------------------------------------------------------------------------------

    @cached_property
    def _assigned(self) -> dict[tuple[str, str], tuple[list[int], list[tuple[Step, Assignment]]]]:
        found: dict[tuple[str, str], tuple[list[int], list[tuple[Step, Assignment]]]] = {}
        for step, assignment in self.assignments:
            places, values = found.setdefault((assignment.scope, assignment.name.lower()), ([], []))
            places.append(step.index)
            values.append((step, assignment))
        return found

    def assigned(self, name: str, scope: str, before: int) -> tuple[Step, Assignment] | None:
        """The last assignment of a variable before a step."""
        places, values = self._assigned.get((scope, name.lower()), ([], []))
        at = bisect_left(places, before)
        return values[at - 1] if at else None

    @cached_property
    def _values(self) -> dict[int, tuple[Value, int]]:
        """What assignments come to, by step: worked out once."""
        return {}

    @cached_property
    def _texts(self) -> dict[int, tuple[str, ...]]:
        return {}

    def value(self, word: Word, before: int) -> Value:
        """What the word comes to at a step."""
        return self._value(word, before, 0)

    def text(self, word: Word, before: int) -> str:
        """The text of :meth:`value`."""
        return self._value(word, before, 0).text

    def values(self, word: Word, before: int) -> tuple[str, ...]:
        """The items of a list (``a, b``, ``@('a', 'b')``), or the one text of a plain word."""
        if self.steps[before].shell == "powershell" and any(
            isinstance(p, (Opaque, Substitution)) for p in word.parts
        ):
            tree = _parse(word.text)
            if isinstance(tree, ps.Listing):
                known = _Known()
                lookup = self._lookup(before, 0, known)
                return tuple(ps.evaluate(item, lookup) or "" for item in tree.items)
        return (self.text(word, before),)

    def variable(self, name: str, scope: str, before: int) -> Value:
        """What a variable holds at a step."""
        known = _Known()
        text = self._lookup(before, 0, known)(name, scope)
        return Value(text or "", known.known and text is not None)

    def _value(self, word: Word, before: int, depth: int) -> Value:
        known = _Known()
        lookup = self._lookup(before, depth, known)
        texts = []
        for part in word.parts:
            if isinstance(part, Text):
                texts.append(part.value)
            elif isinstance(part, Variable):
                if part.scope == "foreign":
                    texts.append(part.text)
                    known.known = False
                else:
                    texts.append(self._operator(part, lookup(part.name, part.scope) or ""))
            elif before < len(self.steps) and self.steps[before].shell == "powershell":
                text = ps.evaluate(_parse(part.text), lookup)
                if text is None:
                    known.known = False
                    text = part.text
                texts.append(text)
            else:
                known.known = False
                texts.append(part.text)
        return Value("".join(texts), known.known)

    def _operator(self, variable: Variable, value: str) -> str:
        """``%X:a=b%`` of cmd; other operators are left alone."""
        if self.shell == "cmd" and ":" in variable.text and "=" in variable.text:
            old, _, new = variable.text.strip("%!").partition(":")[2].partition("=")
            return value.replace(old.lstrip("*"), new)
        return value

    def _lookup(self, before: int, depth: int, known: _Known) -> Callable[[str, str], str | None]:
        def lookup(name: str, scope: str) -> str | None:
            shown = f"${name}" if scope == "local" else f"$env:{name}"
            if depth > 12:
                known.known = False
                return shown
            found = self.assigned(name, scope, before)
            if found is not None:
                step, assignment = found
                right = (
                    assignment.value.word if isinstance(assignment.value, Expression) else assignment.value
                )
                if isinstance(right, Word) and assignment.operator == "=":
                    kept = self._values.get(step.index)
                    if kept is None or (kept[1] > depth and not kept[0].known):
                        kept = (self._value(right, step.index, depth + 1), depth)
                        self._values[step.index] = kept
                    known.known = known.known and kept[0].known
                    return kept[0].text
                known.known = False
                return shown
            if scope == "env":
                variable = self.environment.variable(name)
                if variable is not None and variable.value is not None:
                    known.known = known.known and variable.known
                    return variable.value
                built_in = _WINDOWS_ENVIRONMENT.get(name.lower())
                if built_in is not None:
                    return built_in
            known.known = False
            return shown

        return lookup

    # -- words of a command ------------------------------------------------------------------------

    def argument(self, command: Command, *names: str, position: int | None = None) -> Word | None:
        """A named parameter's value, else the positional one."""
        for name in names:
            parameter = command.parameter(name)
            if parameter is not None and parameter.value is not None:
                return parameter.value
        if position is not None and position < len(command.positional):
            return command.positional[position]
        return None

    def texts(self, step: Step, command: Command) -> tuple[str, ...]:
        """Every word of the command after its name, lists taken apart."""
        kept = self._texts.get(id(command))
        if kept is None:
            kept = tuple(text for word in command.words for text in self.values(word, step.index))
            self._texts[id(command)] = kept
        return kept

    @cached_property
    def _by_file(self) -> dict[str, list[tuple[Step, Command]]]:
        """Commands by the last part of every path-like text they have."""
        found: dict[str, list[tuple[Step, Command]]] = {}
        for step, command in self.commands:
            texts = {command.name, *self.texts(step, command)}
            texts.update(self.text(word, step.index) for word in command.positional)
            for parameter in command.parameters:
                if parameter.value is not None:
                    texts.update(self.values(parameter.value, step.index))
            for key in {_last_part(text) for text in texts if text}:
                found.setdefault(key, []).append((step, command))
        return found

    def naming(self, file: str) -> list[tuple[Step, Command]]:
        """Commands that may name the file, in running order."""
        return self._by_file.get(_last_part(file), [])

    @cached_property
    def removers(self) -> tuple[tuple[Step, Command], ...]:
        """Commands that remove files."""
        return tuple((step, command) for step, command in self.commands if command.full_name in _REMOVERS)

    @cached_property
    def broad_removals(self) -> tuple[tuple[int, str], ...]:
        """Removals that may take more than the file they name: patterns, directories, what a pipe brings."""
        found = []
        for step, command in self.removers:
            fed = _fed_by(self, step)
            for pattern in (*self.texts(step, command), *fed):
                last = _last_part(pattern)
                if pattern in fed or any(char in last for char in "*?[") or "." not in last.strip("."):
                    found.append((step.index, pattern))
        return tuple(found)

    @cached_property
    def read_by_assignments(self) -> tuple[tuple[int, str, frozenset[str]], ...]:
        """For each assignment its step, the variable, and the variables that its value reads, lower case."""
        found = []
        for step, assignment in self.assignments:
            value = assignment.value
            text = value.text if isinstance(value, (Word, Expression)) else ""
            reads = (
                frozenset(n.name.lower() for n in _tree(_parse(text)) if isinstance(n, ps.Name))
                if text
                else None
            )
            if reads:
                found.append((step.index, assignment.name.lower(), reads))
        return tuple(found)

    @cached_property
    def checkers(self) -> tuple[tuple[Step, Command], ...]:
        """Commands that check files and may get their name from elsewhere: a pipe, a stream, a signature."""
        return tuple(
            (step, command)
            for step, command in self.commands
            if command.full_name in ("gpg", "gpgv")
            or (_is_hashing(command) and (command.full_name != "Get-FileHash" or not _names_a_file(command)))
        )

    @cached_property
    def conditions(self) -> tuple[Tested, ...]:
        """Every condition of an ``if``, in running order."""
        return tuple(
            Tested(step, step.node, number, condition)
            for step in self.steps
            if isinstance(step.node, If)
            for number, (condition, _) in enumerate(step.node.arms)
            if condition is not None
        )

    @cached_property
    def _condition_of(self) -> dict[int, Tested]:
        return {id(inner): tested for tested in self.conditions for inner, _ in walk(tested.condition.nodes)}

    def tested_in(self, command: Command) -> Tested | None:
        """The condition that the command is part of."""
        return self._condition_of.get(id(command))


@dataclass(eq=False)
class Tested:
    """A condition of an ``if``: which arm's, and the variables it reads."""

    step: Step
    node: If
    number: int
    condition: Condition

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the variables, lower case."""
        return frozenset(
            node.name.lower() for node in _tree(_parse(self.condition.text)) if isinstance(node, ps.Name)
        )


@lru_cache(maxsize=4096)
def _parse(text: str) -> ps.Expr:
    return ps.parse(text)


def _program(command: Command) -> str:
    return command.name.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")


@dataclass
class _Known:
    known: bool = True


@dataclass(eq=False)
class Verification:
    """A comparison of a file's hash.

    :param step: where it is compared; None when the hash is computed and never compared.
    :param algorithm: lower case; sha256 when none is said.
    :param digest: the expected value as far as it is written in the file, else None.
    :param variable: name of the ENV, ARG or local variable that holds it.
    :param written: the digest stands in the file (it is not fetched at build time).
    :param acted_on: a mismatch ends the build.
    :param mismatch: what is done on a mismatch, where that can be told.
    """

    step: Step | None
    line: int
    algorithm: str
    digest: str | None
    variable: str | None
    written: bool
    acted_on: bool
    mismatch: tuple[Node, ...] | None = None


@dataclass(eq=False)
class Download:
    """A file fetched at build time.

    :param tool: the command as written, or ``ADD``.
    :param url: resolved as far as possible.
    :param url_span: where the URL, or the word that holds it, is written.
    :param output: where it is put, resolved; None when it goes nowhere by name.
    :param kind: by the URL's (else the output's) name.
    :param verification: the best check of it in the same RUN.
    :param used: the first step that unpacks or starts it.
    """

    instruction: Instruction
    run: Run | None
    step: Step | None
    command: Command | None
    tool: str
    line: int
    url: str
    url_known: bool
    url_span: Span
    url_word: Word | DockerWord
    output: str | None
    kind: str = "other"
    verification: Verification | None = None
    used: Step | None = None
    unpacked: bool = False
    started: bool = False
    removed: bool = False

    @property
    def by_powershell(self) -> bool:
        """A cmdlet or .NET class fetches it."""
        return (
            self.step is not None
            and self.step.shell == "powershell"
            and self.tool_name not in ("curl", "wget")
        )

    @property
    def tool_name(self) -> str:
        """Canonical name of the tool."""
        if self.command is None:
            return "ADD"
        return self.command.method or self.command.full_name

    @property
    def is_archive(self) -> bool:
        """An archive, to be unpacked."""
        return self.kind == "archive"

    @property
    def is_installer(self) -> bool:
        """A setup: ``.msi``/``.msu``, or an ``.exe`` that is started."""
        return self.kind == "installer" or (self.kind == "program" and self.started)

    @property
    def is_program(self) -> bool:
        """A program in its final place."""
        return self.kind == "program" and not self.started

    @property
    def verified(self) -> bool:
        """Compared with a digest of the file, before use, and acted on."""
        check = self.verification
        return (
            check is not None
            and check.step is not None
            and check.written
            and check.acted_on
            and (self.used is None or self.used.index > check.step.index)
        )


# -- finding downloads -----------------------------------------------------------------------------

_CMDLETS = {
    "Invoke-WebRequest": (("Uri",), ("OutFile",)),
    "Invoke-RestMethod": (("Uri",), ("OutFile",)),
    "Start-BitsTransfer": (("Source",), ("Destination",)),
}


def downloads_of(run: Run) -> Iterator[Download]:
    """The downloads of one body, each with its check, use and removal."""
    found = [download for step, command in run.commands for download in _download(run, step, command)]
    for download in found:
        _follow(run, download)
    yield from found


def _download(run: Run, step: Step, command: Command) -> Iterator[Download]:
    url: Word | None = None
    output: str | None = None
    name = command.full_name
    if command.method is not None:
        member = command.method.rpartition("::")[2].rpartition(".")[2].lower()
        if (
            member in ("downloadfile", "downloadfileasync", "downloadfiletaskasync")
            and len(command.positional) >= 2
        ):
            url = command.positional[0]
            output = run.text(command.positional[1], step.index)
        elif member in ("downloadstring", "downloaddata") and command.positional:
            url = command.positional[0]
    elif name in _CMDLETS:
        source, target = _CMDLETS[name]
        url = run.argument(command, *source, position=0)
        word = run.argument(command, *target, position=1 if name == "Start-BitsTransfer" else None)
        output = run.text(word, step.index) if word is not None else None
    elif name in ("curl", "wget"):
        url, output = _curl(run, step, command)
    elif name == "certutil" and any(t.lower().lstrip("-/") == "urlcache" for t in run.texts(step, command)):
        words = [w for w in command.words if not run.text(w, step.index).startswith(("-", "/"))]
        if len(words) >= 2:
            url, output = words[0], run.text(words[1], step.index)
    elif name == "bitsadmin" and len(command.words) >= 3:
        url, output = command.words[-2], run.text(command.words[-1], step.index)
    if url is None:
        return
    value = run.value(url, step.index)
    if name in ("curl", "wget") and "://" not in value.text and value.known:
        return
    line = command.name_span.line if command.name else command.span.line
    download = Download(
        run.instruction, run, step, command, command.name or command.full_name, line,
        value.text, value.known, url.span, url, output,
    )  # fmt: skip
    download.kind = _kind(value.text, output)
    yield download


def _kind(url: str, output: str | None) -> str:
    kind = products.kind(url)
    if output is not None and kind in ("other", "program", "repository"):
        by_output = products.kind("https://x/" + output.replace("\\", "/"))
        if by_output in ("archive", "installer", "program") and kind != "program":
            return by_output
    return kind


def _curl(run: Run, step: Step, command: Command) -> tuple[Word | None, str | None]:
    output: str | None = None
    url: Word | None = None
    remote_name = False
    words = list(command.words)
    position = 0
    while position < len(words):
        text = run.text(words[position], step.index)
        following = run.text(words[position + 1], step.index) if position + 1 < len(words) else None
        if text in ("--output", "-o", "--output-document", "-O") and not (
            text == "-O" and command.full_name == "curl"
        ):
            output = following
            position += 2
            continue
        if text.startswith(("--output=", "--output-document=")):
            output = text.partition("=")[2]
        elif text in ("--remote-name", "-O"):
            remote_name = True
        elif text in (
            "--header",
            "-H",
            "-A",
            "--user-agent",
            "-u",
            "--user",
            "-X",
            "-d",
            "--data",
            "--retry",
            "--url",
            "-e",
            "--connect-timeout",
            "-m",
            "--max-time",
        ):
            if text == "--url" and position + 1 < len(words):
                url = words[position + 1]
            position += 2
            continue
        elif re.fullmatch(r"-[a-zA-Z]{2,}", text):
            if text.endswith("o") or (text.endswith("O") and command.full_name == "wget"):
                output = following
                position += 2
                continue
            remote_name = remote_name or "O" in text
        elif not text.startswith("-") and url is None:
            url = words[position]
        position += 1
    for redirection in command.redirections:
        if redirection.operator in (">", ">>", "1>"):
            output = run.text(redirection.target, step.index)
    if url is not None and output is None and (remote_name or command.full_name == "wget"):
        output = run.text(url, step.index).partition("?")[0].rpartition("/")[2]
    return url, output


# -- what becomes of a file ------------------------------------------------------------------------

_UNPACKERS = frozenset({"Expand-Archive", "tar", "7z", "7za", "7zr", "unzip", "expand", "bsdtar"})
_REMOVERS = frozenset({"Remove-Item", "del", "erase", "rm", "rmdir", "rd"})
_HANDLING = frozenset(
    {
        "Get-FileHash", "Test-Path", "Get-Item", "Get-ChildItem", "gpg", "gpgv", "certutil", "New-Item", "icacls",
        "Move-Item", "Copy-Item", "Rename-Item", "move", "copy", "Unblock-File", "Get-Content", "Select-String",
        "Set-Location", "Join-Path", "Split-Path", "Resolve-Path", "Get-AuthenticodeSignature", "findstr", "if",
        "Invoke-WebRequest", "Invoke-RestMethod", "Start-BitsTransfer", "curl", "wget", "Start-Sleep", "mkdir",
        "Write-Progress", "Set-Content", "Add-Content", "Out-File", "attrib", "dir", "type", "Where-Object",
    }
) | _PRINTING | _REMOVERS  # fmt: skip


@lru_cache(maxsize=8192)
def path_key(text: str) -> str:
    """A path for comparison: lower case, backslashes, no ``.\\`` at its start, no drive.

    >>> path_key("./App.zip") == path_key("app.zip")
    True
    """
    key = text.strip().strip("\"'").replace("/", "\\").lower()
    key = re.sub(r"\\+", r"\\", key)
    key = re.sub(r"(?<=\\)\.\\", "", key)
    while key.startswith(".\\"):
        key = key[2:]
    if re.match(r"[a-z]:", key):
        key = key[2:]
    return key.rstrip("\\") if len(key) > 1 else key


def _last_part(text: str) -> str:
    return path_key(text).rpartition("\\")[2]


def same_file(one: str, other: str) -> bool:
    """Two spellings may name one file: equal, or equal up to the directory that a relative one stands in."""
    a, b = path_key(one), path_key(other)
    if not a or not b:
        return False
    if a == b:
        return True
    if a.startswith("\\") and not b.startswith("\\"):
        return a.endswith("\\" + b)
    if b.startswith("\\") and not a.startswith("\\"):
        return b.endswith("\\" + a)
    return False


def _covers(pattern: str, file: str) -> bool:
    """A removal of ``pattern`` takes ``file`` with it."""
    if same_file(pattern, file):
        return True
    p, f = path_key(pattern), path_key(file)
    if any(char in p for char in "*?["):
        if fnmatchcase(f, p) or fnmatchcase(f.rpartition("\\")[2], p):
            return True
        return p.startswith("\\") != f.startswith("\\") and fnmatchcase(
            f.rpartition("\\")[2], p.rpartition("\\")[2]
        )
    return bool(p) and f.startswith(p + "\\")


def _mentions(run: Run, step: Step, command: Command, file: str) -> bool:
    if any(same_file(text, file) for text in run.texts(step, command)):
        return True
    if any(same_file(run.text(word, step.index), file) for word in command.positional):
        return True
    return any(
        parameter.value is not None
        and any(same_file(text, file) for text in run.values(parameter.value, step.index))
        for parameter in command.parameters
    )


def _follow(run: Run, download: Download) -> None:
    assert download.step is not None
    if download.output is None:
        # What is fetched into a variable or a pipe: used when it is executed.
        for step, command in run.commands:
            if command.full_name == "Invoke-Expression" and (
                step.index > download.step.index or _contains(step.node, download.command)
            ):
                download.used, download.started = step, True
                break
        return
    file = download.output
    download.removed = removed(run, download.step, file)
    for step, command in run.naming(file):
        if step.index <= download.step.index or command.full_name in _REMOVERS or command.script is not None:
            continue
        name = command.full_name
        if command.method is not None and "delete" in command.method.lower():
            download.removed = download.removed or _mentions(run, step, command, file)
        elif _is_program(command, file) or _mentions(run, step, command, file):
            if name in _UNPACKERS or (command.method or "").lower().endswith("extracttodirectory"):
                download.unpacked = True
            elif name in _HANDLING or _is_hashing(command):
                continue
            else:
                download.started = True
            if download.used is None:
                download.used = step
    download.verification = _verification(run, download)


def _is_program(command: Command, file: str) -> bool:
    return (
        bool(command.name)
        and ("\\" in command.name or "/" in command.name or "." in command.name)
        and same_file(command.name, file)
    )


def _fed_by(run: Run, step: Step) -> tuple[str, ...]:
    """Words of the commands that feed a command through a pipe."""
    if not step.above or not isinstance(step.above[-1], Pipeline):
        return ()
    texts: list[str] = []
    for node in step.above[-1].nodes:
        if node is step.node:
            break
        if isinstance(node, Command):
            texts.extend(run.texts(step, node))
        elif isinstance(node, Expression):
            texts.extend(run.values(node.word, step.index))
    return tuple(texts)


def _contains(node: Node, wanted: Node | None) -> bool:
    return wanted is not None and any(inner is wanted for inner, _ in walk((node,)))


# -- verification ----------------------------------------------------------------------------------


def _is_hashing(command: Command) -> bool:
    method = (command.method or "").lower()
    return command.full_name == "Get-FileHash" or "computehash" in method or "hashdata" in method


def _names_a_file(command: Command) -> bool:
    return bool(command.positional) or any(
        command.parameter(name) is not None for name in ("Path", "LiteralPath")
    )


def _hashes(run: Run, step: Step, command: Command, file: str) -> str | None:
    """The algorithm when the command hashes ``file``."""
    if command.full_name == "Get-FileHash":
        if not _mentions(run, step, command, file) and not any(
            same_file(t, file) for t in _fed_by(run, step)
        ):
            return None
        word = run.argument(command, "Algorithm", position=1)
        return run.text(word, step.index).lower() if word is not None else "sha256"
    if command.full_name == "certutil":
        texts = run.texts(step, command)
        if any(t.lower().lstrip("-/") == "hashfile" for t in texts) and any(
            same_file(t, file) for t in texts
        ):
            return next((t.lower() for t in reversed(texts) if t.lower().startswith(("sha", "md5"))), "sha1")
        return None
    if _is_hashing(command):
        return _algorithm_in(command.method or "", command)
    return None


def _algorithm_in(method: str, command: Command) -> str:
    text = (method + " " + command.name + " ".join(word.text for word in command.words)).lower()
    return next((name for name in ("sha256", "sha512", "sha384", "sha1", "md5") if name in text), "sha256")


def _verification(run: Run, download: Download) -> Verification | None:
    """The best check of the file: one that counts, else one that does not."""
    assert download.output is not None
    found: list[Verification] = []
    named = run.naming(download.output)
    hashing = [pair for pair in run.checkers if pair not in named]
    for step, command in (*named, *hashing):
        if command.full_name in ("gpg", "gpgv"):
            texts = run.texts(step, command)
            if (command.full_name == "gpgv" or "--verify" in texts) and any(
                same_file(t, download.output) or t.lower().startswith(download.output.lower()) for t in texts
            ):
                found.append(Verification(step, command.span.line, "gpg", None, None, True, True))
            continue
        algorithm = _hashes(run, step, command, download.output)
        if algorithm is not None:
            found.append(_comparison(run, step, command, algorithm))
    if not found:
        return None
    return max(found, key=lambda check: (check.step is not None, check.acted_on, check.written))


def _comparison(run: Run, step: Step, command: Command, algorithm: str) -> Verification:
    """Where and how the hash that ``command`` computes is compared."""
    names = _carriers(run, step)
    tested = run.tested_in(command)
    if tested is None and names:
        tested = next((t for t in run.conditions if t.step.index > step.index and t.names & names), None)
    if tested is not None:
        condition = tested.condition
        digest, variable, written = _expected(run, tested.step, condition, names)
        acted = _acted_on(run, tested.node, tested.number, condition)
        return Verification(
            tested.step, condition.span.line, algorithm, digest, variable, written, acted,
            _mismatch_arm(tested.node, tested.number, condition),
        )  # fmt: skip
    pipeline = step.above[-1] if step.above else None
    if isinstance(pipeline, Pipeline) and step.shell == "cmd":
        for check in pipeline.nodes:
            if not isinstance(check, Command) or check.full_name not in ("findstr", "find"):
                continue
            digest = variable = None
            for word in check.words:
                value = run.value(word, step.index)
                if _HEX.fullmatch(value.text):
                    digest = value.text
                    variable = word.variables[0].name if word.variables else None
            return Verification(step, check.span.line, algorithm, digest, variable, digest is not None, True)
    return Verification(None, command.span.line, algorithm, None, None, False, False)


def _carriers(run: Run, step: Step) -> frozenset[str]:
    """Local variables that hold the hash."""
    names = {above.name.lower() for above in step.above if isinstance(above, Assignment)}
    if not names:
        return frozenset()
    for index, name, reads in run.read_by_assignments:
        if index > step.index and reads & names:
            names.add(name)
    return frozenset(names)


def _tree(expression: ps.Expr, depth: int = 0) -> Iterator[ps.Expr]:
    yield expression
    if depth > 40:
        return
    below: tuple[ps.Expr, ...] = ()
    if isinstance(expression, ps.Joined):
        below = expression.parts
    elif isinstance(expression, ps.Binary):
        below = (expression.left, expression.right)
    elif isinstance(expression, ps.Not):
        below = (expression.operand,)
    elif isinstance(expression, ps.Listing):
        below = expression.items
    elif isinstance(expression, ps.Access):
        below = (expression.target, *(expression.args or ()))
    elif isinstance(expression, ps.Static):
        below = expression.args or ()
    for each in below:
        yield from _tree(each, depth + 1)


def _expected(
    run: Run, step: Step, condition: Condition, names: frozenset[str]
) -> tuple[str | None, str | None, bool]:
    """(digest, variable that holds it, whether it is written in the file)."""
    if condition.left is not None and condition.right is not None:
        for word in (condition.right, condition.left):
            if any(isinstance(p, Substitution) for p in word.parts):
                continue
            variables = [v for v in word.variables if v.name.lower() not in names]
            value = run.value(word, step.index)
            if variables or value.known:
                if any(v.name.lower() in names for v in word.variables):
                    continue
                if _looks_computed(word):
                    continue
                name = variables[0].name if variables else None
                return value.text if value.known else None, name, value.known
    for node in _tree(_parse(condition.text)):
        if isinstance(node, ps.Name) and node.name.lower() not in names and node.scope in ("env", "local"):
            value = run.variable(node.name, node.scope, step.index)
            if node.name.lower() in ("null", "true", "false", "_"):
                continue
            return value.text if value.known else None, node.name, value.known
        if isinstance(node, ps.Literal) and _HEX.search(node.value):
            return node.value, None, True
    literal = _HEX.search(condition.text)
    if literal:
        return literal.group(0), None, True
    return None, None, False


def _looks_computed(word: Word) -> bool:
    return "get-filehash" in word.text.lower() or "computehash" in word.text.lower()


_UNEQUAL = frozenset({"-ne", "-ine", "-cne", "-notmatch", "-notlike", "-notcontains", "-notin", "neq", "!="})
_EQUAL = frozenset({"-eq", "-ieq", "-ceq", "-match", "-like", "-contains", "-in", "==", "equ", "="})


def _acted_on(run: Run, node: If, number: int, condition: Condition) -> bool:
    """The arm that a mismatch takes ends the build."""
    polarity = _mismatch_is_true(condition)
    arms = node.arms
    if polarity is None:
        bodies = [body for _, body in arms]
    elif polarity:
        bodies = [arms[number][1]]
    else:
        bodies = [body for c, body in arms[number + 1 :]]
    return any(ends_build(run, body) for body in bodies)


def _mismatch_arm(node: If, number: int, condition: Condition) -> tuple[Node, ...] | None:
    """The statements that run on a mismatch; None when that cannot be told, or there are none."""
    polarity = _mismatch_is_true(condition)
    if polarity is None:
        return None
    if polarity:
        return node.arms[number][1]
    following = node.arms[number + 1 :]
    return following[0][1] if len(following) == 1 and following[0][0] is None else None


def _mismatch_is_true(condition: Condition) -> bool | None:
    """Whether the condition is true when the hashes differ; None when that cannot be told."""
    result: bool | None = None
    if condition.operator is not None:
        operator = condition.operator.lower()
        result = True if operator in _UNEQUAL else False if operator in _EQUAL else None
        if result is not None:
            return result != condition.negated
    tree = _parse(condition.text)
    negations = 0
    while isinstance(tree, ps.Not):
        negations += 1
        tree = tree.operand
    if isinstance(tree, ps.Binary):
        result = True if tree.op in _UNEQUAL else False if tree.op in _EQUAL else None
    elif isinstance(tree, ps.Access) and tree.member.lower() in ("equals", "startswith", "contains"):
        result = False
    if result is None:
        return None
    return result if negations % 2 == 0 else not result


def _stops(run: Run, command: Command) -> bool:
    """``Write-Error`` ends the build where errors do."""
    action = command.parameter("ErrorAction")
    if action is not None and action.value is not None:
        return action.value.text.strip("'\"").lower() == "stop"
    return preference(run, "ErrorActionPreference", ("stop", "1"))


def ends_build(run: Run, body: tuple[Node, ...]) -> bool:
    """The statements end the build with a failure: ``exit`` of a non-zero value, ``throw``, ``Write-Error``."""
    for node, _ in walk(body):
        if isinstance(node, Flow):
            if node.kind == "throw":
                return True
            if node.kind == "exit" and node.value is not None:
                literal = node.value.literal
                if literal is None or literal.strip() not in ("0", ""):
                    return True
        elif isinstance(node, Command):
            if node.full_name == "Write-Error" and _stops(run, node):
                return True
            if node.method is not None and node.method.lower().endswith("environment::exit"):
                return True
            if node.full_name == "exit" and any(w.literal not in (None, "0", "/b") for w in node.words):
                return True
        elif isinstance(node, Function):
            continue
    return False


# -- questions that several rules ask --------------------------------------------------------------


def preference(
    run: Run, name: str, values: tuple[str, ...], *, first: bool = False, before: int | None = None
) -> bool:
    """Whether a preference variable has one of ``values`` (lower case).

    :param first: it must be set before the first command that does anything.
    :param before: it must be set before that step.
    """
    if run.prelude is not None and _sets(walk(run.prelude.nodes), name, values):
        return True
    limit = before
    if first:
        limit = run.first_act.index if run.first_act is not None else None
    for step, assignment in run.assignments:
        if limit is not None and step.index >= limit:
            return False
        if _is_setting(assignment, name, values):
            return True
    return False


def _sets(nodes: Iterator[tuple[Node, tuple[Node, ...]]], name: str, values: tuple[str, ...]) -> bool:
    return any(isinstance(node, Assignment) and _is_setting(node, name, values) for node, _ in nodes)


def _is_setting(assignment: Assignment, name: str, values: tuple[str, ...]) -> bool:
    if assignment.name.lower().rpartition(":")[2] != name.lower():
        return False
    value = assignment.value
    word = value.word if isinstance(value, Expression) else value
    if not isinstance(word, Word):
        return False
    text = word.literal if word.literal is not None else word.text
    return text.strip("'\" ").lower().rpartition("::")[2] in values


def all_words(run: Run) -> Iterator[Word]:
    """Every word of the body once: of commands, redirections, assignments, expressions, conditions."""
    seen: set[tuple[int, int]] = set()

    def new(word: Word | None) -> Iterator[Word]:
        if word is not None and (word.span.start, word.span.end) not in seen:
            seen.add((word.span.start, word.span.end))
            yield word

    for step in run.steps:
        node = step.node
        if isinstance(node, Command):
            if node.script is not None:
                continue  # its words are the script, which is walked itself
            for word in (*node.words, *node.positional):
                yield from new(word)
            for parameter in node.parameters:
                yield from new(parameter.value)
            for redirection in node.redirections:
                yield from new(redirection.target)
        elif isinstance(node, Assignment) and isinstance(node.value, Word):
            yield from new(node.value)
        elif isinstance(node, Expression):
            yield from new(node.word)
        elif isinstance(node, If):
            for condition, _ in node.arms:
                if condition is not None:
                    yield from new(condition.left)
                    yield from new(condition.right)


def removed(run: Run, after: Step, file: str) -> bool:
    """A later command of the body removes ``file``: by its name, by a pattern, or with its directory."""
    for step, command in run.naming(file):
        if (
            step.index > after.index
            and command.full_name in _REMOVERS
            and _mentions(run, step, command, file)
        ):
            return True
    return any(index > after.index and _covers(pattern, file) for index, pattern in run.broad_removals)
