"""Configurations of base images, read from ``library_templates/bases``.

``microsoft.json`` is written by hand, each fact with its source. The other files are one per official image
with Windows variants, made from its repository by ``python -m contrib.work.base_images``. An image's own
settings lie over those of the Microsoft base that it starts from, as Docker has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from contrib.dockerfile.inherited import SETTINGS, Bases, ImageConfiguration
from contrib.dockerfile.platform import Kind, Reference
from contrib.values import jsontext
from contrib.values.errors import BadInput
from contrib.values.records import replace
from contrib.values.tables import read_file, templates_directory

_LISTS = (
    "shell",
    "volumes",
    "exposed",
    "entrypoint",
    "command",
    "varying",
    "shell_form",
    "unwritable",
    "unknown",
)
_TEXTS = ("user", "workdir", "source", "base", "why")
_KINDS = ("servercore", "nanoserver", "windows")


def bases(directory: Path | None = None) -> Bases:
    """What is known of base images.

    A file is read with the first reference that needs it.

    :param directory: of the files; the package's own when None.
    """
    folder = directory if directory is not None else templates_directory() / "bases"

    @lru_cache(maxsize=256)
    def known(reference: Reference) -> ImageConfiguration | None:
        if reference.kind is None and not reference.windows:
            return None
        if reference.microsoft:
            return _microsoft(folder, reference)
        return _official(folder, reference)

    return known


def _microsoft(folder: Path, reference: Reference) -> ImageConfiguration | None:
    """Of one of Microsoft's bases; None for its other images (``dotnet``, ``powershell`` …)."""
    kind = reference.kind
    repository = reference.repository.lower()
    if kind is None or not (
        repository.startswith(
            ("mcr.microsoft.com/windows", "microsoft/windowsservercore", "microsoft/nanoserver")
        )
        or repository in ("windowsservercore", "nanoserver")
    ):
        return None
    return _of_microsoft(folder, kind, _build(reference))


def _build(reference: Reference) -> int | None:
    from contrib.dockerfile.platform import StageBase

    return StageBase(reference.text, True, None, reference, "windows").build


def _of_microsoft(folder: Path, kind: Kind, build: int | None) -> ImageConfiguration | None:
    """The first table for that kind and build; without a build, what holds for the newest."""
    for table in _tables(folder / "microsoft.json"):
        if kind not in table["kinds"]:
            continue
        at = build if build is not None else 1 << 30
        if table.get("since", 0) <= at <= table.get("until", 1 << 31):
            return _configuration(table, table.get("source", ""))
    return None


def _official(
    folder: Path, reference: Reference, name: str = "", depth: int = 0
) -> ImageConfiguration | None:
    """Of an official image; ``name`` is that of the image below, whose tag has the same Windows variant."""
    name = name or reference.repository.lower()
    if "/" in name or not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
        return None
    path = folder / f"{name}.json"
    if name == "microsoft" or not path.is_file():
        return None
    kind = reference.kind
    for table in _tables(path):
        if kind is not None and kind in table["kinds"] and _of_tag(table, reference.tag or ""):
            own = _configuration(table, table.get("source", ""))
            if "base" in table:
                below = _official(folder, reference, table["base"], depth + 1) if depth < 5 else None
                return None if below is None else _over(own, below, table)
            below = _of_microsoft(folder, kind, _build(reference))
            return own if below is None else _over(own, below, table)
    return None


def _of_tag(table: Mapping[str, Any], tag: str) -> bool:
    """Whether a table is of an image with that tag: one with ``tags`` counts for tags with one of these words."""
    return "tags" not in table or bool(set(table["tags"]) & set(tag.lower().split("-")))


def _over(own: ImageConfiguration, below: ImageConfiguration, table: Mapping[str, Any]) -> ImageConfiguration:
    """``own`` where its table sets something, ``below`` elsewhere."""
    inherited = {
        name: getattr(below, name) for name in SETTINGS if name not in table and name not in own.unknown
    }
    if "entrypoint" in table and "command" not in table and "command" not in own.unknown:
        inherited["command"] = None  # an ENTRYPOINT takes the base's CMD away
    environment = {**below.environment, **own.environment}
    for name in own.varying:
        environment.pop(name, None)
    user = own.user if "user" in table else below.user
    return replace(
        own,
        **inherited,
        environment=MappingProxyType(environment),
        unwritable=below.unwritable if user == below.user else own.unwritable,
        unknown=own.unknown | {name for name in below.unknown if name not in table},
    )


@lru_cache(maxsize=64)
def _tables(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The entries of a file, checked.

    JSON, because reading TOML would take a tenth of the time of a review.

    :raises BadInput: no such file, not JSON (with the line), or a key or a value that does not belong there.
    """
    data = jsontext.read(read_file(path), str(path))
    tables = data.get("images", []) if isinstance(data, dict) else None
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BadInput("is not an object with a list of objects, `images`", file=str(path))
    others = sorted(set(data) - {"about", "images"})
    if others:
        raise BadInput(f"has {', '.join(others)}; only `about` and `images` belong here", file=str(path))
    for number, table in enumerate(tables, start=1):
        for key, value in table.items():
            expected = _expected(key, value)
            if expected:
                raise BadInput(f"images, entry {number}: {key} {expected}", file=str(path))
        if "kinds" not in table:
            raise BadInput(f"images, entry {number}: kinds is missing", file=str(path))
    return tuple(tables)


def _expected(key: str, value: object) -> str:
    """What is wrong with a key's value; "" when nothing is."""
    if key in _LISTS or key in ("kinds", "tags"):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return "is a list of texts"
        allowed = {"kinds": _KINDS, "unknown": SETTINGS, "shell_form": ("entrypoint", "command")}.get(key)
        if allowed is not None and not set(value) <= set(allowed):
            return f"may hold {', '.join(allowed)}"
        return ""
    if key in _TEXTS:
        return "" if isinstance(value, str) else "is a text"
    if key in ("since", "until"):
        return "" if isinstance(value, int) else "is a build number"
    if key == "environment":
        fine = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
        return "" if fine else "is a table of texts"
    return "is not a key of a base image"


def _configuration(table: Mapping[str, Any], source: str) -> ImageConfiguration:
    def words(name: str) -> tuple[str, ...] | None:
        return tuple(table[name]) if name in table else None

    return ImageConfiguration(
        shell=words("shell"),
        environment=MappingProxyType(dict(table.get("environment", {}))),
        varying=words("varying") or (),
        user=table.get("user"),
        workdir=table.get("workdir"),
        volumes=words("volumes") or (),
        exposed=words("exposed") or (),
        entrypoint=words("entrypoint"),
        command=words("command"),
        shell_form=words("shell_form") or (),
        unwritable=words("unwritable") or (),
        unknown=frozenset(words("unknown") or ()),
        source=source,
    )
