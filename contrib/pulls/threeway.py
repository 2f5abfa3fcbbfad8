"""Three-way: what we last pushed, what upstream has now, what we would write now.

Upstream is the truth. A line that a maintainer changed before, during or after the merge stays as they have it;
what we would change elsewhere goes beside it. Only where both changed the same lines there is nothing to decide
for a program: a conflict, which is a guard (``maintainer-changes``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from contrib.values.differing import opcodes
from contrib.values.tree import FileChange, Tree


@dataclass(frozen=True, slots=True)
class Kept:
    """A change of upstream's that stays.

    :param path: as upstream has it. :param lines: the change, each line with ``-`` or ``+`` before it; empty for a
        file that upstream removed. :param commit: the last commit that touched the file, as text.
    """

    path: str
    lines: tuple[str, ...]
    commit: str = ""

    @property
    def sentence(self) -> str:
        """What happened, on one line."""
        by = f" ({self.commit})" if self.commit else ""
        if not self.lines:
            return f"upstream removed {self.path}; that stays{by}"
        shown = " / ".join(line.strip() for line in self.lines[:4]) + (" …" if len(self.lines) > 4 else "")
        return f"upstream changed these lines of {self.path}; kept: {shown}{by}"


@dataclass(frozen=True, slots=True)
class Merged:
    """The files to propose.

    :param files: with upstream's changes in them; what upstream has already is left out.
    :param kept: what stays of upstream's. :param conflicts: paths on which both changed the same lines: there,
        :attr:`files` has what we would write.
    """

    files: tuple[FileChange, ...]
    kept: tuple[Kept, ...] = ()
    conflicts: tuple[Kept, ...] = ()


def merge(
    wanted: Iterable[FileChange],
    pushed: Tree,
    upstream: Tree,
    *,
    moved: Mapping[str, str],
    last_commit: Callable[[str], str],
) -> Merged:
    """What to propose, so that upstream's changes since our last push stay.

    :param wanted: what we would write now, whole files.
    :param pushed: the files of our last push. :param upstream: as they are now.
    :param moved: old to new path of files that upstream renamed since.
    :param last_commit: path to the last commit of upstream's that touched it, as text.
    """
    files: list[FileChange] = []
    kept: list[Kept] = []
    conflicts: list[Kept] = []
    for change in wanted:
        path = change.path
        before = pushed.read(path)
        now = upstream.read(path)
        if now is None and before is not None and path in moved:
            path = moved[path]
            now = upstream.read(path)
        if now == change.content and upstream.mode(path) == change.mode:
            continue
        if before is None or now == before:
            files.append(FileChange(path, change.content, change.mode))
            continue
        lines = _only_theirs(before, now, change.content)
        if now is not None and not lines:
            files.append(FileChange(path, change.content, change.mode))  # ours has all of their changes
            continue
        one = Kept(path, lines, last_commit(path))
        if now is None or change.content == before:
            kept.append(one)
            continue
        merged = None if change.content is None else merge_text(before, change.content, now)
        if merged is None:
            conflicts.append(one)
            files.append(FileChange(path, change.content, change.mode))
            continue
        kept.append(one)
        mode = upstream.mode(path)
        if merged != now:
            files.append(FileChange(path, merged, change.mode if mode is None else mode))
    return Merged(tuple(files), tuple(kept), tuple(conflicts))


def _only_theirs(before: bytes, theirs: bytes | None, ours: bytes | None) -> tuple[str, ...]:
    """The lines that upstream changed and that ours would change back."""
    if theirs is None:
        return ()
    lines = before.split(b"\n")
    mine = [] if ours is None else _edits(lines, ours.split(b"\n"))
    found: list[str] = []
    for start, end, new in _edits(lines, theirs.split(b"\n")):
        if (start, end, new) not in mine:
            found += [f"-{line.decode('utf-8', 'replace')}" for line in lines[start:end]]
            found += [f"+{line.decode('utf-8', 'replace')}" for line in new]
    return tuple(found)


def changed_lines(before: bytes, after: bytes) -> tuple[str, ...]:
    """What is changed, each line with ``-`` or ``+`` before it."""
    return _only_theirs(before, after, before)


def merge_text(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """Both changes of ``base`` in one text, None where they touch the same lines.

    Changes of neighbouring lines are no conflict: a comment above a line that we bump stays above it.

    >>> merge_text(b"a\\nb\\n", b"a\\nB\\n", b"a\\n# x\\nb\\n")
    b'a\\n# x\\nB\\n'
    """
    lines = base.split(b"\n")
    mine = _edits(lines, ours.split(b"\n"))
    yours = _edits(lines, theirs.split(b"\n"))
    edits: list[tuple[int, int, list[bytes]]] = list(yours)
    for start, end, new in mine:
        if (start, end, new) in yours:
            continue
        for other, until, _ in yours:
            same_place = start == end and other == until and start == other
            if same_place or max(start, other) < min(end, until):
                return None
            if (start == end and other < start < until) or (other == until and start < other < end):
                return None
        edits.append((start, end, new))
    # An insertion comes before a replacement of the line that follows it.
    edits.sort(key=lambda edit: (edit[0], edit[1]))
    out: list[bytes] = []
    at = 0
    for start, end, new in edits:
        out += lines[at:start]
        out += new
        at = end
    out += lines[at:]
    return b"\n".join(out)


def _edits(before: list[bytes], after: list[bytes]) -> list[tuple[int, int, list[bytes]]]:
    edits: list[tuple[int, int, list[bytes]]] = []
    for _, i, j, k, m in opcodes(before, after):
        if j - i == m - k:  # line for line
            edits += [(i + n, i + n + 1, [after[k + n]]) for n in range(j - i)]
        else:
            edits.append((i, j, after[k:m]))
    return edits
