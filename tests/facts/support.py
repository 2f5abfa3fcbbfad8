"""Dockerfiles in short: a Windows and a Linux one around the lines under test."""

from __future__ import annotations

from collections.abc import Mapping

from contrib.build import Build, read
from contrib.dockerfile import parse
from contrib.facts import Fact, FactSheet, extract
from contrib.facts.model import F

STOP = 'SHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\'; $ProgressPreference = \'SilentlyContinue\';"]\n'
SERVERCORE = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n" + STOP
NANOSERVER = "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"
ALPINE = "FROM alpine:3.20\n"
SHA256 = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
SHA1 = SHA256[:40]


def sheet(text: str, copied: Mapping[str, str] | None = None) -> FactSheet:
    """The facts of a file; ``copied`` holds what stands beside it."""
    files = {name: content.encode() for name, content in (copied or {}).items()}
    return extract(parse(text.encode()), copied=files)


def build(text: str) -> Build:
    """The file, walked."""
    return read(parse(text.encode()))


def fact(text: str, name: str, copied: Mapping[str, str] | None = None) -> Fact:
    """The fact of that name; a failure says which there are."""
    facts = sheet(text, copied)
    found = facts.get(name)
    assert found is not None, [f"{f.name}={f.value}" for f in facts.facts]
    return found


def the(text: str, kind: type[F], copied: Mapping[str, str] | None = None) -> F:
    """The first fact of that kind; a failure says which there are."""
    facts = sheet(text, copied)
    found = facts.first(kind)
    assert found is not None, [f"{f.name}={f.value}" for f in facts.facts]
    return found


def value(text: str, name: str, copied: Mapping[str, str] | None = None) -> str | None:
    """The fact's text, None when there is no such fact."""
    found = sheet(text, copied).get(name)
    return None if found is None else found.value
