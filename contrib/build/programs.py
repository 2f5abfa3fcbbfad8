"""What programs and cmdlets do, one function a tool: words to actions.

A function gets the walk (:class:`contrib.build.walk._Walk`), the command and its place, and adds
actions. A command that is known to nobody here is a program that is run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from contrib.build import actions as act
from contrib.build import paths, sed, transfers
from contrib.build.actions import Value
from contrib.build.transfers import Transfer
from contrib.build.values import HASHERS
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import _Place, _Walk

Handler = Callable[["_Walk", shell.Command, "_Place"], None]

PRINTERS = frozenset(("echo", "printf", "write-output", "write-host"))

#: Said and done inside the shell; no program is run.
_SILENT = frozenset(
    [
        "echo",
        "printf",
        "write-host",
        "write-output",
        "write-verbose",
        "write-information",
        "true",
        ":",
        "test",
        "[",
        "[[",
        "set-psdebug",
        "pwd",
        "get-childitem",
        "ls",
        "dir",
        "get-item",
        "test-path",
        "select-object",
        "sort-object",
        "where-object",
        "foreach-object",
        "out-null",
        "measure-object",
        "format-table",
        "format-list",
        "get-command",
        "type",
        "read",
        "wait",
        "sleep",
        "start-sleep",
        "date",
        "stat",
        "head",
        "tail",
        "wc",
        "tr",
        "cut",
        "awk",
        "sort",
        "uniq",
        "xargs",
        "nproc",
        "getconf",
        "basename",
        "dirname",
        "mktemp",
        "readlink",
        "realpath",
        "id",
        "cat",
        "get-content",
        "rem",
        "set-strictmode",
        "import-module",
        "join-path",
        "split-path",
        "convert-path",
        "resolve-path",
        "new-object",
        "set-alias",
        "new-alias",
        "trap",
        "local",
        "hash",
        "command",
        "which",
        "ldconfig",
        "sync",
        "get-location",
        "push-location",
        "pop-location",
        "unset",
        "get-process",
        "apk-query",
        "file",
        "touch",
        "get-acl",
        "dos2unix",
        "exec",
        "eval",
        "setlocal",
        "endlocal",
        "shift",
    ]
)
#: Programs that compare a file with a digest, and the algorithm that they take unasked.
_CHECKERS = {**HASHERS, "shasum": "sha1"}


def is_preference(node: shell.Node) -> bool:
    """A statement that only sets how the shell behaves."""
    if isinstance(node, shell.Assignment):
        return node.name.lower().endswith("preference")
    return isinstance(node, shell.Command) and node.full_name.lower() in ("set", "setlocal")


def handle(walk: _Walk, command: shell.Command, place: _Place) -> None:
    """Add what ``command`` does."""
    name = command.full_name.lower()
    if command.method is not None:
        _method(walk, command, place)
        return
    handler = _HANDLERS.get(name)
    if handler is not None:
        handler(walk, command, place)
        return
    if name in _SILENT:
        return
    if name in _CHECKERS:
        _checksum(walk, command, place)
        return
    if not name and not command.words:
        return
    _program(walk, command, place)


# -- small helpers ---------------------------------------------------------------------------------


def _texts(walk: _Walk, command: shell.Command) -> list[str]:
    return [walk._text(word) for word in command.words]


def options(
    words: Sequence[str], valued: str = "", long_valued: Sequence[str] = ()
) -> tuple[dict[str, list[str]], list[str]]:
    """Words to options and operands, as getopt does.

    :param valued: short options that take a value.
    :param long_valued: long options (without dashes) that take a value.

    >>> options(["-qO-", "url", "--file=x"], "O")
    ({'q': [''], 'O': ['-'], 'file': ['x']}, ['url'])
    """
    found: dict[str, list[str]] = {}
    operands: list[str] = []
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if word == "--":
            operands.extend(words[index:])
            break
        if word.startswith("--"):
            key, equals, value = word[2:].partition("=")
            if not equals and key in long_valued and index < len(words):
                value = words[index]
                index += 1
            found.setdefault(key, []).append(value)
        elif word.startswith("-") and len(word) > 1:
            letters = word[1:]
            at = 0
            while at < len(letters):
                letter = letters[at]
                at += 1
                if letter in valued:
                    value = letters[at:]
                    if not value and index < len(words):
                        value = words[index]
                        index += 1
                    found.setdefault(letter, []).append(value)
                    break
                found.setdefault(letter, []).append("")
        else:
            operands.append(word)
    return found, operands


def _named(command: shell.Command, *names: str) -> shell.Word | None:
    for name in names:
        parameter = command.parameter(name)
        if parameter is not None and parameter.value is not None:
            return parameter.value
    return None


def _path_values(walk: _Walk, word: shell.Word | None) -> list[str]:
    if word is None:
        return []
    value = walk._value(word)
    return [walk._absolute(item.text) for item in value.each]


def _add(
    walk: _Walk, what: type[act.Action], command: shell.Command, place: _Place, /, **fields: Any
) -> None:
    walk._add(what, command.span, conditional=place.conditional, **fields)


def _run(walk: _Walk, command: shell.Command, place: _Place) -> None:
    """Any other program."""
    path = command.name
    if not path and command.words:
        return
    if "$" in path or "%" in path:
        path = walk._expr(path).text if walk.shell == "powershell" else _shell_text(walk, path)
    _add(
        walk, act.Run, command, place, name=paths.program(path) or command.full_name, path=path,
        arguments=tuple(_texts(walk, command)), quiet=place.quiet,
    )  # fmt: skip


def _shell_text(walk: _Walk, text: str) -> str:
    def put(match: re.Match[str]) -> str:
        name = next(group for group in match.groups() if group)
        found = walk.scope.get(name) if walk.scope is not None else None
        return found.text if found is not None else match.group(0)

    return re.sub(r"\$\{(\w+)\}|\$(\w+)|%(\w+)%", put, text)


# -- downloads -------------------------------------------------------------------------------------


def _download(
    walk: _Walk, command: shell.Command, place: _Place, url: Value, file: str, tool: str, revision: str = ""
) -> None:
    if file and file != "-":
        walk.fetched.add(file)
    _add(walk, act.Download, command, place, url=url, file=file, tool=tool, revision=revision)


def _url_words(walk: _Walk, command: shell.Command) -> list[Value]:
    found = []
    for word in command.words:
        value = walk._value(word)
        if (
            re.match(r"(?i)(https?|ftp)://", value.text)
            or (not value.known and re.search(r"(?i)url|uri", word.text) and not word.text.startswith("-"))
            or re.match(r"^\$\{?\w*(?i:url|uri)\w*\}?", word.text)
        ):
            found.append(value)
    return found


def _last_part(url: Value) -> str:
    return paths.name(url.text.split("?")[0].split("#")[0])


def _stdout_target(walk: _Walk, command: shell.Command) -> str:
    for redirection in command.redirections:
        if redirection.operator in (">", "1>", ">|"):
            return walk._absolute(walk._text(redirection.target))
    return "-"


def _transferred(
    walk: _Walk, command: shell.Command, place: _Place, found: list[Transfer], tool: str
) -> None:
    for transfer in found:
        word = command.words[transfer.index]
        url = walk._value(word)
        if url.text != transfer.url:
            url = Value(transfer.url, url.known, url.via)
        if transfer.file == "-":
            file = _stdout_target(walk, command)
        else:
            directory = walk._absolute(transfer.directory) if transfer.directory else walk.directory
            file = paths.join(directory, transfer.file or _last_part(url), walk.style)
        _download(walk, command, place, url, file, tool)


def _wget(walk: _Walk, command: shell.Command, place: _Place) -> None:
    _, found = transfers.wget(_texts(walk, command))
    _transferred(walk, command, place, found, "wget")


def _curl(walk: _Walk, command: shell.Command, place: _Place) -> None:
    _, found = transfers.curl(_texts(walk, command))
    _transferred(walk, command, place, found, "curl")


def _web_request(walk: _Walk, command: shell.Command, place: _Place) -> None:
    uri = _named(command, "Uri") or (command.positional[0] if command.positional else None)
    if uri is None:
        return
    out = _named(command, "OutFile")
    file = walk._absolute(walk._text(out)) if out is not None else _stdout_target(walk, command)
    _download(walk, command, place, walk._value(uri), file, command.full_name)


def _bits(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = list(command.positional)
    source = _named(command, "Source") or (words.pop(0) if words else None)
    target = _named(command, "Destination") or (words.pop(0) if words else None)
    if source is not None:
        file = walk._absolute(walk._text(target)) if target is not None else ""
        _download(walk, command, place, walk._value(source), file, "BITS")


def _bitsadmin(walk: _Walk, command: shell.Command, place: _Place) -> None:
    urls = _url_words(walk, command)
    words = _texts(walk, command)
    if urls and words:
        _download(walk, command, place, urls[0], walk._absolute(words[-1]), "BITS")


def _certutil(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = [word.lower().lstrip("-/") for word in _texts(walk, command)]
    if "urlcache" in words:
        urls = _url_words(walk, command)
        operands = [w for w in _texts(walk, command) if not w.startswith(("-", "/"))]
        if urls:
            file = walk._absolute(operands[-1]) if len(operands) > 1 else ""
            _download(walk, command, place, urls[0], file, "certutil")


def _git(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = _texts(walk, command)
    directory = walk.directory
    index = 0
    while index < len(words) and words[index].startswith("-"):
        if words[index] == "-C" and index + 1 < len(words):
            directory = walk._absolute(words[index + 1])
        index += 2 if words[index] in ("-C", "-c") else 1
    verb = words[index] if index < len(words) else ""
    rest = words[index + 1 :]
    if verb not in ("clone", "fetch"):
        _run(walk, command, place)
        return
    found, operands = options(rest, "bo", ("branch", "depth", "origin", "config", "jobs", "filter"))
    address = [o for o in operands if "://" in o or o.startswith("git@")]
    if not address:
        return
    url_word = next((w for w in command.words if walk._text(w) == address[0]), None)
    url = walk._value(url_word) if url_word is not None else Value(address[0])
    revision = (found.get("b") or found.get("branch") or [""])[-1]
    others = [o for o in operands if o != address[0]]
    if verb == "clone":
        target = others[0] if others else paths.name(address[0]).removesuffix(".git")
        _download(walk, command, place, url, paths.join(directory, target, walk.style), "git", revision)
    else:
        revision = revision or (others[0].split(":")[0] if others else "")
        _download(walk, command, place, url, directory, "git", revision)


def _method(walk: _Walk, command: shell.Command, place: _Place) -> None:
    """.NET calls."""
    method = (command.method or "").lower()
    last = method.split("::")[-1].split(".")[-1]
    arguments = command.positional
    if last in ("downloadfile", "downloadfileasync", "downloadfiletaskasync") and arguments:
        file = walk._absolute(walk._text(arguments[1])) if len(arguments) > 1 else ""
        _download(walk, command, place, walk._value(arguments[0]), file, "WebClient")
    elif last in ("downloadstring", "downloaddata") and arguments:
        _download(walk, command, place, walk._value(arguments[0]), "-", "WebClient")
    elif last == "extracttodirectory" and arguments:
        target = walk._absolute(walk._text(arguments[1])) if len(arguments) > 1 else ""
        _unpack(walk, command, place, walk._absolute(walk._text(arguments[0])), target, "ZipFile")
    elif last == "setenvironmentvariable" and arguments:
        _set_variable(walk, command, place)
    elif last == "createdirectory" and arguments:
        _add(walk, act.Directory, command, place, paths=tuple(_path_values(walk, arguments[0])))
    elif last == "delete" and arguments and ("file" in method or "directory" in method):
        _add(walk, act.Remove, command, place, paths=tuple(_path_values(walk, arguments[0])))
    elif last.startswith("writeall"):
        walk._write_all(command, place)


# -- PATH and other variables ----------------------------------------------------------------------


def _scope_of(text: str) -> Literal["machine", "user", "process"]:
    lowered = text.lower()
    if "machine" in lowered:
        return "machine"
    return "user" if "user" in lowered else "process"


def _set_variable(walk: _Walk, command: shell.Command, place: _Place) -> None:
    arguments = command.positional
    if len(arguments) < 2:
        return
    name = walk._text(arguments[0])
    value = walk._value(arguments[1])
    scope = _scope_of(arguments[2].text) if len(arguments) > 2 else "process"
    if name.lower() == "path":
        walk._path(value.text, scope, command.span, place.conditional)
    else:
        _add(walk, act.Variable, command, place, name=name, value=value, scope=scope)


def _setx(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = command.words
    machine = any((word.literal or "").lower() in ("/m", "-m") for word in words)
    rest = [word for word in words if not re.fullmatch(r"[/-][A-Za-z]", word.literal or "x")]
    if len(rest) < 2:
        return
    name = walk._text(rest[0])
    value = walk._value(rest[1])
    scope: Literal["machine", "user"] = "machine" if machine else "user"
    if name.lower() == "path":
        walk._path(value.text, scope, command.span, place.conditional)
    else:
        _add(walk, act.Variable, command, place, name=name, value=value, scope=scope)


def _reg(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = _texts(walk, command)
    if not words or words[0].lower() != "add" or len(words) < 2 or "environment" not in words[1].lower():
        _run(walk, command, place)
        return
    found = {words[i].lower(): words[i + 1] for i in range(len(words) - 1) if words[i].startswith(("/", "-"))}
    name, value = found.get("/v", ""), found.get("/d", "")
    scope: Literal["machine", "user"] = (
        "machine" if words[1].upper().startswith(("HKLM", "HKEY_LOCAL")) else "user"
    )
    if name.lower() == "path":
        walk._path(value, scope, command.span, place.conditional)
    elif name:
        _add(walk, act.Variable, command, place, name=name, value=Value(value), scope=scope)


def _item_property(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = list(command.positional)
    path = _named(command, "Path", "LiteralPath") or (words.pop(0) if words else None)
    name = _named(command, "Name") or (words.pop(0) if words else None)
    value = _named(command, "Value") or (words.pop(0) if words else None)
    where = walk._text(path).lower()
    if path is None or name is None or "environment" not in where:
        return
    scope: Literal["machine", "user"] = "machine" if "hklm" in where or "local_machine" in where else "user"
    if walk._text(name).lower() == "path":
        walk._path(walk._text(value), scope, command.span, place.conditional)
    else:
        _add(walk, act.Variable, command, place, name=walk._text(name), value=walk._value(value), scope=scope)


def _set(walk: _Walk, command: shell.Command, place: _Place) -> None:
    """POSIX ``set -eux``; cmd's ``set X=Y`` is an assignment."""
    if walk.shell != "posix":
        return
    words = _texts(walk, command)
    for index, word in enumerate(words):
        if re.fullmatch(r"-[a-zA-Z]+", word) and "e" in word[1:]:
            walk.errexit = True
        if re.fullmatch(r"\+[a-zA-Z]+", word) and "e" in word:
            walk.errexit = False
        if (
            word == "pipefail"
            and index
            and words[index - 1].startswith("-")
            and words[index - 1].endswith("o")
        ):
            walk.pipefail = True
        if word == "errexit":
            walk.errexit = True


