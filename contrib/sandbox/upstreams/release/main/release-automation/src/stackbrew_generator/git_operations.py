"""What is asked of git."""

import re
import subprocess
from typing import List, Tuple


class GitClient:
    """Git, in the current directory."""

    def __init__(self, remote: str = "origin") -> None:
        self.remote = remote

    def _run_command(self, cmd: List[str], capture_output: bool = True) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(cmd, capture_output=capture_output, text=True, check=True)

    def list_remote_tags(self, major_version: int) -> List[Tuple[str, str]]:
        """(commit, ref) of a major's tags; the commit itself for annotated ones."""
        done = self._run_command(["git", "ls-remote", "--tags", self.remote, f"refs/tags/v{major_version}.*"])
        tags = {}
        for line in done.stdout.splitlines():
            commit, ref = line.split("\t")
            if ref.endswith("^{}"):
                tags[ref[:-3]] = commit
            else:
                tags.setdefault(ref, commit)
        return [(commit, ref) for ref, commit in tags.items()]

    def get_highest_remote_ga_major_version(self) -> int:
        """The highest major that has a release."""
        done = self._run_command(["git", "ls-remote", "--tags", self.remote, "refs/tags/v*"])
        return max(int(found) for found in re.findall(r"refs/tags/v(\d+)\.\d+\.\d+$", done.stdout, re.MULTILINE))

    def fetch_refs(self, refs: List[str]) -> None:
        """Get commits from the remote."""
        if refs:
            self._run_command(["git", "fetch", "--quiet", self.remote, *refs])

    def show_file(self, commit: str, file_path: str) -> str:
        """A file at a commit."""
        return self._run_command(["git", "show", f"{commit}:{file_path}"]).stdout
