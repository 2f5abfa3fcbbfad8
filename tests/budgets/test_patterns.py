"""Regular expressions that see other people's text cost in proportion to it: a checker reads all of them.

Patterns are collected in two ways: as they stand in the source (with names and f-strings filled in), and as they are
compiled when every module is imported.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import contrib
from contrib.values.patterns import Lazy

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it reads Python's own parser of patterns
    sre = pytest.importorskip("regexploit.ast.sre", reason="regexploit is not installed")
    redos = pytest.importorskip("regexploit.redos")

ROOT = Path(contrib.__file__).parent
FUNCTIONS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
#: From here on the checker calls a pattern exponential; 3 is cubic.
CUBIC = 3
#: Patterns of three repetitions over one class that see short text of our own alone, with the reason.
KNOWN: dict[str, str] = {}


def written() -> Iterator[tuple[str, str, int]]:
    """``(place, pattern, flags)`` of the patterns in the source."""
    for path in sorted(ROOT.rglob("*.py")):
        if "upstreams" in path.relative_to(ROOT).parts[:-1]:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        names = {
            node.targets[0].id: value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and (value := text_of(node.value, {})) is not None
        }
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            called = ast.unparse(node.func)
            if called == "lazy" or (called.startswith("re.") and called[3:] in FUNCTIONS):
                pattern = text_of(node.args[0], names)
                flags = 0
                for inner in (n for argument in [*node.args[1:], *node.keywords] for n in ast.walk(argument)):
                    if (
                        isinstance(inner, ast.Attribute)
                        and ast.unparse(inner.value) == "re"
                        and inner.attr.isupper()
                    ):
                        flags |= getattr(re, inner.attr)
                if pattern is not None:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", pattern, flags


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
    """The patterns that modules, and classes in them, hold once they are imported, in containers too."""
    for module in pkgutil.walk_packages([str(ROOT)], "contrib."):
        if "upstreams." in module.name or module.name in ("contrib.__main__", "contrib.clients.launcher"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for pattern in patterns_in(value, 3):
                text = (
                    pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
                )
                yield f"{module.name}.{name}", text, pattern.flags


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parsed = sre.SreOpParser().parse_sre(pattern, flags & ~re.DEBUG)
        except re.error:
            return 0  # a piece of a pattern
        return max((found.starriness for found in redos.find(parsed)), default=0)


@pytest.mark.parametrize("collect", [written, compiled])
def test_no_pattern_is_exponential_or_cubic(collect: object) -> None:
    assert callable(collect)
    all_of_them = {(pattern, flags): place for place, pattern, flags in collect()}
    found = {
        place: pattern
        for (pattern, flags), place in all_of_them.items()
        if worst(pattern, flags) >= CUBIC and pattern not in KNOWN
    }
    assert found == {} and len(all_of_them) > 100


def test_the_checker_finds_one() -> None:
    assert worst(r"^v?\d+(\.\d+)+([-.+]?[A-Za-z0-9]+)*$", 0) > 10
    assert worst(r'"(?:[^"\\]+|\\.)*"', 0) > 10
    assert worst(r"\s*\(?\s*([^()\n;]+?)\s*\)", 0) >= CUBIC
