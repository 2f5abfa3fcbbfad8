"""Entries of an image's data that a whole run had no use for: what they are about does not occur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from contrib.compare.model import ParityRow
from contrib.values.findings import Finding

if TYPE_CHECKING:
    from contrib.images.model import Image


@dataclass(frozen=True, slots=True)
class Idle:
    """An entry without effect.

    :param table: ``justified``, ``loss`` or ``accept``. :param key: of the entry, ``fact`` or ``rule``.
    :param value: what the key says.
    """

    table: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A Windows Dockerfile of a run, compared and reviewed."""

    path: str
    rows: Sequence[ParityRow]
    findings: Sequence[Finding]


def idle(image: Image, port: str, files: Sequence[Judged]) -> tuple[Idle, ...]:
    """The entries that none of the files needed.

    Left out are entries for another port than the one in use, and those that accept a rule at paths that none of the
    files has: a run cannot tell about them.

    :param port: name of the port that the files take their programs from.
    """
    said = {(row.fact, row.why) for file in files for row in file.rows}
    entries = [
        *(("justified", each.fact, each.reason.why) for each in image.justified),
        *(("loss", each.fact, each.reason.why) for each in image.losses if each.port in (None, port)),
    ]
    found = [Idle(table, "fact", fact) for table, fact, why in entries if (fact, why) not in said]
    for accept in image.accepted:
        meant = [file for file in files if PurePosixPath(file.path).match(accept.path)]
        if meant and not any(finding.rule == accept.rule for file in meant for finding in file.findings):
            found.append(Idle("accept", "rule", accept.rule))
    return tuple(dict.fromkeys(found))
