"""Regular expressions that see other people's text cost in proportion to it: two checkers read all of them.

Patterns are collected in two ways: as they stand in the source (with names and f-strings filled in), and as modules
hold them. regexploit refuses what is exponential or cubic; :mod:`tests.budgets.automata` what is quadratic, for the
way in which a pattern is used (``match``, ``fullmatch``, or anywhere in a text).
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import contrib
from contrib.values.patterns import Lazy
from tests.budgets.automata import quadratic

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it reads Python's own parser of patterns
    sre = pytest.importorskip("regexploit.ast.sre", reason="regexploit is not installed")
    redos = pytest.importorskip("regexploit.redos")

ROOT = Path(contrib.__file__).parent
METHODS = ("compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
FUNCTIONS = {"lazy", "given", *(f"re.{method}" for method in METHODS)}
#: From here on the checker calls a pattern exponential; 3 is cubic.
CUBIC = 3
#: Quadratic patterns that cannot cost much, by module and name (or the line's beginning), and why. This list may only
#: shrink: what is new is written otherwise, or looks at a text whose length is limited.
BOUNDED = {
    "build.entry._INIT": "once, at the beginning of a file; a word's end keeps its loops apart",
    "build.functions._PARAMETER": "looks at the first 4000 characters",
    "build.programs.installers._SPACED": "its last alternative takes what the others have looked at",
    "facts.extractors.configuration._BLOCK": "lines of more than 500 characters are left out",
    "dockerfile.reader._WORD": "each of its pieces ends at the end of the text, too: it never fails",
    "generate.scaffold.questions": "an answer of the person, matched as a whole",
    "pulls.sections._PIECE": "no line of a section begins as a section does",
    "pulls.rehearse._QUIET": "one line of a body that contrib has made, of at most 65,536 characters",
    "releases.sources.github_releases.options": "data of the image, one line, matched as a whole",
    "rules.dockerfile.unescaped_backslash._ENDS": "looks at the last 400 characters of a line",
    "rules.dockerfile.version_mismatch._TAG": "looks at the first 128 characters of a tag",
    "rules.library.entry_dropped._said": "begins with a version, and not within a number, of which the rest consists",
    "rules.library.sources._BRANCH": "the end of the text ends it: it never fails behind its loop",
    "sandbox.markdown._PIECE": "a body of the stand-in, which takes 64 KiB",
    "shells._JSON_STRING": "a list that is valid JSON",
    "dockerfile.reader._JSON_STRING": "a list that is valid JSON",
    "shells.cmd._set": "once for each `set`, which ends where the command does",
    "trial.causes._SIGNS": "looks at the first 400 characters of a line",
    "upstream.jqtemplate._MODULE_HEAD": "each match begins where the last one ended; the first that fails is the last",
}


@cache
def sources() -> dict[Path, ast.Module]:
    """The modules that use regular expressions, but those that are played as upstream's."""
    texts = {
        path: path.read_text("utf-8")
        for path in sorted(ROOT.rglob("*.py"))
        if "upstreams" not in path.relative_to(ROOT).parts[:-1]
    }
    uses = re.compile(
        r"\bre\.[a-z]+\(|\blazy\(|\bgiven\(|\.(?:match|fullmatch|search|finditer|findall|sub)\("
    )
    return {path: ast.parse(text) for path, text in texts.items() if uses.search(text)}


