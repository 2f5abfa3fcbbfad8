"""SARIF: valid against the published schema, and in the shape that GitHub code scanning asks for."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from contrib.cli.rules import rule_texts
from contrib.dockerfile import parse
from contrib.report.sarif import Artifact, render
from contrib.rules import REGISTRY
from contrib.rules.review import review
from contrib.values.findings import Finding, Severity, apply_edits

#: Ships the OASIS schema of SARIF 2.1.0 (rtm 5).
PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
SCHEMA = "package/lib/schemas/sarif-2.1.0-rtm.5.json"


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm, which brings SARIF's published schema, is not here")
    directory = tmp_path_factory.mktemp("schema")
    try:
        subprocess.run(
            [npm, "pack", "--silent", PACKAGE], cwd=directory, check=True, capture_output=True, timeout=60
        )
    except (subprocess.SubprocessError, OSError):
        pytest.skip(f"npm gives no {PACKAGE}")
    archive = next(directory.glob("*.tgz"))
    with tarfile.open(archive) as tar:
        member = tar.extractfile(SCHEMA)
        assert member is not None
        loaded: dict[str, Any] = json.load(member)
    return loaded


def log_of(text: str, name: str = "1.2/windows/Dockerfile", accepted: bool = False) -> dict[str, Any]:
    data = text.encode()
    findings = review(parse(data, name), path=name)
    if accepted:
        findings = tuple(finding.accept("upstream does so") for finding in findings)
    shape: dict[str, Any] = json.loads(
        render(findings, rule_texts(kind="dockerfile"), {name: Artifact(name, data)})
    )
    return shape


EVERYTHING = "\n".join(
    rule.bad.text for rule in REGISTRY.of_kind("dockerfile") if rule.id not in ("escape-directive",)
)


def test_it_is_valid_against_the_published_schema(schema: dict[str, Any]) -> None:
    import jsonschema

    validator = jsonschema.validators.validator_for(schema)(schema)
    for log in (log_of(EVERYTHING), log_of(EVERYTHING, accepted=True), log_of("FROM alpine\n")):
        errors = [
            f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(log)
        ]
        assert errors == []
    broken = log_of(EVERYTHING)
    broken["runs"][0]["results"][0]["level"] = "bad"
    assert list(validator.iter_errors(broken)), "the schema is looked at"


def test_code_scanning_finds_what_it_needs() -> None:
    log = log_of(EVERYTHING)
    assert log["version"] == "2.1.0"
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len(rules) == len({rule["id"] for rule in rules})
    for rule in rules:
        assert rule["shortDescription"]["text"] and rule["fullDescription"]["text"]
        assert rule["help"]["text"] and rule["help"]["markdown"]
        assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert sum("helpUri" in rule for rule in rules) >= 54
    assert len(run["results"]) > 40
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        assert not uri.startswith(("/", "file:")) and "\\" not in uri
        assert place["region"]["startLine"] >= 1
        assert place["region"].get("endLine", 10**9) >= place["region"]["startLine"]
        assert result["partialFingerprints"]["primaryLocationLineHash"]


def test_fingerprints_stay_when_lines_move_and_are_unique() -> None:
    text = "FROM microsoft/nanoserver:1809\nMAINTAINER me\nMAINTAINER me\nENV APP_VERSION 1\n"

    def prints(log: dict[str, Any]) -> list[tuple[str, str]]:
        results = log["runs"][0]["results"]
        return sorted((r["ruleId"], r["partialFingerprints"]["primaryLocationLineHash"]) for r in results)

    before = prints(log_of(text))
    after = prints(log_of("# a comment\n\n" + text))
    assert before == after
    assert len(set(before)) == len(before)


def test_fixes_say_what_the_edits_do() -> None:
    text = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n# ü\nSTOPSIGNAL SIGQUIT\nENV Ä x\nWORKDIR C:\\dätä\\x\n"
    data = text.encode()
    log = log_of(text)
    for finding, result in zip(
        review(parse(data, "d"), path="1.2/windows/Dockerfile"), log["runs"][0]["results"], strict=True
    ):
        if finding.fix is None:
            continue
        lines = text.split("\n")
        pieces = []
        for replacement in result["fixes"][0]["artifactChanges"][0]["replacements"]:
            region = replacement["deletedRegion"]

            def offset(line: int, column: int, lines: list[str] = lines) -> int:
                return sum(len(each) + 1 for each in lines[: line - 1]) + column - 1

            pieces.append(
                (
                    offset(region["startLine"], region["startColumn"]),
                    offset(region["endLine"], region["endColumn"]),
                    replacement["insertedContent"]["text"],
                )
            )
        mended = text
        for start, end, put in sorted(pieces, reverse=True):
            mended = mended[:start] + put + mended[end:]
        assert mended.encode() == apply_edits(data, finding.fix.edits)


def test_accepted_findings_are_suppressed_with_their_reason() -> None:
    log = log_of("FROM microsoft/nanoserver:1809\n", accepted=True)
    for result in log["runs"][0]["results"]:
        assert result["suppressions"] == [
            {"kind": "external", "status": "accepted", "justification": "upstream does so"}
        ]


def test_paths_are_escaped() -> None:
    finding = Finding("eol-base", Severity.ERROR, "a b#c/Dockerfile", 1, "x")
    log = json.loads(
        render([finding], rule_texts(kind="dockerfile"), {finding.file: Artifact("a b#c/Dockerfile", b"x\n")})
    )
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "a%20b%23c/Dockerfile", "uriBaseId": "%SRCROOT%"}


def test_the_file_is_written_as_utf_8(tmp_path: Path) -> None:
    text = render([], rule_texts(kind="dockerfile"), {})
    assert json.loads(text.encode("utf-8").decode("utf-8"))["runs"][0]["results"] == []
