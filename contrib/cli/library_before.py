"""What a change of library files is compared with: ``--against`` and ``--changed``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

from contrib.cli import library_files as files
from contrib.cli.library_place import AtCommit, OnDisk, Place
from contrib.cli.library_sources import Commits, Given, date_of, exists, is_commit, today
from contrib.library.model import LibraryFile
from contrib.library.parsing import parse
from contrib.library.reader import MAX_BYTES
from contrib.rules.library.form.document import Document
from contrib.rules.library.form.reading import read_on
from contrib.values.errors import BadInput

if TYPE_CHECKING:
    from contrib.clients.git import GitTree, Repository

#: So many earlier versions of a file are its past.
PAST = 12


class Before(Protocol):
    """The version before the change, and what is known of it."""

    def of(self, file: Given) -> Document | None:
        """The version of a file before; None where it is new."""
        ...

    def past(self, file: Given) -> Callable[[], Sequence[LibraryFile]] | None:
        """Versions before that one, the newest first, read when they are asked for; None where they are not known."""
        ...

    @property
    def message(self) -> str | None:
        """What the author says of the change; None where that is not known."""
        ...

    @property
    def place(self) -> Place | None:
        """The library folder before the change; None where that is not known."""
        ...


class BeforeOnDisk:
    """A file, or a folder of library files."""

    message: str | None = None

    def __init__(self, spec: str) -> None:
        self._path = Path(spec)
        self.place: Place | None = OnDisk(self._path) if self._path.is_dir() else None

    def of(self, file: Given) -> Document | None:
        """See :class:`Before`."""
        path = self._path
        if path.is_dir():
            path = path / file.image
            if not path.is_file():
                return None
        return read_on(files.read_bytes(str(path)), str(path))

    def past(self, file: Given) -> None:
        """Nothing is known of it."""


class BeforeAtCommit:
    """A path of a commit: a file, or the library folder.

    :param message: what the commits after it say.
    """

    def __init__(
        self, repository: Repository, commit: str, path: str, shown: str, *, message: str | None = None
    ) -> None:
        self._repository = repository
        self._commit = commit
        self._tree: GitTree = repository.tree(commit)
        self._path = path.replace("\\", "/").strip("/").removeprefix("./")
        self._shown = shown
        self.message = message
        if self._path and self._tree.entry(self._path) is None:
            raise BadInput(f"there is no {self._path} at {commit[:12]}", file=shown)
        self._is_file = bool(self._path) and self._tree.read(self._path) is not None
        folder = str(PurePosixPath(self._path).parent) if self._is_file else self._path
        self.place: Place | None = AtCommit(self._tree, "" if folder == "." else folder)

    def _inside(self, file: Given) -> str:
        if self._is_file:
            return self._path
        return str(PurePosixPath(self._path) / file.image)

    def of(self, file: Given) -> Document | None:
        """See :class:`Before`."""
        path = self._inside(file)
        data = self._tree.read(path)
        if data is None:
            return None
        name = f"{self._shown}/{file.image}" if not self._is_file else self._shown
        if len(data) > MAX_BYTES:
            raise BadInput(f"has {len(data)} bytes; a library file has {MAX_BYTES} at most", file=name)
        return read_on(data, name)

    def past(self, file: Given) -> Callable[[], Sequence[LibraryFile]]:
        """See :class:`Before`."""
        return lambda: self._versions(self._inside(file))

    def _versions(self, path: str) -> Sequence[LibraryFile]:
        """Earlier versions; those that bashbrew refuses are left out."""
        done = self._repository.run(
            "log", "--raw", "--no-abbrev", "--no-renames", "--format=", f"-n{PAST}", self._commit, "--", path
        )
        blobs = [
            line.split(" ")[2]
            for line in done.stdout.decode("utf-8", "replace").splitlines()
            if line.startswith(":")
        ]
        wanted = [sha for sha in blobs if set(sha) != {"0"}]
        known = self._repository.blobs(wanted)
        found = []
        for sha in wanted:
            try:
                found.append(parse(known[sha], path))
            except (BadInput, KeyError):
                continue
        return found


def against(spec: str, commits: Commits) -> Before:
    """What ``--against`` means.

    :raises BadInput: for a spec that is neither a file, a folder nor ``REPO@REF:PATH``.
    """
    if exists(spec):
        return BeforeOnDisk(spec)
    match = is_commit(spec)
    if match is None or match["path"] is None:
        raise BadInput(
            "there is no such file", file=spec, hint="--against takes a file, a folder, or REPO@REF:PATH"
        )
    repository = commits.repository(match["repo"])
    return BeforeAtCommit(repository, repository.resolve(match["ref"]), match["path"], spec)


# -- --changed ---------------------------------------------------------------------------------------------


def changed(
    names: Sequence[str], folder: str, base: str | None, commits: Commits
) -> tuple[list[Given], Before, list[str]]:
    """The library files that a branch of official-images changed, what was before, and the files that it deletes.

    :param names: only these images; all when empty.
    :param folder: the library folder of a work tree; or ``REPO@REF`` for a branch of any repository.
    :param base: the commit before; None for the merge base with the remote's default branch.
    :raises BadInput: where the base cannot be told, or a named file did not change.
    """
    at = is_commit(folder)
    if at is not None:
        repository = commits.repository(at["repo"])
        head = repository.resolve(at["ref"])
        inside = (at["path"] or "library").strip("/")
        tree: GitTree | None = repository.tree(head)
    else:
        repository, inside = _work_tree(folder)
        head = repository.resolve("HEAD")
        tree = None
    before = _base(repository, head, base, folder)
    paths = _differing(repository, before, None if tree is None else head, inside)
    found, deleted = [], []
    date = date_of(repository, head) if tree is not None or not _dirty(repository, inside) else today()
    place: Place
    if tree is not None:
        place = AtCommit(tree, inside)
    else:
        assert repository.work_dir is not None
        place = OnDisk(repository.work_dir / inside)
    for path in paths:
        image = path.rpartition("/")[2]
        if names and image not in {name.partition(":")[0].rpartition("/")[2] for name in names}:
            continue
        if tree is not None:
            data = tree.read(path)
            file = None
        else:
            assert repository.work_dir is not None
            file = repository.work_dir / path
            data = files.read_bytes(str(file)) if file.is_file() else None
        if data is None:
            deleted.append(path)
        else:
            shown = path if tree is None else f"{folder}:{path}"
            found.append(Given(_from_here(file) if file is not None else shown, data, file, place, date))
    unchanged = {name.partition(":")[0].rpartition("/")[2] for name in names} - {each.image for each in found}
    if unchanged:
        raise BadInput(
            f"{', '.join(sorted(unchanged))} did not change since {before[:12]}",
            file=folder,
            hint="leave the names out to check every file that did",
        )
    log = repository.run("log", "--format=%B", f"{before}..{head}").stdout.decode("utf-8", "replace")
    return found, BeforeAtCommit(repository, before, inside, before[:12], message=log), deleted


def _from_here(path: Path) -> str:
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def _work_tree(folder: str) -> tuple[Repository, str]:
    from contrib.cli.source import repository_root
    from contrib.clients.git import Repository

    path = Path(folder)
    if not path.is_dir():
        raise BadInput(
            "there is no library folder here",
            file=folder,
            hint="run it in a clone of official-images, or give --library DIR",
        )
    root = repository_root(path)
    if root is None:
        raise BadInput("is not in a git repository, so nothing tells what changed", file=folder)
    inside = path.resolve().relative_to(root.resolve()).as_posix()
    return Repository.open(root), inside


def _base(repository: Repository, head: str, base: str | None, folder: str) -> str:
    if base is not None:
        commit = repository.resolve(base)
        return _merge_base(repository, head, commit) or commit
    for name in ("refs/remotes/origin/HEAD", "refs/remotes/upstream/HEAD", "refs/remotes/origin/master", "refs/remotes/origin/main"):  # fmt: skip
        commit = repository.refs(name).get(name) or ""
        if not commit:
            continue
        found = _merge_base(repository, head, commit)
        if found is not None:
            return found
        if repository.shallow:
            raise BadInput(
                "the clone is shallow, and has no commit in common with the remote's default branch",
                file=folder,
                hint="git fetch --unshallow, or give --base REF",
            )
    raise BadInput(
        "there is no remote's default branch to compare with",
        file=folder,
        hint="give --base REF, or run git remote set-head origin --auto",
    )


def _merge_base(repository: Repository, one: str, two: str) -> str | None:
    done = repository.run("merge-base", one, two, accept=(0, 1))
    return done.stdout.decode("ascii", "replace").strip() or None


def _differing(repository: Repository, before: str, head: str | None, inside: str) -> list[str]:
    """Paths under the folder that differ; of the work tree, and those that git does not know yet, without a head."""
    arguments = ["diff", "--name-only", "--no-renames", "-z", before, *([head] if head else []), "--", inside]
    found = repository.run(*arguments).stdout.split(b"\0")
    if head is None:
        found += repository.run(
            "ls-files", "--others", "--exclude-standard", "-z", "--", inside
        ).stdout.split(b"\0")
    paths = [path.decode("utf-8", "surrogateescape") for path in found if path]
    depth = inside.count("/") + 1 if inside not in ("", ".") else 0
    return sorted({path for path in paths if path.count("/") == depth})


def _dirty(repository: Repository, inside: str) -> bool:
    return bool(repository.run("status", "--porcelain", "--", inside).stdout.strip())
