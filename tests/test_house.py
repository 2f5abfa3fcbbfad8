"""The house: which room knows which, who may touch the world outside, and that every module says what it is for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
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
    "facts": {"build", "dockerfile", "shells"},
    "compare": {"build", "facts", "images", "dockerfile", "shells"},
    "rules": {"build", "facts", "dockerfile", "shells", "library", "images"},
    "library": set(),
    "images": {"dockerfile"},  # the value of what a base hands on
    "releases": {"images", "clients"},
    "upstream": {"images", "library", "clients"},
    "generate": {"images", "upstream", "library", "releases", "build", "facts", "dockerfile", "shells"},
    "trial": {"clients", "dockerfile", "images"},
    "pulls": {"clients", "generate", "images", "upstream", "compare", "library"},
    "report": {"compare", "facts", "pulls", "library"},  # their value types
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
    "subprocess": {"clients", "sandbox", "upstream"},  # upstream: the proof runs upstream's own scripts
    "http.server": {"sandbox"},
    "click": {"cli"},
    "rich": {"cli", "report"},
    "jinja2": {"images", "report", "sandbox", "generate"},
}
MODULES = sorted(path for path in ROOT.rglob("*.py") if "upstreams" not in path.relative_to(ROOT).parts[:-1])


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else path.stem


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_room_knows_only_those_before_it(path: Path) -> None:
    here = room(path)
    if here not in ("cli", "work", "__main__", "__init__"):
        known = {name.split(".")[1] for name in imports(path) if name.startswith("contrib.")}
        assert known - {here} - VALUES <= KNOWS[here]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_only_the_edges_reach_outside(path: Path) -> None:
    for name in imports(path):
        for edge, rooms in EDGES.items():
            if name == edge or name.startswith(edge + "."):
                assert room(path) in rooms, f"{name} is for {', '.join(sorted(rooms))}"


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if path.read_text("utf-8").strip() and ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None
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
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                assert called not in readers, f"{path.name}:{node.lineno} calls {called}"
