"""Release branches: one branch per series, ``alpine/`` and ``debian/`` at its root, tags as the unit of release.

Since 2026 the Dockerfiles of a branch are rendered from ``Dockerfile.j2`` beside them and a version file at
the root (``.redis.version.json``); older branches have none. Main keeps the workflows and a generator in
Python that knows only the Linux distributions: it is patched first (A0), or it would drop the Windows entries
at the next release. Then each branch gets its directories (A1 …).

Tags are upstream's interface (``vX.Y.Z`` is a release, any suffix a milestone, ``-eol`` retires a series):
none is ever made here. A Windows commit lands after the tag, for the port lags: its entries fetch the branch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

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
from contrib.upstream.layouts.plain import dockerfiles, pin_of_directories
from contrib.upstream.layouts.scripts import differing, edited, env_value
from contrib.values import jsontext
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, Tree

if TYPE_CHECKING:
    from contrib.images.model import Image, LayoutFacts, Port
    from contrib.upstream.edits import Script

_BRANCH = re.compile(r"release/(\d+(?:\.\d+)+)")
_TAG = re.compile(r"v(\d+(?:\.\d+)+)(-.+)?")

#: Keys of the version file that say something of Windows, and what.
KEYS = ("windows_release_tag", "windows_download_url", "windows_download_sha")


class ReleaseBranches(Layout):
    """See the module; this class serves branches without templates, its subclass those with them.

    :param branches: all branches and tags of the repository.
    :param main: name of the default branch, where the generator is; None where only one branch is at hand
        (a work tree), so that there is no A0.
    :param port: whose releases; the image's living one when None.
    """

    key: ClassVar[str] = "release-branches"
    title: ClassVar[str] = "release branches: release/X.Y with alpine/ and debian/ at its root"

    def __init__(
        self,
        image: Image,
        facts: LayoutFacts,
        scripts: tuple[Script, ...],
        branches: Branches,
        main: str | None,
        port: Port | None = None,
    ) -> None:
        super().__init__(image, facts, scripts, port)
        self.branches = branches
        self.main = main
        self._trees: dict[str, Tree] = {}

    def tree(self, branch: str) -> Tree:
        """The tree of a branch."""
        if branch not in self._trees:
            self._trees[branch] = self.branches.tree(branch)
        return self._trees[branch]

    def series(self) -> tuple[Series, ...]:
        """See :class:`Layout`. A series with a ``-eol`` tag is retired."""
        found = []
        for branch in self.branches.names():
            name = _BRANCH.fullmatch(branch)
            if name is not None:
                found.append(self._series(name[1], branch))
        return tuple(sorted(found, key=lambda each: each.order, reverse=True))

    def _series(self, name: str, branch: str) -> Series:
        tree = self.tree(branch)
        linux = self.facts.linux_of(name)
        data = tree.read(linux)
        released, retired = None, False
        for tag in self.branches.tags():
            found = _TAG.fullmatch(tag)
            if found is None or not (found[1] == name or found[1].startswith(f"{name}.")):
                continue
            if found[2] is None:
                released = max(released or found[1], found[1], key=version_order)
            elif found[2].lower().endswith("-eol"):
                retired = True
        written = env_value(data, self.image.environment.version)
        version = released or written
        return Series(
            name=name,
            version=version,
            prerelease="-" in (version or ""),
            linux=linux if data is not None else None,
            branch=branch,
            retired=retired,
        )

    def pin(self, series: str) -> Pin | None:
        """See :class:`Layout`."""
        return pin_of_directories(self, self.tree(self._branch(series)), series)

    def _branch(self, series: str) -> str:
        found = next((each for each in self.series() if each.name == series), None)
        if found is None or found.branch is None:
            raise BadInput(f"there is no branch release/{series} in this repository")
        return found.branch

    def changes(self, wanted: Mapping[str, Pin], speak: Speak) -> tuple[BranchChanges, ...]:
        """See :class:`Layout`: A0 for the generator on the default branch, then one per series' branch."""
        branches = {name: self.find(name).branch or "" for name in wanted}
        chain = []
        if self.main is not None:
            tree = self.tree(self.main)
            files, notes = edited(tree, self._scripts("main"), self.image, self.port, self.left_out)
            chain.append(BranchChanges("A0", self.main, (), differing(tree, files), (), tuple(notes)))
        for number, (name, branch) in enumerate(branches.items(), 1):
            tree = self.tree(branch)
            files, notes = edited(tree, self._scripts("series"), self.image, self.port, self.left_out)
            files += dockerfiles(self, tree, name, wanted[name], speak)
            files = self._with_templates(tree, name, wanted[name], speak, files, notes)
            waits = ("A0",) if chain and chain[0].key == "A0" and chain[0].files else ()
            chain.append(
                BranchChanges(f"A{number}", branch, (name,), differing(tree, files), waits, tuple(notes))
            )
        return tuple(chain)

    def _scripts(self, place: str) -> tuple[Script, ...]:
        """Those of a place; what is on both is used where it is on a series' branch (not all of them have it)."""
        found = (each for each in self.scripts if each.place in (place, "both"))
        return tuple(
            replace(s, optional=s.optional or s.place != place) if place == "series" else s for s in found
        )

    def _with_templates(
        self, tree: Tree, series: str, pin: Pin, speak: Speak, files: list[FileChange], notes: list[Note]
    ) -> list[FileChange]:
        """The files and what upstream's renderer needs; nothing more without templates."""
        return files


