"""What changed between two commits, for the REST answers and the pages."""

from __future__ import annotations

from dataclasses import dataclass

from contrib.sandbox.model import PullRequest, Repo


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file of a diff.

    :param status: ``added``, ``removed``, ``modified``, ``renamed``, as GitHub says it.
    :param previous: its path before, of one that was renamed.
    :param patch: the hunks, without the file's header; empty for a binary file or a change of mode alone.
    """

    path: str
    status: str
    blob: str
    old_mode: str
    new_mode: str
    additions: int
    deletions: int
    binary: bool
    patch: str
    previous: str | None = None


def merge_base(pull: PullRequest) -> str:
    """The commit that a pull request's changes are counted from."""
    if pull.merge_commit_sha is not None:
        # After the merge the base branch holds the head; GitHub keeps what it was when it was merged.
        with pull.repo.git() as git:
            base = git.commit(pull.merge_commit_sha).parents[0]
    else:
        base = pull.repo.head(pull.base_branch) or pull.base_sha
    return pull.repo.merge_base(base, pull.head_sha) or base


def changed_files(repo: Repo, before: str, after: str) -> list[ChangedFile]:
    """The files that differ between two commits, by path."""
    options = ("-r", "-z", "-M", "--full-index")
    with repo.git() as git:
        raw = git.run("diff-tree", "--raw", *options, before, after).stdout.decode("utf-8", "replace")
        numbers = git.run("diff-tree", "--numstat", *options, before, after).stdout.decode("utf-8", "replace")
        text = git.run(
            "diff-tree", "-p", "-r", "-M", "--no-color", "--no-ext-diff", "--no-textconv", before, after
        ).stdout.decode("utf-8", "replace")  # fmt: skip
    counts: dict[str, tuple[str, str]] = {}
    records = iter(numbers.split("\0"))
    for record in filter(None, records):
        added, deleted, path = record.split("\t", 2)
        if not path:  # a rename: both paths follow
            next(records)
            path = next(records)
        counts[path] = (added, deleted)
    patches = _hunks(text)
    found: list[ChangedFile] = []
    fields = iter(raw.split("\0"))
    for head in filter(None, fields):
        old_mode, new_mode, old, new, kind = head.lstrip(":").split(" ")
        path = next(fields)
        previous = path if kind[0] == "R" else None
        if previous is not None:
            path = next(fields)
        added, deleted = counts.get(path, ("0", "0"))
        binary = added == "-"
        found.append(
            ChangedFile(
                path,
                {"A": "added", "D": "removed", "R": "renamed"}.get(kind[0], "modified"),
                old if kind[0] == "D" else new,
                old_mode,
                new_mode,
                0 if binary else int(added),
                0 if binary else int(deleted),
                binary,
                patches[len(found)] if len(found) < len(patches) else "",
                previous,
            )
        )
    return found


def _hunks(text: str) -> list[str]:
    """The hunks of each file of a patch, in order; git prints the files in the same order as ``--raw``."""
    files: list[list[str]] = []
    in_hunks = False
    for line in text.split("\n"):
        if line.startswith("diff --git "):
            files.append([])
            in_hunks = False
        elif files:
            # Within hunks every line starts with one of " +-\\@", so "diff --git" above is a header.
            in_hunks = in_hunks or line.startswith("@@")
            if in_hunks:
                files[-1].append(line)
    return ["\n".join(lines).rstrip("\n") for lines in files]
