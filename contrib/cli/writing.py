"""What commands that write into the work tree of ``--upstream`` share: the guards, the difference, the writing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contrib.cli import output
from contrib.cli.common import Terminal
from contrib.cli.job import Job
from contrib.cli.repositories import finish_interrupted
from contrib.generate.patch import needed, unified
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, Tree
from contrib.values.visible import joined, paint


@dataclass(frozen=True, slots=True)
class Target:
    """Where changes go.

    :param tree: what is there now: the work tree, or the commit that was named.
    :param writable: whether it is a work tree that may be written.
    """

    tree: Tree
    writable: bool
    why_not: str = ""


def target_of(job: Job) -> Target:
    """The work tree of ``--upstream``; a commit when one is named or there is no work tree."""
    if job.named:
        return Target(job.tree, False, "a commit is read as it stood and is never written")
    work_tree = job.upstream.work_tree()
    if work_tree is None:
        return Target(job.tree, False, "it has no work tree")
    finish_interrupted(job.upstream, job.terminal)
    return Target(work_tree, True)


def refuse_dirty(job: Job, target: Target, changes: Iterable[FileChange]) -> None:
    """Refuses a work tree with changes that are not those that the command itself would write.

    :raises BadInput: naming the files.
    """
    foreign = _foreign(job, target, changes)
    if foreign:
        raise BadInput(
            f"the work tree has changes of its own: {foreign}",
            file=str(job.upstream.path),
            hint="commit or stash them first (git stash), or look at the result with --diff",
        )


def to_compare_with(job: Job, terminal: Terminal, target: Target, changes: Iterable[FileChange]) -> Target:
    """What ``--diff`` shows the difference to: the work tree, or where that is dirty the commit under it."""
    foreign = _foreign(job, target, changes)
    if not foreign:
        return target
    terminal.warn(f"the work tree has changes of its own: {foreign}; this is the difference to HEAD")
    return Target(job.tree, False)


def _foreign(job: Job, target: Target, changes: Iterable[FileChange]) -> str:
    """Files with changes that the command would not write, for a message; empty where there are none."""
    if not target.writable:
        return ""
    ours = {change.path: change for change in changes}
    foreign = []
    for path in job.upstream.changed_files():
        change = ours.get(path)
        if change is None or target.tree.read(path) != change.content:
            foreign.append(path)
    return joined(sorted(foreign)[:5]) + (f" and {len(foreign) - 5} more" if len(foreign) > 5 else "")


def made(
    job: Job, terminal: Terminal, target: Target, changes: Iterable[FileChange], *, diff: bool, check: bool
) -> tuple[Target, tuple[FileChange, ...]]:
    """The changes written or, with ``--diff`` or ``--check``, only judged: what was missing, and where.

    :raises BadInput: a guard stops the run, or the target cannot be written, or is dirty.
    """
    job.guards.settle()
    wanted = tuple(changes)
    if not (check or diff):
        return target, write_changes(job, target, wanted)
    if check:
        refuse_dirty(job, target, wanted)
    else:
        target = to_compare_with(job, terminal, target, wanted)
    return target, needed(target.tree, wanted)


def show_diff(terminal: Terminal, target: Target, changes: Iterable[FileChange]) -> None:
    """The difference on stdout, coloured where that is wanted."""
    text = unified(target.tree, changes)
    if terminal.color:
        text = "".join(_coloured(line) for line in text.splitlines(keepends=True))
    output.content(text, color=terminal.color)


def _coloured(line: str) -> str:
    if line.startswith(("diff ", "--- ", "+++ ", "new file", "deleted file", "old mode", "new mode")):
        return paint(line, "1")
    if line.startswith("@@"):
        return paint(line, "36")
    if line.startswith("+"):
        return paint(line, "32")
    if line.startswith("-"):
        return paint(line, "31")
    return line


def write_changes(job: Job, target: Target, changes: Iterable[FileChange]) -> tuple[FileChange, ...]:
    """Writes what is not there yet, and gives it.

    :raises BadInput: the target cannot be written, or is dirty.
    """
    wanted = tuple(changes)
    if not target.writable:
        spec = job.options.upstream or job.image.repositories[0].url
        raise BadInput(
            f"nothing can be written there: {target.why_not}",
            file=spec,
            hint="look at the result with --diff, or clone the repository and name the clone with --upstream",
        )
    refuse_dirty(job, target, wanted)
    todo = needed(target.tree, wanted)
    if todo:
        from contrib.clients.worktree import write

        assert job.upstream.work_dir is not None
        write(job.upstream.work_dir, todo)
    return todo