def named(path: Path) -> str:
    """A module's name below the package: ``shells.cmd``."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def held() -> dict[str, ModuleType]:
    """Every module, imported."""
    skipped = {"contrib.__main__", "contrib.clients.launcher"}
    names = [module.name for module in pkgutil.walk_packages([str(ROOT)], "contrib.")]
    return {
        name.removeprefix("contrib."): importlib.import_module(name)
        for name in names
        if "upstreams." not in name and name not in skipped
    }


@dataclass(frozen=True)
class Written:
    """A pattern in the source: ``ways`` are the methods that it is used by."""

    place: str
    pattern: str
    flags: int
    ways: frozenset[str]


@cache
def written() -> tuple[Written, ...]:
    """The patterns in the source."""
    uses = _uses()
    found = []
    for path, tree in sources().items():
        module = held().get(named(path))
        names = (
            {name: value for name, value in vars(module).items() if isinstance(value, str)} if module else {}
        )
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and (value := text_of(node.value, names)) is not None
            ):
                names.setdefault(node.targets[0].id, value)
        arguments = _arguments(tree)
        for inside, parent, node in _calls(tree):
            called = _called(node.func)
            if called not in FUNCTIONS:
                continue
            pattern = text_of(node.args[0], names)
            if pattern is None:
                continue
            flags = 0
            for inner in (n for argument in [*node.args[1:], *node.keywords] for n in ast.walk(argument)):
                if isinstance(inner, ast.Attribute) and inner.attr.isupper() and _called(inner)[:3] == "re.":
                    flags |= getattr(re, inner.attr)
            name = inside
            if called.startswith("re.") and called != "re.compile":
                ways = frozenset({called[3:]})
            elif isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
                own = parent.targets[0].id
                name = inside or own
                ways = frozenset(uses[path if _local(own) else None, own])
            elif isinstance(parent, ast.keyword) and parent.arg == "pattern":
                ways = frozenset({"fullmatch"})
            elif isinstance(parent, ast.Attribute):
                ways = frozenset({_way(parent, arguments)})
            else:
                ways = frozenset({"?"})
            found.append(Written(f"{named(path)}.{name}", pattern, flags, ways))
    return tuple(found)


def _arguments(tree: ast.Module) -> dict[int, int]:
    """How many arguments what is called gets."""
    return {id(node.func): len(node.args) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def _way(method: ast.Attribute, arguments: dict[int, int]) -> str:
    """The method, with ``@`` where it is told where to begin."""
    begins = method.attr in ("match", "fullmatch") and arguments.get(id(method), 1) > 1
    return method.attr + ("@" if begins else "")


def _called(function: ast.expr) -> str:
    """``name`` or ``module.name``."""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return f"{function.value.id}.{function.attr}"
    return function.id if isinstance(function, ast.Name) else ""


def _local(name: str) -> bool:
    return name.startswith("_") or name.islower()


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.AST, ast.Call]]:
    """Calls with an argument, each with the function that it stands in and what it stands in directly."""
    todo: list[tuple[str, ast.AST]] = [("", tree)]
    while todo:
        inside, node = todo.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call) and child.args:
                yield inside, node, child
            todo.append((child.name if isinstance(child, ast.FunctionDef) else inside, child))


@cache
def _uses() -> dict[tuple[Path | None, str], set[str]]:
    """The methods that a name is used by; ``match@`` where it is told where to begin, ``?`` where it is handed on.

    Names of a module's own are looked for in it; others in all of them.
    """
    found: dict[tuple[Path | None, str], set[str]] = defaultdict(set)
    for path, tree in sources().items():
        arguments = _arguments(tree)
        for parent in ast.walk(tree):
            for node in ast.iter_child_nodes(parent):
                if not isinstance(node, (ast.Name, ast.Attribute)) or not isinstance(node.ctx, ast.Load):
                    continue
                name = node.id if isinstance(node, ast.Name) else node.attr
                way = "?"
                if isinstance(parent, ast.Attribute):
                    way = _way(parent, arguments)
                elif isinstance(parent, ast.keyword) and parent.arg == "pattern":
                    way = "fullmatch"
                found[path if _local(name) else None, name].add(way)
    return found


def text_of(node: ast.expr, names: dict[str, str]) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
        return node.value if isinstance(node.value, str) else node.value.decode("latin-1")
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.JoinedStr):
        parts = [
            text_of(part.value if isinstance(part, ast.FormattedValue) else part, names)
            for part in node.values
        ]
        return "".join("x" if part is None else part for part in parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left, names), text_of(node.right, names)
        return None if left is None or right is None else left + right
    return None


def compiled() -> Iterator[tuple[str, str, int]]:
    """The patterns that modules, and classes in them, hold, in containers too."""
    for module, there in held().items():
        for name, value in vars(there).items():
            for pattern in patterns_in(value, 3):
                text = (
                    pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
                )
                yield f"{module}.{name}", text, pattern.flags


def patterns_in(value: object, depth: int) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Lazy):
        yield re.compile(*value._given)
    elif depth and isinstance(value, dict):
        for inner in [*value.keys(), *value.values()]:
            yield from patterns_in(inner, depth - 1)
    elif depth and isinstance(value, (tuple, list, set, frozenset)):
        for inner in value:
            yield from patterns_in(inner, depth - 1)
    elif depth and hasattr(type(value), "__dataclass_fields__"):
        for field in type(value).__dataclass_fields__:
            yield from patterns_in(getattr(value, field, None), depth - 1)


def worst(pattern: str, flags: int) -> int:
    """The degree of the pattern's cost; more than 10 is exponential."""
    if len(re.findall(r"[*+]|\{[0-9]*,", pattern)) < 2:
        return 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parsed = sre.SreOpParser().parse_sre(pattern, flags & ~re.DEBUG)
        except re.error:
            return 0  # a piece of a pattern
        return max((found.starriness for found in redos.find(parsed)), default=0)


