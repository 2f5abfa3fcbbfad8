"""Windows Installer packages and cabinets: what is installed where, under which conditions, as which service.

Over ``pymsi`` (tables, cabinets with MSZIP and LZX). Only tables are read; no action of the package is run, so
files that an action writes are not known.
"""

from __future__ import annotations

import mmap
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

#: Directories that Windows names (MSI's "System Folder Properties"), by their id.
_KNOWN = {
    "ProgramFilesFolder": "Program Files (x86)",
    "ProgramFiles64Folder": "Program Files",
    "CommonFilesFolder": "Program Files (x86)/Common Files",
    "CommonFiles64Folder": "Program Files/Common Files",
    "CommonAppDataFolder": "ProgramData",
    "WindowsFolder": "Windows",
    "SystemFolder": "Windows/SysWOW64",
    "System64Folder": "Windows/System32",
    "System16Folder": "Windows/System",
    "WindowsVolume": "",
    "TempFolder": "Windows/Temp",
    "FontsFolder": "Windows/Fonts",
    "TARGETDIR": "",
}
_DEEPEST = 64
_MOST_ROWS = 200_000
_BLOCK = 32 * 1024


class Package:
    """An opened package.

    Raises what pymsi and olefile raise for broken packages; the caller turns that into one sentence.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        from pymsi.package import Package as Tables

        # pymsi reads any file that can be sought in, though it names three kinds.
        self._tables: Any = Tables(cast(Any, stream), strict=False)
        # A package for one architecture only installs its "32-bit" folders in the 64-bit places.
        template = str(getattr(self._tables.summary, "arch", lambda: "")() or "")
        self.machine = "x64" if "64" in template and "ARM" not in template.upper() else (
            "arm64" if "ARM64" in template.upper() else "x86"
        )  # fmt: skip
        self._directories = {
            str(row["Directory"]): (str(row["Directory_Parent"] or ""), str(row["DefaultDir"] or ""))
            for row in self._rows("Directory")
        }
        self._components = {str(row["Component"]): str(row["Directory_"]) for row in self._rows("Component")}

    def _rows(self, table: str) -> list[dict[str, Any]]:
        found = self._tables.get(table)
        rows = list(found) if found is not None else []
        if len(rows) > _MOST_ROWS:
            raise ValueError(f"the table {table} has more than {_MOST_ROWS} rows")
        return rows

    def about(self) -> dict[str, Any]:
        """``product``, ``version``, ``machine``, ``conditions`` (condition, message), ``services`` (name, file)."""
        properties = {str(row["Property"]): str(row["Value"] or "") for row in self._rows("Property")}
        files = {str(row["File"]): row for row in self._rows("File")}
        by_component: dict[str, str] = {}
        for row in files.values():
            by_component.setdefault(str(row["Component_"]), _long(str(row["FileName"])))
        return {
            "product": properties.get("ProductName", "")[:200],
            "version": properties.get("ProductVersion", "")[:50],
            "machine": self.machine,
            "conditions": [
                [str(row["Condition"])[:500], str(row["Description"])[:500]]
                for row in self._rows("LaunchCondition")[:50]
            ],
            "services": [
                [_long(str(row["Name"]))[:100], by_component.get(str(row["Component_"]), "")[:200]]
                for row in self._rows("ServiceInstall")[:50]
            ],
            "files": len(files),
        }

    def files(self, note: Callable[[str], None], scratch: Path) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Path below the drive, and content in pieces, of each file in a cabinet of the package."""
        from pymsi import streamname

        places: dict[str, str] = {}
        for row in self._rows("File"):
            directory = self.directory(self._components.get(str(row["Component_"]), "TARGETDIR"))
            places[str(row["File"])] = f"{directory}/{_long(str(row['FileName']))}".lstrip("/")
        for row in self._rows("Media"):
            cabinet = str(row["Cabinet"] or "")
            if not cabinet:
                continue
            if not cabinet.startswith("#"):
                note(f"{cabinet}, a cabinet outside the package, was not read")
                continue
            stream = streamname.encode_unicode(cabinet[1:])
            if not self._tables.ole.exists(stream):
                note(f"the cabinet {cabinet[1:]} is not in the package")
                continue
            with self._tables.ole.openstream(stream) as source, tempfile.TemporaryFile(dir=scratch) as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
                copy.flush()
                for name, pieces in cabinet_files(_map(copy)):
                    yield places.get(name, name), pieces

    def directory(self, name: str) -> str:
        """Where a directory of the package is, ``/`` between the parts, below the drive."""
        parts: list[str] = []
        for _ in range(_DEEPEST):
            known = _KNOWN.get(name)
            if known is not None:
                if self.machine != "x86":
                    known = known.replace("Program Files (x86)", "Program Files").replace(
                        "SysWOW64", "System32"
                    )
                parts += reversed([part for part in known.split("/") if part])
                break
            parent, default = self._directories.get(name, ("", ""))
            # "target:source", each "short|long"; "." is the parent itself.
            own = _long(default.partition(":")[0])
            if own not in ("", ".", "SourceDir"):
                parts.append(own)
            if not parent or parent == name:
                break
            name = parent
        return "/".join(reversed(parts))


