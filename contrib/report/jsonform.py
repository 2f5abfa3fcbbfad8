"""Comparisons as JSON: DESIGN's shape for one, a list with a summary for several."""

from __future__ import annotations

import json
from collections.abc import Sequence

from contrib.compare.model import Comparison
from contrib.values.findings import summary


def render(comparisons: Sequence[Comparison], *, several: bool = False) -> str:
    """The text of the report.

    :param several: a list though there may be just one (``--all``).
    """
    shape = many(comparisons) if several or len(comparisons) != 1 else comparisons[0].as_json()
    return json.dumps(shape, ensure_ascii=False, indent=2)


def many(comparisons: Sequence[Comparison]) -> dict[str, object]:
    """``{"comparisons": […], "summary": {…}}``; the summary counts findings of all files."""
    findings = [finding for comparison in comparisons for finding in comparison.findings]
    return {
        "comparisons": [comparison.as_json() for comparison in comparisons],
        "summary": summary(findings),
    }
