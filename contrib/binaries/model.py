"""What is known of one Windows binary: the facts of its headers and tables, as values."""

from __future__ import annotations

import ntpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Machine types of the PE header that Windows containers know (winnt.h, IMAGE_FILE_MACHINE_*).
MACHINES = {0x014C: "x86", 0x8664: "x64", 0xAA64: "arm64", 0x01C4: "arm", 0xA641: "arm64ec", 0xA64E: "arm64x"}
#: Subsystems of the optional header (winnt.h, IMAGE_SUBSYSTEM_*).
SUBSYSTEMS = {1: "native", 2: "windows", 3: "console", 9: "windows-ce", 10: "efi", 14: "xbox", 16: "boot"}


@dataclass(frozen=True, slots=True)
class Import:
    """One library that a binary imports from.

    :param library: as written, ``KERNEL32.dll``.
    :param functions: what is imported, in the order of the table: a name, or a number for an import by ordinal.
    """

    library: str
    functions: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Exports:
    """What a library offers.

    :param names: exported names; case counts.
    :param ordinals: the numbers that can be imported, as pairs ``(first, last)``.
    :param forwards: name or number to ``LIBRARY.function`` (``LIBRARY.#7``) in another library.
    """

    names: frozenset[str] = frozenset()
    ordinals: tuple[tuple[int, int], ...] = ()
    forwards: Mapping[str | int, str] = field(default_factory=dict)

    def has(self, function: str | int) -> bool:
        """Whether a function can be imported from here."""
        if isinstance(function, str):
            return function in self.names
        return any(first <= function <= last for first, last in self.ordinals)


@dataclass(frozen=True, slots=True)
class Assembly:
    """A side-by-side assembly that a manifest asks for, or that a base has."""

    name: str
    version: str = ""
    architecture: str = "*"
    token: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


@dataclass(frozen=True, slots=True)
class Manifest:
    """The parts of an application manifest that decide whether a program starts.

    :param level: ``asInvoker``, ``highestAvailable``, ``requireAdministrator`` or "".
    :param assemblies: the side-by-side assemblies that it depends on.
    :param files: the libraries of the assembly that a manifest defines.
    :param error: why it could not be read; "" when it could.
    """

    level: str = ""
    assemblies: tuple[Assembly, ...] = ()
    files: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Binary:
    """One PE file.

    :param path: where it was found, ``/`` between the parts: in an archive, below the archive's root.
    :param machine: ``x86``, ``x64``, ``arm64`` … or the number.
    :param library: whether the header says that it is a DLL.
    :param windows: the oldest Windows that the header admits, ``(major, minor)``.
    :param imports: taken when it is loaded. :param delayed: taken when they are first used.
    :param names: libraries that its text names, which it may look up while it runs, in lower case.
    :param looks_up: whether it imports the functions that load a library by name.
    :param managed: it is a .NET assembly. :param signed: it carries a signature (which is not checked).
    :param version: of the file, ``10.0.20348.1``; "" where there is none.
    :param problems: parts that could not be read.
    """

    path: str
    machine: str = "x64"
    library: bool = False
    subsystem: str = "console"
    windows: tuple[int, int] = (6, 0)
    imports: tuple[Import, ...] = ()
    delayed: tuple[Import, ...] = ()
    exports: Exports = field(default_factory=Exports)
    names: tuple[str, ...] = ()
    looks_up: bool = False
    manifest: Manifest | None = None
    managed: bool = False
    signed: bool = False
    version: str = ""
    size: int = 0
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's name, as written."""
        return ntpath.basename(self.path.replace("/", "\\"))

    @property
    def key(self) -> str:
        """The name as the loader compares it."""
        return self.name.lower()

    def as_json(self) -> dict[str, Any]:
        """The shape that :func:`binary_from_json` reads; keys that hold the usual value are left out."""
        shape: dict[str, Any] = {"path": self.path, "machine": self.machine}
        if self.library:
            shape["library"] = True
        if self.subsystem != "console":
            shape["subsystem"] = self.subsystem
        shape["windows"] = list(self.windows)
        for name, imports in (("imports", self.imports), ("delayed", self.delayed)):
            if imports:
                shape[name] = [[each.library, list(each.functions)] for each in imports]
        if self.exports.names or self.exports.ordinals:
            shape["exports"] = sorted(self.exports.names)
            shape["ordinals"] = [list(pair) for pair in self.exports.ordinals]
        if self.exports.forwards:
            shape["forwards"] = [
                [key, target]
                for key, target in sorted(self.exports.forwards.items(), key=lambda item: str(item[0]))
            ]
        if self.names:
            shape["names"] = list(self.names)
        if self.manifest is not None:
            shape["manifest"] = {
                "level": self.manifest.level,
                "assemblies": [
                    [each.name, each.version, each.architecture, each.token]
                    for each in self.manifest.assemblies
                ],
                "files": list(self.manifest.files),
                "error": self.manifest.error,
            }
        for name, flag in (("looks_up", self.looks_up), ("managed", self.managed), ("signed", self.signed)):
            if flag:
                shape[name] = True
        if self.version:
            shape["version"] = self.version
        if self.size:
            shape["size"] = self.size
        if self.problems:
            shape["problems"] = list(self.problems)
        return shape


