"""The recorded answers of bashbrew, where they are at hand, and a bashbrew on PATH, where there is one."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def corpus_files(corpus: Path) -> dict[str, bytes]:
    """Name to content, sorted by bytes as ``--all`` is."""
    return {
        path.name: path.read_bytes()
        for path in sorted((corpus / "library").iterdir(), key=lambda path: path.name.encode())
    }


@pytest.fixture(scope="session")
def vectors(corpus: Path) -> list[dict[str, Any]]:
    lines = (corpus / "bashbrew" / "vectors.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


class Bashbrew:
    """The reference, as a process."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program = program
        self.folder = folder

    def run(self, *arguments: str) -> tuple[int, bytes]:
        done = subprocess.run(
            [self.program, "--library", str(self.folder), *arguments], capture_output=True, timeout=60
        )
        return done.returncode, done.stdout

    def cat(self, data: bytes) -> bytes | None:
        """What it prints for the file, None when it rejects it."""
        path = self.folder / "probe"
        path.write_bytes(data)
        code, out = self.run("cat", "probe")
        return out if code == 0 else None


@pytest.fixture(scope="session")
def bashbrew(tmp_path_factory: pytest.TempPathFactory) -> Bashbrew:
    program = shutil.which("bashbrew")
    if program is None:
        pytest.skip("no bashbrew on PATH")
    return Bashbrew(program, tmp_path_factory.mktemp("bashbrew"))
