"""The jq-template language of docker-library's repositories: ``{{ jq }}`` in text, compiled to one jq program.

The scanner is that of bashbrew's ``jq-template.awk`` (rules last changed in 2021-07), oddities included, since
upstream's templates are written against it: braces are counted without regard for strings, a block is trimmed
only by ``-}}`` at the end of a line, and that is looked for beyond the block's own end. The program is run by
libjq, with the process environment replaced by the variables that ``apply-templates.sh`` would export.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from contrib.clients.libjq import JqError, JqLimit, Worker, decode
from contrib.values import jsontext
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput

#: Gives the text of a module, by the path relative to the tree (``shared.jq``); None where there is none.
Modules = Callable[[str], bytes | None]

#: Bytes of a template and of a module; the largest real one has 40,000.
MAX_TEMPLATE = 4 * 1024 * 1024
#: Modules that include each other end here.
MAX_INCLUDES = 32

_OPEN, _CLOSE, _CLOSE_LINE = "{{", "}}", "-}}\n"
# The white space of the C locale, not Unicode's: what awk's [[:space:]] cuts.
_SPACE = " \t\n\v\f\r"
_HOISTED = re.compile(r"(def|include|import)[ \t\n\v\f\r]")
_COMMENT = re.compile(r"#[^\n]*\Z")
_INCLUDE = re.compile(
    r'include\s+"(?P<name>(?:[^"\\]|\\.)*)"\s*(?:(?P<meta>\{.*\})\s*)?(?:;\s*)?\Z', re.DOTALL
)
_MODULE_HEAD = re.compile(
    r"(?P<skip>(?:\s|#[^\n]*\n)*)(?P<what>include|import|module)\b(?P<rest>[^;]*);", re.DOTALL
)
_WHERE = re.compile(r"at <top-level>, line (\d+)(?:, column (\d+))?")

# What the jq on the command line has and a template must not reach: files and further inputs.
_SHADOWED = (
    'def env: $__env; def modulemeta: error("modulemeta is not available to templates"); '
    'def input: error("No more inputs"); def inputs: empty; def input_filename: null; '
    "def debug: .; def debug(m): .; def stderr: .; def halt: empty; "
    'def halt_error: error("halt_error: \\(tojson)"); def halt_error(c): halt_error; '
)
_HEAD = ".root as $__root | .envs[] as $__env | $__env as $ENV | [ $__root | " + _SHADOWED + "\n"
_TAIL = "\n) ]"


@dataclass(frozen=True, slots=True)
class Term:
    """A part of the program: a literal (``code`` False) or an expression, and where it stands in the template."""

    text: str
    offset: int
    code: bool


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled template.

    :ivar source: the jq program; its input is ``{"root": …, "envs": [{…}, …]}``, an output an array of the
        values for one environment.
    :ivar name: the template's file, for messages.
    """

    name: str
    text: str
    source: str
    terms: tuple[Term, ...]
    defs: tuple[tuple[str, str, int], ...]
    _starts: tuple[int, ...] = field(default=(), repr=False)
    _origins: tuple[tuple[str, str, int, int], ...] = field(default=(), repr=False)

    def place(self, line: int, column: int | None) -> tuple[str, int, int | None]:
        """(file, line, column) in the template or module of a place in the program; all from 1.

        :param column: in bytes, as jq counts; None where jq gives none.
        """
        lines = self.source.split("\n")
        line = max(1, min(line, len(lines)))
        text = lines[line - 1].encode()
        within = len(text[: max(column - 1, 0)].decode("utf-8", "replace")) if column else 0
        at = sum(len(one) + 1 for one in lines[: line - 1]) + within
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return self.name, 1, None
        name, origin, offset, length = self._origins[index]
        where = offset + min(at - self._starts[index], max(length - 1, 0))
        before = origin[:where]
        return name, before.count("\n") + 1, (where - before.rfind("\n")) if column else None


# -- scanning and compiling -------------------------------------------------------------------------------


