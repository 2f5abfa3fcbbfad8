"""The last commit that touched a set of paths, for many sets in one pass: git's own answer.

For each set the answer is that of ``git log -1 COMMIT -- PATHS`` with git's default history simplification: of
a merge, the first parent whose files are the same is followed, and others are not looked at. (A full walk
answers otherwise where a merge brought in a change that the other side already had, or undid one.)

The graph comes from one ``git rev-list`` that is read only as far as needed; trees come from the repository's
``cat-file``, and two trees are compared only where their entries differ.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from posixpath import normpath

from contrib.clients.git import Repository, TreeEntry
from contrib.values.errors import BadInput, OutsideError

#: Commits whose trees are read from git at once.
_AHEAD = 64

#: Ids of the tree without entries, in SHA-1 and SHA-256.
_EMPTY_TREES = frozenset(
    (
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
    )
)

#: Words of COPY lines in one Dockerfile; the largest real one has a dozen.
MAX_WORDS = 1000

_WILD = re.compile(r"[*?\[\\]")


@dataclass(frozen=True, slots=True)
class PathSpec:
    """One git pathspec, relative to the repository's top.

    :ivar parts: leading components without wildcards; all of them where there is no pattern.
    :ivar pattern: for a path with wildcards, what the rest of a file's path must match.
    :ivar directory: written with a slash at its end: a file of that name is not meant.
    """

    parts: tuple[str, ...]
    pattern: Wildcard | None = None
    directory: bool = False


def pathspec(path: str, under: str = "") -> PathSpec:
    """The pathspec ``path`` as git reads it inside the directory ``under``.

    ``.`` is the directory itself; ``*``, ``?`` and ``[…]`` match over ``/`` too; a backslash escapes.

    :raises BadInput: for an absolute path, one that leaves the repository, and git's ``:(magic)``.
    """
    if path.startswith(":"):
        raise BadInput(f"the path {path!r} begins with ':', which git reads as pathspec magic")
    if path.startswith("/"):
        raise BadInput(f"the path {path!r} is outside the repository")
    whole = normpath(f"{under}/{path}" if under else path or ".")
    if whole == ".." or whole.startswith("../"):
        raise BadInput(f"the path {path!r} is outside the repository")
    parts = () if whole == "." else tuple(whole.split("/"))
    # The directory is git's prefix, never a pattern; what was written may be one.
    prefix = len(() if not under else tuple(normpath(under).split("/")))
    wild = next((n for n, part in enumerate(parts) if n >= prefix and _WILD.search(part)), None)
    if wild is None:
        return PathSpec(parts, None, path.endswith("/"))
    return PathSpec(parts[:wild], Wildcard("/".join(parts[wild:])))


class Wildcard:
    """A pattern as git's wildmatch reads it without ``WM_PATHNAME``: ``*`` and ``?`` match ``/``, too.

    Matching takes time in proportion to pattern and text, whatever they are: where it fails, only the last
    star is tried further on, which is enough.

    >>> Wildcard("d/*.sh").matches("d/e/f.sh"), Wildcard("[!a]").matches("a")
    (True, False)
    """

    def __init__(self, pattern: str) -> None:
        #: A character, a compiled class of characters, None for any one, "*" as a star is ``_STAR``.
        self._parts: list[object] = []
        at = 0
        while at < len(pattern):
            char = pattern[at]
            at += 1
            if char == "*":
                if not self._parts or self._parts[-1] is not _STAR:
                    self._parts.append(_STAR)
            elif char == "?":
                self._parts.append(None)
            elif char == "\\" and at < len(pattern):
                self._parts.append(pattern[at])
                at += 1
            elif char == "[":
                found = _class(pattern, at)
                if found is None:
                    self._parts = [_NEVER]
                    return
                self._parts.append(found[0])
                at = found[1]
            else:
                self._parts.append(char)

    def matches(self, text: str) -> bool:
        """Whether the whole text is matched."""
        parts = self._parts
        here = at = 0
        star, resume = -1, 0
        while at < len(text):
            part = parts[here] if here < len(parts) else _NEVER
            if part is _STAR:
                star, resume = here, at
                here += 1
            elif part is None or part == text[at] or (isinstance(part, re.Pattern) and part.match(text[at])):
                here += 1
                at += 1
            elif star >= 0:
                resume += 1
                here, at = star + 1, resume
            else:
                return False
        return all(part is _STAR for part in parts[here:])


_STAR, _NEVER = object(), object()


def _class(pattern: str, at: int) -> tuple[re.Pattern[str], int] | None:
    """The class that begins behind ``[``, and where it ends; None where it is never closed."""
    end = at
    if end < len(pattern) and pattern[end] in "!^":
        end += 1
    if end < len(pattern) and pattern[end] == "]":
        end += 1
    while end < len(pattern) and pattern[end] != "]":
        end += 2 if pattern[end] == "\\" else 1
    if end >= len(pattern):
        return None
    inside = pattern[at:end]
    negated = inside[:1] in ("!", "^")
    inside = re.sub(r"([\[&~|])", r"\\\1", inside[1:] if negated else inside)
    inside = "\\" + inside if inside.startswith(("]", "^")) else inside
    try:
        return re.compile(f"[{'^' if negated else ''}{inside}]", re.DOTALL), end + 1
    except re.error:
        return None


def last_commits(
    repository: Repository, commit: str, sets: Mapping[str, Iterable[str | PathSpec]]
) -> dict[str, str | None]:
    """For each key, the id that ``git log -1 --format=%H COMMIT -- PATHS`` prints; None where it prints nothing.

    :param commit: full id that the history is read from.
    :param sets: paths relative to the repository's top, as git's pathspecs. An empty set is any path, as for git.
    :raises BadInput: where the history was cut off (a shallow clone) before an answer was found.
    """
    specs = {
        key: tuple(path if isinstance(path, PathSpec) else pathspec(path) for path in paths)
        or (PathSpec(()),)
        for key, paths in sets.items()
    }
    graph = _Graph(repository, commit)
    found: dict[str, str | None] = {}
    # All sets walk down together, newest commit first, so that what is the same for many is asked once.
    waiting: dict[str, list[str]] = {commit: list(specs)}
    heap = [(0, commit)]
    try:
        while heap:
            _, here = heappop(heap)
            for key in waiting.pop(here):
                following = _step(repository, graph, here, specs[key])
                if following is None or following == here:
                    found[key] = following
                    continue
                if following not in waiting:
                    waiting[following] = []
                    heappush(heap, (graph.rank(following), following))
                waiting[following].append(key)
    finally:
        graph.close()
    return {key: found[key] for key in specs}


def _step(repository: Repository, graph: _Graph, here: str, specs: tuple[PathSpec, ...]) -> str | None:
    """The parent to follow; ``here`` when it is the answer, None when there is none."""
    tree, parents = graph.node(here)
    if not parents:
        if here in repository.shallow:
            raise BadInput(
                f"the history is shallow and ends at {here[:12]} before the last change of "
                f"{'/'.join(specs[0].parts) or 'the tree'} is found",
                file=str(repository.path),
                hint="git fetch --unshallow",
            )
        return here if any(_differ(repository, None, tree, spec) for spec in specs) else None
    for parent in parents:
        changed = graph.changed(here, parent)
        if not changed:
            return parent
        for spec in specs:
            if (not spec.parts or spec.parts[0] in changed) and _differ(
                repository, graph.node(parent)[0], tree, spec
            ):
                break
        else:
            return parent
    return here


class _Graph:
    """``{commit: (tree, parents)}`` as ``git rev-list`` tells it, read as far as it is asked."""

    def __init__(self, repository: Repository, commit: str) -> None:
        self._repository = repository
        self._nodes: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._ranks: dict[str, int] = {}
        self._changes: dict[tuple[str, str], frozenset[str]] = {}
        self._process = repository.spawn("rev-list", "--format=%T %P", commit, "--")
        assert self._process.stdin is not None
        self._process.stdin.close()
        # Nobody waits for ever for a git that hangs.
        self._timer = threading.Timer(repository.timeout, self._process.kill)
        self._timer.daemon = True
        self._timer.start()
        self._lines = self._read()
        self._unread: list[str] = []

    def _read(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        assert self._process.stdout is not None
        sha = ""
        for line in self._process.stdout:
            words = line.decode("ascii", "replace").split()
            if words and words[0] == "commit":
                sha = words[1]
            elif words:
                yield sha, words[0], tuple(words[1:])

    def node(self, commit: str) -> tuple[str, tuple[str, ...]]:
        """Tree and parents of a commit."""
        found = self._nodes.get(commit)
        while found is None:
            trees: list[str] = []
            for sha, tree, parents in self._lines:
                self._ranks[sha] = len(self._nodes)
                self._nodes[sha] = (tree, parents)
                trees.append(tree)
                if len(trees) >= _AHEAD:
                    break
            found = self._nodes.get(commit)
            if not trees and found is None:
                raise OutsideError(
                    f"git does not know the history of {commit}", file=str(self._repository.path)
                )
            self._repository.prefetch_entries(trees)
        return found

    def rank(self, commit: str) -> int:
        """Place in git's list, newest first."""
        self.node(commit)
        return self._ranks[commit]

    def changed(self, commit: str, parent: str) -> frozenset[str]:
        """Names in the top directory whose entries differ from the parent's; told once for all sets of paths."""
        found = self._changes.get((commit, parent))
        if found is None:
            new, old = self.node(commit)[0], self.node(parent)[0]
            pairs = (
                self._repository.entries(old).items() ^ self._repository.entries(new).items()
                if old != new
                else ()
            )
            found = self._changes[commit, parent] = frozenset(name for name, _ in pairs)
        return found

    def close(self) -> None:
        """End the process."""
        self._timer.cancel()
        self._process.kill()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        self._process.wait()


def _differ(repository: Repository, old: str | None, new: str | None, spec: PathSpec) -> bool:
    """Whether two trees differ in what the pathspec matches; None is a tree without anything."""
    before = None if old is None else TreeEntry("40000", old)
    after = None if new is None else TreeEntry("40000", new)
    for part in spec.parts:
        if before == after:
            return False
        before = _child(repository, before, part)
        after = _child(repository, after, part)
    if spec.pattern is not None:
        return before != after and _matching(repository, before, spec.pattern) != _matching(
            repository, after, spec.pattern
        )
    if spec.directory:
        before = before if before is not None and before.mode in ("40000", "160000") else None
        after = after if after is not None and after.mode in ("40000", "160000") else None
    return _canonical(before) != _canonical(after)


def _child(repository: Repository, entry: TreeEntry | None, name: str) -> TreeEntry | None:
    if entry is None or not entry.is_directory:
        return None
    return repository.entries(entry.sha).get(name)


def _canonical(entry: TreeEntry | None) -> tuple[str, str] | None:
    """Mode and id with git's few modes (trees of old hold 100664); None for a tree without files."""
    if entry is None or entry.sha in _EMPTY_TREES:
        return None
    mode = entry.mode
    if mode.startswith("100"):
        mode = "100755" if int(mode, 8) & 0o100 else "100644"
    return mode, entry.sha


def _matching(
    repository: Repository, entry: TreeEntry | None, pattern: Wildcard
) -> dict[str, tuple[str, str] | None]:
    found: dict[str, tuple[str, str] | None] = {}
    if entry is None or not entry.is_directory:
        return found
    stack = [("", entry.sha)]
    while stack:
        here, tree = stack.pop()
        for name, child in repository.entries(tree).items():
            if child.is_directory:
                stack.append((here + name + "/", child.sha))
            elif pattern.matches(here + name):
                found[here + name] = _canonical(child)
    return found


def copied_words(dockerfile: bytes, *, skip_from: bool) -> list[str]:
    """The words that upstream's ``dirCommit`` gives to git for a Dockerfile, beside ``Dockerfile`` itself.

    Each line whose first word is COPY: all words but the first and the last, as awk splits them. Continued
    lines are not joined, as upstream does not join them.

    :param skip_from: whether the rest of a line is left out from a word that begins with ``--from=``.
    """
    words: list[str] = []
    for line in dockerfile.split(b"\n"):
        # awk splits at blanks and tabs alone; a carriage return is part of the last word.
        fields = [
            field.decode("utf-8", "surrogateescape")
            for field in re.split(rb"[ \t]+", line.strip(b" \t"))
            if field
        ]
        if not fields or fields[0].upper() != "COPY":
            continue
        for word in fields[1:-1]:
            if skip_from and word.startswith("--from="):
                break
            words.append(word)
    if len(words) > MAX_WORDS:
        raise BadInput(f"copies {len(words)} files by name, more than the {MAX_WORDS} that are followed")
    return words
