"""The loader's answers: for programs built here, beside Wine's own loader, and for what Wine does not show."""

from __future__ import annotations

import ntpath
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from contrib.binaries import pe
from contrib.binaries.apisets import ApiSets
from contrib.binaries.inventory import Inventory, build
from contrib.binaries.model import Assembly, Binary, Exports, Import, Manifest
from contrib.binaries.resolve import Place, Resolved, Verdict, resolve
from tests.binaries.workshop import Workshop

APP = "C:\\app"


def installed(folder: Path) -> dict[str, Binary]:
    """Every binary of a directory, as if it were ``C:\\app``."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.read_bytes()[:2] == b"MZ":
            binary = pe.read(path.read_bytes(), f"{APP}\\" + str(path.relative_to(folder)).replace("/", "\\"))
            found[binary.path.lower()] = binary
    return found


# -- beside Wine -------------------------------------------------------------------------------------------


def _cases(w: Workshop, root: Path) -> dict[str, Verdict]:
    """One directory per case, each with ``main.exe``; the verdict that Windows gives."""
    stub = w.stub
    expected = {}

    def case(name: str, verdict: Verdict) -> Path:
        expected[name] = verdict
        (root / name).mkdir(parents=True)
        return root / name

    d = case("only-the-base", Verdict.LOADS)
    w.program(d / "main.exe")
    d = case("library-beside", Verdict.LOADS)
    w.library(d / "one.dll", exports=["f"])
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("library-missing", Verdict.LIBRARY_MISSING)
    w.program(d / "main.exe", ["f"], uses=[stub("gone.dll", ["f"])])
    d = case("function-missing", Verdict.ENTRY_POINT_MISSING)
    w.library(d / "one.dll", exports=["f"])
    w.program(d / "main.exe", ["f", "g"], uses=[stub("one.dll", ["f", "g"])])
    d = case("case-of-names", Verdict.LOADS)
    w.library(d / "mixedcase.dll", exports=["f"])
    w.program(d / "main.exe", ["f"], uses=[stub("MixedCase.DLL", ["f"])])
    d = case("case-of-functions", Verdict.ENTRY_POINT_MISSING)
    w.library(d / "one.dll", exports=["f"])
    w.program(d / "main.exe", ["F"], uses=[stub("one.dll", ["F"])])
    d = case("by-number", Verdict.LOADS)
    w.library(d / "one.dll", exports=["f @7 NONAME"])
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f @7 NONAME"])])
    d = case("number-missing", Verdict.ENTRY_POINT_MISSING)
    w.library(d / "one.dll", exports=["f @7 NONAME"])
    w.program(d / "main.exe", ["g"], uses=[stub("one.dll", ["g @9 NONAME"])])
    d = case("second-hand-missing", Verdict.LIBRARY_MISSING)
    w.library(
        d / "one.dll", "int g(void); int f(void) { return g(); }", ["f"], uses=[stub("gone.dll", ["g"])]
    )
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("second-hand-function", Verdict.ENTRY_POINT_MISSING)
    w.library(d / "one.dll", "int g(void); int f(void) { return g(); }", ["f"], uses=[stub("two.dll", ["g"])])
    w.library(d / "two.dll", exports=["h"])
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("round-in-a-circle", Verdict.LOADS)
    w.library(d / "one.dll", "int g(void); int f(void) { return g(); }", ["f"], uses=[stub("two.dll", ["g"])])
    w.library(d / "two.dll", "int f(void); int g(void) { return 1; } int h(void) { return f(); }", ["g", "h"],
              uses=[stub("one.dll", ["f"])])  # fmt: skip
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("forwarded", Verdict.LOADS)
    w.library(d / "one.dll", exports=["f = two.g"])
    w.library(d / "two.dll", exports=["g"])
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("forwarded-twice", Verdict.LOADS)
    w.library(d / "one.dll", exports=["f = two.g"])
    w.library(d / "two.dll", exports=["g = three.h"])
    w.library(d / "three.dll", exports=["h"])
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("forwarded-to-the-base", Verdict.LOADS)
    w.library(d / "one.dll", exports=["f = kernel32.GetVersion"])
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("forwarded-to-nothing", Verdict.ENTRY_POINT_MISSING)
    w.library(d / "one.dll", exports=["f = two.g"])
    w.library(d / "two.dll", exports=["h"])
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("unused-forward-to-nothing", Verdict.LOADS)
    w.library(d / "one.dll", exports=["f", "g = gone.g"])
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("api-set", Verdict.LOADS)
    w.program(
        d / "main.exe", ["GetVersion"], uses=[stub("api-ms-win-core-sysinfo-l1-1-0.dll", ["GetVersion"])]
    )
    d = case("api-set-of-another-minor", Verdict.LOADS)
    w.program(
        d / "main.exe", ["GetVersion"], uses=[stub("api-ms-win-core-sysinfo-l1-1-9.dll", ["GetVersion"])]
    )
    d = case("api-set-unknown", Verdict.LIBRARY_MISSING)
    w.program(
        d / "main.exe", ["GetVersion"], uses=[stub("api-ms-win-core-nothing-l9-1-0.dll", ["GetVersion"])]
    )
    d = case("api-set-without-the-function", Verdict.ENTRY_POINT_MISSING)
    w.program(d / "main.exe", ["Nothing"], uses=[stub("api-ms-win-core-sysinfo-l1-1-0.dll", ["Nothing"])])
    d = case("32-bit-library", Verdict.WRONG_MACHINE)
    w.library(d / "one.dll", exports=["f"], machine="x86")
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("32-bit-library-passed-over", Verdict.LOADS)
    w.library(d / "one.dll", exports=["f"], machine="x86")
    w.library(d / "bin" / "one.dll", exports=["f"])
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("on-path", Verdict.LOADS)
    w.library(d / "bin" / "one.dll", exports=["f"])
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("beside-the-library-only", Verdict.LIBRARY_MISSING)
    w.library(
        d / "bin" / "one.dll",
        "int g(void); int f(void) { return g(); }",
        ["f"],
        uses=[stub("two.dll", ["g"])],
    )
    w.library(d / "elsewhere" / "two.dll", exports=["g"])
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("program-before-path", Verdict.LOADS)
    w.library(d / "one.dll", exports=["f"])
    w.library(d / "bin" / "one.dll", exports=["other"])
    w.program(d / "main.exe", ["f"], uses=[stub("one.dll", ["f"])])
    d = case("delay-loaded-missing", Verdict.LOADS)
    w.program(d / "main.exe", delays={"gone.dll": ["f"]})
    return expected


#: Exit codes that Wine gives. Where a function is missing it puts in one that ends the program when it is called: every
#: program here calls all that it imports.
WINE_EXITS = {
    0: Verdict.LOADS,
    0xC0000135: Verdict.LIBRARY_MISSING,
    0xC000007B: Verdict.WRONG_MACHINE,
    0x80000100: Verdict.ENTRY_POINT_MISSING,
}


def _wine(root: Path, names: Iterable[str], wine: str, environment: Mapping[str, str]) -> dict[str, Verdict]:
    """What Wine's loader makes of each ``main.exe``: one batch file, since each start of Wine takes seconds."""
    lines = ["@echo off"]
    for name in names:
        folder = "Z:" + str(root / name).replace("/", "\\")
        lines += [f"cd /d {folder}", f"set PATH=C:\\windows\\system32;C:\\windows;{folder}\\bin"]
        lines += [".\\main.exe > NUL", f"echo {name}=%errorlevel%"]
    batch = root / "all.bat"
    batch.write_bytes("\r\n".join([*lines, ""]).encode())
    done = subprocess.run(
        [wine, "cmd", "/c", "Z:" + str(batch).replace("/", "\\")],
        cwd=root, env=dict(environment), capture_output=True, text=True, timeout=250,
    )  # fmt: skip
    said = dict(line.split("=") for line in done.stdout.splitlines() if "=" in line)
    return {name: WINE_EXITS[int(code) & 0xFFFFFFFF] for name, code in said.items()}


