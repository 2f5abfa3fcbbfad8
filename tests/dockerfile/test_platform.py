"""What references say of platform, variant and release."""

from __future__ import annotations

import pytest

from contrib.dockerfile import parse
from contrib.dockerfile.platform import Reference, build_of, release_in, stage_bases


@pytest.mark.parametrize(
    ("text", "kind", "release", "windows"),
    [
        ("mcr.microsoft.com/windows/servercore:ltsc2022", "servercore", "ltsc2022", True),
        ("mcr.microsoft.com/windows/nanoserver:1809", "nanoserver", "1809", True),
        ("mcr.microsoft.com/windows/nanoserver:10.0.20348.2402", "nanoserver", "ltsc2022", True),
        ("microsoft/windowsservercore", "servercore", None, True),
        ("microsoft/nanoserver:sac2016", "nanoserver", "sac2016", True),
        ("windowsservercore", "servercore", None, True),
        ("golang:1.26-windowsservercore-ltsc2022", "servercore", "ltsc2022", True),
        ("docker.io/library/mongo:7.0.1-nanoserver-1809", "nanoserver", "1809", True),
        ("mcr.microsoft.com/windows:20H2", "windows", "20H2", True),
        ("mcr.microsoft.com/powershell:lts-nanoserver-ltsc2022", "nanoserver", "ltsc2022", True),
        ("caddy:2-builder-windowsservercore-1809", "servercore", "1809", True),
        ("golang:1.26", None, None, False),
        ("alpine:3.20", None, None, False),
        ("ubuntu:2004", None, None, False),
        ("localhost:5000/a@sha256:00", None, None, False),
        ("", None, None, False),
    ],
)
def test_references(text: str, kind: str | None, release: str | None, windows: bool) -> None:
    reference = Reference.parse(text)
    assert (reference.kind, reference.release, reference.windows) == (kind, release, windows)


def test_parts_of_a_reference() -> None:
    reference = Reference.parse("localhost:5000/library/a@sha256:00")
    assert (reference.repository, reference.tag, reference.digest) == (
        "localhost:5000/library/a",
        None,
        "sha256:00",
    )


def test_release_names() -> None:
    assert release_in("windowsservercore-ltsc2025") == "ltsc2025"
    assert release_in("nanoserver1803") == "1803"
    assert release_in("7.2") is None
    assert build_of("ltsc2019") == build_of("1809") == 17763
    assert build_of(None) is None


def test_stages_are_read_through_arguments_and_names() -> None:
    parsed = parse(
        b"ARG R=ltsc2022\nARG GIVEN\n"
        b"FROM mcr.microsoft.com/windows/servercore:$R AS Core\nFROM core\n"
        b"FROM --platform=windows/amd64 thing:${GIVEN:-1}\nFROM x:$GIVEN\nFROM alpine\n"
    )
    core, same, thing, given, alpine = stage_bases(parsed)
    assert (core.kind, core.release, core.build, core.platform) == (
        "servercore",
        "ltsc2022",
        20348,
        "windows",
    )
    assert (same.origin, same.root, same.platform) == (0, core.root, "windows")
    assert (thing.text, thing.known, thing.platform) == ("thing:1", True, "windows")
    assert (given.text, given.known) == ("x:$GIVEN", False)
    assert alpine.platform == "linux"
    assert stage_bases(parse(b"FROM microsoft/nanoserver\n"))[0].build == 14393
    assert stage_bases(parse(b"")) == ()
