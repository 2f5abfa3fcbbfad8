from __future__ import annotations

import doctest

import pytest

from contrib.build import paths
from contrib.build.paths import Platform


def test_examples_of_the_docstrings() -> None:
    assert doctest.testmod(paths).failed == 0


@pytest.mark.parametrize(
    ("path", "platform", "tidy"),
    [
        ("C:/Redis//bin/", "windows", "C:\\Redis\\bin"),
        ("c:\\", "windows", "C:\\"),
        ('"C:\\Program Files\\x"', "windows", "C:\\Program Files\\x"),
        ("C:\\git\\.", "windows", "C:\\git"),
        ("a\\..\\..\\b", "windows", "..\\b"),
        ("\\\\server\\share\\x", "windows", "\\\\server\\share\\x"),
        ("/usr/local/../bin", "linux", "/usr/bin"),
        ("/../x", "linux", "/x"),
        ("", "linux", ""),
    ],
)
def test_clean(path: str, platform: Platform, tidy: str) -> None:
    assert paths.clean(path, platform) == tidy


@pytest.mark.parametrize(
    ("directory", "path", "platform", "joined"),
    [
        ("C:\\data", "..\\redis\\x.conf", "windows", "C:\\redis\\x.conf"),
        ("C:\\data", "/etc/caddy", "windows", "C:\\etc\\caddy"),
        ("C:\\data", "D:\\x", "windows", "D:\\x"),
        ("/data", "x", "linux", "/data/x"),
        ("/", "x", "linux", "/x"),
        ("/data", "/x", "linux", "/x"),
    ],
)
def test_join(directory: str, path: str, platform: Platform, joined: str) -> None:
    assert paths.join(directory, path, platform) == joined


def test_case_counts_on_linux_only() -> None:
    assert paths.same("C:\\Redis", "c:/redis/", "windows")
    assert not paths.same("/Redis", "/redis", "linux")


def test_under_wants_whole_parts() -> None:
    assert paths.under("C:\\redis\\bin", "c:\\redis", "windows")
    assert not paths.under("C:\\redis2", "C:\\redis", "windows")
    assert paths.under("/x", "/", "linux")


def test_parent_keeps_the_root_of_a_drive() -> None:
    assert paths.parent("C:\\app.exe") == "C:\\"
    assert paths.parent("/app") == "/"
    assert paths.parent("app") == ""


def test_cygwin_and_msys_paths_name_a_drive() -> None:
    assert paths.posix_of_windows("/cygdrive/c/redis/x.conf") == "C:\\redis\\x.conf"
    assert paths.posix_of_windows("/c/redis") == "C:\\redis"
    assert paths.posix_of_windows("../redis") == "../redis"
