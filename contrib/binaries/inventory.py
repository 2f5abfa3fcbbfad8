"""Inventories: what a base image has. Names of libraries and functions only, no content.

The file (version 1) is XZ-compressed UTF-8 text, LF between the lines. Line 1 is a JSON object:

- ``inventory``: 1; ``base``: the reference, ``digest``: of its manifest for the platform; ``os_version``:
  ``10.0.20348.2031``; ``machine``: ``x64`` or ``arm64``; ``path``: the directories of PATH;
- ``apisets``: contract to hosts, as :class:`contrib.binaries.apisets.ApiSets` has them;
- ``assemblies``: side-by-side assemblies, each ``[name, version, architecture, token, directory]``;
- ``libraries``: how many lines follow;
- ``notes``, where there are any: what could not be read of the base, one sentence each.

Each further line is one library: path (``C:\\Windows\\System32\\ntdll.dll``), TAB, a JSON object of the shape of
:meth:`contrib.binaries.model.Binary.as_json` without ``path``. Lines are sorted by path in lower case.

A line is understood when its library is asked for: an answer about one program needs a few dozen of 3,000.
"""

from __future__ import annotations

import json
import lzma
import ntpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from contrib.binaries.apisets import ApiSets
from contrib.binaries.model import Assembly, Binary, binary_from_json
from contrib.values import jsontext
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput

VERSION = 1
#: Bytes of a file, and of what it unpacks to, that are read.
MAX_FILE = 32 * 1024 * 1024
MAX_TEXT = 256 * 1024 * 1024
_MAX_LIBRARIES = 50_000
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 32 * 1024 * 1024}]
_OS_VERSION = re.compile(r"(?:[0-9]{1,6}\.){2,3}[0-9]{1,6}|")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|")
_DEFAULT_PATH = (r"C:\Windows\System32", r"C:\Windows")


@dataclass(frozen=True)
class Inventory:
    """What a base has.

    :param base: the reference that a Dockerfile names. :param digest: of the manifest it was made from; "" for a
        saved image without one.
    :param os_version: the full build. :param machine: what its programs are built for.
    :param path: directories of PATH, in order.
    :param assemblies: assembly to the directory that has its files.
    :param notes: what could not be read of the base, a sentence each.
    """

    base: str
    digest: str = ""
    os_version: str = ""
    machine: str = "x64"
    path: tuple[str, ...] = _DEFAULT_PATH
    apisets: ApiSets = field(default_factory=ApiSets)
    assemblies: Mapping[Assembly, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict, repr=False)  # path in lower case -> path TAB json
    notes: tuple[str, ...] = ()
    _read: dict[str, Binary] = field(default_factory=dict, repr=False, compare=False)

    def at(self, path: str) -> Binary | None:
        """The library at a path, compared as Windows does; its path in the spelling of the base.

        :raises BadInput: its line is damaged.
        """
        key = path.lower()
        line = self.lines.get(key)
        if line is None:
            return None
        if key not in self._read:
            self._read[key] = _library(line, self.base)
        return self._read[key]

    def libraries(self) -> Iterator[Binary]:
        """All, in the order of the file."""
        for key in self.lines:
            found = self.at(key)
            assert found is not None
            yield found

    @property
    def windows(self) -> tuple[int, int]:
        """The version that a program compares itself with: ``(10, 0)``."""
        parts = [int(part) for part in self.os_version.split(".")[:2]] if self.os_version else []
        return (parts[0], parts[1]) if len(parts) == 2 else (10, 0)

    @property
    def wow64(self) -> bool:
        """Whether 32-bit programs can start: the base has a 32-bit ntdll."""
        return r"c:\windows\syswow64\ntdll.dll" in self.lines

    @property
    def label(self) -> str:
        """How reports name it: reference, build, beginning of the digest."""
        build = f" ({self.os_version})" if self.os_version else ""
        digest = f" {self.digest[:19]}" if self.digest else ""
        return f"{self.base}{build}{digest}"


def build(base: str, libraries: Iterable[Binary], **facts: Any) -> Inventory:
    """An inventory of libraries, whose paths are absolute (``C:\\…``)."""
    lines = {}
    for binary in sorted(libraries, key=lambda each: each.path.lower()):
        shape = binary.as_json()
        path = shape.pop("path")
        lines[path.lower()] = f"{path}\t{json.dumps(shape, ensure_ascii=False, separators=(',', ':'))}"
    return Inventory(base, lines=lines, **facts)


