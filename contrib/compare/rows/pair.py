"""What a row is made from: a fact on both sides, both sheets, and one small constructor per verdict."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from contrib.build import paths
from contrib.compare import platform
from contrib.compare.model import ParityRow
from contrib.dockerfile.platform import Reference
from contrib.facts.kinds import CopiedImage, Download, Fact, InstallLocation, User
from contrib.facts.model import FactSheet
from contrib.values.findings import Evidence, Verdict
from contrib.values.patterns import lazy
from contrib.values.records import dataclass

if TYPE_CHECKING:
    from contrib.images.model import Image, Port

F = TypeVar("F", bound=Fact)

#: A directory below a user's home.
_HOME = lazy(r"^/(?:home/([^/]+)|root)(/.*)?$")


@dataclass(frozen=True, slots=True)
class Pair(Generic[F]):
    """A fact of one kind and name as both sides have it; at least one side has it."""

    name: str
    linux: F | None
    windows: F | None

    @property
    def about(self) -> str:
        """What the fact is about, where there are several of its kind."""
        return self.name.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Sides:
    """Both fact sheets and what is known of the image."""

    windows: FactSheet
    linux: FactSheet
    image: Image | None

    def windows_path(self, linux: str) -> str:
        """Where a directory of the twin is on Windows: as the image says, else the same below ``C:``."""
        if self.image is not None and linux.startswith("/"):
            mapped = self.image.windows_path(linux)
            if mapped is not None:
                return paths.clean(mapped, "windows")
        home = _HOME.match(linux)
        if home is not None:
            here = self.windows.first(User)
            name = home[1] or (here.user if here is not None and here.user else "ContainerAdministrator")
            return paths.join("C:\\Users", name + (home[2] or ""), "windows")
        return paths.join("C:\\", linux, "windows")

    @property
    def copied_from(self) -> str | None:
        """The image whose programs the Windows file copies instead of fetching them."""
        if self.windows.of(Download, "") is not None:
            return None
        return next((fact.image for fact in self.windows.each(CopiedImage) if not fact.system), None)

    @property
    def port(self) -> Port | None:
        """The port that the programs come from: by the download's address, or copied from the image itself."""
        if self.image is None:
            return None
        fetched = self.windows.of(Download, "")
        if fetched is not None:
            return self.image.port_of(fetched.value)
        origin = self.copied_from
        ours = origin is not None and Reference.parse(origin).repository == self.image.name
        return self.image.port if ours else None

    def own_reason(self, fact: str) -> platform.Reason | None:
        """The image's reason for a difference."""
        if self.image is None:
            return None
        found = self.image.reason_for(fact)
        return platform.Reason(found.why, found.evidence) if found is not None else None

    def both_install(self, linux: str, windows: str) -> bool:
        """Whether two directories are where each side puts programs."""
        here, there = self.windows.first(InstallLocation), self.linux.first(InstallLocation)
        if (
            here is not None
            and there is not None
            and paths.same(there.value, linux, "linux")
            and paths.same(here.value, windows, "windows")
        ):
            return True
        return any(paths.same(each, linux, "linux") for each in self.linux.places) and any(
            paths.same(each, windows, "windows") for each in self.windows.places
        )


#: What gives the rows of one kind of fact.
Compare = Callable[[Sides], Iterable[ParityRow]]


def each(kind: type[F], name: str, one: Callable[[Sides, Pair[F]], ParityRow | None]) -> tuple[str, Compare]:
    """The name, and what compares the facts of that name pair by pair; a pair may have no row."""

    def rows(sides: Sides) -> Iterator[ParityRow]:
        for pair in pairs(sides, kind, name):
            row = one(sides, pair)
            if row is not None:
                yield row

    return name, rows


def pairs(sides: Sides, kind: type[F], name: str) -> list[Pair[F]]:
    """Facts of one name, side by side; the names' case, and ``_`` for ``-``, count for nothing."""
    linux = [f for f in sides.linux.each(kind) if f.name.partition(":")[0] == name]
    windows = [f for f in sides.windows.each(kind) if f.name.partition(":")[0] == name]
    left = {key(fact): fact for fact in reversed(linux)}
    right = {key(fact): fact for fact in reversed(windows)}
    found: dict[str, Pair[F]] = {}
    for fact in (*linux, *windows):
        found.setdefault(key(fact), Pair(fact.name, left.get(key(fact)), right.get(key(fact))))
    # the image's own comes before its helpers'
    return sorted(found.values(), key=lambda pair: ":" in pair.name)


