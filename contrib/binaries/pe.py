"""One PE file to its facts.

``pefile`` reads the headers and maps addresses to the file. The long tables are walked here, because pefile
stops at 8,192 exports, drops names of more than 512 characters (mangled C++ names are longer) and makes an
object per function: measured over 200 libraries, its own walk takes five times as long. The tests compare the two.

Every loop is bounded by the file's size or by a limit below, whatever the file says.
"""

from __future__ import annotations

import itertools
import mmap
import re
import struct
from collections.abc import Iterator
from typing import Any

from contrib.binaries.manifest import read_manifest
from contrib.binaries.model import MACHINES, SUBSYSTEMS, Binary, Exports, Import, Manifest, ranges

#: Functions that a file may import or export, all libraries together; the largest real library has 30,000.
MAX_FUNCTIONS = 200_000
#: Libraries that a file may import from.
MAX_LIBRARIES = 4_000
#: Bytes of one name. MSVC shortens mangled names at 4,096.
MAX_NAME = 4_096
#: Libraries named in the text of a file that are kept.
MAX_NAMES = 400
#: Places where a library is named that are looked at.
MAX_MENTIONS = 50_000
#: Bytes of a manifest that is read.
MAX_MANIFEST = 256 * 1024

_EXPORT, _IMPORT, _RESOURCE, _SECURITY, _LOAD_CONFIG, _DELAY, _CLR = 0, 1, 2, 4, 10, 13, 14
_RT_VERSION, _RT_MANIFEST = 16, 24
# A name is looked for from its end: a pattern that begins with the name costs sixty times the file's length.
_ENDING = re.compile(rb"\.(?:[dD][lL][lL]|[dD][rR][vV]|[oO][cC][xX])(?![A-Za-z0-9_.+-])")
_WIDE_ENDING = re.compile(
    rb"\.\0(?:[dD]\0[lL]\0[lL]|[dD]\0[rR]\0[vV]|[oO]\0[cC]\0[xX])\0(?![A-Za-z0-9_.+-]\0)"
)
_STEM = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9_+.-]{0,60}\Z")
_LONGEST_STEM = 61
#: Functions that load a library by a name that is known only while the program runs.
_LOADERS = frozenset(
    f"{name}{suffix}"
    for name in ("LoadLibrary", "LoadLibraryEx", "GetModuleHandle", "GetModuleHandleEx")
    for suffix in ("A", "W")
) | {"LdrLoadDll", "LoadPackagedLibrary"}


class NotBinary(Exception):
    """The file is not a PE file, or its headers cannot be read; the message says which, as a clause."""


def read(data: bytes | mmap.mmap, path: str, *, text: bool = True) -> Binary:
    """The facts of one file.

    :param data: the whole file; a map is read in place.
    :param path: kept as :attr:`Binary.path`.
    :param text: look for :attr:`Binary.names` too.
    :raises NotBinary: see there.
    """
    if data[:2] != b"MZ":
        raise NotBinary("is not a Windows binary (it does not begin with MZ)")
    return _Reader(data, path).binary(text)


