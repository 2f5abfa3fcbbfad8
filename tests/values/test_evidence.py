"""Evidence records: DESIGN's shape, a strict reader, and what a record proves of a proposed file."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from contrib.values.errors import BadInput
from contrib.values.evidence import (
    CheckResult,
    Proposed,
    context_sha256,
    dockerfile_sha256,
    outcome,
    read_record,
    standing,
)

SERVERCORE = b"FROM mcr.microsoft.com/windows/servercore:ltsc2025\n"
NANOSERVER = b"FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\n"
IMAGE_ID = "sha256:" + "1" * 64


def variant(**changes: Any) -> dict[str, Any]:
    return {
        "variant": "windowsservercore-ltsc2025",
        "kind": "windowsservercore",
        "version": "7.2.4",
        "path": "7.2/windows/windowsservercore-ltsc2025/Dockerfile",
        "dockerfile_sha256": dockerfile_sha256(SERVERCORE),
        "context_sha256": None,
        "copied_from": None,
        "base": {"name": "mcr.microsoft.com/windows/servercore:ltsc2025", "digest": "sha256:" + "a" * 64},
        "image_id": IMAGE_ID,
        "size": 10,
        "layers": 3,
        "steps": [{"instruction": "RUN x", "seconds": 0.5}],
        "checks": [
            {"check": "build", "result": "passed", "seconds": 1.0, "said": "", "why": ""},
            {"check": "version", "result": "passed", "seconds": 0.1, "said": "v=7.2.4", "why": ""},
        ],
        "result": "passed",
    } | changes


def nanoserver(**changes: Any) -> dict[str, Any]:
    return (
        variant(
            variant="nanoserver-ltsc2025",
            kind="nanoserver",
            path="7.2/windows/nanoserver-ltsc2025/Dockerfile",
            dockerfile_sha256=dockerfile_sha256(NANOSERVER),
            copied_from=IMAGE_ID,
            image_id="sha256:" + "2" * 64,
        )
        | changes
    )


def record(*variants: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "image": "redis",
        "when": "2026-11-28T16:05:47Z",
        "tool": "contrib 0.2.0",
        "place": {
            "engine": "27.5",
            "api": "1.47",
            "os": "windows",
            "os_version": "10.0.26100.1",
            "isolation": "process",
            "builder": "classic",
            "runner": "windows-2025",
        },
        "run": "https://github.com/OWNER/REPO/actions/runs/12",
        "variants": list(variants) or [variant()],
    } | changes


def read(plain: dict[str, Any]) -> Any:
    return read_record(json.dumps(plain), "r.json")


PROPOSED = Proposed(
    "windowsservercore-ltsc2025", "7.2/windows/windowsservercore-ltsc2025/Dockerfile", SERVERCORE, {}
)
PROPOSED_NANO = Proposed(
    "nanoserver-ltsc2025",
    "7.2/windows/nanoserver-ltsc2025/Dockerfile",
    NANOSERVER,
    {},
    copies_from=PROPOSED.path,
)


def test_what_is_written_is_read_again() -> None:
    plain = record(variant(os_version="10.0.26100.1"), nanoserver(os_version=None))
    assert read(plain).as_json() == plain
    assert read_record(read(plain).text(), "again") == read(plain)


def test_the_shape_of_the_design_is_read() -> None:
    found = read(record())  # without os_version of the variant
    assert (found.place.runner, found.variants[0].base.name.rpartition("/")[2]) == (
        "windows-2025",
        "servercore:ltsc2025",
    )


def without(key: str) -> Callable[[dict[str, Any]], None]:
    def change(plain: dict[str, Any]) -> None:
        at: Any = plain
        *path, last = key.split(".")
        for part in path:
            at = at[int(part)] if part.isdigit() else at[part]
        del at[last]

    return change


def with_(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(plain: dict[str, Any]) -> None:
        at: Any = plain
        *path, last = key.split(".")
        for part in path:
            at = at[int(part)] if part.isdigit() else at[part]
        at[last] = value

    return change


@pytest.mark.parametrize("key", ["schema", "image", "when", "tool", "place", "run", "variants"])
def test_a_key_that_is_missing_is_named(key: str) -> None:
    plain = record()
    del plain[key]
    with pytest.raises(BadInput, match=rf"{key}\b"):
        read(plain)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (without("place.engine"), "place.engine"),
        (without("variants.0.dockerfile_sha256"), r"variants\[0\].dockerfile_sha256"),
        (without("variants.0.context_sha256"), r"variants\[0\].context_sha256"),
        (without("variants.0.checks.0.why"), r"checks\[0\].why"),
        (with_("schema", 2), "schema 2"),
        (with_("schema", True), "whole number"),
        (with_("when", "yesterday"), "a time such as"),
        (with_("run", "https://example.org/"), "workflow run"),
        (with_("place.os", "plan9"), "windows, linux"),
        (with_("place.os", "linux"), "an engine for linux"),
        (with_("variants.0.kind", "alpine"), "windowsservercore, nanoserver, linux"),
        (with_("variants.0.size", -1), "0 or more"),
        (with_("variants.0.steps.0.seconds", 1e400), "Infinity|0 or more"),
        (with_("variants.0.dockerfile_sha256", "A" * 64), "64 hexadecimal digits"),
        (with_("variants.0.image_id", None), "id of the image"),
        (with_("variants.0.extra", 1), r"no key variants\[0\].extra"),
        (with_("variants.0.checks.1.result", "failed"), "'failed', which is what its checks say"),
        (with_("variants.0.checks.0.result", "not-run"), "reason why it did not run"),
        (with_("variants.0.checks", []), "'not-run', which is what its checks say"),
        (with_("variants.0.checks.1.check", "build"), "each check once"),
        (with_("variants", "x"), "a list"),
        (with_("variants", [1]), "not an object"),
    ],
)
def test_a_record_that_was_edited_is_refused(change: Callable[[dict[str, Any]], None], says: str) -> None:
    plain = copy.deepcopy(record())
    change(plain)
    with pytest.raises(BadInput, match=says) as caught:
        read(plain)
    assert caught.value.file == "r.json"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"{", "not JSON"),
        (b"[]", "not an object"),
        (b"[" * 200_000, "nested more than 100 deep"),
        (b'{"schema": 1, "schema": 1}', "twice"),
        (b'{"schema": NaN}', "NaN"),
        (b" " * (5 << 20), "larger than"),
    ],
)
def test_what_is_no_record_is_refused_in_one_sentence(data: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_record(data, "r.json")


def test_a_variant_is_there_once() -> None:
    with pytest.raises(BadInput, match="twice"):
        read(record(variant(), variant()))


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ({"build": "passed", "a": "passed"}, "passed"),
        ({"build": "passed", "a": "passed", "b": "not-run"}, "passed"),
        ({"build": "passed", "a": "failed", "b": "not-run"}, "failed"),
        ({"build": "failed"}, "failed"),
        ({"build": "not-run"}, "not-run"),
        ({"build": "passed"}, "not-run"),
        ({"build": "passed", "a": "not-run"}, "not-run"),
        ({}, "not-run"),
    ],
)
def test_what_the_checks_amount_to(results: dict[str, Any], expected: str) -> None:
    assert outcome(CheckResult(name, result, why="x") for name, result in results.items()) == expected


def test_the_context_is_the_digest_of_its_files() -> None:
    assert context_sha256({}) is None
    both = context_sha256({"b": b"2", "a": b"1"})
    assert both == context_sha256({"a": b"1", "b": b"2"})
    assert both != context_sha256({"a": b"1"})
    assert both != context_sha256({"a": b"2", "b": b"1"})


def test_a_record_counts_for_the_bytes_that_were_tried() -> None:
    (found,) = standing([read(record())], [PROPOSED])
    assert (found.result, found.why) == ("passed", "")


@pytest.mark.parametrize(
    ("proposed", "why"),
    [
        (Proposed(PROPOSED.variant, PROPOSED.path, SERVERCORE + b"\n", {}), "has changed"),
        (Proposed(PROPOSED.variant, PROPOSED.path, SERVERCORE, {"x": b""}), "that it copies has changed"),
        (Proposed(PROPOSED.variant, "7.4/windows/x/Dockerfile", SERVERCORE, {}), "no evidence record"),
        (Proposed("other", PROPOSED.path, SERVERCORE, {}), "calls it windowsservercore-ltsc2025"),
    ],
)
def test_a_byte_that_changed_takes_the_claim_back(proposed: Proposed, why: str) -> None:
    (found,) = standing([read(record())], [proposed])
    assert found.result == "not-run"
    assert why in found.why


def test_one_failure_counts_whatever_other_hosts_say() -> None:
    checks = [
        {"check": "build", "result": "passed", "seconds": 1.0, "said": "", "why": ""},
        {"check": "default-command/stop", "result": "failed", "seconds": 10.0, "said": "137", "why": ""},
    ]
    bad = record(variant(checks=checks, result="failed"))
    (found,) = standing([read(record()), read(bad)], [PROPOSED])
    assert (found.result, found.why) == ("failed", "default-command/stop: 137")


def test_nanoserver_counts_only_with_the_image_that_it_copies_from() -> None:
    both = read(record(variant(), nanoserver()))
    assert [each.result for each in standing([both], [PROPOSED_NANO, PROPOSED])] == ["passed", "passed"]
    alone = read(record(nanoserver()))
    assert standing([alone], [PROPOSED, PROPOSED_NANO])[1].result == "not-run"
    other = read(record(variant(image_id="sha256:" + "3" * 64), nanoserver()))
    assert "copies from" in standing([other], [PROPOSED, PROPOSED_NANO])[1].why


def test_linux_is_never_evidence_for_windows() -> None:
    linux = record(variant(kind="linux"), place=record()["place"] | {"os": "linux"})
    (found,) = standing([read(linux)], [PROPOSED])
    assert found.result == "not-run"