def _cd(walk: _Walk, command: shell.Command, place: _Place) -> None:
    word = _named(command, "Path", "LiteralPath")
    words = [
        w for w in (command.positional or command.words) if (w.literal or "").lower() not in ("/d", "-", "--")
    ]
    target = walk._value(word if word is not None else (words[0] if words else None))
    if target.text and target.known:
        walk.directory = walk._absolute(target.text)


# -- verification ----------------------------------------------------------------------------------


def _checksum(walk: _Walk, command: shell.Command, place: _Place) -> None:
    name = command.full_name.lower()
    algorithm = _CHECKERS[name]
    words = _texts(walk, command)
    found, operands = options(words, "a" if name == "shasum" else "", ("algorithm",))
    if name == "shasum":
        algorithm = "sha" + (found.get("a") or found.get("algorithm") or ["1"])[-1]
    if "c" not in found and "check" not in found:
        return
    listing: Value | None = None
    lines: list[Value] = []
    if operands and operands[0] != "-":
        file = walk._absolute(operands[0])
        listing = walk.small.get(file)
        if listing is None:
            fetched = file in walk.fetched
            lines = [Value("", False, fetched=fetched)]
    elif place.piped:
        for node in place.piped:
            if not isinstance(node, shell.Command):
                continue
            producer = node.full_name.lower()
            if producer in ("echo", "printf"):
                listing = walk.printed(node)
            elif producer in ("grep", "cat", "awk", "sed"):
                files = [walk._absolute(walk._text(w)) for w in node.words]
                small = next((walk.small[f] for f in files if f in walk.small), None)
                listing = small if small is not None else listing
                if small is None and any(f in walk.fetched for f in files):
                    lines = [Value("", False, fetched=True)]
    else:
        for redirection in command.redirections:
            if redirection.operator.startswith("<<"):
                listing = walk._value(redirection.target)
    if listing is not None:
        for text in listing.text.splitlines() or [listing.text]:
            parts = text.strip().split(None, 1)
            if not parts:
                continue
            file = walk._absolute(parts[1].lstrip("* ").strip()) if len(parts) > 1 else ""
            expected = Value(
                parts[0], listing.known or "$" not in parts[0], listing.via, fetched=listing.fetched
            )
            _add(
                walk, act.Verify, command, place, file=file, algorithm=algorithm, expected=expected,
                acted_on=place.guarded, tool=name,
            )  # fmt: skip
        return
    for expected in lines or [Value("", False)]:
        _add(
            walk, act.Verify, command, place, file="", algorithm=algorithm, expected=expected,
            acted_on=place.guarded, tool=name,
        )  # fmt: skip


