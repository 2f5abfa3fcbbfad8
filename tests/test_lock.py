"""The lock file for CI: everything that ``pyproject.toml`` asks for is in it, with a hash."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
LOCK = ROOT / ".ci" / "requirements.txt"

pytestmark = pytest.mark.skipif(not LOCK.is_file(), reason="the lock file is in the repository alone")


def locked() -> dict[str, tuple[set[str], str]]:
    """Name to its versions (one per system or Python that needs another) and the text that locks it."""
    found: dict[str, tuple[set[str], str]] = {}
    lines = "\n".join(line for line in LOCK.read_text("utf-8").splitlines() if not line.startswith("#"))
    for entry in re.split(r"\n(?=\S)", lines.strip()):
        name, version = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", entry).groups()  # type: ignore[union-attr]
        versions, text = found.get(canonicalize_name(name), (set(), ""))
        found[canonicalize_name(name)] = (versions | {version}, text + entry)
    return found


def test_everything_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for extra in project["project"]["optional-dependencies"].values():
        wanted += extra
    lock = locked()
    for each in map(Requirement, wanted):
        versions = lock[canonicalize_name(each.name)][0]
        assert any(each.specifier.contains(version, prereleases=True) for version in versions), each


def test_every_archive_has_a_hash() -> None:
    for name, (versions, text) in locked().items():
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) >= len(versions), name
    assert not re.search(r"https?://|index-url", LOCK.read_text("utf-8"))


def test_ci_installs_it_before_the_line_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    line = (
        'python3 -m venv .venv && .venv/bin/python -m pip install -q ".[test]" && .venv/bin/python -m pytest'
    )
    assert line in script and line in (ROOT / "README.md").read_text("utf-8")
    assert script.index("--require-hashes -r .ci/requirements.txt") < script.index(line)
