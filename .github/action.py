"""What the GitHub Action does: finds what changed, reviews it, and leaves annotations, a summary and SARIF.

Reads its inputs from the environment (``FILES``, ``FAIL_ON``, ``ARGS``, ``BASE``) and GitHub's own variables. The
Python that runs it has contrib installed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

DOCKERFILE = re.compile(r"(^|/)([^/]+\.)?Dockerfile(\.[^/]+)?$")
LIBRARY = re.compile(r"^library/[^/]+$")
WINDOWS = re.compile(rb"(?im)^\s*FROM\s.*(windows|nanoserver|servercore)")


def git(*arguments: str) -> str:
    """What git prints; "" where it fails."""
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def changed(base: str) -> list[str]:
    """Files that were added or modified since ``base``; all files where there is no base to be had."""
    if base and not set(base) <= {"0"}:
        if not git("rev-parse", "--verify", "--quiet", f"{base}^{{commit}}"):
            git("fetch", "--no-tags", "--depth=1", "origin", base)  # actions/checkout fetches one commit
        names = git("diff", "--name-only", "-z", "--diff-filter=AMR", base, "HEAD")
        if names or git("rev-parse", "--verify", "--quiet", f"{base}^{{commit}}"):
            return [name for name in names.split("\0") if name]
        print(f"contrib: the commit {base} is not to be had; all files are looked at", file=sys.stderr)
    return [name for name in git("ls-files", "-z").split("\0") if name]


def contrib(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run contrib; its annotations go to the log."""
    return subprocess.run([sys.executable, "-m", "contrib", *arguments], text=True, check=False)


def main() -> int:
    """The exit code: the worst of contrib's."""
    named = [line.strip() for line in os.environ.get("FILES", "").splitlines() if line.strip()]
    files = named or changed(os.environ.get("BASE", ""))
    there = [name for name in files if Path(name).is_file() and not Path(name).is_symlink()]
    dockerfiles = [
        n for n in there if DOCKERFILE.search(n) and (named or WINDOWS.search(Path(n).read_bytes()))
    ]
    library = [f"./{name}" for name in there if LIBRARY.search(name)]
    more = ["--fail-on", os.environ.get("FAIL_ON") or "error", *os.environ.get("ARGS", "").split()]
    target = Path(os.environ.get("RUNNER_TEMP", ".")) / "contrib-sarif"
    target.mkdir(parents=True, exist_ok=True)
    code, findings = 0, 0
    for name, command, what in (
        ("review", ["review"], dockerfiles),
        ("library", ["library", "check"], library),
    ):
        if not what:
            continue
        code = max(code, contrib(*command, *more, "--format", "github", "--", *what).returncode)
        report = target / f"{name}.sarif"
        contrib(*command, *more, "--quiet", "--format", "sarif", "--output", str(report), "--", *what)
        if report.is_file():
            results = json.loads(report.read_text("utf-8"))["runs"][0]["results"]
            findings += sum(1 for result in results if not result.get("suppressions"))
    if not dockerfiles and not library:
        print("contrib: no Windows Dockerfile and no library file has changed")
    outputs = os.environ.get("GITHUB_OUTPUT")
    if outputs:
        made = str(target) if any(target.iterdir()) else ""
        with Path(outputs).open("a", encoding="utf-8") as stream:
            stream.write(f"findings={findings}\nsarif-file={made}\n")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
