from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from contrib.clients.worktree import exists_on_windows, replace, write
from contrib.values.errors import BadInput, OutsideError
from contrib.values.tree import FileChange


def snapshot(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_files_directories_and_modes(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_bytes(b"old")
    (tmp_path / "run.sh").chmod(0o755)
    write(
        tmp_path,
        [
            FileChange("a/b/Dockerfile", b"FROM x\n"),
            FileChange("run.sh", b"new\n", "100755"),
            FileChange("new.sh", b"x\n", "100755"),
        ],
    )
    assert snapshot(tmp_path) == {"a/b/Dockerfile": b"FROM x\n", "new.sh": b"x\n", "run.sh": b"new\n"}
    if os.name != "nt":
        assert (tmp_path / "run.sh").stat().st_mode & stat.S_IXUSR
        assert (tmp_path / "new.sh").stat().st_mode & stat.S_IXUSR
        assert not (tmp_path / "a/b/Dockerfile").stat().st_mode & stat.S_IXUSR


def test_a_deletion_takes_empty_directories_along(tmp_path: Path) -> None:
    write(tmp_path, [FileChange("7.0/windows/x/Dockerfile", b""), FileChange("7.0/alpine/Dockerfile", b"")])
    write(tmp_path, [FileChange("7.0/windows/x/Dockerfile", None), FileChange("gone", None)])
    assert snapshot(tmp_path) == {"7.0/alpine/Dockerfile": b""}
    assert not (tmp_path / "7.0/windows").exists()


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", ".git/config", "C:/x", "a\\b", ""])
def test_nothing_outside(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with pytest.raises(BadInput):
        write(root, [FileChange("first", b"x"), FileChange(path, b"x")])
    assert snapshot(tmp_path) == {}


@pytest.mark.skipif(os.name == "nt", reason="needs a privilege on Windows")
@pytest.mark.parametrize("path", ["link/x", "link", "dir/link2/x"])
def test_no_link_is_followed(tmp_path: Path, path: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "dir").mkdir(parents=True)
    outside.mkdir()
    (root / "link").symlink_to(outside)
    (root / "dir" / "link2").symlink_to(outside)
    with pytest.raises(BadInput, match="symbolic link"):
        write(root, [FileChange("first", b"x"), FileChange(path, b"x")])
    assert snapshot(outside) == {} and not (root / "first").exists()


def test_a_link_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        write(tmp_path, [FileChange("x", b"target", "120000")])


def test_a_file_in_the_way_of_a_directory_and_the_other_way_round(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "d").mkdir()
    for path in ("a/b", "d"):
        with pytest.raises(BadInput):
            write(tmp_path, [FileChange("first", b"x"), FileChange(path, b"x")])
    assert snapshot(tmp_path) == {"a": b"x"}


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="permissions of POSIX")
def test_half_way_is_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept").write_bytes(b"before")
    real = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if target.name == "second":
            raise OSError(28, "No space left on device", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OutsideError, match="nothing was changed"):
        write(
            tmp_path,
            [FileChange("kept", b"after"), FileChange("n/first", b"x"), FileChange("n/second", b"x")],
        )
    assert snapshot(tmp_path) == {"kept": b"before"}
    assert not (tmp_path / "n").exists()


@pytest.mark.skipif(os.name == "nt", reason="needs a privilege on Windows")
def test_a_named_file_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to(real)
    replace(link, b"new")
    assert link.is_symlink() and real.read_bytes() == b"new" and stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_named_file_is_replaced_whole_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(BadInput, match="cannot be written: full"):
        replace(file, b"new")
    assert file.read_bytes() == b"old" and list(tmp_path.iterdir()) == [file]
    with pytest.raises(BadInput, match="cannot be written"):
        replace(tmp_path / "none", b"new")


def refuse(*_: object) -> None:
    raise OSError(28, "full")


@pytest.mark.parametrize(
    "part",
    ["con", "NUL", "aux.txt", "Com1", "LPT9.x", "COM\u00b2", "CONIN$", "a.", "a ", "a?", "a:b", "nul .txt"],
)
def test_names_that_windows_lacks(part: str) -> None:
    assert not exists_on_windows(part)


@pytest.mark.parametrize(
    "part", ["Dockerfile", "windowsservercore-ltsc2022", "com", "COM10", "console", ".x", "7.2"]
)
def test_names_that_windows_has(part: str) -> None:
    assert exists_on_windows(part)