#: Where Wine differs from Windows: it ends with 0xC0000135 whatever kept an imported library from loading.
DIFFERENCES = {"32-bit-library": Verdict.LIBRARY_MISSING}


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Verdict]]:
    root = tmp_path_factory.mktemp("cases")
    return root, _cases(Workshop(root / ".workshop"), root)


def _resolved(folder: Path, base: Inventory) -> Resolved:
    files = installed(folder)
    place = Place(base, files, path=(f"{APP}\\bin",), directory=APP)
    return resolve(files[f"{APP}\\main.exe".lower()], place)


def test_the_verdicts_of_windows(cases: tuple[Path, dict[str, Verdict]], wine_base: Inventory) -> None:
    root, expected = cases
    assert {name: _resolved(root / name, wine_base).verdict for name in expected} == expected


def test_wines_loader_agrees(
    cases: tuple[Path, dict[str, Verdict]], wine_base: Inventory, tmp_path: Path
) -> None:
    wine = shutil.which("wine64") or next(
        (path for path in ("/usr/lib/wine/wine64", shutil.which("wine") or "") if Path(path).is_file()), None
    )
    if wine is None:
        pytest.skip("wine is not installed")
    root, expected = cases
    prefix = tmp_path / "prefix"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "WINEPREFIX": str(prefix), "WINEDEBUG": "-all",
                   "WINEDLLOVERRIDES": "winedbg.exe=d;mscoree,mshtml="}  # fmt: skip
    server = str(Path(wine).with_name("wineserver"))
    server = server if Path(server).is_file() else shutil.which("wineserver") or ""
    try:
        subprocess.run([wine, "wineboot", "-i"], env=environment, capture_output=True, timeout=300)
        said = _wine(root, expected, wine, environment)
    finally:
        if server:
            subprocess.run([server, "-k"], env=environment, capture_output=True, timeout=60)
    ours = {name: _resolved(root / name, wine_base).verdict for name in expected}
    assert said == ours | DIFFERENCES


