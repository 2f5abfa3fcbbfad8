"""The values of this room: a fact sheet, and what a file leaves open. The kinds of facts are in ``kinds``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, TypeVar

from contrib.facts.kinds import Fact as Fact
from contrib.values.records import dataclass

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Open:
    """Why facts cannot be known from a file: half a sentence for each group of facts, "" where nothing is open.

    :param programs: what the image has by name.
    :param brought: likewise, by what need not be the image's own: a helper's download, a directory.
    :param version: which version it is.
    :param configuration: what settings are in force.
    :param path: what is on PATH.
    :param base: what the base hands on.
    :param varying: settings and variables that the base sets in some of its versions, or to what depends on them.
    :param script: what the build does.
    :param fetches: what is fetched, and whether it is verified.
    :param context: the programs come from the build context, which nobody sees.
    :param environment: what variables are set.
    :param installer: an installer's name; :param arguments: its arguments, letters and digits alone.
    :param brings: archives and installers by what they are called (``yarn``), each with the half sentence.
    :param single: the programs that are copied into the image one by one, where nothing else brings any; None else.
    :param leaves: what the build leaves behind.
    :param given: variables that the file sets to what is given at build time, in capitals.
    """

    programs: str = ""
    brought: str = ""
    version: str = ""
    configuration: str = ""
    path: str = ""
    base: str = ""
    varying: frozenset[str] = frozenset()
    script: str = ""
    fetches: str = ""
    context: str = ""
    environment: str = ""
    installer: str = ""
    arguments: str = ""
    brings: tuple[tuple[str, str], ...] = ()
    single: frozenset[str] | None = None
    leaves: str = ""
    given: frozenset[str] = frozenset()

    def may_set(self, variable: str) -> str:
        """Why it cannot be known whether the build sets a variable."""
        named = re.sub(r"[^a-z0-9]", "", variable.lower())
        if self.installer and named in self.arguments:
            return f"the installer {self.installer} may set it"
        return self.environment

    def handed(self, setting: str) -> str:
        """Why it cannot be known what the base sets there (``exposed``, or the name of a variable)."""
        return self.base or (_VARIES if setting in self.varying else "")


_VARIES = "the base sets it, and to what depends on its version"


@dataclass(frozen=True, slots=True)
class FactSheet:
    """All facts of one file.

    :param source: how the person named the file.
    :param platform: of the last stage.
    :param base: reference of the last stage's base, variables resolved.
    :param version: the version that the image claims, None when it claims none.
    :param notes: places that could not be read (line, sentence).
    :param open: what the file leaves open.
    :param places: directories that the file puts something in, absolute.
    :param about: what the image is about, in a word. :param named: the program that the file starts says it.
    """

    source: str
    platform: Literal["linux", "windows"]
    base: str
    version: str | None
    facts: tuple[Fact, ...]
    notes: tuple[tuple[int, str], ...] = ()
    open: Open = Open()
    places: tuple[str, ...] = ()
    about: str = ""
    named: bool = False

    def get(self, name: str) -> Fact | None:
        """The first fact of that name (``download:gosu``)."""
        return next((fact for fact in self.facts if fact.name == name), None)

    def first(self, kind: type[F]) -> F | None:
        """The first fact of that kind: the image's own, where its helpers have one too."""
        return next(self.each(kind), None)

    def of(self, kind: type[F], about: str) -> F | None:
        """The fact of that kind about one thing (``gosu``), or about the image itself ("")."""
        return next((fact for fact in self.each(kind) if fact.about == about), None)

    def each(self, kind: type[F]) -> Iterator[F]:
        """Every fact of that kind."""
        return (fact for fact in self.facts if isinstance(fact, kind))

    def all(self, name: str) -> tuple[Fact, ...]:
        """Every fact of that name, or told under it (``name:…``)."""
        return tuple(f for f in self.facts if f.name == name or f.name.startswith(name + ":"))
