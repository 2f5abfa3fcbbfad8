"""Three-way merges without a work tree, with commands that git 2.31 has (``merge-tree --write-tree`` is 2.38's)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from contrib.clients.git import Repository


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