def test_mongo_698_is_told_with_its_chain(workshop: Workshop, tmp_path: Path, wine_base: Inventory) -> None:
    """docker-library/mongo#698: 0xC0000135 on nanoserver, because of ``msvcp140_1.dll`` alone."""
    folder = tmp_path / "mongo"
    workshop.library(folder / "msvcp140.dll", exports=["f"])
    stub = workshop.stub("msvcp140_1.dll", ["g"])
    workshop.library(folder / "mongoc.dll", "int g(void); int k(void) { return g(); }", ["k"], uses=[stub])
    uses = [workshop.stub("msvcp140.dll", ["f"]), workshop.stub("mongoc.dll", ["k"])]
    workshop.program(folder / "main.exe", ["f", "k"], uses=uses)
    found = _resolved(folder, wine_base)
    (trouble,) = found.troubles
    assert trouble.library == "msvcp140_1.dll"
    assert trouble.chain == ("main.exe", "mongoc.dll")
    assert found.exit is not None
    assert found.exit.code == 0xC0000135


def test_what_is_delay_loaded_shows_later(
    cases: tuple[Path, dict[str, Verdict]], wine_base: Inventory
) -> None:
    (trouble,) = _resolved(cases[0] / "delay-loaded-missing", wine_base).troubles
    assert trouble.later
    assert trouble.verdict is Verdict.LIBRARY_MISSING
    assert trouble.exit is not None
    assert trouble.exit.code == 0xC06D007E


# -- what Wine does not show -------------------------------------------------------------------------------

SYSTEM = "C:\\Windows\\System32"


def dll(path: str, *names: str, **facts: object) -> Binary:
    exports = Exports(frozenset(names), ((1, max(1, len(names))),), facts.pop("forwards", {}))  # type: ignore[arg-type]
    return Binary(path, library=True, exports=exports, **facts)  # type: ignore[arg-type]


def exe(*imports: Import, **facts: object) -> Binary:
    return Binary(f"{APP}\\main.exe", imports=imports, **facts)  # type: ignore[arg-type]


NTDLL = dll(f"{SYSTEM}\\ntdll.dll", "NtClose")
KERNEL = dll(f"{SYSTEM}\\kernel32.dll", "LoadLibraryW", "Sleep", imports=(Import("ntdll.dll", ("NtClose",)),))


def base(*more: Binary, **facts: object) -> Inventory:
    return build("base:1", (NTDLL, KERNEL, *more), os_version="10.0.20348.1", **facts)


def answer(program: Binary, inventory: Inventory | None, *beside: Binary, **facts: object) -> Resolved:
    files = {each.path.lower(): each for each in (program, *beside)}
    return resolve(program, Place(inventory, files, **facts))  # type: ignore[arg-type]


def troubles(found: Resolved) -> list[tuple[str, str]]:
    return [(each.verdict.value, each.library) for each in found.troubles]


