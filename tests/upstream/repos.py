"""Real git repositories for tests, made by one `git fast-import`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Files = Mapping[str, "str | bytes | tuple[str | bytes, str]"]

#: Nothing of the machine's configuration reaches a test.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def git(directory: Path, *arguments: str, stdin: bytes | None = None) -> str:
    """Run git in a directory; its stdout without the last newline."""
    done = subprocess.run(
        ["git", *arguments], cwd=directory, input=stdin, capture_output=True, check=False, env=ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().rstrip("\n")


@dataclass
class Commit:
    """Parents by number in the list, and all files (content, or content and mode)."""

    parents: Sequence[int] = ()
    files: Files = field(default_factory=dict)
    message: str = "a change"
    time: int | None = None


def make(
    directory: Path, commits: Sequence[Commit], *, branch: str = "main", bare: bool = False
) -> list[str]:
    """A repository with these commits; the last one is the branch. Ids in the order of the list."""
    directory.mkdir(parents=True, exist_ok=True)
    git(directory, "init", "-q", f"--initial-branch={branch}", *(["--bare"] if bare else []), ".")
    out: list[bytes] = []
    for number, commit in enumerate(commits, 1):
        when = 1_700_000_000 + number * 60 if commit.time is None else commit.time
        message = commit.message.encode()
        out.append(f"commit refs/heads/made\nmark :{number}\n".encode())
        out.append(f"committer T <t@example.org> {when} +0000\n".encode())
        out.append(b"data %d\n%s\n" % (len(message), message))
        for index, parent in enumerate(commit.parents):
            out.append(f"{'from' if index == 0 else 'merge'} :{parent + 1}\n".encode())
        if not commit.parents and number > 1:
            out[-3 - len(commit.parents)] = (
                f"reset refs/heads/made\ncommit refs/heads/made\nmark :{number}\n".encode()
            )
        out.append(b"deleteall\n")
        for path, value in commit.files.items():
            content, mode = value if isinstance(value, tuple) else (value, "100644")
            data = content.encode() if isinstance(content, str) else content
            out.append(f"M {mode} inline {path}\n".encode() + b"data %d\n%s\n" % (len(data), data))
    marks = directory / "marks"
    git(directory, "fast-import", "--quiet", "--force", f"--export-marks={marks}", stdin=b"".join(out))
    found = dict(line.split() for line in marks.read_text().splitlines())
    marks.unlink()
    shas = [found[f":{number}"] for number in range(1, len(commits) + 1)]
    git(directory, "update-ref", f"refs/heads/{branch}", shas[-1])
    git(directory, "update-ref", "-d", "refs/heads/made")
    if not bare:
        git(directory, "reset", "-q", "--hard", branch)
    return shas
