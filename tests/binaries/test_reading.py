"""Files, directories and archives, read in a process of its own; and what is refused, in one sentence."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from contrib.binaries import reading
from contrib.binaries.model import Contents
from contrib.clients import isolated
from contrib.values.errors import BadInput
from tests.binaries.workshop import Workshop


@pytest.fixture
def program(workshop: Workshop, tmp_path: Path) -> Path:
    return workshop.program(tmp_path / "in" / "server.exe")


def read(path: Path, tmp_path: Path, **more: object) -> Contents:
    scratch = tmp_path / "scratch"
    try:
        return reading.read(path, path.name, scratch, **more)  # type: ignore[arg-type]
    finally:
        assert not scratch.exists() or list(scratch.iterdir()) == []


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, files: dict[str, bytes], mode: str) -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def seven(path: Path, files: dict[str, bytes], password: str | None = None) -> Path:
    import py7zr

    with py7zr.SevenZipFile(path, "w", password=password, header_encryption=password == "header") as archive:
        for name, data in files.items():
            archive.writestr(data, name)
    return path


def test_a_file_and_a_directory(program: Path, tmp_path: Path) -> None:
    assert [each.path for each in read(program, tmp_path).binaries] == ["server.exe"]
    (program.parent / "sub").mkdir()
    (program.parent / "sub" / "notes.txt").write_text("x")
    shutil.copy(program, program.parent / "sub" / "other.exe")
    (program.parent / "server.exe.manifest").write_text(
        '<assembly xmlns="urn:schemas-microsoft-com:asm.v1"/>'
    )
    found = read(program.parent, tmp_path)
    assert [each.path for each in found.binaries] == ["server.exe", "sub/other.exe"]
    assert list(found.manifests) == ["server.exe.manifest"]


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz", "7z", "tar.zst"])
def test_archives_by_their_first_bytes(kind: str, program: Path, tmp_path: Path) -> None:
    files = {"app/server.exe": program.read_bytes(), "app/readme.txt": b"hello"}
    path = tmp_path / f"named-wrongly-{kind}.bin"
    if kind == "zip":
        zipped(path, files)
    elif kind == "7z":
        seven(path, files)
    elif kind == "tar.zst":
        from backports import zstd

        tarred(tmp_path / "plain", files, "w")
        path.write_bytes(zstd.compress((tmp_path / "plain").read_bytes()))
    else:
        tarred(path, files, "w:" + kind.removeprefix("tar").removeprefix("."))
    assert [each.path for each in read(path, tmp_path).binaries] == ["app/server.exe"]


def test_an_archive_in_an_archive(program: Path, tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"server.exe": program.read_bytes()})
    outer = tarred(
        tmp_path / "outer.tar", {"a/inner.zip": inner.read_bytes(), "a/bad.zip": b"PK\x03\x04 no"}, "w"
    )
    found = read(outer, tmp_path)
    assert [each.path for each in found.binaries] == ["a/inner.zip/server.exe"]
    assert found.notes == ("outer.tar: a/bad.zip cannot be read",)


def test_an_msi_package(program: Path, tmp_path: Path) -> None:
    for name in ("wixl", "msibuild"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
    (program.parent / "p.wxs").write_text(
        '<?xml version="1.0"?><Wix xmlns="http://schemas.microsoft.com/wix/2006/wi"><Product Id="*" Name="Sample" '
        'Version="1.2.3" Manufacturer="x" Language="1033" UpgradeCode="2B7F8C11-6D22-4C5C-BF6C-9C5E1B3D1A11">'
        '<Package InstallerVersion="200" Compressed="yes"/><Media Id="1" Cabinet="a.cab" EmbedCab="yes"/>'
        '<Directory Id="TARGETDIR" Name="SourceDir"><Directory Id="ProgramFiles64Folder"><Directory Id="APP" '
        'Name="Sample App"><Component Id="c" Guid="2B7F8C11-6D22-4C5C-BF6C-9C5E1B3D1A12"><File Id="f" '
        'Name="server.exe" Source="server.exe" KeyPath="yes"/><ServiceInstall Id="s" Name="sample" '
        'Type="ownProcess" Start="auto" ErrorControl="normal"/></Component></Directory></Directory></Directory>'
        '<Feature Id="F" Level="1"><ComponentRef Id="c"/></Feature></Product></Wix>'
    )
    run = {"cwd": program.parent, "check": True, "capture_output": True}
    subprocess.run(["wixl", "-a", "x64", "p.wxs", "-o", "p.msi"], **run)  # type: ignore[call-overload]
    insert = "INSERT INTO LaunchCondition (Condition, Description) VALUES ('VersionNT >= 1000', 'Too old')"
    subprocess.run(["msibuild", "p.msi", "-q", insert], **run)  # type: ignore[call-overload]
    found = read(program.parent / "p.msi", tmp_path)
    assert [each.path for each in found.binaries] == ["Program Files/Sample App/server.exe"]
    (package,) = found.packages
    assert (package.product, package.version, package.machine) == ("Sample", "1.2.3", "x64")
    assert package.conditions == (("VersionNT >= 1000", "Too old"),)
    assert package.services == (("sample", "server.exe"),)


@pytest.mark.parametrize(
    "name", ["../up.exe", "/abs.exe", "C:\\drive.exe", "a/../../up.exe", "..\\up.exe", "a\\..\\..\\b.exe"]
)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_path_that_leads_out_is_refused(kind: str, name: str, program: Path, tmp_path: Path) -> None:
    files = {"fine.exe": program.read_bytes(), name: program.read_bytes()}
    path = zipped(tmp_path / "a.zip", files) if kind == "zip" else tarred(tmp_path / "a.tar", files, "w")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BadInput, match="leads out of the archive"):
        read(path, tmp_path)
    assert [each for each in sorted(tmp_path.rglob("*")) if "scratch" not in each.parts] == before


def test_links_in_archives_and_directories_are_not_followed(program: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for kind, name in ((tarfile.SYMTYPE, "soft.exe"), (tarfile.LNKTYPE, "hard.exe")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert read(path, tmp_path).binaries == ()
    if hasattr(os, "symlink"):
        (tmp_path / "dir").mkdir()
        (tmp_path / "dir" / "link.exe").symlink_to(program)
        assert read(tmp_path / "dir", tmp_path).binaries == ()


@pytest.mark.parametrize("password", ["body", "header"])
def test_a_password(password: str, program: Path, tmp_path: Path) -> None:
    path = seven(tmp_path / "a.7z", {"server.exe": program.read_bytes()}, password)
    with pytest.raises(BadInput, match="locked with a password"):
        read(path, tmp_path)


def test_a_zip_with_a_password(program: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"server.exe": program.read_bytes()})
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(BadInput, match="locked with a password"):
        read(path, tmp_path)


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "7z"])
def test_a_bomb(kind: str, tmp_path: Path) -> None:
    zeros = {"big.exe": b"MZ" + bytes(20_000_000)}
    path = {
        "zip": lambda: zipped(tmp_path / "a", zeros),
        "tar.gz": lambda: tarred(tmp_path / "a", zeros, "w:gz"),
        "7z": lambda: seven(tmp_path / "a", zeros),
    }[kind]()
    assert path.stat().st_size < 200_000
    with pytest.raises(BadInput, match=r"unpacks to more than|is not a readable"):
        read(path, tmp_path, limits={"unpacked": 10_000_000})


def test_too_many_files(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{n}.txt": b"" for n in range(60)})
    with pytest.raises(BadInput, match="has more than 50 files"):
        read(path, tmp_path, limits={"members": 50})


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"PK\x03\x04garbage", b"7z\xbc\xaf\x27\x1c" + b"\0" * 40, b"\x1f\x8bgarbage", b"MSCF" + b"\xff" * 60,
     b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600, b"\x28\xb5\x2f\xfd" + b"\xff" * 50, b"BZhx" * 30,
     b"\xfd7zXZ\x00" + b"\xff" * 30, b"\0" * 257 + b"ustar" + b"\xff" * 300],
)  # fmt: skip
def test_garbage_is_one_sentence(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    with pytest.raises(BadInput) as caught:
        read(path, tmp_path)
    assert caught.value.file == "a.bin"
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "7z"])
def test_an_archive_that_is_cut_off(kind: str, program: Path, tmp_path: Path) -> None:
    files = {"server.exe": program.read_bytes() + os.urandom(5000)}
    whole = {
        "zip": lambda: zipped(tmp_path / "w", files),
        "tar.gz": lambda: tarred(tmp_path / "w", files, "w:gz"),
        "7z": lambda: seven(tmp_path / "w", files),
    }[kind]().read_bytes()
    for part in (0.3, 0.7, 0.98):
        path = tmp_path / "a.bin"
        path.write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(BadInput):
            read(path, tmp_path)


def test_a_member_that_is_not_what_it_seems_is_named(program: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"bad.exe": b"MZ" + b"\xff" * 500, "server.exe": program.read_bytes()})
    found = read(path, tmp_path)
    assert [each.path for each in found.binaries] == ["server.exe"]
    ((name, why),) = found.unread
    assert name == "bad.exe"
    assert "cannot be read" in why


def run(function: str, **limits: float) -> list[dict[str, object]]:
    settings = {"memory": 512 * 1024 * 1024, "silence": 5.0, "seconds": 5.0, **limits}
    return list(isolated.lines(f"tests.binaries.hostile:{function}", {}, **settings))  # type: ignore[arg-type]


def test_a_reader_that_hangs_is_ended() -> None:
    with pytest.raises(isolated.Ended, match="longer than 1 s"):
        run("hang", silence=1.0)


def test_a_reader_that_talks_without_end_is_ended() -> None:
    with pytest.raises(isolated.Ended, match="longer than 1 s") as caught:
        run("talk", seconds=1.0)
    assert caught.value.whole


@pytest.mark.skipif(os.name == "nt", reason="a job object bounds it there, which wine alone could show")
def test_a_reader_that_wants_all_memory_is_ended() -> None:
    with pytest.raises(isolated.Ended, match="512 MiB of memory"):
        run("eat", silence=30.0, seconds=30.0)


def test_a_reader_that_crashes_takes_nothing_with_it() -> None:
    with pytest.raises(isolated.Ended, match="ended the process"):
        run("crash")


def test_a_reader_knows_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_TOKEN", "secret")
    (answer,) = run("environment")
    assert "GH_TOKEN" not in answer["names"]  # type: ignore[operator]


def test_a_member_that_crashes_the_reader_is_left_out(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = reading.lines

    def lines(name: str, arguments: dict[str, object], **limits: float) -> object:
        return real("tests.binaries.hostile:read_files", arguments, **limits)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "lines", lines)
    data = program.read_bytes()
    path = zipped(tmp_path / "a.zip", {"one.exe": data, "crash.exe": data, "two.exe": data})
    found = read(path, tmp_path)
    assert [each.path for each in found.binaries] == ["one.exe", "two.exe"]
    assert [name for name, _ in found.unread] == ["crash.exe"]


def test_without_the_extra_the_hint_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Exception, match="needs pefile, py7zr, pymsi") as caught:
        reading.need_readers()
    assert "[loads]" in str(caught.value.hint)  # type: ignore[attr-defined]
