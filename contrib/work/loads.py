"""Would these binaries start on those bases: reading, inventories, and one answer per program and base."""

from __future__ import annotations

import ntpath
import tarfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from contrib.binaries import images, layers, reading
from contrib.binaries import inventory as inventories
from contrib.binaries.answers import Answer, Base, Report
from contrib.binaries.inventory import Inventory
from contrib.binaries.model import Binary, Manifest
from contrib.binaries.reading import Contents
from contrib.binaries.resolve import Place, resolve
from contrib.binaries.store import Store
from contrib.clients.git import default_cache_dir
from contrib.clients.http import Http
from contrib.clients.registry import Reference, Registry
from contrib.dockerfile.model import Dockerfile
from contrib.facts.placement import ELSEWHERE, Placement, place, placement
from contrib.values.errors import BadInput, OutsideError

#: Shows that a long step runs: description and total to a function that advances it.
Progress = Callable[[str, "int | None"], AbstractContextManager[Callable[[int], None]]]


def store() -> Store:
    """The inventories in the user's cache."""
    return Store(default_cache_dir() / "inventories")


def scratch() -> Path:
    """Where large members are put while they are read."""
    return default_cache_dir() / "scratch"


def inventory_of(
    name: str, kept: Store, http: Http, progress: Progress, *, machine: str = "amd64"
) -> tuple[Inventory, str]:
    """The inventory of a base, and where it comes from: ``file``, ``registry`` or ``cache``.

    :param name: a reference, or the path of an inventory or of a saved image.
    :raises BadInput: there is no such file or image, or it is not one of Windows.
    :raises OutsideError: the registry cannot be asked and the cache has nothing.
    """
    path = Path(name)
    if path.is_file():
        return inventory_file(path, progress), "file"
    if looks_like_path(name):
        raise BadInput("there is no such file", file=name)
    reference = Reference.parse(name)
    known = kept.known(name)
    if http.offline:
        if known is None:
            raise OutsideError(
                "there is no inventory of it in the cache, and --offline was asked for",
                file=name,
                kind="offline",
            )
        return known, "cache"
    registry = Registry(reference, http)
    try:
        image = registry.image(machine=machine)
    except OutsideError:
        if known is not None:
            return known, "cache"
        raise
    found = kept.of_digest(image.digest, name)
    if found is not None:
        kept.name(name, image.digest)
        return found, "cache"
    about = layers.image_facts(registry.config(image), name)
    files = []
    with progress(f"Downloading {name}", image.size) as advance:
        for layer in image.layers:
            files.append(
                (registry.layer(layer, kept.blobs, progress=advance), f"{name}: layer {layer.digest[:19]}")
            )
    with progress(f"Reading {name}", None) as advance:
        contents = images.from_layers(name, files, about, digest=image.digest, progress=advance)
    kept.keep(contents.inventory)
    for file, _ in files:
        file.unlink(missing_ok=True)  # all that is asked of them is in the inventory now
    return contents.inventory, "registry"


def looks_like_path(name: str) -> bool:
    """Whether a person means a file: it has a drive, begins with a dot or a slash, or has a file's ending."""
    return (
        name[:1] in ("/", ".", "~", "\\")
        or name[1:2] == ":"
        or "\\" in name
        or name.lower().endswith((".tar", ".inventory", ".tgz", ".gz"))
    )


def inventory_file(path: Path, progress: Progress) -> Inventory:
    """The inventory in a file, or of the saved image in it.

    :raises BadInput: it is neither.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(6)
            if head == b"\xfd7zXZ\x00":
                return inventories.read(head + stream.read(inventories.MAX_FILE), str(path))
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=str(path)) from error
    with progress(f"Reading {path.name}", None) as advance:
        return images.from_saved(path, str(path), progress=advance).inventory


def read_files(names: Sequence[str], progress: Progress) -> list[Contents]:
    """What is in each file, archive or directory; a saved image gives the programs in it.

    :raises BadInput: one cannot be read.
    """
    found = []
    for name in names:
        path = Path(name)
        if not path.exists():
            raise BadInput("there is no such file or directory", file=name)
        with progress(f"Reading {path.name}", None) as advance:
            if is_saved_image(path):
                image = images.from_saved(path, name, programs=True, progress=advance)
                found.append(Contents(name, image.programs, unread=image.unread, notes=image.notes))
            else:
                found.append(reading.read(path, name, scratch(), progress=advance))
    return found


def is_saved_image(path: Path) -> bool:
    """Whether a file is a tar with the index of a saved image in it."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as stream:
            stream.seek(257)
            if stream.read(5) != b"ustar":
                return False
        with tarfile.open(path, "r:") as archive:
            for info, _ in zip(archive, range(_MOST_BLOBS), strict=False):
                if info.name.removeprefix("./") in ("manifest.json", "index.json", "oci-layout"):
                    return True
    except (OSError, tarfile.TarError, ValueError):
        return False
    return False


