"""Would these binaries start on those bases: reading, inventories, and one answer per program and base."""

from __future__ import annotations

import hashlib
import ntpath
import shutil
import tarfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from contrib.binaries import images, layers, reading
from contrib.binaries import inventory as inventories
from contrib.binaries.answers import Answer, Base, Report
from contrib.binaries.inventory import Inventory
from contrib.binaries.model import Contents
from contrib.binaries.store import Store
from contrib.clients.cache import default_cache_dir
from contrib.clients.http import Downloaded, Http
from contrib.clients.registry import Reference, Registry
from contrib.dockerfile.model import Dockerfile
from contrib.facts.placement import Placement, placement
from contrib.facts.starts import answer, image, place_of
from contrib.values.errors import BadInput, OutsideError
from contrib.values.evidence import read_record
from contrib.work import local_images
from contrib.work.known import store
from contrib.work.local_images import PREFIX, Progress


def scratch() -> Path:
    """Where large members are put while they are read."""
    return default_cache_dir() / "scratch"


def inventory_of(
    name: str, kept: Store, http: Http, progress: Progress, *, machine: str = "amd64", named: bool = True
) -> tuple[Inventory, str]:
    """The inventory of a base, and where it comes from: ``file``, ``engine``, ``registry`` or ``cache``.

    :param name: a reference, the path of an inventory or of a saved image, or ``docker-daemon:NAME``.
    :param named: a person wrote the name. One that stands in a file is a reference alone, to a public registry.
    :raises BadInput: there is no such file or image, or it is not one of Windows.
    :raises OutsideError: the registry cannot be asked and the cache has nothing.
    """
    path = Path(name)
    if named and path.is_file():
        return inventory_file(path, progress), "file"
    if named and name.startswith(PREFIX):
        return local_images.inventory(name, kept, scratch(), progress)
    if named and looks_like_path(name):
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
    registry = Registry(reference, http, named)
    try:
        image = registry.image(machine=machine)
    except OutsideError as error:
        if known is not None:
            return known, "cache"
        if error.kind == "address":
            error.hint = f"if it is yours: --base {name}"
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


def bases_tried(path: Path) -> tuple[str, ...] | None:
    """The Windows bases of the variants in an evidence record that were tried; None for what is no JSON file.

    :raises BadInput: it is JSON and not a record.
    """
    try:
        with path.open("rb") as stream:
            if stream.read(1) != b"{":
                return None
            data = b"{" + stream.read(_MAX_RECORD)
    except OSError:
        return None
    record = read_record(data, str(path))
    tried = [each for each in record.variants if each.kind != "linux" and each.result != "not-run"]
    return tuple(dict.fromkeys(each.base.name for each in tried))


def looks_like_path(name: str) -> bool:
    """Whether a person means a file: it has a drive, begins with a dot or a slash, or has a file's ending."""
    return (
        name[:1] in ("/", ".", "~", "\\")
        or name[1:2] == ":"
        or "\\" in name
        or name.lower().endswith((".tar", ".inventory", ".tgz", ".gz", ".json"))
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


@dataclass(slots=True)
class Inspecting:
    """Downloads an archive for its digest, and keeps what is known of the binaries in it.

    Takes the place of :class:`contrib.clients.http.Http` where archives are verified. An archive whose contents are
    known already, or that cannot be read, is downloaded for its digest alone; the same where the readers are not
    installed.
    """

    http: Http
    kept: Store

    def digest(self, url: str, *, progress: Callable[[int], None] | None = None) -> Downloaded:
        """As :meth:`contrib.clients.http.Http.digest`."""
        if not reading.readers():
            return self.http.digest(url, progress=progress)
        with reading.scratch_directory(scratch()) as directory:
            path = directory / "archive"
            with path.open("wb+") as stream:
                done = self.http.download(url, stream, progress=progress)
            if self.kept.contents(done.sha256) is None:
                with suppress(BadInput, OutsideError):
                    name = url.rpartition("/")[2]
                    self.kept.keep_contents(done.sha256, reading.read(path, name, scratch()))
            return done


def inspect(content: IO[bytes], name: str, sha256: str) -> None:
    """Keep what is known of the binaries in an archive that was downloaded anyway; one that cannot be read is left."""
    kept = store()
    if (
        not name.lower().endswith(_WINDOWS_ARCHIVES)
        or not reading.readers()
        or kept.contents(sha256) is not None
    ):
        return
    with suppress(BadInput, OutsideError), reading.scratch_directory(scratch()) as directory:
        path = directory / "archive"
        content.seek(0)
        with path.open("wb") as copy:
            shutil.copyfileobj(content, copy, 1 << 20)
        kept.keep_contents(sha256, reading.read(path, name, scratch()))


def read_files(names: Sequence[str], progress: Progress, kept: Store | None = None) -> list[Contents]:
    """What is in each file, archive or directory; a saved image gives the programs in it.

    :param kept: keeps what is in files, by their digest.

    :raises BadInput: one cannot be read.
    """
    found = []
    for name in names:
        path = Path(name)
        if name.startswith(PREFIX):
            found.append(local_images.contents(name, kept or store(), scratch(), progress))
            continue
        if not path.exists():
            raise BadInput("there is no such file or directory", file=name)
        with progress(f"Reading {path.name}", None) as advance:
            if is_saved_image(path):
                image = images.from_saved(path, name, programs=True, progress=advance)
                found.append(Contents(name, image.programs, unread=image.unread, notes=image.notes))
            else:
                contents = reading.read(path, name, scratch(), progress=advance)
                if (
                    path.is_file()
                    and [each for each, _ in contents.unread] == [path.name]
                    and not contents.binaries
                ):
                    # It is what was named, not something in an archive.
                    raise BadInput(f"is not a whole Windows binary: {contents.unread[0][1]}", file=name)
                found.append(contents)
                if kept is not None and path.is_file():
                    kept.keep_contents(_sha256(path), contents)
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        digest = hashlib.sha256()
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
        return digest.hexdigest()


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


#: Bytes of an evidence record that are read.
_MAX_RECORD = 16 << 20
#: Entries of a tar that are looked at for the index of a saved image.
_MOST_BLOBS = 2_000
#: What ports publish for Windows; the source of the Linux image is not looked into.
_WINDOWS_ARCHIVES = (".zip", ".7z", ".msi", ".exe", ".nupkg")


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
    added = image(contents, setup)
    given = {base.inventory.base: base.inventory for base in bases if base.inventory is not None}

    def find(name: str) -> Inventory | None:
        return given.get(name) or (kept.known(name) if kept is not None else None)

    answers = []
    for base in bases:
        if base.inventory is None and base.error is not None:
            answers.append(Answer(base))
            continue
        where = place_of(base.inventory, added, setup, find)
        answers.append(answer(base, where, added))
    notes = [f"{each.name}: {note}" for each in contents for note in each.notes]
    notes += [f"{name}: {note}" for name, inventory in given.items() for note in inventory.notes]
    return Report(tuple(contents), tuple(answers), added.placed, tuple(notes))


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
