"""Where a Dockerfile puts what it downloads, copies and moves, and where its programs look for libraries."""

from __future__ import annotations

import pytest

from contrib.build import read
from contrib.dockerfile import parse
from contrib.facts.placement import Placement, place, placement

HEAD = (
    "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
    'SHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]\n'
)


def of(text: str) -> Placement:
    return placement(read(parse(text.encode(), "Dockerfile")))


@pytest.mark.parametrize(
    ("body", "archive", "members", "placed"),
    [
        (
            "RUN Invoke-WebRequest -Uri https://e.test/app-1.zip -OutFile a.zip; Expand-Archive a.zip -DestinationPath C:\\app",
            "app-1.zip",
            ["bin/x.exe"],
            {"bin/x.exe": "C:\\app\\bin\\x.exe"},
        ),
        (
            "RUN Invoke-WebRequest -Uri https://e.test/app-1.zip -OutFile a.zip; "
            "Expand-Archive a.zip -DestinationPath C:\\; Move-Item C:\\app-1 C:\\app",
            "app-1.zip",
            ["app-1/x.exe", "app-1/lib/y.dll"],
            {"app-1/x.exe": "C:\\app\\x.exe", "app-1/lib/y.dll": "C:\\app\\lib\\y.dll"},
        ),
        (
            "RUN Invoke-WebRequest -Uri https://e.test/app-1.zip -OutFile a.zip; "
            "Expand-Archive a.zip -DestinationPath C:\\t; Move-Item C:\\t\\app-* C:\\app; Remove-Item C:\\app\\extra.exe",
            "app-1.zip",
            ["app-1/x.exe", "app-1/extra.exe"],
            {"app-1/x.exe": "C:\\app\\x.exe"},
        ),
    ],
)
def test_an_archive_is_where_it_was_unpacked_and_moved(
    body: str, archive: str, members: list[str], placed: dict[str, str]
) -> None:
    found, how = place(members, archive, of(HEAD + body + "\n"))
    assert found == placed
    assert "in line 3" in how


def test_a_directory_of_another_image_holds_the_archive() -> None:
    text = "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nCOPY --from=x:1-windowsservercore-ltsc2022 C:\\\\app C:\\\\app\n"
    found, how = place(["app-1/x.exe", "app-1/y.dll"], "app-1.zip", of(text))
    assert found == {"app-1/x.exe": "C:\\app\\x.exe", "app-1/y.dll": "C:\\app\\y.dll"}
    assert "copied to C:\\app" in how


def test_without_a_word_about_the_archive_it_is_anywhere() -> None:
    found, how = place(["x.exe"], "a.zip", of("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"))
    assert (found, how) == ({"x.exe": "C:\\app\\x.exe"}, "")


def test_path_workdir_base_and_libraries() -> None:
    found = of(
        "ARG R=ltsc2022\nFROM mcr.microsoft.com/windows/nanoserver:$R\n"
        'USER ContainerAdministrator\nSHELL ["cmd", "/S", "/C"]\n'
        'RUN setx /M PATH "C:\\app\\bin;%PATH%"\nWORKDIR C:\\\\data\n'
        "COPY --from=x:1-windowsservercore-ltsc2022 C:\\\\Windows\\\\System32\\\\a.dll C:\\\\Windows\\\\System32\\\\b.dll C:\\\\Windows\\\\System32\\\\\n"
        'CMD ["server.exe", "--x"]\n'
    )
    assert (found.base, found.kind, found.release) == (
        "mcr.microsoft.com/windows/nanoserver:ltsc2022",
        "nanoserver",
        "ltsc2022",
    )
    assert found.path[0] == "C:\\app\\bin"
    assert found.directory == "C:\\data"
    assert [each.target for each in found.libraries] == [
        "C:\\Windows\\System32\\a.dll",
        "C:\\Windows\\System32\\b.dll",
    ]