def scan(text: str) -> list[Term]:
    """The template as literals and expressions, in order; white space around an expression is cut."""
    terms: list[Term] = []
    literal: list[str] = []
    literal_at = 0
    block: list[str] = []
    block_at = 0
    opened = closed = 0

    def put_literal(part: str, at: int) -> None:
        if part:
            terms.append(Term(part, at, False))

    def put_code(part: str, at: int) -> None:
        stripped = part.strip(_SPACE)
        if stripped and not _COMMENT.match(stripped):
            terms.append(Term(stripped, at + part.index(stripped[0]), True))

    at = 0
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, record in enumerate(lines):
        line = record + "\n"
        start = at
        at += len(line)
        found = line.find(_OPEN)
        if not block and found < 0:
            if not literal:
                literal_at = start
            literal.append(line)
            continue
        if not block:
            if not literal:
                literal_at = start
            literal.append(line[:found])
            put_literal("".join(literal), literal_at)
            literal = []
            block, block_at = [line[found:]], start + found
            opened = closed = 0
        elif found >= 0:
            # Text before a later brace goes to the literal that is pending, which is none here: awk cuts the
            # line there, appends what precedes as text, and goes on gathering.
            put_literal(line[:found], start)
            block.append(line[found:])
        else:
            block.append(line)
        # Counted over the gathered text as a whole: a pair of braces may lie across two lines only by "\n",
        # which is none, so counting line by line is the same.
        opened += block[-1].count(_OPEN)
        closed += block[-1].count(_CLOSE)
        if opened > closed and number < len(lines) - 1:
            continue
        if opened > closed:
            break
        rest, rest_at = "".join(block), block_at
        block = []
        while (found := rest.find(_OPEN)) >= 0:
            put_literal(rest[:found], rest_at)
            rest, rest_at = rest[found + 2 :], rest_at + found + 2
            end = rest.find(_CLOSE_LINE)
            width = len(_CLOSE_LINE)
            if end < 0:
                end, width = rest.find(_CLOSE), len(_CLOSE)
            if end < 0:
                # awk: substr(s, 0 + 2), the expression is empty and one character is lost.
                rest, rest_at = rest[1:], rest_at + 1
                continue
            put_code(rest[:end], rest_at)
            rest, rest_at = rest[end + width :], rest_at + end + width
        if rest:
            literal, literal_at = [rest], rest_at
    put_literal("".join(literal), literal_at)
    if block:
        put_code("".join(block), block_at)
    return terms


def _escape(text: str) -> str:
    for raw, escaped in (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ('"', '\\"')):
        text = text.replace(raw, escaped)
    return f'"{text}"'