def test_a_known_dll_comes_from_system32_whatever_lies_beside_the_program() -> None:
    own = dll(f"{APP}\\kernel32.dll", "Other")
    assert answer(exe(Import("KERNEL32.dll", ("Sleep",))), base(), own).verdict is Verdict.LOADS
    assert answer(exe(Import("KERNEL32.dll", ("Other",))), base(), own).verdict is Verdict.ENTRY_POINT_MISSING


def test_any_other_library_beside_the_program_hides_the_base_one() -> None:
    inventory = base(dll(f"{SYSTEM}\\version.dll", "GetFileVersionInfoW"))
    own = dll(f"{APP}\\version.dll", "Nothing")
    program = exe(Import("VERSION.dll", ("GetFileVersionInfoW",)))
    assert answer(program, inventory).verdict is Verdict.LOADS
    assert answer(program, inventory, own).verdict is Verdict.ENTRY_POINT_MISSING


def test_the_base_has_its_own_libraries_hidden_too() -> None:
    """A library of the base imports from the program's directory first, as everything in the process does."""
    inventory = base(
        dll(f"{SYSTEM}\\outer.dll", "f", imports=(Import("inner.dll", ("g",)),)),
        dll(f"{SYSTEM}\\inner.dll", "g"),
    )
    program = exe(Import("outer.dll", ("f",)))
    assert answer(program, inventory).verdict is Verdict.LOADS
    found = answer(program, inventory, dll(f"{APP}\\inner.dll", "h"))
    assert troubles(found) == [("entry point missing", "inner.dll")]
    assert found.troubles[0].chain == ("main.exe", "outer.dll")


def test_a_chain_of_forwards_that_ends_nowhere_or_never() -> None:
    around = base(
        dll(f"{SYSTEM}\\a.dll", "f", forwards={"f": "b.f"}),
        dll(f"{SYSTEM}\\b.dll", "f", forwards={"f": "a.f"}),
    )
    assert answer(exe(Import("a.dll", ("f",))), around).verdict is Verdict.ENTRY_POINT_MISSING
    own = base(dll(f"{SYSTEM}\\a.dll", "f", forwards={"f": "a.f"}))
    assert answer(exe(Import("a.dll", ("f",))), own).verdict is Verdict.ENTRY_POINT_MISSING
    nowhere = base(dll(f"{SYSTEM}\\a.dll", "f", forwards={"f": "gone.f"}))
    found = answer(exe(Import("a.dll", ("f",))), nowhere)
    assert troubles(found) == [("library missing", "gone")]
    assert found.troubles[0].chain == ("main.exe", "a.dll")


def test_a_forward_by_number() -> None:
    inventory = base(
        dll(f"{SYSTEM}\\a.dll", "f", "g", forwards={"f": "b.#1", "g": "b.#9"}), dll(f"{SYSTEM}\\b.dll", "x")
    )
    assert answer(exe(Import("a.dll", ("f",))), inventory).verdict is Verdict.LOADS
    assert answer(exe(Import("a.dll", ("g",))), inventory).verdict is Verdict.ENTRY_POINT_MISSING


def test_an_api_set_without_host_is_a_missing_library() -> None:
    inventory = base(apisets=ApiSets({"ext-ms-win-ntuser-window-l1-1": {"": ""}}))
    program = exe(Import("ext-ms-win-ntuser-window-l1-1-4.dll", ("F",)))
    assert troubles(answer(program, inventory)) == [
        ("library missing", "ext-ms-win-ntuser-window-l1-1-4.dll")
    ]


def test_an_api_set_has_another_host_for_one_importer() -> None:
    hosts = {"api-ms-win-core-x-l1-1": {"": "a.dll", "a.dll": "b.dll"}}
    inventory = base(
        dll(f"{SYSTEM}\\a.dll", "f", imports=(Import("api-ms-win-core-x-l1-1-0.dll", ("g",)),)),
        dll(f"{SYSTEM}\\b.dll", "g"),
        apisets=ApiSets(hosts),
    )
    assert answer(exe(Import("api-ms-win-core-x-l1-1-0.dll", ("f",))), inventory).verdict is Verdict.LOADS


def test_an_api_set_shipped_beside_the_program_counts_where_the_schema_lacks_it() -> None:
    """The Universal C run-time, deployed beside the program, for a Windows without it."""
    own = dll(f"{APP}\\api-ms-win-crt-runtime-l1-1-0.dll", "abort")
    program = exe(Import("api-ms-win-crt-runtime-l1-1-0.dll", ("abort",)))
    inventory = base(apisets=ApiSets({"api-ms-win-core-file-l1-1": {"": "kernel32.dll"}}))
    assert answer(program, inventory, own).verdict is Verdict.LOADS


