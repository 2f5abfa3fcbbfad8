"""``configuration`` by setting and value, whatever the means; ``default-survives-arguments``.

A changed default is an edit of the source before it is compiled, an edit of a configuration file, a
flag that the entrypoint adds, or a flag in CMD. What counts is the setting (``protected-mode``) and
the value it has then; how it was changed stands in the detail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.account import Build
from contrib.build.entry import lines
from contrib.facts.kinds import Configuration, Fact, Survives
from contrib.facts.subject import Subject
from contrib.values import jsontext
from contrib.values.errors import BadInput

_CODE = re.compile(
    r"\.(c|h|cc|cpp|hpp|go|rs|py|java|js|ts|in|am|mk)$|/Makefile$|/configure$|CMakeLists", re.IGNORECASE
)
_CONFIGURATION = re.compile(
    r"\.(conf|cfg|ini|toml|ya?ml|json|properties|cnf|config|xml|rc)(\.\w+)?$|rc$", re.IGNORECASE
)
_TRUE = frozenset(("1", "yes", "true", "on", "enable", "enabled"))
_FALSE = frozenset(("0", "no", "false", "off", "disable", "disabled"))
_CONFIG_FLAGS = frozenset(
    ("config", "c", "f", "conf", "config-file", "config.file", "defaults-file", "configuration")
)
_CATALOGUES = re.compile(
    r"^(/etc/(apt|apk|passwd|group|nsswitch|hosts|profile|ld\.so)|/root/|/home/)|sources\.list|\.gitconfig|/openssl|/ssl/"
)
_VERSIONS = frozenset(("version", "help", "v", "h"))


@dataclass(frozen=True, slots=True)
class Change:
    """A default changed.

    :param value: what it is then; None when a line is only taken out, so that the built-in default holds.
    :param means: ``source`` (compiled in), ``file`` (a configuration file), ``entrypoint``, ``command`` (a flag in CMD).
    :param copied: it stands in a configuration file of the build context, beside defaults that are no change.
    """

    setting: str
    value: str | None
    means: str
    file: str
    line: int
    end_line: int
    order: int
    checked: bool = False
    copied: bool = False


def normal(value: str, *, code: bool = False) -> str:
    """A value as people compare it: ``true`` and ``on`` are ``yes``.

    :param code: of a program's source, where a switch is ``1`` or ``0``; a file's ``1`` may be a number.
    """
    text = value.strip().strip("'\"").rstrip(";,").strip()
    lowered = text.lower()
    if lowered in ("0", "1") and not code:
        return text
    if lowered in _TRUE:
        return "yes"
    if lowered in _FALSE:
        return "no"
    return text


def name_of(text: str) -> str:
    """A setting's name as people write it: ``CONFIG_DEFAULT_PROTECTED_MODE`` is ``protected-mode``.

    >>> name_of("CONFIG_DEFAULT_PROTECTED_MODE")
    'protected-mode'
    """
    bare = text.strip().strip("'\"").lstrip("-")
    bare = re.sub(r"^(CONFIG_DEFAULT_|CONFIG_|DEFAULT_)", "", bare)
    return bare.lower().replace("_", "-") if bare.isupper() else bare


def key_of(setting: str) -> str:
    """What two spellings of a setting have in common: ``bind_ip_all`` and ``bind-ip-all``."""
    return setting.lower().replace("_", "-")


# -- patterns of replacements ------------------------------------------------------------------------


def _groups(pattern: str) -> list[str]:
    """What each group of a regular expression stands for, as text (``.*`` becomes ``…``)."""
    stack: list[int] = []
    spans: list[tuple[int, int]] = []
    at = 0
    in_class = False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 2
            continue
        if in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
            if pattern[at + 1 : at + 2] == "]":
                at += 1
        elif char == "(" and pattern[at + 1 : at + 3] not in ("?:", "?=", "?!", "?<"):
            stack.append(len(spans))
            spans.append((at + 1, len(pattern)))
        elif char == "(":
            stack.append(-1)
        elif char == ")" and stack:
            index = stack.pop()
            if index >= 0:
                spans[index] = (spans[index][0], at)
        at += 1
    return [plain(pattern[start:end]) for start, end in spans[:20]]


def plain(pattern: str) -> str:
    """A regular expression as the text that it most simply matches; ``…`` for what is open.

    >>> plain(r"^ *createBoolConfig[(]\\"protected-mode\\",.*, *1")
    'createBoolConfig("protected-mode",…,1'
    """
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        piece: str | None
        if char == "\\" and at + 1 < len(pattern):
            following = pattern[at + 1]
            piece = {"s": " ", "S": "…", "d": "…", "w": "…", "b": "", "t": "\t", "n": "\n"}.get(
                following, following
            )
            at += 2
        elif char == "[":
            end = pattern.find("]", at + 2)
            if end < 0:
                piece, at = "[", at + 1
            else:
                inside = pattern[at + 1 : end]
                if inside.startswith("[:"):
                    end = pattern.find("]]", at)
                    end = end + 1 if end >= 0 else len(pattern) - 1
                    piece = " " if "space" in inside or "blank" in inside else "…"
                else:
                    piece = inside if len(inside) == 1 else " " if inside.strip() == "" else "…"
                at = end + 1
        elif char in "^$()?+|":
            at += 1
            continue
        elif char == ".":
            piece, at = "…", at + 1
        elif char == "*":
            at += 1
            continue
        else:
            piece, at = char, at + 1
        if at < len(pattern) and pattern[at] == "*":
            at += 1
            piece = "…" if piece == "…" else ""
        elif at < len(pattern) and pattern[at] in "+?":
            at += 1
        if piece == "…" and out and out[-1] == "…":
            continue
        out.append(piece)
    return "".join(out).strip()


def expand(pattern: str, replacement: str) -> tuple[str, str]:
    """What a replacement leaves (groups put in), and the literal text between the groups.

    >>> expand(r"^(protected-mode)\\s+.*$", "$1 no")
    ('protected-mode no', ' no')
    """
    groups = _groups(pattern)
    literal: list[str] = []

    def put(match: re.Match[str]) -> str:
        token = match.group(0)
        if token in ("\\0", "$0", "$&", "&"):
            return plain(pattern)
        number = int(re.sub(r"\D", "", token))
        return groups[number - 1] if 0 < number <= len(groups) else ""

    token = re.compile(
        r"\\\d|\$\{\d\}|\$\d|\$&|(?<!\\)&"
        if "\\" in replacement or "$" not in replacement
        else r"\$\{\d\}|\$\d|\$&"
    )
    position = 0
    for match in token.finditer(replacement):
        literal.append(replacement[position : match.start()])
        position = match.end()
    literal.append(replacement[position:])
    return token.sub(put, replacement), "".join(literal)


_DEFINE = re.compile(r"#\s*define\s+(\w+)\s+(.+)")
_QUOTED = re.compile(r"[\"']([A-Za-z][\w.-]*)[\"']")
_ASSIGN = re.compile(r"^\s*[\"']?([A-Za-z_][\w.-]*)[\"']?\s*(?:=|:=|:)\s*(.*)")
_TOKENS = re.compile(r"[\w.+-]+")
_SPACED = re.compile(r"^\s*([A-Za-z_][\w.-]*)[ \t]+(.+)")


def setting_of(text: str) -> tuple[str, str] | None:
    """Setting and value of a line of configuration or source.

    >>> setting_of("bind 0.0.0.0"), setting_of("#define CONFIG_DEFAULT_PROTECTED_MODE 0")
    (('bind', '0.0.0.0'), ('protected-mode', 'no'))
    """
    line = text.strip()
    match = _DEFINE.search(line)
    if match is not None:
        return name_of(match.group(1)), normal(match.group(2), code=True)
    if line.startswith(("#", "//", ";", "<", "[", "{")) or not line:
        return None
    match = _ASSIGN.match(line)
    if match is not None and "(" not in match.group(1):
        return name_of(match.group(1)), normal(match.group(2))
    match = _SPACED.match(line)
    if match is not None:
        return name_of(match.group(1)), normal(match.group(2))
    return None


def settings_in(text: str, file: str = "") -> Iterator[tuple[str, str]]:
    """Settings and values of a configuration file; those of a block are called by its name too.

    Blocks are those of braces (``cluster { … }``) and, after ``name:`` alone in its line, of indentation. A section
    in brackets gives no name: people know its settings without it.

    >>> list(settings_in("port: 1\\ncluster {\\n  port: 2 # inside\\n  routes = []\\n}\\nnet:\\n  bindIp: ::"))
    [('port', '1'), ('cluster.port', '2'), ('net.bindIp', '::')]
    """
    if file.lower().endswith(".json"):
        yield from _of_json(text)
        return
    if file.lower().endswith(".xml") or text.lstrip().startswith("<"):
        return
    blocks: list[tuple[int, str]] = []  # indentation, or -1 for braces, and the name
    for line in text.splitlines()[:5000]:
        bare = line.strip()
        if not bare or bare.startswith(("#", "//", ";", "- ")) or len(line) > 500:
            continue
        indent = len(line) - len(line.lstrip())
        while blocks and blocks[-1][0] >= 0 and indent <= blocks[-1][0]:
            blocks.pop()
        opens = _BLOCK.match(bare)
        if opens is not None:
            blocks.append((-1 if bare.endswith(("{", "[", "(")) else indent, name_of(opens[1] or "")))
            continue
        if bare[0] in "}])":
            while blocks and blocks.pop()[0] >= 0:
                pass
            continue
        found = setting_of(_REMARK.sub("", bare))
        if found is not None and re.search(r"\w|[:*/~]", found[1]):
            yield ".".join([*(name for _, name in blocks if name), found[0]]), found[1]


def _of_json(text: str) -> Iterator[tuple[str, str]]:
    try:
        found = jsontext.read(text, "the configuration")
    except BadInput:
        return
    todo: list[tuple[str, object]] = [("", found)]
    while todo:
        name, value = todo.pop()
        if isinstance(value, dict):
            inner = [(f"{name}.{key}" if name else str(key), each) for key, each in value.items()]
            todo.extend(reversed(inner[:500]))
        elif name and isinstance(value, (str, int, float)):
            yield name, normal(str(value))


#: What opens a block: a name and a brace, or a name and a colon with nothing after it.
_BLOCK = re.compile(r"^[\"']?([A-Za-z_][\w.-]*)?[\"']?[^{}\[\]#=:]*(?:[=:]?\s*[{\[(]|:)\s*(?:#.*)?$")
_REMARK = re.compile(r"(?<!\s)\s+(?:#|//)\s.*")


def _from_edit(edit: act.Edit) -> tuple[str, str | None] | None:
    """Setting and value of an edit; value None when the line goes out of force."""
    if edit.kind == "drop":
        before = setting_of(plain(edit.pattern)) or _bare_name(plain(edit.pattern))
        return (before[0], None) if before is not None else None
    if edit.kind in ("append", "write"):
        return next(settings_in(edit.text), None)
    if len(edit.pattern) > 2000 or len(edit.text) > 2000:
        return None
    if edit.address:
        return _addressed(edit)
    after, literal = expand(edit.pattern, edit.text)
    stripped = after.strip()
    if (stripped.startswith(("#", ";", "//")) and not _DEFINE.search(stripped)) or not stripped:
        before = setting_of(plain(edit.pattern).lstrip("#; ")) or _bare_name(plain(edit.pattern))
        return (before[0], None) if before is not None else None
    if _DEFINE.search(stripped):
        return setting_of(stripped)
    call = re.match(r"\w+\(", stripped)
    if call is not None or _CODE.search(edit.file):
        quoted = _QUOTED.search(stripped)
        if quoted is not None and literal.strip():
            return name_of(quoted.group(1)), normal(literal, code=True)
        return setting_of(stripped) if call is None and _ASSIGN.match(stripped) else None
    return setting_of(stripped)


def _addressed(edit: act.Edit) -> tuple[str, str | None] | None:
    """A replacement in lines that an address picks: it names the setting, what is new is the value."""
    address = plain(edit.address)
    quoted, bare = _QUOTED.search(address), re.search(r"[A-Za-z_][\w.-]+", address)
    name = quoted.group(1) if quoted is not None else bare.group(0) if bare is not None else ""
    if not name or len(edit.pattern) > 2000 or len(edit.text) > 2000:
        return None
    if edit.text.lstrip().startswith(("#", ";", "//")):
        return name_of(name), None
    before = _TOKENS.findall(plain(edit.pattern))
    fresh = [token for token in _TOKENS.findall(edit.text) if token not in before]
    code = bool(_CODE.search(edit.file)) or quoted is not None
    return (name_of(name), normal(fresh[0], code=code)) if len(fresh) == 1 else None


def _bare_name(text: str) -> tuple[str, str] | None:
    match = re.match(r"^\s*([A-Za-z_][\w.-]*)\s*…?$", text)
    return (name_of(match.group(1)), "") if match is not None else None


# -- what a file changes -----------------------------------------------------------------------------


def changes(build: Build, subject: Subject) -> tuple[Change, ...]:
    """Every default that is changed, the last change of a setting winning; drops give way to what sets it again."""
    found: list[Change] = []
    builds = [a.order for a in build.of(act.Compile)]
    checks: dict[int, list[act.Check]] = {}
    for check in build.of(act.Check):
        checks.setdefault(id(check.instruction), []).append(check)
    found.extend(_copied(build, subject))
    for edit in build.of(act.Edit):
        if _CATALOGUES.search(edit.file):
            continue
        code = bool(_CODE.search(edit.file)) or (bool(builds) and edit.file.startswith("/usr/src/"))
        if not code and not _CONFIGURATION.search(edit.file):
            continue
        if edit.kind in ("append", "write") and code:
            continue
        setting = _from_edit(edit)
        if setting is None or setting[0] in ("deb", "export", "exec"):
            continue
        means = "source" if code and builds and builds[-1] > edit.order else "file"
        if edit.kind == "write" and means == "file":
            for each in settings_in(edit.text):
                if each != setting:
                    found.append(
                        Change(
                            each[0], each[1], means, edit.file, edit.line, edit.end_line, edit.order, False
                        )
                    )
        looked = any(_speaks_of(each, setting[0]) for each in checks.get(id(edit.instruction), ())[:500])
        found.append(
            Change(setting[0], setting[1], means, edit.file, edit.line, edit.end_line, edit.order, looked)
        )
    found.extend(_flags(build, subject))
    found.extend(_entry_flags(build, subject))
    last: dict[str, Change] = {}
    for change in found:
        earlier = last.get(key_of(change.setting))
        if (
            change.value is None
            and earlier is not None
            and earlier.value is not None
            and earlier.means != "file"
        ):
            continue
        if earlier is not None and earlier.value is not None and change.value is None:
            continue
        last[key_of(change.setting)] = change
    return tuple(last.values())


def _copied(build: Build, subject: Subject) -> Iterator[Change]:
    """Settings of the configuration files of the build context: the one that CMD names, and those read anyway."""
    named = configuration_file(build, subject)
    for copy in build.of(act.CopyIn, own=True):
        for source in copy.sources if copy.origin is None else ():
            places = (copy.target, paths.join(copy.target, paths.name(source), build.platform))
            here = named is not None and any(paths.same(named, place, build.platform) for place in places)
            inline = inline_file(copy, source)
            name, data = inline or (paths.name(source), content_of(build, source))
            if data is None or not (here or (named is None and is_configuration(name))):
                continue
            file = named if here and named is not None else places[1] if inline is None else copy.target
            for setting in settings_in(data.decode("utf-8", "replace"), name):
                yield Change(*setting, "file", file, copy.line, copy.end_line, copy.order, copied=True)


def inline_file(copy: act.CopyIn, source: str) -> tuple[str, bytes] | None:
    """Name and content of a file that the Dockerfile itself holds (``COPY <<EOF /etc/app.conf``)."""
    if not source.startswith("<<"):
        return None
    mark = source[2:].lstrip("-").strip("'\"")
    text = next((each.text for each in copy.instruction.heredocs if each.delimiter == mark), "")
    return paths.name(copy.target), text.encode("utf-8", "surrogateescape")


def is_configuration(source: str) -> bool:
    """Whether a file of the build context is configuration, by its name; ``redis.conf.ps1`` is a script."""
    if source.lower().endswith((".sh", ".ps1", ".psm1", ".cmd", ".bat")):
        return False
    return _CONFIGURATION.search(source) is not None or paths.name(source).lower() == "caddyfile"


def content_of(build: Build, source: str) -> bytes | None:
    """A file of the build context as it was read; None where nobody has."""
    return build.copied.get(source.removeprefix("./").rstrip("/"))


def _speaks_of(check: act.Check, setting: str) -> bool:
    text = plain(check.pattern)
    return name_of(setting) in name_of(text).lower().replace("_", "-") or setting.lower() in text.lower()


def command_words(subject: Subject) -> tuple[str, list[str]]:
    """The program that starts, as written, and its arguments."""
    return subject.start.path, list(subject.start.arguments)


def _arguments(build: Build, subject: Subject) -> tuple[list[str], int, int]:
    """Arguments of the program that starts, with the lines of CMD (or ENTRYPOINT)."""
    instruction = subject.start.instruction
    if instruction is None:
        return [], 0, 0
    return list(subject.start.arguments), instruction.line, instruction.end_line


def _flags(build: Build, subject: Subject) -> Iterator[Change]:
    """Flags of the program in CMD."""
    arguments, line, end_line = _arguments(build, subject)
    index = 0
    while index < len(arguments):
        word = arguments[index]
        index += 1
        if not re.match(r"^--?[A-Za-z]", word):
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if name.lower() in _CONFIG_FLAGS or name.lower() in _VERSIONS:
            if not equals and index < len(arguments) and not arguments[index].startswith("-"):
                index += 1
            continue
        if not equals:
            if index < len(arguments) and not arguments[index].startswith("-"):
                value = arguments[index]
                index += 1
            else:
                value = "yes"
        if word.startswith("--") or equals:
            yield Change(name_of(name), normal(value), "command", "", line, end_line, 10**9)


def _entry_flags(build: Build, subject: Subject) -> Iterator[Change]:
    """Flags that the entry script adds to what a person typed (``set -- "$@" --bind_ip_all``)."""
    if build.entry is None or subject.start.entrypoint is None:
        return
    line = subject.start.entrypoint.line
    for command in lines(build.entry.nodes):
        if command.name != "set":
            continue
        words = command.words
        if words[:1] != ("--",):
            continue
        for index, word in enumerate(words[1:], start=1):
            if not re.match(r"^--[A-Za-z]", word):
                continue
            name, equals, value = word[2:].partition("=")
            following = words[index + 1] if index + 1 < len(words) else ""
            if not equals and following.strip('"').startswith("$") and following.strip('"') != "$@":
                continue  # its value is given when the container starts
            if not equals:
                value = following if following and not following.startswith(("-", '"', "$")) else "yes"
            if name.lower() in _CONFIG_FLAGS or "$" in name + value:
                continue
            yield Change(name_of(name), normal(value), "entrypoint", "", line, line, 10**9)


def configuration_file(build: Build, subject: Subject) -> str | None:
    """The configuration file that CMD names, absolute; None when it names none."""
    arguments, _, _ = _arguments(build, subject)
    for index, word in enumerate(arguments):
        if word.startswith("-"):
            name, equals, value = word.lstrip("-").partition("=")
            if name.lower() in _CONFIG_FLAGS:
                candidate = value if equals else (arguments[index + 1] if index + 1 < len(arguments) else "")
                if candidate:
                    return paths.join(build.workdir, paths.posix_of_windows(candidate), build.platform)
        elif _CONFIGURATION.search(word) or paths.name(word).lower().endswith("file"):
            text = paths.posix_of_windows(word) if build.platform == "windows" else word
            return paths.join(build.workdir, text, build.platform)
    return None


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """A fact for each setting, and one that says whether they outlive a person's own arguments."""
    found = changes(build, subject)
    named = configuration_file(build, subject)
    for change in found:
        value = change.value if change.value is not None else "built-in default"
        yield Configuration(
            f"configuration:{change.setting}", value, change.line, change.end_line, setting=change.setting,
            to=change.value, means=change.means, copied=change.copied, checked=change.checked,
        )  # fmt: skip
    if not found:
        return
    yield _survives(build, subject, found, named)


