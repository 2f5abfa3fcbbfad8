"""Inventories: the file, its strict reader, the cache, and how they are made from layers and saved images."""

from __future__ import annotations

import io
import json
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from contrib.binaries import images
from contrib.binaries.apisets import ApiSets, NotSchema, read_schema
from contrib.binaries.inventory import Inventory, build, read, write
from contrib.binaries.model import Assembly, Binary, Exports, Import
from contrib.binaries.resolve import Place, Verdict, resolve
from contrib.binaries.store import Store
from contrib.report.loads import inventory_text
from contrib.values.errors import BadInput
from tests.binaries.workshop import Workshop, configuration, digest, layer, saved, schema, with_schema

SYSTEM = "C:\\Windows\\System32"
DIGEST = "sha256:" + "ab" * 32


def sample() -> Inventory:
    exports = Exports(frozenset({"f", "?g@@YAXXZ"}), ((1, 2), (9, 9)), {"f": "ntdll.NtF", 9: "ntdll.#3"})
    libraries = [
        Binary(f"{SYSTEM}\\ntdll.dll", library=True, exports=Exports(frozenset({"NtF"})), version="10.0.1.2"),
        Binary(
            f"{SYSTEM}\\Kernel32.dll",
            library=True,
            exports=exports,
            imports=(Import("ntdll.dll", ("NtF", 7)),),
        ),
    ]
    return build(
        "example.test/windows/nanoserver:1", libraries, digest=DIGEST, os_version="10.0.20348.2031",
        apisets=ApiSets({"api-ms-win-core-file-l1-1": {"": "kernel32.dll", "x.dll": ""}}),
        assemblies={Assembly("a.b", "1.0.0.0", "amd64", "0" * 16): "C:\\Windows\\WinSxS\\x"},
    )  # fmt: skip


def test_what_is_written_is_read() -> None:
    data = write(sample())
    found = read(data, "x")
    assert found == sample()
    assert write(found) == data
    kernel = found.at(r"c:\windows\SYSTEM32\kernel32.DLL")
    assert kernel is not None
    assert kernel.path == f"{SYSTEM}\\Kernel32.dll"
    assert kernel.exports.forwards[9] == "ntdll.#3"
    assert kernel.imports == (Import("ntdll.dll", ("NtF", 7)),)
    assert found.at(f"{SYSTEM}\\gone.dll") is None
    assert not found.wow64


def changed(change: Callable[[list[str]], None]) -> bytes:
    lines = lzma.decompress(write(sample())).decode().split("\n")
    change(lines)
    return lzma.compress("\n".join(lines).encode())


def head(**more: object) -> Callable[[list[str]], None]:
    def change(lines: list[str]) -> None:
        lines[0] = json.dumps({**json.loads(lines[0]), **more})

    return change