def cabinet_files(data: bytes | mmap.mmap) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Name and content of each file in a cabinet; the content comes in pieces, to be taken before the next file.

    pymsi would unpack a folder, which is often the whole cabinet, into memory; here it goes by block.
    """
    from pymsi.thirdparty.refinery.cab import Cabinet

    # The checksums of a cabinet are computed in Python, at a tenth of the speed of all the rest.
    cabinet: Any = Cabinet(memoryview(data), compute_checksums=False)
    cabinet.process()
    folders: dict[int, tuple[Any, list[Any]]] = {}
    for files in cabinet.files.values():
        for file in files:
            folders.setdefault(id(file.folder), (file.folder, []))[1].append(file)
    for folder, files in folders.values():
        blocks = _Blocks(_unpacked(folder))
        for file in sorted(files, key=lambda each: int(each.offset)):
            blocks.skip_to(int(file.offset))
            pieces = blocks.take(int(file.size))
            yield str(file.name), pieces
            for _ in pieces:  # what the caller left
                pass


class _Blocks:
    """A stream of blocks, read by position."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._block = b""
        self._at = 0

    def skip_to(self, offset: int) -> None:
        for _ in self.take(offset - self._at):
            pass

    def take(self, size: int) -> Iterator[bytes]:
        if size < 0:
            raise ValueError("files of the cabinet overlap")
        while size > 0:
            if not self._block:
                self._block = next(self._source, b"")
                if not self._block:
                    raise ValueError("the cabinet is cut off")
            piece, self._block = self._block[:size], self._block[size:]
            size -= len(piece)
            self._at += len(piece)
            yield piece


def _unpacked(folder: Any) -> Iterator[bytes]:
    from pymsi.thirdparty.refinery.cab import CabMethod
    from pymsi.thirdparty.refinery.lzx import LzxDecoder

    method = folder.compression
    blocks = iter(folder.blocks)
    if method == CabMethod.Nothing:
        for block in blocks:
            yield bytes(block.data)
    elif method == CabMethod.Deflate:
        before = b""
        for block in blocks:
            if bytes(block.data[:2]) != b"CK":
                raise ValueError("a block is damaged")
            inflate = zlib.decompressobj(-zlib.MAX_WBITS, before)
            # A block is 32 KiB at most (MS-MCI); a larger one is a bomb.
            before = inflate.decompress(block.data[2:], _BLOCK)
            if not inflate.eof:
                raise ValueError("a block is damaged")
            yield before
    elif method == CabMethod.LZX:
        decoder = LzxDecoder(False)
        decoder.set_params_and_alloc(folder.method[1])
        for block in blocks:
            content, size = block.data, block.decompressed_size
            if not size:
                rest = next(blocks)
                content, size = bytes(content) + bytes(rest.data), rest.decompressed_size
            yield bytes(decoder.decompress(content, size))
            decoder.keep_history = True
    else:
        raise NotImplementedError("its compression (Quantum) is not supported")


def _map(file: IO[bytes]) -> bytes | mmap.mmap:
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (ValueError, OSError):
        return b""


def _long(name: str) -> str:
    return name.rpartition("|")[2]
