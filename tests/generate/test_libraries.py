"""The libraries that nanoserver copies: derived from binaries and inventories, with what the body says of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contrib.binaries.inventory import Inventory, build
from contrib.binaries.model import Binary, Contents, Exports, Import
from contrib.facts.starts import Known
from contrib.generate.libraries import derive
from contrib.images import load
from contrib.images.model import Image, Variant
from contrib.upstream.layouts.base import Pin

DIGEST = "ab" * 32


def library(name: str, function: str = "f", *needs: str) -> Binary:
    imports = tuple(Import(each, ("f",)) for each in needs)
    path = f"C:\\Windows\\System32\\{name}"
    return Binary(path, library=True, exports=Exports(frozenset({function})), imports=imports)


CORE = (library("ntdll.dll"), library("netapi32.dll", "f", "netutils.dll"), library("netutils.dll", "f", "ntdll.dll"),
        library("msvcp140_1.dll", "f", "ntdll.dll"), library("user32.dll"))  # fmt: skip


@pytest.fixture(scope="module")
def redis() -> Image:
    return load("redis")


def bases(image: Image) -> dict[str, Inventory]:
    found = {}
    for variant in image.variants:
        libraries = CORE if variant.kind == "windowsservercore" else CORE[:1]
        found[variant.base] = build(variant.base, libraries, os_version="10.0.20348.1")
    return found


def known(image: Image, *binaries: Binary) -> Known:
    contents = Contents("redis.zip", binaries)
    return Known(bases(image).get, lambda digest: contents if digest == DIGEST else None)


def run(image: Image, what: Known | None, *names: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    port = next(each for each in image.ports if each.alive)
    variants: list[Variant] = [each for each in image.variants if each.kind in names]
    pins = {"7.2": Pin("7.2.6", "https://e.test/redis.zip", DIGEST, tuple(each.name for each in variants))}
    found = derive(image, port, pins, variants, what)
    return found.port.libraries, found.sentences


SERVER = Binary("redis-server.exe", imports=(Import("msys-2.0.dll", ("f",)),))
RUNTIME = Binary(
    "msys-2.0.dll", library=True, exports=Exports(frozenset({"f"})), imports=(Import("ntdll.dll", ("f",)),),
    names=("netapi32.dll", "user32.dll"), looks_up=True,
)  # fmt: skip


def test_what_is_declared_and_named_is_copied_with_what_it_needs(redis: Image) -> None:
    libraries, sentences = run(redis, known(redis, SERVER, RUNTIME), "nanoserver", "windowsservercore")
    assert libraries == ("netapi32.dll", "netutils.dll")
    nano = [each for each in sentences if "nanoserver:" in each]
    assert nano
    assert all("not run" in each and "user32.dll" in each and "is unknown" in each for each in nano)
    assert "with netapi32.dll, netutils.dll from servercore" in nano[0]
    core = [each for each in sentences if "servercore:" in each and "nanoserver" not in each]
    assert core
    assert all(each.endswith("redis-server.exe start.") for each in core)


def test_what_is_imported_is_copied_whatever_the_data_says(redis: Image) -> None:
    server = Binary("redis-server.exe", imports=(Import("msvcp140_1.dll", ("f",)),))
    libraries, sentences = run(redis, known(redis, server), "nanoserver")
    assert libraries == ("msvcp140_1.dll",)
    assert any("netapi32.dll is not copied" in each for each in sentences)


def test_what_nobody_can_give_is_said(redis: Image) -> None:
    server = Binary("redis-server.exe", imports=(Import("gone.dll", ("f",)),))
    _, sentences = run(redis, known(redis, server), "nanoserver")
    assert "redis-server.exe does not start (library missing: redis-server.exe > gone.dll)" in sentences[0]


def test_without_an_inventory_the_data_stays(redis: Image) -> None:
    declared = next(each for each in redis.ports if each.alive).libraries
    assert run(redis, None, "nanoserver") == (declared, ())
    nothing = Known(lambda name: None, lambda digest: None)
    assert run(redis, nothing, "nanoserver") == (declared, ())


def test_with_one_archive_unknown_the_data_stays_and_that_is_said(redis: Image) -> None:
    what = known(redis, SERVER, RUNTIME)
    half = replace(what, inventory=lambda name: what.inventory(name) if "servercore" in name else None)
    libraries, sentences = run(redis, half, "nanoserver", "windowsservercore")
    assert libraries == next(each for each in redis.ports if each.alive).libraries
    assert "is as the image's data has it" in sentences[-1]
