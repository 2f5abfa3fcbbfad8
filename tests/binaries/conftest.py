"""What the tests of binaries share: a workshop, and a base of real libraries (Wine's)."""

from __future__ import annotations

from pathlib import Path

import pytest

from contrib.binaries import images
from contrib.binaries.inventory import Inventory
from tests.binaries.workshop import BASICS, WINE_LIBRARIES, Workshop, layer


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "workshop")


@pytest.fixture(scope="session")
def wine_base(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    """A base made of Wine's libraries: real tables, a real API set schema, libraries that need one another."""
    if not WINE_LIBRARIES.is_dir():
        pytest.skip("Wine's libraries are not installed")
    files = {
        f"Windows/System32/{name}.dll": WINE_LIBRARIES / f"{name}.dll"
        for name in BASICS
        if (WINE_LIBRARIES / f"{name}.dll").is_file()
    }
    path = tmp_path_factory.mktemp("base") / "layer.tar"
    path.write_bytes(layer(files, compress=False))
    about = {"os_version": "10.0.20348.2031", "machine": "x64", "path": []}
    return images.from_layers("wine:8", [(path, "layer")], about, digest="sha256:" + "0" * 64).inventory
