"""Packaging facts (PARITY): what a Dockerfile decides that a user or a maintainer can notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact.

    :param name: of PARITY's catalogue (``download-verified``), or ``configuration:protected-mode`` for a
        fact that is told by setting, ``installed-tools:redis-cli`` by name.
    :param value: short text for a table cell (``sha256``, ``alpine:3.20``, ``6379/tcp``).
    :param line: first line that decides it; None when it is known from the absence of a line.
    :param detail: what comparison needs beyond the text (URL, algorithm, order …), plain data.
    """

    name: str
    value: str
    line: int | None = None
    end_line: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Open:
    """Why facts cannot be known from a file: half a sentence for each group of facts, "" where nothing is open.

    :param programs: what the image has by name.
    :param version: which version it is.
    :param configuration: what settings are in force.
    :param path: what is on PATH.
    :param base: what the base hands on.
    :param script: what the build does.
    :param fetches: what is fetched, and whether it is verified.
    :param context: the programs come from the build context, which nobody sees.
    """

    programs: str = ""
    version: str = ""
    configuration: str = ""
    path: str = ""
    base: str = ""
    script: str = ""
    fetches: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class FactSheet:
    """All facts of one file.

    :param source: how the person named the file.
    :param platform: of the last stage.
    :param base: reference of the last stage's base, variables resolved.
    :param version: the version that the image claims, None when it claims none.
    :param notes: places that could not be read (line, sentence).
    :param open: what the file leaves open.
    """

    source: str
    platform: Literal["linux", "windows"]
    base: str
    version: str | None
    facts: tuple[Fact, ...]
    notes: tuple[tuple[int, str], ...] = ()
    open: Open = Open()

    def get(self, name: str) -> Fact | None:
        """The first fact of that name."""
        return next((fact for fact in self.facts if fact.name == name), None)

    def all(self, name: str) -> tuple[Fact, ...]:
        """Every fact of that name, or told under it (``name:…``)."""
        return tuple(f for f in self.facts if f.name == name or f.name.startswith(name + ":"))
