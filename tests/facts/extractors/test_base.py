from __future__ import annotations

import pytest

from tests.facts.support import fact, sheet, value


@pytest.mark.parametrize(
    ("base", "pinned"),
    [
        ("alpine:3.20", "3.20"),
        ("alpine", None),
        ("alpine:latest", None),
        ("alpine:edge", None),
        ("debian:bookworm-slim", "bookworm-slim"),
        ("alpine@sha256:" + "0" * 64, "digest"),
        ("scratch", "nothing below it"),
        ("mcr.microsoft.com/windows/servercore:ltsc2022", "ltsc2022"),
        ("mcr.microsoft.com/windows/servercore:latest", None),
        ("microsoft/windowsservercore", None),
        ("golang:1.26-windowsservercore-ltsc2025", "ltsc2025"),
    ],
)
def test_pinned(base: str, pinned: str | None) -> None:
    assert value(f"FROM {base}\n", "base") == base
    assert value(f"FROM {base}\n", "base-pinned") == pinned


def test_the_shell_tells_the_platform_of_a_base_that_is_given_at_build_time() -> None:
    assert sheet('ARG BASE\nFROM $BASE\nSHELL ["powershell"]\nRUN x\n').platform == "windows"
    assert sheet('ARG BASE\nFROM $BASE\nSHELL ["/bin/sh", "-c"]\nRUN x\n').platform == "linux"
    assert sheet('FROM alpine:3.20\nSHELL ["pwsh"]\nRUN x\n').platform == "linux"


def test_arguments_and_stages_are_followed_to_the_image() -> None:
    text = "ARG TAG=3.20\nFROM alpine:$TAG AS below\nFROM below\n"
    found = fact(text, "base")
    assert (found.value, found.line) == ("alpine:3.20", 2)