def test_a_base_whose_api_sets_are_not_known_gives_no_answer_about_them() -> None:
    program = exe(Import("api-ms-win-core-file-l1-1-0.dll", ("f",)))
    assert answer(program, base()).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("machine", "inventory", "verdict"),
    [
        ("x64", base(), Verdict.LOADS),
        ("x86", base(), Verdict.WRONG_MACHINE),
        ("arm64", base(), Verdict.WRONG_MACHINE),
        ("0x0200", base(), Verdict.WRONG_MACHINE),
        ("x64", base(machine="arm64"), Verdict.WRONG_MACHINE),
        ("arm64", base(machine="arm64"), Verdict.LOADS),
        ("x86", base(dll("C:\\Windows\\SysWOW64\\ntdll.dll", "NtClose", machine="x86")), Verdict.LOADS),
    ],
)
def test_the_machine_of_the_program(machine: str, inventory: Inventory, verdict: Verdict) -> None:
    assert answer(exe(machine=machine), inventory).verdict is verdict


def test_a_32_bit_program_takes_its_libraries_from_syswow64() -> None:
    wow = "C:\\Windows\\SysWOW64"
    inventory = base(
        dll(f"{wow}\\ntdll.dll", "NtClose", machine="x86"), dll(f"{wow}\\kernel32.dll", "Old", machine="x86")
    )
    assert answer(exe(Import("kernel32.dll", ("Old",)), machine="x86"), inventory).verdict is Verdict.LOADS
    assert answer(exe(Import("kernel32.dll", ("Sleep",)), machine="x86"), inventory).verdict.fails


def test_what_arm64_can_load() -> None:
    inventory = base(dll(f"{SYSTEM}\\both.dll", "f", machine="arm64x"), machine="arm64")
    assert answer(exe(Import("both.dll", ("f",)), machine="arm64"), inventory).verdict is Verdict.LOADS


def test_a_program_for_a_newer_windows() -> None:
    found = answer(exe(windows=(10, 1)), base())
    assert found.verdict is Verdict.NEEDS_NEWER
    assert answer(exe(windows=(6, 1)), base()).verdict is Verdict.LOADS


def test_without_an_inventory_only_what_comes_with_the_program_is_known() -> None:
    found = answer(
        exe(Import("one.dll", ("f",)), Import("KERNEL32.dll", ("Sleep",))), None, dll(f"{APP}\\one.dll", "g")
    )
    assert found.verdict is Verdict.ENTRY_POINT_MISSING
    assert ("unknown", "KERNEL32.dll") in troubles(found)
    assert answer(exe(Import("KERNEL32.dll", ("Sleep",))), None).verdict is Verdict.UNKNOWN


def test_a_name_in_the_text_of_a_library_that_loads_by_name_is_unknown() -> None:
    """MSYS2's run-time library looks its functions up when they are first called."""
    runtime = dll(
        f"{APP}\\msys-2.0.dll", "main", imports=(Import("KERNEL32.dll", ("LoadLibraryW",)),),
        names=("kernel32.dll", "netapi32.dll"), looks_up=True,
    )  # fmt: skip
    found = answer(exe(Import("msys-2.0.dll", ("main",))), base(), runtime)
    assert found.verdict is Verdict.UNKNOWN
    assert not found.verdict.fails
    assert troubles(found) == [("unknown", "netapi32.dll")]
    assert found.troubles[0].chain == ("main.exe", "msys-2.0.dll")
    silent = replace(runtime, looks_up=False)
    assert answer(exe(Import("msys-2.0.dll", ("main",))), base(), silent).verdict is Verdict.LOADS


CONTROLS = Assembly("Microsoft.Windows.Common-Controls", "6.0.0.0", "*", "6595b64144ccf1df")


