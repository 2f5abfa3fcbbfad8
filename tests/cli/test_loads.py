"""``contrib loads`` from the command line: what it prints, where it writes, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contrib.binaries.inventory import Inventory, build, write
from contrib.binaries.model import Binary, Exports, Import
from contrib.cli.main import run
from contrib.work import known, loads
from tests.binaries.workshop import Workshop, configuration, layer, saved

SYSTEM = "C:\\Windows\\System32"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(loads, "default_cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr(known, "default_cache_dir", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "workshop")


def inventory(name: str, *more: tuple[str, tuple[str, ...]], release: str = "10.0.20348.1") -> Inventory:
    libraries = [
        Binary(
            f"{SYSTEM}\\{file}.dll", library=True, exports=Exports(frozenset(functions), ((1, 99),)),
            imports=() if file == "ntdll" else (Import("ntdll.dll", ("NtF",)),),
        )
        for file, functions in (("ntdll", ("NtF",)), ("kernel32", ("f",)), *more)
    ]  # fmt: skip
    return build(f"mcr.microsoft.com/windows/{name}", libraries, os_version=release)


def kept(path: Path, found: Inventory) -> str:
    path.write_bytes(write(found))
    return str(path)


@pytest.fixture
def nano(tmp_path: Path) -> str:
    return kept(tmp_path / "nano.inventory", inventory("nanoserver:ltsc2022"))


@pytest.fixture
def core(tmp_path: Path) -> str:
    return kept(tmp_path / "core.inventory", inventory("servercore:ltsc2022", ("netapi32", ("NetF",))))


@pytest.fixture
def server(workshop: Workshop, tmp_path: Path) -> str:
    """A library without the C run-time, so that it needs what these small inventories have and netapi32."""
    uses = [workshop.stub("netapi32.dll", ["NetF"])]
    source = "int NetF(void); int go(void) { return NetF(); }"
    return str(workshop.library(tmp_path / "in" / "server.dll", source, ["go"], uses=uses))


def test_the_chain_and_the_code(server: str, nano: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["loads", server, "--inventory", nano]) == 1
    out = capsys.readouterr().out
    assert "library missing 0xC0000135  C:\\app\\server.dll" in out
    assert "server.dll > netapi32.dll: it is neither beside" in out
    assert "nothing was run" in out


def test_a_table_of_several_bases(
    server: str, nano: str, core: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["loads", server, "--inventory", nano, "--inventory", core]) == 1
    table = capsys.readouterr().out.split("\n\n")[1].splitlines()
    assert table[0].split() == ["nanoserver:ltsc2022", "servercore:ltsc2022"]
    assert table[1].split() == ["C:\\app\\server.dll", "library", "missing", "loads"]


def test_json_has_the_facts_and_the_answers(
    server: str, core: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["loads", server, "--inventory", core, "--format", "json"]) == 0
    shape = json.loads(capsys.readouterr().out)
    (binary,) = shape["files"][0]["binaries"]
    assert (binary["machine"], binary["library"], binary["exports"]) == ("x64", True, 1)
    assert ["netapi32.dll", ["NetF"]] in binary["imports"]
    (answer,) = shape["bases"]
    assert answer["summary"]["loads"] == 1
    assert answer["results"][0]["troubles"] == []


def test_without_a_base_only_the_facts_are_known(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["loads", server, "-v"]) == 0
    out = capsys.readouterr().out
    assert "unknown  C:\\app\\server.dll" in out
    assert "imports: netapi32.dll (1)" in out


def test_a_dockerfile_says_where_what_and_on_which_base(
    server: str, nano: str, core: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it copies from servercore is there; its own libraries come from the build context and from PATH."""
    for file in (nano, core):
        assert run(["loads", "--inventory", file, "-q"]) == 0
    folder = tmp_path / "context"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "server.dll").write_bytes(Path(server).read_bytes())
    head = "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"
    copy = (
        "COPY --from=x:1-windowsservercore-ltsc2022 C:\\\\Windows\\\\System32\\\\netapi32.dll "
        "C:\\\\Windows\\\\System32\\\\\n"
    )
    dockerfile = folder / "Dockerfile"
    dockerfile.write_text(head + "COPY bin C:\\\\server\n")
    capsys.readouterr()
    assert run(["loads", "--dockerfile", str(dockerfile), "--offline"]) == 1
    assert "C:\\server\\server.dll" in capsys.readouterr().out
    dockerfile.write_text(head + "COPY bin C:\\\\server\n" + copy)
    assert run(["loads", "--dockerfile", str(dockerfile), "--offline"]) == 0
    dockerfile.write_text(
        head + "COPY bin C:\\\\server\n" + copy.replace("x:1-windowsservercore-ltsc2022", "other:1")
    )
    capsys.readouterr()
    assert run(["loads", "--dockerfile", str(dockerfile), "--offline"]) == 0
    assert "what C:\\Windows\\System32\\netapi32.dll exports and imports is not known" in " ".join(
        capsys.readouterr().out.split()
    )


