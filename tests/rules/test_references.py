"""What is known of bases, held to the pins that official-images keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from contrib.dockerfile.platform import BUILDS, Reference
from contrib.rules.references import (
    CURRENT_RELEASES,
    PINS,
    RETIRED_RELEASES,
    moving,
    official,
    retired,
    same_release,
)


def test_the_pins_are_those_of_official_images(corpus: Path) -> None:
    pins = corpus / "external-pins" / "mcr.microsoft.com" / "windows"
    there: dict[str, set[str]] = {}
    for file in pins.iterdir():
        name, _, tag = file.name.partition("___")
        there.setdefault(f"mcr.microsoft.com/windows/{name}", set()).add(tag)
    assert there == {name: set(tags) for name, tags in PINS.items()}


def test_every_release_is_current_or_retired() -> None:
    assert {tag for tags in PINS.values() for tag in tags} == set(CURRENT_RELEASES)
    assert set(CURRENT_RELEASES) | RETIRED_RELEASES == set(BUILDS)
    assert not set(CURRENT_RELEASES) & RETIRED_RELEASES
    catalogue = {"sac2016", "ltsc2016", "1709", "1803", "1809", "ltsc2019", "1903", "1909", "2004", "20H2"}
    assert catalogue <= RETIRED_RELEASES


@pytest.mark.parametrize(
    ("text", "is_official", "is_retired", "is_moving"),
    [
        ("golang:1.26", True, False, False),
        ("library/golang", True, False, True),
        ("docker.io/library/golang:latest", True, False, True),
        ("golang@sha256:" + "0" * 64, True, False, False),
        ("caddy/caddy:2", False, False, False),
        ("microsoft/nanoserver", False, True, True),
        ("windowsservercore", False, True, True),
        ("microsoft/dotnet:2", False, True, False),
        ("mcr.microsoft.com/windows/servercore:ltsc2025", False, False, False),
        ("localhost:5000/golang", False, False, True),
    ],
)
def test_references(text: str, is_official: bool, is_retired: bool, is_moving: bool) -> None:
    reference = Reference.parse(text)
    assert (official(reference), retired(reference), moving(reference)) == (
        is_official,
        is_retired,
        is_moving,
    )


def test_two_names_of_one_release() -> None:
    assert same_release("1809", "ltsc2019")
    assert same_release("sac2016", "ltsc2016")
    assert not same_release("ltsc2022", "ltsc2025")
