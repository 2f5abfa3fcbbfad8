"""The kinds of version sources, one module per kind, named by ``kind`` in ``sources.toml``.

A module has ``Options`` (a frozen dataclass, the kind's keys), ``options(table)``, which reads them, and one of

- ``parse(pages, source, origin, …)``: bytes to a :class:`~contrib.releases.model.Catalogue`, with
  ``address(options, words)`` for where they are;
- ``digest(page, source, origin, name)``: bytes to a digest, for kinds that only know the digest of a file;
- nothing more (``external-pins``), where somebody else asks.

To add a kind, add a module; nothing else lists them.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from contrib.values.errors import BadInput
from contrib.values.patterns import given
from contrib.values.tables import Table
from contrib.values.versions import BEFORE_RELEASE

#: Words with which projects mark a release that must not be used, in its title.
WITHDRAWN = r"(?i)\bwithdrawn\b|\bdo not use\b|\bdon't use\b|\byanked\b|\bretracted\b|\brevoked\b|\brecalled\b|(?:^|[-(\[:])\s*broken\b"


@dataclass(frozen=True, slots=True)
class Ignored:
    """A version that is never taken, and why."""

    version: str
    why: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is not taken of a source, as data.

    :param ignore: versions that are never taken.
    :param minimum_age: days that a release must have been out.
    :param withdrawn: a regular expression over a release's title.
    :param before: the stages that a series ``X-rc`` takes (:func:`contrib.values.versions.belongs`).
    :param numbers: how many numbers a plain release has; one more is a rebuild. None: any number.
    """

    ignore: tuple[Ignored, ...] = ()
    minimum_age: int = 0
    withdrawn: re.Pattern[str] = field(default_factory=lambda: re.compile(WITHDRAWN))
    before: str = BEFORE_RELEASE
    numbers: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One source of ``sources.toml``.

    :param options: the kind's own keys, its module's ``Options``.
    """

    name: str
    kind: str
    options: Any
    policy: Policy = field(default_factory=Policy)

    @property
    def module(self) -> ModuleType:
        """The kind's module."""
        return module_of(self.kind)


def kinds() -> tuple[str, ...]:
    """The kinds that there are."""
    return tuple(sorted(info.name.replace("_", "-") for info in pkgutil.iter_modules(__path__)))


def module_of(kind: str) -> ModuleType:
    """The module of a kind."""
    return importlib.import_module(f"{__name__}.{kind.replace('-', '_')}")


def read_source(table: Table, name: str) -> Source:
    """One table of ``sources.toml``.

    :raises BadInput: file, key and what is expected.
    """
    kind = table.choice("kind", kinds())
    policy = _policy(table)
    options = module_of(kind).options(table)
    table.done()
    return Source(name, kind, options, policy)


def _policy(table: Table) -> Policy:
    ignored = []
    for each in table.tables("ignore", required=False):
        ignored.append(
            Ignored(
                each.text("version", "a version"),
                each.text("reason", "why it is not taken"),
                each.text("link", "an address", default=""),
            )
        )
        each.done()
    age = table.value("minimum_age")
    if age is not None and (not isinstance(age, int) or isinstance(age, bool) or age < 0):
        raise table.wrong("minimum_age", "a number of days")
    numbers = table.value("numbers")
    if numbers is not None and (not isinstance(numbers, int) or isinstance(numbers, bool) or numbers < 1):
        raise table.wrong("numbers", "how many numbers a release has")
    return Policy(
        tuple(ignored),
        age or 0,
        regex(table, "withdrawn", WITHDRAWN),
        regex(table, "before", BEFORE_RELEASE).pattern,
        numbers,
    )


def regex(table: Table, name: str, default: str | None = None) -> re.Pattern[str]:
    """A regular expression of a table."""
    text = table.text(name, "a regular expression", default=default)
    try:
        return given(text, re.MULTILINE)
    except re.error as error:
        raise table.wrong(name, f"a regular expression ({error})") from error


def address_of(table: Table, name: str = "url", default: str | None = None) -> str:
    """An https address of a table, with ``{words}``."""
    return table.text(
        name, "an https address", default=default, pattern=re.compile(r"(?:https://|\{url\})\S*")
    )


def filled(text: str, words: Mapping[str, str]) -> str:
    """A text with its ``{words}`` filled in.

    :raises BadInput: it has a word that is not there.
    """

    def word(found: re.Match[str]) -> str:
        if found[1] not in words:
            there = ", ".join("{" + one + "}" for one in sorted(words)) or "none"
            raise BadInput(f"{text!r} has the word {{{found[1]}}}, which is not there; there are: {there}")
        return words[found[1]]

    return re.sub(r"\{([a-z_][a-z0-9_.-]*)\}", word, text)


def decoded(data: bytes, origin: str) -> str:
    """A document as text.

    :raises BadInput: it is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("is not UTF-8 text", file=origin) from error
