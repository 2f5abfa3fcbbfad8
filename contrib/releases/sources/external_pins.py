"""The external base images that official-images allows: one file each below ``.external-pins``.

The file ``mcr.microsoft.com/windows/servercore___ltsc2022`` stands for the reference with ``:`` in place of
the three underscores.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from contrib.releases.model import Pin
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.tables import Table


@dataclass(frozen=True, slots=True)
class Options:
    """:param directory: of the pins in ``repository``."""

    repository: str
    directory: str


def options(table: Table) -> Options:
    """The keys ``repository``, ``branch``, ``directory``."""
    table.text("branch", default="master")
    return Options(
        table.text("repository", "owner/name", pattern=re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")),
        table.text("directory", "a path", default=".external-pins"),
    )


_REFERENCE = re.compile(r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


def from_paths(paths: Iterable[str], directory: str = ".external-pins") -> tuple[Pin, ...]:
    """The pins that the paths of a tree stand for, sorted."""
    start = f"{directory.strip('/')}/" if directory else ""
    names = (path[len(start) :] for path in paths if path.startswith(start))
    return tuple(sorted((Pin(name.replace("___", ":", 1)) for name in names if "___" in name), key=str))


@bounded("origin")
def parse(data: bytes, *, origin: str) -> tuple[Pin, ...]:
    """The pins in a list with one reference per line, as official-images' ``list.sh`` prints them.

    :raises BadInput: a line that is not a reference.
    """
    pins = []
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        reference = line.strip()
        if not reference or reference.startswith("#"):
            continue
        if not _REFERENCE.fullmatch(reference):
            raise BadInput("expected a reference such as host/name:tag", file=origin, line=number)
        pins.append(Pin(reference))
    return tuple(pins)
