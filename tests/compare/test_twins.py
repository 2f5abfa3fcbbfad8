from __future__ import annotations

import doctest

import pytest

from contrib.compare import twins

PATHS = [
    "1.2/alpine3.19/Dockerfile",
    "1.2/alpine3.20/Dockerfile",
    "1.2/builder/Dockerfile",
    "1.2/slim-bookworm/Dockerfile",
    "1.2/windows/windowsservercore-ltsc2022/Dockerfile",
    "1.2/windows/nanoserver-ltsc2022/Dockerfile",
    "1.2/windows-builder/ltsc2022/Dockerfile",
    "1.2/windows-nanoserver/ltsc2022/Dockerfile",
    "2.x/Dockerfile",
    "2.x/nanoserver-ltsc2022/Dockerfile",
    "2.x/nanoserver-ltsc2022/Dockerfile.preview",
    "3/scratch/Dockerfile",
    "3/windowsservercore-ltsc2022/Dockerfile",
    "Dockerfile-windows.template",
]


def test_examples_of_the_docstrings() -> None:
    assert doctest.testmod(twins).failed == 0


@pytest.mark.parametrize(
    ("windows", "linux"),
    [
        ("1.2/windows/windowsservercore-ltsc2022/Dockerfile", "1.2/alpine3.20/Dockerfile"),
        ("1.2/windows-builder/ltsc2022/Dockerfile", "1.2/builder/Dockerfile"),
        ("1.2/windows-nanoserver/ltsc2022/Dockerfile", "1.2/alpine3.20/Dockerfile"),
        ("2.x/nanoserver-ltsc2022/Dockerfile", "2.x/Dockerfile"),
        ("3/windowsservercore-ltsc2022/Dockerfile", "3/scratch/Dockerfile"),
        ("4/windows/x/Dockerfile", None),
        ("1.2/alpine3.20/Dockerfile", None),
    ],
)
def test_twin(windows: str, linux: str | None) -> None:
    assert twins.twin_of(windows, PATHS) == linux


def test_a_release_branch_has_its_twins_at_the_top() -> None:
    paths = ["alpine/Dockerfile", "debian/Dockerfile", "windows/windowsservercore-ltsc2022/Dockerfile"]
    assert twins.twin_of(paths[2], paths) == "alpine/Dockerfile"


def test_variants() -> None:
    assert twins.variants(PATHS) == (
        "1.2/windows/windowsservercore-ltsc2022/Dockerfile",
        "1.2/windows/nanoserver-ltsc2022/Dockerfile",
        "1.2/windows-builder/ltsc2022/Dockerfile",
        "1.2/windows-nanoserver/ltsc2022/Dockerfile",
        "2.x/nanoserver-ltsc2022/Dockerfile",
        "3/windowsservercore-ltsc2022/Dockerfile",
    )