def test_a_side_by_side_assembly_of_the_base() -> None:
    folder = (
        "C:\\Windows\\WinSxS\\amd64_microsoft.windows.common-controls_6595b64144ccf1df_6.0.20348.1_none_1"
    )
    program = exe(Import("COMCTL32.dll", ("New",)), manifest=Manifest("asInvoker", (CONTROLS,)))
    bare = base(dll(f"{SYSTEM}\\comctl32.dll", "Old"))
    missing = answer(program, bare)
    assert missing.verdict is Verdict.LIBRARY_MISSING
    assert missing.exit is not None
    assert missing.exit.code == 14001
    installed_ = Assembly("microsoft.windows.common-controls", "6.0.20348.1", "amd64", "6595b64144ccf1df")
    full = base(
        dll(f"{SYSTEM}\\comctl32.dll", "Old"),
        dll(f"{folder}\\comctl32.dll", "New"),
        assemblies={installed_: folder},
    )
    assert answer(program, full).verdict is Verdict.LOADS
    plain = exe(Import("COMCTL32.dll", ("New",)))
    assert answer(plain, full).verdict is Verdict.ENTRY_POINT_MISSING


@pytest.mark.parametrize("where", ["private.manifest", "private\\private.manifest"])
def test_a_private_assembly(where: str) -> None:
    program = exe(
        Import("inner.dll", ("f",)), manifest=Manifest(assemblies=(Assembly("private", "1.0.0.0"),))
    )
    folder = ntpath.dirname(f"{APP}\\{where}")
    library = dll(f"{folder}\\inner.dll", "f")
    manifests = {f"{APP}\\{where}".lower(): Manifest(files=("inner.dll",))}
    assert answer(program, base(), library, manifests=manifests).verdict is Verdict.LOADS
    assert answer(program, base(), library).verdict is Verdict.LIBRARY_MISSING


def test_a_manifest_beside_the_program_counts_where_it_has_none_inside() -> None:
    manifests: Mapping[str, Manifest] = {
        f"{APP}\\main.exe.manifest".lower(): Manifest(assemblies=(CONTROLS,))
    }
    assert answer(exe(), base(), manifests=manifests).verdict is Verdict.LIBRARY_MISSING


def test_a_local_directory_is_looked_in_first_unless_there_is_a_manifest() -> None:
    program = exe(Import("one.dll", ("f",)))
    plain, redirected = dll(f"{APP}\\one.dll", "g"), dll(f"{APP}\\main.exe.local\\one.dll", "f")
    local = frozenset({f"{APP}\\main.exe.local\\one.dll".lower()})
    assert answer(program, base(), plain, redirected, local=local).verdict is Verdict.LOADS
    with_manifest = replace(program, manifest=Manifest("asInvoker"))
    assert (
        answer(with_manifest, base(), plain, redirected, local=local).verdict is Verdict.ENTRY_POINT_MISSING
    )


def test_a_dotnet_program_needs_the_framework_of_the_base() -> None:
    program = exe(Import("mscoree.dll", ("_CorExeMain",)), machine="x86", managed=True)
    assert troubles(answer(program, base())) == [("library missing", "mscoree.dll")]


def test_a_file_of_which_only_the_name_is_known() -> None:
    found = answer(
        exe(Import("one.dll", ("f",))), base(), opaque={f"{SYSTEM}\\one.dll".lower(): f"{SYSTEM}\\one.dll"}
    )
    assert troubles(found) == [("unknown", "one.dll")]


def test_the_first_trouble_is_what_windows_says() -> None:
    """Libraries are mapped before functions are looked for, wherever they are in the chain."""
    inventory = base(dll(f"{SYSTEM}\\a.dll", "f", imports=(Import("gone.dll", ("g",)),)))
    found = answer(exe(Import("kernel32.dll", ("Nothing",)), Import("a.dll", ("f",))), inventory)
    assert [each.verdict for each in found.troubles] == [Verdict.LIBRARY_MISSING, Verdict.ENTRY_POINT_MISSING]


def test_names_without_an_ending_and_with_a_dot() -> None:
    inventory = base(dll(f"{SYSTEM}\\winspool.drv", "f"), dll(f"{SYSTEM}\\plain.dll", "f"))
    assert (
        answer(exe(Import("WINSPOOL.DRV", ("f",)), Import("plain", ("f",))), inventory).verdict
        is Verdict.LOADS
    )


def test_a_long_chain_and_many_libraries_end() -> None:
    many = [
        dll(
            f"{SYSTEM}\\l{n}.dll",
            "f",
            imports=tuple(Import(f"l{m}.dll", ("f",)) for m in (n + 1, n + 2, 2 * n)),
        )
        for n in range(3000)
    ]
    found = answer(exe(Import("l0.dll", ("f",))), base(*many))
    assert found.verdict is Verdict.LIBRARY_MISSING
    assert len(found.modules) == 3001
