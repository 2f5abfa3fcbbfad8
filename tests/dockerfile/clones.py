"""Dockerfiles of real repositories, where ``CONTRIB_TEST_CLONES`` names a directory with ``OWNER+NAME/repo``."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path


def dockerfiles(clones: Path, sample: int) -> Iterator[tuple[str, bytes]]:
    """(where, bytes): all at HEAD and, evenly spread over the history, at most ``sample`` more of each repository."""
    for repository in sorted(clones.glob("*/repo")):
        head = [
            (line.split()[2], line.partition("\t")[2])
            for line in _git(repository, "ls-tree", "-r", "HEAD").splitlines()
            if line.rpartition("/")[2].rpartition("\t")[2].startswith("Dockerfile")
        ]
        past: list[tuple[str, str]] = []
        for line in _git(repository, "rev-list", "--objects", "--all").splitlines():
            identity, _, path = line.partition(" ")
            if path.rpartition("/")[2].startswith("Dockerfile"):
                past.append((identity, path))
        step = max(1, len(past) // max(sample, 1))
        chosen = dict([*past[::step], *head])
        with subprocess.Popen(
            ["git", "-C", str(repository), "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            for identity, path in chosen.items():
                process.stdin.write(identity.encode() + b"\n")
                process.stdin.flush()
                head_line = process.stdout.readline().split()
                if len(head_line) != 3:
                    continue
                data = process.stdout.read(int(head_line[2]) + 1)[:-1]
                if head_line[1] == b"blob" and data:
                    yield f"{repository.parent.name}:{path} ({identity[:10]})", data
            process.stdin.close()


def _git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(repository), *arguments],
        check=False,  # a clone may lack objects; what is there is read
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    return done.stdout
