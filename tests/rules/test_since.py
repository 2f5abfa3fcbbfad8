"""A change is judged as of its own date."""

from __future__ import annotations

import pytest

from contrib.dockerfile import parse
from contrib.dockerfile.platform import BUILDS
from contrib.rules import since
from contrib.rules.references import CURRENT_RELEASES
from contrib.rules.registry import REGISTRY
from contrib.rules.review import Reviewed, review_all

SHELL = """SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]\n"""
DOWNLOAD = "RUN Invoke-WebRequest https://example.org/a-1.2.zip -OutFile a.zip\n"


def rules(
    text: str, date: str | None, path: str = "1.2/windows/windowsservercore-ltsc2016/Dockerfile"
) -> set[str]:
    (found,) = review_all([Reviewed(parse(text.encode(), path), path, date=date)])
    return {finding.rule for finding in found}


@pytest.mark.parametrize(
    ("release", "date", "retired"),
    [
        ("ltsc2016", "2022-01-11", False),
        ("ltsc2016", "2022-01-12", True),
        ("1809", "2024-06-01", False),
        ("1809", "2025-06-01", True),
        ("1709", "2019-01-01", False),
        ("ltsc2025", None, False),
        ("1809", None, True),
    ],
)
def test_a_release_is_retired_from_its_day_on(release: str, date: str | None, retired: bool) -> None:
    text = f"FROM mcr.microsoft.com/windows/servercore:{release}\n{SHELL}{DOWNLOAD}"
    assert ("eol-base" in rules(text, date)) is retired


def test_an_old_base_that_was_current_needs_tls() -> None:
    text = f"FROM mcr.microsoft.com/windows/servercore:ltsc2016\n{SHELL}{DOWNLOAD}"
    assert "tls12-not-set" in rules(text, "2020-04-20")
    assert "tls12-not-set" not in rules(text, "2017-01-01")
    assert "tls12-not-set" not in rules(text, None)  # the newer base needs no such line


def test_what_had_no_other_name_then() -> None:
    text = f"FROM microsoft/windowsservercore\n{SHELL}"
    path = "1.2/windows/windowsservercore/Dockerfile"
    later = {"retired-base-repository", "moving-base-tag", "directory-name"}
    assert not later & rules(text, "2017-03-01", path)
    assert later <= rules(text, "2026-01-01", path)
    assert later <= rules(text, None, path)


def test_the_table_knows_the_rules_and_the_releases() -> None:
    assert set(since.RULES) <= {rule.id for rule in REGISTRY.of_kind("dockerfile")}
    assert set(since.RELEASES) == set(BUILDS) - set(CURRENT_RELEASES)


def test_a_stage_beside_the_last_one_may_ask_for_the_version() -> None:
    text = (
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS runtime\n"
        + SHELL
        + DOWNLOAD
        + 'FROM {} AS verifier\nRUN a.exe --version\nFROM runtime\nCMD ["a.exe"]\n'
    )
    assert "no-post-install-check" not in rules(text.format("runtime"), None)
    other = text.format("mcr.microsoft.com/windows/servercore:ltsc2022")
    assert "no-post-install-check" in rules(other, None)


@pytest.mark.parametrize(
    ("condition", "looked_at"),
    [
        ("-Not (Test-Path C:\\app\\app.exe)", True),
        ("-Not (Get-Command app -ErrorAction SilentlyContinue)", True),
        ("!(gcm app -EA 0)", True),
        ("$env:VERBOSE", False),
    ],
)
def test_an_installer_s_result_may_be_a_program_that_is_there(condition: str, looked_at: bool) -> None:
    text = (
        f"FROM mcr.microsoft.com/windows/servercore:ltsc2022\n{SHELL}"
        "RUN Start-Process msiexec -Wait -ArgumentList '/i', 'app.msi', '/qn'; \\\n"
        f"\tif ({condition}) {{ exit 1 }}\n"
    )
    assert ("installer-result-unchecked" not in rules(text, None)) is looked_at
    assert "installer-result-unchecked" not in rules(text, "2018-04-10")