#: Entries of a tar that are looked at for the index of a saved image.
_MOST_BLOBS = 2_000


@dataclass(frozen=True, slots=True)
class _Image:
    """What an image adds to its base, as far as it is known."""

    files: dict[str, Binary]
    manifests: dict[str, Manifest]
    local: frozenset[str]
    order: list[str]
    placed: dict[str, str]
    copies: tuple[tuple[str, str, str], ...] = ()  # (target, source, origin) of files of another image


def report(
    contents: Sequence[Contents],
    bases: Sequence[Base],
    *,
    dockerfile: Dockerfile | None = None,
    context: Path | None = None,
    kept: Store | None = None,
    progress: Progress,
) -> Report:
    """One answer per program and base.

    :param dockerfile: takes from it where files are, PATH, the working directory, and what it copies.
    :param context: the directory of its build context.
    :param kept: where inventories of images that it copies from are looked for.
    """
    setup = None
    if dockerfile is not None:
        from contrib.build import read as read_build

        setup = placement(read_build(dockerfile))
        if context is not None:
            contents = [*contents, *_context_files(setup, context, progress)]
    image = _image(contents, setup)
    known = {base.inventory.base: base.inventory for base in bases if base.inventory is not None}
    answers = []
    for base in bases:
        if base.inventory is None and base.error is not None:
            answers.append(Answer(base))
            continue
        where = _place(base.inventory, image, setup, known, kept)
        answers.append(_answer(base, where, image))
    notes = [f"{each.name}: {note}" for each in contents for note in each.notes]
    return Report(tuple(contents), tuple(answers), image.placed, tuple(notes))


def _context_files(setup: Placement, context: Path, progress: Progress) -> list[Contents]:
    found = []
    for copy in setup.copies:
        if copy.origin is not None or "*" in copy.source or "://" in copy.source:
            continue
        parts = [part for part in copy.source.replace("\\", "/").split("/") if part not in ("", ".")]
        path = context.joinpath(*parts) if ".." not in parts else context
        if ".." in parts or not path.exists() or path.is_symlink():
            continue
        try:
            with progress(f"Reading {copy.source}", None) as advance:
                contents = reading.read(path, copy.source, scratch(), progress=advance)
        except BadInput:
            continue  # a configuration, a script: neither a binary nor an archive
        root = copy.target if path.is_dir() else ntpath.dirname(copy.target)
        binaries = tuple(
            replace(each, path=f"{root}\\{each.path}".replace("/", "\\")) for each in contents.binaries
        )
        found.append(replace(contents, binaries=binaries))
    return found


def _image(contents: Sequence[Contents], setup: Placement | None) -> _Image:
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
    return _Image(files, manifests, frozenset(local), list(files), placed, copies)


def _place(
    base: Inventory | None,
    image: _Image,
    setup: Placement | None,
    known: Mapping[str, Inventory],
    kept: Store | None,
) -> Place:
    files = dict(image.files)
    opaque = {}
    for target, source, origin in image.copies:
        inventory = _copied_from(origin, base, known, kept)
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


def _copied_from(
    origin: str, base: Inventory | None, known: Mapping[str, Inventory], kept: Store | None
) -> Inventory | None:
    """The inventory of an image that is copied from: its own, or that of the servercore it is built on.

    An official image's tag names it: ``redis:7.2.4-windowsservercore-ltsc2022``.
    """
    found = known.get(origin) or (kept.known(origin) if kept is not None else None)
    if found is not None:
        return found
    from contrib.dockerfile.platform import Reference as Named

    named = Named.parse(origin)
    if named.kind != "servercore" or not named.release:
        return None
    wanted = f"windows/servercore:{named.release}"
    for name, inventory in known.items():
        if name.endswith(wanted):
            return inventory
    return kept.known(f"mcr.microsoft.com/{wanted}") if kept is not None else None


def _answer(base: Base, where: Place, image: _Image) -> Answer:
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
