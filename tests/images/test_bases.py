"""What base images hand on: the data, and how it is put together."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from contrib.dockerfile import parse
from contrib.dockerfile.inherited import SETTINGS
from contrib.dockerfile.platform import Reference
from contrib.images.bases import bases
from contrib.values.errors import BadInput
from contrib.values.tables import templates_directory
from contrib.work.base_images import agreed, document, of_repository, settings_of

FOLDER = templates_directory() / "bases"
STOP = "$ErrorActionPreference = 'Stop';"
QUIET = "$ProgressPreference = 'SilentlyContinue';"


@pytest.mark.parametrize(
    ("reference", "preferences"),
    [
        ("golang:1.26-windowsservercore-ltsc2022", f"{STOP} {QUIET}"),
        ("python:3.13.1-windowsservercore-ltsc2022", f"{STOP} {QUIET}"),
        ("eclipse-temurin:21-jdk-windowsservercore-ltsc2022", f"{STOP} {QUIET}"),
        ("openjdk:25-windowsservercore", f"{STOP} {QUIET}"),
        ("mongo:8.0-windowsservercore", STOP),
        ("nats:2-windowsservercore-ltsc2022", STOP),
        ("haxe:4.3-windowsservercore", STOP),
    ],
)
def test_servercore_images_hand_on_powershell(reference: str, preferences: str) -> None:
    found = bases()(Reference.parse(reference))
    assert found is not None
    assert found.shell == ("powershell", "-Command", preferences)
    assert found.user == "ContainerAdministrator"
    assert found.source


@pytest.mark.parametrize(
    "reference", ["golang:1.26-nanoserver-ltsc2022", "mongo:8.0-nanoserver", "openjdk:25-nanoserver-1809"]
)
def test_nanoserver_images_hand_on_cmd(reference: str) -> None:
    found = bases()(Reference.parse(reference))
    assert found is not None and found.shell is not None
    assert [word.lower() for word in found.shell] == ["cmd", "/s", "/c"]
    assert found.user == "ContainerUser"
    assert found.environment["TMP"] == "C:\\Windows\\TEMP"
    assert found.unwritable == ("C:\\Windows\\Temp",)


def test_a_table_for_the_tags_with_a_word() -> None:
    find = bases()
    server = find(Reference.parse("caddy:2.11-windowsservercore-ltsc2022"))
    builder = find(Reference.parse("caddy:2.11-builder-windowsservercore-ltsc2022"))
    assert server is not None and server.command is not None and server.command[:2] == ("caddy", "run")
    assert server.exposed == ("2019", "443", "443/udp", "80")
    assert builder is not None and builder.exposed == () and builder.environment["GOPATH"] == "C:\\go"
    jre = find(Reference.parse("eclipse-temurin:21-jre-windowsservercore-ltsc2022"))
    jdk = find(Reference.parse("eclipse-temurin:21-jdk-windowsservercore-ltsc2022"))
    assert jre is not None and jre.knows("command") and jdk is not None and not jdk.knows("command")


def test_microsoft_s_bases() -> None:
    core = bases()(Reference.parse("mcr.microsoft.com/windows/servercore:ltsc2022"))
    assert core is not None and core.user == "ContainerAdministrator" and core.shell is None
    assert core.unwritable == ()
    nano = bases()(Reference.parse("mcr.microsoft.com/windows/nanoserver:1809"))
    assert nano is not None and nano.user == "ContainerUser" and nano.unwritable
    between = bases()(Reference.parse("mcr.microsoft.com/windows/nanoserver:1803"))
    assert between is not None and between.user == "ContainerUser" and not between.unwritable
    first = bases()(Reference.parse("microsoft/nanoserver"))
    assert first is not None and first.user == "ContainerAdministrator"


@pytest.mark.parametrize(
    "reference",
    [
        "someone/windows-base:ltsc2022",
        "someone/golang:1.26-windowsservercore",
        "unheard-of:1-windowsservercore",
        "mcr.microsoft.com/dotnet/framework/runtime:4.8",
        "mcr.microsoft.com/powershell:nanoserver-ltsc2022",
        "alpine:3.20",
        "../golang:1-windowsservercore",
        "golang:1.26",
    ],
)
def test_nothing_is_claimed_of_an_image_that_nobody_read(reference: str) -> None:
    assert bases()(Reference.parse(reference)) is None


def test_a_base_that_is_an_official_image_is_looked_through(tmp_path: Path) -> None:
    for name, settings in {
        "one": {"base": "two", "command": ["one"]},
        "two": {"shell": ["pwsh"], "command": ["two"]},
        "microsoft": {"user": "someone", "why": "for the test"},
    }.items():
        text = json.dumps({"images": [{"kinds": ["servercore"], **settings}]})
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    found = bases(tmp_path)(Reference.parse("one:1-windowsservercore-ltsc2022"))
    assert found is not None
    assert (found.shell, found.command, found.user) == (("pwsh",), ("one",), "someone")


def test_what_differs_from_version_to_version_is_unknown() -> None:
    found = bases()(Reference.parse("eclipse-temurin:21-jdk-windowsservercore-ltsc2022"))
    assert found is not None and not found.knows("command") and found.command is None
    # some of hylang's variants start from python, some from pypy
    assert not any(map(bases()(Reference.parse("hylang:1-windowsservercore")).knows, SETTINGS))  # type: ignore[union-attr]
    assert found.knows("user")
    assert "JAVA_VERSION" in found.varying


def test_an_entrypoint_takes_the_command_of_the_base_away() -> None:
    found = bases()(Reference.parse("traefik:v3-windowsservercore-ltsc2022"))
    assert found is not None and found.entrypoint == ("/traefik",)
    assert found.command is None and found.knows("command")


def test_settings_of_a_file() -> None:
    file = parse(
        b"FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS base\n"
        b'SHELL ["powershell", "-Command"]\nENV A=C:\\\\a\nENV B=$A\\\\b\nWORKDIR C:\\\\x\nUSER one\nCMD ["a"]\n'
        b"FROM base\nWORKDIR y\nENTRYPOINT b c\nVOLUME C:\\\\d\n",
        "Dockerfile",
    )
    assert settings_of(file) == {
        "shell": ["powershell", "-Command"],
        "environment": {"A": "C:\\a", "B": "C:\\a\\b"},
        "workdir": "C:\\x\\y",
        "user": "one",
        "entrypoint": ["b c"],
        "shell_form": ["entrypoint"],
        "volumes": ["C:\\d"],
    }


def test_agreed_keeps_what_all_versions_have() -> None:
    one = {"user": "a", "command": ["x"], "environment": {"V_VERSION": "1.2", "HOME": "C:\\h", "W": "1"}}
    two = {"user": "a", "command": ["y"], "environment": {"V_VERSION": "1.2", "HOME": "C:\\h"}}
    table = agreed([one, two])
    assert table == {
        "user": "a",
        "environment": {"HOME": "C:\\h"},
        "varying": ["V_VERSION", "W"],
        "unknown": ["command"],
    }
    assert agreed([{"base": "python"}, {}])["unknown"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"images": [{}]}', "kinds is missing"),
        ('{"images": [{"kinds": ["servercore"], "shel": ["cmd"]}]}', "shel is not a key"),
        ('{"images": [{"kinds": ["servercore"], "shell": "cmd"}]}', "shell is a list of texts"),
        ('{"images": [{"kinds": ["core"]}]}', "kinds may hold"),
        ('{"images": [{"kinds": ["servercore"], "unknown": ["path"]}]}', "unknown may hold"),
        ('{"images": [], "kinds": ["servercore"]}', "only `about` and `images`"),
        ('{"images": ["servercore"]}', "a list of objects"),
        ("[]", "a list of objects"),
        ('{"images": [\n}', "line 2"),
        ("[" * 100_000, "nested more than"),
        ('{"images": ' + "1" * 5000 + "}", "a number that is too long"),
    ],
)
def test_wrong_data_is_bad_input(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "golang.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        bases(tmp_path)(Reference.parse("golang:1.26-windowsservercore"))
    assert said in f"{caught.value} {caught.value.line and f'line {caught.value.line}'}"


def test_every_file_can_be_read() -> None:
    for path in sorted(FOLDER.glob("*.json")):
        for kind in ("windowsservercore", "nanoserver"):
            bases()(Reference.parse(f"{path.stem}:1-{kind}-ltsc2022"))


REPOSITORIES = {
    "golang": "docker-library/golang",
    "python": "docker-library/python",
    "mongo": "docker-library/mongo",
    "nats": "nats-io/nats-docker",
    "caddy": "caddyserver/caddy-docker",
    "docker": "docker-library/docker",
    "eclipse-temurin": "adoptium/containers",
    "openjdk": "docker-library/openjdk",
    "traefik": "traefik/traefik-library-image",
}


@pytest.mark.parametrize("name", sorted(REPOSITORIES))
def test_the_data_is_what_the_repository_says(name: str) -> None:
    """The file is the script's output at the commit that it names."""
    from contrib.clients.git import Repository

    clones = os.environ.get("CONTRIB_TEST_CLONES")
    path = Path(clones or "") / REPOSITORIES[name].replace("/", "+") / "repo"
    if clones is None or not path.is_dir():
        pytest.skip("CONTRIB_TEST_CLONES does not name a directory with that clone")
    written = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    with Repository.open(path) as repository:
        commit = repository.resolve("HEAD")
        if commit not in written:
            pytest.skip(f"the data was read at another commit than {commit}")
        assert document(name, REPOSITORIES[name], commit, of_repository(repository)) == written
