"""What the image has from its base without a line of its own: FROM is the line that decides it."""

from __future__ import annotations

from contrib.build.account import Build
from contrib.dockerfile.inherited import ImageConfiguration
from contrib.dockerfile.model import Instruction
from contrib.dockerfile.platform import StageBase

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
    return build.base is None or plain_base(build.base)


def image_of(build: Build, origin: int | str | None) -> str | None:
    """The image that a ``COPY --from`` names: by its reference, or by a stage that does nothing but name it."""
    if not isinstance(origin, int):
        return origin
    base = build.bases[origin]
    does = any(each.stage == origin for each in build.actions)
    return base.root.text if not does and base.known and not plain_base(base) else None


def plain_base(base: StageBase) -> bool:
    """Likewise, of one stage's base."""
    if base.platform == "windows":
        return base.root.plain_windows
    name = base.root.repository.lower()
    if "." in name.partition("/")[0]:
        name = name.rpartition("/")[2] if not name.startswith(_PLAIN_PREFIXES) else name
    return name in _PLAIN_LINUX or name.startswith(_PLAIN_PREFIXES)
