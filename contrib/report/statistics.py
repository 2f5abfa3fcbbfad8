"""How many findings each rule has, over all files."""

from __future__ import annotations

import json
from collections.abc import Sequence

from contrib.report.findings import counts
from contrib.values.findings import Finding, Severity, summary
from contrib.values.visible import paint

_COLORS = {"error": "1;31", "warning": "33", "note": "34"}


def render(findings: Sequence[Finding], format_: str, *, color: bool = False) -> str:
    """The table as ``text``, ``markdown`` or ``json``; accepted findings are left out and counted below."""
    rows = _rows([finding for finding in findings if finding.accepted is None])
    if format_ == "json":
        shape = {"statistics": rows, "summary": summary(findings)}
        return json.dumps(shape, ensure_ascii=False, indent=2)
    if format_ == "markdown":
        lines = ["| findings | severity | rule | files | `--fix` |", "|---:|---|---|---:|---:|"]
        lines += [
            f"| {row['count']} | {row['severity']} | `{row['rule']}` | {row['files']} | {row['fixable'] or ''} |"
            for row in rows
        ]
        return "\n".join([*lines, "", f"**{counts(findings)}**"])
    width = max([len(str(row["rule"])) for row in rows], default=4)
    lines = []
    for row in rows:
        level = f"{row['severity']:<7}"
        shown = paint(level, _COLORS[str(row["severity"])]) if color else level
        files = f"{row['files']} file" + ("" if row["files"] == 1 else "s")
        fix = f"  --fix {row['fixable']}" if row["fixable"] else ""
        lines.append(f"{row['count']:>5}  {shown}  {row['rule']:<{width}}  {files}{fix}")
    return "\n".join([*lines, *([""] if lines else []), counts(findings)])


def _rows(findings: Sequence[Finding]) -> list[dict[str, object]]:
    """One row per rule, the most frequent of the most serious first; a rule's worst severity is its own."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.rule, []).append(finding)
    worst = {rule: max((f.severity for f in own), key=lambda s: s.rank) for rule, own in groups.items()}

    def order(rule: str) -> tuple[int, int, str]:
        return -worst[rule].rank, -len(groups[rule]), rule

    return [
        {
            "rule": rule,
            "severity": Severity(worst[rule]).value,
            "count": len(groups[rule]),
            "files": len({finding.file for finding in groups[rule]}),
            "fixable": sum(1 for finding in groups[rule] if finding.fixable),
        }
        for rule in sorted(groups, key=order)
    ]