def test_a_saved_image_is_its_own_base(
    workshop: Workshop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ntdll = workshop.library(tmp_path / "ntdll.dll", exports=["NtF"])
    one = workshop.library(
        tmp_path / "one.dll", "int NtF(void); int f(void) { return NtF(); }", ["f"], uses=[workshop.stub("ntdll.dll", ["NtF"])]
    )  # fmt: skip
    path = tmp_path / "image.tar"
    layers = [layer({"Windows/System32/ntdll.dll": ntdll}), layer({"app/one.dll": one})]
    path.write_bytes(saved(layers, configuration(), "app:1"))
    assert run(["loads", str(path), "--format", "json"]) == 0
    shape = json.loads(capsys.readouterr().out)
    assert shape["bases"][0]["os_version"] == "10.0.20348.2031"
    assert [each["path"] for each in shape["bases"][0]["results"]] == ["C:\\app\\one.dll"]


def test_no_inventory_can_be_had(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["loads", server, "--base", "mcr.microsoft.com/windows/nanoserver:ltsc2022", "--offline"]) == 3
    done = capsys.readouterr()
    assert "there is no inventory of it in the cache" in done.err
    assert "no inventory" in done.out


def test_something_that_fails_counts_more_than_a_base_without_inventory(server: str, nano: str) -> None:
    bases = ["--inventory", nano, "--base", "example.test/x:1", "--offline", "-q"]
    assert run(["loads", server, *bases]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a FILE"),
        (["gone.exe"], "there is no such file"),
        (["{notes}", "--inventory", "{nano}"], "is neither a Windows binary nor an archive"),
        (["{server}", "--inventory", "gone.inventory"], "there is no such file"),
        (["{server}", "--inventory", "{server}"], "cannot be read"),
        (["{server}", "--base", "Not A Name"], "is not the name of an image"),
        (["{server}", "--base", "./gone.tar"], "there is no such file"),
        (["{server}", "--inventory-of", "x"], "takes no FILE"),
        (["{server}", "--dockerfile", "{scratch}"], "does not say what it starts from"),
    ],
)
def test_bad_input(
    arguments: list[str],
    said: str,
    server: str,
    nano: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "Scratch").write_text("ARG BASE\nFROM $BASE\n")
    names = {
        "server": server,
        "nano": nano,
        "notes": str(tmp_path / "notes.txt"),
        "scratch": str(tmp_path / "Scratch"),
    }
    assert run(["loads", *(each.format(**names) for each in arguments)]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_nothing_is_written_outside_the_cache(
    server: str, nano: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    run(["loads", server, "--inventory", nano, "-q"])
    assert list(work.iterdir()) == []
    assert list((tmp_path / "cache" / "scratch").iterdir()) == []


def test_a_file_that_is_named_and_is_no_binary_is_bad_input(
    tmp_path: Path, nano: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.exe"
    path.write_bytes(b"MZ nothing" * 20)
    assert run(["loads", str(path), "--inventory", nano]) == 2
    captured = capsys.readouterr()
    assert (
        captured.out == ""
        and "x.exe: is not a whole Windows binary: its headers cannot be read" in captured.err
    )
