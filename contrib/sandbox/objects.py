"""The files of a bare repository, read and written without a process: references, and objects that move as they are."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

_REF = re.compile(r"([0-9a-f]{40,64}) (refs/\S.*)")


def make_bare(path: Path, *, alternate: Path | None = None) -> None:
    """An empty bare repository with settings of a server's.

    :param alternate: git directory whose objects it borrows.
    """
    for part in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
        (path / part).mkdir(parents=True)
    set_head(path, "master")
    (path / "config").write_bytes(
        b"[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tfilemode = true\n\tlogAllRefUpdates = false\n"
        b"[http]\n\treceivepack = true\n"
        b"[uploadpack]\n\tallowReachableSHA1InWant = true\n\tallowAnySHA1InWant = true\n"
        b"[receive]\n\tdenyDeleteCurrent = ignore\n\tautogc = false\n[gc]\n\tauto = 0\n"
    )
    if alternate is not None:
        _borrow(path, [alternate / "objects"])


def set_head(path: Path, branch: str) -> None:
    """Make ``HEAD`` this branch."""
    (path / "HEAD").write_bytes(f"ref: refs/heads/{branch}\n".encode())


def references(path: Path, prefix: str = "refs/") -> dict[str, str]:
    """``{full name: id}`` of a repository's references, sorted; those that name another are left out."""
    found = {name: ident for name, ident in _packed(path) if name.startswith(prefix)}
    top = path / prefix.rstrip("/")
    for directory, _, names in os.walk(top):
        for name in names:
            here = Path(directory, name)
            ident = _loose(here)
            if ident is not None:
                found[here.relative_to(path).as_posix()] = ident
    return dict(sorted(found.items()))


def reference(path: Path, name: str) -> str | None:
    """What a reference holds, None where there is none."""
    loose = _loose(path / name)
    return loose if loose is not None else dict(_packed(path)).get(name)


def write_reference(path: Path, name: str, ident: str) -> None:
    """Make a reference hold this; for those that nobody pushes to."""
    here = path / name
    here.parent.mkdir(parents=True, exist_ok=True)
    new = here.with_name(f"{here.name}.new")
    new.write_bytes(f"{ident}\n".encode())
    new.replace(here)


def pack_references(path: Path, refs: dict[str, str]) -> None:
    """Give a new repository its references, all in one file."""
    (path / "packed-refs").write_bytes(
        "".join(f"{sha} {ref}\n" for ref, sha in sorted(refs.items())).encode()
    )


def copy_repository(source: Path, target: Path) -> None:
    """The branches, tags and objects of one repository in a new one.

    :param source: its git directory.
    """
    refs = references(source, "refs/heads/") | references(source, "refs/tags/")
    pack_references(target, refs)
    info = source / "objects" / "info" / "alternates"
    if info.is_file():
        lines = [line for line in info.read_text("utf-8").splitlines() if line and not line.startswith("#")]
        _borrow(target, [(source / "objects" / line).resolve() for line in lines])
    transfer(source, target)


def transfer(source: Path, target: Path) -> None:
    """Bring the objects that a repository has of its own into another; those that are there stay."""
    for here in (source / "objects").iterdir():
        if len(here.name) != 2 and here.name != "pack":
            continue
        there = target / "objects" / here.name
        # A pack counts as there once its index is: that comes last.
        for each in sorted(here.iterdir(), key=lambda file: file.suffix == ".idx"):
            if each.name.startswith("tmp_") or (there / each.name).exists():
                continue
            there.mkdir(exist_ok=True)
            _place(each, there / each.name)


def _place(source: Path, target: Path) -> None:
    """A file under another name at once, never half of it: objects never change."""
    try:
        os.link(source, target)
    except FileExistsError:
        pass
    except OSError:  # no links on this file system
        part = target.with_name(f"tmp_{target.name}")
        shutil.copyfile(source, part)
        part.replace(target)


def _borrow(path: Path, objects: list[Path]) -> None:
    (path / "objects" / "info" / "alternates").write_bytes(
        "".join(f"{each.as_posix()}\n" for each in objects).encode("utf-8")
    )


def _loose(path: Path) -> str | None:
    if path.name.endswith((".lock", ".new")):
        return None
    try:
        text = path.read_text("ascii").strip()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
        return None
    return text if re.fullmatch(r"[0-9a-f]{40,64}", text) else None


def _packed(path: Path) -> Iterator[tuple[str, str]]:
    try:
        text = (path / "packed-refs").read_text("utf-8")
    except FileNotFoundError:
        return
    for line in text.splitlines():
        found = _REF.fullmatch(line)
        if found is not None:
            yield found[2], found[1]