def write(inventory: Inventory) -> bytes:
    """The file's bytes; the same for the same inventory."""
    head = {
        "inventory": VERSION,
        "base": inventory.base,
        "digest": inventory.digest,
        "os_version": inventory.os_version,
        "machine": inventory.machine,
        "path": list(inventory.path),
        "apisets": {key: dict(hosts) for key, hosts in sorted(inventory.apisets.hosts.items())},
        "assemblies": sorted(
            [each.name, each.version, each.architecture, each.token, directory]
            for each, directory in inventory.assemblies.items()
        ),
        "libraries": len(inventory.lines),
        **({"notes": list(inventory.notes)} if inventory.notes else {}),
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")) + "\n"
    text += "".join(inventory.lines[key] + "\n" for key in sorted(inventory.lines))
    return lzma.compress(
        text.encode("utf-8", "surrogatepass"), lzma.FORMAT_XZ, lzma.CHECK_CRC32, filters=_FILTERS
    )


@bounded("name")
def read(data: bytes, name: str, *, check: bool = True) -> Inventory:
    """The inventory in a file.

    :param name: how messages call the file.
    :param check: look at every library, as for a file that comes from somebody else.
    :raises BadInput: it is damaged, too large, or of another version; with the line.
    """
    if len(data) > MAX_FILE:
        raise BadInput(f"is larger than {MAX_FILE // 1024**2} MiB, so it is not an inventory", file=name)
    text = _unpacked(data, name)
    try:
        lines = text.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise BadInput("is not UTF-8", file=name, line=line) from None
    if lines[-1:] != [""]:
        raise BadInput("is cut off: its last line has no end", file=name, line=len(lines))
    lines.pop()
    head = _head(lines[0] if lines else "", name)
    if head["libraries"] != len(lines) - 1 or len(lines) - 1 > _MAX_LIBRARIES:
        raise BadInput(
            f"says it has {head['libraries']} libraries and has {len(lines) - 1}", file=name, line=1
        )
    found: dict[str, str] = {}
    for place, entry in enumerate(lines[1:], 2):
        path, tab, _ = entry.partition("\t")
        key = path.lower()
        if not tab or not re.match(r"[a-z]:\\[^/\0]*\Z", key) or key in found:
            raise BadInput("does not begin with the path of a library that is new", file=name, line=place)
        found[key] = entry
        if check:
            try:
                _library(entry, name)
            except BadInput as error:
                raise BadInput(error.message, file=name, line=place) from None
    return Inventory(
        head["base"],
        head["digest"],
        head["os_version"],
        head["machine"],
        tuple(head["path"]),
        ApiSets(head["apisets"]),
        {Assembly(*each[:4]): each[4] for each in head["assemblies"]},
        found,
        tuple(each[:300] for each in head.get("notes", [])[:20]),
    )


def _unpacked(data: bytes, name: str) -> bytes:
    reader = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=128 * 1024 * 1024)
    try:
        text = reader.decompress(data, MAX_TEXT + 1)
    except lzma.LZMAError:
        raise BadInput(
            "is not an inventory (those that contrib writes are XZ-compressed)", file=name
        ) from None
    if len(text) > MAX_TEXT:
        raise BadInput(
            f"unpacks to more than {MAX_TEXT // 1024**2} MiB, so it is not an inventory", file=name
        )
    if not reader.eof or reader.unused_data:
        raise BadInput("is cut off, or has something after its end", file=name)
    return text


def _head(line: str, name: str) -> dict[str, Any]:
    def refuse(why: str) -> BadInput:
        return BadInput(why, file=name, line=1)

    try:
        head = jsontext.read(line, name)
    except BadInput:
        raise refuse("does not begin with the head of an inventory") from None
    if not isinstance(head, dict) or "inventory" not in head:
        raise refuse("does not begin with the head of an inventory")
    if head["inventory"] != VERSION:
        raise refuse(
            f"is an inventory of version {head['inventory']!r:.20}; this contrib reads version {VERSION}"
        )
    for key, good in (
        ("base", lambda value: isinstance(value, str) and 0 < len(value) < 500),
        ("digest", lambda value: isinstance(value, str) and _DIGEST.fullmatch(value)),
        ("os_version", lambda value: isinstance(value, str) and _OS_VERSION.fullmatch(value)),
        ("machine", lambda value: value in ("x64", "arm64", "x86")),
        ("path", _texts),
        ("apisets", lambda value: isinstance(value, dict) and all(map(_hosts, value.values()))),
        (
            "assemblies",
            lambda value: isinstance(value, list) and all(_texts(each) and len(each) == 5 for each in value),
        ),
        ("libraries", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    ):
        if key not in head or not good(head[key]):
            raise refuse(f"{key} is missing or is not what it should be")
    if not _texts(head.get("notes", [])):
        raise refuse("notes is not what it should be")
    unknown = set(head) - {
        "inventory", "base", "digest", "os_version", "machine", "path", "apisets", "assemblies", "libraries", "notes",
    }  # fmt: skip
    if unknown:
        raise refuse(f"has an unknown key {min(unknown)!r:.40}")
    return head


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _hosts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(host, str) for host in value.values())


def _library(line: str, name: str) -> Binary:
    path, _, text = line.partition("\t")
    try:
        shape = jsontext.read(text, name)
        if not isinstance(shape, dict) or "path" in shape:
            raise ValueError("not the facts of a library")
        return binary_from_json({"path": path, **shape})
    except (ValueError, RecursionError, BadInput) as error:
        raise BadInput(f"{ntpath.basename(path)} is damaged: {error}"[:200], file=name) from None


def renamed(inventory: Inventory, base: str) -> Inventory:
    """The same under another reference."""
    return replace(inventory, base=base)
