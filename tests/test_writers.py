"""Every place that writes a file: the safe writers of clients/worktree.py, and what lives in directories of our own."""

from __future__ import annotations

import ast
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import contrib
from contrib.clients.worktree import append, save, write
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange

ROOT = Path(contrib.__file__).parent
#: Calls that make, change or move files.
CALLS = {
    "write_text", "write_bytes", "mkstemp", "NamedTemporaryFile", "symlink_to", "hardlink_to", "rename", "copyfile",
    "copy2", "copytree", "copyfileobj", "touch", "extractall", "extract", "truncate",
}  # fmt: skip
#: Who may, and where.
WRITERS = {
    "clients/worktree.py": "the safe writers: append",
    "clients/journal.py": "the safe writers: staging in the git directory",
    "clients/documents.py": "the cache",
    "clients/git.py": "the cache: clones",
    "clients/commits.py": "a scratch store in a temporary directory",
    "clients/launcher.py": "inside the container",
    "binaries/store.py": "the cache",
    "binaries/msi.py": "a temporary directory",
    "work/loads.py": "a temporary directory",
    "trial/subject.py": "an archive in memory",
    "trial/ledger.py": "the cache: what a run has made",
    "work/local_images.py": "a temporary directory",
    "upstream/prove_world.py": "the copy that upstream's scripts run in",
    "upstream/prove_tools.py": "runs in place of wget, inside the container",
    "clients/registry.py": "the cache: layers",
    "clients/http.py": "a file that the caller has opened",
    "binaries/archives.py": "members in memory",
    "cli/streams.py": "the null device, for streams that are closed",
}


def writers() -> Iterator[str]:
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("sandbox/"):  # the demo and its stand-in write into directories of their own
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _writes(node):
                yield name


def _writes(node: ast.Call) -> bool:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called in CALLS:
        # `write_text` of argparse and `rename` of a value are not called here; `extract` is the facts' reader.
        return not (called == "extract" and not isinstance(node.func, ast.Attribute))
    if called in ("open", "fdopen"):
        given = [*node.args, *(each.value for each in node.keywords if each.arg in ("mode", "flags"))]
        modes = [
            each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        flags = ast.unparse(node)
        return any(
            len(mode) <= 3 and set(mode) <= set("rwaxbt+") and set(mode) & set("wax+") for mode in modes
        ) or any(flag in flags for flag in ("O_WRONLY", "O_RDWR", "O_CREAT"))
    return (
        called == "replace" and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "os"
    )


def test_nobody_else_writes_a_file() -> None:
    assert set(writers()) == set(WRITERS)


LINKS = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")


@pytest.mark.parametrize("writer", [save, append])
def test_a_file_that_a_person_named(tmp_path: Path, writer: Callable[[Path, bytes], None]) -> None:
    place = tmp_path / "a"
    writer(place, b"1")
    if os.name != "nt":
        place.chmod(0o640)
    writer(place, b"2")
    assert place.read_bytes() == (b"2" if writer is save else b"12")
    assert os.name == "nt" or stat.S_IMODE(place.stat().st_mode) == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
    with pytest.raises(BadInput):
        writer(tmp_path, b"3")
    with pytest.raises(BadInput):
        writer(tmp_path / "none" / "a", b"3")


@LINKS
@pytest.mark.parametrize("writer", [save, append])
@pytest.mark.parametrize("to", ["elsewhere", "/dev/null", "none"])
def test_no_link_is_followed(tmp_path: Path, writer: Callable[[Path, bytes], None], to: str) -> None:
    (tmp_path / "elsewhere").write_bytes(b"before")
    (tmp_path / "link").symlink_to(to)
    with pytest.raises(BadInput, match="symbolic link"):
        writer(tmp_path / "link", b"x")
    assert (tmp_path / "elsewhere").read_bytes() == b"before" and (tmp_path / "link").is_symlink()


@LINKS
@pytest.mark.parametrize("writer", [save, append])
def test_nothing_is_written_to_a_device_or_a_pipe(
    tmp_path: Path, writer: Callable[[Path, bytes], None]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(BadInput, match="no plain file"):
            writer(place, b"x")


@LINKS
def test_every_output_option_refuses_a_link(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from contrib.cli.main import run

    (tmp_path / "Dockerfile").write_text("FROM mcr.microsoft.com/windows/servercore:ltsc2022\n")
    (tmp_path / "log").write_text("no space left on device\n")
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "link").symlink_to("kept")
    link, file = str(tmp_path / "link"), str(tmp_path / "Dockerfile")
    for words in (
        ["review", file, "-o", link],
        ["diff", file, file, "-o", link],
        ["why", str(tmp_path / "log"), "-o", link],
        ["try", "redis", "--workflow", "-o", link],
    ):
        assert run(words) == 2, words
    assert (tmp_path / "kept").read_text() == "kept" and "symbolic link" in capsys.readouterr().err


@LINKS
def test_new_writes_below_the_directory_that_was_named(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "demo").symlink_to("../elsewhere")
    with pytest.raises(BadInput, match="symbolic link"):
        write(tmp_path / "t", [FileChange("demo/image.toml", b"x")])
    assert list((tmp_path / "elsewhere").iterdir()) == []
