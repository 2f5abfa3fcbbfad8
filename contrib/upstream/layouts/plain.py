"""The plain layout: versions stand in the Dockerfiles, ``update.sh`` edits them with sed.

``update.sh`` reaches one level below a series' directory, so it does not stamp Linux's version on the
Windows variants (two levels below), and does not carry them to the port's next release either: it is
edited to look that up. Nothing is deleted here; what upstream does not know goes stale.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from contrib.upstream.layouts.base import BranchChanges, Layout, Pin, Series, Speak, Voice, variants_of
from contrib.upstream.layouts.scripts import edited, env_value, one_branch
from contrib.values.tree import FileChange, Tree

if TYPE_CHECKING:
    from contrib.images.model import Image, LayoutFacts, Port
    from contrib.upstream.edits import Script

_SERIES = re.compile(r"\d+(?:\.\d+)*(?:-rc)?")
#: Some generators list the series that they print; the directories of the others are left over.
_LISTED = re.compile(r"^(?:declare [-a-zA-Z ]+ )?versions=\(\s*((?:\d[\w.]*\s+)*\d[\w.]*)\s*\)", re.MULTILINE)


class Plain(Layout):
    """See the module.

    :param tree: the branch's tree.
    :param port: whose releases the scripts look up; the image's living one when None.
    """

    key: ClassVar[str] = "plain"
    title: ClassVar[str] = "plain: versions in the Dockerfiles, update.sh"
    voice: ClassVar[Voice] = Voice.VALUES

    def __init__(
        self,
        image: Image,
        facts: LayoutFacts,
        scripts: tuple[Script, ...],
        tree: Tree,
        port: Port | None = None,
    ) -> None:
        super().__init__(image, facts, scripts, port)
        self.tree = tree

    def series(self) -> tuple[Series, ...]:
        """See :class:`Layout`. Upstream removes the directory of a series that it retires, or lists it no more."""
        names = {path.split("/", 1)[0] for path in self.tree.paths() if path.endswith("/Dockerfile")}
        generator = (self.tree.read("generate-stackbrew-library.sh") or b"").decode("utf-8", "replace")
        listed = _LISTED.search(generator)
        living = set(listed[1].split()) if listed else names
        found = [self._series(name, name not in living) for name in names if _SERIES.fullmatch(name)]
        return tuple(sorted(found, key=lambda each: each.order, reverse=True))

    def _series(self, name: str, retired: bool) -> Series:
        linux = self.facts.linux_of(name)
        has_linux = self.tree.read(linux) is not None
        version = None
        for path in (f"{name}/Dockerfile", linux):
            version = version or env_value(self.tree.read(path), self.image.environment.version)
        return Series(
            name=name,
            version=version,
            prerelease=name.endswith("-rc") or "-" in (version or ""),
            linux=linux if has_linux else None,
            retired=retired,
        )

    def pin(self, series: str) -> Pin | None:
        """See :class:`Layout`."""
        return pin_of_directories(self, self.tree, series)

    def changes(self, wanted: Mapping[str, Pin], speak: Speak) -> tuple[BranchChanges, ...]:
        """See :class:`Layout`."""
        for name in wanted:
            self.find(name)
        files, notes = edited(self.tree, self.scripts, self.image, self.port, self.left_out)
        for name, pin in wanted.items():
            files += dockerfiles(self, self.tree, name, pin, speak)
        return one_branch(self.tree, wanted, files, notes)


def dockerfiles(layout: Layout, tree: Tree, series: str, pin: Pin, speak: Speak) -> list[FileChange]:
    """The Windows Dockerfiles of a series with literal values; variants that are no longer wanted are deleted."""
    found = []
    for variant in variants_of(layout.image, pin.variants):
        text = speak(variant, Voice.VALUES, series, pin)
        found.append(FileChange(layout.dockerfile(series, variant.name), text.encode()))
    before = layout.pin(series)
    gone = set(before.variants) - set(pin.variants) if before is not None else set()
    for name in sorted(gone):
        found += [FileChange(path, None) for path in tree.paths(layout.directory(series, name))]
    return found


def pin_of_directories(layout: Layout, tree: Tree, series: str) -> Pin | None:
    """What the Windows Dockerfiles of a series say in their ENV lines; None where there are none.

    They are the image's own variants; a file of another shape says nothing to us.
    """
    image = layout.image
    names = image.environment
    found = None
    variants = []
    for variant in image.variants:
        data = tree.read(layout.dockerfile(series, variant.name))
        version = env_value(data, names.version)
        url = env_value(data, names.url) if names.url else None
        digest = env_value(data, names.digest) if names.digest else None
        if data is None or version is None or url is None or digest is None:
            continue
        variants.append(variant.name)
        found = found or (version, url, digest)
    return None if found is None else Pin(*found, tuple(variants))
