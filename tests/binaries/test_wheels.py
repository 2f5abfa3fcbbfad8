"""Real Windows binaries, built by others with Visual C++ and MinGW: wheels from the package index, where it is reached."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from contrib.binaries import reading
from contrib.binaries.inventory import Inventory, build
from contrib.binaries.model import Binary, Exports, Import
from contrib.binaries.resolve import Place, Verdict, resolve

#: Distribution and version: a few kilobytes each.
WHEELS = (("markupsafe", "3.0.2"),)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("wheels")
    for name, version in WHEELS:
        done = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--retries", "0",
             "--timeout", "20", "--no-deps", "--only-binary", ":all:", "--platform", "win_amd64", "--python-version",
             "311", "--dest", str(folder), f"{name}=={version}"],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        if done.returncode != 0:
            pytest.skip("the package index is not reached")
    return {path.name.split("-")[0].lower(): path for path in folder.iterdir()}


def base(*names: str) -> Inventory:
    libraries = [
        Binary(f"C:\\Windows\\System32\\{name}", library=True, exports=Exports(frozenset(), ((1, 9),)))
        for name in ("ntdll.dll", *names)
    ]
    return build("base", libraries, os_version="10.0.20348.1")


def test_an_extension_of_python(wheels: dict[str, Path], tmp_path: Path) -> None:
    found = reading.read(wheels["markupsafe"], "markupsafe.whl", tmp_path)
    (module,) = found.binaries
    assert (module.machine, module.library, module.managed) == ("x64", True, False)
    imports = {each.library.lower(): each for each in module.imports}
    assert {"python311.dll", "vcruntime140.dll", "kernel32.dll"} <= set(imports)
    assert isinstance(imports["python311.dll"], Import)
    answer = resolve(module, Place(base("kernel32.dll")))
    missing = {each.library.lower() for each in answer.troubles if each.verdict is Verdict.LIBRARY_MISSING}
    assert {"python311.dll", "vcruntime140.dll"} <= missing