def _survives(build: Build, subject: Subject, found: tuple[Change, ...], named: str | None) -> Survives:
    instruction = subject.start.command or subject.start.entrypoint
    lost: list[Change] = []
    files: list[str] = []
    fixed = subject.start.fixed
    for change in found:
        if change.means in ("source", "entrypoint"):
            continue
        if change.means == "command":
            in_entry = any(name_of(word.partition("=")[0]) == change.setting for word in fixed)
            if not in_entry:
                lost.append(change)
        elif named is not None and paths.same(named, change.file, build.platform):
            in_entry = any(paths.name(word) == paths.name(named) for word in fixed)
            if not in_entry:
                lost.append(change)
                files.append(paths.name(named))
    program, arguments = command_words(subject)
    means = {change.means for change in found}
    if lost:
        text = f"no: only in {files[0]}" if files else "no: flags of CMD"
        line = instruction.line if instruction is not None else None
        end_line = instruction.end_line if instruction is not None else None
    else:
        text = "yes: in a file that is read anyway"
        if "source" in means:
            text = "yes: compiled in"
        elif means == {"entrypoint"}:
            text = "yes: added by the entrypoint"
        elif "entrypoint" in means:
            text = "yes: in a file that is read anyway, or added by the entrypoint"
        elif means == {"command"}:
            text = "yes: flags of ENTRYPOINT"
        line, end_line = found[0].line, found[0].end_line
    return Survives(
        "default-survives-arguments", text, line, end_line, ok=not lost,
        settings=tuple(change.setting for change in lost if not change.copied),
        copied=tuple(change.setting for change in lost if change.copied),
        file=named if files else None, command=(program, *arguments) if program else (),
    )  # fmt: skip