def key(fact: Fact) -> str:
    """What two names of one fact have in common."""
    return fact.name.lower().replace("_", "-")


# -- one constructor per verdict -------------------------------------------------------------------


def same(of: Pair[F], why: str = "") -> ParityRow:
    """Both sides have it alike; ``why`` says so where the texts differ."""
    return ParityRow(of.name, of.linux, of.windows, Verdict.SAME, why)


def different(of: Pair[F], why: str, hint: str = "", evidence: tuple[Evidence, ...] = ()) -> ParityRow:
    """Windows has it otherwise, and nothing forces that."""
    return ParityRow(of.name, of.linux, of.windows, Verdict.DIFFERENT, why, hint, evidence)


def missing(of: Pair[F], why: str, hint: str = "", evidence: tuple[Evidence, ...] = ()) -> ParityRow:
    """Linux has it, and Windows certainly lacks it; where Linux has no value either it is a difference."""
    verdict = Verdict.MISSING if of.linux is not None else Verdict.DIFFERENT
    return ParityRow(of.name, of.linux, of.windows, verdict, why, hint, evidence)


def extra(of: Pair[F], why: str, hint: str = "", evidence: tuple[Evidence, ...] = ()) -> ParityRow:
    """Only Windows has it."""
    return ParityRow(of.name, of.linux, of.windows, Verdict.EXTRA, why, hint, evidence)


def only_here(sides: Sides, of: Pair[F], why: str, setting: str) -> ParityRow:
    """Only Windows sets it, unless the twin's base does; ``setting`` as :meth:`Open.handed` takes it."""
    left_open = sides.linux.open.handed(setting)
    return unknown(of, left_open) if left_open else extra(of, why)


def justified(of: Pair[F], why: str, hint: str = "", evidence: tuple[Evidence, ...] = ()) -> ParityRow:
    """The platform forces the difference; ``why`` is true of this very file."""
    return ParityRow(of.name, of.linux, of.windows, Verdict.JUSTIFIED, why, hint, evidence)


def because(of: Pair[F], reason: platform.Reason, hint: str = "") -> ParityRow:
    """Justified by a reason that is written down."""
    return justified(of, reason.why, hint, reason.evidence)


def unknown(of: Pair[F], why: str) -> ParityRow:
    """The file says nothing about it; ``why`` names what would give the answer."""
    return ParityRow(of.name, of.linux, of.windows, Verdict.UNKNOWN, why)


# -- comparisons that several kinds share ----------------------------------------------------------


def by_text(of: Pair[F]) -> ParityRow:
    """Same, different, missing or extra by the text alone."""
    if of.linux is None:
        return extra(of, "only Windows has it")
    if of.windows is None:
        return missing(of, f"Linux has {of.linux.value}")
    if of.linux.value == of.windows.value:
        return same(of)
    return not_alike(of)


def not_alike(of: Pair[F]) -> ParityRow:
    """Different, with both texts."""
    here = of.windows.value if of.windows is not None else "nothing"
    there = of.linux.value if of.linux is not None else "nothing"
    return different(of, f"{here} here, {there} on Linux")


def by_platform(sides: Sides, of: Pair[F]) -> ParityRow:
    """Justified by the platform (or, better, by the image), unless both say the same."""
    linux, windows = of.linux, of.windows
    alike = of.name == "program-links" or (linux and linux.value) == (windows and windows.value)
    if linux is not None and windows is not None and alike:
        return same(of)
    return because(of, sides.own_reason(of.name) or platform.REASONS[of.name.split(":")[0]])


def decided_elsewhere(sides: Sides, of: Pair[F]) -> ParityRow | None:
    """What was decided in the image that the programs are copied from; None where nothing was."""
    origin = sides.copied_from
    if origin is None or of.windows is not None:
        return None
    why = f"decided in {origin}, which the programs are copied from"
    return justified(of, why, evidence=platform.REASONS["copied-image"].evidence)


def bare_program(name: str) -> str:
    """A program's name as both platforms know it: without path, ``.exe`` and the 3 of ``python3``."""
    found = paths.program(name)
    return platform.PROGRAM_NAMES.get(found, found)


def numbers(version: str) -> tuple[int, ...]:
    """The first four numbers of a version."""
    found = re.search(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found.group(0).split(".")[:4] if len(part) < 10) if found else ()


def doubled(path: str) -> str:
    """A path as a Dockerfile needs it."""
    return path.replace("\\", "\\\\")
