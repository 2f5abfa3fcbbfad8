"""Images that the local engine has, as sources of inventories and of programs: ``docker-daemon:NAME``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from contrib.binaries import images, reading
from contrib.binaries.inventory import Inventory
from contrib.binaries.model import Contents
from contrib.binaries.store import Store
from contrib.values.errors import BadInput, OutsideError

if TYPE_CHECKING:
    from contrib.clients.engine import Engine

#: Begins the name of an image that the local engine has, as other tools for images write it.
PREFIX = "docker-daemon:"
#: Seconds until the engine has given an image.
SECONDS = 1800.0

#: Shows that a long step runs: description and total to a function that advances it.
Progress = Callable[[str, "int | None"], AbstractContextManager[Callable[[int], None]]]


def inventory(name: str, kept: Store, scratch: Path, progress: Progress) -> tuple[Inventory, str]:
    """The inventory of an image, and where it comes from: ``cache`` or ``engine``.

    It is kept under the image's name in its registry where it was pulled from one, so that reviews find it; that of an
    image that was only built here under ``docker-daemon:NAME``.

    :raises BadInput: the engine has no such image, or it is not one of Windows.
    :raises OutsideError: there is no engine, or it does not give the image.
    """
    from contrib.clients.engine import Engine

    with Engine.connect("loads") as engine:
        base, digest = _identity(engine, name)
        known = kept.of_digest(digest, base)
        if known is not None:
            kept.name(base, digest)
            return known, "cache"
        found = replace(_saved(engine, name, base, scratch, progress).inventory, digest=digest)
    kept.keep(found)
    return found, "engine"


def contents(name: str, kept: Store, scratch: Path, progress: Progress) -> Contents:
    """The binaries that an image has beside Windows' own; its inventory is kept too.

    :raises BadInput, OutsideError: as :func:`inventory`.
    """
    from contrib.clients.engine import Engine

    with Engine.connect("loads") as engine:
        base, digest = _identity(engine, name)
        found = _saved(engine, name, base, scratch, progress)
    kept.keep(replace(found.inventory, digest=digest))
    return Contents(name, found.programs, unread=found.unread, notes=found.notes)


def _identity(engine: Engine, name: str) -> tuple[str, str]:
    """What an image's inventory is kept under: a name and a digest."""
    from contrib.clients.engine import Refused

    local = name.removeprefix(PREFIX)
    if not local:
        raise BadInput("names no image", file=name, hint=f"write {PREFIX}NAME:TAG")
    try:
        facts = engine.image(local)
    except Refused as error:
        raise BadInput(f"is refused by the engine: {error.message}", file=name) from error
    if facts is None:
        raise BadInput(
            "is not an image that the local engine has", file=name, hint="docker image ls lists them"
        )
    if facts.os != "windows":
        raise BadInput(f"is an image for {facts.os or 'an unknown system'}, not for Windows", file=name)
    pulled = [each.partition("@") for each in facts.digests]
    published = [digest for repository, _, digest in pulled if repository == _repository(local)]
    return (local, published[0]) if published else (name, facts.id)


def _saved(engine: Engine, name: str, base: str, scratch: Path, progress: Progress) -> images.ImageContents:
    from contrib.clients.engine import Refused

    local = name.removeprefix(PREFIX)
    reading.need_readers()
    with reading.scratch_directory(scratch) as directory:
        path = directory / "image.tar"
        try:
            with progress(f"Saving {local}", None) as advance, path.open("wb") as stream:
                engine.save(local, stream, SECONDS, advance)
        except Refused as error:
            raise OutsideError(
                f"the engine does not save it: {error.message}", file=name, kind="engine"
            ) from error
        with progress(f"Reading {local}", None) as advance:
            return images.from_saved(path, name, base, programs=True, progress=advance)


def _repository(name: str) -> str:
    """``a/b:1`` and ``a/b@sha256:…`` to ``a/b``."""
    name = name.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name