def _decoded(data: bytes, name: str) -> str:
    if len(data) > MAX_TEMPLATE:
        raise BadInput(
            f"has {len(data)} bytes, more than the {MAX_TEMPLATE} that a template may have", file=name
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("is not UTF-8", file=name, line=data[: error.start].count(b"\n") + 1) from error
    if "\0" in text:
        raise BadInput("holds a NUL byte", file=name, line=text[: text.index("\0")].count("\n") + 1)
    return text


def _no_modules(path: str) -> bytes | None:
    return None


@bounded("name")
def compile_template(data: bytes, name: str, modules: Modules = _no_modules) -> Program:
    """The program of a template.

    :param name: the template's path, for messages and as the place its ``include`` starts from.
    :param modules: gives the files that ``include "x"`` asks for (``x.jq``).
    :raises BadInput: for bytes that are no text, and for an include that is missing or leaves the tree. Errors
        of jq's own syntax show when it is run.
    """
    text = _decoded(data, name)
    terms = scan(text)
    hoisted: list[tuple[str, str, int]] = []
    body: list[Term] = []
    for term in terms:
        found = _HOISTED.match(term.text) if term.code else None
        if found is None:
            body.append(term)
        elif found[1] == "def":
            hoisted.append((name, text, term.offset))
        else:
            if any(origin is text for _, origin, _ in hoisted):
                raise _at("include must stand before the first def", name, text, term.offset)
            _include(term.text, name, text, term.offset, modules, hoisted, [])
    return _assemble(name, text, terms, tuple(body), hoisted)


def _assemble(
    name: str, text: str, terms: Sequence[Term], body: tuple[Term, ...], hoisted: list[tuple[str, str, int]]
) -> Program:
    parts: list[str] = [_HEAD]
    length = len(_HEAD)
    starts: list[int] = []
    origins: list[tuple[str, str, int, int]] = []

    def put(part: str) -> None:
        nonlocal length
        parts.append(part)
        length += len(part)

    def mark(origin_name: str, origin: str, offset: int, size: int) -> None:
        starts.append(length)
        origins.append((origin_name, origin, offset, size))

    ends = {term.offset: term.text for term in terms}
    for module, origin, offset in hoisted:
        definition = ends[offset] if origin is text else origin
        mark(module, origin, offset if origin is text else 0, len(definition))
        put(definition + (";\n" if origin is text else "\n"))
    put("if env.version then .[env.version] else . end | (\n")
    so_far = ""
    for term in body:
        if term.code:
            before = "" if term.text.startswith(")") else "("
            part = before + term.text + ("" if term.text.endswith("(") else ")")
        else:
            before, part = "", _escape(term.text)
        if so_far:
            put("\n" if so_far.endswith("(") or part.startswith(")") else "\n+ ")
        # The added parenthesis stands one place before what it was added to.
        if before:
            put(before)
            part = part[1:]
        mark(name, text, term.offset, len(term.text) if term.code else 1)
        put(part)
        so_far = before + part
    mark(name, text, max(len(text) - 1, 0), 1)
    put(_TAIL)
    definitions = tuple(
        (module, ends[offset] + ";" if origin is text else origin, offset)
        for module, origin, offset in hoisted
    )
    return Program(name, text, "".join(parts), body, definitions, tuple(starts), tuple(origins))


def _include(
    directive: str,
    name: str,
    text: str,
    offset: int,
    modules: Modules,
    hoisted: list[tuple[str, str, int]],
    stack: list[str],
) -> None:
    found = _INCLUDE.match(directive)
    if found is None:
        if directive.startswith("import"):
            raise _at("import is not supported; include is", name, text, offset)
        raise _at('an include is written include "name"', name, text, offset)
    try:
        wanted = json.loads(f'"{found["name"]}"')
    except ValueError as error:
        raise _at("the included name is not a JSON string", name, text, offset) from error
    if found["meta"] and not re.fullmatch(r'\{\s*"?search"?\s*:\s*"\.?/?"\s*(?:,\s*)?\}', found["meta"]):
        raise _at("include is looked up in the repository's top directory only", name, text, offset)
    parts = wanted.split("/")
    if (
        not wanted
        or "\\" in wanted
        or ":" in wanted
        or any(part in ("", ".", "..", "~") for part in parts)
        or any(ord(char) < 32 for char in wanted)
    ):
        raise _at(f"include {wanted!r} would leave the tree", name, text, offset)
    if wanted in stack or len(stack) > MAX_INCLUDES:
        raise _at(f"include {wanted!r} includes itself", name, text, offset)
    for path in (f"{wanted}.jq", f"{wanted}/{parts[-1]}.jq"):
        data = modules(path)
        if data is not None:
            break
    else:
        raise _at(f"include {wanted!r}: there is no {wanted}.jq", name, text, offset)
    module = _decoded(data, path)
    # The head of a module: its own includes come first, in front of its definitions.
    at = 0
    while (head := _MODULE_HEAD.match(module, at)) is not None:
        where = head.start("what")
        if head["what"] != "module":
            _include(
                (head["what"] + head["rest"]).strip(), path, module, where, modules, hoisted, [*stack, wanted]
            )
        blank = re.sub(r"[^\n]", " ", module[where : head.end()])
        module = module[:where] + blank + module[head.end() :]
        at = head.end()
    hoisted.append((path, module, 0))


def _at(message: str, name: str, text: str, offset: int) -> BadInput:
    before = text[:offset]
    column = offset - before.rfind("\n")
    return BadInput(f"column {column}: {message}", file=name, line=before.count("\n") + 1)


# -- running ----------------------------------------------------------------------------------------------


def _request(root_json: str, environments: Sequence[Mapping[str, str]]) -> str:
    return f'{{"root":{root_json},"envs":{json.dumps([dict(one) for one in environments])}}}'


@bounded("program.name")
def render(
    program: Program, root_json: str, environments: Sequence[Mapping[str, str]], worker: Worker
) -> list[bytes]:
    """What the template prints for each environment, given the JSON text of ``versions.json``.

    :param root_json: valid JSON; see :func:`checked_json`.
    :raises BadInput: with file, line and column in the template, when jq refuses it or it does not end.
    """
    if not environments:
        return []
    try:
        outputs = worker.run(program.source, _request(root_json, environments))
    except JqLimit as error:
        raise BadInput(f"the template {error}", file=program.name) from error
    except JqError as error:
        raise _explain(program, root_json, environments, worker, error) from error
    if len(outputs) != len(environments):
        raise BadInput("the template ends the program", file=program.name)
    return [_joined(decode(line)) for line in outputs]


def _joined(values: object) -> bytes:
    assert isinstance(values, list)
    parts = [
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
        for value in values
    ]
    return "".join(parts).encode("utf-8", "surrogatepass")


def _explain(
    program: Program,
    root_json: str,
    environments: Sequence[Mapping[str, str]],
    worker: Worker,
    error: JqError,
) -> BadInput:
    """What jq said, in terms of the template."""
    if error.compiling:
        found = _WHERE.search(error.message)
        first = error.message.split("\n", 1)[0].removeprefix("jq: error: ")
        message = (
            re.sub(r"(?<!\s)\s*\((?:Unix|Windows)[^()]*\)|,? ?at <top-level>.*", "", first)
            .strip()
            .rstrip(":")
        )
        if found is None:
            return BadInput(message, file=program.name)
        file, line, column = program.place(int(found[1]), int(found[2]) if found[2] else None)
        return BadInput(f"column {column}: {message}" if column else message, file=file, line=line)
    # A running error has no place in jq: wrap every expression in a try that adds its number, and look which
    # of the environments it is.
    message = error.message
    marked, offsets = _marked(program)
    for environment in environments:
        try:
            worker.run(program.source, _request(root_json, [environment]))
            continue
        except JqLimit as limit:
            return BadInput(f"the template {limit}", file=program.name)
        except JqError as one:
            message = one.message
        shown = " ".join(f"{key}={value}" for key, value in environment.items() if value)
        suffix = f" (with {shown})" if shown else ""
        try:
            worker.run(marked, _request(root_json, [environment]))
        except (JqError, JqLimit) as one:
            found = re.match(r"\x01(\d+)\x01(.*)", str(one), re.DOTALL)
            if found is not None:
                where = offsets[int(found[1])]
                return _at(found[2] + suffix, program.name, program.text, where)
        return BadInput(message + suffix, file=program.name)
    return BadInput(message, file=program.name)


def _marked(program: Program) -> tuple[str, list[int]]:
    """The program with every complete expression made to say its number when it fails."""
    offsets: list[int] = []
    # A stack of sums: each holds the terms of one open parenthesis.
    stack: list[tuple[int, str, list[str]]] = []
    current: list[str] = []
    opener, opener_at = "", 0

    def wrapped(code: str, at: int, check: bool) -> str:
        number = len(offsets)
        offsets.append(at)
        mark = f'"\\u0001{number}\\u0001"'
        checked = (
            ' | if type == "string" or type == "null" then . else error("\\(type) (\\(tojson)) next to text: '
            'write tostring") end'
            if check
            else ""
        )
        return (
            f'(try ({code}{checked}) catch (if type == "string" and startswith("\\u0001") then error(.) '
            f'else error({mark} + (if type == "string" then . else tojson end)) end))'
        )

    for term in program.terms:
        if not term.code:
            current.append(_escape(term.text))
            continue
        closes, opens = term.text.startswith(")"), term.text.endswith("(")
        if not closes and not opens:
            current.append(wrapped(f"({term.text})", term.offset, True))
        elif not closes:
            stack.append((opener_at, opener, current))
            opener, opener_at, current = f"({term.text}", term.offset, []
        elif stack:
            opener += "\n" + ("\n+ ".join(current)) + "\n" + term.text
            current = []
            if not opens:
                done, done_at = opener + ")", opener_at
                opener_at, opener, current = stack.pop()
                current.append(wrapped(done, done_at, False))
    body = "\n+ ".join(current) or '""'
    definitions = "\n".join(definition for _, definition, _ in program.defs)
    source = f"{_HEAD}{definitions}\nif env.version then .[env.version] else . end | (\n{body}{_TAIL}"
    return source, offsets


@bounded("name")
def checked_json(data: bytes, name: str) -> tuple[str, object]:
    """The text and value of a JSON file.

    Floats and large numbers stay as written, since the text is what jq is given.

    :raises BadInput: with the line, for anything that is not JSON.
    """
    text = _decoded(data, name)
    return text, jsontext.read(text, name, exact=True)
