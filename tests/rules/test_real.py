"""Real repositories: what is accepted today raises no error, and only the warnings that are meant."""

from __future__ import annotations

import importlib
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from contrib.dockerfile import parse
from contrib.rules.review import Reviewed, fix_file, review
from contrib.values.findings import Severity

history: Any = importlib.import_module("benchmarks.review_history")

#: The warnings that the catalogue expects of the files at HEAD, and no other.
EXPECTED: dict[str, set[str]] = {
    "docker-library/golang": set(),
    "docker-library/mongo": set(),
    "docker-library/python": set(),
    "docker-library/docker": {"unverified-download"},
    "nats-io/nats-docker": {
        "missing-progress-preference",
        "no-post-install-check",
        "state-lost-between-runs",
        "variable-in-image-reference",
    },
    "caddyserver/caddy-docker": {"no-post-install-check"},
}


def repository(clones: Path, name: str) -> Path:
    path = clones / name.replace("/", "+") / "repo"
    if not path.exists():
        pytest.skip(f"no clone of {name}")
    return path


@pytest.mark.parametrize("name", EXPECTED)
def test_files_at_head_raise_no_error(clones: Path, name: str) -> None:
    files = list(history.at_head(repository(clones, name)))
    assert files
    for _, path, data in files:
        found = review(parse(data, path), path=path)
        assert [f for f in found if f.severity is Severity.ERROR] == []
        assert {f.rule for f in found if f.severity is Severity.WARNING} <= EXPECTED[name]
        assert not any(f.rule in ("unread-shell", "not-windows") for f in found)


def show(clones: Path, spec: str) -> tuple[bytes, str]:
    repo = repository(clones, "docker-library/redis")
    return subprocess.run(
        ["git", "-C", str(repo), "show", spec], check=True, capture_output=True
    ).stdout, spec.partition(":")[2]


def test_the_first_file_of_pull_request_78(clones: Path) -> None:
    data, path = show(clones, "21a12673:3.2/Windows/Dockerfile")
    found = review(parse(data, path), path=path)
    assert {f.rule for f in found if f.severity is Severity.ERROR} == {
        "retired-base-repository",
        "moving-base-tag",
        "missing-error-preference",
        "unverified-download",
        "cmd-variable-in-powershell",
        "setx-without-machine",
        "keep-alive-loop",
    }
    assert {f.rule for f in found if f.severity is Severity.WARNING} == {
        "directory-name",
        "maintainer-instruction",
        "hard-coded-version",
        "missing-progress-preference",
        "no-post-install-check",
        "tls12-not-set",
        "wget-alias",
        "install-path-with-spaces",
        "shell-form-cmd",
    }
    mended = fix_file(Reviewed(parse(data, path), path))
    assert {f.rule for f in mended.made} == {
        "retired-base-repository",
        "maintainer-instruction",
        "missing-error-preference",
        "hard-coded-version",
        "missing-progress-preference",
        "wget-alias",
    }
    assert b"ENV REDIS_VERSION=3.2.100\n" in mended.data


def test_the_accepted_file_raises_only_what_came_after_it(clones: Path) -> None:
    for variant in ("windowsservercore", "nanoserver"):
        data, path = show(clones, f"66af9ba4~1:3.2/windows/{variant}/Dockerfile")
        errors = {f.rule for f in review(parse(data, path), path=path) if f.severity is Severity.ERROR}
        assert errors == {"retired-base-repository", "moving-base-tag", "unverified-download"}


#: Rule -> the last date at which an accepted file raised it, for the rules that are younger than the files.
LAST_RAISED = {
    "eol-base": "2025-06",
    "moving-base-tag": "2019-06",
    "retired-base-repository": "2020-02",
    "plain-http-download": "2018-02",
    "windows-service": "2020-12",
    "unverified-download": "2024-11",
    "mixed-base-release": "2019-11",
    "malformed-checksum": "2021-10",
    "base-not-allowed": "2021-01",
    "base-without-windows-release": "2020-10",
    "missing-error-preference": "2016-09",
    "setx-without-machine": "2017-11",
    "empty-variable": "2026-08",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_history_raises_only_errors_of_younger_rules(clones: Path, name: str) -> None:
    # Every 20th of the thousands of files: the whole is the work of benchmarks/review_history.py.
    seen: Counter[str] = Counter()
    for number, (date, place, data) in enumerate(history.in_history(repository(clones, name))):
        if number % 20:
            continue
        path = place.partition(":")[2]
        for finding in review(parse(data, place), path=path):
            if finding.severity is Severity.ERROR:
                assert finding.rule in LAST_RAISED, f"{place}: {finding.message}"
                assert date < LAST_RAISED[finding.rule], f"{place}: {finding.message}"
                seen[finding.rule] += 1
    assert seen["eol-base"]


@pytest.mark.parametrize("name", EXPECTED)
def test_rules_and_facts_see_the_same_downloads(clones: Path, name: str) -> None:
    # Two readings of the same bodies, for two purposes: where they part, one of them is wrong.
    from contrib.facts import extract
    from contrib.facts.kinds import Download
    from contrib.rules.context import Context

    for number, (_, place, data) in enumerate(history.in_history(repository(clones, name))):
        if number % 40:
            continue
        file = parse(data, place)
        downloads = [d for d in Context.of(file).downloads if d.file and d.url]
        sheet = extract(file)
        told = {fact.value for fact in sheet.each(Download)}
        assert {d.url for d in downloads} == {url for url in told if "://" in url}, place
        if downloads and all(d.verified for d in downloads):
            assert sheet.get("download-verified") is not None, place
        if downloads and not any(d.check for d in downloads):
            assert sheet.get("download-verified") is None, place
