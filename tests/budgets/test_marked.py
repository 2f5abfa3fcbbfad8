"""Every reader of other people's text has a budget: it is marked where it is written."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import contrib
from contrib.cli import main
from contrib.values import budgets
from contrib.values.budgets import bounded
from contrib.values.errors import ContribError
from tests.budgets.cases import LIBRARY, LINUX, WINDOWS
from tests.budgets.entries import ENTRIES, seeds
from tests.budgets.test_patterns import held

if TYPE_CHECKING:
    from contrib.values.budgets import Guard

ROOT = Path(contrib.__file__).parent
#: Rooms whose functions may read text that others wrote: all but the stand-in, which plays those others.
ROOMS = tuple(sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name != "sandbox"))
#: Types of a first parameter that is other people's text, whole.
TEXTS = {"bytes", "bytes | str", "Sequence[bytes]", "Iterable[bytes]"}
#: Those that need no mark, each with the reason.
WITHOUT = {
    "binaries/apisets.py:read_schema": "called in a process of its own (clients/isolated.py)",
    "binaries/manifest.py:read_manifest": "called in a process of its own (clients/isolated.py)",
    "clients/actions.py:unpacked": "bounded in bytes; what it gives is read by those who are marked",
    "pulls/threeway.py:changed_lines": "reads files of a branch of ours, line by line",
    "pulls/threeway.py:merge_text": "reads files of a branch of ours, line by line",
    "values/evidence.py:dockerfile_sha256": "counts bytes, and reads none",
    "values/findings.py:apply_edits": "puts edits of ours into a text",
    "values/jsontext.py:read": "what is short costs less than a budget; what is long has one",
    "library/reader.py:read": "called by library.parse",
    "library/bases.py:read_bases": "reads data of ours",
    "releases/reading.py:read_sources": "calls values.tables.decode",
    "releases/sources/__init__.py:decoded": "called by each kind's parse",
    "releases/sources/digest_file.py:listed": "called by digest and names",
    "releases/sources/digest_of.py:digest": "counts bytes, and reads none",
    "images/reading.py:read_image": "calls values.tables.decode",
    "rules/engine.py:fix": "calls a look that is bounded",
    "rules/engine.py:fix_asked": "waits for a person; each look is bounded",
    "rules/library/run.py:fix": "calls a look that is bounded",
    "rules/library/form/document.py:each_match": "called by read_on",
    "rules/library/form/document.py:blanked": "called by read_on",
    "rules/library/sources.py:case_architectures": "called by rules.library.run.check",
    "trial/msi.py:with_log": "reads a Dockerfile that was built",
    "upstream/edits.py:text_of": "decodes bytes",
    "upstream/eras.py:read_profiles": "calls decoded_eras",
    "upstream/history.py:copied_words": "one split per line",
    "upstream/profile.py:read": "calls read_profiles",
}  # fmt: skip


def readers() -> Iterator[tuple[str, bool]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.parse(path.read_text("utf-8")).body:
                if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or not node.args.args:
                    continue
                kind = node.args.args[0].annotation
                if kind is not None and ast.unparse(kind) in TEXTS:
                    marks = [ast.unparse(each) for each in node.decorator_list]
                    place = f"{path.relative_to(ROOT).as_posix()}:{node.name}"
                    yield place, any(each.startswith("bounded(") for each in marks)


def noting(asked: list[str]) -> Guard:
    """A guard that notes what it is asked for, and bounds nothing."""

    def guard(name: str, call: Callable[[], Any]) -> Any:
        asked.append(name)
        return call()

    return guard


def test_all_of_them_are_marked() -> None:
    found = dict(readers())
    assert {place for place, marked in found.items() if not marked} == set(WITHOUT)
    assert sum(found.values()) > 15


def test_the_mark_names_the_input() -> None:
    @bounded("file.name")
    def read(data: bytes, file: Path = Path("default")) -> int:
        return len(data)

    names: list[str] = []

    def guard(name: str, call: Callable[[], Any]) -> Any:
        names.append(name)
        return call()

    budgets.install(guard)
    try:
        assert read(b"abc", Path("/a/b")) == read(b"abc", file=Path("/a/c")) == read(b"abc") == 3
    finally:
        budgets.install(None)
    assert names == ["b", "c", "the input"] and read.__name__ == "read"


#: Marked readers that no entry of the doubling test reaches, each with the reason.
ELSEWHERE = {
    "facts.starts:starts": "joins what a process of its own has read of binaries",
    "images.templates:render": "renders templates of an image's folder",
    "upstream.jqtemplate:render": "has the limits of jq's process (tests/clients/test_libjq.py)",
}


def test_each_marked_reader_is_an_entry_of_the_doubling_test() -> None:
    """A new reader is marked (above), and what is marked grows in :mod:`tests.budgets.cases`."""
    marked: dict[str, Any] = {}
    for name, module in held().items():
        for value in [*vars(module).values(), *_methods(module)]:
            if hasattr(value, "__bounded__") and value.__module__ == f"contrib.{name}":
                marked[f"{name}:{value.__qualname__}"] = value
    reached: set[str] = set()
    silent: set[str] = set()
    asked = 0

    def guard(name: str, call: Callable[[], Any]) -> Any:
        function = inspect.getclosurevars(call).nonlocals["function"]
        nonlocal asked
        asked += 1
        reached.add(f"{function.__module__.removeprefix('contrib.')}:{function.__qualname__}")
        return call()

    budgets.install(guard)
    try:
        for entry, texts in seeds().items():
            asked = 0
            for text in texts[:4] + texts[-4:]:
                with suppress(ContribError):
                    ENTRIES[entry](text)
            if not asked:
                silent.add(entry)
    finally:
        budgets.install(None)
    assert len(marked) > 40 and set(marked) - reached == set(ELSEWHERE)
    # Programs are read in a process of its own; the others cost one step per byte.
    assert silent == {"words", "program", "changed", "body", "git_objects", "merged", "artifact"}


def _methods(module: ModuleType) -> Iterator[Any]:
    for value in vars(module).values():
        if isinstance(value, type):
            yield from (getattr(each, "__func__", each) for each in vars(value).values())


@pytest.mark.parametrize(
    "words",
    [
        ["review", "Dockerfile"],
        ["review", "Dockerfile", "--fix", "--diff"],
        ["diff", "Dockerfile", "linux"],
        ["library", "cat", "./demo"],
        ["library", "list", "./demo"],
        ["library", "diff", "./demo", "./demo"],
        ["library", "check", "./demo"],
        ["why", "log"],
    ],
    ids=" ".join,
)
def test_commands_bound_what_they_read(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text(WINDOWS + "RUN a\n")
    (tmp_path / "linux").write_text(LINUX + "RUN a\n")
    (tmp_path / "demo").write_text(LIBRARY + "Tags: 1\nDirectory: a\n")
    (tmp_path / "log").write_text(
        "The container operating system does not match the host operating system.\n"
    )
    monkeypatch.chdir(tmp_path)
    asked: list[str] = []
    monkeypatch.setattr(main, "_bounded", noting(asked))
    try:
        assert main.run(words) in (0, 1)
    finally:
        budgets.install(None)
    capsys.readouterr()
    files = [word.removeprefix("./") for word in words if (tmp_path / word).is_file()]
    assert all(any(name.endswith(file) for name in asked) for file in files)
