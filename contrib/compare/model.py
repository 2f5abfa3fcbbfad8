"""The values of a comparison: rows with a verdict and a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contrib.facts.model import Fact, FactSheet
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
