"""The house: which room knows which, who may touch the world outside, and that every module says what it is for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "contrib"

#: Room -> the rooms that it may import. Everything may import values.
VALUES = {"values"}
KNOWS = {
    "values": set(),
    "dockerfile": set(),
    "shells": {"dockerfile"},
    "build": {"dockerfile", "shells"},
    "facts": {"binaries", "build", "dockerfile", "shells"},
    "compare": {"binaries", "build", "facts", "images", "dockerfile", "shells"},
    "rules": {"binaries", "build", "facts", "dockerfile", "shells", "library", "images"},
    "library": set(),
    "images": {"dockerfile"},  # the value of what a base hands on
    "releases": {"images", "clients"},
    "upstream": {"images", "library", "clients"},
    "generate": {
        "binaries",
        "images",
        "upstream",
        "library",
        "releases",
        "build",
        "facts",
        "dockerfile",
        "shells",
    },
    "trial": {"clients", "dockerfile", "images"},
    "pulls": {"binaries", "clients", "generate", "images", "upstream", "compare", "library", "trial"},
    "binaries": {"clients"},
    "report": {"binaries", "compare", "facts", "pulls", "library", "trial"},  # their value types
    "clients": set(),
    "sandbox": {"clients"},
}
#: Who may import what reaches outside this process, or is slow to import.
EDGES = {
    "git": {"clients"},
    "github": {"clients"},
    "requests": {"clients"},
    "urllib.request": {"clients"},
    "socket": {"clients"},
    "jq": {"clients"},
    "docker": {"clients"},
    "pefile": {"binaries"},
    "py7zr": {"binaries"},
    "pymsi": {"binaries"},
    "subprocess": {"clients", "sandbox", "upstream"},  # upstream: the proof runs upstream's own scripts
    "http.server": {"sandbox"},
    "click": {"cli"},
    "rich": {"cli", "report"},
    "jinja2": {"images", "report", "sandbox", "generate"},
}
MODULES = sorted(path for path in ROOT.rglob("*.py") if "upstreams" not in path.relative_to(ROOT).parts[:-1])


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imports(path: Path) -> tuple[str, ...]:
    return tuple(imported(path))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else path.stem


def test_a_room_knows_only_those_before_it() -> None:
    wrong = {}
    for path in MODULES:
        here = room(path)
        if here not in ("cli", "work", "__main__", "__init__"):
            known = {name.split(".")[1] for name in imports(path) if name.startswith("contrib.")}
            if beyond := known - {here} - VALUES - KNOWS[here]:
                wrong[path.relative_to(ROOT).as_posix()] = beyond
    assert wrong == {}


def test_only_the_edges_reach_outside() -> None:
    wrong = [
        f"{path.relative_to(ROOT).as_posix()}: {name} is for {', '.join(sorted(rooms))}"
        for path in MODULES
        for name in imports(path)
        for edge, rooms in EDGES.items()
        if (name == edge or name.startswith(edge + ".")) and room(path) not in rooms
    ]
    assert wrong == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if path.read_text("utf-8").strip() and ast.get_docstring(parsed(path)) is None
    ]
    assert silent == []


@pytest.mark.parametrize(
    "room", ["values", "dockerfile", "shells", "build", "facts", "compare", "rules", "library", "report"]
)
def test_the_core_reads_no_file(room: str) -> None:
    readers = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "glob", "rglob"}
    # a report's own page template and script are part of the program
    for path in MODULES:
        if path.relative_to(ROOT).parts[0] != room or path.name in ("html.py", "tables.py"):
            continue
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                assert called not in readers, f"{path.name}:{node.lineno} calls {called}"


#: What a command line of a program or cmdlet means is known to ``build`` (and ``shells``) alone.
INTERPRETING = {"full_name", "parameter"}


@pytest.mark.parametrize("room", ["compare", "facts", "generate", "rules"])
def test_commands_are_interpreted_in_one_room(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno} {node.attr}"
        for path in MODULES
        if path.relative_to(ROOT).parts[0] == room
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr in INTERPRETING
    ]
    assert wrong == []


#: Classes over the limit; each entry is to go, none may be added.
LARGE: set[str] = set()
MOST_LINES = 400
#: Modules that import one another, in a circle; likewise.
CIRCLES: set[frozenset[str]] = set()


def classes(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ClassDef) and node.end_lineno is not None:
            yield node.name, node.end_lineno - node.lineno + 1


def test_no_class_is_two_ideas() -> None:
    large = {
        f"{path.relative_to(ROOT).as_posix()}:{name}"
        for path in MODULES
        for name, lines in classes(path)
        if lines > MOST_LINES
    }
    assert large - LARGE == set(), f"more than {MOST_LINES} lines"
    assert LARGE - large == set(), "small by now: take it off the list"


def arrows() -> dict[str, set[str]]:
    """Module to the modules that it imports, at its top or inside a function, but not for types alone."""
    names = {
        "contrib."
        + path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path
        for path in MODULES
    }
    found: dict[str, set[str]] = {}
    for name, path in names.items():
        found[name] = set()
        for node in executed(parsed(path)):
            if isinstance(node, ast.Import):
                found[name].update(alias.name for alias in node.names if alias.name in names)
            elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
                submodules = {f"{node.module}.{alias.name}" for alias in node.names}
                found[name].update(submodules & set(names))
                if node.module in names and not submodules <= set(names):
                    found[name].add(node.module)
        found[name].discard(name)
    return found


def executed(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below, without those that only a type checker sees."""
    for child in ast.iter_child_nodes(node):
        if (
            isinstance(child, ast.If)
            and isinstance(child.test, ast.Name)
            and child.test.id == "TYPE_CHECKING"
        ):
            continue
        if isinstance(child, ast.expr):
            continue
        yield child
        yield from executed(child)


def circles(graph: dict[str, set[str]]) -> set[frozenset[str]]:
    """Groups of modules each of which reaches all others of the group (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: set[frozenset[str]] = set()

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in graph[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = set()
            while True:
                last = stack.pop()
                group.add(last)
                if last == name:
                    break
            if len(group) > 1:
                found.add(frozenset(group))

    for name in graph:
        if name not in index:
            visit(name)
    return found


def test_no_module_imports_itself_through_others() -> None:
    found = circles(arrows())
    assert found - CIRCLES == set()
    assert CIRCLES - found == set(), "gone by now: take it off the list"
