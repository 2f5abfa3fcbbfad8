"""What the image has from its base without a line of its own: FROM is the line that decides it."""

from __future__ import annotations

from contrib.build.account import Build
from contrib.dockerfile.inherited import ImageConfiguration
from contrib.dockerfile.model import Instruction

#: Linux images that hand on nothing but PATH and the shell that they start.
_PLAIN_LINUX = frozenset(
    ("scratch", "alpine", "debian", "ubuntu", "buildpack-deps", "busybox", "fedora", "centos", "rockylinux", "almalinux",
     "amazonlinux", "oraclelinux", "photon", "archlinux", "opensuse/leap", "clefos", "sl", "alt", "mageia")
)  # fmt: skip
_PLAIN_PREFIXES = ("registry.access.redhat.com/ubi", "redhat/ubi", "cgr.dev/chainguard/wolfi-base")


def from_of(build: Build) -> Instruction | None:
    """The FROM at the bottom of the stages that make the image; None for a file without one."""
    stage = build.dockerfile.last_stage
    if stage is None:
        return None
    while (below := build.environments.bases[stage.index].origin) is not None:
        stage = build.dockerfile.stages[below]
    return stage.from_


def configuration_of(build: Build) -> ImageConfiguration | None:
    """What the base hands on; None when nobody knows it."""
    return build.base.configuration if build.base is not None else None


def plain(build: Build) -> bool:
    """Whether the base hands on nothing that a comparison speaks of; a mirror's ``…/alpine`` counts as alpine."""
    base = build.base
    if base is None:
        return True
    if base.platform == "windows":
        return base.root.plain_windows
    name = base.root.repository.lower()
    if "." in name.partition("/")[0]:
        name = name.rpartition("/")[2] if not name.startswith(_PLAIN_PREFIXES) else name
    return name in _PLAIN_LINUX or name.startswith(_PLAIN_PREFIXES)
