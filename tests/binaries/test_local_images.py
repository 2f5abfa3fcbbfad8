"""Images of the local engine: a played engine for Windows, asked through the real SDK."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from contrib.cli.main import run
from contrib.work import known, loads, local_images
from tests.binaries.workshop import Workshop, configuration, digest, layer, saved

pytest.importorskip("docker", reason="the Docker SDK (extra `try`) is not installed")

NANO = "mcr.microsoft.com/windows/nanoserver:ltsc2022"
PUBLISHED = "sha256:" + "a" * 64


class Played:
    """An engine with images: name to what ``inspect`` says, and to what ``save`` gives."""

    def __init__(self) -> None:
        self.images: dict[str, tuple[dict[str, object], bytes]] = {}
        self.asked: list[str] = []
        played = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urllib.parse.unquote(self.path.removeprefix("/v1.41"))
                played.asked.append(path)
                name, _, what = path.removeprefix("/images/").rpartition("/")
                if path in ("/version", "/info"):
                    shape = {"ApiVersion": "1.41", "Version": "20.10", "OSType": "windows"}
                    self._send(200, json.dumps(shape).encode())
                elif name not in played.images:
                    self._send(404, b'{"message": "no such image"}')
                else:
                    shown, data = played.images[name]
                    self._send(200, json.dumps(shown).encode() if what == "json" else data)

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def saves(self) -> int:
        return sum(path.endswith("/get") for path in self.asked)

    def add(self, name: str, data: bytes, os: str = "windows", published: str = "") -> None:
        digests = [f"{name.rpartition(':')[0]}@{published}"] if published else []
        self.images[name] = ({"Id": digest(data), "Os": os, "RepoDigests": digests, "Config": {}}, data)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    played = Played()
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{played.server.server_address[1]}")
    for name in ("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    for module in (loads, known):
        monkeypatch.setattr(module, "default_cache_dir", lambda: tmp_path / "cache")
    yield played
    played.server.shutdown()
    played.server.server_close()


@pytest.fixture
def image(workshop: Workshop, tmp_path: Path) -> bytes:
    ntdll = workshop.library(tmp_path / "ntdll.dll", exports=["NtF"])
    own = workshop.library(tmp_path / "app.dll", exports=["f"])
    files = {"Windows/System32/ntdll.dll": ntdll}
    return saved([layer(files), layer({"app/app.dll": own})], configuration())


def test_a_base_that_was_pulled_is_known_by_its_name(
    engine: Played, image: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.add(NANO, image, published=PUBLISHED)
    assert run(["loads", "--inventory-of", f"docker-daemon:{NANO}", "--format", "json"]) == 0
    shape = json.loads(capsys.readouterr().out)
    assert (shape["base"], shape["digest"], shape["inventory"]) == (NANO, PUBLISHED, "engine")
    assert known.store().known(NANO) is not None
    # the second time it is not saved again
    assert run(["loads", "--inventory-of", f"docker-daemon:{NANO}", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["inventory"] == "cache" and engine.saves == 1
    assert not list((tmp_path / "cache" / "scratch").iterdir())


def test_the_programs_of_an_image_that_was_built_here(
    engine: Played, image: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.add("app:1", image)
    code = run(["loads", "docker-daemon:app:1", "--format", "json"])
    shape = json.loads(capsys.readouterr().out)
    (answer,) = shape["bases"]
    assert (answer["base"], engine.saves) == ("docker-daemon:app:1", 1)
    assert [each["path"] for each in answer["results"]] == ["C:\\app\\app.dll"]
    assert code == 0 and answer["results"][0]["verdict"] == "loads"


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("none:1", 2, "is not an image that the local engine has"),
        ("linux:1", 2, "is an image for linux, not for Windows"),
        ("broken:1", 2, "cannot be read"),
        ("empty:1", 2, "has no ntdll.dll"),
        ("", 2, "names no image"),
    ],
)
def test_what_will_not_do(
    name: str, code: int, message: str, engine: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.add("linux:1", b"", os="linux")
    engine.add("broken:1", b"not a tar" * 200)
    engine.add("empty:1", saved([], configuration()))
    assert run(["loads", "--inventory-of", f"docker-daemon:{name}"]) == code
    assert message in capsys.readouterr().err
    assert "linux:1/get" not in "".join(engine.asked)


def test_a_save_is_bounded(
    engine: Played, image: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from contrib.clients.engine import images

    monkeypatch.setattr(images.Images.save, "__defaults__", (lambda number: None, 1000))
    engine.add("app:1", image)
    assert run(["loads", "docker-daemon:app:1"]) == 3
    assert "app:1 is larger than 0 MiB" in capsys.readouterr().err


def test_no_engine_is_one_sentence(
    engine: Played, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    assert run(["loads", "docker-daemon:app:1"]) == 3
    assert "no Docker engine can be reached" in capsys.readouterr().err


def test_a_repository_of_a_name() -> None:
    names = {"a/b:1": "a/b", "h:5000/a": "h:5000/a", "a": "a", "a:1@sha256:0": "a"}
    assert {name: local_images._repository(name) for name in names} == names
