"""Layouts of image repositories: which one a repository has, and one module for each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contrib.upstream.layouts.base import (
    BranchChanges,
    Branches,
    Layout,
    Note,
    Pin,
    Series,
    Speak,
    Voice,
    variants_of,
    version_order,
)
from contrib.upstream.layouts.plain import Plain
from contrib.upstream.layouts.release_branches import JinjaReleaseBranches, ReleaseBranches, version_file
from contrib.upstream.layouts.scripts import load_scripts
from contrib.upstream.layouts.templated import Templated
from contrib.values.errors import BadInput

if TYPE_CHECKING:
    from contrib.images.model import Image, Port
    from contrib.values.tree import Tree

__all__ = [
    "BranchChanges",
    "Branches",
    "JinjaReleaseBranches",
    "Layout",
    "Note",
    "Pin",
    "Plain",
    "ReleaseBranches",
    "Series",
    "Speak",
    "Templated",
    "Voice",
    "layouts_of",
    "recognise",
    "variants_of",
    "version_order",
]

_RELEASE = re.compile(r"release/\d+(?:\.\d+)+")
_SERIES_FILE = re.compile(r"\d+(?:\.\d+)*(?:-rc)?/(?:[\w.-]+/)?Dockerfile")

TITLES = {each.key: each.title for each in (Plain, Templated, ReleaseBranches, JinjaReleaseBranches)}


def layouts_of(tree: Tree, image: str) -> tuple[str, ...]:
    """Keys of the layouts that a tree shows signs of, by its files alone; more than one is a mistake of somebody's.

    The default branch of a repository with release branches shows none.
    """
    paths = list(tree.paths())
    there = set(paths)
    series = any(_SERIES_FILE.fullmatch(path) for path in paths)
    found = []
    if series and "versions.json" not in there and there & {"update.sh", "generate-stackbrew-library.sh"}:
        found.append(Plain.key)
    if "versions.json" in there or "apply-templates.sh" in there:
        found.append(Templated.key)
    roots = [
        root
        for root in ("alpine", "debian")
        if f"{root}/Dockerfile" in there or f"{root}/Dockerfile.j2" in there
    ]
    if roots and (f"{roots[0]}/Dockerfile.j2" in there or version_file(image) in there):
        found.append(JinjaReleaseBranches.key)
    elif roots:
        found.append(ReleaseBranches.key)
    return tuple(found)


class _OneBranch:
    """A single branch at hand (a work tree): its name and its tree."""

    def __init__(self, branch: str, tree: Tree) -> None:
        self._branch, self._tree = branch, tree

    def names(self) -> tuple[str, ...]:
        """See :class:`Branches`."""
        return (self._branch,)

    def tree(self, branch: str) -> Tree:
        """See :class:`Branches`."""
        return self._tree

    def tags(self) -> tuple[str, ...]:
        """See :class:`Branches`."""
        return ()


def recognise(
    image: Image,
    tree: Tree,
    *,
    branch: str | None = None,
    branches: Branches | None = None,
    port: Port | None = None,
    named: bool = False,
) -> Layout:
    """The layout of a repository, by the tree that is looked at, and the branches around it.

    :param branch: name of the branch that ``tree`` is of, None when it is a commit by itself.
    :param branches: of the whole repository; None where only ``tree`` may be touched (a work tree).
    :param port: whose releases; when None the build that the tree carries already, else the image's living one.
    :param named: the person named the branch or commit (``REPO@REF``), so that is meant and no other.
    :raises BadInput: no layout, two of them, or one that the image's folder says nothing of.
    """
    layout = _recognise(image, tree, branch, branches, port, named)
    if port is None:
        there = _port_there(image, layout)
        if there is not None and there is not image.port:
            return _recognise(image, tree, branch, branches, there, named)
    return layout


def _port_there(image: Image, layout: Layout) -> Port | None:
    """The living port (of several builds the one) whose binaries the tree's newest Windows series has."""
    for series in layout.series():
        pin = None if series.retired else layout.pin(series.name)
        if pin is not None:
            port = image.port_of(pin.url)
            return port if port is not None and port.alive else None
    return None


def _recognise(
    image: Image, tree: Tree, branch: str | None, branches: Branches | None, port: Port | None, named: bool
) -> Layout:
    found = layouts_of(tree, image.name)
    if len(found) > 1:
        names = " and ".join(f"{key} ({TITLES[key].partition(': ')[2] or TITLES[key]})" for key in found)
        raise BadInput(f"this tree has signs of two layouts, {names}; it is half moved from one to the other")
    releases = _release_branches(branches, image.name)
    if found and found[0] in (Plain.key, Templated.key):
        if releases and not named:
            raise BadInput(
                f"this repository has two layouts: {found[0]} on {branch or 'its default branch'}, and {_kind(releases)} "
                f"({', '.join(sorted(releases))})",
                hint=f"say which one: --upstream REPO@{branch or 'BRANCH'} or --upstream REPO@{max(releases)}",
            )
        facts = image.layout(found[0])
        if facts is None:
            raise _unknown(image, found[0])
        kind = Templated if found[0] == Templated.key else Plain
        return kind(image, facts, load_scripts(image, facts), tree, port)
    if found:
        if branch is None or not _RELEASE.fullmatch(branch):
            raise BadInput(
                "this tree is of a release branch, and its series is the branch's name: it is asked for by that name",
                hint="--upstream REPO@release/X.Y",
            )
        around: Branches = _OneBranch(branch, tree)
        return _release(
            image,
            found[0],
            around if branches is None or named else branches,
            None if named else _main(branches),
            port,
        )
    if releases:
        assert branches is not None
        return _release(image, _kind(releases), branches, branch, port)
    raise BadInput(
        "this is no repository of an official image that we know: there is no versions.json, no update.sh or "
        "generate-stackbrew-library.sh with directories of series, no branch release/X.Y with alpine/ or debian/",
        hint="--upstream names the image's own repository, not a fork of something else",
    )


def _release_branches(branches: Branches | None, image: str) -> dict[str, str]:
    """Release branches with something in them: name to key of its layout."""
    if branches is None:
        return {}
    found = {}
    for name in branches.names():
        if _RELEASE.fullmatch(name):
            keys = layouts_of(branches.tree(name), image)
            if keys and keys[-1] in (ReleaseBranches.key, JinjaReleaseBranches.key):
                found[name] = keys[-1]
    return found


def _kind(releases: dict[str, str]) -> str:
    return JinjaReleaseBranches.key if JinjaReleaseBranches.key in releases.values() else ReleaseBranches.key


def _main(branches: Branches | None) -> str | None:
    names = branches.names() if branches is not None else ()
    return next((name for name in ("main", "master") if name in names), None)


def _release(image: Image, key: str, branches: Branches, main: str | None, port: Port | None) -> Layout:
    facts = image.layout(key)
    if facts is None:
        raise _unknown(image, key)
    kind = JinjaReleaseBranches if key == JinjaReleaseBranches.key else ReleaseBranches
    return kind(image, facts, load_scripts(image, facts), branches, main, port)


def _unknown(image: Image, key: str) -> BadInput:
    there = ", ".join(layout.key for layout in image.layouts)
    return BadInput(
        f"this repository's layout is {TITLES[key]}, and the folder of {image.name} has no layouts.{key} (it has {there})",
        hint=f"add [layouts.{key}] to {image.folder.name}/image.toml",
    )
