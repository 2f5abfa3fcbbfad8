"""The values of a comparison: rows with a verdict and a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from contrib.facts.kinds import Fact, InstalledTool
from contrib.facts.model import FactSheet
from contrib.values.findings import Evidence, Finding, Verdict, summary


@dataclass(frozen=True, slots=True)
class ParityRow:
    """One fact on both sides.

    :param why: the reason for the verdict; always there but for ``same``.
    :param hint: what a person types or writes instead, when that helps.
    :param evidence: where the reason is written down.
    """

    fact: str
    linux: Fact | None
    windows: Fact | None
    verdict: Verdict
    why: str = ""
    hint: str = ""
    evidence: tuple[Evidence, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object of DESIGN's ``parity`` list."""

        def side(fact: Fact | None) -> dict[str, Any] | None:
            return None if fact is None else {"value": fact.value, "line": fact.line}

        return {
            "fact": self.fact,
            "linux": side(self.linux),
            "windows": side(self.windows),
            "verdict": self.verdict.value,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One check of the image as it ran on both sides, from evidence records.

    :param linux: ``passed``, ``failed`` or ``not-run``; None when no record has it.
    :param windows: likewise.
    :param said: the line of output that decided, or why it did not run.
    """

    check: str
    linux: str | None
    windows: str | None
    said: str = ""

    def as_json(self) -> dict[str, Any]:
        """The object of DESIGN's ``behaviour`` list."""
        return {"check": self.check, "linux": self.linux, "windows": self.windows, "said": self.said}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What ``contrib diff`` reports: both fact sheets, the rows, the findings, and what was run."""

    image: str | None
    windows: FactSheet
    linux: FactSheet
    rows: tuple[ParityRow, ...]
    findings: tuple[Finding, ...]
    behaviour: tuple[Behaviour, ...] = ()

    @property
    def different_programs(self) -> tuple[str, str] | None:
        """The Windows and the Linux program where the files are of two; None where they may be of one.

        They are of two when each installs or starts something and no name on one side is akin to one on the other
        (``python`` and ``python3`` are akin).
        """
        windows, linux = (_tools(sheet) for sheet in (self.windows, self.linux))
        if not windows or not linux:
            return None
        if any(a == b or (min(len(a), len(b)) > 2 and (a in b or b in a)) for a in windows for b in linux):
            return None
        return windows[0], linux[0]

    def as_json(self) -> dict[str, Any]:
        """DESIGN's ``diff --format json``."""

        def head(sheet: FactSheet) -> dict[str, Any]:
            return {"source": sheet.source, "base": sheet.base, "version": sheet.version}

        return {
            "image": self.image,
            "windows": head(self.windows),
            "linux": head(self.linux),
            "parity": [row.as_json() for row in self.rows],
            "findings": [finding.as_json() for finding in self.findings],
            "behaviour": [each.as_json() for each in self.behaviour],
            "summary": summary(self.findings),
        }


def _tools(sheet: FactSheet) -> tuple[str, ...]:
    """Names of the programs that the file installs or starts, without ``.exe`` and the like."""
    found = (fact.value.lower() for fact in sheet.each(InstalledTool))
    return tuple(dict.fromkeys(re.sub(r"\.(exe|bat|cmd|sh|ps1)$", "", name) for name in found if name))