def everything() -> Iterator[tuple[str, str, int]]:
    """The patterns of both kinds."""
    yield from ((each.place, each.pattern, each.flags) for each in written())
    yield from compiled()


def test_no_pattern_is_exponential_or_cubic() -> None:
    all_of_them = {(pattern, flags): place for place, pattern, flags in everything()}
    found = {
        place: pattern for (pattern, flags), place in all_of_them.items() if worst(pattern, flags) >= CUBIC
    }
    assert found == {} and len(all_of_them) > 500


#: What a pattern is used for that is no search: it begins where the text does.
_ONCE = {"match", "fullmatch", "pattern", "groups", "groupindex"}


def slow(pattern: str, flags: int, ways: frozenset[str]) -> str | None:
    """A word that makes a pattern quadratic in one of the ways in which it is used."""
    try:
        found = None
        if ways != {"fullmatch"}:
            found = quadratic(pattern, flags, anywhere=bool(ways - _ONCE))
        if found is None and ways & {"fullmatch", "fullmatch@", "?"}:
            found = quadratic(pattern, flags, anywhere=False, whole=True)
        return found
    except re.error:
        return None  # a piece of a pattern


def test_no_pattern_is_quadratic() -> None:
    found = {each.place for each in written() if slow(each.pattern, each.flags, each.ways) is not None}
    known = {each.pattern for each in written()}
    uses = _uses()
    for place, pattern, flags in compiled():  # those that no literal shows
        module, _, name = place.rpartition(".")
        path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
        ways = frozenset(uses[path if _local(name) else None, name]) or frozenset({"?"})
        if pattern not in known and slow(pattern, flags & ~re.UNICODE, ways) is not None:
            found.add(place)
    assert found == set(BOUNDED), sorted(found ^ set(BOUNDED))


def test_the_checkers_find_one() -> None:
    assert worst(r"^v?\d+(\.\d+)+([-.+]?[A-Za-z0-9]+)*$", 0) > 10
    assert worst(r'"(?:[^"\\]+|\\.)*"', 0) > 10
    assert worst(r"\s*\(?\s*([^()\n;]+?)\s*\)", 0) >= CUBIC


@pytest.mark.parametrize(
    "pattern",
    [
        r"\s+$",
        r"a[^x]*x",
        r"(\w+)\s*=",
        r"<!--.*?-->",
        r"(?m)^\s*x",
        r"a(?!.*b)c",
        r"(\\*)\"",
    ],
)
def test_what_is_quadratic_anywhere(pattern: str) -> None:
    word = quadratic(pattern)
    assert word is not None
    text = word * (4000 // len(word)) + "\x00"
    assert _steps(pattern, text) > 8 * _steps(pattern, text[: len(text) // 8]), word


def _steps(pattern: str, text: str) -> float:
    import time

    start = time.process_time()
    for _ in re.finditer(pattern, text):
        pass
    return time.process_time() - start + 1e-7


@pytest.mark.parametrize(
    "pattern",
    [
        r'"[^"]*"',
        r"\s+",
        r"\b\w+\s*=",
        r"(?<!\w)\w+=",
        r"x.*",
        r"(?m)^[ \t]*x",
        r"[a-z]{1,60}[0-9]",
        r"^\s*x",
    ],
)
def test_what_is_not(pattern: str) -> None:
    assert quadratic(pattern) is None


def test_loops_behind_each_other() -> None:
    assert quadratic(r"\s*#?\s*x", anywhere=False) and quadratic(
        r"-[a-z]*e[a-z]*", anywhere=False, whole=True
    )
    assert not quadratic(r"a*b?a*", anywhere=False) and quadratic(r"a*b?a*", anywhere=False, whole=True)
    assert not quadratic(r"-[a-df-z]*e[a-z]*", anywhere=False, whole=True)