def _gpg(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = _texts(walk, command)
    found, operands = options(
        words,
        "ru",
        ("keyserver", "homedir", "keyring", "output", "status-fd", "trusted-key", "keyserver-options"),
    )
    if "verify" in found:
        index = words.index("--verify") if "--verify" in words else 0
        files = [w for w in words[index + 1 :] if not w.startswith("-")]
        subject = (
            files[1]
            if len(files) > 1
            else (files[0].removesuffix(".asc").removesuffix(".sig") if files else "")
        )
        key = walk.small.get("\0gpg")
        _add(
            walk, act.Verify, command, place, file=walk._absolute(subject), algorithm="gpg", expected=key,
            acted_on=place.guarded, tool="gpg",
        )  # fmt: skip
    elif "recv-keys" in found or "receive-keys" in found or "recv-key" in found:
        keys = [w for w in operands if re.search(r"[0-9A-Fa-f]{8,}|\$", w)]
        walk.small["\0gpg"] = Value(" ".join(keys) or "key")
    elif "import" in found:
        files = [walk._absolute(o) for o in operands]
        walk.small["\0gpg"] = Value("imported key", True, fetched=any(f in walk.fetched for f in files))


def _test_hash(walk: _Walk, command: shell.Command, place: _Place) -> None:
    """``[ "$(sha256sum f | cut …)" = "$X" ]`` as a statement."""
    if len(command.words) < 3:
        return
    values = [walk._value(word) for word in command.words]
    texts = [value.text for value in values]
    for index, value in enumerate(values):
        if value.digest is None:
            continue
        for operator in ("=", "==", "!="):
            if operator in texts:
                at = texts.index(operator)
                other = values[at + 1] if index < at and at + 1 < len(values) else values[at - 1]
                walk.verify(
                    value.digest, other, place.guarded and operator != "!=", command.span, place, "test"
                )
                return


# -- unpacking and installing ----------------------------------------------------------------------


def _unpack(
    walk: _Walk, command: shell.Command, place: _Place, file: str, directory: str, tool: str, strip: int = 0,
    installer: bool = False,
) -> None:  # fmt: skip
    _add(
        walk,
        act.Unpack,
        command,
        place,
        file=file,
        directory=directory,
        tool=tool,
        strip=strip,
        installer=installer,
    )


def _tar(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = _texts(walk, command)
    if words and not words[0].startswith("-") and re.fullmatch(r"[a-zA-Z]+", words[0]):
        words = ["-" + words[0], *words[1:]]
    found, _ = options(
        words, "fCTXbIKNV",
        ("file", "directory", "strip-components", "exclude", "transform", "use-compress-program", "owner", "group"),
    )  # fmt: skip
    if "x" not in found and "extract" not in found and "get" not in found:
        return
    file = (found.get("f") or found.get("file") or ["-"])[-1]
    directory = (found.get("C") or found.get("directory") or [""])[-1]
    strip = (found.get("strip-components") or ["0"])[-1]
    target = walk._absolute(directory) if directory else walk.directory
    _unpack(
        walk, command, place, "-" if file == "-" else walk._absolute(file), target, "tar",
        int(strip) if strip.isdigit() and len(strip) < 3 else 0,
    )  # fmt: skip


def _unzip(walk: _Walk, command: shell.Command, place: _Place) -> None:
    found, operands = options(_texts(walk, command), "dPx")
    if operands:
        directory = (found.get("d") or [""])[-1]
        target = walk._absolute(directory) if directory else walk.directory
        _unpack(walk, command, place, walk._absolute(operands[0]), target, "unzip")


def _seven_zip(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = _texts(walk, command)
    if words and words[0].lower() in ("x", "e"):
        operands = [w for w in words[1:] if not w.startswith("-")]
        out = next((w[2:] for w in words if w.startswith("-o")), "")
        if operands:
            target = walk._absolute(out) if out else walk.directory
            _unpack(walk, command, place, walk._absolute(operands[0]), target, "7z")


def _expand_archive(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = list(command.positional)
    source = _named(command, "Path", "LiteralPath") or (words.pop(0) if words else None)
    target = _named(command, "DestinationPath") or (words.pop(0) if words else None)
    if source is None:
        return
    directory = walk._absolute(walk._text(target)) if target is not None else walk.directory
    _unpack(walk, command, place, walk._absolute(walk._text(source)), directory, "Expand-Archive")


_INSTALL_DIRECTORY = re.compile(
    r"(?i)^/?-?(?:INSTALLLOCATION|INSTALLDIR|INSTALLFOLDER|TARGETDIR|APPLICATIONFOLDER|DIR|D|INSTALLPATH|INSTALL_ROOT)=(.+)$"
)


def _installer_run(
    walk: _Walk, command: shell.Command, place: _Place, program: str, words: Sequence[str]
) -> bool:
    """Whether a started program is an installer: msiexec, or something downloaded; notes it when it is."""
    bare = paths.program(program)
    file = ""
    if bare == "msiexec":
        lowered = [w.lower() for w in words]
        for flag in ("/i", "-i", "/package", "/x", "/a"):
            if flag in lowered and lowered.index(flag) + 1 < len(words):
                if flag == "/x":
                    return False
                file = walk._absolute(words[lowered.index(flag) + 1])
        if not file:
            file = next(
                (walk._absolute(w[2:]) for w in words if w.lower().startswith("/i") and len(w) > 2), ""
            )
    else:
        path = walk._absolute(program)
        if path not in walk.fetched and path + ".exe" not in walk.fetched:
            return False
        silent = any(
            re.match(r"(?i)^[-/]+(quiet|q|qn|s|silent|verysilent|passive|install)\b", w) for w in words
        )
        directed = any(_INSTALL_DIRECTORY.match(w.strip("'\"")) for w in words)
        if not silent and not directed:
            return False
        file = path
    directory = ""
    for word in words:
        match = _INSTALL_DIRECTORY.match(word.strip("'\""))
        if match is not None:
            directory = walk._absolute(match.group(1).strip("'\""))
        if re.match(r"(?i)^(PrependPath=1|ADDLOCAL=(.*,)?PrependPath(,.*)?)$", word.strip("'\"")):
            _add(walk, act.PathEdit, command, place, directories=(), scope="installer", literal="")
        if re.match(r"(?i)^ADDLOCAL=(all|.*(?<!No)Service(,|$))", word.strip("'\"")):
            _add(walk, act.Service, command, place, text=word)
    _unpack(walk, command, place, file, directory, bare if bare == "msiexec" else "installer", installer=True)
    return True


def _start_process(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = list(command.positional)
    program = _named(command, "FilePath") or (words.pop(0) if words else None)
    arguments = _named(command, "ArgumentList") or (words.pop(0) if words else None)
    if program is None:
        return
    given: list[str] = []
    if arguments is not None:
        value = walk._value(arguments)
        for item in value.each:
            given.extend(
                re.findall(r"\"[^\"]*\"|'[^']*'|[^\s'\"]+=(?:\"[^\"]*\"|\S+)|\S+", item.text)
                if " " in item.text
                else [item.text]
            )
    name = walk._text(program)
    if _installer_run(walk, command, place, name, given):
        return
    _add(
        walk,
        act.Run,
        command,
        place,
        name=paths.program(name),
        path=name,
        arguments=tuple(given),
        quiet=place.quiet,
    )


def _msiexec(walk: _Walk, command: shell.Command, place: _Place) -> None:
    if not _installer_run(walk, command, place, "msiexec", _texts(walk, command)):
        _run(walk, command, place)


def _program(walk: _Walk, command: shell.Command, place: _Place) -> None:
    if not _installer_run(walk, command, place, command.name, _texts(walk, command)):
        _run(walk, command, place)


def _dpkg(walk: _Walk, command: shell.Command, place: _Place) -> None:
    found, operands = options(_texts(walk, command))
    if ("i" in found or "install" in found) and operands:
        _unpack(walk, command, place, walk._absolute(operands[0]), "", "dpkg", installer=True)


# -- files -----------------------------------------------------------------------------------------


def _rm(walk: _Walk, command: shell.Command, place: _Place) -> None:
    _, operands = options(_texts(walk, command))
    if operands:
        _add(walk, act.Remove, command, place, paths=tuple(walk._absolute(o) for o in operands))


def _del(walk: _Walk, command: shell.Command, place: _Place) -> None:
    operands = [w for w in _texts(walk, command) if not re.fullmatch(r"/[A-Za-z](:.*)?", w)]
    if operands:
        _add(walk, act.Remove, command, place, paths=tuple(walk._absolute(o) for o in operands))


def _remove_item(walk: _Walk, command: shell.Command, place: _Place) -> None:
    if walk.shell == "posix":
        _rm(walk, command, place)
        return
    found: list[str] = []
    for word in (_named(command, "Path", "LiteralPath"), *command.positional):
        found.extend(_path_values(walk, word))
    if found:
        _add(walk, act.Remove, command, place, paths=tuple(found))


def _move(walk: _Walk, command: shell.Command, place: _Place) -> None:
    name = command.full_name.lower()
    kind: Literal["move", "copy", "link"] = (
        "move" if name in ("mv", "move-item", "move", "rename-item", "ren") else "copy"
    )
    if name in ("move-item", "copy-item", "rename-item"):
        words = list(command.positional)
        source = _named(command, "Path", "LiteralPath") or (words.pop(0) if words else None)
        target = _named(command, "Destination", "NewName") or (words.pop(0) if words else None)
        sources = _path_values(walk, source)
        goal = walk._absolute(walk._text(target)) if target is not None else walk.directory
    else:
        if walk.shell == "cmd":
            texts = [w for w in _texts(walk, command) if not re.fullmatch(r"/[A-Za-z](:.*)?", w)]
            target_option = ""
        else:
            found, texts = options(_texts(walk, command), "tS", ("target-directory", "suffix"))
            target_option = (found.get("t") or found.get("target-directory") or [""])[-1]
        if target_option:
            sources, goal = [walk._absolute(t) for t in texts], walk._absolute(target_option)
        elif len(texts) < 2:
            return
        else:
            sources, goal = [walk._absolute(t) for t in texts[:-1]], walk._absolute(texts[-1])
            if texts[-1].endswith(("/", "\\")) and len(sources) >= 1:
                goal = (
                    goal + ("\\" if walk.style == "windows" else "/")
                    if not goal.endswith(("/", "\\"))
                    else goal
                )
    for path in sources[:200]:
        _add(walk, act.Move, command, place, source=path, target=goal, kind=kind)


def _install(walk: _Walk, command: shell.Command, place: _Place) -> None:
    """coreutils ``install``."""
    found, operands = options(_texts(walk, command), "mogtS", ("mode", "owner", "group", "target-directory"))
    if "d" in found or "directory" in found:
        _add(walk, act.Directory, command, place, paths=tuple(walk._absolute(o) for o in operands))
    elif len(operands) >= 2:
        _add(
            walk, act.Move, command, place, source=walk._absolute(operands[0]),
            target=walk._absolute(operands[-1]), kind="copy",
        )  # fmt: skip


def _ln(walk: _Walk, command: shell.Command, place: _Place) -> None:
    _, operands = options(_texts(walk, command), "St")
    if len(operands) >= 2:
        _add(
            walk,
            act.Move,
            command,
            place,
            source=operands[0],
            target=walk._absolute(operands[-1]),
            kind="link",
        )


def _mklink(walk: _Walk, command: shell.Command, place: _Place) -> None:
    operands = [w for w in _texts(walk, command) if not re.fullmatch(r"/[A-Za-z]", w)]
    if len(operands) >= 2:
        _add(
            walk,
            act.Move,
            command,
            place,
            source=operands[1],
            target=walk._absolute(operands[0]),
            kind="link",
        )


def _mkdir(walk: _Walk, command: shell.Command, place: _Place) -> None:
    found: list[str] = []
    if walk.shell == "powershell":
        for word in (_named(command, "Path", "Name"), *command.positional):
            found.extend(_path_values(walk, word))
    else:
        _, operands = options(_texts(walk, command), "m", ("mode",))
        found = [walk._absolute(o) for o in operands]
    if found:
        _add(walk, act.Directory, command, place, paths=tuple(found))


def _new_item(walk: _Walk, command: shell.Command, place: _Place) -> None:
    kind = walk._text(_named(command, "ItemType")).lower()
    path = _named(command, "Path") or (command.positional[0] if command.positional else None)
    if kind in ("symboliclink", "junction", "hardlink") and path is not None:
        target = _named(command, "Target", "Value")
        _add(
            walk, act.Move, command, place, source=walk._absolute(walk._text(target)),
            target=walk._absolute(walk._text(path)), kind="link",
        )  # fmt: skip
    elif kind in ("directory", "d", "dir", "container"):
        found = _path_values(walk, path)
        if found:
            _add(walk, act.Directory, command, place, paths=tuple(found))


def _chown(walk: _Walk, command: shell.Command, place: _Place) -> None:
    name = command.full_name.lower()
    kinds = {
        "chown": "chown",
        "chgrp": "chown",
        "chmod": "chmod",
        "umask": "umask",
        "icacls": "chown",
        "takeown": "chown",
        "set-acl": "chown",
    }
    if place.quiet and name == "umask":
        return
    _add(walk, act.Account, command, place, kind=kinds[name], text=" ".join([name, *_texts(walk, command)]))


def _account(walk: _Walk, command: shell.Command, place: _Place) -> None:
    name = command.full_name.lower()
    kind = "group" if "group" in name else "user"
    _add(walk, act.Account, command, place, kind=kind, text=" ".join([name, *_texts(walk, command)]))


def _net(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = _texts(walk, command)
    verb = words[0].lower() if words else ""
    if verb == "user" and len(words) > 1:
        _add(walk, act.Account, command, place, kind="user", text=" ".join(["net", *words]))
    elif verb in ("start", "stop"):
        _service(walk, command, place)


def _service(walk: _Walk, command: shell.Command, place: _Place) -> None:
    _add(walk, act.Service, command, place, text=" ".join([command.full_name, *_texts(walk, command)]))


def _sc(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = _texts(walk, command)
    if words and words[0].lower() in ("create", "start", "config"):
        _service(walk, command, place)
    elif walk.shell == "powershell" and command.positional:  # sc is Set-Content there
        _set_content(walk, command, place)


# -- building --------------------------------------------------------------------------------------


def _make(walk: _Walk, command: shell.Command, place: _Place) -> None:
    found, operands = options(_texts(walk, command), "CfjIo", ("directory", "file", "jobs"))
    directory = (found.get("C") or found.get("directory") or [""])[-1]
    prefix = next((o.partition("=")[2] for o in operands if re.match(r"(?i)(PREFIX|DESTDIR)=", o)), "")
    install = any(o == "install" or o.startswith("install-") or o.endswith("-install") for o in operands)
    _add(
        walk, act.Compile, command, place, tool=command.full_name.lower(), install=install,
        directory=walk._absolute(directory) if directory else walk.directory, prefix=prefix,
    )  # fmt: skip


def _compiler(walk: _Walk, command: shell.Command, place: _Place) -> None:
    words = _texts(walk, command)
    name = command.full_name.lower()
    if place.quiet:
        return
    several = name in ("go", "cargo", "mvn", "gradle", "dotnet")
    if several and (not words or words[0] not in ("build", "install", "run", "publish", "package")):
        _run(walk, command, place)
        return
    prefix = next(
        (w.partition("=")[2] for w in words if w.startswith(("--prefix=", "-DCMAKE_INSTALL_PREFIX="))), ""
    )
    _add(
        walk,
        act.Compile,
        command,
        place,
        tool=name,
        install="install" in words,
        directory=walk.directory,
        prefix=prefix,
    )


# -- packages --------------------------------------------------------------------------------------


def _packages(walk: _Walk, command: shell.Command, place: _Place) -> None:
    name = command.full_name.lower()
    words = _texts(walk, command)
    found, operands = options(
        words,
        "tX",
        ("virtual", "repository", "option", "version", "root", "keys-dir", "arch", "target-release"),
    )
    if name in ("apt-get", "apt", "aptitude"):
        found, operands = options(words, "ot", ("option", "target-release"))
    if not operands:
        return
    verbs: dict[str, Literal["add", "remove", "update", "clean"]] = {
        "add": "add", "install": "add", "del": "remove", "remove": "remove", "purge": "remove", "autoremove": "remove",
        "erase": "remove", "update": "update", "upgrade": "update", "dist-upgrade": "update", "clean": "clean",
        "makecache": "update", "fix": "add",
    }  # fmt: skip
    verb = verbs.get(operands[0])
    if verb is None:
        return
    names: list[str] = []
    for operand in operands[1:]:
        names.extend(operand.split())
    _add(
        walk, act.Packages, command, place, manager=name, verb=verb, names=tuple(names),
        virtual=(found.get("t") or found.get("virtual") or [""])[-1],
        no_cache="no-cache" in found or "no-network" in found,
    )  # fmt: skip


# -- edits -----------------------------------------------------------------------------------------


def _sed(walk: _Walk, command: shell.Command, place: _Place) -> None:
    edits, files, in_place = sed.edits(_texts(walk, command))
    targets = [walk._absolute(file) for file in files]
    out = _stdout_target(walk, command)
    if not in_place and out == "-":
        return
    for file in targets or [""]:
        for pattern, text, address in edits:
            kind = "drop" if text == "\0" else "replace"
            _add(
                walk, act.Edit, command, place, kind=kind, file=file if in_place else out, origin=file,
                pattern=pattern, text="" if kind == "drop" else text, tool="sed", address=address,
            )  # fmt: skip


def _tee(walk: _Walk, command: shell.Command, place: _Place) -> None:
    found, operands = options(_texts(walk, command))
    text = ""
    for node in place.piped:
        if isinstance(node, shell.Command) and node.full_name.lower() in PRINTERS:
            value = walk.printed(node)
            text = value.text
            for operand in operands:
                walk.small[walk._absolute(operand)] = value
    for operand in operands:
        kind = "append" if "a" in found or "append" in found else "write"
        file = walk._absolute(operand)
        _add(
            walk,
            act.Edit,
            command,
            place,
            kind=kind,
            file=file,
            origin=file,
            pattern="",
            text=text,
            tool="tee",
        )


def _grep(walk: _Walk, command: shell.Command, place: _Place) -> None:
    if place.guarded and not place.quiet and not place.piped and place.to is None:
        walk.note_check(command, place)


def _set_content(walk: _Walk, command: shell.Command, place: _Place) -> None:
    """Set-Content, Add-Content and Out-File as statements (in pipelines the walk sees to them)."""
    if place.piped:
        return
    target = walk.content_target(command)
    words = list(command.positional)
    if _named(command, "Path", "FilePath", "LiteralPath") is None and words:
        words.pop(0)
    value_word = _named(command, "Value", "InputObject") or (words.pop(0) if words else None)
    if target is None or value_word is None:
        return
    content = walk._content_of(value_word)
    if content is not None:
        walk.emit_content(content, target, command.span, command.full_name, place)
        return
    kind: Literal["append", "write"] = (
        "append" if command.full_name.lower() == "add-content" or command.parameter("Append") else "write"
    )
    for value in walk._value(value_word).each:
        _add(
            walk, act.Edit, command, place, kind=kind, file=target, origin=target, pattern="", text=value.text,
            tool=command.full_name,
        )  # fmt: skip
        kind = "append"


def _find(walk: _Walk, command: shell.Command, place: _Place) -> None:
    """``find … -delete`` and ``-exec rm … {} +``."""
    words = _texts(walk, command)
    if walk.shell == "cmd" or not words:
        return
    removes = "-delete" in words or any(
        w in ("-exec", "-execdir") and i + 1 < len(words) and paths.name(words[i + 1]) == "rm"
        for i, w in enumerate(words)
    )
    roots = []
    for word in words:
        if word.startswith(("-", "(", "!", "\\")):
            break
        roots.append(walk._absolute(word))
    if removes:
        named = [words[i + 1] for i, w in enumerate(words[:-1]) if w in ("-name", "-iname")]
        patterns = tuple(
            f"{root.rstrip('/')}/{below}{name}"
            for root in roots or [walk.directory]
            for name in named or ["*"]
            for below in ("", "*/")
        )
        _add(walk, act.Remove, command, place, paths=patterns[:200])
    for index, word in enumerate(words):
        if word in ("-exec", "-execdir") and index + 1 < len(words):
            program = paths.name(words[index + 1])
            if program == "ln":
                _add(
                    walk, act.Move, command, place, source=words[index + 3] if index + 3 < len(words) else "",
                    target=roots[0] if roots else "", kind="link",
                )  # fmt: skip
            elif program == "chown":
                _add(
                    walk,
                    act.Account,
                    command,
                    place,
                    kind="chown",
                    text=" ".join(words[index + 1 : index + 5]),
                )
            elif program == "scanelf":
                _add(walk, act.Run, command, place, name="scanelf", path="scanelf", arguments=(), quiet=True)


_HANDLERS: dict[str, Handler] = {
    "wget": _wget,
    "curl": _curl,
    "invoke-webrequest": _web_request,
    "invoke-restmethod": _web_request,
    "start-bitstransfer": _bits,
    "bitsadmin": _bitsadmin,
    "certutil": _certutil,
    "git": _git,
    "setx": _setx,
    "reg": _reg,
    "set-itemproperty": _item_property,
    "new-itemproperty": _item_property,
    "set": _set,
    "cd": _cd,
    "chdir": _cd,
    "set-location": _cd,
    "pushd": _cd,
    "gpg": _gpg,
    "gpg2": _gpg,
    "[": _test_hash,
    "test": _test_hash,
    "[[": _test_hash,
    "tar": _tar,
    "bsdtar": _tar,
    "unzip": _unzip,
    "7z": _seven_zip,
    "7za": _seven_zip,
    "7zr": _seven_zip,
    "expand-archive": _expand_archive,
    "start-process": _start_process,
    "msiexec": _msiexec,
    "dpkg": _dpkg,
    "rm": _rm,
    "rmdir": _rm,
    "unlink": _rm,
    "shred": _rm,
    "del": _del,
    "erase": _del,
    "rd": _del,
    "remove-item": _remove_item,
    "mv": _move,
    "cp": _move,
    "move": _move,
    "copy": _move,
    "xcopy": _move,
    "robocopy": _move,
    "move-item": _move,
    "copy-item": _move,
    "rename-item": _move,
    "ren": _move,
    "install": _install,
    "ln": _ln,
    "mklink": _mklink,
    "mkdir": _mkdir,
    "md": _mkdir,
    "new-item": _new_item,
    "chown": _chown,
    "chgrp": _chown,
    "chmod": _chown,
    "umask": _chown,
    "icacls": _chown,
    "takeown": _chown,
    "set-acl": _chown,
    "addgroup": _account,
    "groupadd": _account,
    "adduser": _account,
    "useradd": _account,
    "new-localuser": _account,
    "new-localgroup": _account,
    "net": _net,
    "sc": _sc,
    "new-service": _service,
    "start-service": _service,
    "set-service": _service,
    "make": _make,
    "gmake": _make,
    "nmake": _make,
    "ninja": _make,
    "configure": _compiler,
    "cmake": _compiler,
    "meson": _compiler,
    "gcc": _compiler,
    "g++": _compiler,
    "cc": _compiler,
    "clang": _compiler,
    "msbuild": _compiler,
    "go": _compiler,
    "cargo": _compiler,
    "make.bash": _compiler,
    "make.bat": _compiler,
    "mvn": _compiler,
    "gradle": _compiler,
    "dotnet": _compiler,
    "apk": _packages,
    "apt-get": _packages,
    "apt": _packages,
    "yum": _packages,
    "dnf": _packages,
    "microdnf": _packages,
    "zypper": _packages,
    "choco": _packages,
    "scoop": _packages,
    "winget": _packages,
    "sed": _sed,
    "tee": _tee,
    "grep": _grep,
    "egrep": _grep,
    "fgrep": _grep,
    "set-content": _set_content,
    "add-content": _set_content,
    "out-file": _set_content,
    "find": _find,
}
