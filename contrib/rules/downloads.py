"""What a shell body downloads, for rules: each file, its verification, its use and its removal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from contrib.build import expression as ps
from contrib.build import products, transfers
from contrib.dockerfile.model import Instruction, Span
from contrib.dockerfile.model import Word as DockerWord
from contrib.rules.scripts import (
    PRINTING,
    REMOVERS,
    Run,
    Step,
    ends_build,
    expression_tree,
    fed_by,
    is_hashing,
    parsed_expression,
    path_key,
    same_file,
)
from contrib.shells.model import (
    Assignment,
    Command,
    Condition,
    If,
    Node,
    Pipeline,
    Substitution,
    Word,
    walk,
)

_HEX = re.compile(r"[0-9a-fA-F]{32,128}")


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


# -- finding them ----------------------------------------------------------------------------------

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
        for word, file in _curl(run, step, command):
            yield _made(run, step, command, word, file)
        return
    elif name == "certutil" and any(t.lower().lstrip("-/") == "urlcache" for t in run.texts(step, command)):
        words = [w for w in command.words if not run.text(w, step.index).startswith(("-", "/"))]
        if len(words) >= 2:
            url, output = words[0], run.text(words[1], step.index)
    elif name == "bitsadmin" and len(command.words) >= 3:
        url, output = command.words[-2], run.text(command.words[-1], step.index)
    if url is None:
        return
    yield _made(run, step, command, url, output)


def _made(run: Run, step: Step, command: Command, url: Word, output: str | None) -> Download:
    value = run.value(url, step.index)
    line = command.name_span.line if command.name else command.span.line
    download = Download(
        run.instruction, run, step, command, command.name or command.full_name, line,
        value.text, value.known, url.span, url, output,
    )  # fmt: skip
    download.kind = _kind(value.text, output)
    return download


def _kind(url: str, output: str | None) -> str:
    kind = products.kind(url)
    if output is not None and kind in ("other", "program", "repository"):
        by_output = products.kind("https://x/" + output.replace("\\", "/"))
        if by_output in ("archive", "installer", "program") and kind != "program":
            return by_output
    return kind


def _curl(run: Run, step: Step, command: Command) -> Iterator[tuple[Word, str | None]]:
    words = [run.text(word, step.index) for word in command.words]
    _, found = transfers.curl(words) if command.full_name == "curl" else transfers.wget(words)
    for transfer in found:
        output = transfer.file
        if output is None:
            output = transfer.url.partition("?")[0].rpartition("/")[2]
        if output == "-":
            output = None
            for redirection in command.redirections:
                if redirection.operator in (">", ">>", "1>"):
                    output = run.text(redirection.target, step.index)
        elif transfer.directory:
            output = transfer.directory.rstrip("\\/") + "\\" + output
        yield command.words[transfer.index], output


# -- what becomes of a file ------------------------------------------------------------------------

_UNPACKERS = frozenset({"Expand-Archive", "tar", "7z", "7za", "7zr", "unzip", "expand", "bsdtar"})


_HANDLING = frozenset(
    {
        "Get-FileHash", "Test-Path", "Get-Item", "Get-ChildItem", "gpg", "gpgv", "certutil", "New-Item", "icacls",
        "Move-Item", "Copy-Item", "Rename-Item", "move", "copy", "Unblock-File", "Get-Content", "Select-String",
        "Set-Location", "Join-Path", "Split-Path", "Resolve-Path", "Get-AuthenticodeSignature", "findstr", "if",
        "Invoke-WebRequest", "Invoke-RestMethod", "Start-BitsTransfer", "curl", "wget", "Start-Sleep", "mkdir",
        "Write-Progress", "Set-Content", "Add-Content", "Out-File", "attrib", "dir", "type", "Where-Object",
    }
) | PRINTING | REMOVERS  # fmt: skip


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
        if step.index <= download.step.index or command.full_name in REMOVERS or command.script is not None:
            continue
        name = command.full_name
        if command.method is not None and "delete" in command.method.lower():
            download.removed = download.removed or _mentions(run, step, command, file)
        elif _is_program(command, file) or _mentions(run, step, command, file):
            if name in _UNPACKERS or (command.method or "").lower().endswith("extracttodirectory"):
                download.unpacked = True
            elif name in _HANDLING or is_hashing(command):
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


def _contains(node: Node, wanted: Node | None) -> bool:
    return wanted is not None and any(inner is wanted for inner, _ in walk((node,)))


# -- verification ----------------------------------------------------------------------------------


def _hashes(run: Run, step: Step, command: Command, file: str) -> str | None:
    """The algorithm when the command hashes ``file``."""
    if command.full_name == "Get-FileHash":
        if not _mentions(run, step, command, file) and not any(same_file(t, file) for t in fed_by(run, step)):
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
    if is_hashing(command):
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
    for node in expression_tree(parsed_expression(condition.text)):
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
    tree = parsed_expression(condition.text)
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


def removed(run: Run, after: Step, file: str) -> bool:
    """A later command of the body removes ``file``: by its name, by a pattern, or with its directory."""
    for step, command in run.naming(file):
        if step.index > after.index and command.full_name in REMOVERS and _mentions(run, step, command, file):
            return True
    return any(index > after.index and _covers(pattern, file) for index, pattern in run.broad_removals)
