"""Two fact sheets to parity rows, with a verdict and a reason for each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contrib.compare.consistency import settle
from contrib.compare.model import Comparison as Comparison
from contrib.compare.model import ParityRow as ParityRow
from contrib.compare.rows import COMPARERS, Sides
from contrib.facts.kinds import Command, Configuration, Entrypoint
from contrib.facts.model import FactSheet
from contrib.values.budgets import bounded
from contrib.values.catalogue import NEVER_JUSTIFIED
from contrib.values.findings import Verdict

if TYPE_CHECKING:
    from contrib.images.model import Image


@bounded("windows.source")
def compare(windows: FactSheet, linux: FactSheet, image: Image | None = None) -> tuple[ParityRow, ...]:
    """One row a fact, in the order of PARITY's catalogue; facts that neither side has are not told.

    :param image: what the image's folder says (path map, tools, settings, justified differences).
    """
    sides = Sides(windows, linux, image)
    return settle(tuple(_by_image(sides, row) for rows in COMPARERS.values() for row in rows(sides)))


#: Facts whose own comparison asks for the image's reason: what it did not justify by it is real. That of one archive
#: (``download:openssl``) is not among them.
_ASKED = frozenset(("base", "install-location", "entrypoint", "download"))


def _writes_settings(sides: Sides) -> bool:
    """Whether the build writes settings into a configuration file, instead of copying one."""
    return any(fact.means == "file" and not fact.copied for fact in sides.windows.each(Configuration))


def _by_image(sides: Sides, found: ParityRow) -> ParityRow:
    """A difference that the image's own table justifies, or one that it knows to cost something."""
    starts = sides.windows.first(Command) is not None or sides.windows.first(Entrypoint) is not None
    if found.verdict is Verdict.JUSTIFIED and sides.image is not None and sides.image.losses and starts:
        loss = sides.image.loss_of(found.fact, sides.port)
        if loss is not None:
            return replace(found, verdict=Verdict.DIFFERENT, why=loss.why, evidence=loss.evidence)
    settled = (Verdict.SAME, Verdict.JUSTIFIED, Verdict.UNKNOWN)
    never = found.fact in _ASKED or found.fact.split(":")[0] in NEVER_JUSTIFIED
    if found.verdict in settled or never:
        return found
    reason = sides.own_reason(found.fact)
    if reason is None or (found.fact.startswith("copied-files:") and not _writes_settings(sides)):
        return found
    return replace(found, verdict=Verdict.JUSTIFIED, why=reason.why, evidence=reason.evidence)
