"""`contrib board`, `contrib pins` and `contrib base` on small repositories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contrib.cli.main import run
from contrib.sandbox import upstreams
from tests.cli.test_generate import git
from tests.web import web

PIN = ".external-pins/mcr.microsoft.com/windows/servercore___ltsc2025"


def library(linux: str, windows: str) -> str:
    return (
        "Maintainers: A <a@example.org> (@a)\nGitRepo: https://github.com/docker-library/demo.git\n\n"
        f"Tags: {linux}, 1.2, latest\nArchitectures: amd64\nGitCommit: {'a' * 40}\nDirectory: 1.2/x\n\n"
        f"Tags: {windows}-windowsservercore-ltsc2025\nArchitectures: windows-amd64\nGitCommit: {'a' * 40}\n"
        "Directory: 1.2/w\nConstraints: windowsservercore-ltsc2025\n"
    )


@pytest.fixture
def official(tmp_path: Path) -> Path:
    root = tmp_path / "official"
    (root / "library").mkdir(parents=True)
    (root / PIN).parent.mkdir(parents=True)
    (root / PIN).write_text("sha256:" + "c" * 64 + "\n")
    git(tmp_path, "init", "--quiet", str(root))
    for linux, windows in (("1.2.3", "1.2.3"), ("1.2.4", "1.2.3")):
        (root / "library/demo").write_text(library(linux, windows))
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--message", linux)
    return root


def test_board(official: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    given = ["board", "--official-images", str(official), "--offline"]
    assert run(given) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:3] == ["demo", "1.2.4", "1.2.3"]
    assert run([*given, "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["images"][0]["bases"][0]["pinned"] is True and shown["images"][0]["pulls"] is None
    page = tmp_path / "board.html"
    assert run([*given, "--format", "html", "-o", str(page)]) == 0 and "<svg" in page.read_text("utf-8")


def test_board_online_asks_for_pull_requests_and_ports(
    official: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("CONTRIB_TODAY", "2024-06-05")
    (official / "library/redis").write_text(
        library("7.2.5", "7.2.5").replace("windows-", "").replace("1.2", "7.2")
    )
    git(official, "add", "--all")
    git(official, "commit", "--quiet", "--message", "redis")
    given = ["board", "--official-images", str(official)]
    assert run([*given, "--online", "--offline"]) == 2
    with web(tmp_path, monkeypatch) as internet:
        api = "https://api.github.com/repos"
        pull = {
            "title": "Update demo",
            "html_url": "https://github.com/x/1",
            "labels": [{"name": "library/demo"}],
        }
        internet.pages[f"{api}/docker-library/official-images/pulls?state=open&per_page=100"] = json.dumps(
            [pull]
        ).encode()
        releases = upstreams.releases_json(upstreams.port_releases(), lambda tag, name: f"https://x/{name}")
        internet.pages[f"{api}/redis-windows/redis-windows/releases?per_page=100"] = json.dumps(
            releases
        ).encode()
        capsys.readouterr()
        assert run([*given, "--online", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["images"][0]["pulls"] == [{"title": "Update demo", "url": "https://github.com/x/1"}]
    assert "In 7.2 it has 7.2.4, where Linux has 7.2.5." in " ".join(shown["waiting"]["redis"])


def test_a_library_file_that_cannot_be_read_costs_itself_alone(
    official: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (official / "library/broken").write_text("Tags: windows-amd64\n")
    git(official, "add", "--all")
    git(official, "commit", "--quiet", "--message", "broken")
    assert run(["board", "--official-images", str(official), "--offline"]) == 3
    out = capsys.readouterr().out
    assert "demo" in out and "library/broken could not be read" in out


def test_a_shallow_clone_says_so(official: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{official}", str(shallow))
    assert run(["board", "--official-images", str(shallow), "--offline"]) == 0
    assert "shallow" in capsys.readouterr().err


def test_what_is_not_official_images(tmp_path: Path, official: Path) -> None:
    (official / "library/demo").unlink()
    git(official, "commit", "--all", "--quiet", "--message", "empty")
    assert run(["board", "--official-images", str(official), "--offline"]) == 2


def test_pins(official: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pins", "--official-images", str(official), "--offline", "--format", "json"]) == 0
    (pin,) = json.loads(capsys.readouterr().out)["pins"]
    assert pin["reference"].endswith("servercore:ltsc2025") and pin["digest"] == "sha256:" + "c" * 64
    assert pin["state"] == "unknown" and pin["ends"] == "2034-11-14"


def test_base(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRIB_TODAY", "2024-06-05")
    upstreams.build(upstreams.templated(), tmp_path / "upstream.git")
    clone = tmp_path / "clone"
    git(
        tmp_path,
        "clone",
        "--quiet",
        "--config",
        "core.autocrlf=false",
        str(tmp_path / "upstream.git"),
        str(clone),
    )
    assert run(["base", "drop", "ltsc2022", "redis", "--upstream", str(clone), "--offline", "--check"]) == 2
    assert "no series has a variant on ltsc2022" in capsys.readouterr().err
    assert run(["base", "add", "latest", "redis", "--upstream", str(clone)]) == 2
    assert run(["base", "add", "ltsc2025"]) == 2 and "which image" in capsys.readouterr().err
