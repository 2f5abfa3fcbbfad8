"""A check over the whole comparison: no two rows may contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contrib.compare.model import ParityRow
from contrib.facts.kinds import Command
from contrib.values.findings import Verdict

SAME, MISSING, JUSTIFIED, UNKNOWN = Verdict.SAME, Verdict.MISSING, Verdict.JUSTIFIED, Verdict.UNKNOWN


def contradictions(rows: Sequence[ParityRow]) -> tuple[str, ...]:
    """What the rows say against each other, one sentence each; none for a comparison that holds together."""
    return (*_each(rows), *_together(rows))


def _each(rows: Sequence[ParityRow]) -> Iterator[str]:
    """Verdicts that their own row does not bear out."""
    for row in rows:
        if row.verdict is SAME and row.linux is not None and row.windows is None and "too" not in row.why:
            yield f"{row.fact} is the same, and Windows has no value"
        if row.verdict is MISSING and row.linux is None:
            yield f"{row.fact} is missing, and Linux has no value"
        if row.verdict is not SAME and not row.why:
            yield f"{row.fact} is {row.verdict.value} without a reason"


def _together(rows: Sequence[ParityRow]) -> Iterator[str]:
    by_name = {row.fact: row for row in rows}
    fetches = any(row.fact.split(":")[0] == "download" and row.windows is not None for row in rows)
    for row in rows:
        if "fetches nothing" in row.why and fetches:
            yield f"{row.fact} says that Windows fetches nothing, and a row has a download of Windows"
        if "nothing is left" in row.why and any(
            each.fact == "cleaned-up" and each.windows is not None and "leaves" in each.windows.value
            for each in rows
        ):
            yield f"{row.fact} says that nothing is left, and a row names what is left"
    path = by_name.get("on-path")
    location = by_name.get("install-location")
    if path is not None and path.verdict is MISSING and location is not None and "on PATH" in location.why:
        yield "install-location is on PATH, and on-path is missing"
    command = by_name.get("command")
    started = command.windows.program if command is not None and isinstance(command.windows, Command) else ""
    tool = by_name.get(f"installed-tools:{started}")
    if started and tool is not None and tool.verdict is MISSING:
        yield f"{started} is not installed, and CMD starts it"
