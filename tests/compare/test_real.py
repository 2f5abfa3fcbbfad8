"""The comparison on the real histories of official images (``CONTRIB_TEST_CLONES``)."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from contrib.clients.git import Repository
from contrib.compare import ParityRow, compare
from contrib.compare.twins import twin_of, variants
from contrib.dockerfile import parse
from contrib.facts import FactSheet, extract
from contrib.images import load
from contrib.values.findings import Verdict
from contrib.values.tree import Tree


def tree_of(clones: Path, name: str, ref: str = "HEAD") -> Tree:
    path = clones / name / "repo"
    if not path.is_dir():
        pytest.skip(f"{name} is not among the clones")
    repository = Repository.open(path)
    return repository.tree(repository.resolve(ref))


def sheet(tree: Tree, path: str) -> FactSheet:
    data = tree.read(path)
    assert data is not None, path
    entry = tree.read(str(PurePosixPath(path).parent / "docker-entrypoint.sh"))
    return extract(parse(data, path), copied={} if entry is None else {"docker-entrypoint.sh": entry})


def verdicts(rows: tuple[ParityRow, ...], *wanted: Verdict) -> dict[str, str]:
    return {row.fact: row.verdict.value for row in rows if row.verdict in wanted}


LOUD = (Verdict.MISSING, Verdict.DIFFERENT, Verdict.EXTRA)


def test_the_first_file_of_pull_request_78(clones: Path) -> None:
    tree = tree_of(clones, "docker-library+redis", "21a12673")
    windows, linux = sheet(tree, "3.2/Windows/Dockerfile"), sheet(tree, "3.2/alpine/Dockerfile")
    assert (windows.version, linux.version) == ("3.2.100", "3.2.6")
    rows = compare(windows, linux, load("redis"))
    assert verdicts(rows, *LOUD) == {
        "base": "different",
        "base-pinned": "missing",
        "version": "different",
        "version-declared": "missing",
        "download-verified": "missing",
        "on-path": "missing",
        "build-fails-loudly": "missing",
        "configuration:port": "extra",
        "default-survives-arguments": "different",
        "volumes": "missing",
        "workdir": "different",
        "command": "different",
        "foreground": "different",
        "labels:MAINTAINER": "extra",
    }
    same = verdicts(rows, Verdict.SAME)
    assert {"configuration:protected-mode", "ports", "cleaned-up"} <= set(same)


def test_the_file_that_was_accepted(clones: Path) -> None:
    tree = tree_of(clones, "docker-library+redis", "66af9ba4~1")
    rows = compare(
        sheet(tree, "3.2/windows/windowsservercore/Dockerfile"),
        sheet(tree, "3.2/alpine/Dockerfile"),
        load("redis"),
    )
    assert verdicts(rows, *LOUD) == {
        "base": "different",
        "base-pinned": "missing",
        "version": "different",
        "download-verified": "missing",
        "install-checked": "extra",
        "default-survives-arguments": "different",
    }


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("docker-library+golang", {"environment:GOTOOLCHAIN"}),
        ("docker-library+mongo", set()),
        ("docker-library+python", set()),
        ("docker-library+docker", set()),
        ("nats-io+nats-docker", {"on-path", "version-declared", "labels"}),
        ("caddyserver+caddy-docker", {"on-path", "workdir", "version-declared"}),
    ],
)
def test_accepted_images_lack_what_they_really_lack(name: str, missing: set[str], clones: Path) -> None:
    tree = tree_of(clones, name)
    paths = list(tree.paths())
    found: set[str] = set()
    compared = 0
    for path in variants(paths):
        twin = twin_of(path, paths)
        assert twin is not None, path
        windows, linux = sheet(tree, path), sheet(tree, twin)
        assert windows.platform == "windows" and linux.platform == "linux"
        assert not windows.notes, windows.notes
        rows = compare(windows, linux)
        compared += 1
        found |= set(verdicts(rows, Verdict.MISSING))
        for row in rows:
            assert row.verdict is Verdict.SAME or row.why, (path, row.fact)
        version = next(row for row in rows if row.fact == "version")
        assert version.verdict is Verdict.SAME, path
    assert compared
    assert found == missing


def test_every_dockerfile_of_the_clones_is_read(clones: Path) -> None:
    count = 0
    for directory in sorted(clones.iterdir()):
        if not (directory / "repo").is_dir() or "official-images" in directory.name:
            continue
        tree = tree_of(clones, directory.name)
        for path in tree.paths():
            if PurePosixPath(path).name == "Dockerfile":
                extract(parse(tree.read(path) or b"", path))
                count += 1
    assert count
