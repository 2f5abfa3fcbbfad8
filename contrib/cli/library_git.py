"""What rules for library files ask of git: repositories of images, and "not known"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from contrib.library.model import clean_path
from contrib.values.addresses import foreign
from contrib.values.errors import BadInput, OutsideError
from contrib.values.numbers import whole

if TYPE_CHECKING:
    from contrib.clients.git import GitTree, Repository

#: Bytes of the largest Dockerfile that is read.
MAX_DOCKERFILE = 1024 * 1024


class GitView:
    """A git repository as rules see it (:class:`contrib.rules.library.context.RepositoryView`)."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._commits: dict[str, bool] = {}
        self._trees: dict[str, GitTree] = {}
        self._paths: dict[str, tuple[str, ...]] = {}
        self._refs: dict[str, str] | None = None
        self._reach: dict[str, frozenset[str]] = {}

    @property
    def shallow(self) -> bool:
        """Whether a part of the history is not here."""
        return bool(self.repository.shallow)

    def has(self, commit: str) -> bool:
        """Whether the commit is there."""
        if commit not in self._commits:
            try:
                self.repository.commit(commit)
            except BadInput:
                self._commits[commit] = False
            else:
                self._commits[commit] = True
        return self._commits[commit]

    def _tree(self, commit: str) -> GitTree | None:
        if not self.has(commit):
            return None
        if commit not in self._trees:
            self._trees[commit] = self.repository.tree(commit)
        return self._trees[commit]

    def read(self, commit: str, path: str) -> bytes | None:
        """A file of the commit; symbolic links are followed inside the tree."""
        tree = self._tree(commit)
        for _ in range(10):
            if tree is None or path.startswith(("../", "/")) or path == "..":
                return None
            resolved = self._resolved(tree, path)
            if resolved is None:
                return None
            if tree.mode(resolved) != "120000":
                data = tree.read(resolved)
                return data if data is None or len(data) <= MAX_DOCKERFILE else None
            target = tree.read(resolved)
            path = clean_path(
                f"{resolved.rpartition('/')[0]}/{(target or b'').decode('utf-8', 'surrogateescape')}"
            )
            path = path.lstrip("/")
        return None

    @staticmethod
    def _resolved(tree: GitTree, path: str) -> str | None:
        """The path with links among its directories followed."""
        parts = path.split("/")
        done: list[str] = []
        steps = 0
        while parts:
            part = parts.pop(0)
            here = "/".join([*done, part])
            if parts and tree.mode(here) == "120000":
                steps += 1
                target = (tree.read(here) or b"").decode("utf-8", "surrogateescape")
                moved = clean_path("/".join([*done, target, *parts]))
                if steps > 10 or moved.startswith(("../", "/")):
                    return None
                done, parts = [], moved.split("/")
                continue
            done.append(part)
        return "/".join(done)

    def paths(self, commit: str) -> Sequence[str]:
        """All files of the commit."""
        if commit not in self._paths:
            tree = self._tree(commit)
            self._paths[commit] = () if tree is None else tuple(tree.paths())
        return self._paths[commit]

    def refs(self) -> Mapping[str, str]:
        """Branches and tags; in a clone with a work tree the remote's branches too."""
        if self._refs is None:
            found = dict(self.repository.refs("refs/remotes/origin/"))
            refs = {
                "refs/heads/" + name.removeprefix("refs/remotes/origin/"): sha for name, sha in found.items()
            }
            refs.pop("refs/heads/HEAD", None)
            for prefix in ("refs/heads/", "refs/tags/"):
                for name, sha in self.repository.refs(prefix).items():
                    # What is here and not pushed yet is meant to be pushed.
                    if name not in refs or self.reachable(refs[name], sha):
                        refs[name] = sha
            self._refs = refs
        return self._refs

    def ref(self, name: str) -> str | None:
        """Commit that a full ref names."""
        return self.refs().get(name)

    def _history(self, start: str) -> frozenset[str]:
        if start not in self._reach:
            done = self.repository.run("rev-list", start, "--")
            self._reach[start] = frozenset(done.stdout.decode("ascii").split())
        return self._reach[start]

    def reachable(self, commit: str, start: str) -> bool | None:
        """Whether ``commit`` is ``start`` or before it; None where a shallow history cannot tell."""
        if commit == start:
            return True
        if commit in self._history(start):
            return True
        return None if self.repository.shallow else False

    def holding(self, commit: str) -> Sequence[str]:
        """Branches and tags that hold the commit."""
        done = self.repository.run(
            "for-each-ref", f"--contains={commit}", "--format=%(refname)", accept=(0, 129)
        )
        names = done.stdout.decode("utf-8", "surrogateescape").split()
        return [
            re.sub(r"^refs/remotes/origin/", "refs/heads/", name)
            for name in names
            if not name.endswith("/HEAD")
        ]

    def last_touching(self, start: str, paths: Sequence[str]) -> Mapping[str, str]:
        """For each directory the newest commit, before or at ``start``, that touched it."""
        from contrib.upstream.history import last_commits

        sets: dict[str, list[str]] = {
            path: [] if path == "." else [path]
            for path in paths
            if not path.startswith((":", "/", "../")) and path != ".." and "\\" not in path
        }
        try:
            found = last_commits(self.repository, start, sets)
        except BadInput:  # a shallow history, or a path that git reads as something else
            return {}
        return {path: commit for path, commit in found.items() if commit is not None}

    def modified_archives(self, commits: Sequence[str]) -> Sequence[tuple[str, str, int]]:
        """What ``git log --diff-filter=MT -- '**.tar**'`` tells, binary files only, with their sizes then."""
        if not commits:
            return []
        done = self.repository.run(
            "log",
            "--stdin",
            "--diff-filter=MT",
            "--no-renames",
            "--raw",
            "--numstat",
            "--no-abbrev",
            "--format=%x01%H",
            stdin=("\n".join(commits) + "\n--\n**.tar**\n").encode(),
        )
        rows: list[tuple[str, str, str]] = []
        commit = ""
        blobs: dict[str, str] = {}
        for line in done.stdout.decode("utf-8", "surrogateescape").splitlines():
            if line.startswith("\x01"):
                commit, blobs = line[1:], {}
            elif line.startswith(":"):
                head, _, path = line.partition("\t")
                blobs[path] = head.split(" ")[3]
            elif line.startswith("-\t-\t"):
                path = line[4:]
                rows.append((commit, path, blobs.get(path, "")))
        if not rows:
            return []
        asked = self.repository.run(
            "cat-file",
            "--batch-check=%(objectsize)",
            stdin="".join(f"{blob}\n" for _, _, blob in rows).encode(),
        )
        sizes = asked.stdout.decode("ascii", "replace").splitlines()
        return [(commit, path, whole(size) or 0) for (commit, path, _), size in zip(rows, sizes, strict=True)]


