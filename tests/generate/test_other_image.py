"""An image that is nobody's: all that commands know of an image is its folder."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest

from contrib.cli.main import run

IMAGE = """\
[image]
name = "app"
title = "App"
program = "appd"
install = 'C:\\app'

[official_images]
repository = "docker-library/official-images"
branch = "master"
manifest = "library/app"

[layouts.plain]
repository = "example/app"
branch = "main"
directory = "{series}/{variant}"
linux = "{series}/alpine/Dockerfile"

[linux]
source = "list"
downloads = ['https://example\\.org/']

[environment]
version = "APP_VERSION"
url = "APP_URL"
digest = "APP_SHA256"

[[port]]
name = "own"
repository = "example/app"
source = "own"
tag = "v{version}"
asset = "app-{version}-windows-amd64.zip"
paths = "windows"
reason = "its makers publish it"

[templates]
windowsservercore = "win.j2"
nanoserver = "win.j2"

[[variant]]
kind = "nanoserver"
release = "ltsc2025"
base = "mcr.microsoft.com/windows/nanoserver:ltsc2025"
"""
SOURCES = """\
[own]
kind = "github-releases"
repository = "example/app"

[list]
kind = "hashes"
url = "https://example.org/list"

[pins]
kind = "external-pins"
repository = "docker-library/official-images"
"""
TEMPLATE = """\
FROM {{ base }}
ENV APP_VERSION={{ version }}
ENV APP_URL={{ url }}
ENV APP_SHA256={{ sha256 }}
{% if volume %}
VOLUME C:\\\\data
{% endif %}
CMD {{ command | tojson }}
"""


def release(version: str) -> dict[str, object]:
    name = f"app-{version}-windows-amd64.zip"
    url = f"https://github.com/example/app/releases/download/v{version}/{name}"
    digest = "sha256:" + hashlib.sha256(version.encode()).hexdigest()
    return {
        "tag_name": f"v{version}",
        "assets": [{"name": name, "digest": digest, "browser_download_url": url}],
    }


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "images" / "app"
    folder.mkdir(parents=True)
    (folder / "image.toml").write_text(IMAGE, encoding="utf-8")
    (folder / "sources.toml").write_text(SOURCES, encoding="utf-8")
    (folder / "win.j2").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "port.json").write_text(json.dumps([release("1.2.10"), release("1.2.9")]), encoding="utf-8")
    upstream = tmp_path / "upstream"
    (upstream / "1.2" / "alpine").mkdir(parents=True)
    (upstream / "1.2" / "alpine" / "Dockerfile").write_bytes(b"FROM alpine:3.20\nENV APP_VERSION 1.2.11\n")
    (upstream / "update.sh").write_bytes(b"#!/usr/bin/env bash\n")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=T", "-c", "user.email=t@x", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *words], cwd=upstream, check=True, env=environment)
    return tmp_path


def contrib(place: Path, command: str, *arguments: str) -> int:
    words = [command, "--templates", str(place / "images"), "--upstream", str(place / "upstream")]
    return run([*words, "--source", f"own={place / 'port.json'}", "--no-download", *arguments])


def test_generate_and_bump(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert contrib(place, "generate") == 0
    assert capsys.readouterr().out == "1.2/nanoserver-ltsc2025/Dockerfile\n"
    path = place / "upstream" / "1.2" / "nanoserver-ltsc2025" / "Dockerfile"
    digest = hashlib.sha256(b"1.2.10").hexdigest()
    assert path.read_bytes().decode() == (
        "FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\n"
        "ENV APP_VERSION=1.2.10\n"
        "ENV APP_URL=https://github.com/example/app/releases/download/v1.2.10/app-1.2.10-windows-amd64.zip\n"
        f"ENV APP_SHA256={digest}\n"
        'CMD ["appd"]\n'
    )
    subprocess.run(["git", "add", "."], cwd=place / "upstream", check=True)
    identity = ["-c", "user.name=T", "-c", "user.email=t@x"]
    subprocess.run(["git", *identity, "commit", "-qm", "x"], cwd=place / "upstream", check=True)
    (place / "port.json").write_text(json.dumps([release("1.2.11"), release("1.2.10")]), encoding="utf-8")
    assert contrib(place, "bump", "--check") == 1
    assert contrib(place, "bump") == 0
    assert b"ENV APP_VERSION=1.2.11\n" in path.read_bytes()


def test_a_template_that_is_wrong_changes_nothing(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "images" / "app" / "win.j2").write_text("FROM {{ base }}\n{{ nothing }}\n", encoding="utf-8")
    assert contrib(place, "generate") == 2
    assert "win.j2" in capsys.readouterr().err
    assert not (place / "upstream" / "1.2" / "nanoserver-ltsc2025").exists()


def test_templates_are_not_taken_from_where_one_stands(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "library_templates").symlink_to(place / "images") if os.name != "nt" else None
    monkeypatch.chdir(place)
    assert run(["generate", "app", "--upstream", str(place / "upstream")]) == 2
    assert "no image 'app'" in capsys.readouterr().err