class _Reader:
    def __init__(self, data: bytes | mmap.mmap, path: str) -> None:
        import pefile

        self.data = data
        self.path = path
        self.problems: list[str] = []
        self.left = MAX_FUNCTIONS
        try:
            # Given a map as `data`, pefile reads it in place.
            self.pe: Any = pefile.PE(data=data, fast_load=True)
        except pefile.PEFormatError as error:
            raise NotBinary(f"its headers cannot be read ({_short(error)})") from None
        except (ValueError, TypeError, AttributeError, IndexError, struct.error, OverflowError) as error:
            raise NotBinary(f"its headers cannot be read ({type(error).__name__})") from None
        optional = self.pe.OPTIONAL_HEADER
        self.wide = optional.Magic == 0x20B
        if optional.Magic not in (0x10B, 0x20B):
            raise NotBinary("its optional header has an unknown form")
        self.base = int(optional.ImageBase)
        self.sections = self._sections()

    def _sections(self) -> list[tuple[int, int, int]]:
        """``(first address, end, offset in the file)`` of each section, and of the headers."""
        found = []
        for section in self.pe.sections:
            start = int(section.get_VirtualAddress_adj() or 0)
            offset = int(section.get_PointerToRawData_adj() or 0)
            size = min(int(section.SizeOfRawData), max(0, len(self.data) - offset))
            if size > 0:
                found.append((start, start + size, offset))
        headers = min(int(self.pe.OPTIONAL_HEADER.SizeOfHeaders), len(self.data))
        found.append((0, headers, 0))
        return found

    def binary(self, text: bool) -> Binary:
        header, optional = self.pe.FILE_HEADER, self.pe.OPTIONAL_HEADER
        imports = tuple(self._guarded("imports", self._imports))
        delayed = tuple(self._guarded("delay imports", self._delayed))
        exports = self._guarded_exports()
        version, manifest = self._resources()
        library = bool(header.Characteristics & 0x2000)
        machine = MACHINES.get(header.Machine, f"0x{header.Machine:04X}")
        functions = {name for each in imports for name in each.functions if isinstance(name, str)}
        taken = {each.library.lower() for each in (*imports, *delayed)}
        return Binary(
            path=self.path,
            machine=self._hybrid(machine),
            library=library,
            subsystem=SUBSYSTEMS.get(optional.Subsystem, str(optional.Subsystem)),
            windows=(int(optional.MajorSubsystemVersion), int(optional.MinorSubsystemVersion)),
            imports=imports,
            delayed=delayed,
            exports=exports,
            names=self._names(taken) if text else (),
            looks_up=not functions.isdisjoint(_LOADERS),
            manifest=manifest,
            managed=self._directory(_CLR)[0] != 0,
            signed=self._directory(_SECURITY)[1] != 0,
            version=version,
            size=len(self.data),
            problems=tuple(self.problems),
        )

    # -- places -------------------------------------------------------------------------------------------

    def _directory(self, index: int) -> tuple[int, int]:
        directories = self.pe.OPTIONAL_HEADER.DATA_DIRECTORY
        if index >= len(directories):
            return 0, 0
        return int(directories[index].VirtualAddress), int(directories[index].Size)

    def _offset(self, rva: int) -> tuple[int, int]:
        """``(offset, bytes from there to the end of its section)``; ``(0, 0)`` when the file does not hold it."""
        for start, end, offset in self.sections:
            if start <= rva < end:
                return offset + rva - start, end - rva
        return 0, 0

    def _bytes(self, rva: int, size: int) -> bytes:
        """At most ``size`` bytes from there."""
        offset, left = self._offset(rva)
        return bytes(self.data[offset : offset + min(size, left)]) if left else b""

    def _text(self, rva: int) -> str:
        offset, left = self._offset(rva)
        if not left:
            return ""
        end = self.data.find(b"\0", offset, offset + min(left, MAX_NAME + 1))
        if end < 0:
            return ""
        return bytes(self.data[offset:end]).decode("latin-1")

    # -- imports ------------------------------------------------------------------------------------------

    def _guarded(self, what: str, walk: Any) -> list[Import]:
        found: list[Import] = []
        try:
            for each in walk():
                found.append(each)
                if len(found) >= MAX_LIBRARIES:
                    raise ValueError(f"more than {MAX_LIBRARIES} libraries")
        except ValueError as error:
            self.problems.append(f"{what}: {error}")
        return found

    def _imports(self) -> Iterator[Import]:
        rva, _ = self._directory(_IMPORT)
        if not rva:
            return
        table = self._bytes(rva, 20 * (MAX_LIBRARIES + 1))
        for original, _, _, name, first in struct.iter_unpack("<5I", table[: len(table) // 20 * 20]):
            # The loader stops at the first entry without a name or without a table of addresses.
            if not name or not first:
                return
            library = self._text(name)
            if not library:
                raise ValueError("a library's name is outside the file")
            yield Import(library, self._functions(original or first))
        raise ValueError("the table has no end")

    def _delayed(self) -> Iterator[Import]:
        rva, _ = self._directory(_DELAY)
        if not rva:
            return
        table = self._bytes(rva, 32 * (MAX_LIBRARIES + 1))
        for attributes, name, _, _, names, *_ in struct.iter_unpack("<8I", table[: len(table) // 32 * 32]):
            if not name:
                return
            # Before Visual C++ 7 these were addresses and not offsets.
            back = 0 if attributes & 1 else self.base
            library = self._text(name - back)
            if not library:
                raise ValueError("a library's name is outside the file")
            yield Import(library, self._functions(names - back, back))
        raise ValueError("the table has no end")

    def _functions(self, rva: int, back: int = 0) -> tuple[str | int, ...]:
        offset, left = self._offset(rva)
        size = 8 if self.wide else 4
        flag = 1 << (size * 8 - 1)
        form = "<Q" if self.wide else "<I"
        found: list[str | int] = []
        data = self.data[offset : offset + min(left, size * (self.left + 1)) // size * size] if left else b""
        for (entry,) in struct.iter_unpack(form, data):
            if entry == 0:
                return tuple(found)
            self.left -= 1
            if self.left < 0:
                raise ValueError(f"more than {MAX_FUNCTIONS} functions")
            if entry & flag:
                found.append(entry & 0xFFFF)
            else:
                name = self._text((entry & 0x7FFFFFFF) - back + 2)
                if not name:
                    raise ValueError("a function's name is outside the file")
                found.append(name)
        raise ValueError("a list of functions has no end")

    # -- exports ------------------------------------------------------------------------------------------

    def _guarded_exports(self) -> Exports:
        try:
            return self._exports()
        except (ValueError, struct.error) as error:
            self.problems.append(f"exports: {error}")
            return Exports()

    def _exports(self) -> Exports:
        rva, size = self._directory(_EXPORT)
        if not rva or not size:
            return Exports()
        head = self._bytes(rva, 40)
        if len(head) < 40:
            raise ValueError("the table is outside the file")
        first, functions, count, addresses, names, numbers = struct.unpack_from("<6I", head, 16)
        if functions > MAX_FUNCTIONS or count > MAX_FUNCTIONS:
            raise ValueError(f"more than {MAX_FUNCTIONS} functions")
        where = _array("<I", self._bytes(addresses, functions * 4))
        named = _array("<I", self._bytes(names, count * 4))
        indices = _array("<H", self._bytes(numbers, count * 2))
        if len(where) < functions or len(named) < count or len(indices) < count:
            raise ValueError("the table is cut off")
        forwards: dict[str | int, str] = {}
        inside = {index: self._text(place) for index, place in enumerate(where) if rva <= place < rva + size}
        for index, target in inside.items():
            forwards[first + index] = target
        known = set()
        for name_rva, index in zip(named, indices, strict=True):
            name = self._text(name_rva)
            if not name or index >= functions or not where[index]:
                continue
            known.add(name)
            if index in inside:
                forwards[name] = inside[index]
        return Exports(
            frozenset(known), ranges(first + index for index, place in enumerate(where) if place), forwards
        )

    # -- the rest -----------------------------------------------------------------------------------------

    def _hybrid(self, machine: str) -> str:
        """``arm64x`` for a file that ARM64 and emulated x64 processes can both load, ``arm64ec`` likewise.

        Both have a pointer to hybrid metadata in the load configuration (winnt.h,
        ``IMAGE_LOAD_CONFIG_DIRECTORY64.CHPEMetadataPointer``, offset 200).
        """
        if machine not in ("arm64", "x64") or not self.wide:
            return machine
        rva, _ = self._directory(_LOAD_CONFIG)
        head = self._bytes(rva, 208) if rva else b""
        if len(head) < 208 or struct.unpack_from("<I", head)[0] < 208:
            return machine
        if not struct.unpack_from("<Q", head, 200)[0]:
            return machine
        return "arm64x" if machine == "arm64" else "arm64ec"

    def _names(self, taken: set[str]) -> tuple[str, ...]:
        """Libraries that the text names, apart from those that it imports and itself."""
        found: dict[str, None] = {}
        own = self.path.replace("\\", "/").rpartition("/")[2].lower()
        for name in itertools.islice(self._named(), MAX_MENTIONS):
            if name not in taken and name != own:
                found[name] = None
                if len(found) >= MAX_NAMES:
                    break
        return tuple(sorted(found))

    def _named(self) -> Iterator[str]:
        for match in _ENDING.finditer(self.data):
            before = self.data[max(0, match.start() - _LONGEST_STEM - 1) : match.start()]
            stem = _STEM.search(before)
            if stem is not None and stem.start() > len(before) - _LONGEST_STEM - 1:
                yield (stem[0] + match[0]).decode("ascii").lower()
        for match in _WIDE_ENDING.finditer(self.data):
            before = self.data[max(0, match.start() - 2 * _LONGEST_STEM) : match.start()]
            # From the end backwards: every second byte is a zero as long as it is text.
            letters, zeros = before[::-1][1::2], before[::-1][::2]
            length = len(zeros) - len(zeros.lstrip(b"\0"))
            stem = _STEM.search(letters[:length][::-1])
            if stem is not None:
                yield (stem[0] + match[0].replace(b"\0", b"")).decode("ascii").lower()

    def _resources(self) -> tuple[str, Manifest | None]:
        """The file's version, and its manifest."""
        version, manifest = "", None
        rva, _ = self._directory(_RESOURCE)
        if not rva:
            return version, manifest
        try:
            leaf = self._leaf(rva, _RT_VERSION)
            if leaf is not None:
                version = _file_version(self._bytes(leaf[0], min(leaf[1], 65536)))
            leaf = self._leaf(rva, _RT_MANIFEST)
            if leaf is not None:
                if leaf[1] > MAX_MANIFEST:
                    manifest = Manifest(error=f"is larger than {MAX_MANIFEST} bytes")
                else:
                    manifest = read_manifest(self._bytes(*leaf))
        except struct.error:
            self.problems.append("resources: the table is cut off")
        return version, manifest

    def _leaf(self, root: int, kind: int) -> tuple[int, int] | None:
        """``(address, size)`` of the first resource of that kind."""
        here = root
        for depth in range(3):
            head = self._bytes(here, 16)
            named, numbered = struct.unpack_from("<HH", head, 12)
            entries = self._bytes(here + 16, (named + numbered) * 8)
            chosen = None
            for key, value in struct.iter_unpack("<II", entries[: len(entries) // 8 * 8]):
                if depth > 0 or key == kind:
                    chosen = value
                    break
            if chosen is None:
                return None
            if not chosen & 0x80000000:
                address, size = struct.unpack_from("<II", self._bytes(root + chosen, 8))
                return address, size
            here = root + (chosen & 0x7FFFFFFF)
        return None


def _array(form: str, data: bytes) -> list[int]:
    size = struct.calcsize(form)
    return [value for (value,) in struct.iter_unpack(form, data[: len(data) // size * size])]


def _file_version(data: bytes) -> str:
    """The version of ``VS_FIXEDFILEINFO``, "" where there is none."""
    at = data.find(b"\xbd\x04\xef\xfe")
    if at < 0 or at + 16 > len(data):
        return ""
    high, low = struct.unpack_from("<II", data, at + 8)
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"


def _short(error: object) -> str:
    return " ".join(str(error).strip("'\"").split())[:100]
