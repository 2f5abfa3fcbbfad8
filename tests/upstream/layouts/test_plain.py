"""The plain layout: a small upstream of ours, and docker-library/redis before pull request 78."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from contrib.clients.git import Repository
from contrib.sandbox import upstreams
from contrib.upstream.layouts import Layout, recognise
from contrib.upstream.prove import prove
from contrib.values.errors import BadInput
from contrib.values.tree import MemoryTree, Tree
from tests.upstream.layouts.support import (
    PLAIN,
    Sandbox,
    after,
    by_path,
    committed,
    git,
    image,
    pin,
    speaker,
    write,
)
from tests.upstream.layouts.test_templated import clone, complaints, needs_tools


def plain(tree: Tree) -> Layout:
    return recognise(image(), tree, branch="master", port=image().port_named("microsoftarchive"))


@pytest.fixture
def tree() -> Tree:
    return MemoryTree(
        {path: (data, "100755" if path.endswith(".sh") else "100644") for path, data in PLAIN.items()}
    )


def test_series_and_versions_stand_in_the_dockerfiles(tree: Tree) -> None:
    found = [(s.name, s.version, s.linux) for s in plain(tree).series()]
    assert found == [("3.2", "3.2.6", "3.2/alpine/Dockerfile"), ("3.0", "3.0.7", "3.0/alpine/Dockerfile")]


def test_what_is_written_and_read_again(tree: Tree) -> None:
    layout = plain(tree)
    port = image().port_named("microsoftarchive")
    wanted = {"3.2": pin("3.2.100", port=port)}
    changes = layout.changes(wanted, speaker(layout, port))
    assert set(by_path(changes[0].files)) == {
        "update.sh",
        "generate-stackbrew-library.sh",
        *(f"3.2/windows/{variant.name}/Dockerfile" for variant in image().variants),
    }
    again = plain(after(tree, changes))
    assert again.pin("3.2") == wanted["3.2"] and again.pin("3.0") is None
    assert again.changes(wanted, speaker(again, port))[0].files == ()


def test_a_version_bump_touches_the_dockerfiles_alone(tree: Tree) -> None:
    layout, port = plain(tree), image().port_named("microsoftarchive")
    there = after(tree, layout.changes({"3.2": pin("3.2.100", port=port)}, speaker(layout, port)))
    later = plain(there)
    (change,) = later.changes({"3.2": pin("3.2.101", port=port)}, speaker(later, port))
    assert {file.path.rpartition("/")[2] for file in change.files} == {"Dockerfile"}


def test_a_series_that_is_not_there(tree: Tree) -> None:
    with pytest.raises(BadInput, match=r"no series '2\.8'"):
        plain(tree).changes({"2.8": pin("2.8.2103")}, speaker(plain(tree)))


def test_shellcheck_has_nothing_new_to_say(tree: Tree, tmp_path: Path) -> None:
    layout, port = plain(tree), image().port_named("microsoftarchive")
    changes = layout.changes({"3.2": pin("3.2.100", port=port)}, speaker(layout, port))
    before, then = write(tree, tmp_path / "before"), write(after(tree, changes), tmp_path / "after")
    for name in ("update.sh", "generate-stackbrew-library.sh"):
        new = complaints(then / name)
        for each in complaints(before / name):
            new.remove(each)
        assert new == []


@needs_tools
@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="update.sh needs sha256sum")
def test_the_next_release_keeps_windows_at_the_ports_version(tree: Tree, tmp_path: Path) -> None:
    layout, port = plain(tree), image().port_named("microsoftarchive")
    assert port is not None
    root = committed(tree, tmp_path / "redis")
    wanted = {"3.2": pin("3.2.100", port=port)}
    proof = prove(
        layout,
        layout.changes(wanted, speaker(layout, port)),
        wanted,
        repository=root,
        commit_of=lambda branch: git(root, "rev-parse", "HEAD").strip(),
        official_images=Sandbox(upstreams.official_images(["0" * 40] * 4)).tree("master"),
        port=port,
    )
    assert proof.ok, proof.steps
    assert "at 3.2.100; Linux is at 3.2.7" in proof.steps[0].claim
    assert "at 3.2.101; Linux is at 3.2.7" in proof.steps[2].claim


@needs_tools
def test_before_pull_request_78(clones: Path, tmp_path: Path) -> None:
    """What happened in January 2017 (3.2.7 on the Windows images) does not happen."""
    root = clone(clones, tmp_path, "docker-library+redis", "05474359")
    port = image().port_named("microsoftarchive")
    assert port is not None
    with (
        Repository.open(root) as repository,
        Repository.open(clones / "docker-library+official-images" / "repo") as official,
    ):
        commit = repository.resolve("HEAD")
        layout = plain(repository.tree(commit))
        assert layout.key == "plain"
        wanted = {"3.2": pin("3.2.100", port=port)}
        proof = prove(
            layout,
            layout.changes(wanted, speaker(layout, port)),
            wanted,
            repository=root,
            commit_of=lambda branch: commit,
            official_images=official.tree(official.resolve("HEAD")),
            port=port,
        )
    assert proof.ok, proof.steps
    assert "at 3.2.100; Linux is at 3.2.7" in proof.steps[0].claim
