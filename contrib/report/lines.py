"""Findings one per line, for other programs: ``concise`` for editors and scripts, ``github`` for Actions.

What GitHub Actions reads is at
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contrib.compare.model import Comparison, ParityRow
from contrib.values.findings import Finding, Severity

_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def concise(findings: Iterable[Finding]) -> str:
    """``file:line:column: severity rule message`` for each finding that counts; accepted ones are left out.

    A finding about the whole file has line 1, one about a whole line column 1.

    >>> print(concise([Finding("r", Severity.NOTE, "a/b", 3, "says so", column=5)]), end="")
    a/b:3:5: note r says so
    """
    return "".join(
        f"{_one_line(f.file)}:{f.line or 1}:{f.column or 1}: {f.severity.value} {f.rule} {_one_line(f.message)}\n"
        for f in findings
        if f.accepted is None
    )


def github(findings: Iterable[Finding], uris: Mapping[str, str] | None = None) -> str:
    """A workflow command for each finding that counts: an annotation of its lines.

    :param uris: :attr:`Finding.file` to the path from the repository's root, which annotations need; a file
        that is not there is named as it is.
    """
    return "".join(_command(f, (uris or {}).get(f.file, f.file)) for f in findings if f.accepted is None)


#: Verdicts that have a line of their own beside the findings.
_TOLD = frozenset(("missing", "different", "unknown"))


def facts_concise(comparison: Comparison) -> str:
    """``file:line:column: verdict fact reason`` for each fact that is missing, different or unknown."""
    source = _one_line(comparison.windows.source)
    return "".join(
        f"{source}:{_line(row)}:1: {row.verdict.value} {row.fact} {_one_line(row.why)}".rstrip() + "\n"
        for row in comparison.rows
        if row.verdict.value in _TOLD
    )


def facts_github(comparison: Comparison, uris: Mapping[str, str] | None = None) -> str:
    """A notice for each fact that is missing, different or unknown."""
    source = comparison.windows.source
    uri = _property((uris or {}).get(source, source))
    return "".join(
        f"::notice file={uri},line={_line(row)},title={_property(f'{row.verdict.value}: {row.fact}')}"
        f"::{_data(row.why or row.verdict.value)}\n"
        for row in comparison.rows
        if row.verdict.value in _TOLD
    )


def _line(row: ParityRow) -> int:
    return row.windows.line if row.windows is not None and row.windows.line is not None else 1


def _command(finding: Finding, uri: str) -> str:
    place = {"file": uri}
    if finding.line is not None:
        last = finding.end_line if finding.end_line is not None else finding.line
        place |= {"line": str(finding.line), "endLine": str(last)}
        # Columns of a finding over several lines are refused.
        if finding.column is not None and last == finding.line:
            place["col"] = str(finding.column)
            if finding.end_column is not None:
                place["endColumn"] = str(finding.end_column)
    place["title"] = finding.rule
    properties = ",".join(f"{name}={_property(value)}" for name, value in place.items())
    message = finding.message
    if finding.evidence:
        message += f"\n{finding.evidence[0].url}"
    return f"::{_COMMAND[finding.severity]} {properties}::{_data(message)}\n"


def _data(text: str) -> str:
    shown = "\n".join(_spelled(line) for line in text.split("\n"))
    return shown.replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _one_line(text: str) -> str:
    return _spelled(" ".join(text.split()))


def _spelled(text: str) -> str:
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
        for char in text
    )
