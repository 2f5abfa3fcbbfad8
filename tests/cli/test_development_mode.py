"""``python -X dev -W error``: no command leaves a file or a socket open, or uses what is going away.

``tests/journeys/test_demo.py`` runs the whole job that way; here are the other commands, in one process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.budgets.cases import LIBRARY, LINUX, WINDOWS

ROOT = Path(__file__).parents[2]
COMMANDS = [
    ["review", "Dockerfile"],
    ["review", "Dockerfile", "--format", "sarif", "-o", "out"],
    ["review", "Dockerfile", "--fix", "--diff"],
    ["diff", "Dockerfile", "linux", "--format", "html", "-o", "out"],
    ["diff", "Dockerfile", "linux", "--format", "json"],
    ["rules", "hidden-characters"],
    ["library", "check", "./demo", "--format", "json"],
    ["library", "cat", "./demo"],
    ["library", "list", "./demo"],
    ["library", "diff", "./demo", "./other"],
    ["why", "log"],
    ["try", "redis", "--workflow", "--install", "contrib==1"],
    ["init-ci", "redis", "--install", "contrib==1", "--directory", "."],
    ["loads", "Dockerfile", "--offline"],
    ["doctor", "redis", "--offline"],
    ["pins", "--offline"],
    ["completion", "bash"],
    ["review", "none"],
    ["generate", "redis", "--upstream", "none"],
    ["manifest", "redis", "--upstream", "repo", "--official-images", "repo"],
    ["render", "redis", "--upstream", "repo", "--check"],
    ["bump", "redis", "--upstream", "repo", "--offline", "--check"],
]
PROGRAM = """
import gc, sys
from contrib.cli.main import run
for words in {commands!r}:
    try:
        code = run(words)
    except SystemExit as end:
        code = end.code
    gc.collect()
    print("code", code, words, file=sys.stderr)
"""


def test_nothing_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(WINDOWS + "RUN a\n")
    (tmp_path / "linux").write_text(LINUX + "RUN a\n")
    (tmp_path / "demo").write_text(LIBRARY + "Tags: 1\nDirectory: a\n")
    (tmp_path / "other").write_text(LIBRARY + "Tags: 2\nDirectory: a\n")
    (tmp_path / "log").write_text("no space left on device\n")
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "repo")], check=True)
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("CONTRIB_", "GIT_", "GH_", "GITHUB_"))}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", PROGRAM.format(commands=COMMANDS)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        env=kept | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")},
    )  # fmt: skip
    codes = [line for line in done.stderr.splitlines() if line.startswith("code ")]
    assert len(codes) == len(COMMANDS), done.stderr[-3000:]
    for bad in ("Warning", "Exception ignored", "Traceback", "internal"):
        assert bad not in done.stderr, done.stderr[max(0, done.stderr.index(bad) - 500) :][:3000]
