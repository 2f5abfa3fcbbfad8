"""Whether a Dockerfile's programs start on its base, from what is known: the answer, the row, and what is new."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contrib.binaries.inventory import Inventory, build
from contrib.binaries.model import Binary, Contents, Exports, Import
from contrib.binaries.store import Store
from contrib.build import read
from contrib.cli.main import run
from contrib.compare.starts import starts_row
from contrib.dockerfile import parse
from contrib.facts.starts import Known, news, starts
from contrib.values.findings import Verdict
from contrib.work import known as known_
from contrib.work import loads

OLD, NEW = "0a" * 32, "1b" * 32
BASE = "mcr.microsoft.com/windows/servercore:ltsc2022"


def inventory(*names: str) -> Inventory:
    libraries = [
        Binary(f"C:\\Windows\\System32\\{name}", library=True, exports=Exports(frozenset({"f"})))
        for name in ("ntdll.dll", *names)
    ]
    return build(BASE, libraries, os_version="10.0.20348.1")


def contents(*imports: str, names: tuple[str, ...] = ()) -> Contents:
    server = Binary(
        "app-1/server.exe",
        imports=tuple(Import(each, ("f",)) for each in imports),
        names=names,
        looks_up=bool(names),
    )
    return Contents("app.zip", (server,))


def dockerfile(digest: str, version: str = "1.2.3") -> str:
    return (
        f'FROM {BASE}\nSHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]\n'
        f"ENV APP_VERSION {version}\nENV APP_SHA256 {digest}\n"
        "RUN Invoke-WebRequest -Uri ('https://e.test/app-{0}.zip' -f $env:APP_VERSION) -OutFile app.zip; \\\n"
        "\tif ((Get-FileHash app.zip -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }; \\\n"
        "\tExpand-Archive app.zip -DestinationPath C:\\\\; Move-Item C:\\\\app-1 C:\\\\app\n"
        'CMD ["C:\\\\app\\\\server.exe"]\n'
    )


def what(found: Contents, base: Inventory) -> Known:
    return Known({BASE: base}.get, {OLD: contents("ntdll.dll"), NEW: found}.get)


@pytest.mark.parametrize(
    ("found", "verdict", "value", "why"),
    [
        (contents("ntdll.dll"), Verdict.JUSTIFIED, "yes: 1 programs", "not run"),
        (
            contents("ntdll.dll", "msvcp140_1.dll"),
            Verdict.DIFFERENT,
            "no: server.exe, library missing",
            "server.exe > msvcp140_1.dll",
        ),
        (
            contents("ntdll.dll", names=("netapi32.dll",)),
            Verdict.UNKNOWN,
            "all that is imported is there",
            "netapi32.dll",
        ),
    ],
)
def test_the_row(found: Contents, verdict: Verdict, value: str, why: str) -> None:
    row = starts_row(starts(read(parse(dockerfile(NEW).encode())), what(found, inventory())))
    assert row is not None
    assert row.windows is not None
    assert (row.verdict, row.windows.value, row.windows.line) == (verdict, value, 6)
    assert why in row.why
    assert "resolved against mcr.microsoft.com" in row.why


def test_no_row_where_nothing_is_known() -> None:
    account = read(parse(dockerfile(NEW).encode()))
    assert starts_row(starts(account, Known(lambda name: None, lambda digest: contents()))) is None
    assert starts_row(starts(account, Known({BASE: inventory()}.get))) is None


def test_what_a_new_release_newly_imports() -> None:
    before, after = (
        read(parse(dockerfile(digest, version).encode()))
        for digest, version in ((OLD, "1.2.3"), (NEW, "1.2.4"))
    )
    known = what(contents("ntdll.dll", "msvcp140_1.dll", "kernel32.dll"), inventory("kernel32.dll"))
    assert news(before, after, known) == [
        "app-1.2.4.zip newly imports kernel32.dll (server.exe).",
        f"app-1.2.4.zip newly imports msvcp140_1.dll (server.exe); {BASE} does not have it.",
    ]
    assert news(after, after, known) == []
    assert news(before, after, Known({BASE: inventory()}.get)) == []


def test_review_and_diff_use_what_the_cache_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in (loads, known_):
        monkeypatch.setattr(module, "default_cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr("contrib.clients.cache.default_cache_dir", lambda: tmp_path / "cache")
    path, linux = tmp_path / "Dockerfile", tmp_path / "Linux"
    path.write_text(dockerfile(NEW))
    linux.write_text('FROM alpine:3.20\nENV APP_VERSION 1.2.3\nCMD ["server"]\n')

    def findings() -> list[dict[str, object]]:
        run(["review", str(path), "--format", "json"])
        return [
            each
            for each in json.loads(capsys.readouterr().out)["findings"]
            if each["rule"] == "missing-library"
        ]

    assert findings() == []
    store = Store(tmp_path / "cache" / "inventories")
    store.keep(inventory())
    store.name(BASE, next(iter(json.loads((store.directory / "names.json").read_text()).values())))
    store.keep_contents(NEW, contents("ntdll.dll", "msvcp140_1.dll"))
    (finding,) = findings()
    assert finding["line"] == 6
    assert "`server.exe` does not start" in str(finding["message"])
    assert "0xC0000135" in str(finding["message"])
    run(["diff", str(path), str(linux), "--format", "json"])
    rows = {row["fact"]: row for row in json.loads(capsys.readouterr().out)["parity"]}
    assert rows["starts-on-base"]["verdict"] == "different"
