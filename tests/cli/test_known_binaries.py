"""`generate`, `bump` and `pr` where the cache knows the bases and the port's archives (`contrib loads`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contrib.binaries.inventory import build
from contrib.binaries.model import Binary, Contents, Exports, Import
from contrib.images import load
from contrib.work.known import store
from tests.cli.test_generate import Place, place, sha  # noqa: F401 (a fixture)
from tests.cli.test_pr import Place as Requests
from tests.cli.test_pr import place as requests_  # noqa: F401
from tests.cli.test_pr import repositories  # noqa: F401

SERVERCORE = ("ntdll.dll", "msvcp140_1.dll", "msvcp140.dll", "netapi32.dll", "netutils.dll")
#: What each needs in turn.
NEEDS = {"msvcp140_1.dll": ("msvcp140.dll",), "netapi32.dll": ("netutils.dll",)}


def library(name: str) -> Binary:
    imports = tuple(Import(each, ("f",)) for each in ("ntdll.dll", *NEEDS.get(name, ())) if each != name)
    path = f"C:\\Windows\\System32\\{name}"
    return Binary(path, library=True, exports=Exports(frozenset({"f"})), imports=imports)


def archive(
    version: str, *imports: str, names: tuple[str, ...] = ("netapi32.dll", "secur32.dll")
) -> Contents:
    """The port's archive: a server that imports the libraries, and the run-time library that looks names up."""
    top = f"Redis-{version}-Windows-x64-msys2"
    needs = tuple(Import(each, ("f",)) for each in ("msys-2.0.dll", *imports))
    runtime = Binary(
        f"{top}/msys-2.0.dll", library=True, exports=Exports(frozenset({"f"})),
        imports=(Import("ntdll.dll", ("f",)),), names=names, looks_up=bool(names),
    )  # fmt: skip
    return Contents(f"{top}.zip", (Binary(f"{top}/redis-server.exe", imports=needs), runtime))


def fill(archives: dict[str, Contents]) -> None:
    """Put inventories of all bases of redis into the cache, and what is in archives by their sha256."""
    kept = store()
    for variant in load("redis").variants:
        names = SERVERCORE if variant.kind == "windowsservercore" else SERVERCORE[:1]
        digest = "sha256:" + sha(variant.base)
        kept.keep(build(variant.base, map(library, names), os_version="10.0.20348.1", digest=digest))
    for digest, contents in archives.items():
        kept.keep_contents(digest, contents)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def copies(text: str) -> list[str]:
    """The libraries that a Dockerfile copies from another image."""
    lines = [line for line in text.splitlines() if line.startswith("COPY --from") and "System32" in line]
    return [word.rpartition("\\")[2] for line in lines for word in line.split() if word.endswith(".dll")]


def test_generate_derives_what_nanoserver_copies(place: Place) -> None:  # noqa: F811
    fill({sha("7.2.4"): archive("7.2.4", "msvcp140_1.dll")})
    done = place.contrib("generate")
    assert done.code == 0, done.err
    text = place.read("7.2/windows/nanoserver-ltsc2022/Dockerfile")
    # what is imported, what the data names and the archive mentions, and what these need in turn; nothing else
    assert sorted(copies(text)) == ["msvcp140.dll", "msvcp140_1.dll", "netapi32.dll", "netutils.dll"]
    assert "windowsservercore-ltsc2022" in text and not copies(
        place.read("7.2/windows/windowsservercore-ltsc2022/Dockerfile")
    )
    done = place.contrib("generate", "--check")
    assert done.code == 0, done.out


def test_generate_drops_a_guess_that_nothing_asks_for(place: Place) -> None:  # noqa: F811
    fill({sha("7.2.4"): archive("7.2.4", names=())})
    assert place.contrib("generate").code == 0
    text = place.read("7.2/windows/nanoserver-ltsc2022/Dockerfile")
    assert copies(text) == [] and "netapi32" not in text


def test_bump_says_what_a_release_newly_imports(place: Place) -> None:  # noqa: F811
    fill({sha("7.2.3"): archive("7.2.3"), sha("7.2.4"): archive("7.2.4", "msvcp140_1.dll")})
    place.releases("7.2.3", "7.0.14")
    assert place.contrib("generate").code == 0
    place.commit()
    place.releases("7.2.4", "7.2.3", "7.0.14")
    done = place.contrib("bump", "--format", "json")
    assert done.code == 0, done.err
    said = [note for note in json.loads(done.out)["notes"] if "newly imports" in note]
    assert any(
        note.startswith("Redis-7.2.4-Windows-x64-msys2.zip newly imports msvcp140_1.dll (redis-server.exe)")
        for note in said
    ), done.out
    assert len(said) == 2  # one for each release of Windows
    # on servercore it is there; on nanoserver it is not, and upstream's template does not know of it yet
    assert "mcr.microsoft.com/windows/nanoserver:ltsc2022 does not have it" in said[0]
    assert "7.2/windows/nanoserver-ltsc2022/Dockerfile does not copy it" in said[0]


def test_the_body_says_what_was_resolved_and_that_nothing_was_run(requests_: Requests) -> None:  # noqa: F811
    plain = requests_.contrib("pr", "--dry-run")
    assert "resolved against" not in plain.out
    digests = {
        asset["digest"].partition(":")[2]: item["tag_name"]
        for item in json.loads((requests_.root / "port.json").read_text())
        for asset in item["assets"]
        if asset["name"].endswith("-msys2.zip")
    }
    fill({digest: archive(version) for digest, version in digests.items()})
    done = requests_.contrib("pr", "--dry-run")
    assert done.code == 0, done.err
    assert "Resolved from the files" in done.out
    assert "resolved against mcr.microsoft.com/windows/servercore:ltsc2022 (10.0.20348.1)" in done.out
    assert ", not run: " in done.out and "redis-server.exe" in done.out
    # it is evidence of its own kind: the claim about building and running stays as it was
    assert "**Not built and not run on Windows:**" in done.out
    fill({digest: archive(version, "gone.dll") for digest, version in digests.items()})
    done = requests_.contrib("pr", "--dry-run")
    assert "does not start (library missing: redis-server.exe > gone.dll)" in done.out