@dataclass(frozen=True, slots=True)
class Package:
    """An MSI package: what it wants, and what it sets up.

    :param conditions: launch conditions and the message of each, as written.
    :param services: name and file of each service.
    """

    path: str
    product: str
    version: str
    machine: str
    conditions: tuple[tuple[str, str], ...] = ()
    services: tuple[tuple[str, str], ...] = ()
    files: int = 0


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found under one name.

    :param name: as the person wrote it.
    :param binaries: in the order found; a path that occurs twice is the last one, as when it is unpacked.
    :param manifests: external manifests by their path. :param local: ``.local`` redirections, by path.
    :param unread: files that look like binaries and could not be read: path and reason.
    """

    name: str
    binaries: tuple[Binary, ...] = ()
    manifests: dict[str, Manifest] = field(default_factory=dict)
    local: tuple[str, ...] = ()
    packages: tuple[Package, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def contents_json(contents: Contents) -> dict[str, Any]:
    """The shape that :func:`contents_from_json` reads."""
    return {
        "name": contents.name,
        "binaries": [each.as_json() for each in contents.binaries],
        "manifests": [
            [path, Binary("", manifest=found).as_json()["manifest"]] for path, found in contents.manifests.items()
        ],
        "local": list(contents.local),
        "packages": [
            [
                each.path, each.product, each.version, each.machine, [list(pair) for pair in each.conditions],
                [list(pair) for pair in each.services], each.files,
            ]
            for each in contents.packages
        ],
        "unread": [list(pair) for pair in contents.unread],
        "notes": list(contents.notes),
    }  # fmt: skip


def contents_from_json(shape: Any) -> Contents:
    """The contents that :func:`contents_json` wrote.

    :raises ValueError: a part has another shape.
    """
    try:
        return Contents(
            _text(shape["name"]),
            tuple(map(binary_from_json, shape["binaries"])),
            {_text(path): _manifest(found) for path, found in shape["manifests"]},
            tuple(map(_text, shape["local"])),
            tuple(
                Package(
                    _text(path), _text(product), _text(version), _text(machine),
                    tuple((_text(one), _text(other)) for one, other in conditions),
                    tuple((_text(one), _text(other)) for one, other in services), _number(files),
                )
                for path, product, version, machine, conditions, services, files in shape["packages"]
            ),
            tuple((_text(path), _text(why)) for path, why in shape["unread"]),
            tuple(map(_text, shape["notes"])),
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not the contents of an archive ({type(error).__name__})") from None


def ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Numbers as ranges, sorted.

    >>> ranges([3, 1, 2, 7])
    ((1, 3), (7, 7))
    """
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def binary_from_json(shape: Mapping[str, Any]) -> Binary:
    """The binary that :meth:`Binary.as_json` wrote.

    :raises ValueError: a part has another shape.
    """
    try:
        manifest = shape.get("manifest")
        binary = Binary(
            path=_text(shape["path"]),
            machine=_text(shape["machine"]),
            library=_flag(shape, "library"),
            subsystem=_text(shape.get("subsystem", "console")),
            windows=_pair(shape["windows"]),
            imports=_imports(shape.get("imports", [])),
            delayed=_imports(shape.get("delayed", [])),
            exports=Exports(
                frozenset(map(_text, shape.get("exports", []))),
                tuple(map(_pair, shape.get("ordinals", []))),
                {_function(key): _text(target) for key, target in shape.get("forwards", [])},
            ),
            names=tuple(map(_text, shape.get("names", []))),
            looks_up=_flag(shape, "looks_up"),
            manifest=None if manifest is None else _manifest(manifest),
            managed=_flag(shape, "managed"),
            signed=_flag(shape, "signed"),
            version=_text(shape.get("version", "")),
            size=_number(shape.get("size", 0)),
            problems=tuple(map(_text, shape.get("problems", []))),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not the facts of a binary ({type(error).__name__}: {error})") from None
    unknown = set(shape) - _KEYS
    if unknown:
        raise ValueError(f"unknown key {min(unknown)!r}")
    return binary


_KEYS = frozenset(
    (
        "path", "machine", "library", "subsystem", "windows", "imports", "delayed", "exports", "ordinals",
        "forwards", "names", "looks_up", "manifest", "managed", "signed", "version", "size", "problems",
    )
)  # fmt: skip


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, not {value!r:.40}")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"expected a number, not {value!r:.40}")
    return value


def _flag(shape: Mapping[str, Any], name: str) -> bool:
    value = shape.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false for {name}")
    return value


def _pair(value: Any) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"expected two numbers, not {value!r:.40}")
    return _number(value[0]), _number(value[1])


def _function(value: object) -> str | int:
    return value if isinstance(value, str) else _number(value)


def _imports(value: Any) -> tuple[Import, ...]:
    if not isinstance(value, list):
        raise ValueError("expected a list of imports")
    return tuple(Import(_text(library), tuple(map(_function, functions))) for library, functions in value)


def _manifest(value: Any) -> Manifest:
    return Manifest(
        _text(value["level"]),
        tuple(Assembly(*map(_text, each)) for each in value["assemblies"]),
        tuple(map(_text, value["files"])),
        _text(value["error"]),
    )
