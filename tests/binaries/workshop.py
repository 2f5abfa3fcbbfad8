"""Real Windows binaries, built here with mingw-w64, and layers and images made of them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import struct
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

WINE_LIBRARIES = Path("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows")
#: Libraries that a program built here comes to need, directly or through others.
BASICS = (
    "ntdll", "kernel32", "kernelbase", "msvcrt", "ucrtbase", "user32", "gdi32", "win32u", "advapi32", "sechost",
    "rpcrt4", "apisetschema", "version", "ole32", "combase", "netapi32", "ws2_32", "iphlpapi", "imm32", "setupapi",
    "shcore", "coml2", "oleaut32", "shlwapi", "dnsapi", "nsi", "uxtheme", "bcrypt", "cfgmgr32", "crypt32",
)  # fmt: skip

_PREFIX = {"x64": "x86_64-w64-mingw32-", "x86": "i686-w64-mingw32-"}


def compiler(machine: str = "x64") -> str:
    """The compiler's path; skips the test where there is none."""
    for name in (f"{_PREFIX[machine]}gcc", f"{_PREFIX[machine]}gcc-posix", f"{_PREFIX[machine]}gcc-win32"):
        found = shutil.which(name)
        if found:
            return found
    pytest.skip(f"mingw-w64 for {machine} is not installed")


def tool(name: str, machine: str = "x64") -> str:
    found = shutil.which(_PREFIX[machine] + name)
    if not found:
        pytest.skip(f"{_PREFIX[machine]}{name} is not installed")
    return found


@dataclass
class Workshop:
    """Builds into one directory; every path that is returned is in it."""

    root: Path
    count: int = field(default=0)

    def _new(self, suffix: str) -> Path:
        self.count += 1
        path = self.root / f"part{self.count}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def library(
        self,
        path: Path,
        source: str = "",
        exports: Sequence[str] = (),
        *,
        machine: str = "x64",
        uses: Sequence[Path] = (),
    ) -> Path:
        """A DLL.

        :param exports: lines of a .def file: ``f``, ``f @7 NONAME``, ``f = other.g`` (a forward).
        :param uses: import libraries.
        """
        code = self._new(".c")
        functions = "".join(
            f"int {line.split()[0]}(void) {{ return 1; }}\n"
            for line in exports
            if "=" not in line and f" {line.split()[0]}(" not in source
        )
        code.write_text("int DllMain(void *a, int b, void *c) { return 1; }\n" + functions + source)
        definition = self._new(".def")
        definition.write_text(f"LIBRARY {path.name}\nEXPORTS\n" + "".join(f"  {line}\n" for line in exports))
        path.parent.mkdir(parents=True, exist_ok=True)
        self._run(
            compiler(machine), "-shared", "-nostdlib", "-Wl,--kill-at", "-Wl,-e,DllMain" if machine == "x64" else "-Wl,-e,_DllMain",
            "-o", path, code, definition, *uses, "-lkernel32",
        )  # fmt: skip
        return path

    def stub(
        self, library: str, exports: Sequence[str], *, machine: str = "x64", delay: bool = False
    ) -> Path:
        """An import library for a DLL that need not exist."""
        definition, path = self._new(".def"), self._new(".a")
        definition.write_text(f"LIBRARY {library}\nEXPORTS\n" + "".join(f"  {line}\n" for line in exports))
        kind = "--output-delaylib" if delay else "--output-lib"
        self._run(tool("dlltool", machine), "-k", "-d", definition, kind, path, "-D", library)
        return path

    def program(
        self,
        path: Path,
        calls: Sequence[str] = (),
        *,
        uses: Sequence[Path] = (),
        machine: str = "x64",
        flags: Sequence[str] = (),
        source: str = "",
        manifest: str = "",
        delays: Mapping[str, Sequence[str]] | None = None,
    ) -> Path:
        """A program that calls the functions, then says ``ok`` and ends with 0."""
        code = self._new(".c")
        declared = "".join(f"extern int {name}(void);\n" for name in calls)
        called = "".join(f"  n += {name}();\n" for name in calls)
        code.write_text(
            source or f"#include <stdio.h>\n{declared}int main(void) {{\n  volatile int n = 0;\n{called}  puts(\"ok\");\n  return 0;\n}}\n"
        )  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        parts: list[Path] = [code]
        if manifest:
            text, script, compiled = self._new(".xml"), self._new(".rc"), self._new(".o")
            text.write_text(manifest)
            script.write_text(f'1 24 "{text.name}"\n')
            self._run(tool("windres", machine), "-I", self.root, script, compiled)
            parts.append(compiled)
        if delays:
            parts.append(self._delay_table(delays))
        self._run(compiler(machine), "-o", path, *parts, *uses, *flags)
        if delays:
            self._set_directory(path, 13, "delay_table", 32 * (len(delays) + 1), machine)
        self._run(tool("strip", machine), path)
        return path

    def _delay_table(self, delays: Mapping[str, Sequence[str]]) -> Path:
        """Delay imports as Visual C++ writes them: binutils before 2.44 leaves them out of the header."""
        lines = ['.section .rdata,"dr"', ".globl delay_table", ".balign 8", "delay_table:"]
        rest = []
        for n, (library, functions) in enumerate(delays.items()):
            lines += [".long 1", f".rva name{n}", ".long 0", f".rva iat{n}", f".rva int{n}", ".long 0, 0, 0"]
            rest += [
                f'name{n}: .asciz "{library}"',
                ".balign 8",
                f"iat{n}: .space {8 * (len(functions) + 1)}",
            ]
            rest += [f"int{n}:", *(f".rva f{n}_{m}\n.long 0" for m in range(len(functions))), ".quad 0"]
            rest += [f'.balign 2\nf{n}_{m}: .short 0\n.asciz "{f}"' for m, f in enumerate(functions)]
        path = self._new(".s")
        path.write_text("\n".join([*lines, ".space 32", *rest, ""]))
        return path

    def _set_directory(self, path: Path, index: int, symbol: str, size: int, machine: str) -> None:
        listed = subprocess.run(
            [tool("nm", machine), str(path)], capture_output=True, text=True, check=True
        ).stdout
        address = next(
            int(line.split()[0], 16) for line in listed.splitlines() if line.endswith(f" {symbol}")
        )
        image = bytearray(path.read_bytes())
        header = struct.unpack_from("<I", image, 60)[0]
        base = struct.unpack_from("<Q", image, header + 24 + 24)[0]
        struct.pack_into("<II", image, header + 24 + 112 + 8 * index, address - base, size)
        path.write_bytes(image)

    def _run(self, *command: str | Path) -> None:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=self.root)
        assert done.returncode == 0, done.stderr


