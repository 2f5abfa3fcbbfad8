"""What an image has from its base, without a line of its own."""

from __future__ import annotations

import pytest

from contrib.compare import ParityRow, compare
from contrib.dockerfile import parse
from contrib.dockerfile.inherited import ImageConfiguration
from contrib.dockerfile.platform import Reference
from contrib.facts import FactSheet, extract
from contrib.facts.kinds import Command, Entrypoint, Ports, Volumes, Workdir
from tests.facts.support import ALPINE, sheet

APP = ImageConfiguration(
    volumes=("C:\\data",),
    exposed=("80", "53/udp"),
    workdir="C:\\app",
    entrypoint=("app.exe",),
    command=("--config", "c.conf"),
    varying=("APP_HOME",),
)
SHELL = ImageConfiguration(command=("c:\\windows\\system32\\cmd.exe",), unknown=frozenset(("exposed",)))
BASE = "FROM app:1.2-nanoserver-ltsc2022\n"


def known(reference: Reference) -> ImageConfiguration | None:
    return {"app": APP, "shell": SHELL}.get(reference.repository)


def facts(text: str) -> FactSheet:
    return extract(parse(text.encode()), bases=known)


def rows(windows: str, linux: str) -> dict[str, ParityRow]:
    return {row.fact: row for row in compare(facts(windows), facts(linux))}


def test_what_the_base_declares_is_the_images_own() -> None:
    found = facts(BASE)
    ports, volumes, workdir = found.first(Ports), found.first(Volumes), found.first(Workdir)
    assert ports is not None and (ports.value, ports.line) == ("80/tcp, 53/udp (the base's)", 1)
    assert volumes is not None and (volumes.volumes, volumes.inherited) == (("C:\\data",), True)
    assert workdir is not None and (workdir.value, workdir.inherited) == ("C:\\app", True)
    entry, command = found.first(Entrypoint), found.first(Command)
    assert entry is not None and (entry.program, entry.value) == ("app", '["app.exe"] (the base\'s)')
    assert command is not None and command.arguments == ("--config", "c.conf")


def test_the_files_own_come_after_those_of_the_base_and_replace_what_there_is_one_of() -> None:
    found = facts(BASE + 'EXPOSE 443 80\nVOLUME C:\\\\logs\nWORKDIR C:\\\\work\nENTRYPOINT []\nCMD ["x"]\n')
    ports, volumes, workdir = found.first(Ports), found.first(Volumes), found.first(Workdir)
    assert ports is not None and (ports.value, ports.line) == ("80/tcp, 53/udp, 443/tcp", 2)
    assert volumes is not None and volumes.volumes == ("C:\\data", "C:\\logs")
    assert workdir is not None and (workdir.value, workdir.line) == ("C:\\work", 4)
    assert found.first(Entrypoint) is None
    command = found.first(Command)
    assert command is not None and command.program == "x"


def test_a_stage_between_hands_it_on_and_a_copy_does_not() -> None:
    between = facts("FROM app:1.2-nanoserver-ltsc2022 AS a\nFROM a\n").first(Ports)
    assert between is not None and between.line == 1
    copied = facts(
        "FROM app:1-nanoserver AS a\nFROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nCOPY --from=a x y\n"
    )
    assert copied.first(Ports) is None and copied.first(Volumes) is None


def test_the_shell_of_a_base_is_no_command() -> None:
    assert facts("FROM shell:1-nanoserver-ltsc2022\n").first(Command) is None


LINUX = ALPINE + 'ENV APP_HOME /app\nEXPOSE 80 53/udp\nVOLUME /data\nWORKDIR /app\nENTRYPOINT ["app"]\n'


def test_inherited_facts_are_compared() -> None:
    found = rows(BASE, LINUX)
    for fact in ("ports", "volumes", "workdir", "entrypoint"):
        assert found[fact].verdict.value == "same", fact
    assert found["environment:APP_HOME"].verdict.value == "unknown"


@pytest.mark.parametrize(
    ("windows", "fact", "verdict"),
    [
        ("FROM someone/windows-app:1-nanoserver-ltsc2022\n", "volumes", "unknown"),
        ("FROM shell:1-nanoserver-ltsc2022\n", "ports", "unknown"),
        ("FROM shell:1-nanoserver-ltsc2022\n", "volumes", "missing"),
        ("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n", "ports", "missing"),
        ("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n", "workdir", "missing"),
    ],
)
def test_a_base_that_nobody_knows_leaves_it_open(windows: str, fact: str, verdict: str) -> None:
    assert rows(windows, LINUX)[fact].verdict.value == verdict


@pytest.mark.parametrize(
    ("base", "verdict"),
    [
        ("alpine:3.20", "extra"),
        ("registry.example.org/mirror/alpine:3.20", "extra"),
        ("registry.access.redhat.com/ubi9/ubi-minimal", "extra"),
        ("node:22-alpine", "unknown"),
        ("registry.example.org/app:1", "unknown"),
    ],
)
def test_what_the_twins_base_may_set_is_not_called_extra(base: str, verdict: str) -> None:
    windows = "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nENV A=1\nEXPOSE 80\nVOLUME C:\\\\d\nWORKDIR C:\\\\w\n"
    found = {row.fact: row for row in compare(sheet(windows), sheet(f"FROM {base}\n"))}
    for fact in ("environment:A", "ports", "volumes", "workdir"):
        assert found[fact].verdict.value == verdict, fact
