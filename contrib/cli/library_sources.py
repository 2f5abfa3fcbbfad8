"""Which files ``contrib library check`` reads, and what is known of the tree that each is in."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contrib.cli import library_files as files
from contrib.cli.library_place import AtCommit, OnDisk, Place
from contrib.library.reader import MAX_BYTES
from contrib.values.errors import BadInput

if TYPE_CHECKING:
    from contrib.clients.git import GitTree, Repository

#: ``REPO@REF``, and ``REPO@REF:PATH``.
_COMMIT = re.compile(r"^(?P<repo>.+)@(?P<ref>[^@:]+)(?::(?P<path>[^@]*))?$", re.DOTALL)


@dataclass(frozen=True)
class Given:
    """A library file.

    :ivar name: how messages name it.
    :ivar file: where it is on this disk; None for one of a commit.
    :ivar place: the library folder that it is in, with its pins; None where that is not known.
    :ivar date: ISO date on which it stands: of its commit, else today.
    """

    name: str
    data: bytes
    file: Path | None
    place: Place | None
    date: str

    @property
    def image(self) -> str:
        """The image's name: the last component of the path."""
        return self.name.replace("\\", "/").rstrip("/").rpartition("/")[2]


class Commits:
    """Commits of repositories that arguments name, each repository opened once."""

    def __init__(self, *, offline: bool) -> None:
        self._offline = offline
        self._open: dict[str, Repository] = {}

    def repository(self, spec: str) -> Repository:
        """A local directory, or the cached clone of a URL.

        :raises BadInput: where there is no such directory.
        :raises OutsideError: when it cannot be fetched.
        """
        from contrib.clients.git import Repository

        if spec not in self._open:
            self._open[spec] = Repository.obtain(spec, offline=self._offline)
        return self._open[spec]

    def close(self) -> None:
        """End git processes."""
        for each in self._open.values():
            each.close()


def is_commit(spec: str) -> re.Match[str] | None:
    """``REPO@REF`` or ``REPO@REF:PATH``, where nothing of that name is on this disk."""
    match = _COMMIT.match(spec)
    return None if match is None or exists(spec) else match


def exists(spec: str) -> bool:
    """Whether there is such a file or directory."""
    try:
        return Path(spec).exists()
    except (OSError, ValueError):
        return False


def given(names: Sequence[str], all_: bool, folder: str, commits: Commits) -> list[Given]:
    """The files that the arguments mean, each once.

    :param folder: the library folder: a directory, or ``REPO@REF`` for that of a commit.
    :raises BadInput: for a name that is none.
    """
    at = is_commit(folder)
    if at is not None:
        return _of_commit(names, all_, folder, at, commits)
    found: dict[str, Given] = {}
    local = [name for name in names if is_commit(name) is None]
    if local or all_ or not names:
        places: dict[str, Place] = {}
        for path, _ in files.named(tuple(local), all_, folder):
            found.setdefault(path, on_disk(path, folder, places))
    for name in names:
        match = is_commit(name)
        if match is not None:
            found.setdefault(name, _file_at(name, match, None, commits))
    return list(found.values())


def _file_at(name: str, match: re.Match[str], place: Place | None, commits: Commits) -> Given:
    """A file of ``REPO@REF:PATH``, beside the others of its own commit unless a place is given."""
    tree = _tree(match, commits)
    path = (match["path"] or "").replace("\\", "/").strip("/").removeprefix("./")
    data = tree.read(path) if path else None
    if data is None:
        raise BadInput(f"there is no {path or 'path'} at {match['ref']}", file=name)
    return _at(name, data, place or AtCommit(tree, path.rpartition("/")[0]), tree, match, commits)


def on_disk(path: str, folder: str, places: dict[str, Place]) -> Given:
    """A file of this disk; its place is the named library folder, else the one that it lies in.

    :param places: by folder: the files of one have one place, which is read once.
    """
    parent = Path(path).parent
    named = Path(folder)
    place: Place | None = None
    if named.is_dir():
        place = places.setdefault(folder, OnDisk(named))
    elif parent.name == "library":
        place = places.setdefault(str(parent), OnDisk(parent))
    return Given(path, files.read_bytes(path), Path(path), place, today())


def today() -> str:
    """ISO."""
    return datetime.date.today().isoformat()


def date_of(repository: Repository, commit: str) -> str:
    """ISO date of a commit."""
    seconds = repository.run("show", "--no-patch", "--format=%ct", commit).stdout.decode("ascii").strip()
    return datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).date().isoformat()


def _tree(match: re.Match[str], commits: Commits) -> GitTree:
    repository = commits.repository(match["repo"])
    return repository.tree(repository.resolve(match["ref"]))


def _at(name: str, data: bytes, place: Place, tree: GitTree, match: re.Match[str], commits: Commits) -> Given:
    if len(data) > MAX_BYTES:
        raise BadInput(f"has {len(data)} bytes; a library file has {MAX_BYTES} at most", file=name)
    assert tree.commit is not None
    return Given(name, data, None, place, date_of(commits.repository(match["repo"]), tree.commit))


def _of_commit(
    names: Sequence[str], all_: bool, folder: str, at: re.Match[str], commits: Commits
) -> list[Given]:
    tree = _tree(at, commits)
    inside = (at["path"] or "library").strip("/")
    place = AtCommit(tree, inside)
    elsewhere = {name: match for name in names if (match := is_commit(name)) is not None}
    chosen = [*place.names()] if all_ else []
    chosen += [name if name in elsewhere else name.partition(":")[0] for name in names]
    if not chosen:
        raise BadInput("nothing is named", file=folder, hint="name an image, or say --all")
    found = []
    for image in dict.fromkeys(chosen):
        if image in elsewhere:
            found.append(_file_at(image, elsewhere[image], place, commits))
            continue
        if exists(image) and "/" in image.replace("\\", "/"):
            path = Path(image)
            found.append(Given(image, files.read_bytes(image), path, place, today()))
            continue
        data = place.read(image)
        if data is None:
            raise BadInput(f"there is no {inside}/{image} at {at['ref']}", file=folder)
        found.append(_at(f"{folder}:{inside}/{image}", data, place, tree, at, commits))
    return found
