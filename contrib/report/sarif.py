"""Findings as SARIF 2.1.0, in the shape that GitHub code scanning reads.

What GitHub asks for (https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning):
rules with help, ``ruleIndex``, paths relative to the repository's root, a region with a line, and
``partialFingerprints`` so that an alert keeps its identity when lines move.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from contrib import __version__
from contrib.report.files import Artifact
from contrib.values.findings import Edit, Finding, Lines, Severity
from contrib.values.records import dataclass

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
INFORMATION = "https://github.com/docker-library/official-images#contributing-to-the-standard-library"

_SECURITY = frozenset(
    (
        "unverified-download",
        "ineffective-verification",
        "plain-http-download",
        "eol-base",
        "malformed-checksum",
    )
)


@dataclass(frozen=True, slots=True)
class RuleText:
    """What SARIF says of a rule.

    :param text: plain sentence of what it looks for.
    :param help_text: the whole page as plain text.
    :param help_markdown: the same as Markdown.
    :param url: the first evidence.
    """

    id: str
    title: str
    severity: Severity
    text: str
    help_text: str
    help_markdown: str
    url: str | None


def render(findings: Iterable[Finding], rules: Sequence[RuleText], artifacts: Mapping[str, Artifact]) -> str:
    """The SARIF log as JSON text.

    :param rules: those that were run; a finding's rule is among them.
    :param artifacts: by :attr:`Finding.file`.
    """
    index = {rule.id: position for position, rule in enumerate(rules)}
    seen: dict[str, int] = {}
    results = [_result(finding, index, artifacts, seen) for finding in findings]
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "contrib",
                        "version": __version__,
                        "informationUri": INFORMATION,
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "artifacts": [{"location": _location(a.uri)} for a in artifacts.values()],
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=2)


def _level(severity: Severity) -> str:
    return severity.value  # SARIF's words are ours: error, warning, note


def _rule(rule: RuleText) -> dict[str, Any]:
    tags = ["official-images", "windows-containers"]
    if rule.id in _SECURITY:
        tags.append("security")
    problem = "recommendation" if rule.severity is Severity.NOTE else rule.severity.value
    shape: dict[str, Any] = {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.text},
        "help": {"text": rule.help_text, "markdown": rule.help_markdown},
        "defaultConfiguration": {"level": _level(rule.severity)},
        "properties": {"tags": tags, "precision": "high", "problem.severity": problem},
    }
    if rule.url is not None:
        shape["helpUri"] = rule.url
    return shape


def _location(uri: str) -> dict[str, Any]:
    if "://" in uri:
        return {"uri": uri}
    return {"uri": quote(uri, safe="/@+~:,=!$&'()*;"), "uriBaseId": "%SRCROOT%"}


def _result(
    finding: Finding, index: Mapping[str, int], artifacts: Mapping[str, Artifact], seen: dict[str, int]
) -> dict[str, Any]:
    artifact = artifacts[finding.file]
    line = finding.line or 1
    shape: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _level(finding.severity),
        "message": {"text": finding.message},
        "locations": [_place(artifact.uri, line, finding.end_line, finding.column, finding.end_column)],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(finding, artifact, seen)},
    }
    related = [
        {"id": number, "message": {"text": what}, **_place(artifacts[file].uri, at, None)}
        for number, (file, at, what) in enumerate(finding.related, start=1)
        if file in artifacts
    ]
    if related:
        shape["relatedLocations"] = related
    if finding.fix is not None:
        lines = Lines(artifact.data)
        shape["fixes"] = [
            {
                "description": {"text": finding.fix.title},
                "artifactChanges": [
                    {
                        "artifactLocation": _location(artifact.uri),
                        "replacements": [_replacement(edit, lines) for edit in finding.fix.edits],
                    }
                ],
            }
        ]
    if finding.accepted is not None:
        shape["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": finding.accepted}
        ]
    return shape


def _place(
    uri: str, line: int, end_line: int | None, column: int | None = None, end_column: int | None = None
) -> dict[str, Any]:
    region = {"startLine": line}
    if column is not None:
        region["startColumn"] = column
    if end_line is not None and end_line > line:
        region["endLine"] = end_line
    if end_column is not None:
        region["endColumn"] = end_column
    return {"physicalLocation": {"artifactLocation": _location(uri), "region": region}}


def _fingerprint(finding: Finding, artifact: Artifact, seen: dict[str, int]) -> str:
    """Hash of rule and line's text: the same when the line moves; a number tells twins apart."""
    lines = artifact.data.split(b"\n")
    at = (finding.line or 1) - 1
    text = lines[at].strip() if at < len(lines) else b""
    digest = hashlib.sha256(b"\0".join((artifact.uri.encode(), finding.rule.encode(), text))).hexdigest()[:16]
    seen[digest] = seen.get(digest, 0) + 1
    return f"{digest}:{seen[digest]}"


def _replacement(edit: Edit, lines: Lines) -> dict[str, Any]:
    start_line, start_column = lines.position(edit.start)
    end_line, end_column = lines.position(edit.end)
    return {
        "deletedRegion": {
            "startLine": start_line,
            "startColumn": start_column,
            "endLine": end_line,
            "endColumn": end_column,
        },
        "insertedContent": {"text": edit.text.decode("utf-8", "replace")},
    }
