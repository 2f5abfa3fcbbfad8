"""Three-way merges without a work tree, with commands that git 2.31 has (``merge-tree --write-tree`` is 2.38's)."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from contrib.clients.git import Repository
from contrib.sandbox.model import Account, MergeMethod, PullRequest, Repo


def tree_of(git: Repository, repo: Repo, base: str, head: str) -> str | None:
    """Tree of the merge of a pull request's head into a commit of its base branch; None for a conflict."""
    common = repo.merge_base(base, head)
    if common == base:
        return git.commit(head).tree
    return merged_tree(git, common, base, head) if common is not None else None


def merge(
    git: Repository, pull: PullRequest, base: str, by: Account, method: MergeMethod, when: datetime
) -> str | None:
    """Make the commit that a merge puts on the base branch; None for a conflict.

    :param base: what the base branch holds.
    """
    tree = tree_of(git, pull.repo, base, pull.head_sha)
    if tree is None:
        return None
    if method == "merge":
        message = f"Merge pull request #{pull.number} from {pull.head_repo.owner.login}/{pull.head_branch}\n\n{pull.title}"
        return _commit_tree(git, tree, [base, pull.head_sha], message, by, by, when)
    if method == "squash":
        title = f"{pull.title} (#{pull.number})"
        return _commit_tree(git, tree, [base], title, pull.author, by, when)
    return _rebased(git, pull, base, by, when)


def _rebased(git: Repository, pull: PullRequest, base: str, by: Account, when: datetime) -> str | None:
    fork_point = git.run("merge-base", base, pull.head_sha).stdout.decode().strip()
    commits = git.run("rev-list", "--reverse", f"{fork_point}..{pull.head_sha}").stdout.decode().split()
    onto = base
    for commit in commits:
        info = git.commit(commit)
        if info.parents[0] == onto:
            tree = info.tree
        else:
            # The commit's own change on the new parent: a three-way merge with the commit's parent as base.
            changed = merged_tree(git, info.parents[0], onto, commit)
            if changed is None:
                return None
            tree = changed
        onto = _commit_tree(git, tree, [onto], info.message.strip(), pull.author, by, when)
    return onto


def _commit_tree(
    git: Repository,
    tree: str,
    parents: list[str],
    message: str,
    author: Account,
    committer: Account,
    when: datetime,
) -> str:
    variables = {}
    for role, who in (("AUTHOR", author), ("COMMITTER", committer)):
        variables[f"GIT_{role}_NAME"] = who.name or who.login
        variables[f"GIT_{role}_EMAIL"] = who.email or f"{who.login}@users.noreply.github.example"
        variables[f"GIT_{role}_DATE"] = f"{int(when.timestamp())} +0000"
    options = [option for parent in parents for option in ("-p", parent)]
    done = git.run("commit-tree", tree, *options, stdin=f"{message}\n".encode(), env=variables)
    return done.stdout.decode().strip()


def merged_tree(git: Repository, base: str, ours: str, theirs: str) -> str | None:
    """Id of the tree that has the changes of both sides since ``base``; None for a conflict. Renames are not followed.

    :param base: a commit or tree, as the other two.
    """
    with tempfile.TemporaryDirectory(prefix="contrib-merge-") as directory:
        env = {"GIT_INDEX_FILE": str(Path(directory) / "index")}
        git.run("read-tree", "-i", "-m", "--aggressive", base, ours, theirs, env=env)
        left: dict[str, dict[str, tuple[str, str]]] = {}
        for record in (
            git.run("ls-files", "--unmerged", "-z", env=env)
            .stdout.decode("utf-8", "surrogateescape")
            .split("\0")
        ):
            if record:
                facts, path = record.split("\t", 1)
                mode, blob, stage = facts.split(" ")
                left.setdefault(path, {})[stage] = (mode, blob)
        for path, stages in left.items():
            if len(stages) < 3 or len({mode for mode, _ in stages.values()}) > 1:
                return None  # changed here and deleted there, added twice, or a file's kind or mode changed
            blobs = [stages[stage][1] for stage in ("2", "1", "3")]
            contents = git.blobs(blobs)
            sides = [Path(directory) / name for name in ("ours", "base", "theirs")]
            for side, blob in zip(sides, blobs, strict=True):
                side.write_bytes(contents[blob])
            # The exit code is the number of conflicts; 255 for what is no text.
            done = git.run("merge-file", "-p", "-q", *map(str, sides), accept=range(256))
            if done.returncode != 0:
                return None
            made = git.run("hash-object", "-w", "--stdin", stdin=done.stdout).stdout.decode().strip()
            mode = stages["2"][0]
            entry = f"{mode} {made} 0\t{path}\0".encode("utf-8", "surrogateescape")
            git.run("update-index", "-z", "--index-info", stdin=entry, env=env)
        return git.run("write-tree", env=env).stdout.decode().strip()