class Clones:
    """Repositories by the address in ``GitRepo``: those that ``--upstream`` names, else (online) clones of it."""

    def __init__(self, specs: Sequence[str], *, online: bool, say: Callable[[str], None]) -> None:
        self._named: dict[str, str] = {}
        self._any: str | None = None
        self._online = online
        self._say = say
        self._open: dict[str, GitView | None] = {}
        self.problems: dict[str, OutsideError] = {}
        for spec in specs:
            url, equals, where = spec.partition("=")
            if equals and "://" in url:
                self._named[url] = where
            elif self._any is None:
                self._any = spec
            else:
                raise BadInput(
                    f"--upstream {self._any} and {spec} are for one image each",
                    hint="say --upstream URL=REPO, with the URL that GitRepo has",
                    kind="usage",
                )

    @property
    def for_any(self) -> bool:
        """Whether a repository was named without saying for which address."""
        return self._any is not None

    def of(self, url: str) -> GitView | None:
        """None where it is not at hand."""
        where = self._named.get(url, self._any)
        if where is None:
            if not self._online:
                return None
            where = url
            # The address is the file's, whoever wrote that: nothing else is opened.
            why = foreign(url)
            if why:
                self.problems[url] = OutsideError(f"it is not opened: {why}", kind="address")
                return None
        if where not in self._open:
            self._open[where] = self._opened(where)
        return self._open[where]

    def reason(self, url: str) -> str:
        """Why a repository is not at hand."""
        problem = self.problems.get(self._named.get(url, self._any or url))
        return f"{url}: {problem.message}" if problem is not None else f"{url} is not at hand (--upstream)"

    def _opened(self, where: str) -> GitView | None:
        from contrib.clients.git import Repository, is_url

        if is_url(where):
            self._say(f"reading {where} ...")
        try:
            return GitView(Repository.obtain(where, offline=not self._online and is_url(where)))
        except OutsideError as error:
            self.problems[where] = error
            return None

    def close(self) -> None:
        """End git processes."""
        for view in self._open.values():
            if view is not None:
                view.repository.close()