def schema(hosts: Mapping[str, Mapping[str, str]], version: int = 6) -> bytes:
    """An API set schema in the form of Windows 10."""
    heap = bytearray()
    start = 28 + 24 * len(hosts) + 20 * sum(len(values) for values in hosts.values())

    def text(value: str) -> tuple[int, int]:
        data = value.encode("utf-16-le")
        heap.extend(data)
        return start + len(heap) - len(data), len(data)

    entries, values, place = b"", b"", 28 + 24 * len(hosts)
    for contract, found in hosts.items():
        offset, length = text(contract + "-0")
        hashed = len(contract.encode("utf-16-le"))
        entries += struct.pack("<6I", 0, offset, length, hashed, place + len(values), len(found))
        for importer, host in found.items():
            values += struct.pack("<5I", 0, *text(importer), *text(host))
    size = start + len(heap)
    return struct.pack("<7I", version, size, 0, len(hosts), 28, 28, 31) + entries + values + bytes(heap)


def with_schema(library: bytes, data: bytes) -> bytes:
    """A library whose last section is made into ``.apiset`` with that content (as raw data at the end)."""
    image = bytearray(library)
    header = struct.unpack_from("<I", image, 60)[0]
    sections = struct.unpack_from("<H", image, header + 6)[0]
    optional = struct.unpack_from("<H", image, header + 20)[0]
    entry = header + 24 + optional + 40 * (sections - 1)
    image.extend(b"\0" * (-len(image) % 512))
    image[entry : entry + 8] = b".apiset\0"
    struct.pack_into("<I", image, entry + 8, len(data))
    struct.pack_into("<II", image, entry + 16, (len(data) + 511) // 512 * 512, len(image))
    image.extend(data + b"\0" * (-len(data) % 512))
    return bytes(image)


def layer(
    files: Mapping[str, bytes | Path],
    *,
    links: Mapping[str, str] | None = None,
    compress: bool = True,
) -> bytes:
    """A layer of a Windows image: paths below the drive, ``/`` between the parts; hard links after the files."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            data = content.read_bytes() if isinstance(content, Path) else content
            info = tarfile.TarInfo(f"Files/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(f"Files/{name}")
            info.type, info.linkname = tarfile.LNKTYPE, f"Files/{target}"
            archive.addfile(info)
    data = raw.getvalue()
    return gzip.compress(data, 1, mtime=0) if compress else data


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def configuration(os_version: str = "10.0.20348.2031", **inner: object) -> bytes:
    shape = {
        "architecture": "amd64", "os": "windows", "os.version": os_version, "config": inner,
        "rootfs": {"type": "layers", "diff_ids": []},
    }  # fmt: skip
    return json.dumps(shape).encode()


def saved(layers: Sequence[bytes], config: bytes, tag: str = "base:1") -> bytes:
    """An image as ``docker save`` writes it."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:

        def add(name: str, data: bytes) -> None:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))

        for each in layers:
            add(f"blobs/sha256/{digest(each)[7:]}", each)
        add(f"blobs/sha256/{digest(config)[7:]}", config)
        listed = {
            "Config": f"blobs/sha256/{digest(config)[7:]}",
            "RepoTags": [tag],
            "Layers": [f"blobs/sha256/{digest(each)[7:]}" for each in layers],
        }
        add("manifest.json", json.dumps([listed]).encode())
    return raw.getvalue()
