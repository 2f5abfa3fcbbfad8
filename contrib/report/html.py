"""The comparison as one self-contained web page, for a reviewer to read.

No external request: style and script are inline, and a content security policy that names
their hashes forbids everything else. What comes from the Dockerfiles is escaped by Jinja2.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from contrib.compare.model import Behaviour, Comparison, ParityRow
from contrib.report import colours
from contrib.report.verdict import LOUD, ORDER, counts, facts_sentence, ordered, sentence
from contrib.values.findings import Finding, Severity, Verdict, summary

if TYPE_CHECKING:
    from markupsafe import Markup

SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_FOLDED = {Verdict.JUSTIFIED: "forced by the platform", Verdict.SAME: "the same on both sides"}


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison with the texts of its two files."""

    comparison: Comparison
    windows_text: str
    linux_text: str


def render(compared: Sequence[Compared], *, title: str | None = None) -> str:
    """The page. With several comparisons a table of contents comes first.

    :param title: heading; by default made of the image's name.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("contrib.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = _prose
    style, script = _asset("page.css"), _asset("page.js")
    if title is None:
        image = next((c.comparison.image for c in compared if c.comparison.image), None)
        title = f"{image}: Windows against Linux" if image else "Windows against Linux"
    return environment.get_template("page.html.j2").render(
        title=title,
        style=style,
        script=script,
        policy=(
            "default-src 'none'; base-uri 'none'; form-action 'none'; "
            f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
        ),
        comparisons=[_view(index, item) for index, item in enumerate(compared, start=1)],
        verdicts=[verdict.value for verdict in ORDER],
        severities=[severity.value for severity in SEVERITIES],
    )


def _view(index: int, item: Compared) -> dict[str, Any]:
    """What the template needs of one comparison, in the order in which it is shown."""
    comparison = item.comparison
    prefix = f"c{index}"
    findings = sorted(
        comparison.findings,
        key=lambda f: (f.accepted is not None, -f.severity.rank, f.line or 0, f.rule),
    )
    rows = ordered(comparison.rows)
    views = [_row(prefix, number, row) for number, row in enumerate(rows, start=1)]
    windows_name = comparison.windows.source
    said = sentence(comparison)
    return {
        "id": prefix,
        "sentence": said,
        "ready": "Not ready" not in said and comparison.different_programs is None,
        "windows": comparison.windows,
        "linux": comparison.linux,
        "facts": facts_sentence(comparison.rows),
        "loud": [view for view, row in zip(views, rows, strict=True) if row.verdict in LOUD],
        "folded": [
            {"words": words, "verdict": verdict.value, "rows": own}
            for verdict, words in _FOLDED.items()
            if (own := [view for view, row in zip(views, rows, strict=True) if row.verdict is verdict])
        ],
        "findings": [_finding(prefix, number, finding) for number, finding in enumerate(findings, start=1)],
        "behaviour": [_check(each) for each in comparison.behaviour],
        "counts": counts(comparison.rows),
        "summary": summary(comparison.findings),
        "panes": [
            _pane(prefix, "linux", "Linux", comparison.linux.source, item.linux_text, rows, ()),
            _pane(
                prefix,
                "windows",
                "Windows",
                windows_name,
                item.windows_text,
                rows,
                [f for f in findings if f.file == windows_name or f.file in windows_name],
            ),
        ],
    }


def _check(each: Behaviour) -> dict[str, Any]:
    words = {"passed": "passed", "failed": "failed", "not-run": "not run", None: "not run"}
    tones = {"passed": "same", "failed": "error"}
    return {
        "check": each.check,
        "sides": [
            (words.get(side, "not run"), tones.get(side or "", "justified"))
            for side in (each.linux, each.windows)
        ],
        "said": each.said,
    }


def _row(prefix: str, number: int, row: ParityRow) -> dict[str, Any]:
    return {
        "id": f"{prefix}-fact-{number}",
        "fact": row.fact,
        "linux": row.linux,
        "windows": row.windows,
        "verdict": row.verdict.value,
        "why": row.why,
        "hint": row.hint,
    }


def _finding(prefix: str, number: int, finding: Finding) -> dict[str, Any]:
    return {
        "id": f"{prefix}-finding-{number}",
        "rule": finding.rule,
        "severity": finding.severity.value,
        "line": finding.line,
        "file": finding.file,
        "message": finding.message,
        "evidence": [
            {"label": e.label, "url": e.url} for e in finding.evidence if e.url.startswith("https://")
        ],
        "fixable": finding.fixable,
        "accepted": finding.accepted,
    }


def _pane(
    prefix: str,
    side: str,
    label: str,
    source: str,
    text: str,
    rows: Sequence[ParityRow],
    findings: Sequence[Finding],
) -> dict[str, Any]:
    """One file's lines, each with the facts that it decides and the findings that end on it."""
    lines: list[dict[str, Any]] = [
        {"number": number, "pieces": pieces, "facts": [], "findings": []}
        for number, pieces in enumerate(colours.lines(text.replace("\r\n", "\n")), start=1)
    ]
    if len(lines) > 1 and not lines[-1]["pieces"]:
        lines.pop()
    for number, row in enumerate(rows, start=1):
        fact = row.linux if side == "linux" else row.windows
        if fact is not None and fact.line is not None and 1 <= fact.line <= len(lines):
            lines[fact.line - 1]["facts"].append(
                {"id": f"{prefix}-fact-{number}", "name": row.fact, "verdict": row.verdict.value}
            )
    for finding in findings:
        if finding.line is not None and 1 <= finding.line <= len(lines):
            lines[finding.line - 1]["findings"].append(
                {
                    "rule": finding.rule,
                    "severity": finding.severity.value,
                    "message": finding.message,
                    "accepted": finding.accepted,
                }
            )
    return {"side": side, "label": label, "source": source, "id": f"{prefix}-{side}", "lines": lines}


def _prose(text: str) -> Markup:
    """Text with what stands between backticks as code."""
    from markupsafe import Markup, escape

    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick without its other
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


@cache
def _asset(name: str) -> str:
    # Surrounding newlines are part of the element's text and so of its hash; there are none.
    return (resources.files("contrib.report") / "page" / name).read_text("utf-8").strip()


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
