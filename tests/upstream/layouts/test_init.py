"""Recognising layouts: by the tree, and named when something is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contrib.sandbox import upstreams
from contrib.upstream.layouts import layouts_of, recognise
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, MemoryTree, OverlayTree, Tree
from tests.upstream.layouts.support import PLAIN, Sandbox, image


def series_tree() -> Tree:
    return Sandbox(upstreams.release_branches()).tree("release/8.8")


@pytest.mark.parametrize(
    ("tree", "keys"),
    [
        (MemoryTree(PLAIN), ("plain",)),
        (Sandbox(upstreams.templated()).tree("master"), ("templated",)),
        (Sandbox(upstreams.release_branches()).tree("release/8.2"), ("release-branches",)),
        (Sandbox(upstreams.release_branches()).tree("release/8.8"), ("release-branches-jinja",)),
        (Sandbox(upstreams.release_branches()).tree("main"), ()),
        (MemoryTree({"README.md": b""}), ()),
        (MemoryTree({"update.sh": b""}), ()),
    ],
)
def test_signs(tree: Tree, keys: tuple[str, ...]) -> None:
    assert layouts_of(tree, "redis") == keys


def test_two_layouts_in_one_tree() -> None:
    both = OverlayTree(
        Sandbox(upstreams.templated()).tree("master"), (FileChange("alpine/Dockerfile", b"FROM x\n"),)
    )
    with pytest.raises(BadInput, match=r"signs of two layouts, templated .* and release-branches"):
        recognise(image(), both, branch="master")


def test_two_layouts_in_one_repository_ask_which() -> None:
    class Both:
        old = Sandbox(upstreams.templated())
        new = Sandbox(upstreams.release_branches())

        def names(self) -> tuple[str, ...]:
            return ("master", "release/8.8")

        def tree(self, branch: str) -> Tree:
            return (self.old if branch == "master" else self.new).tree(branch)

        def tags(self) -> tuple[str, ...]:
            return ()

    tree = Both.old.tree("master")
    with pytest.raises(BadInput, match="this repository has two layouts: templated on master") as raised:
        recognise(image(), tree, branch="master", branches=Both())
    assert raised.value.hint is not None and "@master" in raised.value.hint
    assert recognise(image(), tree, branch="master", branches=Both(), named=True).key == "templated"
    named = recognise(image(), series_tree(), branch="release/8.8", branches=Both(), named=True)
    assert [series.name for series in named.series()] == ["8.8"]


def test_a_commit_of_a_release_branch_has_no_series() -> None:
    with pytest.raises(BadInput, match="its series is the branch's name"):
        recognise(image(), series_tree(), branch=None)


def test_something_else() -> None:
    with pytest.raises(BadInput, match="no repository of an official image that we know"):
        recognise(image(), MemoryTree({"main.go": b""}), branch="main")


def test_a_layout_that_the_image_never_had() -> None:
    without = replace(image(), layouts=tuple(each for each in image().layouts if each.key != "plain"))
    with pytest.raises(BadInput, match=r"has no layouts\.plain") as raised:
        recognise(without, MemoryTree(PLAIN), branch="master")
    assert "add [layouts.plain]" in (raised.value.hint or "")