def put(number: int, text: str) -> Callable[[list[str]], None]:
    def change(lines: list[str]) -> None:
        lines[number] = text

    return change


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (head(inventory=2), 1, "of version 2"),
        (head(libraries=3), 1, "says it has 3 libraries and has 2"),
        (head(os_version="ten"), 1, "os_version"),
        (head(digest="md5:1"), 1, "digest"),
        (head(machine="vax"), 1, "machine"),
        (head(apisets={"a": 1}), 1, "apisets"),
        (head(assemblies=[["a"]]), 1, "assemblies"),
        (head(surplus=1), 1, "unknown key 'surplus'"),
        (put(0, "{}"), 1, "head of an inventory"),
        (put(0, "[" * 100_000), 1, "head of an inventory"),
        (put(1, "ntdll.dll\t{}"), 2, "path of a library"),
        (put(1, "C:\\a.dll {}"), 2, "path of a library"),
        (put(2, "C:\\a.dll\t{}"), 3, "a.dll is damaged"),
        (put(2, "C:\\a.dll\t[1"), 3, "a.dll is damaged"),
        (put(2, 'C:\\a.dll\t{"machine":"x64","windows":[6,0],"exports":[1]}'), 3, "expected text"),
        (put(2, 'C:\\a.dll\t{"machine":"x64","windows":[6,0],"content":"x"}'), 3, "unknown key 'content'"),
        (put(2, 'C:\\a.dll\t{"machine":"x64","windows":[6,0],"path":"D:\\\\"}'), 3, "a.dll is damaged"),
        (lambda lines: lines.pop(), 3, "its last line has no end"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(
    change: Callable[[list[str]], None], line: int, message: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read(changed(change), "x.inventory")
    assert (caught.value.file, caught.value.line) == ("x.inventory", line)
    assert message in caught.value.message


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\xfd7zXZ\x00garbage", write(sample())[:-20], write(sample()) + b"x"]
)
def test_what_is_not_an_inventory_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        read(data, "x")


def test_a_bomb_is_refused() -> None:
    with pytest.raises(BadInput, match="unpacks to more than"):
        read(lzma.compress(bytes(300_000_000), preset=0), "x")


def test_the_cache_knows_what_a_reference_stood_for(tmp_path: Path) -> None:
    store = Store(tmp_path / "inventories")
    assert store.known("a:1") is None
    store.keep(sample())
    assert store.known(sample().base) == sample()
    store.name("other:1", DIGEST)
    other = store.known("other:1")
    assert other is not None
    assert other.base == "other:1"
    (tmp_path / "inventories" / (DIGEST.replace(":", "-") + ".inventory")).write_bytes(b"damaged")
    assert store.known("other:1") is None
    (tmp_path / "inventories" / "names.json").write_bytes(b"[")
    assert store.known("other:1") is None


# -- API sets ----------------------------------------------------------------------------------------------

HOSTS = {
    "api-ms-win-core-file-l1-2": {"": "kernelbase.dll", "kernel32.dll": "ntdll.dll"},
    "ext-ms-win-none-l1-1": {"": ""},
}


def test_a_schema() -> None:
    found = read_schema(schema(HOSTS) + b"\0" * 100)
    assert found.hosts == HOSTS
    assert found.host("api-ms-win-core-file-l1-2-9.dll", "a.dll") == "kernelbase.dll"
    assert found.host("API-MS-WIN-CORE-FILE-L1-2-0", "KERNEL32.DLL") == "ntdll.dll"
    assert found.host("api-ms-win-core-file-l1-3-0.dll", "a.dll") is None
    assert found.host("ext-ms-win-none-l1-1-0.dll", "a.dll") == ""


@pytest.mark.parametrize(
    "data", [b"", schema(HOSTS)[:40], schema(HOSTS, 4), schema(HOSTS)[:-4], b"\x06\0\0\0" + b"\xff" * 60]
)
def test_a_schema_that_is_damaged_or_of_another_form(data: bytes) -> None:
    with pytest.raises(NotSchema):
        read_schema(data)


# -- layers ------------------------------------------------------------------------------------------------

ABOUT = {"os_version": "10.0.20348.2031", "machine": "x64", "path": []}


@pytest.fixture
def parts(workshop: Workshop, tmp_path: Path) -> dict[str, bytes]:
    return {
        name: workshop.library(tmp_path / f"{name}.dll", exports=exports).read_bytes()
        for name, exports in (("ntdll", ["NtF"]), ("kernel32", ["f"]), ("new", ["f", "g"]))
    }


def from_layers(tmp_path: Path, *layers: bytes) -> images.ImageContents:
    files = []
    for number, data in enumerate(layers):
        path = tmp_path / f"layer{number}"
        path.write_bytes(data)
        files.append((path, f"layer {number}"))
    return images.from_layers("base:1", files, ABOUT, digest=DIGEST)


def test_the_layers_of_a_base(parts: dict[str, bytes], tmp_path: Path) -> None:
    controls = (
        "Windows/WinSxS/amd64_microsoft.windows.common-controls_6595b64144ccf1df_6.0.20348.1_none_" + "1" * 16
    )
    lowest = layer(
        {
            "Windows/System32/ntdll.dll": parts["ntdll"],
            "Windows/System32/kernel32.dll": parts["kernel32"],
            "Windows/System32/gone.dll": parts["kernel32"],
            "Windows/System32/drivers/not.dll": parts["kernel32"],
            "Windows/System32/notes.txt": b"x",
            "Windows/System32/broken.dll": b"MZ broken",
            "Windows/System32/apisetschema.dll": with_schema(parts["ntdll"], schema(HOSTS)),
            f"{controls}/comctl32.dll": parts["kernel32"],
            "Program Files/app.dll": parts["kernel32"],
        }
    )
    above = layer(
        {"Windows/System32/KERNEL32.dll": parts["new"], "Windows/System32/.wh.gone.dll": b""}, compress=False
    )
    found = from_layers(tmp_path, lowest, above)
    paths = [each.path for each in found.inventory.libraries()]
    assert paths == sorted(
        [f"{SYSTEM}\\ntdll.dll", f"{SYSTEM}\\KERNEL32.dll", f"{SYSTEM}\\apisetschema.dll",
         "C:\\" + controls.replace("/", "\\") + "\\comctl32.dll"], key=str.lower,
    )  # fmt: skip
    kernel = found.inventory.at(f"{SYSTEM}\\kernel32.dll")
    assert kernel is not None
    assert kernel.exports.names == {"f", "g"}
    assert found.inventory.apisets.hosts == HOSTS
    (assembly,) = found.inventory.assemblies
    assert (assembly.name, assembly.version) == ("microsoft.windows.common-controls", "6.0.20348.1")
    assert [path for path, _ in found.unread] == [f"{SYSTEM}\\broken.dll"]


@pytest.mark.parametrize("version", [4, 5, 7])
def test_api_sets_of_another_form_are_unknown_and_said_to_be(
    version: int, parts: dict[str, bytes], workshop: Workshop, tmp_path: Path
) -> None:
    found = from_layers(
        tmp_path,
        layer(
            {
                "Windows/System32/ntdll.dll": parts["ntdll"],
                "Windows/System32/apisetschema.dll": with_schema(parts["ntdll"], schema(HOSTS, version)),
            }
        ),
    ).inventory
    note = f"the API set schema has version {version} (known is 6, of Windows 10 and later): API sets are unknown"
    assert found.notes == (note,)
    assert read(write(found), "x") == found
    assert "API sets    not known" in inventory_text(found, "file", 1) and note in inventory_text(
        found, "file", 1
    )
    program = Binary("C:\\app\\x.exe", imports=(Import("api-ms-win-core-file-l1-2-0.dll", ("f",)),))
    answer = resolve(program, Place(found))
    assert answer.verdict is Verdict.UNKNOWN and not answer.verdict.fails
    assert answer.troubles[0].why == f"the API sets of base:1 are not known; {note}"


@pytest.mark.parametrize("first", ["Windows/WinSxS/amd64_x/ntdll.dll", "Windows/System32/ntdll.dll"])
def test_hard_links_to_either_side(first: str, parts: dict[str, bytes], tmp_path: Path) -> None:
    links = (
        {"Windows/System32/ntdll.dll": first}
        if first != "Windows/System32/ntdll.dll"
        else {"Windows/WinSxS/a/n.dll": first}
    )
    found = from_layers(tmp_path, layer({first: parts["ntdll"]}, links=links))
    assert [each.path for each in found.inventory.libraries()] == [f"{SYSTEM}\\ntdll.dll"]


@pytest.mark.parametrize(
    "data", [b"\x1f\x8bgarbage", b"not a tar" * 100, layer({"Windows/System32/x.txt": b""})]
)
def test_a_layer_that_is_broken_or_not_windows(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        from_layers(tmp_path, data)


def test_a_saved_image_and_the_programs_in_it(
    parts: dict[str, bytes], workshop: Workshop, tmp_path: Path
) -> None:
    program = workshop.program(tmp_path / "server.exe").read_bytes()
    layers = [layer({"Windows/System32/ntdll.dll": parts["ntdll"]}), layer({"app/server.exe": program})]
    path = tmp_path / "saved.tar"
    config = configuration(Env=["PATH=C:\\app;C:\\Windows\\System32"])
    path.write_bytes(saved(layers, config, "app:1"))
    found = images.from_saved(path, "saved.tar", programs=True)
    assert found.inventory.base == "app:1"
    assert found.inventory.os_version == "10.0.20348.2031"
    assert found.inventory.path == ("C:\\app", "C:\\Windows\\System32")
    assert [each.path for each in found.programs] == ["C:\\app\\server.exe"]


def test_an_oci_layout(parts: dict[str, bytes], tmp_path: Path) -> None:
    one, config = layer({"Windows/System32/ntdll.dll": parts["ntdll"]}), configuration()
    manifest = json.dumps(
        {"config": {"digest": digest(config)}, "layers": [{"digest": digest(one), "size": len(one)}]}
    ).encode()
    index = json.dumps(
        {"manifests": [{"digest": digest(manifest), "annotations": {"io.containerd.image.name": "x:1"}}]}
    )
    path = tmp_path / "oci.tar"
    with tarfile.open(path, "w") as archive:
        blobs = {f"blobs/sha256/{digest(each)[7:]}": each for each in (one, config, manifest)}
        for name, data in {**blobs, "index.json": index.encode()}.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    found = images.from_saved(path, "oci.tar")
    assert (found.inventory.base, found.inventory.digest) == ("x:1", digest(manifest))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            saved([layer({})], json.dumps({"os": "linux", "architecture": "amd64"}).encode()),
            "not for Windows",
        ),
        (saved([], configuration()), "no ntdll.dll"),
        (b"x" * 2000, "cannot be read"),
    ],
)
def test_a_saved_image_that_will_not_do(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "saved.tar"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=message):
        images.from_saved(path, "saved.tar")
