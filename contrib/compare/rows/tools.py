"""``installed-tools``: what the image promises by name, one row per program."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.compare.model import ParityRow
from contrib.compare.rows.pair import Pair, Sides, bare_program, missing, numbers, same, unknown
from contrib.dockerfile.platform import Reference
from contrib.facts.kinds import CopiedImage, Download, Entrypoint, InstalledTool, InstallLocation
from contrib.facts.subject import related

_FILES = (".exe", ".dll", ".conf")


def installed_tools(sides: Sides) -> Iterator[ParityRow]:
    """Every program that the twin has or the image's data promises."""
    linux = {bare_program(fact.value): fact for fact in sides.linux.each(InstalledTool)}
    windows = {bare_program(fact.value): fact for fact in sides.windows.each(InstalledTool)}
    there = sides.linux.first(InstallLocation)
    for name, shown in _promised(sides, linux).items():
        full = f"installed-tools:{shown}"
        left, right = linux.get(name), windows.get(name)
        if left is None:
            # the image's data promises it, and the twin installs all of them together
            left = InstalledTool(full, shown, *((there.line, there.end_line) if there is not None else ()))
        pair = Pair(full, left, right)
        if right is not None:
            yield same(pair)
        elif name not in ("sh", "bash"):
            row = _not_named(sides, pair, name, shown)
            if row is not None:
                yield row


def _promised(sides: Sides, linux: dict[str, InstalledTool]) -> dict[str, str]:
    """Names as they are compared, and as they are shown."""
    promised: dict[str, str] = {}
    version = numbers(sides.linux.version or "")
    for tool in sides.image.tools if sides.image is not None else ():
        if tool.since is None or not version or version >= numbers(tool.since):
            promised[bare_program(tool.name)] = tool.name
    for name, fact in linux.items():
        promised.setdefault(name, fact.value)
    return promised


def _not_named(sides: Sides, pair: Pair[InstalledTool], name: str, shown: str) -> ParityRow | None:
    """A program that the Windows file does not name."""
    place = sides.windows.first(InstallLocation)
    copied = _copied_one_by_one(sides)
    if copied is not None and name not in copied:
        return missing(pair, f"{shown} is not among what is copied from {sides.copied_from}")
    if place is not None and name in {bare_program(each) for each in place.removed}:
        return missing(pair, f"{shown} is removed in the build")
    single = sides.windows.open.single
    if single is not None and not any(bare_program(each) == name for each in single):
        return missing(pair, f"{shown} is not among the files that are copied")
    left_open = sides.windows.open.programs or sides.windows.open.brought
    by_name = next((why for product, why in sides.windows.open.brings if related(product, name)), "")
    left_open = by_name or left_open
    if not left_open and not _listed(sides):
        return missing(pair, f"nothing in the file brings {shown}")
    entrypoint = sides.windows.first(Entrypoint)
    if pair.linux is not None and pair.linux.context and entrypoint is not None and entrypoint.script:
        return None  # a script on both sides: the row of the entrypoint says it
    if place is None or not _listed(sides):
        return unknown(pair, left_open or f"nothing here says whether {shown} is there")
    right = InstalledTool(pair.name, shown, place.line, place.end_line)
    return same(Pair(pair.name, pair.linux, right), f"with all that is put in {place.value}")


def _copied_one_by_one(sides: Sides) -> set[str] | None:
    """Programs that are copied one by one; None where a whole directory is copied, or nothing."""
    if sides.copied_from is None:
        return None
    sources = [s for fact in sides.windows.each(CopiedImage) if not fact.system for s in fact.sources]
    if not sources or not all(source.lower().endswith(_FILES) for source in sources):
        return None
    return {bare_program(source) for source in sources}


def _listed(sides: Sides) -> bool:
    """Whether what is installed is known by name: the image's own archive, or a copy of the image itself."""
    if sides.image is None:
        return False
    if sides.copied_from is not None:
        return Reference.parse(sides.copied_from).repository == sides.image.name
    fetched = sides.windows.of(Download, "")
    return fetched is not None and sides.image.port_of(fetched.value) is not None
