"""Whether a Dockerfile's programs start on its base: the answer from what is known of the base and the binaries.

Nothing is read here: inventories and the facts of binaries are given.
"""

from __future__ import annotations

import ntpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from contrib.binaries.answers import Answer, Base, newly_imported
from contrib.binaries.apisets import is_api_set
from contrib.binaries.inventory import Inventory
from contrib.binaries.model import Binary, Contents, Manifest
from contrib.binaries.resolve import Place, Trouble, resolve
from contrib.build import Build
from contrib.build import actions as act
from contrib.dockerfile.platform import Reference
from contrib.facts.placement import ELSEWHERE, Placement, place, placement
from contrib.values.budgets import bounded

#: Gives the inventory of an image, None where there is none.
Find = Callable[[str], "Inventory | None"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the text of a Dockerfile.

    :param inventory: gives the inventory of an image by its reference.
    :param contents: gives what is in an archive, by its sha256.
    """

    inventory: Find
    contents: Callable[[str], Contents | None] = lambda digest: None


@dataclass(frozen=True, slots=True)
class Copy:
    """A library that the file copies from another image: whether it is there, and loads on the base.

    :param line: of the COPY. :param there: false when the other image does not have it.
    :param troubles: what is missing for it.
    """

    name: str
    origin: str
    line: int
    there: bool
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Starts:
    """The answer for one Dockerfile.

    :param answer: for the programs of the archives that it downloads, as far as they are known.
    :param copies: for the libraries that it copies from another image whose inventory is known.
    :param line: of the instruction that brings the programs; of FROM where none does.
    """

    answer: Answer
    copies: tuple[Copy, ...]
    line: int

    @property
    def known(self) -> bool:
        """Whether any program was looked at."""
        return bool(self.answer.programs)


@bounded("build.dockerfile.name")
def starts(build: Build, known: Known) -> Starts | None:
    """What is known about a Dockerfile's programs; None where the inventory of its base is not."""
    setup = placement(build)
    base = known.inventory(setup.base) if setup.base else None
    if base is None:
        return None
    archives = _archives(build, known)
    contents = [found for _, found in archives]
    line = archives[-1][0] if archives else 1
    added = image(contents, setup)
    where = place_of(base, added, setup, known.inventory)
    copies = []
    for copy in setup.libraries:
        donor = copied_from(copy.origin or "", known.inventory)
        if donor is None:
            continue
        library = where.files.get(copy.target.lower())
        troubles = resolve(library, where).troubles if library is not None else ()
        name = ntpath.basename(copy.target)
        now = tuple(each for each in troubles if not each.later)
        copies.append(Copy(name, donor.base, copy.line, library is not None, now))
    return Starts(answer(Base(setup.base, base, "cache"), where, added), tuple(copies), line)


def news(before: Build, after: Build, known: Known, copiers: Mapping[str, Build] | None = None) -> list[str]:
    """What a new release imports and the one before did not, a sentence per library; none where one is not known.

    :param before: the Dockerfile with the old release. :param after: with the new one.
    :param copiers: Dockerfiles that copy the programs from this one's image, by path.
    """
    old, new = _archives(before, known), _archives(after, known)
    if not old or not new:
        return []
    setup = placement(after)
    base = known.inventory(setup.base) if setup.base else None
    names = ", ".join(found.name for _, found in new)
    others = {path: placement(build) for path, build in (copiers or {}).items()}
    said = []
    for library, files in newly_imported(
        [binary for _, found in old for binary in found.binaries],
        [binary for _, found in new for binary in found.binaries],
    ).items():
        lacks = ""
        if base is not None and _lacks(base, library):
            lacks = f"; {base.base} does not have it"
        for path, other in others.items():
            there = known.inventory(other.base) if other.base else None
            copied = {ntpath.basename(copy.target).lower() for copy in other.libraries}
            if there is not None and _lacks(there, library) and library not in copied:
                lacks += f"; {there.base} does not have it, and {path} does not copy it"
        said.append(f"{names} newly imports {library} ({', '.join(files[:3])}){lacks}.")
    return said


def _lacks(base: Inventory, library: str) -> bool:
    return base.at(f"C:\\Windows\\System32\\{library}") is None and not is_api_set(library)


def _archives(build: Build, known: Known) -> list[tuple[int, Contents]]:
    """The archives that a file verifies and whose contents are known, with the line."""
    found = []
    for verify in build.of(act.Verify):
        digest = verify.expected.text.lower() if verify.expected is not None and verify.expected.known else ""
        contents = known.contents(digest) if len(digest) == 64 else None
        if contents is not None:
            found.append((verify.line, replace(contents, name=_archive(verify, build) or contents.name)))
    return found


def _archive(verify: act.Verify, build: Build) -> str:
    """The name of the archive in its address, for the file that was verified."""
    for download in build.of(act.Download):
        if download.file and download.file == verify.file:
            return download.url.text.rpartition("/")[2]
    return ""


@dataclass(frozen=True, slots=True)
class Image:
    """What an image adds to its base, as far as it is known."""

    files: dict[str, Binary]
    manifests: dict[str, Manifest]
    local: frozenset[str]
    order: list[str]
    placed: dict[str, str]
    copies: tuple[tuple[str, str, str], ...] = ()  # (target, source, origin) of files of another image


def image(contents: Sequence[Contents], setup: Placement | None) -> Image:
    """What the image adds to its base: the binaries, where they are in the end."""
    files: dict[str, Binary] = {}
    manifests: dict[str, Manifest] = {}
    local: set[str] = set()
    placed: dict[str, str] = {}
    for each in contents:
        members = [binary.path for binary in each.binaries] + list(each.manifests) + list(each.local)
        if all(ntpath.isabs(member) and member[1:2] == ":" for member in members):
            where, how = {member: member for member in members}, "where the image has them"
        elif setup is not None:
            where, how = place(members, ntpath.basename(each.name.replace("/", "\\")), setup)
        else:
            root = "C:" if each.packages else ELSEWHERE
            where = {member: f"{root}\\{member}".replace("/", "\\") for member in members}
            how = "as the package says" if each.packages else ""
        placed[each.name] = how
        for binary in each.binaries:
            path = where.get(binary.path)
            if path is not None:
                files[path.lower()] = replace(binary, path=path)
        manifests |= {where[path].lower(): found for path, found in each.manifests.items() if path in where}
        local |= {where[path].lower() for path in each.local if path in where}
    copies = tuple(
        (copy.target, copy.source, copy.origin)
        for copy in (setup.libraries if setup is not None else ())
        if copy.origin is not None
    )
    return Image(files, manifests, frozenset(local), list(files), placed, copies)


def place_of(
    base: Inventory | None,
    image: Image,
    setup: Placement | None,
    find: Find,
) -> Place:
    """Where the programs run: the base and what the image adds, libraries copied from another image among it."""
    files = dict(image.files)
    opaque = {}
    for target, source, origin in image.copies:
        inventory = copied_from(origin, find)
        library = inventory.at(_drive(source)) if inventory is not None else None
        if library is not None:
            files[target.lower()] = replace(library, path=target)
        else:
            opaque[target.lower()] = target
    return Place(
        base,
        files,
        opaque,
        setup.path if setup is not None else (),
        setup.directory if setup is not None else "C:\\",
        image.manifests,
        image.local,
    )


def _drive(path: str) -> str:
    path = path.replace("/", "\\")
    return path if path[1:2] == ":" else "C:" + ("" if path.startswith("\\") else "\\") + path


def copied_from(origin: str, find: Find) -> Inventory | None:
    """The inventory of an image that is copied from: its own, or that of the servercore it is built on.

    An official image's tag names it: ``redis:7.2.4-windowsservercore-ltsc2022``.
    """
    found = find(origin) if origin else None
    if found is not None:
        return found
    named = Reference.parse(origin)
    if named.kind != "servercore" or not named.release:
        return None
    return find(f"mcr.microsoft.com/windows/servercore:{named.release}")


def answer(base: Base, where: Place, image: Image) -> Answer:
    """One answer per program, and one per library that no program loads."""
    binaries = [image.files[key] for key in image.order]
    programs = [resolve(each, where) for each in binaries if not each.library]
    taken = {path.lower() for each in programs for path in each.modules}
    folders = {ntpath.dirname(each.path).lower() for each in binaries if not each.library}
    libraries = []
    for each in binaries:
        if each.library and each.path.lower() not in taken:
            libraries.append(resolve(each, _with_programs(where, each, folders)))
    return Answer(base, tuple(programs), tuple(libraries))


def _with_programs(where: Place, library: Binary, folders: set[str]) -> Place:
    """For a library that is loaded while a program runs: the program's directory is searched too."""
    folder = ntpath.dirname(library.path).lower()
    above = [each for each in folders if folder.startswith(each) and each != folder]
    return replace(where, path=(*sorted(above, key=len, reverse=True), *where.path)) if above else where
