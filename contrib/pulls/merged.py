"""What became of a merged pull request of ours, and what of our new proposal it leaves to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from contrib.clients.commits import ScratchStore
from contrib.clients.github import GitHubReads, Pull
from contrib.pulls import marker
from contrib.pulls.model import Proposal
from contrib.pulls.threeway import Kept, changed_lines, merge, merge_text
from contrib.values.errors import OutsideError
from contrib.values.tree import FileChange, OverlayTree, Tree

#: Renders upstream's templates over a tree; gives the files that differ from what it renders.
Rendering = Callable[[Tree], tuple[FileChange, ...]]

_TAKEN_BACK = re.compile(r"(?:revert|remove|drop|delete)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """What is left to propose after a merge.

    :param files: with upstream's own changes in them. :param kept: those changes.
    :param conflicts: paths where both changed the same lines.
    :param lost: paths that were merged and that upstream's own tools have dropped since.
    :param taken_back: the commit by which upstream took the contribution back, as text.
    """

    files: tuple[FileChange, ...]
    kept: tuple[Kept, ...] = ()
    conflicts: tuple[Kept, ...] = ()
    lost: tuple[str, ...] = ()
    taken_back: str | None = None


def look(
    github: GitHubReads,
    store: ScratchStore,
    pull: Pull,
    proposal: Proposal,
    *,
    render: Rendering | None = None,
) -> Found | None:
    """Hold our new files against what was pushed, what was merged and what upstream has now.

    None where what was pushed cannot be had any more: there is nothing to compare with.
    """
    clone = github.where.clone_url(pull.repository)
    merged_head = _fetched(github, store, clone, f"refs/pull/{pull.number}/head")
    known = marker.read(pull.body)[1]
    pushed = merged_head
    # A maintainer's commits on the branch are not ours. One of ours that was replaced may still be had by its id.
    if (
        known is not None
        and known.head != merged_head
        and (store.has(known.head) or _fetched(github, store, clone, known.head) is not None)
    ):
        pushed = known.head
    if pushed is None or merged_head is None:
        return None
    base = proposal.base_commit
    there = store.entries(base)
    touched = _touched(store, pushed, base, pull)
    merge_commit = (
        pull.merge_commit_sha if pull.merge_commit_sha and store.has(pull.merge_commit_sha) else None
    )
    first = f"{merge_commit}^1" if merge_commit is not None else base
    fork_point = store.merge_base(pushed, first)
    before = {} if fork_point is None else store.entries(fork_point)
    at_merge = store.entries(merge_commit) if merge_commit is not None else there
    wanted = {change.path: change for commit in proposal.commits for change in commit.files}
    moved = store.renames(pushed, base)
    lost = tuple(
        path for path in wanted
        if path in touched and path not in moved and there.get(path) == before.get(path) and at_merge.get(path) != before.get(path)
    )  # fmt: skip
    if lost:
        subject = store.last_commit(base, lost[0])
        if _TAKEN_BACK.match(subject.partition(" ")[2]):
            return Found(tuple(wanted.values()), lost=lost, taken_back=subject)
        return Found(tuple(wanted.values()), lost=lost)
    merged = merge(
        wanted.values(),
        store.files(pushed),
        store.files(base),
        moved=moved,
        last_commit=lambda path: store.last_commit(base, path),
    )
    files = merged.files
    if render is not None and merged.kept and files:
        upstream = store.files(base)
        tree = OverlayTree(upstream, files)
        again = {change.path: change for change in render(tree)}
        ours = {change.path: change for change in files}
        files = tuple(
            change
            for path in sorted({*ours, *(path for path in again if path in wanted or path in ours)})
            if (change := again.get(path, ours.get(path))) is not None
            and (upstream.read(path) != change.content or upstream.mode(path) != change.mode)
        )
    return Found(files, merged.kept, merged.conflicts)


def difference(github: GitHubReads, store: ScratchStore, pull: Pull, tip: str) -> tuple[Kept, ...]:
    """Where upstream's branch differs from what we had proposed in a merged pull request.

    In files that we had added, everything counts; in those that were there before, what was changed while merging.

    :param tip: the commit of upstream's branch that is looked at.
    """
    known = marker.read(pull.body)[1]
    clone = github.where.clone_url(pull.repository)
    pushed = known.head if known is not None else pull.head_sha
    if not store.has(pushed) and _fetched(github, store, clone, pushed) is None:
        return ()
    merge_commit = pull.merge_commit_sha
    if merge_commit is None or not store.has(merge_commit):
        merge_commit = tip
    fork_point = store.merge_base(pushed, f"{merge_commit}^1")
    if fork_point is None:
        return ()
    ours, now = store.entries(pushed), store.entries(tip)
    at_merge, first = store.entries(merge_commit), store.entries(f"{merge_commit}^1")
    before = store.entries(fork_point)
    found = []
    for path in store.after(fork_point, pushed):
        where, there = (tip, now) if path not in before else (merge_commit, at_merge)
        if there.get(path) == ours.get(path) or path not in ours:
            continue
        if path not in there:
            found.append(Kept(path, (), store.last_commit(where, path)))
            continue
        mine = store.blob(ours[path][1])
        if path in before and first.get(path) != before[path] and path in first:
            # Others changed it meanwhile: that is not a change of ours.
            base, others = store.blob(before[path][1]), store.blob(first[path][1])
            both = merge_text(base, mine, others)
            if both is None:
                continue
            mine = both
        lines = changed_lines(mine, store.blob(there[path][1]))
        if lines:
            found.append(Kept(path, lines, store.last_commit(where, path)))
    return tuple(found)


def _touched(store: ScratchStore, pushed: str, base: str, pull: Pull) -> set[str]:
    merge_commit = pull.merge_commit_sha
    first = f"{merge_commit}^1" if merge_commit and store.has(merge_commit) else base
    fork_point = store.merge_base(pushed, first)
    return set(store.after(fork_point, pushed)) if fork_point is not None else set()


def _fetched(github: GitHubReads, store: ScratchStore, url: str, ref: str) -> str | None:
    try:
        return github.fetch_into(store, url, ref)
    except OutsideError as error:
        if error.kind not in ("not-found", "network", "git"):
            raise
        return None
