"""A check over the whole comparison: no two rows may contradict each other.

A contradiction is a fault of this program's. :func:`settle` sees to it that nobody reads one: what cannot be true
beside another row is called unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from contrib.compare.model import ParityRow
from contrib.facts.kinds import Command
from contrib.values.findings import Verdict

SAME, MISSING, JUSTIFIED, UNKNOWN = Verdict.SAME, Verdict.MISSING, Verdict.JUSTIFIED, Verdict.UNKNOWN


class Contradiction(NamedTuple):
    """The fact whose row cannot be true, and what it says against another."""

    fact: str
    says: str


def contradictions(rows: Sequence[ParityRow]) -> tuple[Contradiction, ...]:
    """What the rows say against each other; none for a comparison that holds together."""
    return (*_each(rows), *_together(rows))


def settle(rows: tuple[ParityRow, ...]) -> tuple[ParityRow, ...]:
    """The rows, those that contradict another one called unknown."""
    wrong = {found.fact: found.says for found in contradictions(rows)}
    if not wrong:
        return rows
    why = "contrib contradicts itself here ({}): please report it"
    return tuple(
        replace(row, verdict=UNKNOWN, why=why.format(wrong[row.fact]), hint="", evidence=())
        if row.fact in wrong
        else row
        for row in rows
    )


def _each(rows: Sequence[ParityRow]) -> Iterator[Contradiction]:
    """Verdicts that their own row does not bear out."""
    for row in rows:
        if row.verdict is SAME and row.linux is not None and row.windows is None:
            yield Contradiction(row.fact, f"{row.fact} is the same, and Windows has no value")
        if row.verdict is MISSING and row.linux is None:
            yield Contradiction(row.fact, f"{row.fact} is missing, and Linux has no value")
        if row.verdict is not SAME and not row.why:
            yield Contradiction(row.fact, f"{row.fact} is {row.verdict.value} without a reason")


def _together(rows: Sequence[ParityRow]) -> Iterator[Contradiction]:
    by_name = {row.fact: row for row in rows}
    fetches = any(row.fact.split(":")[0] == "download" and row.windows is not None for row in rows)
    cleaned = by_name.get("cleaned-up")
    leaves = cleaned is not None and cleaned.windows is not None and "leaves" in cleaned.windows.value
    for row in rows:
        if "fetches nothing" in row.why and fetches:
            yield Contradiction(row.fact, "Windows fetches nothing, and a row has a download of Windows")
        if "nothing is left" in row.why and leaves:
            yield Contradiction(row.fact, "nothing is left, and a row names what is left")
    path, location = by_name.get("on-path"), by_name.get("install-location")
    off_path = path is not None and (path.verdict is MISSING or path.verdict is Verdict.DIFFERENT)
    if off_path and location is not None and "on PATH" in location.why:
        yield Contradiction("install-location", "it is on PATH, and on-path says that it is not")
    command = by_name.get("command")
    started = command.windows.program if command is not None and isinstance(command.windows, Command) else ""
    tool = by_name.get(f"installed-tools:{started}")
    if started and tool is not None and tool.verdict is MISSING:
        yield Contradiction(tool.fact, f"{started} is not installed, and CMD starts it")