class JinjaReleaseBranches(ReleaseBranches):
    """Release branches whose Dockerfiles are rendered from ``Dockerfile.j2`` and a version file."""

    key: ClassVar[str] = "release-branches-jinja"
    title: ClassVar[str] = (
        "release branches with Jinja2 templates: Dockerfile.j2 and a version file on release/X.Y"
    )
    voice: ClassVar[Voice] = Voice.JINJA

    @property
    def version_file(self) -> str:
        """Path of the version file on a series' branch."""
        return version_file(self.image.name)

    def pin(self, series: str) -> Pin | None:
        """See :class:`Layout`: the version file's, where it has one."""
        tree = self.tree(self._branch(series))
        data = tree.read(self.version_file)
        variants = tuple(
            each.name
            for each in self.image.variants
            if tree.read(self.dockerfile(series, each.name)) is not None
        )
        if data is None:
            return super().pin(series)
        values = read_version_file(data, self.version_file)
        texts = [values.get(key) for key in KEYS]
        if not any(texts) or not variants:
            return None
        version, url, digest = (text if isinstance(text, str) else "" for text in texts)
        return Pin(version, url, digest, variants)

    def _with_templates(
        self, tree: Tree, series: str, pin: Pin, speak: Speak, files: list[FileChange], notes: list[Note]
    ) -> list[FileChange]:
        data = tree.read(self.version_file)
        if data is None:
            notes.append(
                Note("later", f"release/{series} has no templates: only the Dockerfiles are written")
            )
            return files
        values = read_version_file(data, self.version_file)
        values |= dict(zip(KEYS, (pin.version, pin.url, pin.digest), strict=True))
        # Jinja2 as upstream runs it drops the newline at the end of a template, so no Dockerfile there has one.
        written = {self.dockerfile(series, name) for name in pin.variants}
        found = [
            replace(file, content=file.content.removesuffix(b"\n"))
            if file.path in written and file.content is not None
            else file
            for file in files
        ]
        found.append(FileChange(self.version_file, write_version_file(values)))
        for variant in variants_of(self.image, pin.variants):
            path = self.facts.template.format(
                kind=variant.kind, base=variant.kind.removeprefix("windows"), variant=variant.name
            )
            found.append(FileChange(path, speak(variant, self.voice, series, pin).encode()))
        return found


def version_file(image: str) -> str:
    """Path of the version file: ``.redis.version.json``."""
    return f".{image}.version.json"


@bounded("path")
def read_version_file(data: bytes, path: str) -> dict[str, Any]:
    """The version file's object.

    :raises BadInput: it is none.
    """
    return jsontext.read(data, path, dict, exact=True)


def write_version_file(values: Mapping[str, Any]) -> bytes:
    """As upstream writes it: one tab, a key a line, one newline at the end."""
    return (json.dumps(values, indent="\t", ensure_ascii=False) + "\n").encode()
