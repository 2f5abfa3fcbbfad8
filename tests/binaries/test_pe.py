"""One PE file to its facts: files built here, Wine's beside pefile, and broken ones."""

from __future__ import annotations

import contextlib
import random
import struct
from pathlib import Path

import pytest

from contrib.binaries import pe
from contrib.binaries.model import Binary, binary_from_json
from tests.binaries.workshop import BASICS, WINE_LIBRARIES, Workshop


def header(image: bytes) -> int:
    return int(struct.unpack_from("<I", image, 60)[0])


@pytest.fixture
def library(workshop: Workshop, tmp_path: Path) -> bytes:
    exports = ["one", "two = kernel32.Sleep", "three @7 NONAME"]
    return workshop.library(tmp_path / "l.dll", exports=exports).read_bytes()


def test_the_facts_of_a_library(library: bytes) -> None:
    found = pe.read(library, "dir/l.dll")
    assert (found.name, found.machine, found.library, found.managed, found.signed) == (
        "l.dll",
        "x64",
        True,
        False,
        False,
    )
    assert found.exports.names == {"one", "two"}
    assert found.exports.forwards["two"] == "kernel32.Sleep"
    assert found.exports.has(7)
    assert not found.exports.has(70)
    assert not found.problems


def test_the_facts_of_a_program(workshop: Workshop, tmp_path: Path) -> None:
    manifest = (
        '<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0"><trustInfo '
        'xmlns="urn:schemas-microsoft-com:asm.v3"><security><requestedPrivileges><requestedExecutionLevel '
        'level="requireAdministrator" uiAccess="false"/></requestedPrivileges></security></trustInfo>'
        '<dependency><dependentAssembly><assemblyIdentity type="win32" name="Microsoft.VC90.CRT" '
        'version="9.0.21022.8" processorArchitecture="amd64" publicKeyToken="1fc8b3b9a1e18e3b"/>'
        "</dependentAssembly></dependency></assembly>"
    )
    path = workshop.program(
        tmp_path / "p.exe", ["f"], uses=[workshop.stub("one.dll", ["f"])], manifest=manifest,
        delays={"late.dll": ["g", "h"]}, flags=["-Wl,--major-subsystem-version,6,--minor-subsystem-version,3"],
    )  # fmt: skip
    found = pe.read(path.read_bytes(), "p.exe")
    assert not found.library
    assert found.subsystem == "console"
    assert found.windows == (6, 3)
    assert ("f",) in [each.functions for each in found.imports if each.library == "one.dll"]
    assert [(each.library, each.functions) for each in found.delayed] == [("late.dll", ("g", "h"))]
    assert found.manifest is not None
    assert found.manifest.level == "requireAdministrator"
    assert [str(each) for each in found.manifest.assemblies] == ["Microsoft.VC90.CRT 9.0.21022.8"]


def test_libraries_that_the_text_names(workshop: Workshop, tmp_path: Path) -> None:
    source = (
        '#include <windows.h>\n#include <stdio.h>\nint main(void) { LoadLibraryW(L"netapi32.dll"); '
        'LoadLibraryA("secur32.dll"); puts("not.dllx"); return 0; }'
    )
    found = pe.read(workshop.program(tmp_path / "p.exe", source=source).read_bytes(), "p.exe")
    assert {"netapi32.dll", "secur32.dll"} <= set(found.names)
    assert not {"not.dll", "kernel32.dll"} & set(found.names)
    assert found.looks_up


def test_the_facts_survive_their_json(library: bytes) -> None:
    found = pe.read(library, "l.dll")
    assert binary_from_json(found.as_json()) == found


@pytest.mark.parametrize("name", BASICS)
def test_the_tables_are_those_that_pefile_reads(name: str) -> None:
    import pefile

    path = WINE_LIBRARIES / f"{name}.dll"
    if not path.is_file():
        pytest.skip("Wine's libraries are not installed")
    data = path.read_bytes()
    found = pe.read(data, path.name, text=False)
    judge = pefile.PE(data=data, fast_load=True, max_symbol_exports=100_000)
    judge.parse_data_directories([0, 1, 13])
    exports = (
        {s.name.decode() for s in judge.DIRECTORY_ENTRY_EXPORT.symbols if s.name}
        if hasattr(judge, "DIRECTORY_ENTRY_EXPORT")
        else set()
    )
    assert found.exports.names == exports
    for ours, attribute in (
        (found.imports, "DIRECTORY_ENTRY_IMPORT"),
        (found.delayed, "DIRECTORY_ENTRY_DELAY_IMPORT"),
    ):
        theirs = [
            (each.dll.decode(), tuple(i.name.decode() if i.name else i.ordinal for i in each.imports))
            for each in getattr(judge, attribute, [])
        ]
        assert [(each.library, each.functions) for each in ours] == theirs


