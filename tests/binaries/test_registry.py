"""The OCI distribution API: a real registry, and one that breaks the rules."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from contrib.binaries.store import Store
from contrib.cli.main import run
from contrib.clients import wire
from contrib.clients.http import Http
from contrib.clients.registry import Reference, Registry
from contrib.values.errors import BadInput, ContribError, OutsideError
from contrib.values.evidence import BaseImage, CheckResult, Place, Record, Tried
from contrib.work import known, loads
from tests.binaries.workshop import Workshop, configuration, digest, layer

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"


@pytest.mark.parametrize(
    ("text", "host", "name", "tag", "digest_"),
    [
        ("redis", "docker.io", "library/redis", "latest", ""),
        ("a/b:1", "docker.io", "a/b", "1", ""),
        (
            "mcr.microsoft.com/windows/nanoserver:ltsc2025",
            "mcr.microsoft.com",
            "windows/nanoserver",
            "ltsc2025",
            "",
        ),
        ("localhost:5000/x@sha256:" + "a" * 64, "localhost:5000", "x", "", "sha256:" + "a" * 64),
        ("[::1]:5000/x:1", "[::1]:5000", "x", "1", ""),
    ],
)
def test_a_reference(text: str, host: str, name: str, tag: str, digest_: str) -> None:
    found = Reference.parse(text)
    assert (found.host, found.name, found.tag, found.digest) == (host, name, tag, digest_)


@pytest.mark.parametrize(
    "text", ["", "A/b", "a b", "x:", "x@sha256:1", "x@md5:" + "a" * 32, "https://x/y", "a/../b", "x:1/..", "-x", "a" * 600]
)  # fmt: skip
def test_what_is_not_a_reference(text: str) -> None:
    with pytest.raises(BadInput):
        Reference.parse(text)


# -- a real registry ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``127.0.0.1:PORT`` of Debian's registry."""
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("docker-registry is not installed")
    root = tmp_path_factory.mktemp("registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (root / "config.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: '{root / 'data'}'}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
        "validation: {manifests: {urls: {allow: ['^https://']}}}\n"
    )
    process = subprocess.Popen(
        [program, "serve", str(root / "config.yml")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def send(method: str, url: str, data: bytes | None = None, kind: str = "application/octet-stream") -> str:
    request = urllib.request.Request(url, data, {"Content-Type": kind}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(answer.headers.get("Location") or "")


def push_blob(host: str, name: str, data: bytes) -> dict[str, object]:
    place = send("POST", f"http://{host}/v2/{name}/blobs/uploads/", b"")
    send("PUT", place + ("&" if "?" in place else "?") + f"digest={digest(data)}", data)
    return {"mediaType": "application/octet-stream", "digest": digest(data), "size": len(data)}


def push_manifest(host: str, name: str, tag: str, shape: dict[str, object]) -> bytes:
    data = json.dumps(shape).encode()
    send("PUT", f"http://{host}/v2/{name}/manifests/{tag}", data, str(shape["mediaType"]))
    return data


def image(host: str, name: str, layers: list[dict[str, object]], config: bytes, tag: str) -> bytes:
    shape = {
        "schemaVersion": 2, "mediaType": MANIFEST, "layers": layers,
        "config": {**push_blob(host, name, config), "mediaType": "application/vnd.docker.container.image.v1+json"},
    }  # fmt: skip
    return push_manifest(host, name, tag, shape)


def as_layer(blob: dict[str, object]) -> dict[str, object]:
    return {**blob, "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip"}


@pytest.fixture(scope="module")
def base(registry: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A base of two builds and another platform, as Microsoft's are."""
    root = tmp_path_factory.mktemp("parts")
    workshop = Workshop(root / "w")
    listed: list[dict[str, object]] = []
    for build, names in (("10.0.20348.1", ["f"]), ("10.0.20348.2031", ["f", "g"])):
        ntdll = workshop.library(root / build / "ntdll.dll", exports=["NtF"])
        one = workshop.library(root / build / "kernel32.dll", exports=names)
        blobs = [
            push_blob(registry, "windows/nanoserver", layer({"Windows/System32/ntdll.dll": ntdll})),
            push_blob(registry, "windows/nanoserver", layer({"Windows/System32/kernel32.dll": one})),
        ]
        data = image(
            registry, "windows/nanoserver", [as_layer(each) for each in blobs], configuration(build), build
        )
        listed.append(
            {"mediaType": MANIFEST, "digest": digest(data), "size": len(data),
             "platform": {"os": "windows", "architecture": "amd64", "os.version": build}}
        )  # fmt: skip
    linux = image(registry, "windows/nanoserver", [as_layer(blobs[0])], b"{}", "linux")
    listed.insert(
        1, {"mediaType": MANIFEST, "digest": digest(linux), "size": len(linux), "platform": {"os": "linux", "architecture": "amd64"}}
    )  # fmt: skip
    push_manifest(
        registry,
        "windows/nanoserver",
        "ltsc2022",
        {"schemaVersion": 2, "mediaType": INDEX, "manifests": listed},
    )
    return f"{registry}/windows/nanoserver:ltsc2022"


def quiet(description: str, total: int | None = None) -> object:

    return contextlib.nullcontext(lambda number: None)


def test_the_inventory_of_a_base(base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "cache")
    found, source = loads.inventory_of(base, store, Http(), quiet)  # type: ignore[arg-type]
    assert source == "registry"
    assert found.os_version == "10.0.20348.2031"
    kernel = found.at("C:\\Windows\\System32\\kernel32.dll")
    assert kernel is not None
    assert kernel.exports.names == {"f", "g"}
    assert list(store.blobs.iterdir()) == []
    # the second time one request tells that nothing has changed, and no layer is asked for
    monkeypatch.setattr(Registry, "layer", None)
    again, source = loads.inventory_of(base, store, Http(), quiet)  # type: ignore[arg-type]
    assert source == "cache"
    assert again == found
    offline, source = loads.inventory_of(base, store, Http(offline=True), quiet)  # type: ignore[arg-type]
    assert (offline, source) == (found, "cache")


def test_an_image_that_is_not_there(base: str, registry: str) -> None:
    with pytest.raises(BadInput, match="no such image"):
        Registry(Reference.parse(f"{registry}/windows/nanoserver:gone")).image()
    with pytest.raises(BadInput, match="no image for Windows"):
        push_manifest(
            registry,
            "windows/nanoserver",
            "only-linux",
            {"schemaVersion": 2, "mediaType": INDEX, "manifests": []},
        )
        Registry(Reference.parse(f"{registry}/windows/nanoserver:only-linux")).image()


def test_a_foreign_layer(registry: str, tmp_path: Path, workshop: Workshop) -> None:
    """The manifest alone names it: the registry sends its address, which is not https and is not followed."""
    ntdll = layer({"Windows/System32/ntdll.dll": workshop.library(tmp_path / "n.dll", exports=["NtF"])})
    foreign = {
        "mediaType": FOREIGN,
        "digest": digest(ntdll),
        "size": len(ntdll),
        "urls": ["https://127.0.0.1:9/layer"],
    }
    image(registry, "windows/foreign", [foreign], configuration(), "1")
    client = Registry(Reference.parse(f"{registry}/windows/foreign:1"))
    found = client.image()
    assert found.layers[0].urls == ("https://127.0.0.1:9/layer",)
    with pytest.raises(OutsideError, match=r"not connected to|private network|reached"):
        client.layer(found.layers[0], tmp_path / "cache")
    push_blob(registry, "windows/foreign", ntdll)  # a registry may hold foreign layers itself
    assert client.layer(found.layers[0], tmp_path / "cache").read_bytes() == ntdll


def test_the_command_over_a_registry(
    base: str,
    workshop: Workshop,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loads, "default_cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr(known, "default_cache_dir", lambda: tmp_path / "cache")
    program = workshop.program(tmp_path / "in" / "server.exe")
    code = run(["loads", str(program), "--base", base, "--format", "json"])
    shape = json.loads(capsys.readouterr().out)
    assert code == 1
    (answer,) = shape["bases"]
    assert (answer["base"], answer["inventory"], answer["os_version"]) == (
        base,
        "registry",
        "10.0.20348.2031",
    )
    assert answer["results"][0]["verdict"] in ("entry point missing", "library missing")
    code = run(["loads", "--inventory-of", base, "-o", str(tmp_path / "x.inventory")])
    assert code == 0
    assert "10.0.20348.2031" in capsys.readouterr().out
    assert run(["loads", str(program), "--inventory", str(tmp_path / "x.inventory"), "-q"]) == 1


def test_a_name_in_a_file_leads_to_a_public_registry_alone(
    base: str,
    tmp_path: Path,
    workshop: Workshop,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """FROM is the file's, whoever wrote that: no registry here, no file, no image of the engine."""
    monkeypatch.setattr(loads, "default_cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr(known, "default_cache_dir", lambda: tmp_path / "cache")
    program = workshop.program(tmp_path / "a.exe")
    (tmp_path / "Dockerfile").write_text(f"FROM {base}\nCOPY a.exe C:/a.exe\n")
    run(["loads", str(program), "--dockerfile", str(tmp_path / "Dockerfile")])
    assert "private network" in capsys.readouterr().err
    for name in (str(program), "docker-daemon:x", "./a.tar"):
        with pytest.raises((BadInput, OutsideError)) as caught:
            loads.inventory_of(name, known.store(), Http(offline=True), quiet, named=False)  # type: ignore[arg-type]
        assert "is not the name of an image" in caught.value.message or caught.value.kind == "offline"
    run(["loads", str(program), "--dockerfile", str(tmp_path / "Dockerfile"), "--base", base])
    assert "private network" not in capsys.readouterr().err


def test_the_inventories_of_the_bases_that_were_tried(
    base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the workflow of `contrib try` does with its record, and what is done with its artifact."""
    monkeypatch.setattr(wire, "is_public", lambda address: True)  # a record names public registries alone
    monkeypatch.setattr(loads, "default_cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr(known, "default_cache_dir", lambda: tmp_path / "cache")
    place = Place("27.5", "1.47", "windows", "10.0.20348.2031", "process", "classic", "windows-2022")
    gone = base.replace("ltsc2022", "gone")
    tried = [
        Tried(
            f"v{number}", kind, "1.0", f"1/{number}/Dockerfile", "0" * 64, None, None, BaseImage(name, None), None,
            0, 0, (), (CheckResult("build", result, 0.1 if result == "failed" else None, "", "why"),), result,
        )
        for number, (name, kind, result) in enumerate(
            [(base, "nanoserver", "failed"), (gone, "windowsservercore", "failed"),
             ("other:1", "nanoserver", "not-run")]
        )
    ]  # fmt: skip
    record = Record("redis", datetime(2026, 11, 28, tzinfo=timezone.utc), "contrib", place, tuple(tried))
    (tmp_path / "evidence.json").write_text(record.text())
    folder = tmp_path / "inventories"
    code = run(["loads", "--inventory-of", str(tmp_path / "evidence.json"), "-o", str(folder)])
    out, err = capsys.readouterr()
    assert code == 3, err
    assert "gone" in err and "other" not in err and "10.0.20348.2031" in out
    assert [each.name for each in folder.iterdir()] == ["nanoserver-ltsc2022.inventory"]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(known, "default_cache_dir", lambda: tmp_path / "elsewhere")
    assert run(["loads", "--inventory", str(folder / "nanoserver-ltsc2022.inventory")]) == 0
    assert known.store().known(base) is not None
    assert run(["loads", "--inventory-of", str(tmp_path / "none.json")]) == 2


# -- one that breaks the rules -----------------------------------------------------------------------------


@pytest.fixture
def liar() -> Iterator[Callable[..., str]]:
    """Starts a server whose answers are a function of the path: ``(status, headers, body)``."""
    servers = []

    def start(answer: Callable[[str, dict[str, str]], tuple[int, dict[str, str], bytes]]) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, body = answer(self.path, dict(self.headers))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # a client that has read enough
                    self.wfile.write(body)

            def log_message(self, *arguments: object) -> None: ...

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def asked(host: str) -> Registry:
    return Registry(Reference.parse(f"{host}/x:1"), Http(pause=lambda seconds: None))


ONE = json.dumps(
    {"config": {"digest": digest(b"{}")}, "layers": [{"digest": digest(b"layer"), "size": 5}]}
).encode()


def test_a_registry_that_hands_out_tokens(liar: Callable[..., str]) -> None:
    seen = []

    def answer(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        seen.append((path.partition("?")[0], headers.get("Authorization")))
        if path.startswith("/token"):
            return 200, {}, b'{"token": "anybody"}'
        if headers.get("Authorization") != "Bearer anybody":
            realm = f'Bearer realm="http://{headers["Host"]}/token",service="here",scope="repository:x:pull"'
            return 401, {"WWW-Authenticate": realm}, b""
        return 200, {}, ONE

    assert asked(liar(answer)).image().layers[0].size == 5
    assert seen == [("/v2/x/manifests/1", None), ("/token", None), ("/v2/x/manifests/1", "Bearer anybody")]


def test_a_token_stays_with_its_registry(liar: Callable[..., str], tmp_path: Path) -> None:
    """A layer that is redirected to another host: the token does not go there."""
    seen: list[str | None] = []
    other = liar(lambda path, headers: (seen.append(headers.get("Authorization")), (200, {}, b"layer"))[1])

    def answer(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/token"):
            return 200, {}, b'{"access_token": "anybody"}'
        if headers.get("Authorization") != "Bearer anybody":
            return 401, {"WWW-Authenticate": f'Bearer realm="http://{headers["Host"]}/token"'}, b""
        return (307, {"Location": f"http://{other}/blob"}, b"") if "/blobs/" in path else (200, {}, ONE)

    client = asked(liar(answer))
    with pytest.raises(ContribError):  # another host of this machine, which nobody named, is not even asked
        client.layer(client.image().layers[0], tmp_path)
    assert "Bearer anybody" not in seen


@pytest.mark.parametrize(
    ("status", "headers", "body", "message"),
    [
        (401, {"WWW-Authenticate": 'Basic realm="x"'}, b"", "wants a login"),
        (401, {}, b"", "wants a login"),
        (
            401,
            {"WWW-Authenticate": 'Bearer realm="http://192.0.2.1/token"'},
            b"",
            "neither https nor its own",
        ),
        (
            401,
            {"WWW-Authenticate": 'Bearer realm="https://127.0.0.1:9/token"'},
            b"",
            "private network|nobody named|not connected",
        ),
        (403, {}, b"", "access is refused"),
        (500, {}, b"", "HTTP 500"),
        (200, {}, b"not json", "not JSON"),
        (200, {}, b"[" * 50_000, "nested"),
        (200, {}, b"[]", "not a JSON object"),
        (200, {}, b'{"config": 1}', "unknown form"),
        (200, {}, b'{"config": {"digest": "x"}, "layers": []}', "unknown form"),
        (
            200,
            {},
            json.dumps({"manifests": [{"digest": "md5:1", "platform": {"os": "windows"}}]}).encode(),
            "without a sha256",
        ),
        (200, {"Docker-Content-Digest": "sha256:" + "0" * 64}, ONE, "was announced"),
        (200, {}, b" " * (5 * 1024 * 1024), "more than|longer than"),
    ],
)
def test_answers_that_break_the_rules(
    status: int, headers: dict[str, str], body: bytes, message: str, liar: Callable[..., str]
) -> None:
    with pytest.raises(OutsideError, match=message) as caught:
        asked(liar(lambda path, sent: (status, headers, body))).image()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("body", [b"liar", b"layer and more", b"other"])
def test_a_layer_with_another_digest_is_not_kept(
    body: bytes, liar: Callable[..., str], tmp_path: Path
) -> None:
    client = asked(liar(lambda path, sent: (200, {}, body if "/blobs/" in path else ONE)))
    with pytest.raises(OutsideError):
        client.layer(client.image().layers[0], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_lists_within_lists_end(liar: Callable[..., str]) -> None:
    def answer(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, loop

    loop = json.dumps(
        {"manifests": [{"digest": "sha256:" + "0" * 64, "platform": {"os": "windows"}}]}
    ).encode()
    with pytest.raises(OutsideError):
        asked(liar(answer)).image()


def test_a_registry_that_is_down_leaves_the_cache(tmp_path: Path) -> None:
    from tests.binaries.test_inventory import sample

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    name = f"127.0.0.1:{port}/x:1"
    store = Store(tmp_path)
    http_ = Http(pause=lambda seconds: None)
    with pytest.raises(OutsideError, match="cannot be reached"):
        loads.inventory_of(name, store, http_, quiet)  # type: ignore[arg-type]
    store.keep(sample())
    store.name(name, sample().digest)
    found, source = loads.inventory_of(name, store, http_, quiet)  # type: ignore[arg-type]
    assert (found.base, source) == (name, "cache")


def test_no_secret_of_the_environment_is_sent(
    liar: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "GH_TOKEN", "secret-token")
    seen = []

    def answer(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        seen.append(json.dumps(headers) + path)
        return 200, {}, ONE

    asked(liar(answer)).image()
    assert seen
    assert not any("secret-token" in each for each in seen)
