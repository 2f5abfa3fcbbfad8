"""The documentation: what is generated from the code is what is committed, and what it names is there."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from contrib.values.guards import GUARDS
from contrib.values.kinds import KINDS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"

#: Calls whose ``kind`` is that of an error.
ERRORS = {"BadInput", "OutsideError", "ContribError"}


def make() -> ModuleType:
    """``docs/make.py``, which is not in a package."""
    spec = importlib.util.spec_from_file_location("docs_make", DOCS / "make.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_pages_are_what_the_code_says() -> None:
    """``python docs/make.py`` writes them anew."""
    module = make()
    pages: dict[str, str] = module.pages()
    there = {name: (DOCS / name).read_text("utf-8") for name in pages if (DOCS / name).is_file()}
    assert {name for name, text in pages.items() if there.get(name) != text} == set()
    marked = {page for page in DOCS.rglob("*.md") if module.MARK in page.read_text("utf-8")}
    assert {page.relative_to(DOCS).as_posix() for page in marked} == set(pages) - {"guards.md"}


def kinds() -> Iterator[tuple[str, str]]:
    for path in (ROOT / "contrib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                for keyword in node.keywords:
                    if name in ERRORS and keyword.arg == "kind" and isinstance(keyword.value, ast.Constant):
                        yield str(keyword.value.value), f"{path.name}:{node.lineno}"


def test_every_kind_of_error_is_documented() -> None:
    found = list(kinds())
    assert len(found) > 20
    assert [f"{where}: {kind}" for kind, where in found if kind not in KINDS] == []


@pytest.mark.parametrize(
    "page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.relative_to(DOCS).as_posix()
)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link


def anchors(page: Path) -> set[str]:
    found = set(re.findall(r'<a id="([^"]+)"', page.read_text("utf-8")))
    for heading in re.findall(r"(?m)^#+ (.+)$", page.read_text("utf-8")):
        words = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


def test_every_guard_has_its_place() -> None:
    assert set(GUARDS) <= anchors(DOCS / "guards.md")


def test_every_room_is_there() -> None:
    rooms = re.findall(
        r"`((?:contrib|library_templates|benchmarks|docs)/[a-z_/]*)`", (DOCS / "rooms.md").read_text("utf-8")
    )
    assert len(rooms) > 10
    assert [room for room in rooms if not (ROOT / room).is_dir()] == []