@pytest.mark.parametrize(
    "data", [b"", b"M", b"MZ", b"MZ" + b"\0" * 100, b"\x7fELF" + b"\0" * 100, b"MZ" + b"\xff" * 4096]
)
def test_what_is_not_a_binary_is_refused(data: bytes) -> None:
    with pytest.raises(pe.NotBinary):
        pe.read(data, "x.exe")


def test_a_file_that_is_cut_off_anywhere_gives_facts_or_a_refusal(library: bytes) -> None:
    for size in range(0, len(library), max(1, len(library) // 150)):
        with contextlib.suppress(pe.NotBinary):
            assert isinstance(pe.read(library[:size], "l.dll"), Binary)


def test_bytes_that_are_changed_give_facts_or_a_refusal(library: bytes) -> None:
    """Mostly in the headers, where the sizes and places are."""
    chance = random.Random(7)
    for _ in range(300):
        data = bytearray(library)
        for _ in range(chance.randint(1, 8)):
            place = (
                chance.randrange(min(len(data), 1024))
                if chance.random() < 0.7
                else chance.randrange(len(data))
            )
            data[place] = chance.choice((0, 0xFF, 0x7F, 0x80, chance.randrange(256)))
        with contextlib.suppress(pe.NotBinary):
            pe.read(bytes(data), "l.dll")


def _with_imports(library: bytes, table: bytes) -> bytes:
    """The library with a last section that holds an import table; ``table`` starts at its address."""
    image = bytearray(library)
    at = header(library)
    sections = struct.unpack_from("<H", image, at + 6)[0]
    optional = struct.unpack_from("<H", image, at + 20)[0]
    entry = at + 24 + optional + 40 * (sections - 1)
    address = struct.unpack_from("<I", image, entry + 12)[0]
    image.extend(b"\0" * (-len(image) % 512))
    struct.pack_into("<I", image, entry + 8, len(table))
    struct.pack_into("<II", image, entry + 16, (len(table) + 511) // 512 * 512, len(image))
    image.extend(table + b"\0" * (-len(table) % 512))
    struct.pack_into("<II", image, at + 24 + 112 + 8, address, len(table))
    return bytes(image)


def _address(library: bytes) -> int:
    at = header(library)
    sections = struct.unpack_from("<H", library, at + 6)[0]
    optional = struct.unpack_from("<H", library, at + 20)[0]
    return int(struct.unpack_from("<I", library, at + 24 + optional + 40 * (sections - 1) + 12)[0])


def test_a_million_imports_are_refused_in_bounded_time(library: bytes) -> None:
    base = _address(library)
    names = (
        struct.pack("<5I", base + 60, 0, 0, base + 40, base + 60)
        + b"\0" * 20
        + b"many.dll\0".ljust(20, b"\0")
    )
    thunks = struct.pack("<Q", 0x8000000000000001) * 1_000_000
    found = pe.read(_with_imports(library, names + thunks), "l.dll")
    assert found.imports == ()
    assert any("more than 200000 functions" in problem for problem in found.problems)


def test_a_table_of_libraries_that_never_ends(library: bytes) -> None:
    base = _address(library)
    place = base + 20 * 6000
    entry = struct.pack("<5I", place, 0, 0, place + 16, place)
    table = entry * 6000 + b"\0" * 16 + b"one.dll\0"
    found = pe.read(_with_imports(library, table), "l.dll")
    assert any("more than 4000 libraries" in problem for problem in found.problems)


def test_a_list_of_functions_without_end(library: bytes) -> None:
    base = _address(library)
    head = (
        struct.pack("<5I", base + 64, 0, 0, base + 40, base + 64) + b"\0" * 20 + b"one.dll\0".ljust(24, b"\0")
    )
    found = pe.read(_with_imports(library, head + struct.pack("<Q", 0x8000000000000001) * 56), "l.dll")
    assert found.problems == ("imports: a list of functions has no end",)


def test_names_longer_than_pefile_takes(workshop: Workshop, tmp_path: Path) -> None:
    """Mangled C++ names are longer than 512 characters; pefile drops them."""
    name = "f" * 900
    found = pe.read(workshop.library(tmp_path / "l.dll", exports=[name]).read_bytes(), "l.dll")
    assert found.exports.has(name)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"<assembly", "is not XML (line 1)"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "is not a manifest"),
        (b"<a>" * 100, "is not a manifest"),
    ],
)
def test_a_manifest_that_cannot_be_read_says_so(text: bytes, error: str) -> None:
    from contrib.binaries.manifest import read_manifest

    assert read_manifest(text).error == error
